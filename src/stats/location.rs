//! The z test of a mean, and its power.

use special::Error as ErrorFunction;
use statrs::distribution::{ContinuousCDF, Normal};

use crate::error::{Error, Result};
use crate::limits::check_positive;
use crate::stats::domain::{check_share, check_size};

/// 2⁵³, up to which sizes are doubles.
const MOST_VALUES: f64 = 9_007_199_254_740_992.0;

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
    /// let estimate = MeanEstimate::from_sample([1.0, 2.0, 3.0, 4.0])?;
    /// assert_eq!((estimate.mean, estimate.size), (2.5, 4));
    /// assert!((estimate.standard_error - (5.0_f64 / 12.0).sqrt()).abs() < 1e-15);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Domain`] for fewer than two values, values that are not finite, and a spread that
    /// overflows.
    pub fn from_sample(sample: impl IntoIterator<Item = f64>) -> Result<Self> {
        let (mut size, mut mean, mut squares) = (0_usize, 0.0, 0.0);
        for value in sample {
            size += 1;
            let deviation = value - mean;
            mean += deviation / size as f64;
            squares += deviation * (value - mean);
        }
        check_size("the sample", size, 2)?;
        let n = size as f64;
        let standard_error = (squares / (n - 1.0) / n).sqrt();
        if !(mean.is_finite() && standard_error.is_finite()) {
            let value = format!("of mean {mean:?} and standard error {standard_error:?}");
            return Err(Error::domain(
                "the sample",
                value,
                "of finite values and spread",
            ));
        }
        Ok(Self {
            mean,
            standard_error,
            size,
        })
    }

    /// (mean − expected)/standard error; 0 where they are equal, ±∞ elsewhere of a constant sample.
    pub fn z(&self, expected: f64) -> f64 {
        if self.mean == expected {
            return 0.0;
        }
        (self.mean - expected) / self.standard_error
    }

    /// Two-sided p-value of the hypothesis that the mean is `expected`, by the
    /// central limit theorem.
    pub fn p_value(&self, expected: f64) -> f64 {
        two_sided(self.z(expected))
    }
}

/// P(Z ≤ z) for Z ~ N(0,1), to double precision in both tails; statrs 0.19.1's is off by 5e-11.
///
/// ```
/// use isomoment::stats::location::normal_cdf;
/// // DLMF 7.1: ½ erfc(z/√2); mpmath's digits
/// assert!((normal_cdf(-1.0) / 0.158_655_253_931_457_05 - 1.0).abs() < 1e-15);
/// assert!((normal_cdf(-10.0) / 7.619_853_024_160_526e-24 - 1.0).abs() < 1e-14);
/// ```
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * (-z * std::f64::consts::FRAC_1_SQRT_2).compl_error()
}

/// P(|Z| ≥ |z|) for Z ~ N(0,1); 1 for a z that is not a number.
pub fn two_sided(z: f64) -> f64 {
    if z.is_nan() {
        return 1.0;
    }
    2.0 * normal_cdf(-z.abs())
}

/// The z beyond which a two-sided test of level `level` rejects.
///
/// # Errors
/// [`Error::Domain`] unless 0 < level < 1.
pub fn critical_z(level: f64) -> Result<f64> {
    check_share("level", level)?;
    Ok(-Normal::standard().inverse_cdf(0.5 * level))
}

/// Power of the two-sided z test of level `level` when the mean is off by
/// `shift` standard errors of the null and the estimate then has
/// `spread` times the null's standard error.
///
/// # Errors
/// [`Error::Domain`] for a shift that is not a number, a spread that is not positive and finite,
/// and a level outside (0, 1).
pub fn power(shift: f64, spread: f64, level: f64) -> Result<f64> {
    if shift.is_nan() {
        return Err(Error::domain("shift", "NaN", "a number"));
    }
    check_positive("spread", spread)?;
    Ok(normal_cdf((shift.abs() - critical_z(level)?) / spread))
}

/// Sample size at which the test of level `level` has the given power against
/// a mean off by `effect`, for a sample whose standard deviation is `deviation`
/// under the null and `spread` times that under the alternative.
///
/// ```
/// use isomoment::stats::location::{power, sample_size};
/// let n = sample_size(0.1, 2.0, 1.0, 1e-4, 0.99)?;
/// assert!(power(0.1 * f64::from(n as u32).sqrt() / 2.0, 1.0, 1e-4)? >= 0.99);
/// assert!(sample_size(0.0, 2.0, 1.0, 1e-4, 0.99).is_err()); // no sample shows no effect
/// # Ok::<(), isomoment::Error>(())
/// ```
///
/// # Errors
/// [`Error::Domain`] for an effect of 0 or not a number, a deviation or spread that is not positive
/// and finite, a level or power outside (0, 1), and where the size is above 2⁵³.
pub fn sample_size(
    effect: f64,
    deviation: f64,
    spread: f64,
    level: f64,
    power: f64,
) -> Result<u64> {
    check_positive("effect", effect.abs())?;
    check_positive("deviation", deviation)?;
    check_positive("spread", spread)?;
    check_share("power", power)?;
    let z = critical_z(level)? + Normal::standard().inverse_cdf(power) * spread;
    let size = (z * deviation / effect).powi(2).ceil();
    if size > MOST_VALUES {
        let allowed = "so large that a sample of 9007199254740992 shows it";
        return Err(Error::domain("effect", format!("{effect:?}"), allowed));
    }
    Ok(size as u64)
}
