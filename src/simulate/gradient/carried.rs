//! Vectors that are carried through a network at norm 1.

use crate::simulate::gradient::Cotangent;
use crate::simulate::matrix::dot;
use crate::simulate::numbers::{Normals, Real, cast};

/// A vector of norm 1, or 0, and the log of its length.
pub(super) struct Carried<F> {
    pub direction: Vec<F>,
    pub log_norm: f64,
}

impl<F: Real> Carried<F> {
    /// A vector of norm 1.
    pub fn new(direction: Vec<F>) -> Self {
        Self {
            direction,
            log_norm: 0.0,
        }
    }

    /// A uniform direction.
    pub fn uniform(size: usize, normals: &mut Normals<F>) -> Self {
        let mut vector = vec![F::zero(); size];
        normals.fill(&mut vector);
        let mut carried = Self::new(Vec::new());
        carried.moved(vector, 1.0);
        carried.log_norm = 0.0;
        carried
    }

    /// Where a gradient starts.
    pub fn start(cotangent: Cotangent, size: usize, normals: &mut Normals<F>) -> Self {
        match cotangent {
            Cotangent::Uniform => Self::uniform(size, normals),
            Cotangent::Coordinate => {
                let mut unit = vec![F::zero(); size];
                unit[0] = F::one();
                Self::new(unit)
            }
        }
    }

    /// The direction became this, times the scale; rounded as the forward pass is.
    pub fn moved(&mut self, vector: Vec<F>, scale: f64) {
        let norm = dot(&vector, &vector).sqrt();
        self.log_norm += scale.ln();
        self.log_norm += norm.ln();
        self.direction = vector;
        if norm > 0.0 {
            let inverse: F = cast(norm.recip());
            self.direction.iter_mut().for_each(|v| *v = *v * inverse);
        }
    }

    pub fn is_zero(&self) -> bool {
        self.log_norm == f64::NEG_INFINITY
    }
}

/// The slopes of units that turned the pre-activations `before` into `after`.
pub(super) fn slopes<F: Real>(before: &[F], after: &[F]) -> Vec<F> {
    // a pre-activation of 0 has probability 0
    let pairs = after.iter().zip(before);
    pairs.map(|(out, z)| *out / *z).collect()
}

pub(super) fn sloped<F: Real>(mut vector: Vec<F>, slopes: &[F]) -> Vec<F> {
    for (value, slope) in vector.iter_mut().zip(slopes) {
        *value = *value * *slope;
    }
    vector
}
