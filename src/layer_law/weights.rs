//! From which ensemble a weight matrix is drawn.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// The ensemble of the weight matrix: `gaussian` or `orthogonal` as text.
///
/// ```
/// use isomoment::Weights;
/// assert_eq!(Weights::Orthogonal.to_string(), "orthogonal");
/// assert_eq!("gaussian".parse(), Ok(Weights::Gaussian));
/// assert!("Gaussian".parse::<Weights>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weights {
    /// Independent N(0, σ²) entries.
    #[default]
    Gaussian,
    /// σ times a Haar-distributed orthogonal matrix: W x is uniform on a sphere,
    /// so Q is that of Gaussian weights divided by an independent χ²_d. In rectangular layers
    /// ([`LayerLaw::with_fan_in`](crate::LayerLaw::with_fan_in)) the rows or, if there are more of
    /// them, the columns are orthonormal.
    Orthogonal,
}

impl fmt::Display for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Gaussian => "gaussian",
            Self::Orthogonal => "orthogonal",
        })
    }
}

impl FromStr for Weights {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        [Self::Gaussian, Self::Orthogonal]
            .into_iter()
            .find(|weights| weights.to_string() == text)
            .ok_or_else(|| Error::domain("weights", text, "gaussian or orthogonal"))
    }
}
