//! Exact tests of a proportion.

use crate::error::{Error, Result};
use crate::special::binomial_point;
use crate::stats::binomial::tails;
use crate::stats::domain::{check_probability, check_share};

/// Two-sided p-value of `successes` among `trials` when each has probability `p`: twice
/// the smaller tail of the binomial law, at most 1. Exact, so its size is at most the level.
///
/// ```
/// use isomoment::stats::proportion::p_value;
/// // 2·P(X ≤ 1), X ~ Bin(10, ½): 2·11/1024
/// assert!((p_value(1, 10, 0.5)? - 22.0 / 1024.0).abs() < 1e-14);
/// # Ok::<(), isomoment::Error>(())
/// ```
///
/// # Errors
/// [`Error::Domain`] when `p` is no probability, and for more successes than trials.
pub fn p_value(successes: u64, trials: u64, p: f64) -> Result<f64> {
    check_probability("p", p)?;
    check_successes(successes, trials)?;
    let (at_most, at_least) = tails(trials, p, successes);
    Ok((2.0 * at_most.min(at_least)).min(1.0))
}

fn check_successes(successes: u64, trials: u64) -> Result<()> {
    if successes <= trials {
        return Ok(());
    }
    let allowed = format!("at most the {trials} trials");
    Err(Error::domain("successes", successes, allowed))
}

/// Power of that test at a level when the probability is `alternative` instead of `p`.
///
/// ```
/// use isomoment::stats::proportion::power;
/// assert!(power(1000, 0.5, 0.5, 0.01)? <= 0.01);
/// assert!(power(1000, 0.5, 0.6, 0.01)? > 0.99);
/// # Ok::<(), isomoment::Error>(())
/// ```
///
/// # Errors
/// [`Error::Domain`] when one of the two is no probability, and for a level outside (0, 1).
pub fn power(trials: u64, p: f64, alternative: f64, level: f64) -> Result<f64> {
    check_probability("p", p)?;
    check_probability("alternative", alternative)?;
    check_share("level", level)?;
    let rejected = |x: u64| p_value(x, trials, p).is_ok_and(|p| p <= level);
    // rejected are the counts below `low` and from `high` on; the mode never is
    let mode = (((trials + 1) as f64 * p) as u64).min(trials);
    let low = partition(0, mode, |x| !rejected(x));
    let high = partition(mode, trials + 1, rejected);
    let below = match low {
        0 => 0.0,
        _ => tails(trials, alternative, low - 1).0,
    };
    let above = match high > trials {
        true => 0.0,
        false => tails(trials, alternative, high).1,
    };
    Ok(below + above)
}

/// Clopper and Pearson's interval for a proportion (1934), which holds it with at least the given
/// confidence.
///
/// ```
/// use isomoment::stats::proportion::interval;
/// // 1 − 0.025^(1/20)
/// let (low, high) = interval(0, 20, 0.95)?;
/// assert!(low == 0.0 && (high - 0.168_433).abs() < 1e-6);
/// // R's binom.test(5, 20): 0.08657147 to 0.4910459
/// let (low, high) = interval(5, 20, 0.95)?;
/// assert!((low - 0.086_571_47).abs() < 1e-8 && (high - 0.491_045_9).abs() < 1e-7);
/// # Ok::<(), isomoment::Error>(())
/// ```
///
/// The tails outside are right to 1e-12 + 5e-14·trials of them, the latter where a probability next
/// to 1 is rounded (`tests/goodness.rs`, up to 10⁸ trials).
///
/// # Errors
/// [`Error::Domain`] for more successes than trials, and a confidence outside (0, 1).
pub fn interval(successes: u64, trials: u64, confidence: f64) -> Result<(f64, f64)> {
    check_share("confidence", confidence)?;
    check_successes(successes, trials)?;
    let outside = 0.5 * (1.0 - confidence);
    let (n, count) = (trials as f64, successes as f64);
    // d/dp P(X ≥ s) = s·P(X = s)/p, d/dp P(X ≤ s) = −(n − s)·P(X = s)/(1 − p)
    let low = match successes {
        0 => 0.0,
        _ => solved(count / n, true, |p| {
            let slope = count / p * binomial_point(n, p, count);
            (tails(trials, p, successes).1 / outside, slope / outside)
        }),
    };
    let high = match successes == trials {
        true => 1.0,
        false => solved(count / n, false, |p| {
            let slope = (count - n) / (1.0 - p) * binomial_point(n, p, count);
            (tails(trials, p, successes).0 / outside, slope / outside)
        }),
    };
    Ok((low, high))
}

/// The p between 0 and 1 at which a monotone function, given with its slope, is 1: Newton's method
/// for its logarithm, kept between what is too small and what is too large. (Where statrs 0.19.1
/// has the beta law's quantile it does not end at 10⁷ trials.)
fn solved(start: f64, increasing: bool, function: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut left, mut right) = (0.0, 1.0);
    let mut p = start.clamp(1e-3, 1.0 - 1e-3);
    for _ in 0..200 {
        let (value, slope) = function(p);
        let too_far = (value > 1.0) == increasing;
        if too_far {
            right = p;
        } else {
            left = p;
        }
        let newton = p - value.ln() * value / slope;
        let next = match newton > left && newton < right {
            true => newton,
            false => 0.5 * (left + right),
        };
        let done = (next - p).abs() <= 1e-15 * p || next == left || next == right;
        p = next;
        if done {
            break;
        }
    }
    p
}

/// The first x from `from` on, before `to`, that has a property which all later ones have; else
/// `to`.
fn partition(from: u64, to: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (from, to);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}
