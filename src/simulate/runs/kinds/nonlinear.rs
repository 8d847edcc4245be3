//! Networks of any activation (T15).

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::gain::{LevelLaw, Nonlinearity};
use crate::layer_law::LogCumulants;
use crate::simulate::runs::kinds::parts::Stretch;
use crate::simulate::runs::kinds::{Described, Kind};
use crate::simulate::runs::{Networks, Prediction};
use crate::simulate::{NonlinearNetwork, Path, Record};

/// Seconds that a weight and a unit take (CPU time of `isomoment simulate --activation gelu --threads 1`).
const WEIGHT_SECONDS: f64 = 1.2e-9;
const UNIT_SECONDS: f64 = 3e-8;

/// A level that the map changes by less is taken to be one that it keeps: gains are as exact.
const KEPT: f64 = 1e-12;

const PREDICTIONS: [Prediction; 2] = [
    Prediction {
        name: "exact_moment",
        meaning: "(R_s(g·r)/r)^s, where widths differ times (d/n)^(s/2); of deeper layers none is known",
    },
    Prediction {
        name: "map_moment",
        meaning: "the map r → R_s(g·r) repeated, which leaves out that levels spread",
    },
];

/// What decides their numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fields {
    #[serde(with = "Function")]
    activation: Nonlinearity,
    inputs: usize,
    layers: Vec<Stretch<Units>>,
    /// Root-mean-square of the input.
    level: f64,
}

/// A layer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Units {
    width: usize,
    gain: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Nonlinearity", rename_all = "kebab-case")]
enum Function {
    Gelu,
    Silu,
    Tanh,
    Elu { alpha: f64 },
    Selu,
    Mish,
    Softplus,
    Sigmoid,
    Relu,
    LeakyRelu { slope: f64 },
}

impl Fields {
    pub fn networks(&self) -> Result<NonlinearNetwork> {
        let layers = Stretch::layers(&self.layers)?;
        let layers: Vec<_> = layers.iter().map(|l| (l.width, l.gain)).collect();
        NonlinearNetwork::new(self.activation, self.inputs, &layers, self.level)
    }
}

impl Described for NonlinearNetwork {
    fn describe(&self) -> Kind {
        let unit = |&(width, gain): &(usize, f64)| Units { width, gain };
        let layers: Vec<Units> = self.layers.iter().map(unit).collect();
        Kind::Nonlinear(Fields {
            activation: self.nonlinearity,
            inputs: self.fan_in(),
            layers: Stretch::of(&layers),
            level: self.level,
        })
    }
}

impl Networks for NonlinearNetwork {
    fn depth(&self) -> usize {
        self.depth()
    }

    fn draw(&self, record: &Record, seed: u64, trajectory: u64) -> Path {
        self.path(record, seed, trajectory)
    }

    fn seconds_per_path(&self) -> f64 {
        let units: f64 = self.layers.iter().map(|&(width, _)| width as f64).sum();
        WEIGHT_SECONDS * self.model.weights_per_path() + UNIT_SECONDS * units
    }

    fn numbers_per_thread(&self) -> f64 {
        let widths = self.layers.iter().map(|&(width, _)| width);
        3.0 * widths.fold(self.fan_in(), usize::max) as f64
    }

    fn log_cumulants(&self, _: usize) -> Result<Option<LogCumulants>> {
        Ok(None)
    }

    fn predictions(&self) -> &'static [Prediction] {
        &PREDICTIONS
    }

    fn moments(&self, order: f64, layers: &[usize]) -> Result<Vec<Vec<Option<f64>>>> {
        let of_norm = |level: f64, width: usize| {
            let square = width as f64 / self.fan_in() as f64;
            (level / self.level * square.sqrt()).powf(order)
        };
        let mut rows = Vec::with_capacity(layers.len());
        let mut wanted = layers.iter().peekable();
        let (mut law, mut level) = (None, Some(self.level));
        // of the layer before: its shape, if the level stayed
        let mut kept = None;
        for (index, &(width, gain)) in self.layers.iter().enumerate() {
            if wanted.peek().is_none() {
                break;
            }
            if kept != Some((width, gain)) {
                let known = law
                    .take()
                    .filter(|law: &LevelLaw| law.width() == width as u64);
                let of_width = match known {
                    Some(law) => law,
                    None => LevelLaw::new(self.nonlinearity, width as u64)?,
                };
                // outside the range of the computed levels there is no prediction from there on
                let next = level.and_then(|level| of_width.level(order, gain * level).ok());
                let stays = |(level, next): (f64, f64)| (next / level - 1.0).abs() < KEPT;
                kept = match level.zip(next) {
                    Some(levels) if !stays(levels) => None,
                    _ => Some((width, gain)),
                };
                (law, level) = (Some(of_width), next);
            }
            if wanted.next_if_eq(&&(index + 1)).is_some() {
                let moment = level.map(|level| of_norm(level, width));
                rows.push(vec![moment.filter(|_| index == 0), moment]);
            }
        }
        Ok(rows)
    }
}
