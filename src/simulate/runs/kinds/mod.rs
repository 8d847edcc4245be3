//! The kinds of networks that runs draw, in words that another program can read: a file for each.

mod convolutions;
mod layers;
mod nonlinear;
mod parts;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::simulate::runs::Networks;

/// What decides the numbers of a kind of networks, but for seed and recorded layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Kind {
    /// Fully connected networks, and stacks of residual blocks: [`Simulator`](crate::simulate::Simulator).
    Layers(layers::Fields),
    /// Networks of any activation: [`NonlinearNetwork`](crate::simulate::NonlinearNetwork).
    Nonlinear(nonlinear::Fields),
    /// Convolutional networks: [`ImageNetwork`](crate::simulate::ImageNetwork).
    Convolutions(convolutions::Fields),
}

/// Networks that describe themselves.
pub trait Described {
    /// In words.
    fn describe(&self) -> Kind;
}

impl Kind {
    /// The networks that are described.
    pub fn networks(&self) -> Result<Arc<dyn Networks>> {
        Ok(match self {
            Self::Layers(fields) => Arc::new(fields.networks()?),
            Self::Nonlinear(fields) => Arc::new(fields.networks()?),
            Self::Convolutions(fields) => Arc::new(fields.networks()?),
        })
    }
}
