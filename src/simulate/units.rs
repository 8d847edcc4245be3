//! From W x to a layer's output: scale and biases, slopes and masks.

use num_traits::Float;
use rand::Rng;

use crate::activation::{Activation, Dropout};
use crate::simulate::instructions::dispatch;
use crate::simulate::model::{Layer, Model};
use crate::simulate::numbers::{Normals, Real, Uniforms, cast};

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
                    let slope = self.activation.negative_slope(uniforms.draw());
                    *value = bent(*value, cast(slope));
                }
            }
            _ => {
                let slope = cast(self.activation.negative_slope(0.0));
                dispatch(Bend(values, slope));
            }
        }
        let keep = self.dropout.keep();
        if let (true, Some(uniforms)) = (keep < 1.0, &mut self.uniforms) {
            let gain: F = cast(self.dropout.gain());
            for value in values {
                let kept = uniforms.draw() < keep;
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

/// Turns y = W x/σ into (σ‖x‖ y + b)/t with t the larger of σ‖x‖ and the biases' deviation, and the
/// log-length into log t; without biases t = σ‖x‖, and y stays as it is.
pub(super) fn scale_and_bias<F: Real>(
    model: &Model,
    layer: Layer,
    normals: &mut Normals<F>,
    lengths: &mut [f64],
    y: &mut [F],
) {
    if model.bias == 0.0 {
        lengths.iter_mut().for_each(|l| *l += layer.scale.ln());
        return;
    }
    let mut bias = vec![F::zero(); layer.fan_out];
    normals.fill(&mut bias);
    for (vector, length) in y.chunks_exact_mut(layer.fan_out).zip(lengths) {
        let signal = *length + layer.scale.ln();
        let top = signal.max(model.bias.ln());
        let (signal, noise): (F, F) = (
            cast((signal - top).exp()),
            cast((model.bias.ln() - top).exp()),
        );
        for (value, &b) in vector.iter_mut().zip(&bias) {
            *value = signal * *value + noise * b;
        }
        *length = top;
    }
}
