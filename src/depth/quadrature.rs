//! Sums along the paths of the inversion integrals.

use num_complex::Complex64;

/// Halvings of the step of an integral, at most.
const HALVINGS: usize = 8;

/// Frequencies of one sum, at most: slopes or masks at the very edge of their domains can make a
/// law so uneven that no number of them would do.
pub(super) const MOST_TERMS: f64 = 131_072.0;

/// Relative change that is too much after the last halving.
const TOO_MUCH_CHANGE: f64 = 1e-9;

/// Relative change at which an integral counts as converged.
const CONVERGED: f64 = 2e-14;

/// What is integrated beside the transform of the law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kernel {
    /// For the density.
    One,
    /// ±1/r, for the tail on the side of the tilt.
    Pole,
}

impl Kernel {
    /// Its value at r, for a tilt of this sign.
    pub fn at(self, r: Complex64, sign: f64) -> Complex64 {
        match self {
            Self::One => Complex64::new(1.0, 0.0),
            Self::Pole => sign / r,
        }
    }
}

/// A sum of values of an integrand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LineSum {
    pub total: f64,
    /// The sum of the moduli.
    size: f64,
    terms: f64,
}

impl LineSum {
    pub fn add(&mut self, value: f64, modulus: f64) {
        self.total += value;
        self.size += modulus;
        self.terms += 1.0;
    }
}

/// A sum over a lattice whose step is halved until nothing changes; `between` gives the sum over
/// the points between. `None` where it still changes after [`MOST_TERMS`] terms.
pub(super) fn refined(
    mut estimate: f64,
    mut step: f64,
    between: impl Fn(f64) -> LineSum,
) -> Option<f64> {
    for _ in 0..HALVINGS {
        let sum = between(step);
        let refined = 0.5 * (estimate + step * sum.total);
        let change = (refined - estimate).abs();
        // each value of the characteristic function is rounded
        let noise = 8.0 * f64::EPSILON * step * sum.size;
        step *= 0.5;
        estimate = refined;
        if change <= CONVERGED * estimate.abs() + noise {
            break;
        }
        if 2.0 * sum.terms > MOST_TERMS {
            if change > TOO_MUCH_CHANGE * estimate.abs() {
                return None;
            }
            break;
        }
    }
    Some(estimate)
}
