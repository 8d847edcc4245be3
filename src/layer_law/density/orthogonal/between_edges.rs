//! The law of ½ log Q for orthogonal units whose law has edges: atoms, and a density that is
//! singular at the edges.
//!
//! Between two neighbouring edges c₁ > c₂ the density of Q is analytic. In v,
//! q = c₂ + (c₁−c₂)/(1+eᵛ), the edges lie at ∓∞, and sums over a lattice in v equal integrals
//! whatever the singularities at the edges (proofs-notes/depth.md).

use num_complex::Complex64;

use crate::layer_law::density::edges::Edges;
use crate::layer_law::density::log_density::LogDensity;
use crate::layer_law::density::orthogonal::sphere::Sphere;
use crate::layer_law::transform::Transform;

/// In more dimensions it takes too many nodes.
const MOST_DIMENSIONS: f64 = 4096.0;

/// Nodes of one interval, at most: more are needed only where two edges nearly coincide. Finer
/// lattices may have up to MOST_FINER times as many.
const MOST_INTERVAL_NODES: usize = 60_000;
const MOST_FINER: f64 = 1.5;

/// Powers of q with which the law is tilted, at most: those that move its right tail of 1e-30 to
/// the center.
const TILT: f64 = 75.0;

/// Sums over a lattice in v equal integrals up to e^{−LATTICE_FALL} = 6e-19.
const LATTICE_FALL: f64 = 42.0;

/// Beyond this |v| the density is a pure power of the distance from the edge, which no double can
/// tell from the edge: e^{−42} is 6e-19 of their distance. Measured: with 34 `cargo test --lib
/// layer_law` fails, with 38 it passes.
const AT_EDGE: f64 = 42.0;

/// Where the left tail reaches to zero norm: from this v on it is a pure exponential, up to
/// e^{−v/2}.
const PURE: f64 = 80.0;

/// Masses below e^{−FALL} of the largest are left out; an exponential tail is one where it starts
/// above e^{−FALL_OF_TAIL}.
const FALL: f64 = 200.0;
const FALL_OF_TAIL: f64 = 600.0;

/// The total of all masses is 1 within this, or the law is not resolved.
const MOST_TOTAL_ERROR: f64 = 1e-11;

/// The law of X = ½ log(Q/κ) given Q > 0 on the sphere in `dimension` dimensions; `None` where
/// edges lie so close together that it takes too many nodes. The nodes lie `finer` times as close
/// as is needed for sums over them.
pub fn log_density(transform: &Transform, dimension: f64, finer: f64) -> Option<LogDensity> {
    if dimension > MOST_DIMENSIONS {
        return None;
    }
    let sphere = Sphere::new(transform, dimension);
    let values = sphere.values.clone();
    let edges = Edges::new(
        &sphere.slopes,
        transform.width(),
        dimension,
        transform.survival_probability(),
    );
    let center = transform.conditional_mean() / dimension;
    let mut halves = Vec::new();
    let mut step = 1.0;
    let lowest = edges.lowest_power();
    let intervals = if edges.only_atoms() { 0 } else { values.len() };
    for (index, &above) in values.iter().enumerate().take(intervals) {
        let below = values.get(index + 1).copied().unwrap_or(0.0);
        if below == 0.0 && !sphere.reaches_zero() {
            break;
        }
        let h = lattice_step(above, below, lowest, (transform.width(), dimension)) / finer;
        if 2.0 * PURE / h > MOST_INTERVAL_NODES as f64 * finer.min(MOST_FINER) {
            return None;
        }
        step = 0.5 * h;
        halves.push(half_interval(&sphere, index, h, Half::Lower));
        halves.push(half_interval(&sphere, index, h, Half::Upper));
    }
    let mut pairs: Vec<(f64, f64)> = halves.concat();
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
        left_rate(&sphere)
    };
    let left = if rate.is_finite() {
        let ratio = (-rate * step).exp();
        pairs[0].1 * ratio / (1.0 - ratio)
    } else {
        0.0
    };
    let total = pairs.iter().map(|pair| pair.1).sum::<f64>() + left;
    if total.is_nan() || (total - 1.0).abs() > MOST_TOTAL_ERROR {
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

/// The density of X given Q > 0 at each of these ascending points, its atoms left out; 0 at the
/// edges.
pub fn densities(transform: &Transform, dimension: f64, points: &[f64]) -> Vec<f64> {
    let sphere = Sphere::new(transform, dimension);
    let shift = 0.5 * (transform.conditional_mean() / dimension).ln();
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
        2.0 * q * density / transform.survival_probability()
    };
    points.iter().map(density).collect()
}

