//! Real weight matrices: the honest level, O(width²) a layer.
//!
//! The vectors are carried at norm 1 and their lengths in log scale, so that no depth
//! underflows or overflows; positive homogeneity makes this exact, biases included.

use crate::error::{Error, Result};
use crate::layer_law::Weights;
use crate::simulate::Level;
use crate::simulate::matrix::{add_random_product, dot, haar_product};
use crate::simulate::model::{Layer, Model};
use crate::simulate::numbers::{Normals, Real, Standardized, cast};
use crate::simulate::path::Recorder;
use crate::simulate::streams::Stream;
use crate::simulate::units::{Units, scale_and_bias};

/// `Ok` where networks with entries that are not normal are drawn.
pub(super) fn check_entries(model: &Model, level: Level) -> Result<()> {
    let allowed = match level {
        Level::Preactivation | Level::Radial => "normal where not every weight is drawn",
        _ if model.weights != Weights::Gaussian => "normal with orthogonal weights",
        _ if model.stable.is_some() => "normal with stable weights",
        _ => return Ok(()),
    };
    Err(Error::domain("entries", model.entries, allowed))
}

/// One network's path, computed in precision `F` (norms in f64).
pub(super) fn walk<F: Real>(model: &Model, stream: &mut Stream, recorder: &mut Recorder) {
    let vectors = model.inputs;
    let mut normals = Normals::<F>::new(stream);
    let mut units = Units::new(model, stream);
    let mut entries = Standardized::<F>::new(model.entries, stream);
    let mut x: Vec<F> = model.first_inputs().into_iter().map(cast).collect();
    let mut y: Vec<F> = Vec::new();
    let mut lengths = vec![0.0; vectors];
    for layer in &model.layers {
        let numbers = (&mut normals, entries.as_mut());
        multiply(model.weights, *layer, numbers, &x, &mut y, vectors);
        scale_and_bias(model, *layer, &mut normals, &mut lengths, &mut y);
        units.apply(&mut y);
        std::mem::swap(&mut x, &mut y);
        for (vector, length) in x.chunks_exact_mut(layer.fan_out).zip(&mut lengths) {
            let norm = dot(vector, vector).sqrt();
            *length += norm.ln();
            if norm > 0.0 {
                let inverse: F = cast(norm.recip());
                vector.iter_mut().for_each(|v| *v = *v * inverse);
            }
        }
        let alive = recorder.layer(&lengths, |i, j| {
            let n = layer.fan_out;
            dot(&x[i * n..][..n], &x[j * n..][..n])
        });
        if !alive && model.bias == 0.0 {
            break;
        }
    }
}

/// y = W x/σ for each vector; independent entries are normal numbers where there are no others.
fn multiply<F: Real>(
    weights: Weights,
    layer: Layer,
    (normals, entries): (&mut Normals<F>, Option<&mut Standardized<F>>),
    x: &[F],
    y: &mut Vec<F>,
    vectors: usize,
) {
    y.clear();
    match weights {
        Weights::Gaussian => {
            y.resize(vectors * layer.fan_out, F::zero());
            match entries {
                Some(entries) => add_random_product(entries, x, y, vectors),
                None => add_random_product(normals, x, y, vectors),
            }
        }
        Weights::Orthogonal => {
            // the first rows or columns of a square matrix
            let size = layer.fan_in.max(layer.fan_out);
            let mut padded = vec![F::zero(); vectors * size];
            for (to, from) in padded
                .chunks_exact_mut(size)
                .zip(x.chunks_exact(layer.fan_in))
            {
                to[..layer.fan_in].copy_from_slice(from);
            }
            haar_product(normals, &mut padded, size);
            for vector in padded.chunks_exact(size) {
                y.extend_from_slice(&vector[..layer.fan_out]);
            }
        }
    }
}
