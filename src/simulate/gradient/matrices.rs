//! Forwards and backwards through real matrices, which are kept.

use pulp::{Simd, WithSimd};

use crate::simulate::gradient::carried::{Carried, sloped, slopes};
use crate::simulate::gradient::{Cotangent, Gradients};
use crate::simulate::instructions::dispatch;
use crate::simulate::matrix::{add_multiple, dot};
use crate::simulate::model::Model;
use crate::simulate::numbers::{Normals, Real, cast};
use crate::simulate::streams::Stream;
use crate::simulate::units::Units;

/// A layer that was passed.
struct Passed<F> {
    weights: Matrix<F>,
    slopes: Vec<F>,
    scale: f64,
}

/// One network, in precision `F`: the network of the forward pass alone, bit by bit.
pub(super) fn draw<F: Real>(model: &Model, cotangent: Cotangent, stream: &mut Stream) -> Gradients {
    let mut normals = Normals::<F>::new(stream);
    let mut units = Units::new(model, stream);
    let depth = model.layers.len();
    let mut layers = Vec::with_capacity(depth);
    let mut x = Carried::<F>::new(model.first_inputs().into_iter().map(cast).collect());
    let mut signal = Vec::with_capacity(depth);
    for layer in &model.layers {
        let mut weights = Matrix {
            columns: vec![F::zero(); layer.fan_in * layer.fan_out],
            rows: layer.fan_out,
        };
        normals.fill(&mut weights.columns);
        let before = weights.times(&x.direction);
        let mut after = before.clone();
        units.apply(&mut after);
        let slopes = slopes(&before, &after);
        x.moved(after, layer.scale);
        signal.push(x.log_norm);
        layers.push(Passed {
            weights,
            slopes,
            scale: layer.scale,
        });
        if x.is_zero() {
            break;
        }
    }
    let mut v = Carried::uniform(model.layers[0].fan_in, &mut normals);
    let mut tangent = Vec::with_capacity(depth);
    for layer in &layers {
        v.moved(
            sloped(layer.weights.times(&v.direction), &layer.slopes),
            layer.scale,
        );
        tangent.push(v.log_norm);
    }
    if x.is_zero() {
        return Gradients::died(signal, tangent, depth);
    }
    let mut u = Carried::start(cotangent, x.direction.len(), &mut normals);
    let mut gradient = Vec::with_capacity(depth);
    for layer in layers.iter().rev() {
        let through = sloped(std::mem::take(&mut u.direction), &layer.slopes);
        u.moved(layer.weights.transposed_times(&through), layer.scale);
        gradient.push(u.log_norm);
    }
    Gradients {
        signal,
        tangent,
        gradient,
    }
}

/// A matrix, column after column.
struct Matrix<F> {
    columns: Vec<F>,
    rows: usize,
}

impl<F: Real> Matrix<F> {
    fn times(&self, vector: &[F]) -> Vec<F> {
        let mut product = vec![F::zero(); self.rows];
        dispatch(Times {
            matrix: self,
            vector,
            product: &mut product,
        });
        product
    }

    fn transposed_times(&self, vector: &[F]) -> Vec<F> {
        let columns = self.columns.chunks_exact(self.rows);
        columns.map(|column| cast(dot(column, vector))).collect()
    }
}

struct Times<'a, F> {
    matrix: &'a Matrix<F>,
    vector: &'a [F],
    product: &'a mut [F],
}

impl<F: Real> WithSimd for Times<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let columns = self.matrix.columns.chunks_exact(self.matrix.rows);
        for (column, &value) in columns.zip(self.vector) {
            add_multiple(self.product, value, column);
        }
    }
}
