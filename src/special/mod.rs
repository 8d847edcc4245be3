//! Special functions where the crates fall short, each with its measured error.
//!
//! Measured against 30-digit values on the grid of `tests/special.rs` (maximum over the grid):
//!
//! | function | domain | error |
//! |---|---|---|
//! | [`log1pmx`] | x > −1 | relative 3e-16 |
//! | [`expm1mx`] | all x | relative 4e-16 |
//! | [`ln_gamma_ratio_slope`] | x ≥ 1/2, 0 ≤ p ≤ 4 | 1.2e-15 · max(1, value) |
//! | [`reciprocal_gamma_one_minus`] | 0 ≤ p ≤ 2 | relative 5e-16 |
//! | [`digamma_minus_ln`] | x ≥ 1/2 | absolute 7e-16; from x = 12 relative 3e-16 |
//! | [`trigamma`] | x ≥ 1/2 | relative 3e-16 |
//! | [`tetragamma`] | x ≥ 1/2 | relative 3e-16 |
//!
//! What the crates give well enough is taken from them: Γ and ψ from `special`.
//! Their weak spots, measured: `statrs::function::gamma::digamma` is good to 4e-14
//! only near 1.5, `special`'s trigamma is off by 2.5e-15 at 8, and any difference
//! of log-gammas loses all digits as x grows (ln Γ(5·10⁸) ≈ 10¹⁰, so one ulp of it
//! is already 2e-6).

mod elementary;
mod gamma;
mod polygamma;

pub use elementary::{expm1mx, log1pmx};
pub use gamma::{ln_gamma_ratio_slope, reciprocal_gamma_one_minus};
pub use polygamma::{digamma_minus_ln, tetragamma, trigamma};
