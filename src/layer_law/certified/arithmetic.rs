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

/// xⁿ by squaring.
pub fn power(base: &Real, exponent: u64) -> Real {
    let mut result: Option<Real> = None;
    let mut square = base.clone();
    let mut left = exponent;
    while left > 0 {
        if left & 1 == 1 {
            result = Some(match result {
                Some(product) => product * &square,
                None => square.clone(),
            });
        }
        left >>= 1;
        if left > 0 {
            square = &square * &square;
        }
    }
    result.unwrap_or_else(|| integer(1, base.precision()))
}

/// The number to `digits` significant decimal digits, in plain or scientific notation.
pub fn to_digits(value: &Real, digits: usize) -> String {
    let decimal = value
        .clone()
        .with_base_and_precision::<10>(digits + 20)
        .value()
        .with_rounding::<HalfEven>()
        .with_precision(digits)
        .value();
    let (significand, exponent) = decimal.repr().clone().into_parts();
    let mut text = significand.to_string();
    let negative = text.starts_with('-');
    if negative {
        text.remove(0);
    }
    let mut exponent = exponent;
    // trailing zeros are significant digits too
    while text.len() < digits {
        text.push('0');
        exponent -= 1;
    }
    let point = text.len() as isize + exponent;
    let plain = match point {
        1.. if point as usize == text.len() => text,
        1.. if (point as usize) < text.len() => {
            let (whole, fraction) = text.split_at(point as usize);
            format!("{whole}.{fraction}")
        }
        -5..=0 => format!("0.{}{text}", "0".repeat(point.unsigned_abs())),
        _ => {
            let (first, rest) = text.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            format!("{first}{dot}{rest}e{}", point - 1)
        }
    };
    if negative { format!("-{plain}") } else { plain }
}
