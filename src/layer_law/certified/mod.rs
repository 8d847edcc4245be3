//! Proved digits: an interval that contains the constant, from arbitrary
//! precision with counted errors and bounds proved in proofs-notes/certified.md.
//!
//! E[Q^p; Q>0] = F/F₁ with F = ∫ L″(eᵘ) e^{(2−p)u} du and F₁ = Γ(2−p), the same integral
//! with L(t) = e^{−t}. Both are sums of positive terms over the same kind of
//! grid, so no special function is needed: exp once per sum, square roots, products.
//!
//! For linear, ReLU and Leaky ReLU units, with and without dropout.

mod arithmetic;
mod grid;
mod units;

pub use arithmetic::Decimal;

use crate::error::{Error, Result};
use crate::layer_law::MAX_WIDTH;
use arithmetic::{Real, exact_integer, integer, small, unit};
use grid::Grid;

/// Widenings of the precision after which a value counts as half way between two decimals.
const ATTEMPTS: usize = 4;

/// Most digits that are computed.
pub const MAX_DIGITS: usize = 1000;

/// A layer whose parameters are exact decimals: 0.1 is a tenth, not the double beside it.
///
/// ```
/// use isomoment::layer_law::certified::{Decimal, ExactLayer};
/// let layer = ExactLayer::relu(64)?;
/// let sigma = layer.scale(&Decimal::parse("1").unwrap(), 30)?;
/// assert_eq!(sigma, "0.178528028664370361706517788598");
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ExactLayer {
    /// The slope on the negative side.
    slope: Decimal,
    keep: Decimal,
    /// Whether kept units are scaled by 1/q.
    inverted: bool,
    width: u64,
}

impl ExactLayer {
    /// A layer of the given slope on the negative side (0: ReLU, 1: linear).
    ///
    /// # Errors
    /// [`Error::Domain`] for a width of 0 or above 2⁵³, a slope that is not 0 and not from
    /// 1e-100 to 1e100 in magnitude, or a keep probability that is not from 1e-100 to 1.
    pub fn new(slope: Decimal, keep: Decimal, inverted: bool, width: u64) -> Result<Self> {
        let rounded = crate::Activation::LeakyRelu {
            slope: slope.to_f64(),
        };
        rounded.validate()?;
        crate::Dropout::plain(keep.to_f64())?;
        if keep.exceeds_one() {
            return Err(Error::domain(
                "keep",
                &keep,
                "a probability from 1e-100 to 1",
            ));
        }
        if !(1..=MAX_WIDTH).contains(&width) {
            return Err(Error::domain(
                "width",
                width,
                "an integer from 1 to 9007199254740992",
            ));
        }
        Ok(Self {
            slope,
            keep,
            inverted,
            width,
        })
    }

    /// A ReLU layer without dropout.
    ///
    /// # Errors
    /// As [`ExactLayer::new`].
    pub fn relu(width: u64) -> Result<Self> {
        Self::new(Decimal::integer(0), Decimal::integer(1), true, width)
    }

    /// E[Q^{s/2}; Q>0], correctly rounded to `digits` significant digits.
    ///
    /// # Errors
    /// [`Error::Domain`] unless 1e-6 ≤ s ≤ 3 and 1 ≤ digits ≤ 1000, and where the value lies half
    /// way between two decimals of that length (2.5 for one digit), which no interval decides.
    pub fn moment(&self, s: &Decimal, digits: usize) -> Result<String> {
        self.rounded(s, digits, |moment, _| moment)
    }

    /// σ(s,d), correctly rounded to `digits` significant digits.
    ///
    /// # Errors
    /// As [`ExactLayer::moment`].
    pub fn scale(&self, s: &Decimal, digits: usize) -> Result<String> {
        self.rounded(s, digits, |moment, s| moment.power_of_minus_reciprocal(s))
    }

    /// Widens the working precision until the interval determines the digits.
    fn rounded(
        &self,
        s: &Decimal,
        digits: usize,
        finish: impl Fn(Interval, &Decimal) -> Interval,
    ) -> Result<String> {
        if !(1..=MAX_DIGITS).contains(&digits) {
            return Err(Error::domain("digits", digits, "from 1 to 1000"));
        }
        if !(s.to_f64() >= 1e-6 && s.to_f64() <= 3.0) {
            return Err(Error::domain("s", s, "from 1e-6 to 3 for proved digits"));
        }
        let lost_to_root = (1.0 / s.to_f64()).log10().max(0.0).ceil() as usize;
        let mut working = digits + 6 + lost_to_root;
        for _ in 0..ATTEMPTS {
            let value = finish(self.moment_interval(s, working), s);
            if let Some(text) = value.determined(digits) {
                return Ok(text);
            }
            working += working / 4;
        }
        // exactly half way between two decimals, as 2.5 is for one digit, no interval decides
        let allowed = "another number: the value lies half way between two decimals of this length";
        Err(Error::domain("digits", digits, allowed))
    }

