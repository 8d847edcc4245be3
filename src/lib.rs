//! Which weight scale keeps a chosen moment of a deep network's signal constant from layer to
//! layer, and what the signal then does: the constants to double precision or to any number of
//! proved digits, the exact law at every depth, simulations, and the theorems with their tests.
//!
//! # The theory on one page
//!
//! A layer maps x to D φ(W x), W a matrix of independent N(0, σ²) weights, φ with slope 1 on the
//! positive side and slope a on the negative one ([`Activation`]), D a dropout mask ([`Dropout`]).
//! Given x, W x is Gaussian with covariance σ²‖x‖²I, so ‖x_k‖² = σ²‖x_{k−1}‖² Q_k with
//!
//! Q = Σ_{i≤d} cᵢ zᵢ², zᵢ ~ N(0,1), cᵢ the squared slope that unit i happens to have,
//!
//! and the Q of different layers are independent copies of one law ([`LayerLaw`]). From it follow
//! the scale σ(s,d) = E[Q^{s/2}]^{−1/s} that keeps E‖x‖^s constant, the rate
//! μ = log σ + E[½ log Q | Q>0] and the variance v = Var[½ log Q | Q>0] per layer of the log-norm,
//! and the chance P(Q=0) that a layer's output is exactly zero.
//!
//! # Entry points
//!
//! **The constants of a layer**, [`LayerLaw`]:
//!
//! ```
//! use isomoment::{Activation, Dropout, LayerLaw};
//!
//! let law = LayerLaw::with_dropout(Activation::Relu, Dropout::inverted(0.9)?, 256)?;
//! let sigma = law.scale(1.0)?; // standard deviation of the weights
//! let rate = law.log_growth(1.0)?; // of log‖x_k‖ per layer, given survival
//! assert!(sigma > law.scale(2.0)?); // larger than He's
//! assert!(rate < 0.0); // and still the typical output vanishes
//! # Ok::<(), isomoment::Error>(())
//! ```
//!
//! **Weights for a layer's shape**, [`Scheme`], with the usual rules beside σ(s,d):
//!
//! ```
//! use isomoment::{Activation, Dropout, LayerShape, Scheme};
//!
//! let shape = LayerShape { fan_in: 784, fan_out: 64 };
//! let he = Scheme::He.standard_deviation(Activation::Relu, Dropout::NONE, shape)?;
//! let first = Scheme::Fractional(1.0).standard_deviation(Activation::Relu, Dropout::NONE, shape)?;
//! assert!(he < first && first < 1.02 * he);
//! # Ok::<(), isomoment::Error>(())
//! ```
//!
//! **Gains of any activation**, [`gain`], at a level of the input:
//!
//! ```
//! use isomoment::gain::{LevelLaw, Nonlinearity};
//!
//! let gelu = LevelLaw::new(Nonlinearity::Gelu, 64)?.gain(1.0, 1.0)?;
//! let sigma = gelu.gain / (784.0_f64).sqrt(); // of 784 inputs, keeps E[rms] at 1
//! # assert!((gelu.gain - 1.4833).abs() < 1e-4 && sigma > 0.05);
//! # Ok::<(), isomoment::Error>(())
//! ```
//!
//! **The law after k layers**, [`DepthLaw`]: probabilities, quantiles, tails.
//!
//! ```
//! use isomoment::{Activation, DepthLaw, LayerLaw};
//!
//! let layer = LayerLaw::new(Activation::Relu, 16)?;
//! let deep = DepthLaw::preserving(&layer, 1.0, 50)?;
//! let vanished = deep.below(0.01)?; // P(‖x₅₀‖ ≤ ‖x₀‖/100), networks that died included
//! assert!((vanished - 0.165).abs() < 0.001);
//! # Ok::<(), isomoment::Error>(())
//! ```
//!
//! **Residual blocks** x ↦ x + β W₂ φ(W₁x), [`ResidualLaw`]:
//!
//! ```
//! use isomoment::{Activation, LayerLaw, ResidualLaw};
//!
//! let hidden = LayerLaw::new(Activation::Relu, 256)?;
//! let block = ResidualLaw::new(&hidden, 1e-5, 64)?; // (βσ₁σ₂)² = 1e-5
//! let skip = block.scale(1.0)?; // keeps E‖x‖ in skip·(x + β W₂ φ(W₁x))
//! assert!(skip < 1.0);
//! # Ok::<(), isomoment::Error>(())
//! ```
//!
//! **Heavy-tailed weights**, [`StableLaw`]:
//!
//! ```
//! use isomoment::{Activation, StableLaw};
//!
//! let law = StableLaw::new(1.5, Activation::Relu, 256)?; // α-stable weights, α = 3/2
//! let gamma = law.scale(1.0)?; // their scale that keeps E‖x‖ in the norm (Σ|xᵢ|^α)^{1/α}
//! assert!(law.infinite_width_scale()? > 1.5 * gamma);
//! # Ok::<(), isomoment::Error>(())
//! ```
//!
//! **Proved digits**, [`layer_law::certified`]:
//!
//! ```
//! # #[cfg(feature = "certified")] {
//! use isomoment::layer_law::certified::{ExactLayer, Rational};
//!
//! let sigma = ExactLayer::relu(64)?.scale(&Rational::integer(1), 30)?;
//! assert_eq!(sigma, "0.178528028664370361706517788598");
//! # }
//! # Ok::<(), isomoment::Error>(())
//! ```
//!
//! **Simulated networks**, [`simulate`]:
//!
//! ```
//! # #[cfg(feature = "simulate")] {
//! use isomoment::simulate::{Level, Model, Plan, Simulator, simulate};
//! use isomoment::{Activation, Dropout, LayerLaw};
//!
//! let sigma = LayerLaw::new(Activation::Relu, 16)?.scale(1.0)?;
//! let network = Model::square(Activation::Relu, Dropout::NONE, 16, sigma, 50)?;
//! let simulator = Simulator::new(network, Level::Network)?; // every weight is drawn
//! let paths = simulate(&simulator, Plan { seed: 1, trajectories: 1000 }, |_| ());
//! let vanished = paths.iter().filter(|p| p.log_norm(50) < 0.01_f64.ln()).count();
//! assert!((120..210).contains(&vanished)); // about 165
//! # }
//! # Ok::<(), isomoment::Error>(())
//! ```
//!
//! **The theorems**, [`theorems`], each with its checks, their power and negative controls:
//!
//! ```
//! # #[cfg(feature = "theorems")] {
//! use isomoment::theorems::{Settings, Theorem};
//!
//! let settings = Settings { seed: 1, effort: 1.0 };
//! let findings = Theorem::T2.run(&settings, &|_| ())?;
//! assert!(findings.checks.iter().all(|check| check.control.rejected));
//! # }
//! # Ok::<(), isomoment::Error>(())
//! ```
//!
//! # Crate features
//!
//! None is on by default.
//!
//! - *(default)*: the numbers: constants, initialization scales, laws of one layer and of many.
//! - **certified**: proved digits of the constants, in arbitrary precision.
//! - **simulate**: simulated networks, on all cores, and the statistics of their outputs.
//! - **runs**: simulations of any length: shares for several machines, interruption and resumption,
//!   merging, paths as CSV and NPZ; it includes `simulate`.
//! - **theorems**: the theorems' checks, on simulated networks, with their power and negative
//!   controls; it includes `simulate`.
//!
//! # Accuracy
//!
//! [`LayerLaw::scale`] and [`LayerLaw::moment`] are off by less than 4e-15 (σ by 5e-15 where slopes
//! below 1e-20 meet s < 0.1), the distribution function of [`DepthLaw`] by less than 1e-13;
//! `docs/accuracy.md` has what was measured and by which command. Proofs are in `proofs-notes/`; both
//! folders are in the repository and in the package.
#![cfg_attr(
    not(feature = "certified"),
    doc = "\n[`layer_law::certified`]: #crate-features"
)]
#![cfg_attr(not(feature = "simulate"), doc = "\n[`simulate`]: #crate-features")]
#![cfg_attr(not(feature = "theorems"), doc = "\n[`theorems`]: #crate-features")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod activation;
mod convolution;
#[cfg(feature = "simulate")]
mod cores;
pub mod depth;
pub mod diagnosis;
mod error;
pub mod gain;
pub mod init;
pub mod layer_law;
mod limits;
pub mod residual;
mod special;
pub mod stable;
mod step_law;

#[cfg(feature = "simulate")]
pub mod simulate;
#[cfg(feature = "simulate")]
pub mod stats;
#[cfg(feature = "theorems")]
pub mod theorems;

pub use activation::{Activation, Dropout};
pub use convolution::{Bracket, ConvolutionShape};
pub use depth::DepthLaw;
pub use error::{Error, Result};
pub use init::{LayerShape, Scheme};
pub use layer_law::{LayerLaw, LogCumulants, Weights};
pub use residual::ResidualLaw;
pub use stable::StableLaw;
pub use step_law::StepLaw;

/// The README's library example, kept true by running it.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
