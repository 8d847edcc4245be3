//! The law of R as a mixture over r²: values of r² with their probabilities, of which sums are
//! expectations.
//!
//! Given r² = v, R = ‖e + √v z‖² with z standard normal in d dimensions, and
//!
//!   E e^{−tR} = (1+y)^{−d/2} e^{−t/(1+y)}, y = 2vt.
//!
//! As a function of log v this is bounded in a strip, as the density of log v is: over the lattice
//! of that density sums equal integrals to the last digits (proofs-notes/T13.md).

use crate::error::Result;
use crate::layer_law::LayerLaw;
use crate::layer_law::integral::log_axis::{Extent, integrate};
use crate::layer_law::integral::{DERIVATIVE_STEP, EXCESS_STEP, log_moments_of, log_per_order};
use crate::special::{expm1mx, log1pmx, reciprocal_gamma_one_minus};

/// Largest step of the lattice in ½ log Q, and in standard deviations of it. Measured, `cargo test
/// residual::`: moments are off by 9e-7 with 0.2 for 0.08 and by 1e-10 with 0.8 for 0.4.
const LARGEST_STEP: f64 = 0.08;
const STEP: f64 = 0.4;

/// Smaller masses to the left of the lattice are left out.
const LEAST_MASS: f64 = 1e-20;

/// Above this p moments come from derivatives of the transform.
const DERIVATIVES_ABOVE: f64 = 1.5;

/// One value of r².
#[derive(Debug, Clone, Copy)]
struct Node {
    /// r².
    v: f64,
    /// r²/E r² − 1.
    off: f64,
    mass: f64,
}

/// The law of R.
#[derive(Debug, Clone)]
pub(super) struct Mixture {
    nodes: Vec<Node>,
    /// d.
    width: f64,
    /// E r².
    mean_branch: f64,
}

impl Mixture {
    /// For r² = τ²Q, Q of these hidden units.
    pub fn new(hidden: &LayerLaw, branch: f64, width: u64) -> Result<Self> {
        let alive = hidden.log_survival_probability().exp();
        let dead = hidden.dead_probability();
        let mean = branch * hidden.moment(2.0)?;
        let deviation = hidden.log_cumulants().variance.sqrt();
        let law = hidden.log_density()?;
        let every = ((STEP * deviation).min(LARGEST_STEP) / law.step) as usize;
        let every = every.max(1);
        let step = law.step * every as f64;
        let node = |x: f64, mass: f64| Node {
            v: mean / alive * (2.0 * x).exp(),
            off: ((2.0 * x).exp_m1() + dead) / alive,
            mass: mass * alive * every as f64,
        };
        let pairs = law.nodes.iter().zip(&law.masses).step_by(every);
        let mut nodes: Vec<Node> = pairs.map(|(&x, &mass)| node(x, mass)).collect();
        if law.rate.is_finite() {
            let fall = (-law.rate * step).exp();
            let (mut x, mut mass) = (law.nodes[0], law.masses[0]);
            while mass > LEAST_MASS {
                (x, mass) = (x - step, mass * fall);
                nodes.push(node(x, mass));
            }
        }
        if dead > 0.0 {
            nodes.push(Node {
                v: 0.0,
                off: -1.0,
                mass: dead,
            });
        }
        Ok(Self {
            nodes,
            width: width as f64,
            mean_branch: mean,
        })
    }

    /// E R.
    pub fn mean(&self) -> f64 {
        1.0 + self.width * self.mean_branch
    }

    /// E r².
    pub fn branch_mean(&self) -> f64 {
        self.mean_branch
    }

    /// log E R.
    pub fn log_mean(&self) -> f64 {
        (self.width * self.mean_branch).ln_1p()
    }

    /// E[(r²)ⁿ].
    pub fn branch_moment(&self, n: i32) -> f64 {
        self.nodes
            .iter()
            .map(|node| node.mass * node.v.powi(n))
            .sum()
    }

    /// (1/p)·log E[X^p], X = R/E R, for 0 ≤ p ≤ 4; at p = 0, E log X.
    pub fn log_power_mean(&self, p: f64) -> f64 {
        if p > DERIVATIVES_ABOVE {
            return self.by_derivatives(p);
        }
        let front = reciprocal_gamma_one_minus(p);
        if front == 0.0 {
            return 0.0;
        }
        let [integral] =
            self.over_log_t(3, EXCESS_STEP, |u| [self.excess(u.exp()) * (-p * u).exp()]);
        log_per_order(-front * integral, p)
    }

