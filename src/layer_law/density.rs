//! The density of X = ½ log(Q/κ) given Q > 0 on a grid, by inversion of the Laplace transform.
//!
//! f(q) = (1/2πi) ∫ e^{tq} E[e^{−tQ/κ}; Q>0] dt along the path of steepest descent of a gamma law with
//! the same saddle point, so that every value, however small, has nearly full relative accuracy
//! (proofs-notes/depth.md). X has an analytic density, so sums over the grid are integrals to the last digits.

use num_complex::Complex64;

use crate::layer_law::edges::Edges;
use crate::layer_law::laplace::Laplace;

/// The grid ends where the density has fallen to e^{−DEPTH} of its largest value; farther out where it falls fast.
const DEPTH: f64 = 110.0;
const DEPTH_IF_STEEP: f64 = 200.0;

/// Most nodes of the grid to one side: enough for [`DEPTH`] at the slowest decay, e^x, and the finest step asked of it.
pub(super) const MOST_NODES: usize = 20_000;

/// Deviation of log f(x+step) − log f(x) from rate·step that is rounding only.
const EXPONENTIAL: f64 = 4e-14;

/// Step of the lattice in standard deviations of the narrowest part of the law: log χ²_n, or its right tail
/// tilted to a probability of e^{−RIGHT}, which looks like log χ²_{n + √(4·RIGHT·n) + 2·RIGHT}. The
/// characteristic function of X has then died out at the lattice's largest frequency, π over the step.
const LATTICE_STEP: f64 = 0.32;
const RIGHT: f64 = 72.0;

/// Step of the trapezoidal rule along the path, in widths of the saddle, and at most.
const PATH_STEP: f64 = 0.42;
const MOST_PATH_STEP: f64 = 0.1;

/// Nodes on the path after which the rest is taken as negligible.
const MOST_PATH_NODES: u32 = 400;

/// √2 + 1 = cos α/(1 − sin α) = sin α/(1 − sin α) for α = π/4.
const ALONG: f64 = std::f64::consts::SQRT_2 + 1.0;

/// Probabilities of ascending nodes that stand for the law of X given Q > 0: sums over them of functions
/// analytic in a strip equal integrals. To the left of the first node they fall exactly like e^{rate·x}.
#[derive(Debug, Clone)]
pub(crate) struct LogDensity {
    pub nodes: Vec<f64>,
    /// The distance of the nodes: of all of them without edges, and with edges to the left of the first.
    pub step: f64,
    /// With the part to the left they add up to 1.
    pub masses: Vec<f64>,
    /// Number of units that are alive at least, given that one is; infinite where the
    /// density to the left of the first node is negligible but no exponential.
    pub rate: f64,
    /// Where the law has atoms or singular edges.
    pub edges: Option<Edges>,
}

impl LogDensity {
    /// On a lattice.
    pub fn on_lattice(start: f64, step: f64, masses: Vec<f64>, rate: f64) -> Self {
        let node = |i: usize| start + step * i as f64;
        Self {
            nodes: (0..masses.len()).map(node).collect(),
            step,
            masses,
            rate,
            edges: None,
        }
    }

    /// Mean and variance of a law without a part to the left of the first node.
    pub fn moments(&self) -> (f64, f64) {
        let sum = |f: &dyn Fn(f64) -> f64| -> f64 {
            let pairs = self.nodes.iter().zip(&self.masses);
            pairs.map(|(&x, mass)| mass * f(x)).sum()
        };
        let mean = sum(&|x| x);
        (mean, sum(&|x| (x - mean).powi(2)))
    }
}

impl Laplace {
    /// The law of X = ½ log(Q/κ) given Q > 0.
    pub fn log_density(&self) -> LogDensity {
        // so many units are alive at most, but for a chance of about e^{−DEPTH}
        let alive = self.width() * self.slopes().alive();
        let most = self
            .width()
            .min(alive + (2.0 * DEPTH * alive).sqrt() + DEPTH);
        let freedom = most + (4.0 * RIGHT * most).sqrt() + 2.0 * RIGHT;
        // the variance of ½ log χ²_n is about 1/2n
        let step = LATTICE_STEP * (0.5 / freedom).sqrt();
        let rate = if self.slopes().alive() < 1.0 {
            1.0
        } else {
            self.width()
        };
        let (right, _) = self.side(step, rate);
        let (mut masses, exponential) = self.side(-step, rate);
        let rate = if exponential { rate } else { f64::INFINITY };
        masses.reverse();
        let start = -step * (masses.len() - 1) as f64;
        masses.extend(&right[1..]);
        let ratio = (-rate * step).exp();
        let left = masses[0] * ratio / (1.0 - ratio);
        let total: f64 = masses.iter().sum::<f64>() + left;
        for mass in &mut masses {
            *mass /= total;
        }
        LogDensity::on_lattice(start, step, masses, rate)
    }

