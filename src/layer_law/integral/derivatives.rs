//! Moments of order s > 3, for laws of c with atoms only, from derivatives of the transform.
//!
//! E[Q^p; Q>0] = ((−1)ⁿ/Γ(n−p)) ∫ L⁽ⁿ⁾(eᵘ) e^{(n−p)u} du for n > p, L the Laplace
//! transform of Q: an integral of positive terms. The n-th derivative of L = Mᵈ
//! comes from the power series of M at the same point.

use special::Gamma;

use crate::layer_law::integral::log_axis::{Extent, integrate};
use crate::layer_law::transform::Transform;

/// The derivatives' singularities are of high order, so the step is finer than for the excess.
/// Measured: with 0.25 `cargo test two_routes::` fails, with 0.22 it passes.
pub(crate) const STEP: f64 = 0.18;

/// One more than the highest derivative needed: n = ⌊p⌋ + 2 ≤ 6.
const SERIES: usize = 7;

/// G(p) = (1/p)·log E[X^p], X = Q/κ given Q > 0, for 1 ≤ p ≤ 4 and slopes that are not uniform.
pub fn log_power_mean(transform: &Transform, p: f64) -> f64 {
    let order = p.floor() as usize + 2;
    let rise = order as f64 - p;
    let [integral] = integrate(Extent::of_layer(transform), STEP, |u| {
        [derivative(transform, u.exp(), order) * (rise * u).exp()]
    });
    let moment = integral.hi() / Gamma::gamma(rise) / transform.survival_probability();
    moment.ln() / p
}

/// (−1)ⁿ dⁿ/dtⁿ of E[e^{−tQ/κ}].
fn derivative(transform: &Transform, t: f64, order: usize) -> f64 {
    let mean = transform.conditional_mean();
    let tau = t / mean;
    let mut unit = [0.0; SERIES];
    for (c, weight) in transform.slopes().atoms() {
        let b = 1.0 + 2.0 * c * tau;
        let mut term = weight / b.sqrt();
        for (k, coefficient) in unit.iter_mut().enumerate().skip(1) {
            term *= (k as f64 - 0.5) / k as f64 * 2.0 * c / (b * mean);
            *coefficient += term;
        }
    }
    let at_tau = transform.unit(tau);
    unit[0] = at_tau.value();
    let d = transform.width();
    let series = if d < SERIES as f64 {
        // the recurrence below would subtract
        (1..d as u32).fold(unit, |power, _| product(&power, &unit))
    } else {
        power(&unit, d, (d * at_tau.log()).exp())
    };
    let factorial: f64 = (1..=order).map(|n| n as f64).product();
    factorial * series[order]
}

/// Series of Mᵈ from that of M and Mᵈ(0); signs are left out, every odd power being negative.
fn power(unit: &[f64; SERIES], d: f64, constant: f64) -> [f64; SERIES] {
    let mut series = [0.0; SERIES];
    series[0] = constant;
    for n in 1..SERIES {
        let terms = (1..=n).map(|k| (k as f64 * (d + 1.0) - n as f64) * unit[k] * series[n - k]);
        series[n] = terms.sum::<f64>() / (n as f64 * unit[0]);
    }
    series
}

fn product(a: &[f64; SERIES], b: &[f64; SERIES]) -> [f64; SERIES] {
    std::array::from_fn(|n| (0..=n).map(|k| a[k] * b[n - k]).sum())
}