/// Step in v with which sums over a lattice equal integrals of q^{ip} up to the power `lowest`: the
/// error is e^{−2πη/h} times the largest value on the line Im v = η, for the best η.
fn lattice_step(above: f64, below: f64, lowest: f64, (width, dimension): (f64, f64)) -> f64 {
    // of a beta density, tilted, with exponents up to width/2 + TILT and dimension/2 − width/2,
    // in q = u/(1+u), u turned by η
    let (all, some) = (0.5 * dimension, (0.5 * width + TILT).min(0.25 * dimension));
    let log_largest = |height: f64| -> f64 {
        let cos = height.cos();
        let middle = (all - 2.0 * some) * cos;
        let root = (middle * middle + 4.0 * some * (all - some)).sqrt();
        let u = (root - middle) / (2.0 * (all - some));
        some * u.ln() - 0.5 * all * (2.0 * u * cos + u * u).ln_1p()
    };
    // short of the pole of 1/(1+eᵛ) at height π
    let steps = (4..28).map(|i| {
        let height = 0.1 * f64::from(i);
        // the argument of q, which beyond |v| = 6 changes by e^{−6} at most
        let turn = (-60..=60).map(|i| {
            let v = Complex64::new(0.1 * f64::from(i), height);
            (below + (above - below) / (1.0 + v.exp())).arg().abs()
        });
        let turn = turn.fold(0.0, f64::max);
        let larger = log_largest(height) - log_largest(0.0);
        2.0 * std::f64::consts::PI * height / (LATTICE_FALL + lowest * turn + larger)
    });
    steps.fold(0.0, f64::max)
}

/// The halves of the interval between two edges.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Half {
    /// v ≥ 0, towards the lower edge.
    Lower,
    /// v < 0, towards the upper edge.
    Upper,
}

/// Rate of the left tail of ½ log Q, infinite where there is none or it is no exponential.
fn left_rate(sphere: &Sphere) -> f64 {
    let slow = if sphere.unit_dead_probability() > 0.0 {
        1.0
    } else {
        sphere.width
    };
    let pure = sphere.slopes.infimum() > 0.0 && sphere.reaches_zero();
    if pure && 0.5 * slow * PURE < FALL_OF_TAIL {
        slow
    } else {
        f64::INFINITY
    }
}

/// Nodes ½ log q and masses on one half, v < 0 or v ≥ 0, of the interval below the edge `index`.
fn half_interval(sphere: &Sphere, index: usize, h: f64, half: Half) -> Vec<(f64, f64)> {
    let above = sphere.values[index];
    let below = sphere.values.get(index + 1).copied().unwrap_or(0.0);
    let open = half == Half::Lower && below == 0.0;
    let (mut nodes, mut largest) = (Vec::new(), 0.0_f64);
    let mut saddle = 0.0;
    for i in 0..2 * MOST_INTERVAL_NODES {
        let v = match half {
            Half::Lower => h * i as f64,
            Half::Upper => -h * (i + 1) as f64,
        };
        // 1/(1+eᵛ) and eᵛ/(1+eᵛ), neither of which rounds to 1
        let (upper, lower) = (1.0 / (1.0 + v.exp()), 1.0 / (1.0 + (-v).exp()));
        let place = sphere.place(index, upper, lower);
        let (density, at) = sphere.density(&place, saddle);
        saddle = at;
        let mass = h * density * (above - below) * upper * lower / sphere.survival_probability;
        let log_q = if lower < 0.5 {
            above.ln() + (-place.from[index]).ln_1p()
        } else {
            place.q.ln()
        };
        nodes.push((0.5 * log_q, mass));
        largest = largest.max(mass);
        let exponential = open && left_rate(sphere).is_finite();
        let far = !exponential && mass < (-FALL).exp() * largest && v.abs() > 1.0;
        if far || (exponential && v > PURE) {
            break;
        }
        if !open && v.abs() > AT_EDGE {
            // the rest is a geometric series, at the edge itself
            let ratio = mass / nodes[nodes.len() - 2].1;
            let edge = if half == Half::Upper { above } else { below };
            nodes.push((0.5 * edge.ln(), mass * ratio / (1.0 - ratio)));
            break;
        }
    }
    nodes
}
