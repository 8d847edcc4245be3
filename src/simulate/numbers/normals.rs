//! A stream of normal numbers.

use rand::Rng;

use crate::simulate::numbers::generators::Lanes;
use crate::simulate::numbers::source::{self, Source};
use crate::simulate::numbers::{BLOCK, Real};

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
        source::fill(self, numbers);
    }
}

impl<F: Real> Source for Normals<F> {
    type Number = F;

    #[inline(always)]
    fn refill(&mut self) {
        F::normals(&mut self.lanes, &mut self.block);
    }

    #[inline(always)]
    fn block(&mut self) -> (&[F; BLOCK], &mut usize) {
        (&self.block, &mut self.used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::numbers::source::tests::every_processor_gives_the_same_bits;
    use crate::simulate::streams::trajectory_stream;

    #[test]
    fn of_every_processor() {
        let stream = || trajectory_stream(1, 2);
        every_processor_gives_the_same_bits(Normals::<f64>::new(&mut stream()));
        every_processor_gives_the_same_bits(Normals::<f32>::new(&mut stream()));
    }
}
