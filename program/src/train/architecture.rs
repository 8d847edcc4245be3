//! What a network is before it has numbers: layers, units, and the scale of its weights.

use crate::train::data::Split;
use crate::train::front::{Convolution, features};
use crate::train::init::{Bias, Choice, Init};
use isomoment::activation::{Activation, Dropout};
use isomoment::init::LayerShape;
use isomoment::{Error, Result};

/// Numbers of units at the ends of a network: what comes in and what goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// Numbers of an input, behind the convolutions.
    pub inputs: usize,
    /// Number of classes.
    pub classes: usize,
}

/// Which of a rectangular layer's two numbers its rule takes for the width d.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WidthOf {
    /// The number of inputs, as the released code of Gürbüzbalaban & Hu does: σ(s, fan_in).
    FanIn,
    /// The number of outputs, on which the law of ‖W x‖ depends; see [`isomoment::Scheme`].
    FanOut,
}

/// Units in the first epochs of cooperative training: the mean of ReLU, of Leaky ReLU with the slope
/// 0.01 and with PReLU's first slope, 0.25.
pub const COOPERATING: Activation = Activation::LeakyRelu { slope: 0.26 / 3.0 };

/// Layers and units.
#[derive(Debug, Clone, PartialEq)]
pub struct Architecture {
    /// Convolutions in front of the layers, drawn as PyTorch draws them, whatever the scheme.
    pub convolutions: Vec<Convolution>,
    /// Number of layers, the one to the classes included.
    pub depth: usize,
    /// Units of each layer but the last.
    pub width: usize,
    /// The units of every layer, the last one too where `activation_last` says so.
    pub activation: Activation,
    /// Mask of every layer but the last.
    pub dropout: Dropout,
    /// How many of the first epochs the units are those of [`COOPERATING`], before they become ReLU.
    pub cooperative: usize,
    /// Whether the last layer has the units of the others; else its units are linear.
    pub activation_last: bool,
    /// Biases before training.
    pub bias: Bias,
    /// Which number a rule takes for a layer's width.
    pub width_of: WidthOf,
}

impl Architecture {
    /// Without convolutions, with units in the last layer too, biases of 0, and a layer's width its
    /// number of outputs.
    pub const fn new(depth: usize, width: usize, activation: Activation, dropout: Dropout) -> Self {
        Self {
            convolutions: Vec::new(),
            depth,
            width,
            activation,
            dropout,
            cooperative: 0,
            activation_last: true,
            bias: Bias::Zero,
            width_of: WidthOf::FanOut,
        }
    }

    /// The units of layer k before training, k counted from 0, and their mask.
    pub fn units(&self, k: usize) -> (Activation, Dropout) {
        let activation = match self.cooperative {
            0 => self.activation,
            _ => COOPERATING,
        };
        self.with_units(k, activation)
    }

    /// The same when cooperation is over.
    pub(super) fn final_units(&self, k: usize) -> (Activation, Dropout) {
        self.with_units(k, self.activation)
    }

    fn with_units(&self, k: usize, activation: Activation) -> (Activation, Dropout) {
        match k + 1 == self.depth {
            false => (activation, self.dropout),
            // the classes are not dropped
            true if self.activation_last => (activation, Dropout::NONE),
            true => (Activation::Linear, Dropout::NONE),
        }
    }

    /// The ends of a network for these data.
    ///
    /// # Errors
    /// As [`features`].
    pub fn ends(&self, data: &Split) -> Result<Ends> {
        Ok(Ends {
            inputs: features(data.image, &self.convolutions)?.numbers(),
            classes: data.classes,
        })
    }

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
    /// As [`Init::standard_deviation`]; [`Error::Domain`] for a depth or width of 0, for AutoInit
    /// behind convolutions, and for cooperation of units that are not to be ReLU.
    pub fn deviations(&self, init: impl Into<Init>, ends: Ends) -> Result<Vec<f64>> {
        for (name, value) in [("depth", self.depth), ("width", self.width)] {
            if !(1..=10_000).contains(&value) {
                return Err(Error::domain(name, value, "from 1 to 10000"));
            }
        }
        let (init, sizes) = (init.into(), self.sizes(ends));
        if !self.convolutions.is_empty() && matches!(init.choice, Choice::AutoInit { .. }) {
            let allowed = "another one behind convolutions, which are not drawn by it";
            return Err(Error::domain("init", init, allowed));
        }
        if self.cooperative > 0 && self.activation != Activation::Relu {
            let allowed = "relu where training is cooperative";
            return Err(Error::domain("activation", self.activation.name(), allowed));
        }
        let layers = sizes.windows(2).enumerate();
        layers
            .map(|(k, pair)| {
                let (fan_in, fan_out) = (pair[0] as u64, pair[1] as u64);
                let shape = match self.width_of {
                    WidthOf::FanIn if init.has_width() => LayerShape::square(fan_in),
                    _ => LayerShape { fan_in, fan_out },
                };
                let behind = k.checked_sub(1).map(|k| self.units(k));
                init.standard_deviation(self.units(k), behind, shape)
            })
            .collect()
    }
}
