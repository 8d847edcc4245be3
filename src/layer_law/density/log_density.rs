//! Nodes and masses that stand for a law with a density.

use crate::layer_law::density::edges::Edges;

/// Probabilities of ascending nodes that stand for the law of X given Q > 0: sums over them of
/// functions analytic in a strip equal integrals. To the left of the first node they fall exactly
/// like e^{rate·x}.
#[derive(Debug, Clone)]
pub struct LogDensity {
    pub nodes: Vec<f64>,
    /// The distance of the nodes: of all of them without edges, and with edges to the left of the
    /// first.
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
