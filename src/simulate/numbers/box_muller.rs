//! Box–Muller's transform, in f64 and in f32.
//!
//! Box, G. E. P. & Muller, M. E. (1958), A note on the generation of random normal deviates.

use crate::simulate::numbers::elementary::{log, open_unit, polynomial, small_cosine, small_sine};
use crate::simulate::numbers::generators::{LANES, Lanes};
use crate::simulate::numbers::{BLOCK, PAIRS};

/// Box–Muller on words of 64 bits.
pub trait BoxMuller: Sized {
    /// A block of normals from the generators' next words, the second of each pair PAIRS after the
    /// first.
    ///
    /// Words are transformed as they are drawn: the generators' integers and the polynomials keep
    /// different parts of a processor busy.
    fn normals(lanes: &mut Lanes, block: &mut [Self; BLOCK]);
}

impl BoxMuller for f64 {
    #[inline(always)]
    fn normals(lanes: &mut Lanes, block: &mut [f64; BLOCK]) {
        // a copy stays in registers
        let mut steps = lanes.clone();
        let (first, second) = block.as_chunks_mut::<LANES>().0.split_at_mut(PAIRS / LANES);
        for squares in first.iter_mut() {
            let words = steps.step();
            for lane in 0..LANES {
                squares[lane] = minus_two_log(words[lane]);
            }
        }
        // square roots here, as the loop above has the divisions
        for (first, second) in first.iter_mut().zip(second) {
            let words = steps.step();
            for lane in 0..LANES {
                let radius = signed(first[lane].sqrt(), words[lane]);
                let (sine, cosine) = quarter_direction(words[lane]);
                first[lane] = radius * sine;
                second[lane] = radius * cosine;
            }
        }
        *lanes = steps;
    }
}

/// −2 log u, u = (k + ½)/2⁵² with k the word's upper 52 bits.
#[inline(always)]
fn minus_two_log(word: u64) -> f64 {
    -2.0 * log(open_unit(word))
}

/// (sin α, cos α) up to a common sign, of an angle uniform on the circle: two bits for the quarter,
/// the rest for the angle within it.
#[inline(always)]
fn quarter_direction(word: u64) -> (f64, f64) {
    let fraction = f64::from_bits(1.0_f64.to_bits() | ((word << 2) >> 12)) - 1.5;
    let angle = fraction * std::f64::consts::FRAC_PI_2;
    let (sine, cosine) = (small_sine(angle), small_cosine(angle));
    if word >> 63 == 1 {
        (cosine, sine)
    } else {
        (sine, cosine)
    }
}

/// The value with the sign of the word's quarter.
#[inline(always)]
fn signed(value: f64, word: u64) -> f64 {
    f64::from_bits(value.to_bits() ^ ((word << 1) & (1 << 63)))
}

impl BoxMuller for f32 {
    #[inline(always)]
    fn normals(lanes: &mut Lanes, block: &mut [f32; BLOCK]) {
        // a copy stays in registers
        let mut steps = lanes.clone();
        let (first, second) = block.as_chunks_mut::<LANES>().0.split_at_mut(PAIRS / LANES);
        for (first, second) in first.iter_mut().zip(second) {
            let words = steps.step();
            // halves in arrays of their own, or the loop would be as narrow as for 64 bits
            let (mut radii, mut angles) = ([0_u32; LANES], [0_u32; LANES]);
            for lane in 0..LANES {
                radii[lane] = (words[lane] >> 32) as u32;
                angles[lane] = words[lane] as u32;
            }
            for lane in 0..LANES {
                let radius = minus_two_log_single(radii[lane]).sqrt();
                let (sine, cosine) = direction_single(angles[lane]);
                first[lane] = radius * sine;
                second[lane] = radius * cosine;
            }
        }
        *lanes = steps;
    }
}

/// −2 log u, u = (k + ½)/2³² rounded to an f32, k the 32 bits.
#[inline(always)]
fn minus_two_log_single(bits: u32) -> f32 {
    const ROOT_HALF: u32 = 0x3f35_04f3;
    const FRACTION: u32 = (1 << 23) - 1;
    // in two halves: the conversion of a signed number is the one that processors have
    let (high, low) = ((bits >> 16) as i32 as f32, (bits & 0xffff) as i32 as f32);
    let unit = high.mul_add(65_536.0, low + 0.5) * (1.0 / 4_294_967_296.0);
    let offset = unit.to_bits().wrapping_sub(ROOT_HALF);
    let mantissa = f32::from_bits((offset & FRACTION).wrapping_add(ROOT_HALF));
    let exponent = ((offset as i32) >> 23) as f32;
    // log(1 + f), minimax coefficients as in Cephes' logf
    let f = mantissa - 1.0;
    let square = f * f;
    let series = polynomial(
        f,
        [
            7.037_683_6e-2,
            -0.115_146_1,
            0.116_769_99,
            -0.124_201_41,
            0.142_493_23,
            -0.166_680_58,
            0.200_007_15,
            -0.249_999_94,
            0.333_333_3,
        ],
    );
    let log = (square * f).mul_add(series, square.mul_add(-0.5, f));
    -2.0 * exponent.mul_add(std::f32::consts::LN_2, log)
}

