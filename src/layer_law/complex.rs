//! Elementary functions of complex arguments that keep their digits where the usual formulas
//! cancel.

use num_complex::Complex64;

/// Up to here log(1+y) − y comes from its series.
pub(super) const LOG1PMX_SERIES_TO: f64 = 0.12;

/// log(1+y) − y; for |y| < [`LOG1PMX_SERIES_TO`] 17 terms leave out less than 1e-17 of it.
pub(crate) fn log1pmx(y: Complex64) -> Complex64 {
    if y.norm() >= LOG1PMX_SERIES_TO {
        return ln_1p(y) - y;
    }
    let series = (2..=18).rev().fold(Complex64::new(0.0, 0.0), |sum, k| {
        let sign = if k % 2 == 0 { -1.0 } else { 1.0 };
        sum * y + sign / f64::from(k)
    });
    series * y * y
}

/// log(1+w), also for small w.
pub(super) fn ln_1p(w: Complex64) -> Complex64 {
    let modulus = if w.norm() < 0.5 {
        0.5 * (2.0 * w.re + w.norm_sqr()).ln_1p()
    } else {
        (1.0 + w).norm().ln()
    };
    Complex64::new(modulus, w.im.atan2(1.0 + w.re))
}

/// e^w − 1, also for small w.
pub(crate) fn exp_m1(w: Complex64) -> Complex64 {
    let half = (0.5 * w.im).sin();
    let real = w.re.exp_m1() - 2.0 * half * half * w.re.exp();
    Complex64::new(real, w.re.exp() * w.im.sin())
}

/// (a + b)ⁿ − aⁿ.
pub(super) fn power_above(a: Complex64, b: Complex64, n: f64) -> Complex64 {
    if a == Complex64::new(0.0, 0.0) {
        return b.powi(n as i32);
    }
    let power = a.powi(n as i32);
    let ratio = b / a;
    if ratio.norm() < 0.5 {
        power * exp_m1(n * ln_1p(ratio))
    } else {
        (a + b).powi(n as i32) - power
    }
}
