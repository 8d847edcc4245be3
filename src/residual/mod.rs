//! Residual blocks x ↦ x + β W₂ φ(W₁x): the law of R = ‖x′‖²/‖x‖² (T13).
//!
//! With W₁ of m hidden units and standard deviation σ₁, W₂ of d units and σ₂, independent and
//! Gaussian, R = (1 + r g)² + r² χ²_{d−1} whatever x is, r² = τ²Q, τ² = (βσ₁σ₂)² and Q the
//! [`LayerLaw`] of the hidden units. `mixture.rs` has the law of R as a mixture over r², from which
//! everything here is an expectation.
//!
//! ```
//! use isomoment::{Activation, LayerLaw, ResidualLaw};
//! let hidden = LayerLaw::new(Activation::Relu, 64)?;
//! let block = ResidualLaw::new(&hidden, 1.0 / 4096.0, 64)?; // both scales 1/8, β = 1
//! assert!((block.moment(2.0)? - 1.5).abs() < 1e-14); // E R = 1 + d τ² E Q
//! let a = block.scale(2.0)?; // a(x + β W₂ φ(W₁x)) keeps E‖x‖²
//! assert!((a - 1.5_f64.powf(-0.5)).abs() < 1e-15);
//! assert!(block.log_cumulants().mean > 0.0); // without it the typical norm grows
//! # Ok::<(), isomoment::Error>(())
//! ```

mod density;
mod mixture;

use crate::error::{Error, Result, representable};
use crate::layer_law::{LayerLaw, LogCumulants, LogDensity, Weights, cumulants_of};
use crate::limits::{check_positive, check_width};
use crate::step_law::StepLaw;
use mixture::Mixture;

/// Smallest and largest τ².
const BRANCHES: (f64, f64) = (1e-100, 1e100);

/// The law of R = ‖x′‖²/‖x‖² of a residual block x′ = x + β W₂ φ(W₁x).
///
/// Where all hidden units can be dead, x′ = x and R = 1 then.
#[derive(Debug, Clone)]
pub struct ResidualLaw {
    hidden: LayerLaw,
    branch: f64,
    width: u64,
    mixture: Mixture,
}

/// E‖x_L‖^s/‖x₀‖^s of L blocks with the L-th part of a branch each:
/// e^`exponent`·(1 + `correction`/L + O(1/L²)).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ManyBlocks {
    /// p(d + 2p − 2) τ² E Q with p = s/2.
    pub exponent: f64,
    /// ½(p(d+2p−2)(p−1)(d+2p−4) E[(τ²Q)²] − `exponent`²).
    pub correction: f64,
}

impl ResidualLaw {
    /// For blocks of `width` units, with these hidden units and τ² = (βσ₁σ₂)² = `branch`.
    ///
    /// # Errors
    /// [`Error::Domain`] for a branch outside 1e-100 … 1e100, a width of 0 or above 2⁵³, and hidden
    /// units with orthogonal weights.
    pub fn new(hidden: &LayerLaw, branch: f64, width: u64) -> Result<Self> {
        check_width("width", width)?;
        if hidden.weights() != Weights::Gaussian {
            let weights = hidden.weights();
            return Err(Error::domain(
                "weights",
                weights,
                "gaussian in a residual block",
            ));
        }
        if !(BRANCHES.0..=BRANCHES.1).contains(&branch) {
            let allowed = "(βσ₁σ₂)², from 1e-100 to 1e100";
            return Err(Error::domain("branch", format!("{branch:?}"), allowed));
        }
        Ok(Self {
            mixture: Mixture::new(hidden, branch, width)?,
            hidden: hidden.clone(),
            branch,
            width,
        })
    }

    /// For the output of `blocks` pre-normalised blocks x ↦ x + β W₂ φ(W₁x·√d/‖x‖), started at
    /// ‖x₀‖ = `norm`, relative to it.
    ///
    /// Each block adds an independent normal vector of variance dτ²Q per entry, so that L of them
    /// together are one block with L times as many hidden units and the branch dτ²/‖x₀‖².
    ///
    /// ```
    /// use isomoment::{Activation, LayerLaw, ResidualLaw};
    /// let hidden = LayerLaw::new(Activation::Relu, 16)?;
    /// let stream = ResidualLaw::pre_normalised(&hidden, 0.01, 8, 12, 2.0)?;
    /// // E‖x_L‖² = ‖x₀‖² + L d² τ² E Q
    /// let second = 4.0 * stream.moment(2.0)?;
    /// assert!((second - (4.0 + 12.0 * 64.0 * 0.01 * 8.0)).abs() < 1e-12);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`ResidualLaw::new`]; [`Error::Domain`] for no blocks, more than 2⁵³ hidden units in all,
    /// and a norm that is not positive and finite.
    pub fn pre_normalised(
        hidden: &LayerLaw,
        branch: f64,
        width: u64,
        blocks: u64,
        norm: f64,
    ) -> Result<Self> {
        check_width("blocks", blocks)?;
        check_positive("norm", norm)?;
        let units = hidden.width().saturating_mul(blocks);
        check_width("blocks times hidden units", units)?;
        let all = LayerLaw::with_dropout(hidden.activation(), hidden.dropout(), units)?
            .with_weights(hidden.weights());
        Self::new(&all, width as f64 * branch / norm / norm, width)
    }

