//! Normal and uniform numbers in bulk, for weight matrices drawn entry by entry.
//!
//! Sixteen xoshiro256++ generators run side by side, and Box–Muller's transform
//! turns their words into normals. The loops are plain arithmetic on arrays: called
//! from inside a `pulp` dispatch they are compiled to the widest vector instructions
//! that the processor has (AVX-512, AVX2 with FMA, NEON), and as every rounding is spelled out
//! (`mul_add` is one rounding everywhere) all of them give the same bits.
//!
//! Box, G. E. P. & Muller, M. E. (1958), A note on the generation of random normal deviates.
//! Blackman, D. & Vigna, S. (2021), Scrambled linear pseudorandom number generators.

use num_traits::{Float, FromPrimitive};
use pulp::{Simd, WithSimd};
use rand::Rng;

/// Generators that run side by side.
const LANES: usize = 16;

/// Pairs of normals made at once.
const PAIRS: usize = 256;

/// Numbers made at once.
pub(crate) const BLOCK: usize = 2 * PAIRS;

/// Sixteen xoshiro256++ generators, lane by lane.
///
/// Each has period 2²⁵⁶ − 1 and starts at a pseudo-random point of it: the states are words of the trajectory's
/// ChaCha stream. That two of N lanes of L words overlap has probability at most N²L/2²⁵⁵: below 1e-30 for
/// 2⁴⁰ trajectories of 2⁶⁴ words.
#[derive(Debug, Clone)]
struct Lanes {
    states: [[u64; LANES]; 4],
}

impl Lanes {
    fn new(stream: &mut impl Rng) -> Self {
        let mut states = [[0; LANES]; 4];
        for word in states.as_flattened_mut() {
            *word = stream.next_u64();
        }
        Self { states }
    }

    #[inline(always)]
    fn fill(&mut self, words: &mut [u64]) {
        let [mut a, mut b, mut c, mut d] = self.states;
        for chunk in words.as_chunks_mut::<LANES>().0 {
            for lane in 0..LANES {
                chunk[lane] = a[lane]
                    .wrapping_add(d[lane])
                    .rotate_left(23)
                    .wrapping_add(a[lane]);
                let shifted = b[lane] << 17;
                c[lane] ^= a[lane];
                d[lane] ^= b[lane];
                b[lane] ^= c[lane];
                a[lane] ^= d[lane];
                c[lane] ^= shifted;
                d[lane] = d[lane].rotate_left(45);
            }
        }
        self.states = [a, b, c, d];
    }
}

/// The precisions in which networks are simulated.
pub trait Real: Float + FromPrimitive + Default + Send + Sync + sealed::Normal {
    /// The same number as a double.
    fn double(self) -> f64;
}

impl Real for f32 {
    #[inline(always)]
    fn double(self) -> f64 {
        f64::from(self)
    }
}

impl Real for f64 {
    #[inline(always)]
    fn double(self) -> f64 {
        self
    }
}

mod sealed {
    /// Box–Muller on words of 64 bits.
    pub trait Normal: Sized {
        /// Words that a pair of normals takes.
        const WORDS: usize;

        /// A pair for every index; `words` has WORDS of them for each.
        fn transform(words: &[u64], first: &mut [Self], second: &mut [Self]);
    }
}

/// A stream of independent N(0,1) numbers.
///
/// In f64 a pair takes two words: 52 bits for the radius, so that |z| ≤ 8.57, and 54 for the
/// angle, each value within 5e-16·(1 + |z|) of the exact function of the words. In f32 one word: 32 bits
/// for the radius, |z| ≤ 6.77, and 32 for the angle, within 4e-7·(1 + |z|). What is cut off
/// has probability 1e-17 and 1.4e-11.
///
/// ```
/// use isomoment::simulate::normals::Normals;
/// use isomoment::simulate::streams::trajectory_stream;
/// let mut normals = Normals::<f64>::new(&mut trajectory_stream(1, 0));
/// let mut sample = vec![0.0; 10_000];
/// normals.fill(&mut sample);
/// let mean_square = sample.iter().map(|z| z * z).sum::<f64>() / 1e4;
/// assert!((mean_square - 1.0).abs() < 0.1);
/// ```
#[derive(Debug, Clone)]
pub struct Normals<F> {
    lanes: Lanes,
    block: Box<[F; BLOCK]>,
    used: usize,
}

impl<F: Real> Normals<F> {
    /// A stream whose generators start at the next words of `stream`.
    pub fn new(stream: &mut impl Rng) -> Self {
        Self {
            lanes: Lanes::new(stream),
            block: Box::new([F::default(); BLOCK]),
            used: BLOCK,
        }
    }

