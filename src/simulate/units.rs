//! What the units of a layer do to their pre-activations: slopes and masks.

use num_traits::Float;
use rand::Rng;

use crate::activation::{Activation, Dropout};
use crate::simulate::model::Model;
use crate::simulate::normals::{Real, Uniforms};

/// Activation and mask with the random numbers that they take.
pub(super) struct Units {
    activation: Activation,
    dropout: Dropout,
    uniforms: Option<Uniforms>,
}

impl Units {
    pub(super) fn new(model: &Model, stream: &mut impl Rng) -> Self {
        let (activation, dropout) = (model.activation, model.dropout);
        let random = model.has_random_slopes();
        let uniforms = (random || dropout.keep() < 1.0).then(|| Uniforms::new(stream));
        Self {
            activation,
            dropout,
            uniforms,
        }
    }

    /// Turns pre-activations into outputs, in place.
    pub(super) fn apply<F: Real>(&mut self, values: &mut [F]) {
        match (self.activation, &mut self.uniforms) {
            (Activation::RandomizedLeakyRelu { .. }, Some(uniforms)) => {
                for value in values.iter_mut() {
                    // drawn for every unit, so that the stream does not depend on rounding
                    let slope = self.activation.negative_slope(uniforms.next());
                    *value = bent(*value, cast(slope));
                }
            }
            _ => {
                let slope = cast(self.activation.negative_slope(0.0));
                pulp::Arch::new().dispatch(Bend(values, slope));
            }
        }
        let keep = self.dropout.keep();
        if let (true, Some(uniforms)) = (keep < 1.0, &mut self.uniforms) {
            let gain: F = cast(self.dropout.gain());
            for value in values {
                let kept = uniforms.next() < keep;
                *value = if kept { *value * gain } else { F::zero() };
            }
        }
    }
}

struct Bend<'a, F>(&'a mut [F], F);

impl<F: Real> pulp::WithSimd for Bend<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for value in self.0.iter_mut() {
            *value = bent(*value, self.1);
        }
    }
}

#[inline(always)]
fn bent<F: Float>(value: F, slope: F) -> F {
    if value >= F::zero() {
        value
    } else {
        value * slope
    }
}

/// A double in the network's precision.
pub(super) fn cast<F: Real>(value: f64) -> F {
    F::from_f64(value).unwrap_or_else(F::nan)
}
