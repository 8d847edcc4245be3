//! Moments of layers whose units are all alike where they are alive (ReLU, linear and ReLU with
//! dropout), as a finite sum over the number of alive units.
//!
//! Given n of them, Q is a χ²_n, and with X = Q/κ and r_n = E[X^p | n]
//!
//!   (E[X^p | Q>0] − 1)/p = Σ_{n≥1} w_n e_n / Σ_{n≥1} w_n,  e_n = (r_n − 1)/p,
//!
//! w_n the binomial weights. From Γ(x+1) = xΓ(x), r_{n+2} = r_n (1 + 2p/n), hence
//! e_{n+2} = e_n + (2/n)(1 + p e_n): this divides by no p, holds at p = 0, where e_n is E[log X | n],
//! and the errors of both recurrences grow with the distance from where they start, while the weights
//! fall. So two quotients of gamma functions are enough, at the largest weight and beside it.

use crate::layer_law::integral::log_per_order;
use crate::special::ln_gamma_ratio_slope;

/// The sum ends where a weight, and its term, are this share of the largest weight: about 8½ standard
/// deviations of the number of alive units away.
const NEGLIGIBLE: f64 = 1e-17;

/// So many alive units need no shift of the argument of gamma and digamma functions.
const FROM: f64 = 24.0;

/// The law of the number of alive units, and κ = E[Q | Q>0].
#[derive(Debug, Clone, Copy)]
pub(super) struct AliveUnits {
    pub width: f64,
    /// P(c > 0), below 1.
    pub probability: f64,
    pub mean: f64,
}

impl AliveUnits {
    /// G(p) = (1/p)·log E[X^p | Q>0], at p = 0 E[log X | Q>0], for 0 ≤ p ≤ 4.
    ///
    /// To an absolute error of about 1e-15. It is no sum of terms of one sign: wide layers, where it
    /// is small, lose relative accuracy, which the integral keeps.
    pub fn log_power_mean(&self, p: f64) -> f64 {
        let Self {
            width: d,
            probability,
            ..
        } = *self;
        let odds = probability / (1.0 - probability);
        let mode = ((d + 1.0) * probability).floor().clamp(1.0, d);
        let peak = self.slope(mode, p);
        let beside = self.slope(mode + 1.0, p);
        let (mut mass, mut rise) = (1.0, 0.0);

        let (mut n, mut weight) = (mode, 1.0);
        let (mut e, mut next) = (peak, beside);
        let mut reciprocal = 1.0 / mode;
        while weight * (1.0 + e.abs()) > NEGLIGIBLE {
            let after_next = (1.0 + 2.0 * p * reciprocal) * e + 2.0 * reciprocal;
            (e, next) = (next, after_next);
            reciprocal = 1.0 / (n + 1.0);
            weight *= odds * (d - n) * reciprocal;
            mass += weight;
            rise += weight * (e - peak);
            n += 1.0;
        }

        (n, weight) = (mode, 1.0);
        let (mut e, mut above) = (peak, beside);
        while n > 1.0 && weight * (1.0 + e.abs()) > NEGLIGIBLE {
            weight *= n / (odds * (d - n + 1.0));
            n -= 1.0;
            let reciprocal = 1.0 / (n + 2.0 * p);
            let below = n * reciprocal * above - 2.0 * reciprocal;
            (e, above) = (below, e);
            mass += weight;
            rise += weight * (e - peak);
        }
        log_per_order(peak + rise / mass, p)
    }

    /// e_n = (E[X^p | n] − 1)/p, for few units by way of N = n + 2k from [`FROM`] on: with
    /// E[X^p | N] = E[X^p | n]·(1 + pT), the recurrence makes T, and no logarithms are subtracted.
    fn slope(&self, n: f64, p: f64) -> f64 {
        let steps = (0.5 * (FROM - n)).ceil().max(0.0);
        let mut shift = 0.0;
        for step in 0..steps as u32 {
            shift += (1.0 + p * shift) / (0.5 * n + f64::from(step));
        }
        (self.slope_of_many(n + 2.0 * steps, p) - shift) / (1.0 + p * shift)
    }

    /// e_n for n from [`FROM`] on.
    fn slope_of_many(&self, n: f64, p: f64) -> f64 {
        let share = n / self.mean;
        let curved = ln_gamma_ratio_slope(0.5 * n, p);
        let log = curved + share.ln();
        if p * log.abs() < 1e-300 {
            log
        } else if p * log.abs() < 0.5 {
            (p * log).exp_m1() / p
        } else {
            // the rounding of a larger logarithm would be seen
            (share.powf(p) * (p * curved).exp() - 1.0) / p
        }
    }
}
