//! exp, log, roots, π and the inverse hyperbolic tangent of rationals, in integers, with counted
//! errors.
//!
//! Proved in proofs-notes/certified.md, *Functions*.

use std::sync::{Mutex, PoisonError};

use dashu_int::IBig;
use dashu_int::ops::{Abs, BitTest, DivRemEuclid};

use crate::layer_law::certified::arithmetic::Real;
use crate::layer_law::certified::fixed::{Fixed, Scaled};
use crate::layer_law::certified::rational::Rational;

/// Bits that inner sums have more than their result.
const GUARD: usize = 16;

/// Bits that log 2 has more than the number that it is added to or taken from, so often that it
/// may be a large number of times.
const LN_2_GUARD: usize = 64;

/// How far it is off then: 3 units.
const LN_2_ERROR: f64 = 2e-19;

/// Σ_{k≥0} y^{2k+1}/(2k+1) = atanh y for y = `over`/`under`, |y| ≤ 1/2.
pub fn atanh(over: &IBig, under: &IBig, precision: usize) -> Fixed {
    odd_series(over, &(over * over), under, precision)
}

/// atan(1/`under`), whose series is that of atanh with alternating signs.
fn atan_inverse(under: i64, precision: usize) -> Fixed {
    odd_series(&IBig::ONE, &IBig::NEG_ONE, &IBig::from(under), precision)
}

/// Σ_{k≥0} y·zᵏ/(2k+1) for y = `over`/`under`, |y| ≤ 1/2, and z = `over_square`/`under`², |z| = y².
fn odd_series(over: &IBig, over_square: &IBig, under: &IBig, precision: usize) -> Fixed {
    let working = precision + GUARD;
    let under_square = under * under;
    let mut power = (over << working) / under;
    let mut sum = power.clone();
    let mut terms = 1_u32;
    while !power.is_zero() {
        power = if over_square.is_one() {
            power / &under_square
        } else {
            power * over_square / &under_square
        };
        sum += &power / (2 * terms + 1);
        terms += 1;
    }
    // a term is off by 4/3 (its power) and 1, what is left out by 1 in all
    let error = 3.0 * f64::from(terms) + 3.0;
    let working = Fixed {
        units: sum,
        error,
        precision: working,
    };
    working.to_precision(precision)
}

/// A constant at the longest precision that was asked for.
type Longest = Mutex<(usize, IBig)>;

/// The constant in units of 2^{−precision}, `computed` where it is not known to so many bits.
fn constant(known: &Longest, precision: usize, computed: impl Fn(usize) -> IBig) -> IBig {
    let mut longest = known.lock().unwrap_or_else(PoisonError::into_inner);
    if longest.0 < precision {
        *longest = (precision, computed(precision + GUARD) >> GUARD);
    }
    &longest.1 >> (longest.0 - precision)
}

/// log 2 = 18 atanh(1/26) − 2 atanh(1/4801) + 8 atanh(1/8749), less than 3 units off.
pub fn ln_2(precision: usize) -> IBig {
    static KNOWN: Longest = Mutex::new((0, IBig::ZERO));
    constant(&KNOWN, precision, |working| {
        let parts = [(18, 26), (-2, 4801), (8, 8749)];
        let part = |(factor, under)| atanh(&IBig::ONE, &IBig::from(under), working).units * factor;
        parts.map(part).into_iter().sum()
    })
}

/// π = 16 atan(1/5) − 4 atan(1/239), less than 3 units off.
pub fn pi(precision: usize) -> Fixed {
    static KNOWN: Longest = Mutex::new((0, IBig::ZERO));
    let units = constant(&KNOWN, precision, |working| {
        let parts = [(16, 5), (-4, 239)];
        let part = |(factor, under)| atan_inverse(under, working).units * factor;
        parts.map(part).into_iter().sum()
    });
    Fixed {
        units,
        error: 3.0,
        precision,
    }
}

/// How many units [`exp_reduced`] is off.
const EXP_ERROR: f64 = 1.5;

