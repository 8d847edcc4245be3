//! Remainders of log and exp after their first terms, without cancellation.

/// log(1 + x) − x for x > −1, to full relative accuracy also near 0.
///
/// With r = x/(2+x), log(1+x) = 2 artanh r, and 2r − x = −x²/(2+x), so
/// log(1+x) − x = −x²/(2+x) + 2r³(1/3 + r²/5 + r⁴/7 + …). For x ≤ 0 both parts
/// have the same sign; for 0 < x ≤ 0.5 the second is at most a fifth of the first.
pub fn log1pmx(x: f64) -> f64 {
    debug_assert!(x > -1.0 && x.is_finite());
    if !(-0.45..=0.5).contains(&x) {
        return x.ln_1p() - x;
    }
    let r = x / (2.0 + x);
    let r2 = r * r;
    2.0 * r * r2 * artanh_tail(r2) - x * r
}

/// (artanh r − r)/r³ = 1/3 + y/5 + y²/7 + … at y = r² ≤ 0.085, to 16 terms: the first left out is
/// below 3e-19. By halves, as sums that do not wait for each other take a third of Horner's time.
fn artanh_tail(y: f64) -> f64 {
    const fn coefficients() -> [f64; 16] {
        let mut coefficients = [0.0; 16];
        let mut k = 0;
        while k < 16 {
            coefficients[k] = 1.0 / (2 * k + 3) as f64;
            k += 1;
        }
        coefficients
    }
    const ODD: [f64; 16] = coefficients();
    let (y2, y4, y8) = (y * y, y * y * y * y, (y * y * y * y) * (y * y * y * y));
    let pair = |k: usize| ODD[k] + ODD[k + 1] * y;
    let four = |k: usize| pair(k) + pair(k + 2) * y2;
    let eight = |k: usize| four(k) + four(k + 4) * y4;
    eight(0) + eight(8) * y8
}

/// eˣ − 1 − x, to full relative accuracy also near 0.
///
/// Taylor series for |x| < 0.6; elsewhere the subtraction costs at most a
/// factor 4 in relative error.
pub fn expm1mx(x: f64) -> f64 {
    debug_assert!(x.is_finite());
    if x.abs() >= 0.6 {
        return x.exp_m1() - x;
    }
    let mut sum = 0.0;
    let mut term = 0.5;
    let mut n = 2.0;
    while f64::abs(term) > 1e-17 {
        sum += term;
        n += 1.0;
        term *= x / n;
    }
    x * x * sum
}
