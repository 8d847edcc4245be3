//! The one error type of the numeric core: which argument, which value, which range.

use std::borrow::Cow;

/// Why a value could not be computed.
///
/// Every message is one sentence that names the argument, the offending value
/// and the allowed range.
///
/// ```
/// use isomoment::{Activation, LayerLaw};
/// let error = LayerLaw::new(Activation::Relu, 0).unwrap_err();
/// assert_eq!(error.to_string(), "width is 0; it must be an integer from 1 to 9007199254740992");
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument lies outside the set on which the quantity is defined.
    #[error("{argument} is {value}; it must be {allowed}")]
    Domain {
        /// Name of the argument.
        argument: &'static str,
        /// The value given, as text.
        value: String,
        /// The allowed range, in words.
        allowed: Cow<'static, str>,
    },
    /// The quantity exists but no finite `f64` represents it.
    #[error("{quantity} {direction} the range of a double ({context})")]
    Range {
        /// The quantity asked for.
        quantity: &'static str,
        /// "overflows" or "underflows".
        direction: &'static str,
        /// The case, as text.
        context: String,
    },
    /// The quantity exists, but more terms than are taken would be needed for it.
    #[error("{quantity} would need too many terms ({context})")]
    Unresolved {
        /// The quantity asked for.
        quantity: &'static str,
        /// The case, as text.
        context: String,
    },
}

impl Error {
    /// An [`Error::Domain`] from any displayable value.
    pub fn domain(
        argument: &'static str,
        value: impl std::fmt::Display,
        allowed: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::Domain {
            argument,
            value: value.to_string(),
            allowed: allowed.into(),
        }
    }

    /// The same error, what it calls `from` being called `to`: for a caller whose argument has another name.
    ///
    /// ```
    /// use isomoment::{Activation, LayerLaw};
    /// let error = LayerLaw::new(Activation::Relu, 0).unwrap_err().renamed("width", "hidden");
    /// assert_eq!(error.to_string(), "hidden is 0; it must be an integer from 1 to 9007199254740992");
    /// ```
    #[must_use]
    pub fn renamed(mut self, from: &str, to: &'static str) -> Self {
        if let Self::Domain { argument, .. } = &mut self
            && *argument == from
        {
            *argument = to;
        }
        self
    }
}

/// `Ok(value)` when it is finite, else the [`Error::Range`] that says so.
pub(crate) fn representable(
    quantity: &'static str,
    value: f64,
    context: impl FnOnce() -> String,
) -> Result<f64> {
    if value.is_finite() && value != 0.0 {
        return Ok(value);
    }
    let direction = if value == 0.0 {
        "underflows"
    } else {
        "overflows"
    };
    Err(Error::Range {
        quantity,
        direction,
        context: context(),
    })
}

/// Result of the numeric core.
pub type Result<T> = std::result::Result<T, Error>;
