//! Proved digits: an interval that contains the constant, from arbitrary
//! precision with counted errors and bounds proved in proofs-notes/certified.md.
//!
//! The route that is expected to be fastest is taken (`routes.rs`). Linear, ReLU and Leaky ReLU
//! layers are finite sums over the number of units that count or are positive, with gamma functions
//! by Stirling's series (`finite_sum`); a single unit is a product. For all others, and for wide
//! layers, E[Q^p; Q>0] = F(p)/Γ(2−p) with F(p) = ∫ L″(eᵘ) e^{(2−p)u} du; for orthogonal weights the
//! F of the linear layer takes the place of Γ(2−p). Mean and variance of u under these densities
//! give those of log Q. All are sums of positive terms over one kind of grid, their ends summed in
//! closed form.

mod arithmetic;
mod ball;
mod decimal;
mod elementary;
mod finite_sum;
mod fixed;
mod grid;
mod log_series;
mod one_unit;
mod rational;
mod routes;
mod series;
mod units;

pub use rational::Rational;

use crate::error::{Error, Result};
use crate::layer_law::Weights;
use crate::limits::check_width;
use ball::Ball;
use units::Slope;

/// Most digits that are computed.
pub const MAX_DIGITS: usize = 1000;

/// Widenings of the precision after which a value counts as half way between two decimals.
const ATTEMPTS: usize = 5;

/// A layer whose parameters are exact: 0.1 is a tenth, not the double beside it.
///
/// ```
/// use isomoment::layer_law::certified::{Rational, ExactLayer};
/// let layer = ExactLayer::relu(64)?;
/// let sigma = layer.scale(&Rational::integer(1), 30)?;
/// assert_eq!(sigma, "0.178528028664370361706517788598");
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ExactLayer {
    slope: Slope,
    keep: Rational,
    /// Whether kept units are scaled by 1/q.
    inverted: bool,
    weights: Weights,
    width: u64,
    fan_in: u64,
}

/// The constants of a layer at one moment order s, each correctly rounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExactConstants {
    /// E[Q^{s/2}; Q>0].
    pub moment: String,
    /// σ(s,d), which keeps E‖x‖^s.
    pub scale: String,
    /// σ(s,d)·√(width/fan-in), which keeps E(‖x‖/√n)^s.
    pub scale_rms: String,
    /// E[½ log Q | Q>0].
    pub mean_log: String,
    /// v = Var[½ log Q | Q>0].
    pub var_log: String,
    /// μ = log σ(s,d) + E[½ log Q | Q>0].
    pub growth: String,
}

impl ExactLayer {
    /// A layer of the given slope on the negative side (0: ReLU, 1: linear), each unit kept with
    /// probability `keep` and, for `inverted` masks, then scaled by its reciprocal.
    ///
    /// # Errors
    /// [`Error::Domain`] for a width of 0 or above 2⁵³, a slope that is not 0 and not from
    /// 1e-100 to 1e100 in magnitude, or a keep probability that is not from 1e-100 to 1.
    pub fn new(slope: Rational, keep: Rational, inverted: bool, width: u64) -> Result<Self> {
        let rounded = crate::Activation::LeakyRelu {
            slope: slope.to_f64(),
        };
        rounded.validate()?;
        Self::with_slope(Slope::Fixed(slope), keep, inverted, width)
    }

    /// A layer whose slopes on the negative side are uniform on [`lower`, `upper`].
    ///
    /// # Errors
    /// As [`ExactLayer::new`], and for bounds in the wrong order.
    pub fn randomized(
        lower: Rational,
        upper: Rational,
        keep: Rational,
        inverted: bool,
        width: u64,
    ) -> Result<Self> {
        let rounded = crate::Activation::RandomizedLeakyRelu {
            lower: lower.to_f64(),
            upper: upper.to_f64(),
        };
        rounded.validate()?;
        if lower.exceeds(&upper) {
            return Err(Error::domain("lower", lower, "at most upper"));
        }
        let slope = if lower == upper {
            Slope::Fixed(lower)
        } else {
            Slope::Uniform { lower, upper }
        };
        Self::with_slope(slope, keep, inverted, width)
    }

