//! What a network is before it has numbers: layers, units, and the scale of its weights.

use isomoment::activation::{Activation, Dropout};
use isomoment::init::{LayerShape, Scheme};
use isomoment::{Error, Result};

/// Numbers of units at the ends of a network: what comes in and what goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// Numbers of an input.
    pub inputs: usize,
    /// Number of classes.
    pub classes: usize,
}

/// Layers and units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Architecture {
    /// Number of layers, the one to the classes included.
    pub depth: usize,
    /// Units of each layer but the last.
    pub width: usize,
    /// The units of every layer, the last one too.
    pub activation: Activation,
    /// Mask of every layer but the last.
    pub dropout: Dropout,
}

impl Architecture {
    /// Numbers of units from the inputs to the classes.
    pub fn sizes(&self, ends: Ends) -> Vec<usize> {
        let mut sizes = vec![self.width; self.depth + 1];
        sizes[0] = ends.inputs;
        sizes[self.depth] = ends.classes;
        sizes
    }

    /// Standard deviation of each layer's weights under a scheme.
    ///
    /// # Errors
    /// As [`Scheme::standard_deviation`], and [`Error::Domain`] for a depth or width of 0.
    pub fn deviations(&self, scheme: Scheme, ends: Ends) -> Result<Vec<f64>> {
        for (name, value) in [("depth", self.depth), ("width", self.width)] {
            if !(1..=10_000).contains(&value) {
                return Err(Error::domain(name, value, "from 1 to 10000"));
            }
        }
        let sizes = self.sizes(ends);
        let layers = sizes.windows(2).enumerate();
        layers
            .map(|(k, pair)| {
                let shape = LayerShape {
                    fan_in: pair[0] as u64,
                    fan_out: pair[1] as u64,
                };
                let last = k + 1 == self.depth;
                let dropout = if last { Dropout::NONE } else { self.dropout };
                scheme.standard_deviation(self.activation, dropout, shape)
            })
            .collect()
    }
}
