//! One integral for every activation: the law of Q from its Laplace transform.
//!
//! With X = Q/E[Q | Q>0] given Q > 0, the excess D(t) = E e^{−tX} − e^{−t} ≥ 0
//! (Jensen) carries all that distinguishes Q from a constant:
//!
//!   (E X^p − 1)/p = −(1/Γ(1−p)) ∫ D(eᵘ) e^{−pu} du,  0 ≤ p < 2,
//!
//! an integral of a non-negative function over the whole line, which the
//! trapezoidal rule sums to the last digit with a few hundred terms at most,
//! whatever the width. At p = 0 it is E log X, and the moments ∫ D uᵏ du give
//! the higher log moments. D itself is evaluated without cancellation.

use crate::layer_law::LogCumulants;
use crate::layer_law::alive::Alive;
use crate::layer_law::expansion;
use crate::layer_law::slope_law::SlopeLaw;
use crate::special::{expm1mx, log1pmx, reciprocal_gamma_one_minus};

/// Below this, P(Q = 0) cannot be seen in the excess.
const NEGLIGIBLE: f64 = 1e-20;

/// Below this relative variance of Q the third log cumulant comes from its expansion.
const EXPANSION_BELOW: f64 = 1e-4;

/// What is left out of a sum, relative to it.
const NEGLIGIBLE_SHARE: f64 = 1e-18;

/// Where the change of variable of the integral sets in on the left, u = −[`LEFT_FROM`].
const LEFT_FROM: f64 = 1.0;

/// By u = log t = 4 the e^{−t} of wide layers has died out.
const BULK_TO: f64 = 4.0;

/// How far beyond the last singularity the change of variable on the right sets in.
const RIGHT_GAP: f64 = 2.5;

/// Terms of the power series of E[(1+xA²)^{−1/2}], used up to x = [`SERIES_TO`].
const SERIES_TERMS: usize = 33;
pub(super) const SERIES_TO: f64 = 0.3;

/// Step of the trapezoidal rule in u = log t: the discretization error is of
/// order e^{−2πθ/h} with θ near π/2.
const STEP: f64 = 0.23;

/// The Laplace transform of one layer's Q and what follows from it.
#[derive(Debug, Clone)]
pub(crate) struct Laplace {
    slopes: SlopeLaw,
    width: f64,
    mean_slope: f64,
    conditional_mean: f64,
    dead: f64,
    alive: f64,
    /// Where the integral's change of variable sets in on the right.
    right_from: f64,
    /// Up to here in u = log t the transform may stay flat, as small slopes have not begun to count.
    plateau_to: f64,
    /// Coefficients of x², x³, … in E[(1+xA²)^{−1/2}], A the uniform slope.
    series: Option<Box<[f64; SERIES_TERMS]>>,
}

impl Laplace {
    /// For `width` independent units with squared slopes from `slopes`.
    pub fn new(slopes: SlopeLaw, width: u64, alive: Alive) -> Self {
        let mean_slope = slopes.moment(1);
        let width = width as f64;
        let conditional_mean = width * mean_slope / alive.alive();
        let last_singularity = (0.5 * conditional_mean / slopes.infimum()).ln();
        Self {
            right_from: last_singularity.max(BULK_TO) + RIGHT_GAP,
            plateau_to: (conditional_mean / slopes.smallest_mean()).ln(),
            conditional_mean,
            series: slopes
                .uniform()
                .map(|u| Box::new(inverse_root_series(u.lower, u.upper))),
            dead: alive.dead(),
            alive: alive.alive(),
            slopes,
            width,
            mean_slope,
        }
    }

    /// κ = E[Q | Q > 0], of the scaled slopes.
    pub fn conditional_mean(&self) -> f64 {
        self.conditional_mean
    }

    /// The law of the scaled squared slope.
    pub fn slopes(&self) -> &SlopeLaw {
        &self.slopes
    }

    /// The number of units.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// ε = P(Q > 0).
    pub fn alive(&self) -> f64 {
        self.alive
    }

    /// P(Q = 0).
    pub fn dead(&self) -> f64 {
        self.dead
    }

    /// E c.
    pub fn mean_slope(&self) -> f64 {
        self.mean_slope
    }

    /// Coefficients of x², x³, … in E[(1+xA²)^{−1/2}], used up to |x| = [`SERIES_TO`].
    pub fn series(&self) -> &[f64] {
        self.series.as_deref().map_or(&[], |series| series)
    }