    /// The law of the hidden units' Q.
    pub fn hidden(&self) -> &LayerLaw {
        &self.hidden
    }

    /// τ² = (βσ₁σ₂)².
    pub fn branch(&self) -> f64 {
        self.branch
    }

    /// d.
    pub fn width(&self) -> u64 {
        self.width
    }

    /// E[R^{s/2}] = E‖x′‖^s/‖x‖^s. Relative error below 5e-14 against reference values
    /// (`tests/residual.rs`).
    ///
    /// # Errors
    /// [`Error::Domain`] unless 0 < s ≤ 8; [`Error::Range`] on overflow.
    pub fn moment(&self, s: f64) -> Result<f64> {
        check_order(s)?;
        let p = 0.5 * s;
        let rise = self.mixture.log_power_mean(p);
        let value = self.mixture.mean().powf(p) * (p * rise).exp();
        representable("the moment", value, || self.context(s))
    }

    /// The skip scale a = E[R^{s/2}]^{−1/s}: x ↦ a(x + βW₂φ(W₁x)) keeps E‖x‖^s constant. As
    /// accurate as [`ResidualLaw::moment`].
    ///
    /// # Errors
    /// As [`ResidualLaw::moment`].
    pub fn scale(&self, s: f64) -> Result<f64> {
        check_order(s)?;
        let rise = self.mixture.log_power_mean(0.5 * s);
        let value = (-0.5 * rise).exp() / self.mixture.mean().sqrt();
        representable("the skip scale", value, || self.context(s))
    }

    /// Mean, variance and third cumulant of ½ log R, the growth of the log-norm in a block.
    ///
    /// The mean is positive for widths from 2 on, negative at width 1 and small branches. Errors
    /// against reference values (`tests/residual.rs`): mean 1e-14, variance 1e-14 of itself; the
    /// third cumulant, a difference, has about 1e-15 times the variance.
    pub fn log_cumulants(&self) -> LogCumulants {
        let moments = self.mixture.log_moments();
        let (variance, third) = cumulants_of(moments);
        LogCumulants {
            mean: 0.5 * (self.mixture.log_mean() + moments[0]),
            variance: 0.25 * variance,
            third: 0.125 * third,
        }
    }

    /// log a + E ½ log R: the growth rate of log‖x‖ per block at the skip scale a of order s;
    /// negative.
    ///
    /// # Errors
    /// As [`ResidualLaw::moment`].
    pub fn log_growth(&self, s: f64) -> Result<f64> {
        check_order(s)?;
        // E R cancels
        let mixture = &self.mixture;
        let rate = 0.5 * (mixture.log_power_mean(0.0) - mixture.log_power_mean(0.5 * s));
        representable("the growth rate", rate, || self.context(s))
    }

    /// What L blocks of the branch τ²/L each do to E‖x‖^s, as L grows: β = b/√L.
    ///
    /// ```
    /// use isomoment::{Activation, LayerLaw, ResidualLaw};
    /// let hidden = LayerLaw::new(Activation::Relu, 64)?;
    /// let whole = ResidualLaw::new(&hidden, 1.0 / 4096.0, 64)?;
    /// let limit = whole.many_blocks(1.0)?;
    /// let one_of_100 = ResidualLaw::new(&hidden, 0.01 / 4096.0, 64)?;
    /// let exact = one_of_100.moment(1.0)?.powi(100);
    /// let expanded = limit.exponent.exp() * (1.0 + limit.correction / 100.0);
    /// assert!((exact / expanded - 1.0).abs() < 1e-4);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Domain`] unless 0 < s ≤ 8.
    pub fn many_blocks(&self, s: f64) -> Result<ManyBlocks> {
        check_order(s)?;
        let (p, d) = (0.5 * s, self.width as f64);
        let first = p * (d + 2.0 * p - 2.0);
        let second = first * (p - 1.0) * (d + 2.0 * p - 4.0);
        let exponent = first * self.mixture.branch_moment(1);
        Ok(ManyBlocks {
            exponent,
            correction: 0.5 * (second * self.mixture.branch_moment(2) - exponent * exponent),
        })
    }

    fn context(&self, s: f64) -> String {
        format!("{}, s = {s:?}", self.name())
    }
}

impl StepLaw for ResidualLaw {
    fn name(&self) -> String {
        let (activation, hidden) = (self.hidden.activation(), self.hidden.width());
        format!(
            "a residual block of width {}, {hidden} hidden {activation} units",
            self.width
        )
    }

    fn log_cumulants(&self) -> LogCumulants {
        self.log_cumulants()
    }

    fn log_growth(&self, s: f64) -> Result<f64> {
        self.log_growth(s)
    }

    /// A block without alive units is the identity.
    fn log_survival_probability(&self) -> f64 {
        0.0
    }

    fn log_density(&self) -> Result<LogDensity> {
        let law = density::log_density(&self.hidden, self.mixture.branch_mean(), self.width);
        law.ok_or_else(|| Error::Unresolved {
            quantity: "the law of one block",
            context: self.name(),
        })
    }
}

/// `Ok` for the moment orders that are computed.
fn check_order(s: f64) -> Result<()> {
    if s > 0.0 && s <= 8.0 {
        return Ok(());
    }
    Err(Error::domain(
        "s",
        format!("{s:?}"),
        "above 0 and at most 8",
    ))
}