    /// The next numbers of the stream.
    pub fn fill(&mut self, numbers: &mut [F]) {
        struct Fill<'a, F>(&'a mut Normals<F>, &'a mut [F]);
        impl<F: Real> WithSimd for Fill<'_, F> {
            type Output = ();

            #[inline(always)]
            fn with_simd<S: Simd>(self, _: S) {
                let mut filled = 0;
                while filled < self.1.len() {
                    let next = self.0.take(self.1.len() - filled);
                    self.1[filled..filled + next.len()].copy_from_slice(next);
                    filled += next.len();
                }
            }
        }
        pulp::Arch::new().dispatch(Fill(self, numbers));
    }

    /// The next numbers, at least one and at most `wanted`: what the block has left.
    #[inline(always)]
    pub(crate) fn take(&mut self, wanted: usize) -> &[F] {
        if self.used == BLOCK {
            let mut words = [0; BLOCK];
            let words = &mut words[..F::WORDS * PAIRS];
            self.lanes.fill(words);
            let (first, second) = self.block.split_at_mut(PAIRS);
            F::transform(words, first, second);
            self.used = 0;
        }
        let start = self.used;
        self.used = BLOCK.min(start + wanted);
        &self.block[start..self.used]
    }
}

impl sealed::Normal for f64 {
    const WORDS: usize = 2;

    #[inline(always)]
    fn transform(words: &[u64], first: &mut [f64], second: &mut [f64]) {
        let (radii, angles) = words.split_at(PAIRS);
        for i in 0..PAIRS {
            let radius = minus_two_log(radii[i]).sqrt();
            let (sine, cosine) = direction(angles[i]);
            first[i] = radius * sine;
            second[i] = radius * cosine;
        }
    }
}

/// −2 log u, u = (k + ½)/2⁵² with k the word's upper 52 bits.
#[inline(always)]
fn minus_two_log(word: u64) -> f64 {
    const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    const FRACTION: u64 = (1 << 52) - 1;
    let unit = f64::from_bits(1.0_f64.to_bits() | (word >> 12)) - (1.0 - 0.5 * f64::EPSILON);
    // u = 2^exponent·mantissa with √½ ≤ mantissa < √2
    let offset = unit.to_bits().wrapping_sub(ROOT_HALF);
    let mantissa = f64::from_bits((offset & FRACTION).wrapping_add(ROOT_HALF));
    // a 12-bit two's complement number becomes a double by way of the mantissa of 2⁵²
    let biased = (offset >> 52).wrapping_add(2048) & 0xfff;
    let exponent =
        f64::from_bits(2.0_f64.powi(52).to_bits() | biased) - (2.0_f64.powi(52) + 2048.0);
    // log mantissa = 2 artanh t; minimax coefficients of artanh as in fdlibm's log
    let t = (mantissa - 1.0) / (mantissa + 1.0);
    let square = t * t;
    let series = polynomial(
        square,
        [
            0.147_981_986_051_165_86,
            0.153_138_376_992_093_73,
            0.181_835_721_616_180_5,
            0.222_221_984_321_497_84,
            0.285_714_287_436_623_9,
            0.399_999_999_994_094_2,
            0.666_666_666_666_673_5,
        ],
    );
    let log = (t * square).mul_add(series, 2.0 * t);
    -2.0 * exponent.mul_add(std::f64::consts::LN_2, log)
}

/// (sin α, cos α) of an angle uniform on the circle: two bits for the quarter, the rest for the angle within it.
#[inline(always)]
fn direction(word: u64) -> (f64, f64) {
    let fraction = f64::from_bits(1.0_f64.to_bits() | ((word << 2) >> 12)) - 1.5;
    let angle = fraction * std::f64::consts::FRAC_PI_2;
    let square = angle * angle;
    // minimax on (−π/4, π/4), coefficients as in fdlibm
    let sine = polynomial(
        square,
        [
            1.589_623_015_765_465_7e-10,
            -2.505_074_776_285_780_7e-8,
            2.755_731_362_138_572_5e-6,
            -1.984_126_982_958_954e-4,
            8.333_333_333_322_118e-3,
            -0.166_666_666_666_666_3,
        ],
    );
    let sine = (angle * square).mul_add(sine, angle);
    let cosine = polynomial(
        square,
        [
            -1.135_853_652_138_768_2e-11,
            2.087_570_084_197_473e-9,
            -2.755_731_417_929_674e-7,
            2.480_158_728_885_170_5e-5,
            -1.388_888_888_887_305_6e-3,
            4.166_666_666_666_659e-2,
            -0.5,
        ],
    );
    let cosine = square.mul_add(cosine, 1.0);
    let (first, second) = if word >> 63 == 1 {
        (cosine, sine)
    } else {
        (sine, cosine)
    };
    let sign = (word << 1) & (1 << 63);
    let signed = |value: f64| f64::from_bits(value.to_bits() ^ sign);
    (signed(first), signed(second))
}

