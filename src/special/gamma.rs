//! Ratios of gamma functions at nearby arguments, accurate for arguments of any size.

use twofloat::TwoFloat;

use crate::special::{digamma_minus_ln, log1pmx};

/// Coefficients B₂ₖ/(2k(2k−1)) of Stirling's series, k = 1…8.
pub(crate) const STIRLING: [f64; 8] = [
    1.0 / 12.0,
    -1.0 / 360.0,
    1.0 / 1260.0,
    -1.0 / 1680.0,
    1.0 / 1188.0,
    -691.0 / 360360.0,
    1.0 / 156.0,
    -3617.0 / 122400.0,
];

/// From here on eight terms of Stirling's series leave out less than 2e-18.
const STIRLING_FROM: f64 = 10.0;

/// (1/p) · log[Γ(x+p) / (Γ(x) xᵖ)] for x ≥ 1/2 and 0 ≤ p ≤ 4; at p = 0 its
/// limit ψ(x) − log x.
///
/// Dividing by p keeps the digits that E[Q^p]^{−1/(2p)} needs as p → 0, and
/// taking out xᵖ those that it needs as x → ∞ (the value is about (p−1)/(2x)).
/// With Stirling's series S,
/// log Γ(x+p) − log Γ(x) − p log x = x·log1pmx(p/x) + (p−½)·log1p(p/x) + S(x+p) − S(x),
/// after shifting x up to 10 by Γ(x) = Γ(x+1)/x.
pub fn ln_gamma_ratio_slope(x: f64, p: f64) -> f64 {
    debug_assert!(x >= 0.5 && (0.0..=4.0).contains(&p));
    if p == 0.0 {
        return digamma_minus_ln(x);
    }
    let shift = (STIRLING_FROM - x).ceil().max(0.0);
    let y = x + shift;
    let mut correction = 0.0;
    if shift > 0.0 {
        // Π(1 + p/(x+j)) = 1 + p·grown, for one logarithm in place of one for each factor
        let mut grown = 0.0;
        for j in 0..shift as u32 {
            grown += (1.0 + p * grown) / (x + f64::from(j));
        }
        correction = (shift / x).ln_1p() - slope_of_ln_1p(grown, p);
    }
    let step = slope_of_ln_1p(1.0 / y, p);
    let ratio = p / y;
    let leading = if ratio < 1e-150 {
        0.0
    } else {
        log1pmx(ratio) / ratio
    };
    let mut series = 0.0;
    let mut power = 1.0 / y;
    let mut odd = 1.0;
    for coefficient in STIRLING {
        series += coefficient * power * (-odd * step * p).exp_m1() / p;
        power /= y * y;
        odd += 2.0;
    }
    correction + leading + (p - 0.5) * step + series
}

/// log(1 + pz)/p; where pz may underflow, its limit z.
fn slope_of_ln_1p(z: f64, p: f64) -> f64 {
    if p * z < 1e-300 {
        z
    } else {
        (p * z).ln_1p() / p
    }
}

/// 1/Γ(1−p) for 0 ≤ p ≤ 2: zero at p = 1 and 2, to full relative accuracy beside them.
///
/// (1−p)/Γ(2−p) up to p = 1 and (1−p)(2−p)/Γ(3−p) beyond, Γ from `special`
/// on arguments between 1 and 2 (both differences are exact there).
pub fn reciprocal_gamma_one_minus(p: f64) -> f64 {
    debug_assert!((0.0..=2.0).contains(&p));
    use special::Gamma;
    if p <= 1.0 {
        (1.0 - p) / Gamma::gamma(2.0 - p)
    } else {
        (1.0 - p) * (2.0 - p) / Gamma::gamma(3.0 - p)
    }
}

/// 1/Γ(1−p) for 0 ≤ p < 1 as a pair of doubles, 1 and the rest: for small p the sum is off by 4e-17 at
/// most, γ times the rounding of 1 − p, where a double would be by 1e-16.
pub fn reciprocal_gamma_one_minus_pair(p: f64) -> TwoFloat {
    debug_assert!((0.0..1.0).contains(&p));
    use special::Gamma;
    let (log, _sign) = Gamma::ln_gamma(1.0 - p);
    TwoFloat::new_add(1.0, (-log).exp_m1())
}
