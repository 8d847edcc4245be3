//! One check of a theorem and its verdict.

use serde::Serialize;

use crate::stats::multiplicity::holm;
use crate::stats::proportion;
use crate::theorems::Findings;

/// Chance that a run rejects anything although every theorem holds, at most.
pub const FAMILY_LEVEL: f64 = 1e-3;

/// Level at which each single test's power and control are stated: with at most
/// this many tests in a run, Holm's rule never asks for less.
pub const SINGLE_LEVEL: f64 = FAMILY_LEVEL / MOST_CHECKS as f64;

/// Most statistical checks that one run may have.
pub const MOST_CHECKS: usize = 300;

/// Power that sample sizes are chosen for.
pub const WANTED_POWER: f64 = 0.99999;

/// What a check compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Evidence {
    /// A hypothesis test on simulated networks.
    Statistical {
        /// Number of independent observations.
        observations: u64,
        /// Standard error of `observed`, where it is a mean.
        standard_error: Option<f64>,
        /// Chance of a deviation at least as large if the theorem holds.
        p_value: f64,
        /// Whether that is uniform if the theorem holds; else it is larger (exact tests of counts, one-sided tests).
        uniform: bool,
        /// The alternative for which the power is stated.
        alternative: String,
        /// What would be observed, on average, if the alternative were true.
        alternative_value: f64,
        /// Chance that the test at its level sees that alternative.
        power: f64,
    },
    /// A comparison of two numbers that should agree to a stated bound.
    Numerical {
        /// |observed − predicted| over `unit`.
        error: f64,
        /// The largest error that passes.
        bound: f64,
    },
}

/// The same check applied to something false.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Control {
    /// What is wrong on purpose.
    pub name: String,
    /// What was then observed.
    pub observed: f64,
    /// p-value (statistical) or error (numerical) that it got.
    pub score: f64,
    /// Whether the check rejected it, as it must.
    pub rejected: bool,
}

/// One check of a theorem.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// The case: activation, width, s, …
    pub case: String,
    /// The quantity compared.
    pub quantity: String,
    /// What the theorem predicts.
    pub predicted: f64,
    /// What was found.
    pub observed: f64,
    /// How they were compared.
    pub evidence: Evidence,
    /// The negative control.
    pub control: Control,
}

impl Check {
    /// A share of networks against its probability `p`, by the exact binomial test; counts are (networks, of how many), and the
    /// control is a network scaled by He's rule, under which the probability is `alternative`.
    pub(super) fn of_share(
        (case, quantity): (String, String),
        (p, alternative): (f64, f64),
        (found, n): (u64, u64),
        (wrong, wrong_n): (u64, u64),
    ) -> Self {
        let he = "network scaled by He's rule";
        let score = proportion::p_value(wrong, wrong_n, p);
        Self {
            case,
            quantity,
            predicted: p,
            observed: found as f64 / n as f64,
            evidence: Evidence::Statistical {
                observations: n,
                standard_error: Some((p * (1.0 - p) / n as f64).sqrt()),
                p_value: proportion::p_value(found, n, p),
                uniform: false,
                alternative: he.into(),
                alternative_value: alternative,
                power: proportion::power(n, p, alternative, SINGLE_LEVEL),
            },
            control: Control {
                name: he.into(),
                observed: wrong as f64 / wrong_n as f64,
                score,
                rejected: score <= SINGLE_LEVEL,
            },
        }
    }

    /// The p-value of a statistical check.
    pub fn p_value(&self) -> Option<f64> {
        match self.evidence {
            Evidence::Statistical { p_value, .. } => Some(p_value),
            Evidence::Numerical { .. } => None,
        }
    }
}

/// What a run says of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The prediction stands and the control was rejected.
    Holds,
    /// The prediction was rejected.
    Fails,
    /// The control was not rejected: the check shows nothing.
    Blind,
}

/// The verdict of every check of a run, Holm's rule over all its tests.
pub fn verdicts(run: &[Findings]) -> Vec<Vec<Verdict>> {
    let p_values: Vec<f64> = run
        .iter()
        .flat_map(|f| f.checks.iter().filter_map(Check::p_value))
        .collect();
    let mut rejections = holm(&p_values, FAMILY_LEVEL).into_iter();
    run.iter()
        .map(|findings| {
            let judge = |check: &Check| {
                let fails = match check.evidence {
                    Evidence::Statistical { .. } => rejections.next() == Some(true),
                    Evidence::Numerical { error, bound } => error.is_nan() || error > bound,
                };
                match (fails, check.control.rejected) {
                    (true, _) => Verdict::Fails,
                    (false, true) => Verdict::Holds,
                    (false, false) => Verdict::Blind,
                }
            };
            findings.checks.iter().map(judge).collect()
        })
        .collect()
}