    /// G(p) = (1/p)·log E[X^p], X = Q/κ given Q > 0, for 0 ≤ p < 2; at p = 0, E log X.
    pub fn growth(&self, p: f64) -> f64 {
        let front = reciprocal_gamma_one_minus(p);
        if front == 0.0 {
            return 0.0;
        }
        let [integral] = self.integrate(STEP, |u| [self.excess(u.exp()) * (-p * u).exp()]);
        let slope = -front * integral;
        if p * slope.abs() < 1e-300 {
            slope
        } else {
            (p * slope).ln_1p() / p
        }
    }

    /// Cumulants of ½ log X, X = Q/κ given Q > 0.
    pub fn log_cumulants(&self) -> LogCumulants {
        let [m1, m2, m3] = self.log_moments();
        let third = if expansion::relative_variance(&self.slopes, self.width) < EXPANSION_BELOW {
            expansion::third_log_cumulant(&self.slopes, self.width)
        } else {
            m3 - 3.0 * m1 * m2 + 2.0 * m1 * m1 * m1
        };
        LogCumulants {
            mean: 0.5 * m1,
            variance: 0.25 * (m2 - m1 * m1),
            third: 0.125 * third,
        }
    }

    /// E[(log X)ʲ] for j = 1, 2, 3.
    fn log_moments(&self) -> [f64; 3] {
        const EULER: f64 = 0.577_215_664_901_532_9;
        const PI2_12: f64 = std::f64::consts::PI * std::f64::consts::PI / 12.0;
        let [j0, j1, j2] = self.integrate(STEP, |u| {
            let excess = self.excess(u.exp());
            [excess, u * excess, u * u * excess]
        });
        // 1/Γ(1−p) = 1 − γp + (γ²/2 − π²/12)p² + …
        [
            -j0,
            2.0 * (j1 + EULER * j0),
            -6.0 * (0.5 * j2 + EULER * j1 + (0.5 * EULER * EULER - PI2_12) * j0),
        ]
    }

    /// ∫ f(u) du by the trapezoidal rule with this step in v, u = v − e^{−v−B} + e^{v−C}.
    ///
    /// The integrand falls like a power of eᵘ only, to the left and, where few units
    /// decide, to the right; the change of variable makes both tails short. On the
    /// right it sets in beyond the transform's last singularity (`right_from`), so
    /// that the strip of analyticity stays about as wide as it is in u.
    pub fn integrate<const N: usize>(&self, step: f64, f: impl Fn(f64) -> [f64; N]) -> [f64; N] {
        let mut sums = [Sum::default(); N];
        let mut add = |v: f64| {
            let (left, right) = ((-v - LEFT_FROM).exp(), (v - self.right_from).exp());
            let u = v - left + right;
            let terms = f(u);
            for (sum, term) in sums.iter_mut().zip(terms) {
                sum.add((1.0 + left + right) * term);
            }
            // with room for the other components, which have powers of u more
            (1.0 + u * u) * (1.0 + left + right) * terms[0].abs() / sums[0].value
        };
        add(0.0);
        for direction in [step, -step] {
            for k in 1.. {
                let v = f64::from(k) * direction;
                let share = add(v);
                let to_come = 4.0 + ((self.plateau_to - v) / direction).max(0.0);
                if share * to_come < NEGLIGIBLE_SHARE {
                    break;
                }
            }
        }
        sums.map(|sum| step * sum.value)
    }

    /// D(t) = E[e^{−tX} | Q > 0] − e^{−t}.
    fn excess(&self, t: f64) -> f64 {
        let tau = t / self.conditional_mean;
        let (alive, curvature) = self.unit_transform(tau);
        let unit_dead = 1.0 - self.slopes.alive();
        let transform = unit_dead + alive;
        let below_one = self.below_one(tau, alive, curvature);
        if below_one > -0.75 {
            // log L = −εt + Δ
            let delta = self.width * (log1pmx(below_one) + curvature);
            if t <= 1.5 || (self.dead < NEGLIGIBLE && delta < 1.0) {
                let main = (-self.alive * t).exp() * delta.exp_m1();
                return (main + self.dead_correction(t)) / self.alive;
            }
        }
        let total = (self.width * log_of(below_one, transform)).exp();
        let alive_part = if self.dead == 0.0 {
            total
        } else if total > 4.0 * self.dead {
            total - self.dead
        } else {
            self.dead * (self.width * (alive / unit_dead).ln_1p()).exp_m1()
        };
        (alive_part / self.alive - (-t).exp()).max(0.0)
    }

