//! Scales for [burn](https://docs.rs/burn) models that keep a chosen moment of the signal: weights
//! from N(0, σ²) with σ = σ(s, d)·√(d/fan-in), d the number of units that see the same inputs, and
//! biases 0.
//!
//! [`Scales::redraw`] is for a whole model:
//!
//! | parameter | what it gets |
//! |---|---|
//! | weights of `Linear`, `Conv1d` to `Conv3d` | the scheme's scale |
//! | weights of `ConvTranspose1d` to `ConvTranspose3d` | the same; an error unless a [`Rule`] tells the stride |
//! | their biases | 0 |
//! | norms, embeddings, PReLU, gates (recurrent layers, SwiGLU), low-rank adapters, own modules | what it had |
//!
//! [`fractional`] and [`initializer`] are for one layer, from its configuration.

#![forbid(unsafe_code)]

use burn::nn::Initializer;
use isomoment::{Activation, Dropout, Scheme};

mod error;
mod redraw;
mod report;
mod rule;
mod scales;
mod shape;

pub use error::Error;
pub use redraw::Redraw;
pub use report::{Outcome, Parameter, Reason, Report};
pub use rule::Rule;
pub use scales::Scales;
pub use shape::Shaped;

/// The initializer of a layer that keeps E‖x‖^`moment`, `activation` following it without dropout.
///
/// Burn draws a layer's **bias by the same initializer**, which adds to every moment: turn it off, or
/// let [`Scales::redraw`] zero it.
///
/// ```
/// use burn::nn::LinearConfig;
/// use burn::tensor::Device;
/// use isomoment::Activation;
/// use isomoment_burn::fractional;
/// let config = LinearConfig::new(784, 64).with_bias(false);
/// let initializer = fractional(1.0, Activation::Relu, &config)?;
/// let layer = config.with_initializer(initializer).init(&Device::default());
/// # let _ = layer;
/// # Ok::<(), isomoment_burn::Error>(())
/// ```
///
/// # Errors
/// As for [`initializer`].
pub fn fractional(
    moment: f64,
    activation: Activation,
    layer: &impl Shaped,
) -> Result<Initializer, Error> {
    let scheme = Scheme::Fractional(moment);
    initializer(scheme, activation, Dropout::NONE, layer)
}

/// The initializer of a layer, for its `with_initializer`: N(0, σ²) with σ = σ(s, d)·√(d/fan-in) for
/// [`Scheme::Fractional`], the same with the Lyapunov scale for [`Scheme::Lyapunov`], and He's and
/// LeCun's rules of fan-in. Convolutions get the scale of an image that is constant over positions.
///
/// Burn draws the bias by it too: see [`fractional`].
///
/// ```
/// use burn::nn::Initializer;
/// use burn::nn::conv::Conv2dConfig;
/// use isomoment::{Activation, Dropout, Scheme};
/// use isomoment_burn::initializer;
/// // 3 × 3 from 16 channels to 32, in 4 groups
/// let config = Conv2dConfig::new([16, 32], [3, 3]).with_groups(4);
/// let he = initializer(Scheme::He, Activation::Relu, Dropout::NONE, &config)?;
/// assert!(matches!(he, Initializer::Normal { std, .. } if (std * std - 2.0 / 36.0).abs() < 1e-15));
/// # Ok::<(), isomoment_burn::Error>(())
/// ```
///
/// # Errors
/// [`Error::Scheme`] for schemes other than `fractional:S`, `lyapunov`, `he` and `lecun`;
/// [`Error::Library`] for what [`Shaped::shape`] and [`Scheme::standard_deviation`] refuse.
pub fn initializer(
    scheme: Scheme,
    activation: Activation,
    dropout: Dropout,
    layer: &impl Shaped,
) -> Result<Initializer, Error> {
    let std = shape::standard_deviation(scheme, activation, dropout, &layer.shape()?)?;
    Ok(Initializer::Normal { mean: 0.0, std })
}

/// The README's example runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