/// e^x for 0 ≤ x < 1, both in units of 2^{−precision}: e^{x/2ʲ} by its series, squared j times.
fn exp_reduced(x: &IBig, precision: usize) -> IBig {
    let wanted = (0.4 * (precision as f64).sqrt()) as usize + 2;
    let halvings = wanted.saturating_sub(precision - x.bit_len());
    let working = precision + halvings + 6;
    // x/2ʲ
    let y = x << 6;
    let rate = (working - y.bit_len()) as f64;
    let mut terms = 1_u32;
    let mut left_out = rate;
    while left_out < working as f64 + 1.0 {
        terms += 1;
        left_out += rate + f64::from(terms).log2();
    }
    let block = f64::from(terms).sqrt().ceil() as usize;
    let mut powers = vec![IBig::ONE << working, y];
    for i in 2..=block {
        powers.push((&powers[i / 2] * &powers[i - i / 2]) >> working);
    }
    let last = terms as usize - 1;
    let mut sum = powers[last % block].clone();
    // what it is still to be divided by: a division takes four times as long as a product
    let mut held = 1_u64;
    for k in (0..last).rev() {
        if (k + 1) % block == 0 {
            sum = (sum * &powers[block]) >> working;
        }
        let next = k as u64 + 1;
        held = match held.checked_mul(next) {
            Some(product) => product,
            None => {
                sum /= held;
                next
            }
        };
        sum += &powers[k % block] * held;
    }
    sum /= held;
    for _ in 0..halvings {
        sum = IBig::from(sum.sqr() >> working);
    }
    sum >> (halvings + 6)
}

/// Fewest bits of a logarithm.
pub const FEWEST: usize = 64;

/// Bits up to which a logarithm starts from that of a double.
const FROM_DOUBLE: usize = 240;

/// log x for 1 ≤ x < 2, in units of 2^{−precision}, and how many it is off: with l from fewer
/// bits, whatever its error, log x = l + 2 atanh((x − eˡ)/(x + eˡ)).
fn ln_reduced(x: &IBig, precision: usize) -> (IBig, f64) {
    let guess = if precision <= FROM_DOUBLE {
        let double = (x >> (precision - 60)).to_f64().value() / 60.0_f64.exp2();
        let bits = (double.ln() * 60.0_f64.exp2()) as u64;
        IBig::from(bits) << (precision - 60)
    } else {
        let fewer = precision / 4 + GUARD;
        ln_reduced(&(x >> (precision - fewer)), fewer).0 << (precision - fewer)
    };
    let start = exp_reduced(&guess, precision);
    let difference = x - &start;
    let ratio = (&difference << precision) / (x + start);
    let size = (&ratio).abs();
    let square = (&ratio * &ratio) >> precision;
    let (mut sum, mut power) = (size.clone(), size);
    let mut terms = 1_u32;
    while !power.is_zero() {
        power = (power * &square) >> precision;
        sum += &power / (2 * terms + 1);
        terms += 1;
    }
    let twice = sum << 1;
    let signed = if difference < IBig::ZERO {
        -twice
    } else {
        twice
    };
    (guess + signed, 6.0 * f64::from(terms) + 4.0)
}

/// e^x.
pub fn exp(x: &Fixed) -> Scaled {
    let precision = x.precision;
    let ln_2 = ln_2(precision + LN_2_GUARD);
    let (quotient, rest) = (&x.units << LN_2_GUARD).div_rem_euclid(&ln_2);
    let Ok(exponent) = isize::try_from(&quotient) else {
        return lost(precision);
    };
    let off = x.error + 1.0 + exponent.unsigned_abs() as f64 * LN_2_ERROR;
    if off * (-(precision as f64)).exp2() > 0.125 {
        return lost(precision);
    }
    let mantissa = Fixed {
        units: exp_reduced(&IBig::from(rest >> LN_2_GUARD), precision),
        // e^r − 1 ≤ 1.07 r, and the mantissa is at most 2
        error: EXP_ERROR + 2.15 * off,
        precision,
    };
    Scaled::new(mantissa, exponent)
}

/// log x for x > 0.
pub fn ln(x: &Scaled) -> Fixed {
    let precision = x.mantissa.precision;
    let off = x.mantissa.error;
    if x.mantissa.units.is_zero() || off * (-(precision as f64)).exp2() > 0.005 {
        return lost(precision).mantissa;
    }
    let (units, error) = ln_reduced(&x.mantissa.units, precision);
    let whole = (ln_2(precision + LN_2_GUARD) * x.exponent) >> LN_2_GUARD;
    Fixed {
        units: units + whole,
        error: error + 1.01 * off + 1.0 + x.exponent.unsigned_abs() as f64 * LN_2_ERROR,
        precision,
    }
}

/// Largest k of [`inverse_root`]: its step takes a k-th power.
const LARGEST_ROOT: u64 = 16;

/// x^{−1/k} for x > 0 and 1 ≤ k ≤ [`LARGEST_ROOT`].
fn inverse_root(x: &Scaled, k: u64) -> Scaled {
    let precision = x.mantissa.precision;
    let off = x.mantissa.error;
    if x.mantissa.units.is_zero() || off * (-(precision as f64)).exp2() > 0.005 {
        return lost(precision);
    }
    if k == 1 {
        return Scaled::one(precision).over(x);
    }
    // x = m·2^{kq} with 1 ≤ m < 2^k
    let quotient = x.exponent.div_euclid(k as isize);
    let whole = Scaled {
        mantissa: x.mantissa.clone(),
        exponent: x.exponent.rem_euclid(k as isize),
    };
    let root = inverse_root_reduced(&whole, k, precision);
    Scaled::new(root, -quotient)
}

