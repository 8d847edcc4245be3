//! Functions of pairs of doubles that `twofloat` 0.8.4 has with a double's accuracy, or not much more:
//! its quotient of two pairs forms 1 − bθ, θ ≈ 1/b, in doubles (1/3 has the low part 0), and so its
//! logarithm is off by up to 5e-18, which over s = 0.001 is 5e-15 of σ.

use twofloat::TwoFloat;
use twofloat::consts::LN_2;

/// a/b, to 1e-31 of it.
pub fn quotient(a: TwoFloat, b: TwoFloat) -> TwoFloat {
    let rounded = a.hi() / b.hi();
    let rest = a - b * rounded;
    TwoFloat::new_add(rounded, rest.hi() / b.hi())
}

/// log x for x > 0 not below 1e-290, to 4e-19.
pub fn ln(x: TwoFloat) -> TwoFloat {
    // x = 2ᵏ(1 + z), −1/4 ≤ z < 1/2: there the crate's eʸ − 1 is a polynomial (that 4e-19)
    let k = (x.hi() / 0.75).log2().floor();
    let z = x * (-k).exp2() - 1.0;
    if z.hi().abs() < 1e-8 {
        // log(1 + z) but for z⁴/4
        return LN_2 * k + z * (1.0 - z * (0.5 - z.hi() / 3.0));
    }
    // one step of Newton's from a double
    let start = z.hi().ln_1p();
    let exp_m1 = TwoFloat::from(start).exp_m1();
    let correction = (z - exp_m1).hi() / (1.0 + exp_m1.hi());
    LN_2 * k + TwoFloat::new_add(start, correction)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (x, log x, the rest of it), from mpmath at 40 digits.
    const LOGARITHMS: [(f64, f64, f64); 12] = [
        (
            0.044100422398614114,
            -3.121285918375341,
            1.0109617985655508e-16,
        ),
        (
            0.7054249022864951,
            -0.3489549594408167,
            1.715291576686529e-17,
        ),
        (
            0.3512138626048795,
            -1.0463599458906128,
            -7.134216102707472e-17,
        ),
        (
            8.204343165341599e-11,
            -23.22377235457168,
            -9.636574832662448e-17,
        ),
        (0.75, -0.2876820724517809, -2.607160616442564e-17),
        (0.9999999, -1.0000000494736474e-07, -5.529865283193222e-24),
        (1.4999, 0.40539843921917673, -1.5792044448305987e-18),
        (1.5, 0.4054651081081644, -2.8811380259626426e-18),
        (3e-200, -459.41840631014105, 2.4432720339066395e-14),
        (0.5, -std::f64::consts::LN_2, -2.3190468138462996e-17),
        (0.4999999999, -0.6931471807599453, -2.321046814177528e-17),
        (
            0.9999999999999999,
            -1.1102230246251565e-16,
            -6.162975822039155e-33,
        ),
    ];

    #[test]
    fn logarithms_have_both_parts() {
        for (x, hi, lo) in LOGARITHMS {
            let found = ln(TwoFloat::from(x));
            let error = (found.hi() - hi) + (found.lo() - lo);
            assert!(error.abs() < 4e-19, "log {x:?}: {error:e}");
        }
    }

    #[test]
    fn quotients_have_both_parts() {
        for (a, b) in [
            (1.0, 3.0),
            (0.375, 0.75),
            (0.7, 0.3),
            (1e-20, 0.9),
            (2.0, 1e-300),
        ] {
            let (a, b) = (TwoFloat::from(a) + a * 1e-17, TwoFloat::from(b) - b * 3e-18);
            let rest = a - quotient(a, b) * b;
            assert!(rest.hi().abs() < 1e-31 * a.hi(), "{a:?}/{b:?}: {rest:?}");
        }
    }
}
