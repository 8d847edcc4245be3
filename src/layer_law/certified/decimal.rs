//! Decimal digits that an interval determines.

use dashu_int::IBig;
use dashu_int::ops::{Abs, BitTest};

use crate::layer_law::certified::arithmetic::{Real, power_of_two};
use crate::layer_law::certified::fixed::Scaled;

/// Bits beyond those of the digits and of the interval.
const GUARD: usize = 64;

/// Longest power of ten that is computed exactly.
const LONGEST_POWER: u64 = 4000;

/// Numbers beyond 2 to this are no exact constants; they would take as many bits.
const LONGEST_EXPONENT: isize = 100_000;

/// The significant digits of all numbers within `radius` of `center`, if they round to the same
/// ones; 0 has none.
pub fn determined(center: &Real, radius: &Real, digits: usize) -> Option<String> {
    let (significand, exponent) = center.repr().clone().into_parts();
    if significand.is_zero() {
        return None;
    }
    let negative = significand < IBig::ZERO;
    let size = significand.abs();
    let signed = |digits: String| {
        if negative {
            format!("-{digits}")
        } else {
            digits
        }
    };
    if radius.repr().significand().is_zero() && exponent.abs() < LONGEST_EXPONENT {
        let two = IBig::ONE << exponent.unsigned_abs();
        let (over, under) = match exponent >= 0 {
            true => (size * two, IBig::ONE),
            false => (size, two),
        };
        return Some(signed(of_fraction(&over, &under, digits)));
    }
    let bits = (digits as f64 * std::f64::consts::LOG2_10).ceil() as usize;
    let precision = bits.max(size.bit_len()) + GUARD;
    let mut size = Scaled::integer(size, precision);
    size.exponent += exponent;
    let last_place = size.exponent - precision as isize;
    let radius = (radius * power_of_two(-last_place)).to_f64().value();
    size.mantissa.error += radius * 1.01;
    // floor(log₁₀|x|), or next to it
    let leading = (&size.mantissa.units >> (precision - 52)).to_f64().value() / 52.0_f64.exp2();
    let log = (leading.log2() + size.exponent as f64) * std::f64::consts::LOG10_2;
    let scaled = |power| rounded(&times_power_of_ten(&size, power));
    written(digits, log.floor() as isize + 1, scaled).map(signed)
}

/// The significant digits of `over`/`under`, both positive, a half rounded up: a fraction may lie half
/// way between two decimals, where no interval decides.
pub fn of_fraction(over: &IBig, under: &IBig, digits: usize) -> String {
    let log = (over.bit_len() as f64 - under.bit_len() as f64) * std::f64::consts::LOG10_2;
    let scaled = |power: isize| {
        let ten = IBig::from(10).pow(power.unsigned_abs());
        let (over, under) = if power >= 0 {
            (over * ten, under.clone())
        } else {
            (over.clone(), under * ten)
        };
        Some((over * 2 + &under) / (under * 2))
    };
    written(digits, log.floor() as isize, scaled).expect("a fraction always rounds")
}

/// So many digits of a number with about `point` of them before the decimal point; `rounded` is the
/// integer next to the number times a power of ten, where it is determined.
fn written(
    digits: usize,
    mut point: isize,
    rounded: impl Fn(isize) -> Option<IBig>,
) -> Option<String> {
    let (least, most) = (IBig::from(10).pow(digits - 1), IBig::from(10).pow(digits));
    loop {
        let integer = rounded(digits as isize - point)?;
        if integer < least {
            point -= 1;
        } else if integer > most {
            point += 1;
        } else if integer == most {
            return Some(notation(&least.to_string(), point + 1));
        } else {
            return Some(notation(&integer.to_string(), point));
        }
    }
}

/// x·10^`exponent`.
fn times_power_of_ten(x: &Scaled, exponent: isize) -> Scaled {
    let precision = x.mantissa.precision;
    let size = exponent.unsigned_abs();
    let ten = IBig::from(10);
    let power = if size as u64 <= LONGEST_POWER {
        Scaled::integer(ten.pow(size), precision)
    } else {
        Scaled::integer(ten, precision).power(size as u64)
    };
    if exponent >= 0 {
        x.times(&power)
    } else {
        x.over(&power)
    }
}

