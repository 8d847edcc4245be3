//! Numbers as integers of units 2^{−precision}, with a counted error.
//!
//! What ball.rs does with five roundings an operation, for the loops and functions in
//! which most of the time goes: an operation is one of integers and adds to the count, a double.
//! The count's own roundings are covered by the margin with which it becomes a radius.

use dashu_int::IBig;
use dashu_int::ops::{Abs, BitTest};

use crate::layer_law::certified::arithmetic::{Real, power_of_two, small};
use crate::layer_law::certified::ball::Ball;

/// Largest count that becomes a radius: nothing is known beyond.
const LARGEST_ERROR: f64 = 1e300;

/// The number is off from units·2^{−precision} by at most `error`·2^{−precision}.
#[derive(Debug, Clone)]
pub struct Fixed {
    pub units: IBig,
    pub error: f64,
    pub precision: usize,
}

impl Fixed {
    /// An integer, exact.
    pub fn integer(value: impl Into<IBig>, precision: usize) -> Self {
        Self {
            units: value.into() << precision,
            error: 0.0,
            precision,
        }
    }

    /// `over`/`under`, `under` > 0.
    pub fn ratio(over: &IBig, under: &IBig, precision: usize) -> Self {
        Self {
            units: (over << precision) / under,
            error: 1.0,
            precision,
        }
    }

    /// A bound on |x|, at least 2⁻¹⁰⁰⁰.
    pub fn size(&self) -> f64 {
        let exponent = self.units.bit_len() as f64 - self.precision as f64;
        let error = self.error * (-(self.precision as f64)).max(-1000.0).exp2();
        exponent.max(-1000.0).exp2() + error
    }

    pub fn plus(&self, other: &Self) -> Self {
        Self {
            units: &self.units + &other.units,
            error: self.error + other.error,
            precision: self.precision,
        }
    }

    pub fn minus(&self, other: &Self) -> Self {
        Self {
            units: &self.units - &other.units,
            error: self.error + other.error,
            precision: self.precision,
        }
    }

    pub fn times(&self, other: &Self) -> Self {
        Self {
            units: (&self.units * &other.units) >> self.precision,
            error: self.size() * other.error + other.size() * self.error + 1.0,
            precision: self.precision,
        }
    }

    /// x·`over`/`under`, `under` > 0.
    pub fn times_ratio(&self, over: &IBig, under: &IBig) -> Self {
        Self {
            units: &self.units * over / under,
            error: self.error * quotient_bound(over, under) + 1.0,
            precision: self.precision,
        }
    }

    /// The number, which is exact, rounded to so many bits behind the point.
    pub fn of(value: &Real, precision: usize) -> Self {
        let (significand, exponent) = value.repr().clone().into_parts();
        let shift = exponent + precision as isize;
        let units = if shift >= 0 {
            significand << shift as usize
        } else {
            significand >> shift.unsigned_abs()
        };
        Self {
            units,
            error: 1.0,
            precision,
        }
    }

    /// The same number with fewer bits.
    pub fn to_precision(&self, precision: usize) -> Self {
        let dropped = self.precision - precision;
        Self {
            units: &self.units >> dropped,
            error: self.error * (-(dropped as f64)).exp2() + 1.0,
            precision,
        }
    }

    /// The interval's center.
    pub fn center(&self) -> Real {
        Real::from_parts(self.units.clone(), -(self.precision as isize))
    }

    /// The interval.
    pub fn ball(&self) -> Ball {
        self.clone().shifted(0)
    }

    /// The interval of x·2^`exponent`.
    fn shifted(self, exponent: isize) -> Ball {
        let last_place = exponent - self.precision as isize;
        // a precision below that of the integer would round it
        let bits = self.precision.max(self.units.bit_len()) + 1;
        let center = Real::from_parts(self.units, last_place);
        let radius = small((self.error * 1.01).min(LARGEST_ERROR)) * power_of_two(last_place);
        Ball::new(center, radius, bits)
    }
}

/// A bound on |`over`/`under`|, `under` > 0, for integers of any length.
pub fn quotient_bound(over: &IBig, under: &IBig) -> f64 {
    let longest = over.bit_len().max(under.bit_len());
    let dropped = longest.saturating_sub(1000);
    let (over, under) = if dropped == 0 {
        (over.to_f64().value().abs(), under.to_f64().value())
    } else {
        let over: IBig = (over.abs() >> dropped) + 1;
        (over.to_f64().value(), (under >> dropped).to_f64().value())
    };
    over / under * 1.000_000_1
}

/// x·2^`exponent` with 1 ≤ x < 2, or 0: positive numbers of any size.
#[derive(Debug, Clone)]
pub struct Scaled {
    pub mantissa: Fixed,
    pub exponent: isize,
}

impl Scaled {
    /// x·2^`exponent` for x ≥ 0.
    pub fn new(mut x: Fixed, exponent: isize) -> Self {
        let length = x.units.bit_len();
        let wanted = x.precision + 1;
        if length == 0 {
            return Self {
                mantissa: x,
                exponent,
            };
        }
        let shift = wanted as isize - length as isize;
        if shift >= 0 {
            x.units <<= shift as usize;
            // an exact number stays exact, whatever the factor
            if x.error > 0.0 {
                x.error *= (shift as f64).exp2();
            }
        } else {
            let dropped = shift.unsigned_abs();
            x.units >>= dropped;
            x.error = x.error * (shift as f64).exp2() + 1.0;
        }
        Self {
            mantissa: x,
            exponent: exponent - shift,
        }
    }

