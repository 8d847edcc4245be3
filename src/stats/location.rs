//! The z test of a mean, and its power.

use statrs::distribution::{ContinuousCDF, Normal};

/// Sample mean and its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanEstimate {
    /// Sample mean.
    pub mean: f64,
    /// Sample standard deviation over √n.
    pub standard_error: f64,
    /// Sample size.
    pub size: usize,
}

impl MeanEstimate {
    /// From a sample, by Welford's one-pass recurrence.
    ///
    /// ```
    /// use isomoment::stats::location::MeanEstimate;
    /// let estimate = MeanEstimate::from_sample([1.0, 2.0, 3.0, 4.0]);
    /// assert_eq!((estimate.mean, estimate.size), (2.5, 4));
    /// assert!((estimate.standard_error - (5.0_f64 / 12.0).sqrt()).abs() < 1e-15);
    /// ```
    pub fn from_sample(sample: impl IntoIterator<Item = f64>) -> Self {
        let (mut size, mut mean, mut squares) = (0_usize, 0.0, 0.0);
        for value in sample {
            size += 1;
            let deviation = value - mean;
            mean += deviation / size as f64;
            squares += deviation * (value - mean);
        }
        let n = size as f64;
        Self {
            mean,
            standard_error: (squares / (n - 1.0) / n).sqrt(),
            size,
        }
    }

    /// (mean − expected)/standard error.
    pub fn z(&self, expected: f64) -> f64 {
        (self.mean - expected) / self.standard_error
    }

    /// Two-sided p-value of the hypothesis that the mean is `expected`, by the
    /// central limit theorem.
    pub fn p_value(&self, expected: f64) -> f64 {
        two_sided(self.z(expected))
    }
}

/// P(|Z| ≥ |z|) for Z ~ N(0,1); 1 for a z that is not a number (a constant sample).
pub fn two_sided(z: f64) -> f64 {
    if z.is_nan() {
        return 1.0;
    }
    2.0 * Normal::standard().cdf(-z.abs())
}

/// The z beyond which a two-sided test of level `level` rejects.
pub fn critical_z(level: f64) -> f64 {
    -Normal::standard().inverse_cdf(0.5 * level)
}

/// Power of the two-sided z test of level `level` when the mean is off by
/// `shift` standard errors of the null and the estimate then has
/// `spread` times the null's standard error.
pub fn power(shift: f64, spread: f64, level: f64) -> f64 {
    Normal::standard().cdf((shift.abs() - critical_z(level)) / spread)
}

/// Sample size at which the test of level `level` has the given power against
/// a mean off by `effect`, for a sample whose standard deviation is `deviation`
/// under the null and `spread` times that under the alternative.
///
/// ```
/// use isomoment::stats::location::{power, sample_size};
/// let n = sample_size(0.1, 2.0, 1.0, 1e-4, 0.99);
/// assert!(power(0.1 * f64::from(n as u32).sqrt() / 2.0, 1.0, 1e-4) >= 0.99);
/// ```
pub fn sample_size(effect: f64, deviation: f64, spread: f64, level: f64, power: f64) -> u64 {
    let z = critical_z(level) + Normal::standard().inverse_cdf(power) * spread;
    (z * deviation / effect).powi(2).ceil() as u64
}
