//! The law of ½ log Q for few orthogonal units: atoms, and a density with singular edges.
//!
//! Between two neighbouring edges c₁ > c₂ the density of Q is analytic. In v, q = c₂ + (c₁−c₂)/(1+eᵛ), the
//! edges lie at ∓∞, and sums over a lattice in v equal integrals whatever the singularities at the edges (proofs-notes/depth.md).

use num_complex::Complex64;

use crate::layer_law::density::LogDensity;
use crate::layer_law::edges::Edges;
use crate::layer_law::laplace::Laplace;
use crate::layer_law::sphere_density::Sphere;

/// In more dimensions it takes too many nodes.
const MOST_DIMENSIONS: f64 = 4096.0;

/// Nodes of the law, at most: more are needed only where two edges nearly coincide.
const MOST_NODES: usize = 60_000;

/// Powers of q with which the law is tilted, at most: those that move its right tail of 1e-30 to the center.
const TILT: f64 = 75.0;

/// So many times more where they are asked to lie closer.
const FINER: f64 = 1.5;

/// Beyond this |v| the density is a pure power of the distance from the edge, which no double can tell from the edge.
const AT_EDGE: f64 = 42.0;

/// Where the left tail reaches to zero norm: from this v on it is a pure exponential, up to e^{−v/2}.
const PURE: f64 = 80.0;

/// Masses below e^{−DEPTH} of the largest are left out; an exponential tail is one where it starts above e^{−DEEPEST}.
const DEPTH: f64 = 200.0;
const DEEPEST: f64 = 600.0;

/// The total of all masses is 1 within this, or the law is not resolved.
const UNRESOLVED: f64 = 1e-11;

impl Laplace {
    /// The law of X = ½ log(Q/κ) given Q > 0 on the sphere in `dimension` dimensions; `None` where edges lie so close together that it takes
    /// too many nodes. The nodes lie `finer` times as close as is needed for sums over them.
    pub fn log_density_of_few(&self, dimension: f64, finer: f64) -> Option<LogDensity> {
        if dimension > MOST_DIMENSIONS {
            return None;
        }
        let sphere = Sphere::new(self, dimension);
        let values = sphere.values.clone();
        let edges = Edges::new(&sphere.slopes, self.width(), dimension, self.alive());
        let center = self.conditional_mean() / dimension;
        let mut sides = Vec::new();
        let mut step = 1.0;
        let lowest = edges.lowest_power();
        let intervals = if edges.only_atoms() { 0 } else { values.len() };
        for (index, &above) in values.iter().enumerate().take(intervals) {
            let below = values.get(index + 1).copied().unwrap_or(0.0);
            if below == 0.0 && !sphere.reaches_zero() {
                break;
            }
            let h = lattice_step(above, below, lowest, (self.width(), dimension)) / finer;
            if 2.0 * PURE / h > MOST_NODES as f64 * finer.min(FINER) {
                return None;
            }
            step = 0.5 * h;
            sides.push(sphere.side(index, h, Side::Below));
            sides.push(sphere.side(index, h, Side::Above));
        }
        let mut pairs: Vec<(f64, f64)> = sides.concat();
        for (&value, &weight) in values.iter().zip(edges.atoms()) {
            if weight > 0.0 {
                pairs.push((0.5 * value.ln(), weight));
            }
        }
        pairs.retain(|pair| pair.1 > 0.0);
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let rate = if edges.only_atoms() {
            f64::INFINITY
        } else {
            sphere.rate()
        };
        let left = if rate.is_finite() {
            let ratio = (-rate * step).exp();
            pairs[0].1 * ratio / (1.0 - ratio)
        } else {
            0.0
        };
        let total = pairs.iter().map(|pair| pair.1).sum::<f64>() + left;
        if total.is_nan() || (total - 1.0).abs() > UNRESOLVED {
            return None;
        }
        let shift = 0.5 * center.ln();
        Some(LogDensity {
            nodes: pairs.iter().map(|pair| pair.0 - shift).collect(),
            masses: pairs.iter().map(|pair| pair.1 / total).collect(),
            step,
            rate,
            edges: Some(edges.shifted(shift)),
        })
    }

