//! A stream of normal numbers.

use pulp::{Simd, WithSimd};
use rand::Rng;

use crate::simulate::numbers::generators::Lanes;
use crate::simulate::numbers::{BLOCK, PAIRS, Real};

/// A stream of independent N(0,1) numbers.
///
/// In f64 a pair takes two words: 52 bits for the radius, so that |z| ≤ 8.57, and 54 for the
/// angle, each value within 5e-16·(1 + |z|) of the exact function of the words. In f32 one word: 32
/// bits for the radius, |z| ≤ 6.77, and 32 for the angle, within 4e-7·(1 + |z|). What is cut off
/// has probability 1e-17 and 1.4e-11.
///
/// ```
/// use isomoment::simulate::numbers::Normals;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::streams::trajectory_stream;

    /// The vector instructions and plain arithmetic give the same bits.
    #[test]
    fn every_processor_gives_the_same_bits() {
        fn same<F: Real + std::fmt::Debug>() {
            let start = Normals::<F>::new(&mut trajectory_stream(1, 2));
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