    fn with_slope(slope: Slope, keep: Rational, inverted: bool, width: u64) -> Result<Self> {
        crate::Dropout::plain(keep.to_f64())?;
        if keep.exceeds(&Rational::integer(1)) {
            return Err(Error::domain(
                "keep",
                &keep,
                "a probability from 1e-100 to 1",
            ));
        }
        check_width("width", width)?;
        Ok(Self {
            slope,
            keep,
            inverted,
            weights: Weights::Gaussian,
            width,
            fan_in: width,
        })
    }

    /// A ReLU layer without dropout.
    ///
    /// # Errors
    /// As [`ExactLayer::new`].
    pub fn relu(width: u64) -> Result<Self> {
        Self::new(Rational::integer(0), Rational::integer(1), true, width)
    }

    /// The same layer with weights from another ensemble, as [`crate::LayerLaw::with_weights`].
    #[must_use]
    pub fn with_weights(mut self, weights: Weights) -> Self {
        self.weights = weights;
        self
    }

    /// The same layer with another number of inputs, as [`crate::LayerLaw::with_fan_in`].
    ///
    /// # Errors
    /// [`Error::Domain`] for 0 and above 2⁵³.
    pub fn with_fan_in(mut self, fan_in: u64) -> Result<Self> {
        check_width("fan_in", fan_in)?;
        self.fan_in = fan_in;
        Ok(self)
    }

    /// E[Q^{s/2}; Q>0], correctly rounded to `digits` significant digits.
    ///
    /// # Errors
    /// [`Error::Domain`] unless 1e-6 ≤ s ≤ 3 and 1 ≤ digits ≤ 1000, and where the value lies half
    /// way between two decimals of that length (2.5 for one digit), which no interval decides.
    pub fn moment(&self, s: &Rational, digits: usize) -> Result<String> {
        self.check(Some(s), digits)?;
        rounded(digits, 0, |working| {
            self.moment_of_order(s, working).value()
        })
    }

    /// σ(s,d), correctly rounded to `digits` significant digits.
    ///
    /// # Errors
    /// As [`ExactLayer::moment`].
    pub fn scale(&self, s: &Rational, digits: usize) -> Result<String> {
        self.check(Some(s), digits)?;
        rounded(digits, lost_to_root(s), |working| {
            self.moment_of_order(s, working).scale()
        })
    }

    /// The Lyapunov scale exp(−E[½ log Q | Q>0]), correctly rounded to `digits` significant digits.
    ///
    /// # Errors
    /// As [`ExactLayer::moment`].
    pub fn lyapunov_scale(&self, digits: usize) -> Result<String> {
        self.check(None, digits)?;
        rounded(digits, 0, |working| {
            self.log_balls(working)[0].negated().exp()
        })
    }

    /// All constants at one order, correctly rounded to `digits` significant digits; `s` = `None`
    /// for the Lyapunov scale, whose moment of order 0 is P(Q>0) and whose growth is 0.
    ///
    /// # Errors
    /// As [`ExactLayer::moment`].
    pub fn constants(&self, s: Option<&Rational>, digits: usize) -> Result<ExactConstants> {
        self.check(s, digits)?;
        let cancelled = (2.0 * (self.reference() as f64).log10()).ceil() as usize;
        let lost = cancelled + s.map_or(0, lost_to_root);
        let exact_moment = match s {
            Some(_) => None,
            None => self.alive_exactly(digits),
        };
        let [moment, scale, scale_rms, mean_log, var_log, growth] =
            all_rounded(digits, lost, |working| {
                self.constant_balls(s, working, exact_moment.is_none())
            })?;
        let moment = exact_moment.unwrap_or(moment);
        Ok(ExactConstants {
            moment,
            scale,
            scale_rms,
            mean_log,
            var_log,
            growth,
        })
    }

