//! Γ of complex arguments.

use num_complex::Complex64;

use crate::special::STIRLING;

/// From this real part on eight terms of Stirling's series leave out less than 1e-17.
const STIRLING_FROM: f64 = 12.0;

/// ½ log 2π.
const HALF_LOG_TAU: f64 = 0.918_938_533_204_672_8;

/// Γ(w) for Re w > 0: Stirling's series after a shift by Γ(w) = Γ(w+1)/w. Relative error below
/// 1e-14 for |Im w| ≤ 30 and real parts up to 10.
pub(super) fn gamma(w: Complex64) -> Complex64 {
    debug_assert!(w.re > 0.0);
    let (mut shifted, mut product) = (w, Complex64::new(1.0, 0.0));
    while shifted.re < STIRLING_FROM {
        product *= shifted;
        shifted += 1.0;
    }
    let inverse = 1.0 / shifted;
    let square = inverse * inverse;
    let series = STIRLING.iter().rev();
    let series = series.fold(Complex64::new(0.0, 0.0), |sum, &c| sum * square + c) * inverse;
    let log = (shifted - 0.5) * shifted.ln() - shifted + HALF_LOG_TAU + series;
    log.exp() / product
}

#[cfg(test)]
mod tests {
    use super::gamma;
    use num_complex::Complex64;
    use std::f64::consts::PI;

    /// |Γ(½+iv)|² = π/cosh πv, |Γ(1+iv)|² = πv/sinh πv, and Γ(w)Γ(1−w) = π/sin πw in phase too.
    #[test]
    fn known_values() {
        for k in 0..120 {
            let v = 0.1 * f64::from(k) + 0.05;
            let half = gamma(Complex64::new(0.5, v)).norm_sqr() * (PI * v).cosh() / PI;
            let one = gamma(Complex64::new(1.0, v)).norm_sqr() * (PI * v).sinh() / (PI * v);
            assert!((half - 1.0).abs() < 2e-14, "{v}: {half}");
            assert!((one - 1.0).abs() < 2e-14, "{v}: {one}");
            let w = Complex64::new(0.3, v);
            let reflected = gamma(w) * gamma(1.0 - w) * (PI * w).sin() / PI;
            assert!((reflected - 1.0).norm() < 3e-14, "{v}: {reflected}");
        }
        for (n, factorial) in [(1, 1.0), (5, 24.0), (10, 362_880.0)] {
            let value = gamma(Complex64::new(f64::from(n), 0.0));
            assert!((value.re / factorial - 1.0).abs() < 1e-14 && value.im == 0.0);
        }
    }
}