    /// log M(τ) and M(τ).
    pub fn log_transform(&self, tau: f64) -> (f64, f64) {
        let (alive, curvature) = self.unit_transform(tau);
        let transform = 1.0 - self.slopes.alive() + alive;
        let below_one = self.below_one(tau, alive, curvature);
        (log_of(below_one, transform), transform)
    }

    /// M(τ) − 1 from E[(1+2cτ)^{−1/2}; c > 0] and the curvature, without cancellation.
    fn below_one(&self, tau: f64, alive: f64, curvature: f64) -> f64 {
        let linear = self.mean_slope * tau;
        // nor is it M − 1 or a difference of large terms where few units are alive
        if linear < 0.5 * self.slopes.alive() {
            curvature - linear
        } else {
            alive - self.slopes.alive()
        }
    }

    /// e^{−εt} − P(Q=0) − ε e^{−t}, without cancellation for small t.
    fn dead_correction(&self, t: f64) -> f64 {
        if self.dead < NEGLIGIBLE {
            0.0
        } else if self.dead >= 0.5 {
            expm1mx(-self.alive * t) - self.alive * expm1mx(-t)
        } else {
            (-t).exp() * (expm1mx(self.dead * t) - self.dead * expm1mx(t))
        }
    }

    /// E[(1+2cτ)^{−1/2}; c > 0] and the curvature M(τ) − 1 + E cτ of M(τ) = E[(1+2cτ)^{−1/2}].
    fn unit_transform(&self, tau: f64) -> (f64, f64) {
        let mut alive = 0.0;
        let mut curvature = 0.0;
        for (c, weight) in self.slopes.atoms() {
            let x = 2.0 * c * tau;
            let root = (1.0 + x).sqrt();
            alive += weight / root;
            let plus = x / (root + 1.0);
            curvature += weight * plus * plus * (root + 2.0) / (2.0 * root);
        }
        if let (Some(u), Some(series)) = (self.slopes.uniform(), &self.series) {
            let x = 2.0 * tau;
            let mean = mean_inverse_root(u.lower, u.upper, x);
            alive += u.weight * mean;
            curvature += u.weight
                * if x <= SERIES_TO {
                    x * x * series.iter().rev().fold(0.0, |sum, c| sum * x + c)
                } else {
                    mean - 1.0 + u.even_moment(1) * tau
                };
        }
        (alive, curvature)
    }
}

/// log M from M − 1 and M, whichever is the more accurate.
fn log_of(below_one: f64, transform: f64) -> f64 {
    if below_one > -0.5 {
        below_one.ln_1p()
    } else {
        transform.ln()
    }
}

/// E[(1+xA²)^{−1/2}] for A ~ U(l, u), l < u: (asinh(u√x) − asinh(l√x))/((u−l)√x),
/// the difference of the asinh taken by their addition formula.
fn mean_inverse_root(lower: f64, upper: f64, x: f64) -> f64 {
    let root = x.sqrt();
    let (b, a) = (upper * root, lower * root);
    if lower * upper <= 0.0 {
        return (b.asinh() - a.asinh()) / (b - a);
    }
    let across = b * a.hypot(1.0) + a * b.hypot(1.0);
    let z = (b - a) * (b + a) / across;
    let shrink = if z.abs() < 1e-8 { 1.0 } else { z.asinh() / z };
    (b + a) / across * shrink
}

/// Coefficients of x², x³, … in E[(1+xA²)^{−1/2}] = Σ C(−½, k) E[A^{2k}] xᵏ.
fn inverse_root_series(lower: f64, upper: f64) -> [f64; SERIES_TERMS] {
    let mut series = [0.0; SERIES_TERMS];
    let mut binomial = 1.0;
    let (mut sum, mut power) = (1.0, 1.0);
    for k in 1..SERIES_TERMS + 2 {
        binomial *= (0.5 - k as f64) / k as f64;
        for _ in 0..2 {
            power *= lower;
            sum = sum * upper + power;
        }
        if k >= 2 {
            series[k - 2] = binomial * sum / (2 * k + 1) as f64;
        }
    }
    series
}

/// A running sum with Kahan's correction: hundreds of terms of like size would cost a digit.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    value: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, term: f64) {
        let corrected = term - self.lost;
        let next = self.value + corrected;
        self.lost = (next - self.value) - corrected;
        self.value = next;
    }
}
