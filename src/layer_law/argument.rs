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

    /// √(1+z²).
    fn hypotenuse(self) -> Self;

    /// The inverse of sinh, also for small z.
    fn inverse_sinh(self) -> Self;
}

/// Arguments of the last two are slopes up to 1 times the root of a double: squares do not overflow,
/// and the standard library's care for those that do takes longer than all else.
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

    fn hypotenuse(self) -> Self {
        (1.0 + self * self).sqrt()
    }

    fn inverse_sinh(self) -> Self {
        let square = self * self;
        let above = square / (1.0 + (1.0 + square).sqrt());
        (self.abs() + above).ln_1p().copysign(self)
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

    fn hypotenuse(self) -> Self {
        (1.0 + self * self).sqrt()
    }

    fn inverse_sinh(self) -> Self {
        complex::asinh(self)
    }
}
