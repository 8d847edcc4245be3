//! Proved digits: an interval that contains the constant, from arbitrary
//! precision with counted errors and bounds proved in proofs-notes/certified.md.
//!
//! E[Q^p; Q>0] = F(p)/Γ(2−p) with F(p) = ∫ L″(eᵘ) e^{(2−p)u} du, and Γ(2−p) is the same
//! integral with L(t) = e^{−t}; for orthogonal weights the linear layer takes its place. Mean and
//! variance of u under these densities give those of log Q. All are sums of positive terms over one
//! kind of grid, their ends summed in closed form.

mod arithmetic;
mod ball;
mod grid;
mod rational;
mod series;
mod units;

pub use rational::Rational;

use crate::error::{Error, Result};
use crate::layer_law::Weights;
use crate::limits::check_width;
use ball::Ball;
use grid::{Grid, Sums};
use units::{Slope, Units};

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
        rounded(digits, 0, |working| self.moment_ball(s, working))
    }

    /// σ(s,d), correctly rounded to `digits` significant digits.
    ///
    /// # Errors
    /// As [`ExactLayer::moment`].
    pub fn scale(&self, s: &Rational, digits: usize) -> Result<String> {
        self.check(Some(s), digits)?;
        rounded(digits, lost_to_root(s), |working| {
            root(&self.moment_ball(s, working), s)
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
        let [moment, scale, scale_rms, mean_log, var_log, growth] =
            all_rounded(digits, lost, |working| self.constant_balls(s, working))?;
        Ok(ExactConstants {
            moment,
            scale,
            scale_rms,
            mean_log,
            var_log,
            growth,
        })
    }

    fn constant_balls(&self, s: Option<&Rational>, digits: usize) -> [Ball; 6] {
        let [mean, variance] = self.log_balls(digits);
        let (moment, scale) = match s {
            Some(s) => {
                let moment = self.moment_ball(s, digits);
                let scale = root(&moment, s);
                (moment, scale)
            }
            None => (self.alive_ball(digits), mean.negated().exp()),
        };
        let growth = if s.is_none() || self.keeps_norms() {
            Ball::exact(arithmetic::Real::ZERO, mean.precision())
        } else {
            scale.ln().plus(&mean)
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

    /// Whether Q is constant given Q > 0: W is orthogonal, and either every unit has the same
    /// |slope| or there is but one unit with one positive |slope|.
    fn is_constant(&self) -> bool {
        let one_value = match &self.slope {
            Slope::Fixed(slope) => slope.is_unit() || (slope.is_zero() && self.width == 1),
            Slope::Uniform { .. } => false,
        };
        self.weights == Weights::Orthogonal
            && self.fan_in <= self.width
            && one_value
            && (self.keep.is_one() || self.width == 1)
    }

    /// Whether orthogonal weights keep every norm.
    fn keeps_norms(&self) -> bool {
        self.is_constant() && self.keep.is_one() && self.is_linear()
    }

    fn is_linear(&self) -> bool {
        matches!(&self.slope, Slope::Fixed(slope) if slope.is_unit())
    }

    fn gain_is_one(&self) -> bool {
        !self.inverted || self.keep.is_one()
    }

    fn units(&self, precision: usize) -> Units {
        Units::new(&self.slope, &self.keep, self.width, precision)
    }

    /// The sums for Q, and those for what it is measured against: 1, or χ²_d.
    fn pair(&self, grid: &Grid, order: &arithmetic::Real) -> [Sums; 2] {
        let layer = grid.layer(&self.units(grid.precision()), order);
        let reference = match self.weights {
            Weights::Gaussian => grid.constant(order),
            Weights::Orthogonal => {
                let one = Rational::integer(1);
                let linear = Slope::Fixed(one.clone());
                grid.layer(
                    &Units::new(&linear, &one, self.reference(), grid.precision()),
                    order,
                )
            }
        };
        [layer, reference]
    }

    /// E[Q^{s/2}; Q>0] to a relative error of about 10^{−digits}.
    fn moment_ball(&self, s: &Rational, digits: usize) -> Ball {
        self.moment_on(&self.grid(digits), s)
    }

    fn grid(&self, digits: usize) -> Grid {
        Grid::new(digits, self.reference(), self.lost_bits())
    }

    /// Degrees of freedom of the χ² that orthogonal weights divide by; at least the width.
    fn reference(&self) -> u64 {
        self.width.max(self.fan_in)
    }

    /// Bits that small t cost where the transform of a uniform slope is a difference.
    fn lost_bits(&self) -> usize {
        match &self.slope {
            Slope::Fixed(_) => 0,
            Slope::Uniform { .. } => (4.0 * (self.width as f64).log2()) as usize + 64,
        }
    }

    fn moment_on(&self, grid: &Grid, s: &Rational) -> Ball {
        let precision = grid.precision();
        let order = s.real(precision) / arithmetic::exact_integer(2);
        let [layer, reference] = self.pair(grid, &order);
        let moment = layer.total.over(&reference.total);
        if self.gain_is_one() {
            return moment;
        }
        let gain = self.keep_ball(precision);
        moment.times(&gain.power(&Ball::rounded(-s.real(precision))))
    }

    fn keep_ball(&self, precision: usize) -> Ball {
        Ball::rounded(self.keep.real(precision))
    }

    /// Mean and variance of ½ log Q given Q>0: with f ∝ L″(eᵘ)e^{2u}, (log F)′(0) = −E_f u and
    /// (log F)″(0) = Var_f u.
    fn log_balls(&self, digits: usize) -> [Ball; 2] {
        let grid = self.grid(digits);
        let precision = grid.precision();
        let zero = arithmetic::integer(0, precision);
        if self.is_constant() {
            let zero = || Ball::exact(arithmetic::integer(0, precision), precision);
            let mean = match self.gain_is_one() {
                true => zero(),
                false => self.keep_ball(precision).ln().negated(),
            };
            return [mean, zero()];
        }
        let [layer, reference] = self.pair(&grid, &zero);
        let fraction = |n: i64| {
            Ball::exact(
                arithmetic::integer(1, precision) / arithmetic::exact_integer(n),
                precision,
            )
        };
        let mut mean = reference.mean.minus(&layer.mean).times(&fraction(2));
        let variance = layer
            .variance
            .minus(&reference.variance)
            .times(&fraction(4));
        if !self.gain_is_one() {
            mean = mean.minus(&self.keep_ball(precision).ln());
        }
        [mean, variance]
    }

    /// P(Q>0) = 1 − P(c=0)^d.
    fn alive_ball(&self, digits: usize) -> Ball {
        let grid = self.grid(digits + 16);
        let precision = grid.precision();
        let units = self.units(precision);
        let power = arithmetic::power(units.dead(), self.width);
        // each of at most 2d factors is off by a unit
        let off = arithmetic::unit(precision)
            * arithmetic::small(4.0 * self.width as f64)
            * arithmetic::coarse(&power);
        let dead = Ball::new(power, off, precision);
        Ball::exact(arithmetic::integer(1, precision), precision).minus(&dead)
    }
}

/// x^{−1/s}.
fn root(moment: &Ball, s: &Rational) -> Ball {
    let one = Rational::integer(-1);
    let precision = moment.precision();
    let exponent = Ball::rounded(one.real(precision)).over(&Ball::rounded(s.real(precision)));
    moment.power(&exponent)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The interval on a grid whose step is `stretch` times the right one contains the
    /// value that a much finer computation gives.
    fn contains(layer: &ExactLayer, s: &Rational, stretch: f64) -> bool {
        let truth = layer.moment_ball(s, 60);
        let grid = Grid::stretched(20, layer.width, layer.lost_bits(), stretch);
        let found = layer.moment_on(&grid, s);
        let off = arithmetic::size(truth.center() - found.center());
        off <= *found.radius()
    }

    fn number(text: &str) -> Rational {
        Rational::parse(text).unwrap()
    }

    #[test]
    fn a_planted_error_in_the_discretization_bound_is_caught() {
        let s = number("0.7");
        let one = number("1");
        let layers = [
            ExactLayer::relu(1).unwrap(),
            ExactLayer::relu(64).unwrap(),
            ExactLayer::new(number("0.1"), number("0.9"), true, 5).unwrap(),
            ExactLayer::randomized(number("1/8"), number("1/3"), one.clone(), true, 3).unwrap(),
            ExactLayer::randomized(number("-1/8"), number("1/3"), one, true, 3).unwrap(),
        ];
        for layer in layers {
            assert!(contains(&layer, &s, 1.0), "{layer:?}");
            // a bound that allows a step 2.5 times too long
            assert!(!contains(&layer, &s, 2.5), "{layer:?}");
        }
    }

    #[test]
    fn the_interval_is_as_narrow_as_asked() {
        let s = number("1");
        for (width, digits) in [(1, 10), (64, 40), (1 << 53, 25)] {
            let layer = ExactLayer::relu(width).unwrap();
            let found = layer.moment_ball(&s, digits).digits();
            assert!(found >= digits as f64 - 1.0, "width {width}: {found}");
        }
    }
}