    /// The density of X given Q > 0 at each of these ascending points, its atoms left out; 0 at the edges.
    pub fn densities_of_few(&self, dimension: f64, points: &[f64]) -> Vec<f64> {
        let sphere = Sphere::new(self, dimension);
        let shift = 0.5 * (self.conditional_mean() / dimension).ln();
        let mut saddle = 0.0;
        let density = |&x: &f64| -> f64 {
            let q = (2.0 * (x + shift)).exp();
            let Some(index) = sphere.values.iter().rposition(|&c| q < c) else {
                return 0.0;
            };
            let above = sphere.values[index];
            let below = sphere.values.get(index + 1).copied().unwrap_or(0.0);
            let upper = (q - below) / (above - below);
            if upper == 0.0 || (below == 0.0 && !sphere.reaches_zero()) {
                return 0.0;
            }
            let lower = (above - q) / (above - below);
            let (density, at) = sphere.density(&sphere.place(index, upper, lower), saddle);
            saddle = at;
            2.0 * q * density / self.alive()
        };
        points.iter().map(density).collect()
    }
}

/// Step in v with which sums over a lattice equal integrals of q^{ip} up to the power `lowest`: the error is
/// e^{−2πη/h} times the largest value on the line Im v = η, for the best η.
fn lattice_step(above: f64, below: f64, lowest: f64, (units, dimension): (f64, f64)) -> f64 {
    // of a beta density, tilted, with exponents up to units/2 + TILT and dimension/2 − units/2, q = u/(1+u), u turned by η
    let (all, some) = (0.5 * dimension, (0.5 * units + TILT).min(0.25 * dimension));
    let log_largest = |height: f64| -> f64 {
        let cos = height.cos();
        let middle = (all - 2.0 * some) * cos;
        let root = (middle * middle + 4.0 * some * (all - some)).sqrt();
        let u = (root - middle) / (2.0 * (all - some));
        some * u.ln() - 0.5 * all * (2.0 * u * cos + u * u).ln_1p()
    };
    let steps = (4..28).map(|i| {
        let height = 0.1 * f64::from(i);
        let turn = (-60..=60).map(|i| {
            let v = Complex64::new(0.1 * f64::from(i), height);
            (below + (above - below) / (1.0 + v.exp())).arg().abs()
        });
        let turn = turn.fold(0.0, f64::max);
        let larger = log_largest(height) - log_largest(0.0);
        2.0 * std::f64::consts::PI * height / (42.0 + lowest * turn + larger)
    });
    steps.fold(0.0, f64::max)
}

/// Towards which edge of its interval a lattice runs.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Side {
    Below,
    Above,
}

impl Sphere {
    /// Rate of the left tail of ½ log Q, infinite where there is none or it is no exponential.
    fn rate(&self) -> f64 {
        let slow = if self.unit_dead() > 0.0 {
            1.0
        } else {
            self.width
        };
        let pure = self.slopes.infimum() > 0.0 && self.reaches_zero();
        if pure && 0.5 * slow * PURE < DEEPEST {
            slow
        } else {
            f64::INFINITY
        }
    }