    /// All six, 0 for P(Q>0) if that is known.
    fn constant_balls(&self, s: Option<&Rational>, digits: usize, with_alive: bool) -> [Ball; 6] {
        let [mean, variance] = self.log_balls(digits);
        let zero = || Ball::exact(arithmetic::Real::ZERO, mean.precision());
        let (moment, scale, growth) = match s {
            Some(s) => {
                let moment = self.moment_of_order(s, digits);
                let growth = match self.keeps_norms() {
                    true => zero(),
                    false => log_scale(&moment.ln(), s).plus(&mean),
                };
                (moment.value(), moment.scale(), growth)
            }
            None => {
                let alive = match with_alive {
                    true => self.alive_ball(digits),
                    false => zero(),
                };
                (alive, mean.negated().exp(), zero())
            }
        };
        let aspect = self.root_of_aspect(mean.precision());
        let scale_rms = scale.times(&aspect);
        [moment, scale, scale_rms, mean, variance, growth]
    }

    /// √(width/fan-in).
    fn root_of_aspect(&self, precision: usize) -> Ball {
        let [over, under] = [self.width, self.fan_in]
            .map(|n| Ball::exact(arithmetic::Real::from(dashu_int::IBig::from(n)), precision));
        if self.width == self.fan_in {
            return Ball::exact(arithmetic::integer(1, precision), precision);
        }
        let half = arithmetic::integer(1, precision) / arithmetic::exact_integer(2);
        over.over(&under).power(&Ball::exact(half, precision))
    }

    fn check(&self, s: Option<&Rational>, digits: usize) -> Result<()> {
        if !(1..=MAX_DIGITS).contains(&digits) {
            return Err(Error::domain("digits", digits, "from 1 to 1000"));
        }
        match s {
            Some(s) if !(1e-6..=3.0).contains(&s.to_f64()) => {
                Err(Error::domain("s", s, "from 1e-6 to 3 for proved digits"))
            }
            _ => Ok(()),
        }
    }
}

/// log σ = −(1/s)·log E[Q^{s/2}; Q>0].
fn log_scale(log_moment: &Ball, s: &Rational) -> Ball {
    let s = Ball::rounded(s.real(log_moment.precision()));
    log_moment.over(&s).negated()
}

fn lost_to_root(s: &Rational) -> usize {
    (1.0 / s.to_f64()).log10().max(0.0).ceil() as usize
}

/// [`all_rounded`] for one number.
fn rounded(digits: usize, lost: usize, value: impl Fn(usize) -> Ball) -> Result<String> {
    let [text] = all_rounded(digits, lost, |working| [value(working)])?;
    Ok(text)
}

/// Widens the working precision until the intervals determine the digits.
fn all_rounded<const N: usize>(
    digits: usize,
    lost: usize,
    values: impl Fn(usize) -> [Ball; N],
) -> Result<[String; N]> {
    let mut working = digits + lost + 6;
    for _ in 0..ATTEMPTS {
        let balls = values(working);
        let texts = balls.each_ref().map(|ball| ball.determined(digits));
        if texts.iter().all(Option::is_some) {
            return Ok(texts.map(Option::unwrap_or_default));
        }
        // what a cancellation cost the first time it will cost again
        let found = balls.iter().map(Ball::digits).fold(f64::INFINITY, f64::min);
        let missing = (digits as f64 + 6.0 - found).clamp(0.0, working as f64 + 40.0);
        working += (missing.ceil() as usize).max(working / 4);
    }
    // exactly half way between two decimals, as 2.5 is for one digit, no interval decides
    let allowed = "another number: a value lies half way between two decimals of this length";
    Err(Error::domain("digits", digits, allowed))
}
