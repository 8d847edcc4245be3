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
//!
//! A small sample's law is the limit's with a factor exp(Σ_k n^{−k} Σ_j c_kj T_j(x)), fitted to exact
//! p-values from 1e-5 on (tools/edf.py, tests/data/edf.csv).

use std::f64::consts::PI;

use crate::stats::edf_factors::{ANDERSON_DARLING, CRAMER_VON_MISES, Factor};

/// Nodes of a quadrature.
const NODES: usize = 48;

/// Integrals of the series: enough from where P(statistic ≤ x) is above 1e-17.
const INTERVALS: usize = 24;

/// P(W² > x) for the Cramér–von Mises statistic W² of a sample of n.
///
/// Relative error below 0.5 % for 5 ≤ n ≤ 50 where it is above 1e-5 (tests/goodness.rs), 1 % at
/// n = 100 and less beyond. Smaller ones are too large: the limit's, times the factor at 1e-5, up to
/// x = n/3, the largest W² that n numbers have.
/// Exact for n = 1; for n = 2 to 4 the law of 5, which is 2.5 times too large where that of 2 is 0.01.
/// 1 for n = 0, and for x that are NaN or below the least W², 1/(12n).
///
/// ```
/// use isomoment::stats::edf_law::cramer_von_mises_p_value;
/// // a table's upper point of the limit (0.461) is not one of ten numbers
/// assert!((cramer_von_mises_p_value(10, 0.461_36) - 0.0478).abs() < 1e-4);
/// ```
pub fn cramer_von_mises_p_value(n: usize, x: f64) -> f64 {
    let size = n as f64;
    match n {
        _ if x.is_nan() => 1.0,
        // W² = 1/12 + (u − ½)²
        0 | 1 => 1.0 - 2.0 * (x - 1.0 / 12.0).clamp(0.0, 0.25 * size).sqrt(),
        _ if x > size / 3.0 => 0.0,
        _ if x <= 1.0 / (12.0 * size) => 1.0,
        _ => CRAMER_VON_MISES.times(n, x, cramer_von_mises_tail),
    }
}

/// P(A² > x) for the Anderson–Darling statistic A² of a sample of n.
///
/// Relative error below 0.5 % for n ≥ 5 where it is above 1e-5 (tests/goodness.rs, up to n = 40, where
/// the factor is within 3 % of 1); smaller ones are the limit's, times the factor at 1e-5, a few percent
/// too small at 1e-6. Exact for n = 1; for n = 2 to 4 the law of 5, which is 13 % too small where that
/// of 2 is 0.01. 1 for n = 0 and for x that are NaN.
///
/// ```
/// use isomoment::stats::edf_law::anderson_darling_p_value;
/// assert!((anderson_darling_p_value(10, 2.492_37) - 0.0512).abs() < 1e-4);
/// ```
pub fn anderson_darling_p_value(n: usize, x: f64) -> f64 {
    match n {
        _ if n == 0 || x.is_nan() => 1.0,
        // A² = −1 − log(u(1 − u)); the middle is where u(1 − u) > e^{−1−x}
        1 => 1.0 - (1.0 - 4.0 * (-1.0 - x).exp()).max(0.0).sqrt(),
        _ => ANDERSON_DARLING.times(n, x, anderson_darling_tail),
    }
}

impl Factor {
    /// The limit's p-value times the factor of a sample of n, of 5 where there are fewer.
    fn times(&self, n: usize, x: f64, limit: impl Fn(f64) -> f64) -> f64 {
        let inverse = (n.max(5) as f64).recip();
        let last = self.last.iter().rfold(0.0, |sum, c| sum * inverse + c);
        let (low, high) = self.span;
        let fitted = x.clamp(low, last.min(high));
        let place = 2.0 * (fitted - low) / (high - low) - 1.0;
        let log = self
            .rows
            .iter()
            .rfold(0.0, |sum, row| (sum + chebyshev(row, place)) * inverse);
        (limit(x) * log.exp()).clamp(0.0, 1.0)
    }
}

/// Σ c_j T_j(x), by Clenshaw's recurrence.
fn chebyshev(coefficients: &[f64], x: f64) -> f64 {
    let (mut next, mut after) = (0.0, 0.0);
    for &c in coefficients.iter().skip(1).rev() {
        (next, after) = (2.0 * x * next - after + c, next);
    }
    coefficients.first().map_or(0.0, |c| c + x * next - after)
}

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
