//! What the descriptions of several kinds have in common.

use serde::{Deserialize, Serialize};

use crate::activation::{Activation, Dropout};
use crate::error::{Error, Result};
use crate::simulate::MAX_DEPTH;

/// Activation and dropout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Units {
    #[serde(with = "Slopes")]
    pub activation: Activation,
    /// Probability with which a unit is kept.
    keep: f64,
    /// Whether kept units are scaled by 1/keep.
    inverted: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Activation", rename_all = "kebab-case")]
enum Slopes {
    Linear,
    Relu,
    LeakyRelu { slope: f64 },
    RandomizedLeakyRelu { lower: f64, upper: f64 },
}

impl Units {
    pub fn of(activation: Activation, dropout: Dropout) -> Self {
        Self {
            activation,
            keep: dropout.keep(),
            inverted: dropout.gain() != 1.0,
        }
    }

    pub fn dropout(&self) -> Result<Dropout> {
        match self.inverted {
            true => Dropout::inverted(self.keep),
            false => Dropout::plain(self.keep),
        }
    }
}

/// Equal layers that follow one another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stretch<L> {
    count: usize,
    #[serde(flatten)]
    layer: L,
}

impl<L: PartialEq + Copy> Stretch<L> {
    /// The layers, equal ones together.
    pub fn of(layers: &[L]) -> Vec<Self> {
        let equal = layers.chunk_by(|a, b| a == b);
        let stretch = |equal: &[L]| Self {
            count: equal.len(),
            layer: equal[0],
        };
        equal.map(stretch).collect()
    }

    /// The layers one by one.
    pub fn layers(stretches: &[Self]) -> Result<Vec<L>> {
        let depth = stretches.iter().map(|stretch| stretch.count);
        let depth = depth.fold(0, usize::saturating_add);
        // a vector of any length that a file asks for would be made before the networks refuse it
        if depth > MAX_DEPTH {
            return Err(Error::domain("depth", depth, "from 1 to 10000000"));
        }
        let each = |stretch: &Self| std::iter::repeat_n(stretch.layer, stretch.count);
        Ok(stretches.iter().flat_map(each).collect())
    }
}
