//! Special functions where the crates fall short, each with its measured error.
//!
//! Measured against 50-digit values on the grids of `tests/special.rs`
//! (maximum over the grid, in the sense that the column states):
//!
//! | function | domain | error |
//! |---|---|---|
//! | [`log1pmx`] | x > −1 | relative 6e-16 |
//! | [`expm1mx`] | all x | relative 6e-16 |
//! | [`ln_gamma_ratio_slope`] | x ≥ 1/2, 0 ≤ p ≤ 4 | absolute 8e-16 · max(1, value) |
//! | [`reciprocal_gamma_one_minus`] | 0 ≤ p ≤ 2 | relative 1e-15 |
//! | [`digamma_minus_ln`] | x ≥ 1/2 | relative 2e-15 |
//! | [`trigamma`] | x ≥ 1/2 | relative 1e-15 |
//! | [`tetragamma`] | x ≥ 1/2 | relative 2e-15 |
//!
//! What the crates give well enough is taken from them: Γ from `special`
//! (libm's `tgamma`), ψ and ψ′ from `special` at x < 8. Their weak spots,
//! measured: `statrs::function::gamma::digamma` is good to 4e-14 only near
//! 1.5; any difference of log-gammas loses all digits as x grows
//! (ln Γ(5·10⁸) ≈ 10¹⁰, so one ulp of it is already 2e-6).

mod elementary;
mod gamma;
mod polygamma;

pub use elementary::{expm1mx, log1pmx};
pub use gamma::{ln_gamma_ratio_slope, reciprocal_gamma_one_minus};
pub use polygamma::{digamma_minus_ln, tetragamma, trigamma};
