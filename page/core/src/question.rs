//! The question as the page puts it: a layer and an order, as a row of doubles.

use isomoment::{Activation, Dropout, Error, LayerLaw, LayerShape, Result, Weights};

/// The layer that is asked about, and the order s of the moment; 0 means the Lyapunov scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Question {
    activation: Activation,
    dropout: Dropout,
    weights: Weights,
    pub shape: LayerShape,
    pub order: f64,
}

/// Numbers of a [`Question`].
pub const LENGTH: usize = 9;

impl Question {
    /// From activation (0 linear, 1 ReLU, 2 Leaky ReLU, 3 RReLU), slope or lower slope, upper slope,
    /// keep probability, masks (0 inverted, 1 plain), weights (0 Gaussian, 1 orthogonal), fan-in,
    /// fan-out, order.
    ///
    /// # Errors
    /// [`Error::Domain`] that names the field of the page.
    pub fn read(numbers: &[f64; LENGTH]) -> Result<Self> {
        let [
            kind,
            slope,
            upper,
            keep,
            masks,
            weights,
            fan_in,
            fan_out,
            order,
        ] = *numbers;
        let activation = match kind {
            0.0 => Activation::Linear,
            1.0 => Activation::Relu,
            2.0 => Activation::LeakyRelu { slope },
            _ => Activation::RandomizedLeakyRelu {
                lower: slope,
                upper,
            },
        };
        Ok(Self {
            activation,
            dropout: match masks {
                0.0 => Dropout::inverted(keep),
                _ => Dropout::plain(keep),
            }?,
            weights: match weights {
                0.0 => Weights::Gaussian,
                _ => Weights::Orthogonal,
            },
            shape: LayerShape {
                fan_in: whole("fan_in", fan_in)?,
                fan_out: whole("fan_out", fan_out)?,
            },
            order,
        })
    }

    /// The layer's law.
    ///
    /// # Errors
    /// As [`LayerLaw::with_dropout`].
    pub fn layer(&self) -> Result<LayerLaw> {
        LayerLaw::with_dropout(self.activation, self.dropout, self.shape.fan_out)?
            .with_weights(self.weights)
            .with_fan_in(self.shape.fan_in)
    }

    /// ½ log(fan-in/fan-out): what the log of the root-mean-square gains where that of the norm
    /// gains nothing.
    pub fn aspect(&self) -> f64 {
        0.5 * (self.shape.fan_in as f64 / self.shape.fan_out as f64).ln()
    }
}

/// A count that arrives as a double.
///
/// # Errors
/// [`Error::Domain`] unless it is an integer from 1 to 2⁵³.
pub fn whole(argument: &'static str, number: f64) -> Result<u64> {
    if number >= 1.0 && number <= isomoment::layer_law::MAX_WIDTH as f64 && number.fract() == 0.0 {
        return Ok(number as u64);
    }
    let allowed = "an integer from 1 to 9007199254740992";
    Err(Error::domain(argument, number, allowed))
}
