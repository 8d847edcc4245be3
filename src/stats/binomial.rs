//! Tails of the binomial law, in which a dependency's digits run out at a million trials (statrs
//! 0.19.1: P(X ≤ n/2) at p = ½ is 0.49921 for n = 10⁶, right is 0.50040).

use crate::special::{binomial_point, binomial_upper_sum};

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
    let (n, count) = (trials as f64, x as f64);
    let point = binomial_point(n, p, count);
    if count <= n * p {
        // the lower tail is the upper one of the failures
        let at_most = point * binomial_upper_sum(n, (1.0 - p) / p, n - count);
        (at_most.min(1.0), (1.0 - at_most + point).clamp(0.0, 1.0))
    } else {
        let at_least = point * binomial_upper_sum(n, p / (1.0 - p), count);
        ((1.0 - at_least + point).clamp(0.0, 1.0), at_least.min(1.0))
    }
}
