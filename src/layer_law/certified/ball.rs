//! Numbers with an absolute error bound.

use dashu_float::ops::EstimatedLog2;

use crate::layer_law::certified::arithmetic::{Real, coarse, integer, size, small, unit};
use crate::layer_law::certified::fixed::{Fixed, Scaled};
use crate::layer_law::certified::{Rational, decimal, elementary};

/// center ± radius contains the true number.
///
/// Every operation adds its own rounding error to the radius, with 1 % to spare for the roundings
/// of the radius itself.
#[derive(Debug, Clone)]
pub struct Ball {
    center: Real,
    radius: Real,
    /// Bits that the number is computed with; an exact center does not tell.
    precision: usize,
}

impl Ball {
    /// A number known to within a radius.
    pub fn new(center: Real, radius: Real, precision: usize) -> Self {
        Self {
            center: center.with_precision(precision).value(),
            radius,
            precision,
        }
    }

    /// A number that is exactly this, computed with at a precision.
    pub fn exact(center: Real, precision: usize) -> Self {
        Self::new(center, small(0.0), precision)
    }

    /// A number that was rounded a few times, each by a relative error of at most a quarter
    /// [`unit`].
    pub fn rounded(center: Real) -> Self {
        let precision = center.precision();
        Self::new(center, small(0.0), precision).after_rounding()
    }

    /// The radius.
    #[cfg(test)]
    pub fn radius(&self) -> &Real {
        &self.radius
    }

    /// The center.
    #[cfg(test)]
    pub fn center(&self) -> &Real {
        &self.center
    }

    /// Bits that the number is computed with.
    pub fn precision(&self) -> usize {
        self.precision
    }

    fn magnitude(&self) -> Real {
        size(coarse(&self.center))
    }

    fn after_rounding(self) -> Self {
        let own = unit(self.precision) * self.magnitude();
        Self {
            radius: (self.radius + own) * small(1.01),
            ..self
        }
    }

    pub fn plus(&self, other: &Self) -> Self {
        Self::new(
            &self.center + &other.center,
            &self.radius + &other.radius,
            self.precision,
        )
        .after_rounding()
    }

    pub fn minus(&self, other: &Self) -> Self {
        Self::new(
            &self.center - &other.center,
            &self.radius + &other.radius,
            self.precision,
        )
        .after_rounding()
    }

    pub fn times(&self, other: &Self) -> Self {
        let radius = self.magnitude() * &other.radius
            + other.magnitude() * &self.radius
            + &self.radius * &other.radius;
        Self::new(&self.center * &other.center, radius, self.precision).after_rounding()
    }

    /// Whether the radius is less than half the size: else quotient and logarithm say nothing.
    fn is_narrow(&self) -> bool {
        &self.radius * small(2.0) < self.magnitude()
    }

    /// A number of which nothing is known.
    fn lost(precision: usize) -> Self {
        Self::new(integer(1, precision), small(1e300), precision)
    }

    /// The quotient.
    pub fn over(&self, other: &Self) -> Self {
        if !other.is_narrow() {
            return Self::lost(self.precision);
        }
        let center = &self.center / &other.center;
        // |a/b − A/B| ≤ (|δa| + |A/B| |δb|)/(|B| − |δb|)
        let off = &self.radius + size(coarse(&center)) * &other.radius;
        let radius = off / (other.magnitude() - &other.radius);
        Self::new(center, radius, self.precision).after_rounding()
    }

    /// The number rounded to a precision, and off by a radius more.
    fn moved_by(self, radius: Real, precision: usize) -> Self {
        Self::new(self.center, self.radius + radius, precision).after_rounding()
    }

    /// Bits that functions are computed with.
    fn function_bits(&self) -> usize {
        self.precision.max(elementary::FEWEST) + 8
    }

    /// The logarithm of a positive number.
    pub fn ln(&self) -> Self {
        if !self.is_narrow() || self.center <= Real::ZERO {
            return Self::lost(self.precision);
        }
        let radius = &self.radius / (self.magnitude() - &self.radius);
        let center = Scaled::of(&self.center, self.function_bits());
        elementary::ln(&center)
            .ball()
            .moved_by(radius, self.precision)
    }

    /// The exponential.
    pub fn exp(&self) -> Self {
        if self.radius > small(0.125) {
            return Self::lost(self.precision);
        }
        let exp = elementary::exp(&Fixed::of(&self.center, self.function_bits())).ball();
        // e^r − 1 ≤ 1.07 r
        let radius = (exp.magnitude() + &exp.radius) * &self.radius * small(1.07);
        exp.moved_by(radius, self.precision)
    }

    /// x^{−1/y} of a positive number for y > 0.
    pub fn inverse_root(&self, y: &Rational) -> Self {
        if !self.is_narrow() || self.center <= Real::ZERO {
            return Self::lost(self.precision);
        }
        let (over, under) = (y.denominator(), y.numerator());
        let center = Scaled::of(&self.center, self.function_bits());
        let root = elementary::inverse_power(&center, over, under).ball();
        // the logarithm is off by at most −log(1 − r/x) ≤ r/(x − r), and e^r − 1 ≤ 1.07 r
        let relative = &self.radius / (self.magnitude() - &self.radius);
        let rate = small(1.01 / y.to_f64());
        if &relative * &rate > small(0.125) {
            return Self::lost(self.precision);
        }
        let radius = (root.magnitude() + &root.radius) * relative * rate * small(1.07);
        root.moved_by(radius, self.precision)
    }

    /// x^y.
    pub fn power(&self, exponent: &Self) -> Self {
        self.ln().times(exponent).exp()
    }

    /// −x.
    pub fn negated(&self) -> Self {
        Self::new(-&self.center, self.radius.clone(), self.precision)
    }

    /// How many decimal digits the radius leaves, relatively; infinite for an exact number.
    pub fn digits(&self) -> f64 {
        if self.radius == Real::ZERO {
            return f64::INFINITY;
        }
        if self.center == Real::ZERO {
            return 0.0;
        }
        let ratio = &self.radius / self.magnitude();
        -f64::from(ratio.log2_est()) * std::f64::consts::LOG10_2
    }

    /// The significant digits, if both ends of the interval round to the same.
    pub fn determined(&self, digits: usize) -> Option<String> {
        if self.center == Real::ZERO && self.radius == Real::ZERO {
            return Some("0".into());
        }
        decimal::determined(&self.center, &self.radius, digits)
    }
}
