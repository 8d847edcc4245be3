//! A stream of uniform numbers.

use rand::Rng;

use crate::simulate::numbers::BLOCK;
use crate::simulate::numbers::generators::Lanes;

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
