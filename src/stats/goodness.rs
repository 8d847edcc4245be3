//! Goodness of fit of a whole distribution.

use statrs::distribution::{ChiSquared, ContinuousCDF, Uniform};
use statrs::stats_tests::NaNPolicy;
use statrs::stats_tests::ks_test::{
    KSOneSampleAlternativeMethod, KSTwoSampleAlternativeMethod, ks_onesample, ks_twosample,
};

use crate::error::{Error, Result};
use crate::stats::domain::{check_probability, check_sample, check_share, check_size};
use crate::stats::edf_law::{anderson_darling_p_value, cramer_von_mises_p_value};
use crate::stats::ks_law::{exact_tail, two_sample_tail};
use crate::stats::location::normal_cdf;

/// A distribution function may leave [0, 1] by this much, as an interpolated one does.
const ROUNDING: f64 = 1e-9;

/// Result of a goodness-of-fit test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// The test statistic.
    pub statistic: f64,
    /// P(statistic at least as large) under the null.
    pub p_value: f64,
}

/// Largest sample whose Kolmogorov–Smirnov p-value is that of the exact law.
const MOST_EXACT: usize = 1000;

/// Largest product of two samples' sizes for the same: 10 ms.
const MOST_PATHS: usize = 1_000_000;

/// Kolmogorov–Smirnov test that `sample` comes from the continuous law with this cdf (fully
/// specified: nothing was estimated from the sample). The sample is mapped through the cdf and
/// compared with the uniform law; the p-value is exact up to 1000 values, and beyond them the limit's,
/// at most 6 % too large where it is above 1e-4 (`tests/goodness.rs`). Ties make the test conservative.
///
/// ```
/// use isomoment::stats::goodness::kolmogorov_smirnov;
/// let sample: Vec<f64> = (0..200).map(|i| (f64::from(i) + 0.5) / 200.0).collect();
/// assert!(kolmogorov_smirnov(&sample, |x| x)?.p_value > 0.99);
/// assert!(kolmogorov_smirnov(&sample, |x| x * x)?.p_value < 1e-6);
/// # Ok::<(), isomoment::Error>(())
/// ```
///
/// # Errors
/// [`Error::Domain`] for an empty sample, one with NaN, and a cdf with a value that is no
/// probability.
pub fn kolmogorov_smirnov(sample: &[f64], cdf: impl Fn(f64) -> f64) -> Result<Fit> {
    let mapped = levels(sample, "the cdf", cdf)?;
    let size = mapped.len();
    let (statistic, limit) = ks_onesample(
        mapped,
        &Uniform::standard(),
        KSOneSampleAlternativeMethod::TwoSidedAsymptotic,
        NaNPolicy::Error,
    )
    .expect("a non-empty sample without NaN");
    let p_value = match size <= MOST_EXACT {
        true => exact_tail(size, statistic),
        false => limit,
    };
    Ok(Fit {
        statistic,
        p_value: p_value.clamp(0.0, 1.0),
    })
}

/// Kolmogorov–Smirnov test that two samples come from one law: the p-value is exact up to a product
/// of the sizes of 10⁶, and beyond it the limit's. Values −∞ (the log-norm of a dead output) are
/// allowed; ties make the test conservative.
///
/// # Errors
/// [`Error::Domain`] for an empty sample, and one with NaN.
pub fn two_sample(first: &[f64], second: &[f64]) -> Result<Fit> {
    check_sample(first, 1)?;
    check_sample(second, 1)?;
    let (statistic, limit) = ks_twosample(
        first.to_vec(),
        second.to_vec(),
        KSTwoSampleAlternativeMethod::TwoSidedAsymptotic,
        NaNPolicy::Error,
    )
    .expect("non-empty samples without NaN");
    let p_value = match first.len().saturating_mul(second.len()) <= MOST_PATHS {
        true => two_sample_tail(first.len(), second.len(), statistic),
        false => limit,
    };
    Ok(Fit {
        statistic,
        p_value: p_value.clamp(0.0, 1.0),
    })
}

/// The sample seen through a distribution function, the values of which must be probabilities but
/// for rounding.
fn levels(sample: &[f64], name: &'static str, function: impl Fn(f64) -> f64) -> Result<Vec<f64>> {
    check_sample(sample, 1)?;
    let level = |&x: &f64| {
        let level = function(x);
        if (-ROUNDING..=1.0 + ROUNDING).contains(&level) {
            Ok(level.clamp(0.0, 1.0))
        } else {
            Err(Error::domain(name, format!("{level:?}"), "from 0 to 1"))
        }
    };
    sample.iter().map(level).collect()
}

