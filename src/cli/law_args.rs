//! The arguments that say which layer is meant.

use clap::{Args, ValueEnum};

use crate::activation::{Activation, Dropout};
use crate::error::{Error, Result};
use crate::layer_law::Weights;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Linear,
    Relu,
    #[value(alias = "leaky_relu")]
    LeakyRelu,
    Rrelu,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Masks {
    /// Kept units are scaled by 1/q
    Inverted,
    /// Kept units keep their value
    Plain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ensemble {
    /// Independent normal entries
    Gaussian,
    /// sigma times a Haar-distributed orthogonal matrix
    Orthogonal,
}

impl From<Ensemble> for Weights {
    fn from(ensemble: Ensemble) -> Self {
        match ensemble {
            Ensemble::Gaussian => Self::Gaussian,
            Ensemble::Orthogonal => Self::Orthogonal,
        }
    }
}

/// Activation, dropout and weights, as options.
#[derive(Debug, Clone, Args)]
pub struct LawArgs {
    /// Activation function
    #[arg(long, value_name = "NAME")]
    pub activation: Option<Kind>,
    /// Slope a of leaky-relu for negative inputs [default: 0.01]
    #[arg(long, value_name = "A", allow_negative_numbers = true)]
    slope: Option<f64>,
    /// Smallest slope of rrelu [default: 1/8]
    #[arg(long, value_name = "L", allow_negative_numbers = true)]
    lower: Option<f64>,
    /// Largest slope of rrelu [default: 1/3]
    #[arg(long, value_name = "U", allow_negative_numbers = true)]
    upper: Option<f64>,
    /// Probability with which dropout keeps a unit
    #[arg(
        long,
        value_name = "Q",
        default_value_t = 1.0,
        allow_negative_numbers = true
    )]
    keep: f64,
    /// Whether kept units are scaled by 1/q
    #[arg(long, value_name = "KIND", default_value = "inverted")]
    dropout: Masks,
    /// Ensemble of the weight matrix
    #[arg(long, value_name = "KIND", default_value = "gaussian")]
    weights: Ensemble,
}

impl LawArgs {
    /// The activation; an option that does not belong to it is refused.
    pub fn activation(&self, kind: Kind) -> Result<Activation> {
        let unused = |name: &'static str, value: Option<f64>, owner| match value {
            Some(value) => Err(Error::domain(name, value, owner)),
            None => Ok(()),
        };
        if kind != Kind::LeakyRelu {
            unused("slope", self.slope, "given with leaky-relu only")?;
        }
        if kind != Kind::Rrelu {
            unused("lower", self.lower, "given with rrelu only")?;
            unused("upper", self.upper, "given with rrelu only")?;
        }
        activation(kind, self.slope, self.lower, self.upper)
    }

    pub fn dropout(&self) -> Result<Dropout> {
        mask(self.keep, self.dropout)
    }

    pub fn weights(&self) -> Weights {
        self.weights.into()
    }

    pub fn masks(&self) -> Masks {
        self.dropout
    }
}

/// The dropout mask of a keep probability.
pub fn mask(keep: f64, masks: Masks) -> Result<Dropout> {
    match masks {
        Masks::Inverted => Dropout::inverted(keep),
        Masks::Plain => Dropout::plain(keep),
    }
}

/// The activation of a kind with its slopes, defaults filled in and checked.
pub fn activation(
    kind: Kind,
    slope: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
) -> Result<Activation> {
    let activation = match kind {
        Kind::Linear => Activation::Linear,
        Kind::Relu => Activation::Relu,
        Kind::LeakyRelu => Activation::LeakyRelu {
            slope: slope.unwrap_or(0.01),
        },
        Kind::Rrelu => Activation::RandomizedLeakyRelu {
            lower: lower.unwrap_or(1.0 / 8.0),
            upper: upper.unwrap_or(1.0 / 3.0),
        },
    };
    activation.validate()?;
    Ok(activation)
}
