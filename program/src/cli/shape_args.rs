//! The options that say how large a layer is.

use clap::Args;
use isomoment::init::LayerShape;

use crate::cli::count::count;
use crate::cli::outcome::Refusal;

/// A width, or inputs and outputs.
#[derive(Debug, Clone, Args)]
pub struct ShapeArgs {
    /// Width d
    #[arg(long, value_name = "D", value_parser = count, allow_negative_numbers = true)]
    width: Option<u64>,
    /// Inputs of a rectangular layer
    #[arg(long, value_name = "N", value_parser = count, requires = "fan_out", conflicts_with = "width")]
    fan_in: Option<u64>,
    /// Outputs of a rectangular layer
    #[arg(long, value_name = "N", value_parser = count, requires = "fan_in", conflicts_with = "width")]
    fan_out: Option<u64>,
}

impl ShapeArgs {
    pub fn shape(&self) -> Result<LayerShape, Refusal> {
        match (self.width, self.fan_in, self.fan_out) {
            (Some(width), ..) => Ok(LayerShape::square(width)),
            (None, Some(fan_in), Some(fan_out)) => Ok(LayerShape { fan_in, fan_out }),
            _ => Err(Refusal::missing("width")),
        }
    }
}