/// The integer that all numbers of the interval round to.
fn rounded(x: &Scaled) -> Option<IBig> {
    let places = x.mantissa.precision as isize - x.exponent;
    let places = usize::try_from(places).ok().filter(|&places| places > 0)?;
    let off = IBig::try_from((x.mantissa.error * 1.01).ceil()).ok()?;
    let half = IBig::ONE << (places - 1);
    let low = (&x.mantissa.units + &half - &off) >> places;
    let high = (&x.mantissa.units + half + off) >> places;
    (low == high).then_some(low)
}

/// 0.`digits`·10^`point` in plain or scientific notation.
fn notation(digits: &str, point: isize) -> String {
    let count = digits.len() as isize;
    match point {
        _ if point == count => digits.to_owned(),
        1.. if point < count => {
            let (whole, fraction) = digits.split_at(point as usize);
            format!("{whole}.{fraction}")
        }
        -5..=0 => format!("0.{}{digits}", "0".repeat(point.unsigned_abs())),
        _ => {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            format!("{first}{dot}{rest}e{}", point - 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer_law::certified::arithmetic::small;

    fn real(numerator: i64, power_of_two: isize) -> Real {
        Real::from_parts(IBig::from(numerator), power_of_two)
    }

    fn digits_of(numerator: i64, exponent: isize, radius: f64, digits: usize) -> Option<String> {
        determined(&real(numerator, exponent), &small(radius), digits)
    }

    #[test]
    fn notations() {
        for (numerator, exponent, digits, text) in [
            (5, -1, 3, "2.50"),
            (-5, -1, 3, "-2.50"),
            (1, 0, 1, "1"),
            (1000, 0, 4, "1000"),
            (1000, 0, 3, "1.00e3"),
            (1, -15, 4, "0.00003052"),
            (1, -20, 4, "9.537e-7"),
            (1, -30, 4, "9.313e-10"),
            (9999, 0, 3, "1.00e4"),
            (1, 100_000, 5, "9.9900e30102"),
            (1, -100_000, 5, "1.0010e-30103"),
        ] {
            let found = digits_of(numerator, exponent, 0.0, digits);
            assert_eq!(found.as_deref(), Some(text), "{numerator}·2^{exponent}");
        }
    }

    #[test]
    fn an_interval_that_reaches_over_a_half_determines_nothing() {
        assert_eq!(digits_of(5, -1, 1e-30, 1), None);
        assert_eq!(digits_of(5, -1, 1e-30, 2).as_deref(), Some("2.5"));
        assert_eq!(
            digits_of(1, 0, 1e-30, 20).as_deref(),
            Some("1.0000000000000000000")
        );
        assert_eq!(digits_of(1, 0, 0.1, 2), None);
        assert_eq!(digits_of(1, 0, 3.0, 1), None);
        assert_eq!(digits_of(0, 0, 1e-30, 1), None);
    }

    #[test]
    fn fractions() {
        for (over, under, digits, text) in [
            (2, 3, 4, "0.6667"),
            (1, 1, 3, "1.00"),
            (65_535, 65_536, 15, "0.999984741210938"),
            (99_999, 100_000, 3, "1.00"),
            (1, 800, 2, "0.0013"),
            (1, 3_000_000, 2, "3.3e-7"),
            (123_456, 1, 2, "1.2e5"),
        ] {
            let found = of_fraction(&IBig::from(over), &IBig::from(under), digits);
            assert_eq!(found, text, "{over}/{under}");
        }
    }

    #[test]
    fn exact_numbers_half_way_are_rounded_up() {
        // 1 − 2⁻¹⁶ = 0.9999847412109375
        let text = digits_of(65_535, -16, 0.0, 15);
        assert_eq!(text.as_deref(), Some("0.999984741210938"));
        assert_eq!(digits_of(5, -1, 0.0, 1).as_deref(), Some("3"));
        assert_eq!(digits_of(-5, -1, 0.0, 1).as_deref(), Some("-3"));
        // what is not exact is not decided
        assert_eq!(digits_of(65_535, -16, 1e-25, 15), None);
        // though the radius be no double
        let tiny = &small(1e-300) * &small(1e-300);
        assert_eq!(determined(&real(65_535, -16), &tiny, 15), None);
    }
}