    /// Densities at 0, step, 2·step, … until they have fallen far below the largest or fall
    /// exactly like e^{rate·x}; and whether they do that.
    fn side(&self, step: f64, rate: f64) -> (Vec<f64>, bool) {
        let depth = if rate > 4.0 { DEPTH_IF_STEEP } else { DEPTH };
        let mut densities = Vec::new();
        let mut largest = f64::NEG_INFINITY;
        let (mut last, mut exponential) = (f64::NAN, 0);
        let mut saddle = None;
        for i in 0..MOST_NODES {
            let x = step * i as f64;
            let (log_density, at) = self.log_density_at(x, saddle);
            saddle = Some(at);
            largest = largest.max(log_density);
            if log_density < largest - depth {
                break;
            }
            densities.push(log_density.exp());
            let off = log_density - last - rate * step;
            last = log_density;
            let rounding = EXPONENTIAL * (1.0 + 0.03 * log_density.abs());
            exponential = if off.abs() < rounding {
                exponential + 1
            } else {
                0
            };
            if exponential == 8 {
                return (densities, true);
            }
        }
        (densities, false)
    }

    /// log of the density of X at x, up to a constant, and the logarithm of the saddle point's distance from the cut;
    /// `guess` is that of a point nearby.
    fn log_density_at(&self, x: f64, guess: Option<f64>) -> (f64, f64) {
        let q = (2.0 * x).exp();
        let edge = 0.5 * self.conditional_mean();
        let log_distance = self.saddle(q, guess.unwrap_or(edge.ln()));
        // where the law has a gap the saddle is flat, and a path farther from the cut is shorter
        let distance = log_distance.exp().max(0.3 / q);
        // q − linear, without cancellation near q = 1
        let above = |linear: f64| {
            if linear == 0.0 {
                q
            } else {
                (2.0 * x).exp_m1() + (1.0 - linear)
            }
        };
        let exponent = |s: Complex64| {
            let t = s - edge;
            let log = self.log_alive(t);
            t * above(log.linear) + log.rest
        };
        let top = exponent(Complex64::new(distance, 0.0)).re;
        // s/s₀ = (1 − sin(α+iv))/(1 − sin α), α = π/4: at v = 0 it moves by √2+1 along iv
        let h = (PATH_STEP * self.saddle_width(distance) / ALONG).min(MOST_PATH_STEP);
        let sum = path_sum(|k| {
            let v = h * f64::from(k);
            let (cosh, sinh) = (v.cosh(), v.sinh());
            let point = Complex64::new(ALONG + 1.0 - ALONG * cosh, ALONG * sinh);
            // ds/dv over i·ALONG, relative to the saddle's distance
            let direction = Complex64::new(cosh, sinh);
            (exponent(distance * point) - top).exp() * direction
        });
        // dq = 2q dx; the factor 1/π and ε do not depend on x
        (top + (sum * h * distance * q).ln(), log_distance)
    }

    /// log s with q = −(log E[e^{−tX}; X>0])′ at t = s − κ/2, by Newton's method in log s.
    fn saddle(&self, q: f64, guess: f64) -> f64 {
        let target = q.ln();
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        let mut log = guess;
        for _ in 0..200 {
            let s = log.exp();
            let (rate, curvature) = self.derivatives(s);
            let off = target - rate.ln();
            if off > 0.0 {
                high = log;
            } else {
                low = log;
            }
            // d/dlog s of −log rate
            let slope = s * curvature / rate;
            let newton = (-off / slope).clamp(-3.0, 3.0);
            // the path need not go through the saddle exactly, only well within its width
            if newton.abs() < 0.02 / (s * curvature.sqrt()) {
                break;
            }
            let next = log + newton;
            let inside = next > low && next < high;
            log = if inside { next } else { 0.5 * (low + high) };
        }
        log
    }

