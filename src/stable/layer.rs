//! The law of Q = Σ cᵢ|zᵢ|^α of a layer, through X = Q/q given Q > 0.
//!
//! Of small t, 1 − L(t) = εt (1 + o(1) − B log t) for the transform L of X and all α; q is chosen so
//! that the 1 is a 1. Then with ε = P(Q>0) and
//!
//!   R(t) = e^{−t}(1 + B t log t) − E[e^{−tX} | Q>0] = O(t² log² t),
//!
//!   (E[X^p | Q>0] − 1)/p = (1/Γ(1−p)) ∫ R(eᵘ) e^{−pu} du − B ψ(1−p),  0 ≤ p < 1:
//!
//! what is infinite at p = 1 is in the last term (proofs-notes/T14.md). Where units are few no q
//! makes the 1 a 1; there B is 1, and 1 + `surplus` stands in its place.

use crate::activation::SlopeLaw;
use crate::layer_law::Counts;
use crate::layer_law::Survival;
use crate::layer_law::integral::{EULER, log_moments_of, log_per_order};
use crate::special::{expm1mx, log1pmx, trigamma};
use crate::stable::unit::{Spread, Unit, UnitPoint};

/// Step in u = log t: the discretization error is of order e^{−2πθ/h} with θ near π/2.
const STEP: f64 = 0.2;

/// What is left out of the sums, relative to their largest term.
const LEFT_OUT: f64 = 1e-20;

/// By this u e^{−t} has died out.
const BULK_TO: f64 = 4.0;

/// Up to this A, R is formed from log L = −εt + Δ.
const SPLIT_UP_TO: f64 = 0.75;

/// A narrower interval of slopes is taken as one, a wider one as a difference of two from 0.
const NARROW: f64 = 0.5;

/// π²/6 and ζ(3).
const ZETA_2: f64 = std::f64::consts::PI * std::f64::consts::PI / 6.0;
const ZETA_3: f64 = 1.202_056_903_159_594_2;

/// A share of the law of c, c = e^`log_scale` times the unit's.
#[derive(Debug, Clone)]
struct Part {
    log_scale: f64,
    weight: f64,
    unit: usize,
}

/// The law of Q, of slopes scaled so that the largest is 1.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    units: Vec<Unit>,
    parts: Vec<Part>,
    counts: Counts,
    /// log q.
    log_size: f64,
    /// B.
    heavy: f64,
    surplus: f64,
}

/// Sums over the parts.
#[derive(Debug, Clone, Copy, Default)]
struct Total {
    alive_part: f64,
    complement: f64,
    curvature: f64,
}

impl Layer {
    pub fn new(alpha: f64, slopes: &SlopeLaw, width: u64, survival: Survival) -> Self {
        let slopes = slopes.merged();
        let mut layer = Self {
            units: Vec::new(),
            parts: Vec::new(),
            counts: Counts {
                width: width as f64,
                unit_dead: 1.0 - slopes.alive_probability(),
                dead: survival.dead_probability(),
                survival: survival.probability(),
            },
            log_size: 0.0,
            heavy: 0.0,
            surplus: 0.0,
        };
        let fixed = layer.unit(alpha, Spread::Fixed);
        for (square, weight) in slopes.atoms() {
            layer.add(0.5 * alpha * square.ln(), weight, fixed);
        }
        if let Some(uniform) = slopes.uniform() {
            let density = uniform.weight / (uniform.upper - uniform.lower);
            for (from, to) in uniform.magnitudes() {
                if from > NARROW * to {
                    let unit = layer.unit(alpha, Spread::Narrow(from / to));
                    layer.add(alpha * to.ln(), density * (to - from), unit);
                    continue;
                }
                let unit = layer.unit(alpha, Spread::FromZero);
                layer.add(alpha * to.ln(), density * to, unit);
                if from > 0.0 {
                    layer.add(alpha * from.ln(), -density * from, unit);
                }
            }
        }
        layer.choose_size();
        layer
    }

    fn unit(&mut self, alpha: f64, spread: Spread) -> usize {
        self.units.push(Unit::new(alpha, spread));
        self.units.len() - 1
    }

    fn add(&mut self, log_scale: f64, weight: f64, unit: usize) {
        self.parts.push(Part {
            log_scale,
            weight,
            unit,
        });
    }

    /// A(τ) ~ τ (a − b log τ) of all units together, per surviving layer: (a, b)·d/ε.
    fn linear(&self) -> (f64, f64) {
        let (mut a, mut b) = (0.0, 0.0);
        for part in &self.parts {
            let (plain, logarithmic) = self.units[part.unit].linear();
            let weight = part.weight * part.log_scale.exp();
            a += weight * (plain - logarithmic * part.log_scale);
            b += weight * logarithmic;
        }
        let front = self.counts.width / self.counts.survival;
        (front * a, front * b)
    }