/// m^{−1/k} for 1 ≤ m < 2ᵏ, one of Newton's steps from y with fewer bits, whatever y's error:
/// with t = m yᵏ, m^{−1/k} = y t^{−1/k} = y(1 + (1−t)/k) up to y(1−t)² where |1−t| < 0.1.
fn inverse_root_reduced(m: &Scaled, k: u64, precision: usize) -> Fixed {
    let units = if precision <= FROM_DOUBLE / 4 {
        let mantissa = &m.mantissa.units >> (m.mantissa.precision - 52);
        let double = mantissa.to_f64().value() * (m.exponent as f64 - 52.0).exp2();
        let bits = (double.powf(-1.0 / k as f64) * 52.0_f64.exp2()) as u64;
        IBig::from(bits) << precision >> 52
    } else {
        let fewer = precision / 2 + GUARD;
        inverse_root_reduced(m, k, fewer).units << (precision - fewer)
    };
    let y = Fixed {
        units,
        error: 0.0,
        precision,
    };
    let m = m.to_precision(precision);
    let power = Scaled::new(y.clone(), 0).power(k);
    let rest = Fixed::integer(1, precision).minus(&m.times(&power).fixed());
    let step = y.times(&rest).times_ratio(&IBig::ONE, &IBig::from(k));
    let square = rest.times(&rest);
    let near = y.plus(&step);
    let own = if rest.size() < 0.1 {
        square.units.to_f64().value() + square.error
    } else {
        f64::INFINITY
    };
    Fixed {
        error: near.error + own,
        ..near
    }
}

/// Largest n for which x^{n/k} is made of products and a root.
const LARGEST_POWER: u64 = 64;

/// Whether [`inverse_power`] takes neither exp nor log.
pub fn is_short_power(over: &IBig, under: &IBig) -> bool {
    *over <= IBig::from(LARGEST_POWER) && *under <= IBig::from(LARGEST_ROOT)
}

/// x^{−y} for x > 0 and y = `over`/`under` > 0.
pub fn inverse_power(x: &Scaled, over: &IBig, under: &IBig) -> Scaled {
    if is_short_power(over, under)
        && let (Ok(n), Ok(k)) = (u64::try_from(over), u64::try_from(under))
    {
        return inverse_root(&x.power(n), k);
    }
    exp(&ln(x).times_ratio(&-over, under))
}

/// x^y for a fraction x > 0 and y > 0.
pub fn power_of_fraction(x: &Rational, y: &Rational, precision: usize) -> Scaled {
    let inverse = Scaled::ratio(x.denominator(), x.numerator(), precision);
    inverse_power(&inverse, y.numerator(), y.denominator())
}

/// log x for x > 0, off by less than 2^{−p}·max(1, |log x|) at p bits.
pub fn ln_of(x: &Real) -> Real {
    let precision = x.precision();
    let log = ln(&Scaled::of(x, precision.max(FEWEST) + GUARD));
    log.center().with_precision(precision).value()
}

/// log(1 + y) for y ≥ 0, off by less than an ulp: with as many bits more as y is small.
pub fn ln_1p(y: &Real) -> Real {
    let precision = y.precision();
    let (significand, exponent) = y.repr().clone().into_parts();
    if significand.is_zero() {
        return y.clone();
    }
    // 2^{size−1} ≤ y < 2^size
    let size = significand.bit_len() as isize + exponent;
    let more = (1 - size).max(0) as usize;
    let working = precision.max(FEWEST) + GUARD + more;
    let y = Fixed::of(y, working);
    let sum = Fixed::integer(1, working).plus(&y);
    let log = ln(&Scaled::new(sum, 0));
    log.center().with_precision(precision).value()
}

