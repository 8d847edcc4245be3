//! A run in words that another program can read: everything that decides its numbers.

use serde::{Deserialize, Serialize};

use crate::activation::{Activation, Dropout};
use crate::error::{Error, Result};
use crate::layer_law::Weights;
use crate::simulate::runs::work::Work;
use crate::simulate::{Branch, Entries, Layer, Level, MAX_DEPTH, Model, Plan, Record, Simulator};

/// What decides a run's numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Description {
    #[serde(with = "Slopes")]
    activation: Activation,
    /// Probability with which a unit is kept.
    keep: f64,
    /// Whether kept units are scaled by 1/keep.
    inverted: bool,
    #[serde(with = "Ensemble")]
    weights: Weights,
    /// α of stable weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stable: Option<f64>,
    #[serde(default, skip_serializing_if = "is_normal")]
    entries: Entries,
    /// Hidden units and τ² of residual blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blocks: Option<(usize, f64)>,
    layers: Vec<Stretch>,
    /// Standard deviation of the biases.
    bias: f64,
    inputs: usize,
    cosine: f64,
    #[serde(with = "Detail")]
    level: Level,
    /// Whether there are products with the Jacobian.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    gradient: bool,
    /// Recorded layers; all of them if there is no list.
    record: Option<Vec<usize>>,
    seed: u64,
    pub(super) trajectories: u64,
}

/// Equal layers that follow one another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Stretch {
    count: usize,
    fan_in: usize,
    fan_out: usize,
    scale: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Activation", rename_all = "kebab-case")]
enum Slopes {
    Linear,
    Relu,
    LeakyRelu { slope: f64 },
    RandomizedLeakyRelu { lower: f64, upper: f64 },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Weights", rename_all = "kebab-case")]
enum Ensemble {
    Gaussian,
    Orthogonal,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Level", rename_all = "kebab-case")]
enum Detail {
    Network,
    NetworkSingle,
    Preactivation,
    Radial,
}

/// Records of normal entries have no such field.
fn is_normal(entries: &Entries) -> bool {
    *entries == Entries::Normal
}

impl Description {
    pub(super) fn of(work: &Work) -> Self {
        let model = work.simulator.model();
        let stretches = model.layers.chunk_by(|a, b| a == b);
        let record = work.simulator.record().as_slice();
        Self {
            activation: model.activation,
            keep: model.dropout.keep(),
            inverted: model.dropout.gain() != 1.0,
            weights: model.weights,
            stable: model.stable,
            entries: model.entries,
            blocks: model.blocks.map(|branch| (branch.hidden, branch.square)),
            layers: stretches
                .map(|equal| Stretch {
                    count: equal.len(),
                    fan_in: equal[0].fan_in,
                    fan_out: equal[0].fan_out,
                    scale: equal[0].scale,
                })
                .collect(),
            bias: model.bias,
            inputs: model.inputs,
            cosine: model.cosine,
            level: work.simulator.level(),
            gradient: work.simulator.has_gradient(),
            record: (record.len() < model.depth()).then(|| record.to_vec()),
            seed: work.plan.seed,
            trajectories: work.plan.trajectories,
        }
    }

    /// The work that is described.
    pub(super) fn work(&self) -> Result<Work> {
        let depth = self.layers.iter().map(|l| l.count);
        let depth = depth.fold(0, usize::saturating_add);
        // a vector of any length that a file asks for would be made before the model refuses it
        if depth > MAX_DEPTH {
            return Err(Error::domain("depth", depth, "from 1 to 10000000"));
        }
        let mut layers = Vec::with_capacity(depth);
        for stretch in &self.layers {
            let layer = Layer {
                fan_in: stretch.fan_in,
                fan_out: stretch.fan_out,
                scale: stretch.scale,
            };
            layers.extend(std::iter::repeat_n(layer, stretch.count));
        }
        let dropout = match self.inverted {
            true => Dropout::inverted(self.keep)?,
            false => Dropout::plain(self.keep)?,
        };
        let model = Model::layered(self.activation, dropout, layers)?
            .with_weights(self.weights)
            .with_entries(self.entries)
            .with_bias(self.bias)?
            .with_inputs(self.inputs, self.cosine)?;
        let model = match self.stable {
            Some(alpha) => model.with_stable_weights(alpha)?,
            None => model,
        };
        let model = match self.blocks {
            Some((hidden, square)) => model.with_blocks(Branch { hidden, square })?,
            None => model,
        };
        let record = match &self.record {
            Some(layers) => Record::layers(layers.clone(), depth)?,
            None => Record::all(depth),
        };
        let mut simulator = Simulator::new(model, self.level)?.with_record(record);
        if self.gradient {
            simulator = simulator.with_gradient()?;
        }
        let plan = Plan {
            seed: self.seed,
            trajectories: self.trajectories,
        };
        Ok(Work { simulator, plan })
    }
}