    /// The largest q with q = a + b log q, by Newton's method in log q, or b.
    fn choose_size(&mut self) {
        let (a, b) = self.linear();
        let excess = |x: f64| x.exp() - a - b * x;
        // the least value is that at q = b
        if b > 0.0 && excess(b.ln()) >= 0.0 {
            self.log_size = b.ln();
            self.heavy = 1.0;
            self.surplus = a / b + self.log_size - 1.0;
            return;
        }
        let mut x = a.abs().max(b).ln();
        while excess(x) < 0.0 {
            x += 0.5;
        }
        // convex: from above the steps fall until rounding turns one
        loop {
            let next = x - excess(x) / (x.exp() - b);
            if next >= x || !next.is_finite() {
                break;
            }
            x = next;
        }
        self.log_size = x;
        self.heavy = b / x.exp();
    }

    /// log q.
    pub fn log_size(&self) -> f64 {
        self.log_size
    }

    /// log of d C_α E[c], of the scaled slopes.
    pub fn log_tail(&self) -> f64 {
        self.heavy.ln() + self.log_size + self.counts.survival.ln()
    }

    /// (1/p)·log E[X^p] to second order in B; `None` where no q solves its equation.
    pub fn expanded_log_power_mean(&self, p: f64, rest: f64) -> Option<f64> {
        if self.surplus != 0.0 {
            return None;
        }
        if rest == 0.0 {
            return Some(0.0);
        }
        let next = special::Gamma::digamma(1.0 + rest);
        let second = rest * (next * next + trigamma(1.0 + rest));
        let slope = -self.heavy * (next - 1.0 / rest + 0.5 * self.heavy * second);
        Some(log_per_order(slope, p))
    }

    /// (1/p)·log E[X^p | Q>0], 0 ≤ p < 1, 1 − p = `rest`; at p = 0, E[log X | Q>0].
    pub fn log_power_mean(&self, p: f64, rest: f64) -> f64 {
        let [integral] = self.sum(p, |_, value| [value]);
        // 1/Γ(1−p) and ψ(1−p)
        let front = rest / special::Gamma::gamma(1.0 + rest);
        let digamma = special::Gamma::digamma(1.0 + rest) - 1.0 / rest;
        let slope = front * integral + self.surplus - self.heavy * digamma;
        log_per_order(slope, p)
    }

    /// E[(log X)ʲ | Q>0], j = 1, 2, 3.
    pub fn log_moments(&self) -> [f64; 3] {
        let sums = self.sum(0.0, |u, value| [-value, -u * value, -u * u * value]);
        let [m1, m2, m3] = log_moments_of(sums);
        // ψ(1−p) = −γ − ζ(2)p − ζ(3)p² − …
        [
            m1 + self.surplus + self.heavy * EULER,
            m2 + 2.0 * self.heavy * ZETA_2,
            m3 + 6.0 * self.heavy * ZETA_3,
        ]
    }

    /// ∫ f(u, R(eᵘ) e^{−pu}) du, f a multiple of its second argument.
    fn sum<const N: usize>(&self, p: f64, f: impl Fn(f64, f64) -> [f64; N]) -> [f64; N] {
        let mut sums = [0.0; N];
        let mut largest: f64 = 0.0;
        for direction in [STEP, -STEP] {
            let mut small = 0;
            // 0 belongs to the first direction
            for k in u32::from(direction < 0.0).. {
                let u = f64::from(k) * direction;
                let value = self.remainder(u) * (-p * u).exp();
                for (sum, term) in sums.iter_mut().zip(f(u, value)) {
                    *sum += STEP * term;
                }
                largest = largest.max(value.abs());
                let is_small = (1.0 + u * u) * value.abs() <= LEFT_OUT * largest;
                small = if is_small { small + 1 } else { 0 };
                if small == 2 && u.abs() > BULK_TO {
                    break;
                }
            }
        }
        sums
    }

    /// R(t), t = eᵘ.
    fn remainder(&self, u: f64) -> f64 {
        let t = u.exp();
        let counts = &self.counts;
        let (dead, survival) = (counts.dead, counts.survival);
        let total = self.total(u - self.log_size);
        let lambda = t * (self.heavy * u - self.surplus);
        let decay = (-t).exp();
        if total.complement < SPLIT_UP_TO {
            let rest = counts.width * (log1pmx(-total.complement) - total.curvature);
            let delta = survival * lambda + rest;
            if counts.is_product(t, delta) {
                let main = (-survival * t).exp() * (expm1mx(delta) + rest);
                let shift = survival * lambda * decay * (dead * t).exp_m1();
                return -(main + shift + counts.dead_correction(t)) / survival;
            }
        }
        let log = if total.complement < 0.5 {
            (-total.complement).ln_1p()
        } else {
            (counts.unit_dead + total.alive_part).ln()
        };
        let alive_part = counts.alive_part((counts.width * log).exp(), total.alive_part);
        decay * (1.0 + lambda) - alive_part / survival
    }

    /// Of one unit, at τ = e^`log`.
    fn total(&self, log: f64) -> Total {
        let mut total = Total::default();
        for part in &self.parts {
            let point: UnitPoint = self.units[part.unit].at(log + part.log_scale);
            total.alive_part += part.weight * point.value;
            total.complement += part.weight * point.complement;
            total.curvature += part.weight * point.curvature;
        }
        // rounding must not make it negative
        total.alive_part = total.alive_part.max(0.0);
        total
    }
}
