//! What a layer is made of, as Python hands it over.

use isomoment::gain::Nonlinearity;
use isomoment::{Activation, Dropout, Error, LayerLaw, Result, Weights};
use pyo3::prelude::*;

use crate::gain::named;

/// (activation, slope or lower, upper, keep, whether kept units are scaled by 1/keep, weights).
#[derive(FromPyObject)]
pub struct Units(String, f64, f64, f64, bool, String);

impl Units {
    /// What does not depend on the numbers.
    pub fn kind(&self) -> Result<Kind> {
        Ok(Kind {
            family: Family::read(&self.0)?,
            inverted: self.4,
            weights: self.weights()?,
        })
    }

    /// The activation and the mask.
    pub fn parts(&self) -> Result<(Activation, Dropout)> {
        let kind = self.kind()?;
        Ok((kind.family.with([self.1, self.2]), kind.mask(self.3)?))
    }

    /// The activation that need not be homogeneous, whose parameter stands in the place of a slope.
    pub fn nonlinearity(&self) -> Result<Nonlinearity> {
        named(&self.0, self.1)
    }

    /// The ensemble of the weights.
    pub fn weights(&self) -> Result<Weights> {
        self.5.parse()
    }

    /// The law of a layer of such units.
    pub fn layer(&self, width: i64, fan_in: Option<i64>) -> Result<LayerLaw> {
        let kind = self.kind()?;
        kind.layer([self.1, self.2, self.3], width, fan_in.unwrap_or(width))
    }
}

/// A layer but for its numbers.
#[derive(Clone, Copy)]
pub struct Kind {
    family: Family,
    inverted: bool,
    weights: Weights,
}

impl Kind {
    fn mask(self, keep: f64) -> Result<Dropout> {
        match self.inverted {
            true => Dropout::inverted(keep),
            false => Dropout::plain(keep),
        }
    }

    /// The law of a layer of such units; the numbers are slope or lower, upper, keep.
    pub fn layer(self, numbers: [f64; 3], width: i64, fan_in: i64) -> Result<LayerLaw> {
        let [first, second, keep] = numbers;
        let activation = self.family.with([first, second]);
        let width = natural("width", width)?;
        let law = LayerLaw::with_dropout(activation, self.mask(keep)?, width)?;
        law.with_weights(self.weights)
            .with_fan_in(natural("fan_in", fan_in)?)
    }
}

/// An activation but for its slopes.
#[derive(Clone, Copy)]
pub enum Family {
    Linear,
    Relu,
    LeakyRelu,
    RandomizedLeakyRelu,
}

impl Family {
    fn read(name: &str) -> Result<Self> {
        Ok(match name {
            "linear" => Self::Linear,
            "relu" => Self::Relu,
            "leaky-relu" => Self::LeakyRelu,
            "rrelu" => Self::RandomizedLeakyRelu,
            _ => {
                let allowed = "linear, relu, leaky-relu or rrelu";
                return Err(Error::domain("activation", name, allowed));
            }
        })
    }

    fn with(self, [first, second]: [f64; 2]) -> Activation {
        match self {
            Self::Linear => Activation::Linear,
            Self::Relu => Activation::Relu,
            Self::LeakyRelu => Activation::LeakyRelu { slope: first },
            Self::RandomizedLeakyRelu => Activation::RandomizedLeakyRelu {
                lower: first,
                upper: second,
            },
        }
    }
}

/// A number of units as the library counts them, with its sentence for those that are none.
pub fn natural(argument: &'static str, count: i64) -> Result<u64> {
    let most = isomoment::layer_law::MAX_WIDTH;
    u64::try_from(count)
        .map_err(|_| Error::domain(argument, count, format!("an integer from 1 to {most}")))
}
