//! Why a layer has no scale.

use isomoment::Scheme;

/// Why a layer has no scale; each message names what is wrong and the allowed range.
///
/// ```
/// use burn::nn::LinearConfig;
/// use isomoment::Activation;
/// use isomoment_burn::fractional;
/// let error = fractional(1.0, Activation::Relu, &LinearConfig::new(784, 0)).unwrap_err();
/// assert!(error.to_string().contains("is 0; it must be"));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A scheme that asks for more than a layer's shape tells.
    #[error("scheme is {0}; it must be fractional:S, lyapunov, he or lecun here")]
    Scheme(Scheme),
    /// A transposed convolution, the stride of which no rule tells.
    #[error(
        "the stride of a transposed convolution is unknown; tell it by a rule for this name, \
         Rule::new().transposed(&[2, 2]), or Rule::leave_alone()"
    )]
    Stride,
    /// A rule that tells a stride of what is no transposed convolution.
    #[error("a rule gives a stride, but the layer is no transposed convolution")]
    NotTransposed,
    /// A name given to `Scales::with` that no parameter of the model has.
    #[error("no parameter is {0} or under it; the names are those in the report of a model")]
    Unused(String),
    /// What the library refuses: groups that do not divide, moments that do not exist.
    #[error(transparent)]
    Library(#[from] isomoment::Error),
    /// One of these, with the parameter of a model that it is about.
    #[error("{path} of shape {dims:?}: {source}")]
    Parameter {
        /// The parameter's path, `first.weight`.
        path: String,
        /// Its shape.
        dims: Vec<usize>,
        /// Why it has no scale.
        source: Box<Error>,
    },
}
