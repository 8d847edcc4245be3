//! LSUV: layers scaled one after the other until their pre-activations have variance 1 on a batch
//! (Mishkin & Matas 2016, "All you need is a good init").

use ndarray::{Array2, ArrayView2};

use crate::train::data::Split;
use crate::train::network::Network;

/// Training images that the scales are found on, the first of the set. (The paper says a batch.)
const BATCH: usize = 128;

/// The paper's tolerance of the variance, and its largest number of divisions.
const TOLERANCE: f64 = 0.1;
const ATTEMPTS: usize = 10;

/// Makes the layers' matrices orthonormal and scales them, the first one first.
pub(super) fn unit_variances(model: &mut Network, data: &Split) {
    let rows = data.train.len().min(BATCH);
    let numbers = data.image.numbers();
    let batch = ArrayView2::from_shape((rows, numbers), &data.train.inputs[..rows * numbers]);
    let batch = batch.expect("rows of equal length");
    for k in 0..model.weights.len() {
        orthonormalize(&mut model.weights[k]);
        for _ in 0..ATTEMPTS {
            let variance = variance(&model.preactivations(k, batch));
            // a layer that nothing reaches has no scale
            if variance == 0.0 || !variance.is_finite() || (variance - 1.0).abs() < TOLERANCE {
                break;
            }
            model.weights[k].mapv_inplace(|w| (f64::from(w) / variance.sqrt()) as f32);
        }
    }
}

/// Variance over units and images together.
fn variance(values: &Array2<f32>) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
    let squares = values.iter().map(|&x| (f64::from(x) - mean).powi(2));
    squares.sum::<f64>() / count
}

/// Orthonormal rows or columns, those that are fewer, by Gram and Schmidt's method on normal numbers:
/// uniform among such matrices.
fn orthonormalize(matrix: &mut Array2<f32>) {
    let by_rows = matrix.nrows() <= matrix.ncols();
    let lines: Vec<Vec<f64>> = match by_rows {
        true => matrix
            .rows()
            .into_iter()
            .map(|l| l.mapv(f64::from).to_vec())
            .collect(),
        false => matrix
            .columns()
            .into_iter()
            .map(|l| l.mapv(f64::from).to_vec())
            .collect(),
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let mut done: Vec<Vec<f64>> = Vec::with_capacity(lines.len());
    for mut line in lines {
        // twice is enough for orthogonality to rounding
        for _ in 0..2 {
            for earlier in &done {
                let part = dot(&line, earlier);
                line.iter_mut()
                    .zip(earlier)
                    .for_each(|(x, y)| *x -= part * y);
            }
        }
        let norm = dot(&line, &line).sqrt();
        line.iter_mut().for_each(|x| *x /= norm);
        done.push(line);
    }
    for (place, line) in done.iter().enumerate() {
        for (at, &x) in line.iter().enumerate() {
            let index = if by_rows { (place, at) } else { (at, place) };
            matrix[index] = x as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::data::Pixels;
    use crate::train::{Architecture, Ends, Init};
    use isomoment::simulate::streams::trajectory_stream;
    use isomoment::{Activation, Dropout};

    /// Every layer's pre-activations have variance 1 to the tolerance, and its matrix is orthonormal
    /// but for a factor, also where there are fewer units than inputs, or more.
    #[test]
    fn layers_have_unit_variance_on_their_batch() {
        let data = Split::digits(Pixels::SYMMETRIC);
        let ends = Ends {
            inputs: 64,
            classes: 10,
        };
        for width in [20, 80] {
            let architecture = Architecture::new(8, width, Activation::Relu, Dropout::NONE);
            let lsuv: Init = "lsuv".parse().unwrap();
            let stream = &mut trajectory_stream(3, 0);
            let mut model = Network::new(&architecture, lsuv, ends, stream).unwrap();
            unit_variances(&mut model, &data);
            let batch = ArrayView2::from_shape((128, 64), &data.train.inputs[..128 * 64]).unwrap();
            for k in 0..8 {
                let variance = variance(&model.preactivations(k, batch));
                assert!((variance - 1.0).abs() < TOLERANCE, "layer {k}: {variance}");
                let w = &model.weights[k];
                let gram = if w.nrows() <= w.ncols() {
                    w.dot(&w.t())
                } else {
                    w.t().dot(w)
                };
                for ((i, j), &x) in gram.indexed_iter() {
                    let expected = if i == j { gram[(0, 0)] } else { 0.0 };
                    assert!((x - expected).abs() < 1e-4 * gram[(0, 0)], "{i} {j}: {x}");
                }
            }
        }
    }
}
