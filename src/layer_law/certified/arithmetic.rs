//! Exact decimals and binary floating-point numbers of any precision.

use std::fmt;

use dashu_float::DBig;
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
    let value = Real::try_from(factor).expect("a finite factor");
    value.with_precision(ERROR_BITS).value()
}

/// Bits of error bounds; every bound has a margin of 1 % and more for their own rounding.
const ERROR_BITS: usize = 64;

/// An integer, at the given precision.
pub fn integer(value: i64, precision: usize) -> Real {
    exact_integer(value).with_precision(precision).value()
}

/// An integer with no precision of its own.
pub fn exact_integer(value: i64) -> Real {
    Real::from(IBig::from(value))
}

/// The number to `digits` significant decimal digits, in plain or scientific notation.
pub fn to_digits(value: &Real, digits: usize) -> String {
    let decimal = value
        .clone()
        .with_base_and_precision::<10>(digits + 20)
        .value()
        .with_rounding::<dashu_float::round::mode::HalfEven>()
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

/// An exact decimal fraction: numerator/10^places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    numerator: IBig,
    places: usize,
}

impl Decimal {
    /// Reads `0.01`, `-2`, `1e-8`; `None` for anything else and for exponents beyond ±400.
    ///
    /// ```
    /// use isomoment::layer_law::certified::Decimal;
    /// assert_eq!(Decimal::parse("1e-3"), Decimal::parse("0.001"));
    /// assert_eq!(Decimal::parse("1/3"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        if exponent.abs() > 400 || digits.len() > 2000 {
            return None;
        }
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = format!("{whole}{fraction}");
        let unsigned = all.strip_prefix(['-', '+']).unwrap_or(&all);
        if unsigned.is_empty() || !unsigned.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let numerator: IBig = all.strip_prefix('+').unwrap_or(&all).parse().ok()?;
        let places = fraction.len() as i32 - exponent;
        Some(if places >= 0 {
            Self {
                numerator,
                places: places as usize,
            }
            .reduced()
        } else {
            Self {
                numerator: numerator * IBig::from(10).pow(places.unsigned_abs() as usize),
                places: 0,
            }
        })
    }

    /// A whole number.
    pub fn integer(value: i64) -> Self {
        Self {
            numerator: IBig::from(value),
            places: 0,
        }
    }

    fn reduced(mut self) -> Self {
        let ten = IBig::from(10);
        while self.places > 0 && &self.numerator % &ten == IBig::ZERO {
            self.numerator /= &ten;
            self.places -= 1;
        }
        self
    }

    fn denominator(&self) -> IBig {
        IBig::from(10).pow(self.places)
    }

    /// The nearest double.
    pub fn to_f64(&self) -> f64 {
        let nearest = |x: IBig| Real::from(x).to_f64().value();
        if self.places < 300 {
            return self.real(80).to_f64().value();
        }
        nearest(self.numerator.clone()) / nearest(self.denominator())
    }

    /// Rounded to a precision, relative error [`unit`].
    pub fn real(&self, precision: usize) -> Real {
        ratio(self.numerator.clone(), self.denominator(), precision)
    }

    /// Its square, rounded.
    pub fn square(&self, precision: usize) -> Real {
        let denominator = self.denominator();
        ratio(
            self.numerator.clone() * &self.numerator,
            denominator.clone() * denominator,
            precision,
        )
    }

    /// 1 − x/`divisor`, rounded once from the exact value.
    pub fn one_minus_over(&self, divisor: i64, precision: usize) -> Real {
        let denominator = self.denominator() * IBig::from(divisor);
        ratio(
            denominator.clone() - &self.numerator,
            denominator,
            precision,
        )
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.numerator == IBig::ZERO
    }

    pub(crate) fn is_one(&self) -> bool {
        self.numerator == self.denominator()
    }

    pub(crate) fn exceeds_one(&self) -> bool {
        self.numerator > self.denominator()
    }

    pub(crate) fn is_unit(&self) -> bool {
        self.is_one() || -self.numerator.clone() == self.denominator()
    }
}

fn ratio(numerator: IBig, denominator: IBig, precision: usize) -> Real {
    let rounded = |x: IBig| Real::from(x).with_precision(precision).value();
    rounded(numerator) / rounded(denominator)
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = DBig::from_parts(self.numerator.clone(), -(self.places as isize));
        write!(f, "{value}")
    }
}
