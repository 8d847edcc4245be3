//! Heavy-tailed weights: layers with independent symmetric α-stable weights (T14).
//!
//! A weight of scale γ has the characteristic function exp(−|γt|^α), 0.3 ≤ α ≤ 2; at α = 2 it is
//! N(0, 2γ²), below it has no variance. With the norm ‖x‖_α = (Σ|xᵢ|^α)^{1/α}, W x has independent
//! entries of scale γ‖x‖_α, so ‖x_k‖_α^α = γ^α ‖x_{k−1}‖_α^α Q with
//!
//! Q = Σ_{i≤d} cᵢ|zᵢ|^α, zᵢ standard α-stable, cᵢ the α-th power of the slope's magnitude,
//!
//! and everything that holds of Gaussian layers holds with γ(s; α, d) = E[Q^{s/α}; Q>0]^{−1/s} for
//! the orders 0 < s < α: the moments from s = α on are infinite.
//!
//! ```
//! use isomoment::{Activation, StableLaw};
//! let law = StableLaw::new(1.5, Activation::Linear, 256)?;
//! let gamma = law.scale(1.0)?; // keeps E‖x‖_α
//! // the scaling of infinite width, (C_α d log d)^{−1/α}, is 70 % too large
//! let limit = (0.3989422804014327 * 256.0 * 256.0_f64.ln()).powf(-1.0 / 1.5);
//! assert!((limit / gamma - 1.70).abs() < 0.005);
//! assert!(law.scale(1.5).is_err()); // E‖x‖_α^α is infinite
//! # Ok::<(), isomoment::Error>(())
//! ```

mod gamma;
mod layer;
mod unit;

use crate::activation::{Activation, Dropout, SlopeLaw};
use crate::error::{Error, Result, representable};
use crate::layer_law::{LogCumulants, Survival, cumulants_of};
use crate::limits::{check_tail_index, check_width};
use layer::Layer;

/// The law of Q = Σ cᵢ|zᵢ|^α, by whose α-th root a layer with α-stable weights of scale 1
/// multiplies the norm ‖x‖_α.
#[derive(Debug, Clone)]
pub struct StableLaw {
    alpha: f64,
    activation: Activation,
    dropout: Dropout,
    width: u64,
    survival: Survival,
    gain: f64,
    layer: Layer,
}

impl StableLaw {
    /// The law of a layer without dropout, of weights with the tail index `alpha`.
    ///
    /// # Errors
    /// [`Error::Domain`] for `alpha` outside 0.3 … 2, a width of 0 or above 2⁵³, and slopes as for
    /// [`LayerLaw::new`](crate::LayerLaw::new).
    pub fn new(alpha: f64, activation: Activation, width: u64) -> Result<Self> {
        Self::with_dropout(alpha, activation, Dropout::NONE, width)
    }

    /// The law of a layer whose units are kept or dropped by a mask.
    ///
    /// # Errors
    /// As [`StableLaw::new`].
    pub fn with_dropout(
        alpha: f64,
        activation: Activation,
        dropout: Dropout,
        width: u64,
    ) -> Result<Self> {
        check_tail_index(alpha)?;
        activation.validate()?;
        check_width("width", width)?;
        let slopes = SlopeLaw::new(activation, dropout);
        let survival = Survival::new(width, slopes.alive_probability());
        Ok(Self {
            alpha,
            activation,
            dropout,
            width,
            survival,
            gain: slopes.gain(),
            layer: Layer::new(alpha, &slopes, width, survival),
        })
    }

    /// α, the tail index of the weights.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// The activation of the layer.
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// The dropout mask of the layer.
    pub fn dropout(&self) -> Dropout {
        self.dropout
    }

    /// The number of units d.
    pub fn width(&self) -> u64 {
        self.width
    }

    /// γ(s; α, d) = E[Q^{s/α}; Q>0]^{−1/s}: the scale of the weights that keeps E‖x‖_α^s constant.
    ///
    /// ```
    /// use isomoment::{Activation, LayerLaw, StableLaw};
    /// let gaussian = StableLaw::new(2.0, Activation::Relu, 64)?.scale(1.0)?;
    /// let sigma = LayerLaw::new(Activation::Relu, 64)?.scale(1.0)?; // σ² = 2γ²
    /// assert!((gaussian * 2.0_f64.sqrt() / sigma - 1.0).abs() < 1e-14);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Domain`] unless 0 < s < α; at α = 2, s = 2 is allowed. [`Error::Range`] when no
    /// double holds the value.
    pub fn scale(&self, s: f64) -> Result<f64> {
        let rise = self.log_power_mean(s)?;
        let (exponent, low) = self.survival.minus_log_over(s);
        // in halves, as ε^{−1/s} may overflow although γ does not
        let half = (0.5 * exponent).exp();
        let size = (-(self.layer.log_size() + rise) / self.alpha).exp();
        let value = half * size * half / self.gain * (1.0 + low);
        representable("the scale", value, || self.context(s))
    }

    /// E[Q^{s/α}; Q>0], by which a layer with weights of scale 1 multiplies E‖x‖_α^s.
    ///
    /// # Errors
    /// As [`StableLaw::scale`].
    pub fn moment(&self, s: f64) -> Result<f64> {
        let rise = self.log_power_mean(s)?;
        let power = (s / self.alpha * (self.layer.log_size() + rise)).exp();
        let value = self.survival.probability() * power * self.gain.powf(s);
        representable("the moment", value, || self.context(s))
    }

