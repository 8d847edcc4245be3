//! The null laws of the Cramér–von Mises and Anderson–Darling statistics.
//!
//! For large samples from a fully specified continuous law both statistics are distributed as Σ λ_j
//! z_j² with z_j ~ N(0,1) and λ_j = 1/(πj)², respectively 1/(j(j+1)). With D(u) = Π(1 − λ_j u),
//!
//! P(Σ λ_j z_j² > x) = (1/π) Σ_{k≥1} (−1)^{k+1} ∫_{1/λ_{2k−1}}^{1/λ_{2k}} e^{−ux/2} / (u √|D(u)|)
//! du
//!
//! (Smirnov 1937; Anderson & Darling 1952 for the two products). The first integral dominates in
//! the tail, so that small p-values keep their relative accuracy. Both ends are integrable
//! singularities of the kind for which Gauss–Chebyshev quadrature is exact to rounding with a few
//! nodes.

use std::f64::consts::PI;

/// Nodes of a quadrature.
const NODES: usize = 48;

/// Integrals of the series: enough from where P(statistic ≤ x) is above 1e-17.
const INTERVALS: usize = 24;

/// P(W² > x) for the Cramér–von Mises statistic W² of a large sample.
///
/// Relative error below 1e-10 (tests/goodness.rs). 1 for x ≤ 0 and NaN, which no sample has.
///
/// ```
/// use isomoment::stats::edf_law::cramer_von_mises_tail;
/// assert!((cramer_von_mises_tail(0.461_36) - 0.05).abs() < 1e-6);
/// ```
pub fn cramer_von_mises_tail(x: f64) -> f64 {
    let product = |u: f64| u.sqrt().sin() / u.sqrt();
    tail(x, 0.0055, |j| (PI * j).powi(2), product)
}

/// P(A² > x) for the Anderson–Darling statistic A² of a large sample.
///
/// Relative error below 1e-10 (tests/goodness.rs). 1 for x ≤ 0 and NaN, which no sample has.
///
/// ```
/// use isomoment::stats::edf_law::anderson_darling_tail;
/// assert!((anderson_darling_tail(2.492_37) - 0.05).abs() < 1e-6);
/// ```
pub fn anderson_darling_tail(x: f64) -> f64 {
    let product = |u: f64| -(0.5 * PI * (1.0 + 4.0 * u).sqrt()).cos() / (PI * u);
    tail(x, 0.05, |j| j * (j + 1.0), product)
}

/// Smirnov's formula; 1 below `least`, where it would need more integrals and differs from 1 by
/// less than 1e-17.
fn tail(x: f64, least: f64, root: impl Fn(f64) -> f64, product: impl Fn(f64) -> f64) -> f64 {
    if x.is_nan() || x < least {
        return 1.0;
    }
    if x == f64::INFINITY {
        return 0.0;
    }
    let mut sum = 0.0;
    for k in 1..=INTERVALS {
        let (left, right) = (root(2.0 * k as f64 - 1.0), root(2.0 * k as f64));
        let (middle, half) = (0.5 * (left + right), 0.5 * (right - left));
        let mut integral = 0.0;
        for node in 0..NODES {
            let angle = (node as f64 + 0.5) * PI / NODES as f64;
            let u = middle - half * angle.cos();
            integral += half * angle.sin() * (-0.5 * u * x).exp() / (u * product(u).abs().sqrt());
        }
        let term = integral / NODES as f64;
        sum += if k % 2 == 1 { term } else { -term };
        if term < 1e-17 * sum {
            break;
        }
    }
    sum.clamp(0.0, 1.0)
}
