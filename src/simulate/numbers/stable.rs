//! A stream of symmetric α-stable numbers.
//!
//! Chambers, J. M., Mallows, C. L. & Stuck, B. W. (1976), A method for simulating stable random
//! variables.

use pulp::{Simd, WithSimd};
use rand::Rng;

use crate::error::Result;
use crate::limits::check_tail_index;
use crate::simulate::instructions::dispatch;
use crate::simulate::numbers::BLOCK;
use crate::simulate::numbers::elementary::{exp, log, open_unit, quarter_sine};
use crate::simulate::numbers::generators::Lanes;
use crate::simulate::numbers::source::{self, Source};

/// A stream of independent numbers with the characteristic function e^{−|t|^α}, 0.3 ≤ α ≤ 2.
///
/// With V uniform on (0, 1), w = 1 − V, W exponential and S(x) = sin(πx/2),
///
/// |z| = S(αw)/S(V)^{1/α} · (S(1 − |1−α|w)/W)^{(1−α)/α},
///
/// the sign from a bit of its own: Chambers, Mallows & Stuck's formula with |U| = πw/2, written so
/// that no argument is rounded where a sine is small. V and W have 52 bits each: what happens with
/// probability 1e-15 and less is not resolved.
///
/// ```
/// use isomoment::simulate::numbers::Stables;
/// use isomoment::simulate::streams::trajectory_stream;
/// let mut stables = Stables::new(1.0, &mut trajectory_stream(1, 0))?;
/// let mut sample = vec![0.0; 10_000];
/// stables.fill(&mut sample);
/// let inside = sample.iter().filter(|z| z.abs() < 1.0).count(); // Cauchy: one half
/// assert!((4800..5200).contains(&inside));
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Stables {
    alpha: f64,
    lanes: Lanes,
    block: Box<[f64; BLOCK]>,
    used: usize,
}

impl Stables {
    /// A stream whose generators start at the next words of `stream`.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) unless 0.3 ≤ α ≤ 2.
    pub fn new(alpha: f64, stream: &mut impl Rng) -> Result<Self> {
        check_tail_index(alpha)?;
        Ok(Self {
            alpha,
            lanes: Lanes::new(stream),
            block: Box::new([0.0; BLOCK]),
            used: BLOCK,
        })
    }

    /// The next numbers of the stream.
    pub fn fill(&mut self, numbers: &mut [f64]) {
        source::fill(self, numbers);
    }
}

impl Source for Stables {
    type Number = f64;

    #[inline(always)]
    fn refill(&mut self) {
        let mut words = [0; 2 * BLOCK];
        self.lanes.fill(&mut words);
        transform(self.alpha, &words, &mut self.block);
    }

    #[inline(always)]
    fn block(&mut self) -> (&[f64; BLOCK], &mut usize) {
        (&self.block, &mut self.used)
    }
}

#[inline(always)]
fn transform(alpha: f64, words: &[u64], numbers: &mut [f64; BLOCK]) {
    let (angles, radii) = words.split_at(BLOCK);
    let off = (1.0 - alpha).abs();
    let (inverse, power) = (1.0 / alpha, (1.0 - alpha) / alpha);
    for i in 0..BLOCK {
        let v = open_unit(angles[i]);
        let w = 1.0 - v;
        // S(αw) = S(2 − αw)
        let (up, down) = (alpha * w, alpha.mul_add(v, 2.0 - alpha));
        let front = quarter_sine(if up < down { up } else { down });
        let turned = quarter_sine(off.mul_add(v, 1.0 - off));
        let exponential = -log(open_unit(radii[i]));
        let logs = power.mul_add(log(turned / exponential), -inverse * log(quarter_sine(v)));
        let size = front * exp(logs);
        numbers[i] = f64::from_bits(size.to_bits() | (angles[i] << 63));
    }
}

/// log Σ|xᵢ|^α, in sixteen sums that are added in a fixed order; −∞ of zeros.
pub(crate) fn log_power_sum(alpha: f64, values: &[f64]) -> f64 {
    const CHUNK: usize = 16;
    struct PowerSum<'a>(f64, &'a [f64]);
    impl WithSimd for PowerSum<'_> {
        type Output = f64;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> f64 {
            let mut sums = [0.0; CHUNK];
            let term = |x: f64| {
                let power = exp(self.0 * log(x.abs()));
                if x == 0.0 { 0.0 } else { power }
            };
            let (chunks, tail) = self.1.as_chunks::<CHUNK>();
            for chunk in chunks {
                for lane in 0..CHUNK {
                    sums[lane] += term(chunk[lane]);
                }
            }
            for (sum, &x) in sums.iter_mut().zip(tail) {
                *sum += term(x);
            }
            sums.into_iter().sum()
        }
    }
    dispatch(PowerSum(alpha, values)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::numbers::source::tests::every_processor_gives_the_same_bits;
    use crate::simulate::streams::trajectory_stream;

    #[test]
    fn of_every_processor() {
        for alpha in [0.3, 1.0, 1.7, 2.0] {
            let start = Stables::new(alpha, &mut trajectory_stream(1, 2)).unwrap();
            every_processor_gives_the_same_bits(start);
        }
    }

    /// The formula as it is printed, with the standard library's functions; and its extremes.
    #[test]
    fn the_transform_is_chambers_mallows_and_stucks() {
        for alpha in [0.3, 0.7, 1.0, 1.3, 1.9, 2.0] {
            let mut words = vec![0; 2 * BLOCK];
            Lanes::new(&mut trajectory_stream(4, 7)).fill(&mut words);
            for (i, word) in [0, u64::MAX, 1 << 63, 4096].into_iter().enumerate() {
                words[i] = word;
                words[BLOCK + 3 - i] = word;
            }
            let mut numbers = [0.0; BLOCK];
            transform(alpha, &words, &mut numbers);
            for i in 0..BLOCK {
                assert!(numbers[i].is_finite() && numbers[i] != 0.0, "{alpha} {i}");
                let v = open_unit(words[i]);
                let angle = std::f64::consts::FRAC_PI_2 * (1.0 - v);
                let exponential = -open_unit(words[BLOCK + i]).ln();
                let turned = ((1.0 - alpha) * angle).cos() / exponential;
                let expected = (alpha * angle).sin() / angle.cos().powf(1.0 / alpha)
                    * turned.powf((1.0 - alpha) / alpha);
                // the printed formula cancels at both ends of the angle
                if i >= 4 && v > 1e-3 && v < 0.999 {
                    let error = numbers[i].abs() / expected - 1.0;
                    assert!(error.abs() < 1e-11, "{alpha} {i}: {error:e}");
                }
            }
        }
    }

    #[test]
    fn power_sums_of_zeros_and_of_few() {
        assert_eq!(log_power_sum(1.5, &[0.0; 20]), f64::NEG_INFINITY);
        let values: Vec<f64> = (0..37).map(|i| f64::from(i) - 17.0).collect();
        let direct: f64 = values.iter().map(|x| x.abs().powf(0.7)).sum();
        assert!((log_power_sum(0.7, &values) - direct.ln()).abs() < 1e-14);
    }
}