    /// E[(log X)ʲ], j = 1, 2, 3, X = R/E R.
    pub fn log_moments(&self) -> [f64; 3] {
        log_moments_of(self.over_log_t(3, EXCESS_STEP, |u| {
            let excess = self.excess(u.exp());
            [excess, u * excess, u * u * excess]
        }))
    }

    /// ∫ f(u) du, u = log t, by a rule laid out around the reciprocal of the values of X that decide
    /// a moment of this order.
    fn over_log_t<const N: usize>(
        &self,
        order: u32,
        step: f64,
        f: impl Fn(f64) -> [f64; N],
    ) -> [f64; N] {
        let size = self.derivative(0.0, order) / self.derivative(0.0, order - 1);
        let log_size = size.ln();
        // parts with small r² fall like e^{−t/E R}, the others have their singularities before
        let extent = Extent {
            first_singularity: 0.0,
            last_singularity: self.log_mean() + log_size + 4.0,
            plateau_to: self.log_mean() + log_size + 1.0,
        };
        integrate(extent, step, |u| f(u - log_size)).map(|integral| integral.hi())
    }

    /// E e^{−tX} − e^{−t} ≥ 0.
    ///
    /// Given r² it is e^{−t}(e^Δ − 1), Δ = A − B with A ≥ 0 and E B = 0: the expectation is that of
    /// e^{−t}(e^Δ − 1 − Δ + A), in which nothing cancels.
    fn excess(&self, t: f64) -> f64 {
        let tau = t / self.mean();
        let half = 0.5 * self.width;
        let scale = (-t).exp();
        let given = |node: &Node| -> f64 {
            let y = 2.0 * node.v * tau;
            let above = tau * y / (1.0 + y) - half * log1pmx(y);
            let centered = self.width * self.mean_branch * tau * node.off;
            let delta = above - centered;
            if delta < 1.0 {
                scale * (expm1mx(delta) + above)
            } else {
                (-tau / (1.0 + y) - half * y.ln_1p()).exp() - scale * (1.0 - centered)
            }
        };
        self.nodes.iter().map(|node| node.mass * given(node)).sum()
    }

    /// (1/p)·log of E X^p = (1/Γ(n−p)) ∫ E[Xⁿ e^{−tX}] t^{n−p−1} dt, n the second integer above p.
    fn by_derivatives(&self, p: f64) -> f64 {
        let order = p.floor() as u32 + 2;
        let rise = f64::from(order) - p;
        let [integral] = self.over_log_t(order, DERIVATIVE_STEP, |u| {
            [self.derivative(u.exp(), order) * (rise * u).exp()]
        });
        (integral / special::Gamma::gamma(rise)).ln() / p
    }

    /// E[Xⁿ e^{−tX}].
    fn derivative(&self, t: f64, order: u32) -> f64 {
        let mean = self.mean();
        let tau = t / mean;
        let given = |node: &Node| -> f64 {
            // under the weight e^{−tR} the vector is e/(1+y) + √(v/(1+y)) z
            let y = 2.0 * node.v * tau;
            let weight = (-tau / (1.0 + y) - 0.5 * self.width * y.ln_1p()).exp();
            let center = 1.0 / ((1.0 + y) * (1.0 + y) * mean);
            weight * squared_norm_moment(center, node.v / (1.0 + y) / mean, self.width, order)
        };
        self.nodes.iter().map(|node| node.mass * given(node)).sum()
    }
}

/// E‖m + √v z‖²ⁿ with ‖m‖² = `center` and z standard normal in d dimensions, by the recurrence of
/// contiguous ₁F₁, which takes away less than half.
fn squared_norm_moment(center: f64, v: f64, d: f64, order: u32) -> f64 {
    let (mut before, mut last) = (0.0, 1.0);
    for n in 0..order {
        let n = f64::from(n);
        let next =
            (center + (d + 4.0 * n) * v) * last - 2.0 * n * (d + 2.0 * n - 2.0) * v * v * before;
        (before, last) = (last, next);
    }
    last
}
