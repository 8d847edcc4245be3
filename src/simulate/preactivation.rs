//! Pre-activations drawn directly: O(width) a layer.
//!
//! Given x, W x + b is Gaussian with covariance (σ²‖x‖² + σ_b²) I, and for several
//! inputs its rows are independent with covariance σ²G + σ_b², G the inputs' Gram matrix.
//! Orthogonal weights put W x on a sphere: normals divided by their length.

use crate::layer_law::Weights;
use crate::simulate::matrix::dot;
use crate::simulate::model::{Layer, Model};
use crate::simulate::numbers::Normals;
use crate::simulate::path::Recorder;
use crate::simulate::streams::Stream;
use crate::simulate::units::{Units, scale_and_bias};

/// One network's path.
pub(super) fn walk(model: &Model, stream: &mut Stream, recorder: &mut Recorder) {
    let vectors = model.inputs;
    let mut normals = Normals::<f64>::new(stream);
    let mut units = Units::new(model, stream);
    let mut lengths = vec![0.0; vectors];
    let mut gram = gram_of_equal_cosines(vectors, model.cosine);
    for layer in &model.layers {
        let root = cholesky(&gram, vectors);
        let mut z = directions(model.weights, *layer, &root, &mut normals);
        scale_and_bias(model, *layer, &mut normals, &mut lengths, &mut z);
        units.apply(&mut z);
        for (vector, length) in z.chunks_exact_mut(layer.fan_out).zip(&mut lengths) {
            let norm = dot(vector, vector).sqrt();
            *length += norm.ln();
            if norm > 0.0 && vectors > 1 {
                vector.iter_mut().for_each(|v| *v /= norm);
            }
        }
        for i in 0..vectors {
            for j in 0..i {
                let n = layer.fan_out;
                let cosine = dot(&z[i * n..][..n], &z[j * n..][..n]);
                gram[i * vectors + j] = cosine;
                gram[j * vectors + i] = cosine;
            }
            gram[i * vectors + i] = if lengths[i] > f64::NEG_INFINITY {
                1.0
            } else {
                0.0
            };
        }
        let alive = recorder.layer(&lengths, |i, j| gram[i * vectors + j]);
        if !alive && model.bias == 0.0 {
            break;
        }
    }
}

/// W x/σ for vectors x of norm 1 (or 0) whose Gram matrix is root·rootᵀ, one after another.
fn directions(
    weights: Weights,
    layer: Layer,
    root: &[f64],
    normals: &mut Normals<f64>,
) -> Vec<f64> {
    let vectors = root.len().isqrt();
    let size = match weights {
        Weights::Gaussian => layer.fan_out,
        Weights::Orthogonal => layer.fan_in.max(layer.fan_out),
    };
    let mut basis = vec![0.0; vectors * size];
    normals.fill(&mut basis);
    if weights == Weights::Orthogonal {
        orthonormalize(&mut basis, size);
    }
    let mut z = vec![0.0; vectors * layer.fan_out];
    for (i, vector) in z.chunks_exact_mut(layer.fan_out).enumerate() {
        for (j, row) in basis.chunks_exact(size).enumerate().take(i + 1) {
            let weight = root[i * vectors + j];
            for (value, b) in vector.iter_mut().zip(row) {
                *value += weight * b;
            }
        }
    }
    z
}

/// Gram and Schmidt's method, on independent Gaussian vectors: a uniformly random orthonormal
/// frame.
fn orthonormalize(basis: &mut [f64], size: usize) {
    let count = basis.len() / size;
    for i in 0..count {
        let (done, rest) = basis.split_at_mut(i * size);
        let vector = &mut rest[..size];
        for other in done.chunks_exact(size) {
            let overlap = dot(vector, other);
            for (value, o) in vector.iter_mut().zip(other) {
                *value -= overlap * o;
            }
        }
        let norm = dot(vector, vector).sqrt();
        vector.iter_mut().for_each(|v| *v /= norm);
    }
}

fn gram_of_equal_cosines(vectors: usize, cosine: f64) -> Vec<f64> {
    let mut gram = vec![cosine; vectors * vectors];
    for i in 0..vectors {
        gram[i * vectors + i] = 1.0;
    }
    gram
}

/// A lower triangular root of a positive semidefinite matrix; a direction that
/// rounding leaves without length gets none.
fn cholesky(matrix: &[f64], size: usize) -> Vec<f64> {
    let mut root = vec![0.0; size * size];
    for i in 0..size {
        for j in 0..=i {
            let known: f64 = (0..j)
                .map(|k| root[i * size + k] * root[j * size + k])
                .sum();
            let left = matrix[i * size + j] - known;
            let pivot = root[j * size + j];
            root[i * size + j] = if i == j {
                left.max(0.0).sqrt()
            } else if pivot > 0.0 {
                left / pivot
            } else {
                0.0
            };
        }
    }
    root
}
