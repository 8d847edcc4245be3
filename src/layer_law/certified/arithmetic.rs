//! Binary floating-point numbers of any precision, and their decimal digits.

use dashu_float::round::mode::HalfEven;
use dashu_int::IBig;

/// A binary floating-point number; every operation is rounded to nearest, so its
/// relative error is at most [`unit`] of the precision.
pub type Real = dashu_float::FBig<HalfEven, 2>;

/// Relative error of one rounded operation, with a factor of 4 to spare.
pub fn unit(precision: usize) -> Real {
    power_of_two(2 - precision as isize)
}

/// 2ⁿ, exact, at the precision that error bounds are kept in.
pub fn power_of_two(exponent: isize) -> Real {
    Real::from_parts(IBig::from(1), exponent)
        .with_precision(ERROR_BITS)
        .value()
}

/// A factor of an error bound, at the precision that these are kept in.
pub fn small(factor: f64) -> Real {
    coarse(&Real::try_from(factor).expect("a finite factor"))
}

/// The number at the precision that error bounds are kept in.
pub fn coarse(value: &Real) -> Real {
    value.clone().with_precision(ERROR_BITS).value()
}

/// |x|.
pub fn size(value: Real) -> Real {
    if value < Real::ZERO { -value } else { value }
}

/// Bits of error bounds; every bound has a margin of 1 % and more for their own rounding.
const ERROR_BITS: usize = 64;

/// An integer, at the given precision.
pub fn integer(value: i64, precision: usize) -> Real {
    exact_integer(value).with_precision(precision).value()
}

/// An integer, exact, with no more precision than its own bits: to be combined with a number that
/// has one.
pub fn exact_integer(value: i64) -> Real {
    Real::from(IBig::from(value))
}

/// xⁿ.
pub fn power(base: &Real, exponent: u64) -> Real {
    by_squaring(base, exponent, |a, b| a * b).unwrap_or_else(|| integer(1, base.precision()))
}

/// The n-th power in an associative product, by squaring; none for n = 0.
pub fn by_squaring<T: Clone>(base: &T, exponent: u64, product: impl Fn(&T, &T) -> T) -> Option<T> {
    let mut result: Option<T> = None;
    let mut square = base.clone();
    let mut left = exponent;
    while left > 0 {
        if left & 1 == 1 {
            result = Some(match result {
                Some(power) => product(&power, &square),
                None => square.clone(),
            });
        }
        left >>= 1;
        if left > 0 {
            square = product(&square, &square);
        }
    }
    result
}
