//! The ways in which k layers can be shared out among the edges of one layer's law.

use crate::layer_law::Edges;

/// Layers, and compositions of them, at most.
const MOST_LAYERS: f64 = 1e6;
const MOST_COMPOSITIONS: f64 = 1e6;

/// How often each edge occurs in a sum of k of them, and where that sum is.
#[derive(Debug, Clone)]
pub(super) struct Composition {
    pub counts: Vec<u32>,
    /// Σ mⱼxⱼ for the edges of the centered law.
    pub position: f64,
    /// log of the multinomial coefficient.
    pub log_ways: f64,
}

/// All compositions of k; `None` where there are too many.
pub(super) fn compositions(edges: &Edges, depth: f64) -> Option<Vec<Composition>> {
    let count: f64 = (1..edges.positions().len())
        .map(|j| (depth + j as f64) / j as f64)
        .product();
    if depth > MOST_LAYERS || count > MOST_COMPOSITIONS {
        return None;
    }
    let depth = depth as u32;
    let mut log_factorials = vec![0.0; depth as usize + 1];
    for n in 1..=depth as usize {
        log_factorials[n] = log_factorials[n - 1] + (n as f64).ln();
    }
    let mut partial = vec![(Vec::new(), depth)];
    for _ in 1..edges.positions().len() {
        let longer = partial.into_iter().flat_map(|(counts, left)| {
            (0..=left).map(move |m| {
                let mut counts: Vec<u32> = counts.clone();
                counts.push(m);
                (counts, left - m)
            })
        });
        partial = longer.collect();
    }
    let whole = partial.into_iter().map(|(mut counts, left)| {
        counts.push(left);
        let pairs = counts.iter().zip(edges.positions());
        let parts = counts.iter().map(|&m| log_factorials[m as usize]);
        Composition {
            position: pairs.map(|(&m, x)| f64::from(m) * x).sum(),
            log_ways: log_factorials[depth as usize] - parts.sum::<f64>(),
            counts,
        }
    });
    Some(whole.collect())
}
