//! Tails of the binomial law, in which a dependency's digits run out at a million trials (statrs
//! 0.19.1: P(X ≤ n/2) at p = ½ is 0.49921 for n = 10⁶, right is 0.50040).

use std::f64::consts::PI;

/// P(X ≤ x) and P(X ≥ x) for X ~ Bin(trials, p), each within 2e-13·(1 + |log P|) of itself,
/// relative, up to 10⁸ trials (`tests/goodness.rs`): a point probability by Stirling's series
/// (Loader 2000), and the sum of the smaller tail from there. Time grows as √trials.
///
/// ```
/// use isomoment::stats::binomial::tails;
/// let (at_most, at_least) = tails(10, 0.5, 1);
/// assert!((at_most - 11.0 / 1024.0).abs() < 1e-16);
/// assert!((at_least - 1023.0 / 1024.0).abs() < 1e-15);
/// ```
///
/// # Panics
/// Unless x ≤ trials and 0 ≤ p ≤ 1.
pub fn tails(trials: u64, p: f64, x: u64) -> (f64, f64) {
    assert!(
        x <= trials && (0.0..=1.0).contains(&p),
        "{x} of {trials}, p = {p}"
    );
    if p == 0.0 || p == 1.0 {
        let certain = if p == 0.0 { 0 } else { trials };
        let one = |holds: bool| f64::from(u8::from(holds));
        return (one(certain <= x), one(certain >= x));
    }
    let point = point(trials, p, x);
    if x as f64 <= trials as f64 * p {
        let at_most = point * downward(trials, (1.0 - p) / p, x);
        (at_most.min(1.0), (1.0 - at_most + point).clamp(0.0, 1.0))
    } else {
        // the upper tail is the lower one of the failures
        let at_least = point * downward(trials, p / (1.0 - p), trials - x);
        ((1.0 - at_least + point).clamp(0.0, 1.0), at_least.min(1.0))
    }
}

/// P(X ≤ x)/P(X = x), x at most the mean: Σ of products of P(X = j−1)/P(X = j) = j·odds/(n−j+1),
/// odds = q/p.
fn downward(trials: u64, odds: f64, x: u64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for j in (1..=x).rev() {
        term *= j as f64 * odds / (trials - j + 1) as f64;
        sum += term;
        if term < 1e-18 * sum {
            break;
        }
    }
    sum
}

/// P(X = x), 0 < p < 1.
fn point(trials: u64, p: f64, x: u64) -> f64 {
    let (n, k) = (trials as f64, x as f64);
    let q = 1.0 - p;
    if x == 0 {
        return (n * (-p).ln_1p()).exp();
    }
    if x == trials {
        return (n * p.ln()).exp();
    }
    let rest = n - k;
    let error = stirling_error(n) - stirling_error(k) - stirling_error(rest);
    let mean = n * p;
    // k − np with the low part of the product: the deviances are quotients of its square
    let away = (k - mean) - n.mul_add(p, -mean);
    let exponent = error - deviance(k, mean, away) - deviance(rest, n * q, -away);
    exponent.exp() * (n / (2.0 * PI * k * rest)).sqrt()
}

/// log n! − log(√(2πn)(n/e)ⁿ).
fn stirling_error(n: f64) -> f64 {
    if n < 16.0 {
        let factorial: f64 = (1..=n as u32).map(f64::from).product();
        return factorial.ln() - (0.5 * (2.0 * PI * n).ln() + n * n.ln() - n);
    }
    // the next term, 1/(1188 n⁹), is below 1.3e-14 of the first
    let square = n * n;
    let series = 1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / (1188.0 * square)) / square;
    (1.0 / 12.0 - (1.0 / 360.0 - series / square) / square) / n
}

/// x log(x/m) + m − x, also where x is near m; `difference` is x − m, known better than both.
fn deviance(x: f64, m: f64, difference: f64) -> f64 {
    if difference.abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() - difference;
    }
    // with v = (x − m)/(x + m): (x − m)v + 2x Σ v^{2j+1}/(2j+1)
    let v = difference / (x + m);
    let mut sum = difference * v;
    let mut power = 2.0 * x * v;
    for j in 1..100 {
        power *= v * v;
        let next = sum + power / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}
