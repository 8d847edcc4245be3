//! Which way the law for Gaussian weights is computed: a χ² has closed forms at every width, all
//! else starts from the transform of Q (the table at the top of the [parent](super)).

use twofloat::TwoFloat;

use crate::activation::SlopeLaw;
use crate::layer_law::cumulants::LogCumulants;
use crate::layer_law::integral::{derivatives, excess};
use crate::layer_law::large_width;
use crate::layer_law::survival::Survival;
use crate::layer_law::transform::Transform;
use crate::special::{digamma_minus_ln, ln_gamma_ratio_slope, tetragamma, trigamma};

/// Above this order s the moments come from derivatives of the transform. Both integrals hold for
/// 2 ≤ s < 4, and this is the middle. Measured: `cargo test two_routes::` passes with 2.1 and
/// with 3.9.
const DERIVATIVES_ABOVE: f64 = 3.0;

/// κ = E[Q | Q>0] here is without the gain.
#[derive(Debug, Clone)]
pub(super) enum Route {
    ChiSquare { width: u64 },
    Integral(Box<Transform>),
}

impl Route {
    pub fn new(slopes: SlopeLaw, width: u64, survival: Survival) -> Self {
        if slopes.is_constant() {
            Self::ChiSquare { width }
        } else {
            Self::Integral(Box::new(Transform::new(slopes, width, survival)))
        }
    }

    /// The largest moment order that is computed, and the orders in words.
    pub fn orders(&self) -> (f64, &'static str) {
        match self {
            Self::Integral(transform) if transform.slopes().uniform().is_some() => (
                DERIVATIVES_ABOVE,
                "above 0 and at most 3 (for slopes drawn from an interval)",
            ),
            _ => (8.0, "above 0 and at most 8"),
        }
    }

    /// κ.
    pub fn mean(&self) -> f64 {
        match self {
            Self::ChiSquare { width } => *width as f64,
            Self::Integral(transform) => transform.conditional_mean(),
        }
    }

    /// (1/p)·log E[(Q/κ)^p | Q>0], at p = 0 its limit, to an absolute error of a few 1e-15.
    pub fn log_power_mean(&self, p: f64) -> TwoFloat {
        let Self::Integral(transform) = self else {
            return TwoFloat::from(self.fine_log_power_mean(p));
        };
        if let Some(mean) = series(transform, p) {
            TwoFloat::from(mean)
        } else if let Some(units) = transform.alive_units() {
            TwoFloat::from(units.log_power_mean(p))
        } else if has_derivatives(p) {
            TwoFloat::from(derivatives::log_power_mean(transform, p))
        } else {
            excess::log_power_mean(transform, p)
        }
    }

    /// [`Route::log_power_mean`] of several orders, to the bit; integrals of the excess share the
    /// transform.
    pub fn log_power_means(&self, orders: &[f64]) -> Vec<TwoFloat> {
        let one = |&p: &f64| self.log_power_mean(p);
        let Self::Integral(transform) = self else {
            return orders.iter().map(one).collect();
        };
        if transform.alive_units().is_some() || series(transform, 0.0).is_some() {
            return orders.iter().map(one).collect();
        }
        let (of_excess, others): (Vec<usize>, Vec<usize>) =
            (0..orders.len()).partition(|&i| !has_derivatives(orders[i]));
        let shared: Vec<f64> = of_excess.iter().map(|&i| orders[i]).collect();
        let mut means = vec![TwoFloat::from(0.0); orders.len()];
        for (&i, mean) in of_excess
            .iter()
            .zip(excess::log_power_means(transform, &shared))
        {
            means[i] = mean;
        }
        for i in others {
            means[i] = one(&orders[i]);
        }
        means
    }

    /// The same to a relative error of that size, for differences: it falls like 1/d.
    pub fn fine_log_power_mean(&self, p: f64) -> f64 {
        match self {
            Self::ChiSquare { width } => ln_gamma_ratio_slope(0.5 * *width as f64, p),
            Self::Integral(transform) => {
                series(transform, p).unwrap_or_else(|| fine_integral(transform, p))
            }
        }
    }

    /// Cumulants of ½ log(Q/κ) given Q > 0.
    pub fn log_cumulants(&self) -> LogCumulants {
        match self {
            Self::ChiSquare { width } => chi_square_log_cumulants(0.5 * *width as f64),
            Self::Integral(transform) => excess::log_cumulants(transform),
        }
    }
}

/// The series in 1/d, of layers wide enough.
fn series(transform: &Transform, p: f64) -> Option<f64> {
    large_width::log_power_mean(transform.slopes(), transform.width(), p)
}

/// Whether G(p) comes from derivatives of the transform.
fn has_derivatives(p: f64) -> bool {
    2.0 * p > DERIVATIVES_ABOVE
}

/// The integrals over the transform, to a small relative error.
pub(super) fn fine_integral(transform: &Transform, p: f64) -> f64 {
    match has_derivatives(p) {
        true => derivatives::log_power_mean(transform, p),
        false => excess::fine_log_power_mean(transform, p),
    }
}

/// Cumulants of ½ log(χ²/n), χ² of n degrees of freedom, at n/2.
pub(super) fn chi_square_log_cumulants(half: f64) -> LogCumulants {
    LogCumulants {
        mean: 0.5 * digamma_minus_ln(half),
        variance: 0.25 * trigamma(half),
        third: 0.125 * tetragamma(half),
    }
}