/// (sin α, cos α) as in f64, from 32 bits.
#[inline(always)]
fn direction_single(bits: u32) -> (f32, f32) {
    const STEP: f32 = std::f32::consts::FRAC_PI_4 / (1 << 29) as f32;
    let angle = (((bits << 2) as i32) >> 2) as f32 * STEP;
    let square = angle * angle;
    let sine = polynomial(square, [-1.951_529_6e-4, 8.332_161e-3, -0.166_666_55]);
    let sine = (angle * square).mul_add(sine, angle);
    let cosine = polynomial(
        square,
        [2.443_315_7e-5, -1.388_731_6e-3, 4.166_664_6e-2, -0.5],
    );
    let cosine = square.mul_add(cosine, 1.0);
    let (first, second) = if bits >> 31 == 1 {
        (cosine, sine)
    } else {
        (sine, cosine)
    };
    let sign = (bits << 1) & (1 << 31);
    let signed = |value: f32| f32::from_bits(value.to_bits() ^ sign);
    (signed(first), signed(second))
}

#[cfg(test)]
mod tests {
    use std::f64::consts::FRAC_PI_2;

    use super::*;
    use crate::simulate::streams::trajectory_stream;

    /// (relative error of the logarithm, absolute error of sine and cosine) for a word in f64.
    fn errors(word: u64) -> [f64; 2] {
        let unit = ((word >> 12) as f64 + 0.5) / 2.0_f64.powi(52);
        let log = -2.0 * unit.ln();
        let fraction = ((word << 2) >> 12) as f64 / 2.0_f64.powi(52) - 0.5;
        let expected = rotated(fraction * FRAC_PI_2, word >> 62);
        let (sine, cosine) = quarter_direction(word);
        let (first, second) = (signed(sine, word), signed(cosine, word));
        let distance = (first - expected.0).abs().max((second - expected.1).abs());
        [(minus_two_log(word) - log).abs() / log, distance]
    }

    /// As `errors`, in f32; the logarithm is that of the rounded uniform number, and exactly 0 at
    /// 1.
    fn errors_single(bits: u32) -> [f64; 2] {
        let unit = f64::from(((f64::from(bits) + 0.5) / 2.0_f64.powi(32)) as f32);
        let log = -2.0 * unit.ln();
        let fraction = f64::from(((bits << 2) as i32) >> 2) / 2.0_f64.powi(30);
        let expected = rotated(fraction * FRAC_PI_2, u64::from(bits >> 30));
        let (first, second) = direction_single(bits);
        let first = (f64::from(first) - expected.0).abs();
        let distance = first.max((f64::from(second) - expected.1).abs());
        [
            (f64::from(minus_two_log_single(bits)) - log).abs() / log.max(1e-30),
            distance,
        ]
    }

    /// Sine and cosine of the angle in the given quarter of the circle.
    fn rotated(angle: f64, quarter: u64) -> (f64, f64) {
        let sign = if quarter & 1 == 1 { -1.0 } else { 1.0 };
        let (sine, cosine) = (sign * angle.sin(), sign * angle.cos());
        if quarter & 2 == 2 {
            (cosine, sine)
        } else {
            (sine, cosine)
        }
    }

    /// Every step of the transform against the standard library's functions.
    #[test]
    fn the_transform_is_as_accurate_as_it_says() {
        let mut lanes = Lanes::new(&mut trajectory_stream(3, 5));
        let mut words = vec![0; 1 << 16];
        lanes.fill(&mut words);
        // words that reach the ends of the ranges
        let edges = [
            0,
            1,
            u64::MAX,
            1 << 63,
            (1 << 62) - 1,
            1 << 12,
            0xffff_ffff,
            u64::MAX << 32,
        ];
        let (mut worst, mut single) = (0.0_f64, 0.0_f64);
        for word in words.into_iter().chain(edges) {
            worst = errors(word).into_iter().fold(worst, f64::max);
            single = errors_single((word >> 32) as u32)
                .into_iter()
                .fold(single, f64::max);
            single = errors_single(word as u32)
                .into_iter()
                .fold(single, f64::max);
        }
        println!("worst error {worst:e} in f64, {single:e} in f32");
        assert!(worst < 4e-16, "{worst:e}");
        assert!(single < 3e-7, "{single:e}");
    }
}