/// Cramér–von Mises test that `sample` comes from the fully specified continuous law with this cdf:
/// the statistic W² = 1/(12n) + Σ (F(x₍ᵢ₎) − (2i−1)/(2n))², with its law
/// for a sample of this size ([`cramer_von_mises_p_value`]).
///
/// ```
/// use isomoment::stats::goodness::cramer_von_mises;
/// let sample: Vec<f64> = (0..200).map(|i| (f64::from(i) + 0.5) / 200.0).collect();
/// assert!(cramer_von_mises(&sample, |x| x)?.p_value > 0.999);
/// assert!(cramer_von_mises(&sample, |x| x * x)?.p_value < 1e-6);
/// # Ok::<(), isomoment::Error>(())
/// ```
///
/// # Errors
/// [`Error::Domain`] for an empty sample, one with NaN, and a cdf with a value that is no
/// probability.
pub fn cramer_von_mises(sample: &[f64], cdf: impl Fn(f64) -> f64) -> Result<Fit> {
    let mut levels = levels(sample, "the cdf", cdf)?;
    levels.sort_by(f64::total_cmp);
    let n = levels.len() as f64;
    let deviations = levels
        .iter()
        .enumerate()
        .map(|(i, level)| (level - (i as f64 + 0.5) / n).powi(2));
    let statistic = deviations.sum::<f64>() + 1.0 / (12.0 * n);
    Ok(Fit {
        statistic,
        p_value: cramer_von_mises_p_value(levels.len(), statistic),
    })
}

/// Anderson–Darling test that `sample` comes from the fully specified continuous law with this cdf
/// and survival function (both, as 1 − F loses the upper tail): A² = −n − Σ (2i−1)/n·[log F(x₍ᵢ₎) +
/// log(1 − F(x₍ₙ₊₁₋ᵢ₎))], with its law for a sample of this size
/// ([`anderson_darling_p_value`]). It sees deviations in the tails that Kolmogorov–Smirnov's test does not.
///
/// `statrs::stats_tests::anderson_darling` has the p-values of a normal law with estimated
/// parameters, which are others.
///
/// ```
/// use isomoment::stats::goodness::anderson_darling;
/// let sample: Vec<f64> = (0..200).map(|i| (f64::from(i) + 0.5) / 200.0).collect();
/// assert!(anderson_darling(&sample, |x| x, |x| 1.0 - x)?.p_value > 0.999);
/// assert!(anderson_darling(&sample, |x| x * x, |x| 1.0 - x * x)?.p_value < 1e-6);
/// # Ok::<(), isomoment::Error>(())
/// ```
///
/// A value where F is 0 or 1 makes the statistic ∞ and the p-value 0.
///
/// # Errors
/// [`Error::Domain`] for an empty sample, one with NaN, and a cdf with a value that is no
/// probability.
pub fn anderson_darling(
    sample: &[f64],
    cdf: impl Fn(f64) -> f64,
    survival: impl Fn(f64) -> f64,
) -> Result<Fit> {
    check_sample(sample, 1)?;
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let below = levels(&sorted, "the cdf", cdf)?;
    let above = levels(&sorted, "the survival function", survival)?;
    let n = sorted.len();
    let sum: f64 = (0..n)
        .map(|i| {
            let tails = below[i].ln() + above[n - 1 - i].ln();
            (2 * i + 1) as f64 * tails
        })
        .sum();
    let statistic = -(n as f64) - sum / n as f64;
    Ok(Fit {
        statistic,
        p_value: anderson_darling_p_value(n, statistic),
    })
}

/// A lower bound on the power of the level-`level` Kolmogorov–Smirnov test with
/// n observations when the true cdf is `distance` away at some point: there the
/// empirical cdf has a standard deviation of at most 1/(2√n), so by Hoeffding
/// P(not rejected) ≤ exp(−2(√n·distance − c)²), c the critical value √(−½ log(level/2)).
///
/// # Errors
/// [`Error::Domain`] for no observations, a distance that is no difference of probabilities, and a
/// level outside (0, 1).
pub fn kolmogorov_smirnov_power(n: usize, distance: f64, level: f64) -> Result<f64> {
    check_size("the sample", n, 1)?;
    check_probability("distance", distance)?;
    check_share("level", level)?;
    let critical = (-0.5 * (0.5 * level).ln()).sqrt();
    let margin = (n as f64).sqrt() * distance - critical;
    if margin <= 0.0 {
        return Ok(level);
    }
    Ok(1.0 - (-2.0 * margin * margin).exp())
}