    /// Width of the saddle, relative to its distance s from the cut.
    fn saddle_width(&self, s: f64) -> f64 {
        let (_, curvature) = self.derivatives(s);
        1.0 / (s * curvature.sqrt())
    }

    /// −(log E[e^{−tX}; X>0])′ and its second derivative at t = s − κ/2: mean and variance of a tilted X.
    pub(super) fn derivatives(&self, s: f64) -> (f64, f64) {
        let edge = 0.5 * self.conditional_mean();
        // complex steps: no cancellation in the first derivative
        let first = |s: f64| {
            let h = 1e-5 * s;
            let log = self.log_alive(Complex64::new(s - edge, h));
            log.linear - log.rest.im / h
        };
        let h = 1e-3 * s;
        (
            first(s),
            ((first(s - h) - first(s + h)) / (2.0 * h)).max(1e-300),
        )
    }
}

/// ½ + Re Σ term(k) over k ≥ 1 until the terms stay negligible: a trapezoidal sum along half of a symmetric path, at least 0.
pub(super) fn path_sum(term: impl Fn(u32) -> Complex64) -> f64 {
    let (mut sum, mut small) = (0.5, 0);
    for k in 1..MOST_PATH_NODES {
        let term = term(k);
        sum += term.re;
        small = if term.norm() < 1e-18 * f64::abs(sum) {
            small + 1
        } else {
            0
        };
        if small == 4 {
            break;
        }
    }
    sum.max(0.0)
}

#[cfg(test)]
pub(super) mod tests {
    use crate::layer_law::LayerLaw;
    use crate::{Activation, Dropout};

    /// Moments of the nodes against those of the law.
    pub(in crate::layer_law) fn assert_moments(law: &LayerLaw) {
        for off in moment_errors(law) {
            assert!(off.abs() < 1e-12, "{law:?}: {off:e}");
        }
    }

    /// Relative errors of mean, variance, third moment and second moment of Q.
    pub(in crate::layer_law) fn moment_errors(law: &LayerLaw) -> [f64; 4] {
        let density = law.log_density().unwrap();
        let cumulants = law.log_cumulants();
        let sum = |f: &dyn Fn(f64) -> f64| -> f64 {
            let nodes = density.nodes.iter().zip(&density.masses);
            let beyond = (1..4000).map(|i| {
                let distance = density.step * f64::from(i);
                let mass = (-density.rate * distance).exp();
                density.masses[0] * mass * f(density.nodes[0] - distance)
            });
            nodes.map(|(&x, mass)| mass * f(x)).sum::<f64>() + beyond.sum::<f64>()
        };
        let mean = sum(&|x| x);
        let variance = sum(&|x| (x - mean).powi(2));
        let third = sum(&|x| (x - mean).powi(3));
        let center = 0.5 * law.mean().ln() + law.gain.ln();
        let moment = sum(&|x| (2.0 * x).exp()) * (2.0 * center).exp() * law.alive.alive();
        let deviation = cumulants.variance.sqrt();
        // the center is rounded to a double
        let rounding = 4e-16 * center.abs().max(1.0) / deviation;
        [
            (((mean - (cumulants.mean - center)) / deviation).abs() - rounding).max(0.0),
            variance / cumulants.variance - 1.0,
            (third - cumulants.third) / deviation.powi(3),
            moment / law.moment(2.0).unwrap() - 1.0,
        ]
    }

    #[test]
    fn the_lattice_has_the_moments_of_the_law() {
        let leaky = |slope| Activation::LeakyRelu { slope };
        let cases = [
            (Activation::Linear, 1.0),
            (Activation::Relu, 1.0),
            (leaky(0.01), 1.0),
            (leaky(1e-8), 1.0),
            (leaky(-3.0), 0.5),
            (Activation::Relu, 0.1),
            (Activation::RRELU_DEFAULT, 0.9),
            (
                Activation::RandomizedLeakyRelu {
                    lower: -0.5,
                    upper: 2.0,
                },
                1.0,
            ),
        ];
        for (activation, keep) in cases {
            for width in [1, 2, 3, 10, 64, 1000, 100_000, 1 << 40] {
                let dropout = Dropout::inverted(keep).unwrap();
                let law = LayerLaw::with_dropout(activation, dropout, width).unwrap();
                assert_moments(&law);
            }
        }
    }
}
