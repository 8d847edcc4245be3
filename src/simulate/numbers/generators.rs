//! Words from xoshiro256++ generators that run side by side.
//!
//! Blackman, D. & Vigna, S. (2021), Scrambled linear pseudorandom number generators.

use rand::Rng;

/// Generators that run side by side.
pub(super) const LANES: usize = 16;

/// Sixteen xoshiro256++ generators, lane by lane.
///
/// Each has period 2²⁵⁶ − 1 and starts at a pseudo-random point of it: the states are words of the
/// trajectory's ChaCha stream. That two of N lanes of L words overlap has probability at most
/// N²L/2²⁵⁵: below 1e-30 for 2⁴⁰ trajectories of 2⁶⁴ words.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub struct Lanes {
    states: [[u64; LANES]; 4],
}

impl Lanes {
    pub(super) fn new(stream: &mut impl Rng) -> Self {
        let mut states = [[0; LANES]; 4];
        for word in states.as_flattened_mut() {
            *word = stream.next_u64();
        }
        Self { states }
    }

    /// The next word of every lane.
    #[inline(always)]
    pub(super) fn step(&mut self) -> [u64; LANES] {
        let [a, b, c, d] = &mut self.states;
        let mut words = [0; LANES];
        for lane in 0..LANES {
            words[lane] = a[lane]
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
        words
    }

    /// The next words, a multiple of sixteen.
    #[inline(always)]
    pub(super) fn fill(&mut self, words: &mut [u64]) {
        // a copy stays in registers
        let mut lanes = self.clone();
        for chunk in words.as_chunks_mut::<LANES>().0 {
            *chunk = lanes.step();
        }
        *self = lanes;
    }
}