/// A number of which nothing is known.
fn lost(precision: usize) -> Scaled {
    let mantissa = Fixed {
        error: f64::INFINITY,
        ..Fixed::integer(1, precision)
    };
    Scaled {
        mantissa,
        exponent: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer_law::certified::arithmetic::{integer, power_of_two, size};
    use crate::layer_law::certified::ball::Ball;

    const PRECISIONS: [usize; 6] = [64, 100, 239, 241, 1000, 3400];

    fn third(precision: usize, factor: i64) -> Real {
        integer(factor, precision + 64) / integer(3, precision + 64)
    }

    /// How far a result is from `truth`, in units of its bound.
    fn off(found: &Ball, truth: &Real) -> f64 {
        let off = size(truth - found.center());
        (off / found.radius()).to_f64().value()
    }

    fn is_narrow(found: &Ball, precision: usize) -> bool {
        found.digits() > precision as f64 * 0.301 - 6.0
    }

    #[test]
    fn exponentials_are_those_of_another_library() {
        for precision in PRECISIONS {
            for factor in [0, 1, 2, 5, 100, -1, -7, 3_000_000] {
                let x = third(precision, factor);
                let found = exp(&Fixed::of(&x, precision)).ball();
                let ratio = off(&found, &x.exp());
                assert!(ratio <= 1.0, "{factor}/3 in {precision} bits: {ratio}");
                assert!(
                    is_narrow(&found, precision),
                    "{factor}/3 in {precision} bits"
                );
                // an error of three times the bound is seen
                let wrong = x.exp().with_precision(precision + 64).value();
                let wrong = wrong + found.radius() * integer(3, 64);
                assert!(off(&found, &wrong) > 1.0);
            }
        }
    }

    #[test]
    fn logarithms_are_those_of_another_library() {
        for precision in PRECISIONS {
            for factor in [1, 2, 3, 4, 5, 6, 7, 3_000_001] {
                let x = third(precision, factor);
                let found = ln(&Scaled::of(&x, precision)).ball();
                if factor == 3 {
                    assert!(size(found.center().clone()) <= *found.radius());
                    continue;
                }
                let ratio = off(&found, &x.ln());
                assert!(ratio <= 1.0, "{factor}/3 in {precision} bits: {ratio}");
                assert!(
                    is_narrow(&found, precision),
                    "{factor}/3 in {precision} bits"
                );
                let wrong = x.ln() + found.radius() * integer(3, 64);
                assert!(off(&found, &wrong) > 1.0);
            }
        }
    }

    #[test]
    fn inverse_powers_are_those_of_another_library() {
        for precision in PRECISIONS {
            for (over, under) in [(1, 1), (1, 2), (10, 7), (1, 3), (2, 3), (1, 16), (7, 17)] {
                for (factor, exponent) in [(1, 0), (2, 0), (5, 77), (7, -301), (3_000_001, 1)] {
                    let x = third(precision, factor) * power_of_two(exponent);
                    let x = x.with_precision(precision + 64).value();
                    let power = |n: i64| integer(n, precision + 64);
                    let truth = (-x.ln() * power(over) / power(under)).exp();
                    let scaled = Scaled::of(&x, precision);
                    let [n, k] = [over, under].map(IBig::from);
                    let found = inverse_power(&scaled, &n, &k).ball();
                    let ratio = off(&found, &truth);
                    assert!(ratio <= 1.0, "{over}/{under} in {precision} bits: {ratio}");
                    assert!(is_narrow(&found, precision), "{over}/{under}, {precision}");
                    let wrong = truth + found.radius() * integer(3, 64);
                    assert!(off(&found, &wrong) > 1.0);
                }
            }
        }
    }

    #[test]
    fn logarithms_next_to_1_lose_nothing() {
        for precision in PRECISIONS {
            for exponent in [-300, -20, -1, 0, 1, 90] {
                let y = third(precision, 2) * power_of_two(exponent);
                let y = y.with_precision(precision).value();
                let truth = y.clone().with_precision(precision + 64).value().ln_1p();
                let off = |found: Real| {
                    let relative = size(&truth - found) / &truth;
                    (relative * power_of_two(precision as isize))
                        .to_f64()
                        .value()
                };
                assert!(off(ln_1p(&y)) < 1.0, "{exponent} in {precision} bits");
                let wrong =
                    ln_1p(&y) * (integer(1, precision) + power_of_two(2 - precision as isize));
                assert!(off(wrong) > 1.0, "{exponent} in {precision} bits");
            }
        }
    }

    #[test]
    fn inverse_tangents_are_half_a_logarithm() {
        for precision in PRECISIONS {
            for (over, under) in [(1, 2), (-1, 2), (1, 3), (7, 1_000_000)] {
                let found = atanh(&IBig::from(over), &IBig::from(under), precision).ball();
                let [up, down] = [under + over, under - over].map(|n| integer(n, precision + 64));
                let truth = (up / down).ln() / integer(2, precision + 64);
                assert!(
                    off(&found, &truth) <= 1.0,
                    "{over}/{under} in {precision} bits"
                );
                assert!(is_narrow(&found, precision - 20), "{over}/{under}");
            }
        }
    }
}
