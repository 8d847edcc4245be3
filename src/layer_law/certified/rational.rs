//! Exact parameters: decimals and quotients of integers, as a user writes them.

use std::fmt;

use dashu_int::IBig;
use dashu_int::ops::{Abs, Gcd};

use crate::layer_law::certified::arithmetic::Real;

/// Longest text that is read, and largest power of ten.
const LONGEST: usize = 2000;
const LARGEST_EXPONENT: i32 = 400;

/// An exact number, 0.1 being a tenth and not the double beside it.
#[derive(Debug, Clone)]
pub struct Rational {
    /// In lowest terms, the denominator positive.
    numerator: IBig,
    denominator: IBig,
    /// As it was written.
    text: String,
}

impl PartialEq for Rational {
    fn eq(&self, other: &Self) -> bool {
        (&self.numerator, &self.denominator) == (&other.numerator, &other.denominator)
    }
}

impl Eq for Rational {}

impl Rational {
    /// Reads `0.01`, `-2`, `1e-8`, `1/3`; `None` for anything else and for exponents beyond ±400.
    ///
    /// ```
    /// use isomoment::layer_law::certified::Rational;
    /// assert_eq!(Rational::parse("1e-3"), Rational::parse("0.001"));
    /// assert_eq!(Rational::parse("2/6"), Rational::parse("1/3"));
    /// assert_eq!(Rational::parse("1/0"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > LONGEST {
            return None;
        }
        let (over, under) = text.split_once('/').unwrap_or((text, "1"));
        let (over, under) = (decimal(over)?, decimal(under)?);
        // (a/b)/(c/d) = ad/(bc)
        Self::new(over.0 * under.1, over.1 * under.0, text)
    }

    /// A whole number.
    pub fn integer(value: i64) -> Self {
        Self {
            numerator: IBig::from(value),
            denominator: IBig::ONE,
            text: value.to_string(),
        }
    }

    fn new(numerator: IBig, denominator: IBig, text: &str) -> Option<Self> {
        if denominator == IBig::ZERO {
            return None;
        }
        let negative = denominator < IBig::ZERO;
        let factor = IBig::from((&numerator).gcd(&denominator));
        let factor = if negative { -factor } else { factor };
        Some(Self {
            numerator: numerator / &factor,
            denominator: denominator / factor,
            text: text.to_owned(),
        })
    }

    /// The nearest double.
    pub fn to_f64(&self) -> f64 {
        self.real(80).to_f64().value()
    }

    /// Rounded to a precision: numerator, denominator and quotient are rounded, each once.
    pub fn real(&self, precision: usize) -> Real {
        quotient(self.numerator.clone(), self.denominator.clone(), precision)
    }

    /// 1 − x/`divisor`, rounded from the exact value as in [`Rational::real`].
    pub fn one_minus_over(&self, divisor: i64, precision: usize) -> Real {
        let denominator = &self.denominator * IBig::from(divisor);
        let numerator = &denominator - &self.numerator;
        quotient(numerator, denominator, precision)
    }

    /// x − y, rounded from the exact value as in [`Rational::real`].
    pub fn minus(&self, other: &Self, precision: usize) -> Real {
        let numerator = &self.numerator * &other.denominator - &other.numerator * &self.denominator;
        quotient(numerator, &self.denominator * &other.denominator, precision)
    }

    /// A quotient of integers, the second positive.
    pub(crate) fn quotient(numerator: IBig, denominator: IBig) -> Self {
        let factor = IBig::from((&numerator).gcd(&denominator));
        let (numerator, denominator) = (numerator / &factor, denominator / factor);
        Self {
            text: format!("{numerator}/{denominator}"),
            numerator,
            denominator,
        }
    }

    /// 2 − x.
    pub(crate) fn two_minus(&self) -> Self {
        let numerator = &self.denominator * 2 - &self.numerator;
        Self::quotient(numerator, self.denominator.clone())
    }

    /// 1/|x| for x ≠ 0.
    pub(crate) fn size_of_inverse(&self) -> Self {
        let size = (&self.numerator).abs();
        Self::quotient(self.denominator.clone(), size)
    }

    /// |x|.
    pub(crate) fn size(&self) -> Self {
        let size = (&self.numerator).abs();
        Self::quotient(size, self.denominator.clone())
    }

    pub(crate) fn numerator(&self) -> &IBig {
        &self.numerator
    }

    /// Positive.
    pub(crate) fn denominator(&self) -> &IBig {
        &self.denominator
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.numerator == IBig::ZERO
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.numerator < IBig::ZERO
    }

    pub(crate) fn is_one(&self) -> bool {
        self.numerator == self.denominator
    }

    /// Whether it is 1 or −1.
    pub(crate) fn is_unit(&self) -> bool {
        self.is_one() || -&self.numerator == self.denominator
    }

    /// Whether x > y.
    pub(crate) fn exceeds(&self, other: &Self) -> bool {
        &self.numerator * &other.denominator > &other.numerator * &self.denominator
    }
}

/// Numerator and denominator of a decimal.
fn decimal(text: &str) -> Option<(IBig, IBig)> {
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    if exponent.abs() > LARGEST_EXPONENT {
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
    let power = IBig::from(10).pow(places.unsigned_abs() as usize);
    Some(if places >= 0 {
        (numerator, power)
    } else {
        (numerator * power, IBig::ONE)
    })
}

fn quotient(numerator: IBig, denominator: IBig, precision: usize) -> Real {
    let rounded = |x: IBig| Real::from(x).with_precision(precision).value();
    rounded(numerator) / rounded(denominator)
}

impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