    /// The Lyapunov scale exp(−E[(1/α) log Q | Q>0]): with it the typical norm stays constant, given
    /// survival.
    ///
    /// # Errors
    /// [`Error::Range`] when no double holds the value.
    pub fn lyapunov_scale(&self) -> Result<f64> {
        let value = (-self.log_cumulants().mean).exp();
        representable("the scale", value, || self.context(0.0))
    }

    /// Mean, variance and third cumulant of (1/α) log Q, the growth of log‖x‖_α at scale 1, given
    /// Q > 0.
    pub fn log_cumulants(&self) -> LogCumulants {
        let moments = self.layer.log_moments();
        let (variance, third) = cumulants_of(moments);
        let alpha = self.alpha;
        LogCumulants {
            mean: (self.layer.log_size() + moments[0]) / alpha + self.gain.ln(),
            variance: variance / (alpha * alpha),
            third: third / (alpha * alpha * alpha),
        }
    }

    /// log γ(s; α, d) + E[(1/α) log Q | Q>0]: the growth rate of log‖x_k‖_α, given survival, at the
    /// scale that keeps E‖x‖_α^s.
    ///
    /// # Errors
    /// As [`StableLaw::scale`].
    pub fn log_growth(&self, s: f64) -> Result<f64> {
        let rise = self.log_power_mean(s)?;
        let (exponent, low) = self.survival.minus_log_over(s);
        let rate = (self.layer.log_moments()[0] - rise) / self.alpha + exponent + low;
        representable("the growth rate", rate, || self.context(s))
    }

    /// The scaling of infinite width, (C_α E\[c\] d log d)^{−1/α}, C_α = (2/π) Γ(α) sin(πα/2); for
    /// all orders the same. Of no use at real widths: its relative error falls like 1/log d.
    ///
    /// # Errors
    /// [`Error::Domain`] at α = 2, where there is none, and at width 1, where it is infinite.
    pub fn infinite_width_scale(&self) -> Result<f64> {
        if self.alpha == 2.0 {
            return Err(Error::domain("alpha", "2.0", "below 2 for this scaling"));
        }
        if self.width == 1 {
            return Err(Error::domain("width", 1, "at least 2 for this scaling"));
        }
        let tail = self.layer.log_tail() + (self.width as f64).ln().ln();
        Ok((-tail / self.alpha).exp() / self.gain)
    }

    /// γ(s; α, d) to second order in B = d C_α E\[c\]/q, which falls like 1/log d, where
    /// q = d(a + C_α E\[c\] log q) is the typical size of Q (proofs-notes/T14.md):
    ///
    /// γ = q^{−1/α} (1 − pBψ(1−p) − ½p(1−p)B²(ψ(2−p)² + ψ′(2−p)))^{−1/s} (1 + O(B³)), p = s/α.
    ///
    /// ```
    /// use isomoment::{Activation, StableLaw};
    /// let law = StableLaw::new(1.5, Activation::Linear, 256)?;
    /// assert!((law.scale_expansion(1.0)? / law.scale(1.0)? - 1.0).abs() < 2e-3);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`StableLaw::scale`]; [`Error::Domain`] where units are so few that q does not exist.
    pub fn scale_expansion(&self, s: f64) -> Result<f64> {
        let (p, rest) = self.share(s)?;
        let rise = self.layer.expanded_log_power_mean(p, rest).ok_or_else(|| {
            let allowed = "large enough for the equation of the typical size to have a solution";
            Error::domain("width", self.width, allowed)
        })?;
        let value = (-(self.layer.log_size() + rise) / self.alpha).exp() / self.gain;
        representable("the scale", value, || self.context(s))
    }

    /// P(Q = 0): the probability that a layer sends everything to 0, that of
    /// [`LayerLaw`](crate::LayerLaw).
    pub fn dead_probability(&self) -> f64 {
        self.survival.dead_probability()
    }

    /// P(Q > 0).
    pub fn survival_probability(&self) -> f64 {
        self.survival.probability()
    }

    /// (1/p)·log E[(Q/q)^p | Q>0], p = s/α.
    fn log_power_mean(&self, s: f64) -> Result<f64> {
        let (p, rest) = self.share(s)?;
        if rest == 0.0 {
            // q is the mean
            return Ok(0.0);
        }
        Ok(self.layer.log_power_mean(p, rest))
    }

    /// p = s/α and 1 − p, for the orders of finite moments.
    fn share(&self, s: f64) -> Result<(f64, f64)> {
        let alpha = self.alpha;
        if s > 0.0 && (s < alpha || (s == alpha && alpha == 2.0)) {
            return Ok((s / alpha, (alpha - s) / alpha));
        }
        let reason = if alpha == 2.0 {
            "above 0 and at most 2".to_owned()
        } else {
            format!("above 0 and below alpha = {alpha:?}: from there on the moment is infinite")
        };
        Err(Error::domain("s", format!("{s:?}"), reason))
    }

    fn context(&self, s: f64) -> String {
        format!(
            "{}, width {}, alpha = {:?}, s = {s:?}",
            self.activation, self.width, self.alpha
        )
    }
}