/// A lower bound on the power of a test that rejects when the Cramér–von Mises statistic is above
/// `critical`, with n observations from a law G with ∫ (F − G)² dF = `square`: by the triangle
/// inequality in L²(dF) the statistic is at least (√(n·square) − t)² unless √n·sup|Fₙ − G| > t,
/// which has probability at most 2e^{−2t²} (Dvoretzky–Kiefer–Wolfowitz–Massart).
///
/// # Errors
/// [`Error::Domain`] for no observations, a square or a level outside its range, and a negative
/// critical value.
pub fn cramer_von_mises_power(n: usize, square: f64, critical: f64, level: f64) -> Result<f64> {
    check_size("the sample", n, 1)?;
    check_probability("square", square)?;
    check_share("level", level)?;
    if critical.is_nan() || critical < 0.0 {
        return Err(Error::domain(
            "critical",
            format!("{critical:?}"),
            "at least 0",
        ));
    }
    let margin = (n as f64 * square).sqrt() - critical.sqrt();
    if margin <= 0.0 {
        return Ok(level);
    }
    Ok((1.0 - 2.0 * (-2.0 * margin * margin).exp()).max(level))
}

/// Pearson's chi-square test of counts against probabilities that sum to 1 (no
/// parameter estimated). Cells should have expectations of 5 and more.
///
/// The statistic is formed here, as `statrs::stats_tests::chisquare` returns
/// 1 − cdf, which is 0 for every p-value below 1e-16; the tail is `statrs`'s.
///
/// ```
/// use isomoment::stats::goodness::chi_square;
/// // 60 throws of a die
/// let fit = chi_square(&[8, 12, 9, 11, 6, 14], &[1.0 / 6.0; 6])?;
/// assert!((fit.statistic - 4.2).abs() < 1e-12);
/// assert!((fit.p_value - 0.520_994_953_431_405).abs() < 1e-12);
/// # Ok::<(), isomoment::Error>(())
/// ```
///
/// # Errors
/// [`Error::Domain`] for no counts above 0, fewer than two cells, another number of probabilities
/// than of cells, and probabilities that are not positive or do not sum to 1.
pub fn chi_square(counts: &[usize], probabilities: &[f64]) -> Result<Fit> {
    check_cells(probabilities, counts.len())?;
    let total: usize = counts.iter().sum();
    check_size("the sample", total, 1)?;
    let statistic = counts
        .iter()
        .zip(probabilities)
        .map(|(&count, p)| {
            let expected = p * total as f64;
            (count as f64 - expected).powi(2) / expected
        })
        .sum();
    let law = ChiSquared::new((counts.len() - 1) as f64).expect("at least two cells");
    Ok(Fit {
        statistic,
        p_value: law.sf(statistic),
    })
}

/// At least two positive probabilities that sum to 1, one for each of `cells` cells.
fn check_cells(probabilities: &[f64], cells: usize) -> Result<()> {
    check_size("the list of probabilities", probabilities.len(), 2)?;
    let wrong = |value: String, allowed: &'static str| {
        Err(Error::domain("the list of probabilities", value, allowed))
    };
    if probabilities.len() != cells {
        return wrong(
            format!("of size {}", probabilities.len()),
            "as long as that of the cells",
        );
    }
    let total: f64 = probabilities.iter().sum();
    if !probabilities.iter().all(|&p| p > 0.0) || (total - 1.0).abs() > ROUNDING {
        return wrong(format!("{probabilities:?}"), "positive, with a sum of 1");
    }
    Ok(())
}

/// Power of the level-`level` chi-square test with n observations when the
/// true cell probabilities are `alternative`: the statistic is then about a
/// non-central chi-square, by its normal approximation.
///
/// # Errors
/// [`Error::Domain`] where [`chi_square`] has it for the null's probabilities, for others of the
/// alternative than from 0 to 1, and a level outside (0, 1).
pub fn chi_square_power(n: usize, null: &[f64], alternative: &[f64], level: f64) -> Result<f64> {
    check_size("the sample", n, 1)?;
    check_cells(null, alternative.len())?;
    check_share("level", level)?;
    for &q in alternative {
        check_probability("alternative", q)?;
    }
    let cells = (null.len() - 1) as f64;
    let lambda: f64 = null
        .iter()
        .zip(alternative)
        .map(|(p, q)| n as f64 * (q - p).powi(2) / p)
        .sum();
    let critical = ChiSquared::new(cells)
        .expect("at least two cells")
        .inverse_cdf(1.0 - level);
    let deviation = (2.0 * (cells + 2.0 * lambda)).sqrt();
    Ok(normal_cdf((cells + lambda - critical) / deviation))
}
