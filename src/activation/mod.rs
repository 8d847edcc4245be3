//! Which slope a unit has: the activation functions and the dropout masks.
//!
//! Every activation here is positively homogeneous: φ(z) = z for z ≥ 0 and
//! φ(z) = a·z for z < 0. What the theory needs is the law of c, the squared
//! slope that a unit happens to have, when its pre-activation is symmetric.

mod dropout;
mod slope_law;

use std::fmt;

pub use dropout::Dropout;
pub(crate) use slope_law::{SlopeLaw, UniformSlope, same_slope};

use crate::error::{Error, Result};

/// Slopes of magnitude below this (but not 0) or above its reciprocal are refused:
/// their squares would leave the range of a double.
const SMALLEST_SLOPE: f64 = 1e-100;

/// A positively homogeneous activation: slope 1 for z ≥ 0, slope a for z < 0.
///
/// ```
/// use isomoment::Activation;
/// let activation = Activation::LeakyRelu { slope: 0.01 };
/// assert_eq!(activation.apply(-2.0, 0.0), -0.02);
/// assert_eq!(activation.to_string(), "Leaky ReLU (a = 0.01)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Activation {
    /// φ(z) = z.
    Linear,
    /// φ(z) = max(z, 0).
    Relu,
    /// φ(z) = max(z, 0) + a·min(z, 0) with a fixed real slope a of either sign.
    LeakyRelu {
        /// The slope a for z < 0.
        slope: f64,
    },
    /// As Leaky ReLU, with a ~ U(lower, upper) drawn for every unit of every layer.
    RandomizedLeakyRelu {
        /// Smallest slope l.
        lower: f64,
        /// Largest slope u ≥ l.
        upper: f64,
    },
}

impl Activation {
    /// Randomized Leaky ReLU with PyTorch's default bounds l = 1/8 and u = 1/3.
    pub const RRELU_DEFAULT: Self = Self::RandomizedLeakyRelu {
        lower: 1.0 / 8.0,
        upper: 1.0 / 3.0,
    };

    /// φ(z), the slope for z < 0 being drawn by `uniform` ∈ [0, 1): a = l + (u − l)·uniform.
    ///
    /// `uniform` matters only for [`Activation::RandomizedLeakyRelu`].
    pub fn apply(&self, z: f64, uniform: f64) -> f64 {
        if z >= 0.0 {
            return z;
        }
        z * self.negative_slope(uniform)
    }

    /// The slope for z < 0, given a uniform draw in [0, 1).
    pub fn negative_slope(&self, uniform: f64) -> f64 {
        match *self {
            Self::Linear => 1.0,
            Self::Relu => 0.0,
            Self::LeakyRelu { slope } => slope,
            Self::RandomizedLeakyRelu { lower, upper } => lower + (upper - lower) * uniform,
        }
    }

    /// `Ok` when the slopes are finite, ordered and representable.
    ///
    /// # Errors
    /// [`Error::Domain`] that names the slope and the allowed range.
    pub fn validate(&self) -> Result<()> {
        match *self {
            Self::Linear | Self::Relu => Ok(()),
            Self::LeakyRelu { slope } => validate_slope("slope", slope),
            Self::RandomizedLeakyRelu { lower, upper } => {
                for (argument, bound) in [("lower", lower), ("upper", upper)] {
                    if !bound.is_finite() || bound.abs() > 1.0 / SMALLEST_SLOPE {
                        return validate_slope(argument, bound);
                    }
                }
                if lower > upper {
                    return Err(Error::domain(
                        "lower",
                        format!("{lower:?}, upper {upper:?}"),
                        "at most upper",
                    ));
                }
                // a uniform slope may come close to 0, but not have nothing but tiny values
                let largest = lower.abs().max(upper.abs());
                validate_slope("upper", largest.copysign(upper))
            }
        }
    }

    /// The name that the program and the data files use: `linear`, `relu`, `leaky-relu`, `rrelu`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Relu => "relu",
            Self::LeakyRelu { .. } => "leaky-relu",
            Self::RandomizedLeakyRelu { .. } => "rrelu",
        }
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Linear => write!(f, "linear"),
            Self::Relu => write!(f, "ReLU"),
            Self::LeakyRelu { slope } => write!(f, "Leaky ReLU (a = {slope})"),
            Self::RandomizedLeakyRelu { lower, upper } => {
                write!(f, "RReLU ({}–{})", short(*lower), short(*upper))
            }
        }
    }
}

/// At most four decimals.
fn short(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

fn validate_slope(argument: &'static str, slope: f64) -> Result<()> {
    let size = slope.abs();
    if slope == 0.0 || (SMALLEST_SLOPE..=1.0 / SMALLEST_SLOPE).contains(&size) {
        return Ok(());
    }
    Err(Error::domain(
        argument,
        format!("{slope:?}"),
        "0 or of magnitude from 1e-100 to 1e100",
    ))
}
