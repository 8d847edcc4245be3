//! What a run says of its checks.

use serde::Serialize;

use crate::stats::multiplicity::holm;
use crate::theorems::check::{Check, Evidence, FAMILY_LEVEL};
use crate::theorems::theorem::Findings;

/// What a run says of one check; the later ones are worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The prediction stands and the control was rejected.
    Holds,
    /// The control was not rejected: the check shows nothing.
    Blind,
    /// The prediction was rejected.
    Fails,
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