    /// Nodes ½ log q and masses on one half, v < 0 or v ≥ 0, of the interval below the edge `index`.
    fn side(&self, index: usize, h: f64, side: Side) -> Vec<(f64, f64)> {
        let above = self.values[index];
        let below = self.values.get(index + 1).copied().unwrap_or(0.0);
        let open = side == Side::Below && below == 0.0;
        let (mut nodes, mut largest) = (Vec::new(), 0.0_f64);
        let mut saddle = 0.0;
        for i in 0..2 * MOST_NODES {
            let v = match side {
                Side::Below => h * i as f64,
                Side::Above => -h * (i + 1) as f64,
            };
            // 1/(1+eᵛ) and eᵛ/(1+eᵛ), neither of which rounds to 1
            let (upper, lower) = (1.0 / (1.0 + v.exp()), 1.0 / (1.0 + (-v).exp()));
            let place = self.place(index, upper, lower);
            let (density, at) = self.density(&place, saddle);
            saddle = at;
            let mass = h * density * (above - below) * upper * lower / self.alive;
            let log_q = if lower < 0.5 {
                above.ln() + (-place.from[index]).ln_1p()
            } else {
                place.q.ln()
            };
            nodes.push((0.5 * log_q, mass));
            largest = largest.max(mass);
            let exponential = open && self.rate().is_finite();
            let far = !exponential && mass < (-DEPTH).exp() * largest && v.abs() > 1.0;
            if far || (exponential && v > PURE) {
                break;
            }
            if !open && v.abs() > AT_EDGE {
                // the rest is a geometric series, at the edge itself
                let ratio = mass / nodes[nodes.len() - 2].1;
                let edge = if side == Side::Above { above } else { below };
                nodes.push((0.5 * edge.ln(), mass * ratio / (1.0 - ratio)));
                break;
            }
        }
        nodes
    }
}

#[cfg(test)]
pub(super) mod tests {
    use crate::layer_law::density::tests::moment_errors;
    use crate::layer_law::{LayerLaw, LogDensity, Weights};
    use crate::{Activation, Dropout};

    /// Orthogonal layers with edges of all kinds, square and wide, with up to `widest` units, and their laws.
    pub(in crate::layer_law) fn few_units(widest: u64) -> Vec<(LayerLaw, LogDensity)> {
        let leaky = |slope| Activation::LeakyRelu { slope };
        let rrelu = |lower, upper| Activation::RandomizedLeakyRelu { lower, upper };
        let cases = [
            (Activation::Relu, 1.0, 0),
            (Activation::Relu, 0.5, 1),
            (leaky(0.01), 1.0, 0),
            (leaky(0.5), 1.0, 100),
            (leaky(0.9), 1.0, 0),
            (leaky(-3.0), 1.0, 1),
            (leaky(0.1), 0.9, 0),
            (leaky(0.1), 0.9, 800),
            (Activation::Linear, 1.0, 3),
            (Activation::Linear, 0.5, 0),
            (Activation::Linear, 0.99, 0),
            (Activation::RRELU_DEFAULT, 1.0, 0),
            (Activation::RRELU_DEFAULT, 0.9, 2),
            (rrelu(-0.5, 0.2), 1.0, 0),
            (rrelu(0.0, 1.0), 1.0, 0),
            (rrelu(0.3, 1.9), 0.8, 1),
        ];
        let mut layers = Vec::new();
        for (activation, keep, more) in cases {
            for width in [1, 2, 3, 8, 33, 200] {
                if width > widest {
                    continue;
                }
                let dropout = Dropout::inverted(keep).unwrap();
                let law = LayerLaw::with_dropout(activation, dropout, width).unwrap();
                let law = law.with_weights(Weights::Orthogonal);
                let law = law.with_fan_in(width + more).unwrap();
                let dimension = law.fan_in() as f64;
                let few = law.with_laplace(|laplace| laplace.log_density_of_few(dimension, 1.0));
                let density = few.unwrap();
                layers.push((law, density));
            }
        }
        layers
    }

    /// Against the law's integrals. Those are differences of Gaussian and chi-square ones, whose rounding is that of a
    /// cumulant of Gaussian weights.
    #[test]
    fn the_nodes_have_the_moments_of_the_law() {
        for (law, _) in few_units(200) {
            let variance = law.log_cumulants().variance;
            if variance < 1e-15 {
                continue;
            }
            let gaussian = 0.5 / law.fan_in() as f64;
            let rounding = (gaussian / variance).max(1.0);
            let allowed = [1e-13, 1e-13, 1e-12, 1e-13].map(|x| x * rounding.powf(1.5));
            for (off, allowed) in moment_errors(&law).into_iter().zip(allowed) {
                assert!(off.abs() < allowed, "{law:?}: {off:e}");
            }
        }
    }
}
