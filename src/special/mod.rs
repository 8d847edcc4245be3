//! Special functions where the crates fall short, each with its measured error.
//!
//! Bounds of the errors, rounded up from the largest at 42 000 random arguments
//! (`tools/special_random.py` with 6000 rows of each); `accuracy.rs` measures them at 2 561
//! reference values and reads this table:
//!
//! | function | domain | error |
//! |---|---|---|
//! | [`log1pmx`] | x > −1 | relative 5e-16 |
//! | [`expm1mx`] | all x | relative 7e-16 |
//! | [`ln_gamma_ratio_slope`] | x ≥ 1/2, 0 ≤ p ≤ 4 | 2.8e-15 · max(1, value) |
//! | [`reciprocal_gamma_one_minus`] | 0 ≤ p ≤ 2 | relative 9e-16 |
//! | [`digamma_minus_ln`] | x ≥ 1/2 | absolute 1e-15 |
//! | [`digamma_minus_ln`] | x ≥ 12 | relative 3e-16 |
//! | [`trigamma`] | x ≥ 1/2 | relative 4e-16 |
//! | [`tetragamma`] | x ≥ 1/2 | relative 6e-16 |
//!
//! The functions are the library's own: arguments outside these domains do not occur and are not
//! checked in a release.
//!
//! What the crates give well enough is taken from them: Γ and ψ from `special`.
//! Their weak spots, measured: `statrs::function::gamma::digamma` is good to 4e-14
//! only near 1.5, `special`'s trigamma is off by 2.5e-15 at 8, and any difference
//! of log-gammas loses all digits as x grows (ln Γ(5·10⁸) ≈ 10¹⁰, so one ulp of it
//! is already 2e-6).

#[cfg(test)]
mod accuracy;
mod binomial;
mod elementary;
mod gamma;
pub(crate) mod pair;
mod polygamma;

pub(crate) use binomial::{binomial_point, binomial_upper_sum};
pub(crate) use elementary::{expm1mx, log1pmx};
pub(crate) use gamma::{
    STIRLING, ln_gamma_ratio_slope, reciprocal_gamma_one_minus, reciprocal_gamma_one_minus_pair,
};
pub(crate) use polygamma::{digamma_minus_ln, tetragamma, trigamma};
