//! The index of a heavy tail, P(X > t) ~ C t^{−κ}, from the largest logarithms of a sample.

use crate::error::{Error, Result};
use crate::stats::domain::check_size;

/// Below this 1 − M₁²/M₂ is rounding.
const LEAST_SPREAD: f64 = 1e-12;

/// An estimate of a tail index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TailIndex {
    /// κ.
    pub index: f64,
    /// Standard error of 1/κ, relative to 1/κ, by the estimator's asymptotic law.
    pub relative_error: f64,
    /// How many of the largest values were used.
    pub used: usize,
    estimator: Estimator,
}

/// Where an estimate comes from, which decides how it varies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Estimator {
    Hill,
    Moment,
}

impl TailIndex {
    /// Deviation of 1/κ from 1/`expected` in standard errors that hold when `expected` is right.
    ///
    /// A light tail has no index; the moment estimator then finds a 1/κ near 0 or below, far from
    /// any `expected`.
    pub fn z(&self, expected: f64) -> f64 {
        (expected / self.index - 1.0) / self.relative_error_at(expected, self.used)
    }

    /// Standard error of 1/κ, relative to 1/κ, that this estimator has from `used` values where the
    /// index is `expected`.
    pub fn relative_error_at(&self, expected: f64, used: usize) -> f64 {
        let relative_variance = match self.estimator {
            Estimator::Hill => 1.0,
            Estimator::Moment => 1.0 + expected * expected,
        };
        (relative_variance / used as f64).sqrt()
    }

    /// Interval of κ at about the level of `z` standard errors (1.96: 95 %).
    pub fn interval(&self, z: f64) -> (f64, f64) {
        let spread = z * self.relative_error;
        let upper = if spread < 1.0 {
            self.index / (1.0 - spread)
        } else {
            f64::INFINITY
        };
        (self.index / (1.0 + spread), upper)
    }
}

/// Hill's estimator from the `used` largest of the logarithms, in descending order: 1/κ is the mean
/// of their excesses over the next one. Asymptotically normal, relative standard error 1/√used.
///
/// Hill, B. M. (1975), A simple general approach to inference about the tail of a distribution.
///
/// ```
/// use isomoment::stats::tail::hill;
/// // logarithms of a Pareto sample with κ = 2: exponential quantiles
/// let logs: Vec<f64> = (1..=1000).map(|i| -0.5 * ((f64::from(i) - 0.5) / 1000.0).ln()).collect();
/// assert!((hill(&logs, 200)?.index - 2.0).abs() < 0.05);
/// # Ok::<(), isomoment::Error>(())
/// ```
///
/// # Errors
/// [`Error::Domain`] unless 1 ≤ used < the number of values, and where the largest used + 1 of them
/// are not finite, not in descending order, or all equal.
pub fn hill(logs: &[f64], used: usize) -> Result<TailIndex> {
    let [first, _] = excess_moments(logs, used)?;
    Ok(TailIndex {
        index: 1.0 / first,
        relative_error: (used as f64).sqrt().recip(),
        used,
        estimator: Estimator::Hill,
    })
}

/// The moment estimator from the `used` largest of the logarithms, in descending order: with the
/// first two moments M₁, M₂ of the excesses, 1/κ = M₁ + 1 − ½/(1 − M₁²/M₂). For a heavy tail it is
/// asymptotically normal with variance (1 + κ^{−2})/used; unlike Hill's it also sees that a tail is
/// light.
///
/// Dekkers, A. L. M., Einmahl, J. H. J. & de Haan, L. (1989), A moment estimator for the index of
/// an extreme-value distribution.
///
/// # Errors
/// As [`hill`], and where the excesses are all equal: there is no estimate.
pub fn moment_estimator(logs: &[f64], used: usize) -> Result<TailIndex> {
    let [first, second] = excess_moments(logs, used)?;
    let spread = 1.0 - first * first / second;
    if spread < LEAST_SPREAD {
        let allowed = "logarithms with excesses that differ";
        return Err(Error::domain("the sample", "tied", allowed));
    }
    let inverse = first + 1.0 - 0.5 / spread;
    Ok(TailIndex {
        index: 1.0 / inverse,
        relative_error: ((1.0 + inverse.powi(2)) / used as f64).sqrt() / inverse,
        used,
        estimator: Estimator::Moment,
    })
}

/// How many of the largest values look like a pure power: the largest count of a geometric grid,
/// from `least` to a fiftieth of the sample (further in, the body of the law biases an estimate
/// before the test sees it), whose excesses pass the Anderson–Darling test of an exponential law
/// with unknown mean at 5 % (A²·(1 + 0.6/n) below 1.321: Stephens 1974). `logs` in descending
/// order.
///
/// # Errors
/// [`Error::Domain`] for a `least` below 2, fewer than fifty times `least` values, and where
/// [`hill`] has it.
pub fn threshold(logs: &[f64], least: usize) -> Result<usize> {
    if least < 2 {
        return Err(Error::domain("least", least, "at least 2"));
    }
    check_size("the sample", logs.len(), least.saturating_mul(50))?;
    let mut best = least;
    let mut used = least;
    while used <= logs.len() / 50 {
        if exponential_misfit(logs, used)? < 1.321 {
            best = used;
        }
        used = (used as f64 * 1.3).ceil() as usize;
    }
    Ok(best)
}

/// Stephens's modified Anderson–Darling statistic of the excesses against the exponential law with
/// their mean.
fn exponential_misfit(logs: &[f64], used: usize) -> Result<f64> {
    let [mean, _] = excess_moments(logs, used)?;
    let n = used as f64;
    // descending excesses: the survival functions ascend
    let survival = |i: usize| -((logs[i] - logs[used]) / mean);
    let sum: f64 = (0..used)
        .map(|i| {
            // the i-th smallest and the i-th largest
            let smallest = (-survival(used - 1 - i).exp()).ln_1p();
            (2 * i + 1) as f64 * (smallest.max(-745.0) + survival(i))
        })
        .sum();
    Ok((-n - sum / n) * (1.0 + 0.6 / n))
}

/// Means of the first two powers of the excesses over the (used+1)-th largest.
fn excess_moments(logs: &[f64], used: usize) -> Result<[f64; 2]> {
    if used == 0 || used >= logs.len() {
        let allowed = "at least 1 and below the number of values";
        return Err(Error::domain("used", used, allowed));
    }
    let largest = &logs[..=used];
    let descending = largest.windows(2).all(|pair| pair[0] >= pair[1]);
    let base = largest[used];
    if !descending || !base.is_finite() || !largest[0].is_finite() || largest[0] == base {
        let value = format!("from {:?} down to {base:?}", largest[0]);
        let allowed = "finite logarithms in descending order, not all equal, among the largest";
        return Err(Error::domain("the sample", value, allowed));
    }
    let excess = || logs[..used].iter().map(|l| l - base);
    let n = used as f64;
    Ok([
        excess().sum::<f64>() / n,
        excess().map(|e| e * e).sum::<f64>() / n,
    ])
}
