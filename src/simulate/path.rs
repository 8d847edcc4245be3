//! What is kept of a simulated path, and when.

use crate::error::{Error, Result};

/// The layers after which a path is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    layers: Vec<usize>,
}

impl Record {
    /// Every layer.
    pub fn all(depth: usize) -> Self {
        Self {
            layers: (1..=depth).collect(),
        }
    }

    /// The given layers, in any order; 1 is the first.
    ///
    /// # Errors
    /// [`Error::Domain`] for no layer at all, and for layers outside 1 … depth.
    pub fn layers(mut layers: Vec<usize>, depth: usize) -> Result<Self> {
        layers.sort_unstable();
        layers.dedup();
        let outside = layers.iter().find(|layer| !(1..=depth).contains(*layer));
        match (outside, layers.is_empty()) {
            (Some(layer), _) => Err(Error::domain("record", layer, "a layer of the network")),
            (None, true) => Err(Error::domain("record", "empty", "at least one layer")),
            (None, false) => Ok(Self { layers }),
        }
    }

    /// The recorded layers, ascending.
    pub fn as_slice(&self) -> &[usize] {
        &self.layers
    }
}

/// One network's path: the log-norms log(‖x_k‖/‖x₀‖) of every input at the recorded
/// layers, −∞ where the output is exactly 0, and the cosines between the inputs' outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Log-norms: for every recorded layer those of the inputs side by side.
    pub log_norms: Vec<f64>,
    /// Cosines: for every recorded layer those of the pairs (1,2), (1,3), …, (2,3), …; 0 with a
    /// zero output.
    pub cosines: Vec<f64>,
    /// With gradients ([`Simulator::with_gradient`](crate::simulate::Simulator::with_gradient)):
    /// log‖J_k v‖ after each recorded layer k.
    pub tangents: Vec<f64>,
    /// With gradients: log‖(D_K W_K ⋯ D_{K−k+1} W_{K−k+1})ᵀu‖, for each recorded k so many layers
    /// from the output.
    pub gradients: Vec<f64>,
}

impl Path {
    /// The log-norm at the `record`-th recorded layer, from 1: after layer `record` when all are
    /// recorded. One input.
    ///
    /// # Panics
    /// When there are fewer records.
    pub fn log_norm(&self, record: usize) -> f64 {
        self.log_norms[record - 1]
    }

    /// Whether the output at the last record is exactly 0.
    pub fn died(&self) -> bool {
        self.log_norms.last() == Some(&f64::NEG_INFINITY)
    }

    /// How many records there are before the output is exactly 0.
    pub fn lifetime(&self) -> usize {
        let dead = |l: &f64| *l == f64::NEG_INFINITY;
        let death = self.log_norms.iter().position(dead);
        death.unwrap_or(self.log_norms.len())
    }

    /// log(‖x_k‖/‖x_{k−1}‖) for k = 1, 2, … while alive, when every layer is recorded. One input.
    pub fn increments(&self) -> impl Iterator<Item = f64> + '_ {
        let alive = &self.log_norms[..self.lifetime()];
        let before = std::iter::once(0.0).chain(alive.iter().copied());
        alive.iter().zip(before).map(|(now, before)| now - before)
    }
}

/// Writes a path down while it is walked.
pub(super) struct Recorder<'a> {
    ahead: std::slice::Iter<'a, usize>,
    next: Option<&'a usize>,
    layer: usize,
    path: Path,
    inputs: usize,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(record: &'a Record, inputs: usize) -> Self {
        let records = record.layers.len();
        let mut ahead = record.layers.iter();
        Self {
            next: ahead.next(),
            ahead,
            layer: 0,
            path: Path {
                log_norms: Vec::with_capacity(records * inputs),
                cosines: Vec::with_capacity(records * inputs * (inputs - 1) / 2),
                tangents: Vec::new(),
                gradients: Vec::new(),
            },
            inputs,
        }
    }

    /// Takes the state after the next layer; whether any output is not zero.
    pub(super) fn layer(
        &mut self,
        log_norms: &[f64],
        cosine: impl Fn(usize, usize) -> f64,
    ) -> bool {
        self.layer += 1;
        if self.next == Some(&self.layer) {
            self.path.log_norms.extend_from_slice(log_norms);
            for i in 0..self.inputs {
                for j in i + 1..self.inputs {
                    self.path.cosines.push(cosine(i, j));
                }
            }
            self.next = self.ahead.next();
        }
        log_norms.iter().any(|l| *l > f64::NEG_INFINITY)
    }

    /// The path; what was not reached is dead.
    pub(super) fn finish(mut self) -> Path {
        while self.next.is_some() {
            let log_norms = &mut self.path.log_norms;
            log_norms.extend(std::iter::repeat_n(f64::NEG_INFINITY, self.inputs));
            let pairs = self.inputs * (self.inputs - 1) / 2;
            self.path.cosines.extend(std::iter::repeat_n(0.0, pairs));
            self.next = self.ahead.next();
        }
        self.path
    }
}
