//! The numbers at which the transform is taken: doubles for moments, complex ones for densities.

use std::ops::{Add, Div, Mul, Sub};

use num_complex::Complex64;

use crate::layer_law::complex;

/// A real or complex argument, with the functions that the transform needs of it.
pub(crate) trait Argument:
    Copy
    + From<f64>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
{
    /// |z|.
    fn modulus(self) -> f64;

    /// `numerator`/z.
    fn divide(self, numerator: f64) -> Self;

    /// √z, the root with the positive real part.
    fn square_root(self) -> Self;

    /// log(1+z), also for small z.
    fn log_one_plus(self) -> Self;
}

impl Argument for f64 {
    fn modulus(self) -> f64 {
        self.abs()
    }

    fn divide(self, numerator: f64) -> Self {
        numerator / self
    }

    fn square_root(self) -> Self {
        self.sqrt()
    }

    fn log_one_plus(self) -> Self {
        if self < 1.0 {
            self.ln_1p()
        } else {
            // in half the time
            (1.0 + self).ln()
        }
    }
}

impl Argument for Complex64 {
    fn modulus(self) -> f64 {
        self.norm()
    }

    fn divide(self, numerator: f64) -> Self {
        numerator / self
    }

    fn square_root(self) -> Self {
        self.sqrt()
    }

    fn log_one_plus(self) -> Self {
        complex::ln_1p(self)
    }
}
