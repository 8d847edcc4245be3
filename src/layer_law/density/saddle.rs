//! What the two routes to a density on a lattice share: each value is an integral along a path
//! through a saddle point of the transform.

use num_complex::Complex64;

use crate::layer_law::transform::Transform;

/// A lattice ends where the density has fallen to e^{−FALL} of its largest value.
pub(super) const FALL: f64 = 110.0;

/// Most nodes of a lattice to one side: enough for [`FALL`] at the slowest decay, e^x, and the
/// finest step asked of it.
pub(super) const MOST_LATTICE_NODES: usize = 20_000;

/// Terms of a path's sum are negligible below this share of the sum, so many in a row of them.
const NEGLIGIBLE_TERM: f64 = 1e-18;
const NEGLIGIBLE_IN_A_ROW: u32 = 4;

/// Relative steps of the derivatives: complex ones for the first, whose error is of the order of
/// their square, 1e-10; real ones, of the first, for the second.
const COMPLEX_STEP: f64 = 1e-5;
const REAL_STEP: f64 = 1e-3;

/// −(log E[e^{−tX}; X>0])′ and its second derivative at t = s − κ/2: mean and variance of X tilted
/// by e^{−tX}. They place the path, and need few digits.
pub(super) fn tilted_moments(transform: &Transform, s: f64) -> (f64, f64) {
    // complex steps: no cancellation in the first derivative
    let mean = |s: f64| {
        let h = COMPLEX_STEP * s;
        let log = transform.log_given_survival(Complex64::new(s - transform.cut(), h));
        log.linear - log.rest.im / h
    };
    let h = REAL_STEP * s;
    (
        mean(s),
        ((mean(s - h) - mean(s + h)) / (2.0 * h)).max(1e-300),
    )
}

/// ½·`at_zero` + Re Σ term(k) over k ≥ 1 until the terms stay negligible, and over fewer than
/// `most`: a trapezoidal sum along half of a symmetric path; at least 0.
pub(crate) fn path_sum(at_zero: f64, most: u32, term: impl Fn(u32) -> Complex64) -> f64 {
    let (mut sum, mut small) = (0.5 * at_zero, 0);
    for k in 1..most {
        let term = term(k);
        sum += term.re;
        small = if term.norm() < NEGLIGIBLE_TERM * f64::abs(sum) {
            small + 1
        } else {
            0
        };
        if small == NEGLIGIBLE_IN_A_ROW {
            break;
        }
    }
    sum.max(0.0)
}
