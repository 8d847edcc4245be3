//! Point probabilities of the binomial law, without a difference of log-gammas, and sums of its
//! tails.

use std::f64::consts::PI;

use crate::special::elementary::log1pmx;

/// A tail's sum ends where its terms have fallen to this share.
const NEGLIGIBLE_TERM: f64 = 1e-18;

/// From here on Stirling's series gives the error of his formula.
const LARGE: f64 = 16.0;

/// P(M = m) for M ~ Bin(n, p), 0 < p < 1, by Loader's saddle-point expansion (2000).
pub fn binomial_point(n: f64, p: f64, m: f64) -> f64 {
    if m == 0.0 {
        return (n * (-p).ln_1p()).exp();
    }
    if m == n {
        return p.powf(n);
    }
    let mean = n * p;
    // m − np with the low part of the product: the deviances are quotients of its square
    let away = (m - mean) - n.mul_add(p, -mean);
    let deviance = deviance(m, mean, away) + deviance(n - m, n * (1.0 - p), -away);
    let stirling = stirling_error(n) - stirling_error(m) - stirling_error(n - m);
    (n / (2.0 * PI * m * (n - m))).sqrt() * (stirling - deviance).exp()
}

/// P(M ≥ m)/P(M = m) for M ~ Bin(n, p), m above the mean, odds = p/(1 − p).
pub fn binomial_upper_sum(n: f64, odds: f64, m: f64) -> f64 {
    let (mut term, mut sum, mut m) = (1.0, 1.0, m);
    while m < n && term > NEGLIGIBLE_TERM * sum {
        term *= (n - m) * odds / (m + 1.0);
        sum += term;
        m += 1.0;
    }
    sum
}

/// x log(x/m) + m − x; `difference` is x − m, known better than both.
fn deviance(x: f64, m: f64, difference: f64) -> f64 {
    let t = difference / m;
    if t > 1.0 {
        // the parts of the other form would be larger than the whole
        return x * (x / m).ln() - difference;
    }
    x * log1pmx(t) + difference * t
}

/// log n! less Stirling's formula.
fn stirling_error(n: f64) -> f64 {
    if n < LARGE {
        let factorial: f64 = (2..=n as u32).map(f64::from).product();
        let formula = (n + 0.5) * n.ln() - n + 0.5 * (2.0 * PI).ln();
        return factorial.ln() - formula;
    }
    let square = n * n;
    let series = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
    ];
    let sum = series.iter().rev().fold(0.0, |sum, c| sum / square + c);
    sum / n
}
