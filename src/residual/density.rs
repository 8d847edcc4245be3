//! The density of X = ½ log(R/E R) on a lattice: a mixture over r² of laws of ‖e + rz‖.
//!
//! Given r² = v the density of X at n = ‖e + rz‖ is 2A·G(A, B)·e^E, where u > 0 solves
//! u² + d v u = n², A = n²/(2vu), B = u/(2v) (so that A − B = d/2),
//!
//!   E = −(u−1)²/(2v) + (d/2)(log u − u + 1),
//!   G = (1/2πi) ∫ exp(A(w − 1 − log w) + B(1/w − 1 + log w)) dw,
//!
//! the inversion integral of the transform through its saddle point at w = 1: no term is a
//! difference of larger ones (proofs-notes/T13.md).

use num_complex::Complex64;

use crate::layer_law::complex::log1pmx as complex_log1pmx;
use crate::layer_law::{LayerLaw, LogDensity, on_both_sides, path_sum};
use crate::special::log1pmx;

/// Steps of both lattices in standard deviations of the narrowest part of a law: its characteristic
/// function has then died out at the largest frequency, as e^{−(π/0.32)²/2} = e^{−48}.
const LATTICE_STEP: f64 = 0.32;

/// Values of r² that are smaller or larger with less than this probability need not be resolved.
const UNRESOLVED: f64 = 1e-16;

/// In the right tail, at probabilities of e^{−RIGHT}, the law is that of more degrees of freedom.
const RIGHT: f64 = 72.0;

/// Values of r² below this probability are left out, and terms below e^{−LEFT_OUT} of a sum.
const LEAST_MASS: f64 = 1e-30;
const LEFT_OUT: f64 = 42.0;

/// Nodes of either lattice, at most.
const MOST_NODES: f64 = 8000.0;

/// Step along the path of G in widths of the saddle, and at most; nodes on it, at most.
const PATH_STEP: f64 = 0.42;
const MOST_PATH_STEP: f64 = 0.1;
const MOST_PATH_NODES: u32 = 400;

/// √2 + 1: the path's asymptotes lie 45° off the negative axis.
const ALONG: f64 = std::f64::consts::SQRT_2 + 1.0;

/// One value of r².
#[derive(Debug, Clone, Copy)]
struct Node {
    v: f64,
    /// r²/E r² − 1.
    off: f64,
    log_mass: f64,
}

/// The law of X for this E r², or `None` where no lattice resolves it: where few hidden units make
/// blocks that hardly change their input.
pub(super) fn log_density(hidden: &LayerLaw, mean: f64, width: u64) -> Option<LogDensity> {
    let d = width as f64;
    if hidden.dead_probability() > UNRESOLVED {
        return None;
    }
    let coarse = hidden.fine_log_density(1.0).ok()?;
    let (least, most) = central(&coarse)?;
    let (least, most) = (mean * (2.0 * least).exp(), mean * (2.0 * most).exp());
    let freedom = d + (4.0 * RIGHT * d).sqrt() + 2.0 * RIGHT;
    // Var X given r² = v, to first order
    let variance = |v: f64| v * (1.0 + 0.5 * freedom * v) / (1.0 + freedom * v).powi(2);
    let narrowest = [least, mean, most].map(variance);
    let step = LATTICE_STEP * narrowest.into_iter().fold(f64::INFINITY, f64::min).sqrt();
    // the same over dX/d½log v = dv/(1 + dv): as far as the density at one x reaches in ½ log v
    let reach = LATTICE_STEP * (1.0 / (freedom * freedom * most) + 0.5 / freedom).sqrt();
    let finer = (1.0 + (coarse.step / reach).powi(2)).sqrt();
    if finer * coarse.nodes.len() as f64 > MOST_NODES {
        return None;
    }
    let nodes = nodes(&hidden.fine_log_density(finer).ok()?, mean);
    let spread = coarse.moments().1 + variance(mean);
    if 30.0 * spread.sqrt() > MOST_NODES * step {
        return None;
    }
    let grown = d * mean;
    Some(on_both_sides(step, d, |x| log_mixture(&nodes, x, d, grown)))
}

/// Where the law lies but for [`UNRESOLVED`] on either side.
fn central(law: &LogDensity) -> Option<(f64, f64)> {
    let mut below = 0.0;
    if law.rate.is_finite() {
        let fall = (-law.rate * law.step).exp();
        below = law.masses[0] * fall / (1.0 - fall);
    }
    let first = law.masses.iter().position(|mass| {
        below += mass;
        below > UNRESOLVED
    })?;
    // a tail that has not been reached yet
    if first == 0 && law.rate.is_finite() {
        return None;
    }
    let mut above = 0.0;
    let last = law.masses.iter().rposition(|mass| {
        above += mass;
        above > UNRESOLVED
    })?;
    Some((law.nodes[first], law.nodes[last]))
}

fn nodes(law: &LogDensity, mean: f64) -> Vec<Node> {
    let pairs = law.nodes.iter().zip(&law.masses);
    let kept = pairs.filter(|&(_, &mass)| mass > LEAST_MASS);
    kept.map(|(&x, &mass)| Node {
        v: mean * (2.0 * x).exp(),
        off: (2.0 * x).exp_m1(),
        log_mass: mass.ln(),
    })
    .collect()
}

/// log of the density at x; `grown` is E R − 1.
fn log_mixture(nodes: &[Node], x: f64, d: f64, grown: f64) -> f64 {
    let (square, above) = ((1.0 + grown) * (2.0 * x).exp(), (2.0 * x).exp_m1());
    let terms: Vec<(f64, f64, f64)> = nodes
        .iter()
        .map(|node| {
            let dv = d * node.v;
            let root = (dv * dv + 4.0 * square).sqrt();
            let u = 2.0 * square / (dv + root);
            // (1 + dv − n²), of which u − 1 is a multiple
            let short = grown * node.off - (1.0 + grown) * above;
            let delta = -2.0 * short / (2.0 + dv + root);
            let log = if delta < -0.5 {
                u.ln() - delta
            } else {
                log1pmx(delta)
            };
            let exponent = -0.5 * delta * delta / node.v + 0.5 * d * log;
            let a = 0.5 * square / (node.v * u);
            let b = 0.5 * u / node.v;
            // G is about (2π(A + B))^{−1/2}
            let size = node.log_mass + exponent + a.ln() - 0.5 * (a + b).ln();
            (size, a, b)
        })
        .collect();
    let top = terms
        .iter()
        .map(|term| term.0)
        .fold(f64::NEG_INFINITY, f64::max);
    let counting = terms.iter().filter(|term| term.0 > top - LEFT_OUT);
    let sum: f64 = counting
        .map(|&(size, a, b)| (size - top).exp() * (a + b).sqrt() * inversion(a, b))
        .sum();
    top + sum.ln()
}

/// G(A, B).
fn inversion(a: f64, b: f64) -> f64 {
    let h = (PATH_STEP / (ALONG * (a + b).sqrt())).min(MOST_PATH_STEP);
    let sum = path_sum(1.0, MOST_PATH_NODES, |k| {
        let (sinh, cosh) = ((h * f64::from(k)).sinh(), (h * f64::from(k)).cosh());
        let z = Complex64::new(ALONG - ALONG * cosh, ALONG * sinh);
        let log = complex_log1pmx(z);
        let exponent = -a * log + b * (z * z / (1.0 + z) + log);
        exponent.exp() * Complex64::new(cosh, sinh)
    });
    ALONG * h / std::f64::consts::PI * sum
}
