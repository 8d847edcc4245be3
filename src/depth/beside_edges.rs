//! One layer's law on a lattice where it has atoms or singular edges: for sums of several layers
//! away from those of the edges.
//!
//! A smooth window separates the neighbourhood of the edges from the rest. The rest is smooth: its
//! masses are step times density. The neighbourhood's are spread over the nearest lattice points
//! with the weights of Lagrange's interpolation, which keeps the integral of every function that is
//! smooth on the scale of the step (proofs-notes/depth.md).

use special::Error as _;

use crate::depth::left_tail::Lattice;
use crate::depth::tilted::Centered;
use crate::layer_law::LogDensity;

/// The window falls from 1 at an edge to 0 beyond this many steps, like an error function of
/// argument ±SHARPNESS.
const WINDOW: f64 = 12.7;
const SHARPNESS: f64 = 6.0;

/// Lattice points over which a mass is spread.
const SPREAD: usize = 20;

/// Nodes next to the edges are at most so many steps apart.
const NODES_APART: f64 = 1.1;

/// How much finer the nodes of a law must lie for a lattice of this step.
pub(super) fn finer(law: &Centered, step: f64) -> f64 {
    (law.node_distance() / (NODES_APART * step)).ceil().max(1.0)
}

/// Within this distance of an edge one layer's lattice has the law's integrals, but not its
/// density, to all digits.
pub(super) fn blurred(step: f64) -> f64 {
    (WINDOW + 0.5 * SPREAD as f64) * step
}

/// The law of Y from nodes that lie close enough, and from its density away from the edges.
pub(super) fn lattice(
    nodes: &LogDensity,
    center: f64,
    step: f64,
    least: f64,
    densities: impl Fn(&[f64]) -> Vec<f64>,
) -> Option<Lattice> {
    let edges = nodes.edges.as_ref()?;
    let weight_beside = |x: f64| -> f64 {
        let outside = |&edge: &f64| {
            0.5 * (SHARPNESS * (1.0 - (x - edge).abs() / (WINDOW * step))).compl_error()
        };
        edges.positions().iter().map(outside).product()
    };
    let reach = (2.0 * WINDOW + SPREAD as f64) * step;
    let largest = nodes.masses.iter().copied().fold(0.0, f64::max);
    let first = if nodes.rate.is_finite() {
        let fall = (nodes.masses[0] / (least * largest)).ln().max(0.0);
        nodes.nodes[0] - fall / nodes.rate
    } else {
        let index = nodes.masses.iter().position(|&m| m > least * largest)?;
        nodes.nodes[index]
    };
    let last = nodes.nodes[nodes.nodes.len() - 1] + reach;
    let start = first.min(edges.positions()[edges.positions().len() - 1]) - reach;
    let count = ((last - start) / step) as usize + 1;
    let points: Vec<f64> = (0..count).map(|i| start + step * i as f64).collect();
    let mut masses = densities(&points);
    for (mass, &x) in masses.iter_mut().zip(&points) {
        let weight = weight_beside(x);
        *mass = if weight == 0.0 {
            0.0
        } else {
            *mass * weight * step
        };
    }
    for (&x, &mass) in nodes.nodes.iter().zip(&nodes.masses) {
        let near = 1.0 - weight_beside(x);
        if near > 0.0 {
            spread(mass * near, (x - start) / step, &mut masses);
        }
    }
    Some(Lattice {
        start: start - center,
        step,
        masses,
    })
}

/// Adds a mass at a fractional position to the lattice points around it.
fn spread(mass: f64, position: f64, masses: &mut [f64]) {
    let first = (position as usize).saturating_sub(SPREAD / 2 - 1);
    for (i, lattice_mass) in masses.iter_mut().enumerate().skip(first).take(SPREAD) {
        let others = (first..first + SPREAD).filter(|&j| j != i);
        let weight: f64 = others
            .map(|j| (position - j as f64) / (i as f64 - j as f64))
            .product();
        *lattice_mass += mass * weight;
    }
}
