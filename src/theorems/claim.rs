//! From a claim and samples to a [`Check`]: the control goes through the test that the claim goes
//! through.

use crate::depth::DepthTable;
use crate::error::Result;
use crate::stats::goodness::{Fit, kolmogorov_smirnov, kolmogorov_smirnov_power};
use crate::stats::location::MeanEstimate;
use crate::stats::proportion;
use crate::theorems::check::{Check, Control, Evidence, SINGLE_LEVEL, Source};

/// The control of most checks.
pub const HES_RULE: &str = "network scaled by He's rule";

/// What a theorem predicts of a quantity in a case.
pub struct Claim {
    pub case: String,
    pub quantity: String,
    pub predicted: f64,
    pub source: Source,
}

/// Something false for which the power of a test is stated.
pub struct Alternative {
    pub name: String,
    /// What would then be observed, on average.
    pub value: f64,
    /// Chance that the test at the level of a single one sees it.
    pub power: f64,
}

impl Alternative {
    /// Another law than the exact one, for [`Tested::law`].
    pub fn law(
        name: &str,
        exact: &DepthTable,
        other: &DepthTable,
        observations: u64,
    ) -> Result<Self> {
        let distance = exact.largest_difference(other);
        Ok(Self {
            name: name.into(),
            value: distance,
            power: kolmogorov_smirnov_power(observations as usize, distance, SINGLE_LEVEL)?,
        })
    }
}

/// What a statistical test made of a sample.
pub struct Tested {
    pub observed: f64,
    pub observations: u64,
    pub standard_error: Option<f64>,
    pub p_value: f64,
    /// Whether the p-value is uniform if the prediction is right; else it is larger.
    pub uniform: bool,
}

/// What a comparison of two numbers made of one of them.
#[derive(Clone, Copy)]
pub struct Compared {
    pub observed: f64,
    pub error: f64,
}

/// So many of so many networks.
#[derive(Clone, Copy)]
pub struct Share {
    pub found: u64,
    pub of: u64,
}

impl Compared {
    /// The one that is furthest off; an error that is not a number is worse than any.
    ///
    /// # Panics
    /// When there is none.
    pub fn worst(all: impl IntoIterator<Item = Result<Self>>) -> Result<Self> {
        let mut all = all.into_iter();
        let first = all.next().expect("something was compared")?;
        all.try_fold(first, |worst, next| {
            let next = next?;
            let worse = next.error.is_nan() || next.error > worst.error;
            Ok(if worse { next } else { worst })
        })
    }
}

impl Tested {
    /// The z test of a mean.
    pub fn mean(sample: &MeanEstimate, predicted: f64) -> Self {
        Self {
            observed: sample.mean,
            observations: sample.size as u64,
            standard_error: Some(sample.standard_error),
            p_value: sample.p_value(predicted),
            uniform: true,
        }
    }

    /// The exact binomial test of a share.
    pub fn share(share: Share, p: f64) -> Result<Self> {
        let n = share.of as f64;
        Ok(Self {
            observed: share.found as f64 / n,
            observations: share.of,
            standard_error: Some((p * (1.0 - p) / n).sqrt()),
            p_value: proportion::p_value(share.found, share.of, p)?,
            uniform: false,
        })
    }

    /// Kolmogorov and Smirnov's test of log-norms against their law, with its distance.
    pub fn law(sample: &[f64], law: &DepthTable) -> Result<Self> {
        let fit = kolmogorov_smirnov(sample, |x| law.cdf(x))?;
        Ok(Self::fit(fit, fit.statistic, sample.len() as u64))
    }

    /// A test of goodness of fit to a fully specified law, with the number that is shown of it.
    pub fn fit(fit: Fit, observed: f64, observations: u64) -> Self {
        Self {
            observed,
            observations,
            standard_error: None,
            p_value: fit.p_value,
            uniform: true,
        }
    }
}

impl Claim {
    /// A claim to be tested on networks of real matrices.
    pub fn new(case: String, quantity: impl Into<String>, predicted: f64) -> Self {
        Self {
            case,
            quantity: quantity.into(),
            predicted,
            source: Source::Matrices,
        }
    }

    /// The same where the samples come from elsewhere.
    pub fn from(mut self, source: Source) -> Self {
        self.source = source;
        self
    }

    /// Tested on a sample, and on one of something wrong on purpose.
    pub fn tested(
        self,
        found: Tested,
        alternative: Alternative,
        wrong_name: impl Into<String>,
        wrong: Tested,
    ) -> Check {
        let evidence = Evidence::Statistical {
            observations: found.observations,
            standard_error: found.standard_error,
            p_value: found.p_value,
            uniform: found.uniform,
            alternative: alternative.name,
            alternative_value: alternative.value,
            power: alternative.power,
        };
        let control = Control {
            name: wrong_name.into(),
            observed: wrong.observed,
            score: wrong.p_value,
            rejected: wrong.p_value <= SINGLE_LEVEL,
        };
        self.check(found.observed, evidence, control)
    }

    /// The z test of a mean.
    pub fn of_mean(
        self,
        found: &MeanEstimate,
        alternative: Alternative,
        wrong_name: impl Into<String>,
        wrong: &MeanEstimate,
    ) -> Check {
        let (found, wrong) = (
            Tested::mean(found, self.predicted),
            Tested::mean(wrong, self.predicted),
        );
        self.tested(found, alternative, wrong_name, wrong)
    }

    /// The exact binomial test of a share of networks, against networks scaled by He's rule, of
    /// which a share `he` is expected.
    pub fn of_share(self, found: Share, he: f64, wrong: Share) -> Result<Check> {
        let p = self.predicted;
        let alternative = Alternative {
            name: HES_RULE.into(),
            value: he,
            power: proportion::power(found.of, p, he, SINGLE_LEVEL)?,
        };
        let (found, wrong) = (Tested::share(found, p)?, Tested::share(wrong, p)?);
        Ok(self.tested(found, alternative, HES_RULE, wrong))
    }

    /// Compared with a number, and something wrong on purpose compared with it, to the same bound.
    pub fn compared(
        mut self,
        found: Compared,
        bound: f64,
        wrong_name: impl Into<String>,
        wrong: Compared,
    ) -> Check {
        self.source = Source::Computation;
        let evidence = Evidence::Numerical {
            error: found.error,
            bound,
        };
        let control = Control {
            name: wrong_name.into(),
            observed: wrong.observed,
            score: wrong.error,
            rejected: wrong.error > bound,
        };
        self.check(found.observed, evidence, control)
    }

    fn check(self, observed: f64, evidence: Evidence, control: Control) -> Check {
        Check {
            case: self.case,
            quantity: self.quantity,
            source: self.source,
            predicted: self.predicted,
            observed,
            evidence,
            control,
        }
    }
}
