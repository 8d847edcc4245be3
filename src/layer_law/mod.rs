//! The law of one layer: Q = Σ cᵢ zᵢ², the squared norm of a layer's output
//! when its weights are standard normal and its input has norm 1.

mod alive;
pub mod closed_form;
mod expansion;
mod high_order;
mod laplace;
mod slope_law;

pub use expansion::LargeWidth;
pub(crate) use slope_law::SlopeLaw;

use crate::activation::{Activation, Dropout};
use crate::error::{Error, Result, representable};
use crate::special::{digamma_minus_ln, ln_gamma_ratio_slope, tetragamma, trigamma};
use alive::Alive;
use laplace::Laplace;

/// The largest width: up to here every integer is a double.
pub const MAX_WIDTH: u64 = 1 << 53;

/// Below this relative variance of Q the third log cumulant comes from its expansion.
const EXPANSION_BELOW: f64 = 1e-4;

/// Cumulants of ½ log Q given Q > 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogCumulants {
    /// E[½ log Q | Q > 0].
    pub mean: f64,
    /// Var[½ log Q | Q > 0].
    pub variance: f64,
    /// Third cumulant of ½ log Q given Q > 0.
    pub third: f64,
}

/// The law of Q = Σ_{i ≤ d} cᵢ zᵢ² with zᵢ ~ N(0,1) and cᵢ the squared slope of
/// unit i, all independent.
///
/// A layer x ↦ D φ(W x) of `width` units with weights N(0, σ²) multiplies the
/// squared norm of its input by σ² Q. Everything else follows from this law.
///
/// ```
/// use isomoment::{Activation, LayerLaw};
/// let law = LayerLaw::new(Activation::Relu, 64)?;
/// let he = law.scale(2.0)?;
/// assert!((he - (2.0_f64 / 64.0).sqrt()).abs() < 1e-16);
/// let sigma = law.scale(1.0)?; // keeps E‖x‖ where He's keeps E‖x‖²
/// assert!((sigma - 0.17852802866437036).abs() < 1e-15);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LayerLaw {
    activation: Activation,
    dropout: Dropout,
    width: u64,
    alive: Alive,
    gain: f64,
    route: Route,
}

/// How the law is computed: a chi-square has closed forms at every width.
#[derive(Debug, Clone)]
enum Route {
    ChiSquare,
    Integral(Box<Laplace>),
}

impl LayerLaw {
    /// The law of a layer without dropout.
    ///
    /// # Errors
    /// [`Error::Domain`] for a width of 0 or above 2⁵³, or slopes that are not
    /// finite, not ordered, or not 0 and outside 1e-100 … 1e100 in magnitude.
    pub fn new(activation: Activation, width: u64) -> Result<Self> {
        Self::with_dropout(activation, Dropout::NONE, width)
    }

