//! Dropout masks: which units are kept, and what a kept unit is multiplied by.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// Smaller keep probabilities are refused: the square of 1/q would leave the range of a double.
const SMALLEST_KEEP: f64 = 1e-100;

/// A dropout mask: every unit kept with probability q, independently.
///
/// As text `inverted:Q`, `plain:Q`, or `none` for the mask that keeps every unit.
///
/// ```
/// use isomoment::Dropout;
/// let dropout = Dropout::inverted(0.9)?;
/// assert_eq!((dropout.keep(), dropout.gain()), (0.9, 1.0 / 0.9));
/// assert!(Dropout::inverted(0.0).is_err());
/// assert_eq!(dropout.to_string(), "inverted:0.9");
/// assert_eq!("plain:0.5".parse(), Dropout::plain(0.5));
/// assert_eq!("none".parse(), Ok(Dropout::NONE));
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropout {
    keep: f64,
    inverted: bool,
}

impl Dropout {
    /// No dropout: every unit kept.
    pub const NONE: Self = Self {
        keep: 1.0,
        inverted: true,
    };

    /// Kept units are scaled by 1/q, as the deep-learning frameworks do it.
    ///
    /// # Errors
    /// [`Error::Domain`] unless 1e-100 ≤ q ≤ 1.
    pub fn inverted(keep: f64) -> Result<Self> {
        Self::new(keep, true)
    }

    /// Kept units keep their value.
    ///
    /// # Errors
    /// [`Error::Domain`] unless 1e-100 ≤ q ≤ 1.
    pub fn plain(keep: f64) -> Result<Self> {
        Self::new(keep, false)
    }

    fn new(keep: f64, inverted: bool) -> Result<Self> {
        if !(SMALLEST_KEEP..=1.0).contains(&keep) {
            return Err(Error::domain(
                "keep",
                format!("{keep:?}"),
                "a probability from 1e-100 to 1",
            ));
        }
        Ok(Self { keep, inverted })
    }

    /// The keep probability q.
    pub fn keep(&self) -> f64 {
        self.keep
    }

    /// What a kept unit is multiplied by: 1/q, or 1 for plain masks.
    pub fn gain(&self) -> f64 {
        if self.inverted { 1.0 / self.keep } else { 1.0 }
    }
}

impl fmt::Display for Dropout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NONE => f.pad("none"),
            Self {
                keep,
                inverted: true,
            } => write!(f, "inverted:{keep:?}"),
            Self {
                keep,
                inverted: false,
            } => write!(f, "plain:{keep:?}"),
        }
    }
}

impl FromStr for Dropout {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let unknown = || Error::domain("dropout", text, "none, inverted:Q or plain:Q");
        if text == "none" {
            return Ok(Self::NONE);
        }
        let (kind, keep) = text.split_once(':').ok_or_else(unknown)?;
        let keep = keep.parse().map_err(|_| unknown())?;
        match kind {
            "inverted" => Self::inverted(keep),
            "plain" => Self::plain(keep),
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Dropout;

    #[test]
    fn text_is_read_back_to_the_same_mask() {
        for keep in [
            1.0,
            0.9,
            1.0 / 3.0,
            1e-100,
            f64::from_bits(1.0_f64.to_bits() - 1),
        ] {
            for dropout in [Dropout::inverted(keep), Dropout::plain(keep)] {
                let dropout = dropout.unwrap();
                assert_eq!(dropout.to_string().parse(), Ok(dropout));
            }
        }
        for wrong in [
            "",
            "0.9",
            "none:1",
            "plain",
            "inverted:",
            "inverted:0",
            "plain:1.1",
            "plain:NaN",
        ] {
            assert!(wrong.parse::<Dropout>().is_err(), "{wrong}");
        }
    }
}