impl sealed::Normal for f32 {
    const WORDS: usize = 1;

    #[inline(always)]
    fn transform(words: &[u64], first: &mut [f32], second: &mut [f32]) {
        // halves in arrays of their own, or the loop would be as narrow as for 64 bits
        let (mut radii, mut angles) = ([0_u32; PAIRS], [0_u32; PAIRS]);
        for i in 0..PAIRS {
            radii[i] = (words[i] >> 32) as u32;
            angles[i] = words[i] as u32;
        }
        for i in 0..PAIRS {
            let radius = minus_two_log_single(radii[i]).sqrt();
            let (sine, cosine) = direction_single(angles[i]);
            first[i] = radius * sine;
            second[i] = radius * cosine;
        }
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
    let series = polynomial_single(
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

/// As [`direction`], from 32 bits.
#[inline(always)]
fn direction_single(bits: u32) -> (f32, f32) {
    const STEP: f32 = std::f32::consts::FRAC_PI_4 / (1 << 29) as f32;
    let angle = (((bits << 2) as i32) >> 2) as f32 * STEP;
    let square = angle * angle;
    let sine = polynomial_single(square, [-1.951_529_6e-4, 8.332_161e-3, -0.166_666_55]);
    let sine = (angle * square).mul_add(sine, angle);
    let cosine = polynomial_single(
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

/// Horner's rule, highest coefficient first.
#[inline(always)]
fn polynomial<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    let mut sum = coefficients[0];
    for coefficient in &coefficients[1..] {
        sum = sum.mul_add(x, *coefficient);
    }
    sum
}

/// As [`polynomial`].
#[inline(always)]
fn polynomial_single<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = coefficients[0];
    for coefficient in &coefficients[1..] {
        sum = sum.mul_add(x, *coefficient);
    }
    sum
}

/// A stream of independent numbers uniform on [0, 1), 53 bits each, for masks and random slopes.
#[derive(Debug, Clone)]
pub struct Uniforms {
    lanes: Lanes,
    block: Box<[f64; BLOCK]>,
    used: usize,
}

impl Uniforms {
    /// Seeded from the stream's next words.
    pub fn new(stream: &mut impl Rng) -> Self {
        Self {
            lanes: Lanes::new(stream),
            block: Box::new([0.0; BLOCK]),
            used: BLOCK,
        }
    }

    /// The next number.
    pub fn draw(&mut self) -> f64 {
        if self.used == BLOCK {
            let mut words = [0; BLOCK];
            self.lanes.fill(&mut words);
            for (number, word) in self.block.iter_mut().zip(words) {
                *number = (word >> 11) as f64 * (0.5 * f64::EPSILON);
            }
            self.used = 0;
        }
        self.used += 1;
        self.block[self.used - 1]
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::FRAC_PI_2;

    use super::*;

    /// (relative error of the logarithm, absolute error of sine and cosine) for a word in f64.
    fn errors(word: u64) -> [f64; 2] {
        let unit = ((word >> 12) as f64 + 0.5) / 2.0_f64.powi(52);
        let log = -2.0 * unit.ln();
        let fraction = ((word << 2) >> 12) as f64 / 2.0_f64.powi(52) - 0.5;
        let expected = rotated(fraction * FRAC_PI_2, word >> 62);
        let (first, second) = direction(word);
        let distance = (first - expected.0).abs().max((second - expected.1).abs());
        [(minus_two_log(word) - log).abs() / log, distance]
    }

    /// As `errors`, in f32; the logarithm is that of the rounded uniform number, and exactly 0 at 1.
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
        let mut lanes = Lanes::new(&mut crate::simulate::streams::trajectory_stream(3, 5));
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

    /// The vector instructions and plain arithmetic give the same bits.
    #[test]
    fn every_processor_gives_the_same_bits() {
        fn same<F: Real + std::fmt::Debug>() {
            let start = Normals::<F>::new(&mut crate::simulate::streams::trajectory_stream(1, 2));
            let (mut vector, mut plain) = (start.clone(), start);
            let mut numbers = vec![F::zero(); 5 * BLOCK + 3];
            vector.fill(&mut numbers);
            let mut position = 0;
            while position < numbers.len() {
                let next = plain.take(numbers.len() - position).to_vec();
                assert_eq!(numbers[position..position + next.len()], next[..]);
                position += next.len();
            }
        }
        same::<f64>();
        same::<f32>();
    }
}