    /// A positive number, which is exact, rounded if it is longer than the precision.
    pub fn of(value: &Real, precision: usize) -> Self {
        let (significand, exponent) = value.repr().clone().into_parts();
        let integer = Self::integer(significand, precision);
        Self {
            exponent: integer.exponent + exponent,
            ..integer
        }
    }

    /// A positive integer, rounded if it is longer than the precision.
    pub fn integer(value: IBig, precision: usize) -> Self {
        let units = Fixed {
            units: value,
            error: 0.0,
            precision,
        };
        Self::new(units, precision as isize)
    }

    /// `over`/`under`, both positive.
    pub fn ratio(over: &IBig, under: &IBig, precision: usize) -> Self {
        let [over, under] = [over, under].map(|x| Self::integer(x.clone(), precision));
        over.over(&under)
    }

    /// The number as one of fixed point.
    pub fn fixed(&self) -> Fixed {
        let Fixed {
            units,
            error,
            precision,
        } = &self.mantissa;
        let factor = (self.exponent as f64).exp2();
        let (units, own) = if self.exponent >= 0 {
            (units << self.exponent as usize, 0.0)
        } else {
            (units >> self.exponent.unsigned_abs(), 1.0)
        };
        Fixed {
            units,
            error: error * factor + own,
            precision: *precision,
        }
    }

    /// The same number with no more bits than so many.
    pub fn to_precision(&self, precision: usize) -> Self {
        if precision >= self.mantissa.precision {
            return self.clone();
        }
        Self {
            mantissa: self.mantissa.to_precision(precision),
            exponent: self.exponent,
        }
    }

    pub fn one(precision: usize) -> Self {
        Self::integer(IBig::ONE, precision)
    }

    pub fn times(&self, other: &Self) -> Self {
        let product = self.mantissa.times(&other.mantissa);
        Self::new(product, self.exponent + other.exponent)
    }

    /// The quotient by a positive number.
    pub fn over(&self, other: &Self) -> Self {
        let (over, under) = (&self.mantissa, &other.mantissa);
        let precision = over.precision;
        // |a/b − A/B| ≤ (|δa| + |a/b| |δb|)/(b − |δb|), a/b < 2, b ≥ 1
        let known = 1.0 - under.error * (-(precision as f64)).exp2();
        let error = if known > 0.5 {
            (over.error + 2.0 * under.error) / known + 1.0
        } else {
            f64::INFINITY
        };
        let quotient = Fixed {
            units: (&over.units << precision) / &under.units,
            error,
            precision,
        };
        Self::new(quotient, self.exponent - other.exponent)
    }

    pub fn plus(&self, other: &Self) -> Self {
        let (large, low) = if self.exponent >= other.exponent {
            (self, other)
        } else {
            (other, self)
        };
        let shift = (large.exponent - low.exponent) as usize;
        let low = Fixed {
            units: &low.mantissa.units >> shift,
            error: low.mantissa.error * (-(shift as f64)).exp2() + 1.0,
            precision: low.mantissa.precision,
        };
        Self::new(large.mantissa.plus(&low), large.exponent)
    }

    /// xⁿ by squaring.
    pub fn power(&self, exponent: u64) -> Self {
        let mut result = Self::one(self.mantissa.precision);
        for bit in (0..u64::BITS - exponent.leading_zeros()).rev() {
            result = result.times(&result);
            if exponent >> bit & 1 == 1 {
                result = result.times(self);
            }
        }
        result
    }

    /// The product of positive integers of one word each.
    pub fn product_of_short(factors: impl Iterator<Item = u64>, precision: usize) -> Self {
        let mut few = 1_u64;
        let words = factors.map(Some).chain([None]).filter_map(|factor| {
            let Some(factor) = factor else {
                return Some(few);
            };
            let Some(more) = few.checked_mul(factor) else {
                return Some(std::mem::replace(&mut few, factor));
            };
            few = more;
            None
        });
        Self::product(words.map(IBig::from), precision)
    }

    /// The product of positive integers.
    pub fn product(factors: impl Iterator<Item = IBig>, precision: usize) -> Self {
        let longest = precision + 32;
        let (mut all, mut exponent, mut roundings) = (IBig::ONE, 0, 0.0);
        let mut few = IBig::ONE;
        let mut multiply = |few: &mut IBig| {
            all *= std::mem::replace(few, IBig::ONE);
            let length = all.bit_len();
            if length > longest {
                all >>= length - longest;
                exponent += (length - longest) as isize;
                roundings += 1.0;
            }
        };
        for factor in factors {
            if few.bit_len() + factor.bit_len() > u64::BITS as usize {
                multiply(&mut few);
            }
            few *= factor;
        }
        multiply(&mut few);
        // each rounding is a relative error of at most 2^{1−longest}, one unit of a number of 31
        // bits more than the precision; the numbers that follow grow, those before it had none
        let product = Self::integer(all, precision);
        let relative = roundings * (-30.0_f64).exp2();
        Self {
            mantissa: Fixed {
                error: product.mantissa.error + 2.1 * relative,
                ..product.mantissa
            },
            exponent: product.exponent + exponent,
        }
    }

    /// The interval.
    pub fn ball(&self) -> Ball {
        self.mantissa.clone().shifted(self.exponent)
    }
}
