//! What all streams that make a block of numbers at a time have in common.

use pulp::{Simd, WithSimd};

use crate::simulate::instructions::dispatch;
use crate::simulate::numbers::BLOCK;

/// A stream that makes its numbers a block at a time.
pub(crate) trait Source {
    type Number: Copy;

    /// Makes the next block.
    fn refill(&mut self);

    /// The block, and how many of its numbers are used.
    fn block(&mut self) -> (&[Self::Number; BLOCK], &mut usize);

    /// The next numbers, at least one and at most `wanted`: what the block has left.
    #[inline(always)]
    fn take(&mut self, wanted: usize) -> &[Self::Number] {
        if *self.block().1 == BLOCK {
            self.refill();
            *self.block().1 = 0;
        }
        let (block, used) = self.block();
        let start = *used;
        *used = BLOCK.min(start + wanted);
        &block[start..*used]
    }
}

/// The next numbers of the stream, by the widest instructions that the processor has.
pub(super) fn fill<S: Source>(source: &mut S, numbers: &mut [S::Number]) {
    dispatch(Fill(source, numbers));
}

struct Fill<'a, S: Source>(&'a mut S, &'a mut [S::Number]);

impl<S: Source> WithSimd for Fill<'_, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: Simd>(self, _: V) {
        let mut filled = 0;
        while filled < self.1.len() {
            let next = self.0.take(self.1.len() - filled);
            self.1[filled..filled + next.len()].copy_from_slice(next);
            filled += next.len();
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::simulate::Instructions;

    /// Every set of vector instructions gives the bits of plain arithmetic.
    pub fn every_processor_gives_the_same_bits<S>(start: S)
    where
        S: Source<Number: Default + PartialEq + std::fmt::Debug> + Clone,
    {
        let mut plain = start.clone();
        let mut expected = Vec::new();
        while expected.len() < 5 * BLOCK + 3 {
            expected.extend_from_slice(plain.take(5 * BLOCK + 3 - expected.len()));
        }
        for set in Instructions::available() {
            let mut numbers = vec![S::Number::default(); expected.len()];
            let arch = set.arch().expect("an available set");
            arch.dispatch(Fill(&mut start.clone(), &mut numbers));
            assert_eq!(numbers, expected, "{set}");
        }
    }
}
