//! Why a layer has no scale.

use isomoment::Scheme;

/// Why a layer has no scale; each message names what is wrong and the allowed range.
///
/// It turns into candle's error by `?`.
///
/// ```
/// use isomoment::{Activation, Scheme};
/// use isomoment_candle::{Error, Rule, init};
/// let error = init(Scheme::He, Activation::Relu, Rule::new(), &[3]).unwrap_err();
/// assert_eq!(error, Error::Dimensions(1));
/// assert_eq!(error.to_string(), "dims has 1 entries; it must have at least 2");
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Weights of this many dimensions belong to no layer that is known here.
    #[error("dims has {0} entries; it must have at least 2")]
    Dimensions(usize),
    /// A scheme that asks for more than the shape of one tensor tells.
    #[error("scheme is {0}; it must be fractional:S, lyapunov, he or lecun here")]
    Scheme(Scheme),
    /// The scale of a layer that a rule leaves to candle.
    #[error("a rule that leaves the layer to candle has no scale")]
    LeftAlone,
    /// A transposed convolution, the stride of which no rule tells.
    #[error(
        "it seems to be of a transposed convolution, whose stride is unknown; tell it by a rule for \
         this name, Rule::new().transposed(&[2, 2]), or Rule::leave_alone()"
    )]
    Stride,
    /// What the library refuses: groups that do not divide, moments that do not exist.
    #[error(transparent)]
    Library(#[from] isomoment::Error),
}

impl From<Error> for candle_core::Error {
    fn from(error: Error) -> Self {
        Self::wrap(error)
    }
}