    /// An interval for E[Q^{s/2}; Q>0] of relative width about 10^{−digits}.
    fn moment_interval(&self, s: &Decimal, digits: usize) -> Interval {
        let grid = Grid::new(digits, self.width, s);
        self.moment_on(&grid, s)
    }

    fn moment_on(&self, grid: &Grid, s: &Decimal) -> Interval {
        let layer = grid.layer(&self.slope, &self.keep);
        let gamma = grid.gamma();
        let gain = self.gain_power(s, grid.precision());
        // relative errors add up to second order, for which 1 % is ample
        let roundings = unit(grid.precision()) * small(2.0);
        let error = (layer.error + gamma.error + gain.error + roundings) * small(1.01);
        Interval {
            value: layer.value / gamma.value * gain.value,
            error,
        }
    }

    /// q^{−s} for masks with 1/q, else 1.
    fn gain_power(&self, s: &Decimal, precision: usize) -> Interval {
        let one = Interval {
            value: integer(1, precision),
            error: exact_integer(0),
        };
        if !self.inverted || self.keep.is_one() {
            return one;
        }
        let keep = Interval {
            value: self.keep.real(precision),
            error: unit(precision),
        };
        keep.power(&(-s.real(precision)))
    }
}

/// value·(1 + δ), |δ| ≤ error, contains the true number.
#[derive(Debug, Clone)]
pub(crate) struct Interval {
    pub value: Real,
    pub error: Real,
}

impl Interval {
    /// x^y = exp(y log x), y rounded once or twice.
    fn power(&self, exponent: &Real) -> Self {
        let argument = exponent * self.value.ln();
        let size = |x: &Real| small(x.to_f64().value().abs());
        // the logarithm is off by the error of x and by an ulp, the product by four ulps
        let off = size(exponent) * &self.error
            + unit(self.value.precision()) * (size(&argument) + small(1.0)) * small(4.0);
        Self {
            value: argument.exp(),
            error: (off + unit(self.value.precision())) * small(1.01),
        }
    }

    /// x^{−1/s}.
    fn power_of_minus_reciprocal(self, s: &Decimal) -> Self {
        let exponent = integer(-1, self.value.precision()) / s.real(self.value.precision());
        self.power(&exponent)
    }

    /// The significant digits, if both ends of the interval round to the same.
    fn determined(&self, digits: usize) -> Option<String> {
        let precision = self.value.precision() + 64;
        let center = self.value.clone().with_precision(precision).value();
        let spread = &center * &self.error * small(1.01);
        let ends = [&center - &spread, center + spread];
        let [low, high] = ends.map(|end| arithmetic::to_digits(&end, digits));
        (low == high).then_some(low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The interval on a grid whose step is `stretch` times the right one contains the
    /// value that a much finer computation gives.
    fn contains(layer: &ExactLayer, s: &Decimal, stretch: f64) -> bool {
        let truth = layer.moment_interval(s, 60).value;
        let interval = layer.moment_on(&Grid::stretched(20, layer.width, s, stretch), s);
        let off = &truth - &interval.value;
        let off = if off < exact_integer(0) { -off } else { off };
        off <= &interval.value * &interval.error
    }

    #[test]
    fn a_planted_error_in_the_discretization_bound_is_caught() {
        let s = Decimal::parse("0.7").unwrap();
        let leaky = Decimal::parse("0.1").unwrap();
        let layers = [
            ExactLayer::relu(1).unwrap(),
            ExactLayer::relu(64).unwrap(),
            ExactLayer::new(leaky, Decimal::parse("0.9").unwrap(), true, 5).unwrap(),
        ];
        for layer in layers {
            assert!(contains(&layer, &s, 1.0), "{layer:?}");
            // a bound that allows a step 2.5 times too long
            assert!(!contains(&layer, &s, 2.5), "{layer:?}");
        }
    }

    #[test]
    fn the_interval_is_as_narrow_as_asked() {
        let s = Decimal::parse("1").unwrap();
        for (width, digits) in [(1, 10), (64, 40), (1 << 53, 25)] {
            let layer = ExactLayer::relu(width).unwrap();
            let error = layer.moment_interval(&s, digits).error.to_f64().value();
            let asked = 10.0_f64.powi(-(digits as i32));
            assert!(error <= 10.0 * asked, "width {width}: {error:e}");
        }
    }
}