    /// The law of a layer whose units are kept or dropped by a mask.
    ///
    /// # Errors
    /// As [`LayerLaw::new`].
    pub fn with_dropout(activation: Activation, dropout: Dropout, width: u64) -> Result<Self> {
        activation.validate()?;
        if !(1..=MAX_WIDTH).contains(&width) {
            return Err(Error::domain(
                "width",
                width,
                "an integer from 1 to 9007199254740992",
            ));
        }
        let slopes = SlopeLaw::new(activation, dropout);
        let alive = Alive::new(width, slopes.alive());
        let gain = slopes.gain();
        let route = if slopes.is_constant() {
            Route::ChiSquare
        } else {
            Route::Integral(Box::new(Laplace::new(slopes, width, alive)))
        };
        Ok(Self {
            activation,
            dropout,
            width,
            alive,
            gain,
            route,
        })
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

    /// σ(s,d) = E[Q^{s/2}]^{−1/s}: the standard deviation of the weights that keeps E‖x‖^s constant.
    ///
    /// Relative error below 4e-15 (measured: README, section Accuracy).
    ///
    /// # Errors
    /// [`Error::Domain`] unless 0 < s ≤ 8 (RReLU: 3); [`Error::Range`] when no double
    /// holds the value (ReLU and dropout as s → 0: it grows like P(Q>0)^{−1/s}).
    pub fn scale(&self, s: f64) -> Result<f64> {
        self.check_order(s)?;
        let (exponent, low) = self.alive.minus_log_alive_over(s);
        let (mean, growth) = self.scaled_growth(0.5 * s);
        // in halves, as ε^{−1/s} may overflow although σ does not, and as a product,
        // as the sum of the exponents would round
        let half = (0.5 * exponent).exp() * (-0.25 * growth).exp();
        let value = half / mean.sqrt() * half / self.gain * (1.0 + low);
        representable("the scale", value, || self.context(s))
    }

    /// E[Q^{s/2}; Q > 0].
    ///
    /// Relative error below 4e-15 (measured: README, section Accuracy).
    ///
    /// # Errors
    /// [`Error::Domain`] unless 0 < s ≤ 8 (RReLU: 3); [`Error::Range`] on overflow.
    pub fn moment(&self, s: f64) -> Result<f64> {
        self.check_order(s)?;
        let p = 0.5 * s;
        let (mean, growth) = self.scaled_growth(p);
        let value = self.alive.alive() * mean.powf(p) * self.gain.powf(s) * (p * growth).exp();
        representable("the moment", value, || self.context(s))
    }

    /// The Lyapunov scale exp(−E[½ log Q | Q>0]): with it the typical norm, not
    /// a moment, stays constant, given survival.
    ///
    /// # Errors
    /// [`Error::Range`] when no double holds the value.
    pub fn lyapunov_scale(&self) -> Result<f64> {
        let (mean, growth) = self.scaled_growth(0.0);
        let half = (-0.25 * growth).exp();
        representable("the scale", half / mean.sqrt() * half / self.gain, || {
            self.context(0.0)
        })
    }

    /// Mean, variance and third cumulant of ½ log Q given Q > 0.
    ///
    /// Errors, measured (README, section Accuracy): mean 4e-15 relative, or
    /// absolute where it is below 1; variance 1e-13; third cumulant 1e-10.
    pub fn log_cumulants(&self) -> LogCumulants {
        match &self.route {
            Route::ChiSquare => {
                let x = 0.5 * self.width as f64;
                LogCumulants {
                    mean: 0.5 * digamma_minus_ln(x) + 0.5 * (self.width as f64).ln(),
                    variance: 0.25 * trigamma(x),
                    third: 0.125 * tetragamma(x),
                }
            }
            Route::Integral(laplace) => {
                let [m1, m2, m3] = laplace.log_moments();
                let variance = m2 - m1 * m1;
                let third = if laplace.relative_variance() < EXPANSION_BELOW {
                    laplace.third_by_expansion()
                } else {
                    m3 - 3.0 * m1 * m2 + 2.0 * m1 * m1 * m1
                };
                LogCumulants {
                    mean: 0.5 * laplace.conditional_mean().ln() + self.gain.ln() + 0.5 * m1,
                    variance: 0.25 * variance,
                    third: 0.125 * third,
                }
            }
        }
    }

    /// μ(σ(s,d)) = log σ(s,d) + E[½ log Q | Q>0]: the growth rate of log‖x_k‖ at
    /// the scale that keeps E‖x‖^s constant; negative unless units can die
    /// (then it is the rate given survival).
    ///
    /// Computed as one difference, so that it keeps its digits at large width,
    /// where it is about −s·Var[½ log Q]/2.
    ///
    /// # Errors
    /// [`Error::Domain`] unless 0 < s ≤ 8 (RReLU: 3).
    pub fn log_growth(&self, s: f64) -> Result<f64> {
        self.check_order(s)?;
        let (exponent, low) = self.alive.minus_log_alive_over(s);
        let growth = self.scaled_growth(0.5 * s).1;
        let log_growth = self.scaled_growth(0.0).1;
        Ok(0.5 * (log_growth - growth) + exponent + low)
    }

    /// The expansion of σ(s,d)² in powers of 1/d.
    ///
    /// # Errors
    /// [`Error::Domain`] unless 0 < s ≤ 8 (RReLU: 3).
    pub fn large_width(&self, s: f64) -> Result<LargeWidth> {
        self.check_order(s)?;
        Ok(LargeWidth::new(
            &SlopeLaw::new(self.activation, self.dropout),
            s,
        ))
    }

    /// P(Q = 0): every unit dead or dropped. 0 when the value underflows; then
    /// [`LayerLaw::log_dead_probability`] still has it.
    pub fn dead_probability(&self) -> f64 {
        self.alive.dead()
    }

    /// log P(Q = 0); −∞ when Q > 0 almost surely.
    pub fn log_dead_probability(&self) -> f64 {
        self.alive.log_dead()
    }

    /// `Ok` for the moment orders that are computed.
    fn check_order(&self, s: f64) -> Result<()> {
        let uniform = match &self.route {
            Route::ChiSquare => false,
            Route::Integral(laplace) => laplace.slopes().uniform().is_some(),
        };
        let (largest, allowed) = if uniform {
            (
                3.0,
                "above 0 and at most 3 (for slopes drawn from an interval)",
            )
        } else {
            (8.0, "above 0 and at most 8")
        };
        if s > 0.0 && s <= largest {
            return Ok(());
        }
        Err(Error::domain("s", format!("{s:?}"), allowed))
    }

    /// (κ, G(p)) with E[Q^p | Q>0] = κ^p e^{pG(p)}, gain not included.
    fn scaled_growth(&self, p: f64) -> (f64, f64) {
        match &self.route {
            Route::ChiSquare => {
                let x = 0.5 * self.width as f64;
                (self.width as f64, ln_gamma_ratio_slope(x, p))
            }
            Route::Integral(laplace) => {
                let growth = if p > 1.5 && laplace.slopes().uniform().is_none() {
                    laplace.high_growth(p)
                } else {
                    laplace.growth(p)
                };
                (laplace.conditional_mean(), growth)
            }
        }
    }

    fn context(&self, s: f64) -> String {
        format!("{}, width {}, s = {s:?}", self.activation, self.width)
    }
}
