//! Random matrices times vectors, the entries drawn as they are used.

use pulp::{Simd, WithSimd};

use crate::simulate::instructions::dispatch;
use crate::simulate::numbers::{Normals, Real, Source, cast};

/// outputs += W·inputs for each of several vectors, W a matrix of independent entries from a source,
/// drawn column by column. `inputs` and `outputs` hold the vectors one after another.
///
/// Column by column every output is a chain of fused multiply–adds of its own: the
/// result does not depend on how many of them a processor computes at once.
pub(super) fn add_random_product<S: Source<Number: Real>>(
    entries: &mut S,
    inputs: &[S::Number],
    outputs: &mut [S::Number],
    vectors: usize,
) {
    dispatch(Product {
        entries,
        inputs,
        outputs,
        vectors,
    });
}

struct Product<'a, S: Source> {
    entries: &'a mut S,
    inputs: &'a [S::Number],
    outputs: &'a mut [S::Number],
    vectors: usize,
}

impl<S: Source<Number: Real>> WithSimd for Product<'_, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: Simd>(self, _: V) {
        let columns = self.inputs.len() / self.vectors;
        let rows = self.outputs.len() / self.vectors;
        for column in 0..columns {
            let mut row = 0;
            while row < rows {
                let entries = self.entries.take(rows - row);
                for vector in 0..self.vectors {
                    let input = self.inputs[vector * columns + column];
                    let start = vector * rows + row;
                    let outputs = &mut self.outputs[start..start + entries.len()];
                    add_multiple(outputs, input, entries);
                }
                row += entries.len();
            }
        }
    }
}

/// Each of several vectors of n coordinates times one Haar-distributed orthogonal n × n matrix, in
/// place.
///
/// The matrix is a product of n − 1 random reflections and signs, as Householder's method factors a
/// Gaussian matrix: n²/2 normals instead of n² and O(n²) time instead of O(n³).
///
/// Stewart, G. W. (1980), The efficient generation of random orthogonal matrices.
pub(super) fn haar_product<F: Real>(normals: &mut Normals<F>, vectors: &mut [F], size: usize) {
    let mut mirror = vec![F::zero(); size];
    // Q = H_1 ⋯ H_{n−1} D: the smallest reflection comes first
    for length in 1..=size {
        let start = size - length;
        let mirror = &mut mirror[..length];
        normals.fill(mirror);
        let sign = mirror[0].signum();
        let norm = dot(mirror, mirror).sqrt();
        mirror[0] = mirror[0] + sign * cast(norm);
        let square = dot(mirror, mirror);
        for vector in vectors.chunks_exact_mut(size) {
            let part = &mut vector[start..];
            if length == 1 {
                part[0] = part[0] * sign;
                continue;
            }
            part[0] = part[0] * -sign;
            let factor = cast(-2.0 * dot(mirror, part) / square);
            dispatch(AddMultiple {
                factor,
                from: mirror,
                to: part,
            });
        }
    }
}

struct AddMultiple<'a, F> {
    factor: F,
    from: &'a [F],
    to: &'a mut [F],
}

impl<F: Real> WithSimd for AddMultiple<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        add_multiple(self.to, self.factor, self.from);
    }
}

/// Sums that are formed side by side.
const CHUNK: usize = 16;

/// to += factor·from.
#[inline(always)]
pub(super) fn add_multiple<F: Real>(to: &mut [F], factor: F, from: &[F]) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = from.mul_add(factor, *to);
    }
}

/// Σ aᵢbᵢ in double precision, in sixteen sums that are added in a fixed order.
pub(super) fn dot<F: Real>(a: &[F], b: &[F]) -> f64 {
    struct Dot<'a, F>(&'a [F], &'a [F]);
    impl<F: Real> WithSimd for Dot<'_, F> {
        type Output = f64;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> f64 {
            let mut sums = [0.0; CHUNK];
            let (a_chunks, a_tail) = self.0.as_chunks::<CHUNK>();
            let (b_chunks, b_tail) = self.1.as_chunks::<CHUNK>();
            for (a, b) in a_chunks.iter().zip(b_chunks) {
                for lane in 0..CHUNK {
                    sums[lane] = a[lane].double().mul_add(b[lane].double(), sums[lane]);
                }
            }
            for (sum, (a, b)) in sums.iter_mut().zip(a_tail.iter().zip(b_tail)) {
                *sum = a.double().mul_add(b.double(), *sum);
            }
            sums.into_iter().sum()
        }
    }
    dispatch(Dot(a, b))
}
