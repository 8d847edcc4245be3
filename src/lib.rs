//! Fractional moment-preserving initialization of deep networks: the constants
//! to the last digit, simulations of real networks, and the theorems, verified.
//!
//! # The theory on one page
//!
//! A layer maps x to D φ(W x), W a matrix of independent N(0, σ²) weights, φ
//! with slope 1 on the positive side and slope a on the negative one
//! ([`Activation`]), D a dropout mask ([`Dropout`]). Given x, W x is Gaussian with
//! covariance σ²‖x‖²I, so ‖x_k‖² = σ²‖x_{k−1}‖² Q_k with
//!
//! Q = Σ_{i≤d} cᵢ zᵢ², zᵢ ~ N(0,1), cᵢ the squared slope that unit i happens to have,
//!
//! and the Q of different layers are independent copies of one law
//! ([`LayerLaw`]). From it follow the scale σ(s,d) = E[Q^{s/2}]^{−1/s} that keeps
//! E‖x‖^s constant, the rate μ = log σ + E[½ log Q] and the variance
//! v = Var[½ log Q] per layer of the log-norm, and the chance P(Q=0) that a
//! layer's output is exactly zero.
//!
//! # Entry points
//!
//! The constants of a layer:
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
//! Proved digits come from `layer_law::certified` (feature `certified`).
//! Real networks are simulated by `simulate` (feature `simulate`), the theorems
//! checked by `theorems` (feature `theorems`). Without features only the numeric
//! core remains.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod activation;
pub mod depth;
mod error;
pub mod init;
pub mod layer_law;
pub mod special;

#[cfg(feature = "simulate")]
pub mod simulate;
#[cfg(feature = "simulate")]
pub mod stats;
#[cfg(feature = "theorems")]
pub mod theorems;

pub use activation::{Activation, Dropout};
pub use depth::DepthLaw;
pub use error::{Error, Result};
pub use init::{LayerShape, Scheme};
pub use layer_law::{LayerLaw, LogCumulants, Weights};

/// The README's library example, kept true by running it.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
