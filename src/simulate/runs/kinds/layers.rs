//! Fully connected networks at all levels, and stacks of residual blocks.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::layer_law::{LogCumulants, Weights};
use crate::simulate::runs::Networks;
use crate::simulate::runs::kinds::parts::{Stretch, Units};
use crate::simulate::runs::kinds::{Described, Kind};
use crate::simulate::{Branch, Entries, Layer, Level, Model, Path, Record, Simulator};

/// What decides their numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fields {
    #[serde(flatten)]
    units: Units,
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
    layers: Vec<Stretch<Layer>>,
    /// Standard deviation of the biases.
    bias: f64,
    inputs: usize,
    cosine: f64,
    #[serde(with = "Detail")]
    level: Level,
    /// Whether there are products with the Jacobian.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    gradient: bool,
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

impl Fields {
    pub fn networks(&self) -> Result<Simulator> {
        let (activation, dropout) = (self.units.activation, self.units.dropout()?);
        let model = Model::layered(activation, dropout, Stretch::layers(&self.layers)?)?
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
        let simulator = Simulator::new(model, self.level)?;
        match self.gradient {
            true => simulator.with_gradient(),
            false => Ok(simulator),
        }
    }
}

impl Described for Simulator {
    fn describe(&self) -> Kind {
        let model = self.model();
        Kind::Layers(Fields {
            units: Units::of(model.activation, model.dropout),
            weights: model.weights,
            stable: model.stable,
            entries: model.entries,
            blocks: model.blocks.map(|branch| (branch.hidden, branch.square)),
            layers: Stretch::of(&model.layers),
            bias: model.bias,
            inputs: model.inputs,
            cosine: model.cosine,
            level: self.level(),
            gradient: self.has_gradient(),
        })
    }
}

impl Networks for Simulator {
    fn depth(&self) -> usize {
        self.model().depth()
    }

    fn inputs(&self) -> usize {
        self.model().inputs()
    }

    fn has_gradient(&self) -> bool {
        self.has_gradient()
    }

    fn recorded(&self) -> Record {
        self.record().clone()
    }

    fn draw(&self, record: &Record, seed: u64, trajectory: u64) -> Path {
        self.recorded_path(record, seed, trajectory)
    }

    fn seconds_per_path(&self) -> f64 {
        self.seconds_per_path()
    }

    fn numbers_per_thread(&self) -> f64 {
        let model = self.model();
        let widths = model.layers().iter().map(|l| l.fan_in.max(l.fan_out));
        let hidden = model.blocks().map(|branch| branch.hidden);
        let widest = widths.chain(hidden).max().unwrap_or(0) as f64;
        let vectors = match (self.level(), model.weights()) {
            (Level::Radial, _) => 1.0,
            (_, Weights::Gaussian) => 3.0 * model.inputs() as f64,
            (_, Weights::Orthogonal) => 4.0 * model.inputs() as f64,
        };
        vectors * widest + self.numbers_kept()
    }

    /// Networks with biases or with entries that are not normal have no such formula.
    fn log_cumulants(&self, layers: usize) -> Result<Option<LogCumulants>> {
        let model = self.model();
        if model.bias() > 0.0 || model.entries() != Entries::Normal {
            return Ok(None);
        }
        let first = &model.layers()[..layers];
        Ok(Some(sum_of(first, |layer| model.log_cumulants(layer))?))
    }

    fn gradient_cumulants(&self, layers: usize) -> Result<Option<LogCumulants>> {
        let model = self.model();
        let last = &model.layers()[model.depth() - layers..];
        let sum = sum_of(last, |layer| model.backward_log_cumulants(layer))?;
        Ok(Some(sum))
    }
}

/// Mean and variance of the sum over layers, each at its scale.
fn sum_of(layers: &[Layer], of: impl Fn(Layer) -> Result<LogCumulants>) -> Result<LogCumulants> {
    let mut sum = LogCumulants::default();
    for run in layers.chunk_by(|a, b| a == b) {
        let cumulants = of(run[0])?;
        let count = run.len() as f64;
        sum.mean += count * (run[0].scale.ln() + cumulants.mean);
        sum.variance += count * cumulants.variance;
    }
    Ok(sum)
}
