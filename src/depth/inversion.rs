//! Fourier inversion of the k-th power of one layer's tilted law.

use num_complex::Complex64;

use crate::depth::quadrature::{Kernel, LineSum, MOST_TERMS, refined};
use crate::depth::rays;
use crate::depth::sum::Sum;
use crate::depth::tilted::Tilted;
use crate::error::Result;

/// Values of the integrand below this share of the first are negligible, and the sum ends after so
/// many of them in a row: between the periods of an uneven law a few may be small by chance.
const NEGLIGIBLE_SHARE: f64 = 1e-18;
const QUIET: usize = 12;

/// (1/π) ∫₀^∞ Re[φ_θ(ξ)^k e^{iξ(k·mean − offset)} kernel(θ+iξ)] dξ.
pub(super) fn integrate(sum: &Sum, tilted: &Tilted, offset: f64, kernel: Kernel) -> Result<f64> {
    match sum.step.edges() {
        Some(edges) if !sum.dies_out(tilted) => {
            if !edges.has_parts() {
                return Err(sum.unresolved());
            }
            rays::integrate(sum, edges, tilted, offset, kernel)
        }
        _ => on_line(sum, tilted, offset, kernel),
    }
}

/// By the trapezoidal rule, its step halved until nothing changes.
fn on_line(sum: &Sum, tilted: &Tilted, offset: f64, kernel: Kernel) -> Result<f64> {
    let shift = sum.depth * tilted.mean - offset;
    let sign = tilted.theta.signum();
    let value = |xi: f64| -> (f64, f64) {
        let log = sum.depth * sum.log_characteristic(tilted, xi) + Complex64::new(0.0, xi * shift);
        let term = log.exp() * kernel.at(Complex64::new(tilted.theta, xi), sign);
        (term.re, term.norm())
    };
    let at_zero = value(0.0).0;
    let highest = sum.step.highest_frequency();
    // fine enough for a normal law, or for exponential tails with these rates; then halved
    let fall = tilted.theta.abs().min(sum.step.rate() + tilted.theta);
    let normal = 0.5 / (sum.depth * tilted.variance).sqrt();
    let mut step = normal.max((0.15 * fall).min(0.1 * highest));
    step = step.max(highest / MOST_TERMS);
    // over odd or all multiples of a step, until the terms stay negligible
    let over = |start: f64, step: f64| -> LineSum {
        let mut line = LineSum::default();
        let mut quiet = 0;
        let mut xi = start;
        while xi < highest && quiet < QUIET {
            let (real, norm) = value(xi);
            line.add(real, norm);
            quiet = if norm < NEGLIGIBLE_SHARE * at_zero {
                quiet + 1
            } else {
                0
            };
            xi += step;
        }
        line
    };
    let estimate = step * (0.5 * at_zero + over(step, step).total);
    let integral =
        refined(estimate, step, |step| over(0.5 * step, step)).ok_or_else(|| sum.unresolved())?;
    Ok(integral / std::f64::consts::PI)
}
