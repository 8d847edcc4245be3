//! A theorem's checks in one line.

use crate::theorems::check::{Check, Evidence};
use crate::theorems::sources::Sources;
use crate::theorems::verdict::Verdict;

/// What the checks of one theorem say together.
///
/// ```
/// use isomoment::theorems::{Settings, Tally, Theorem, Verdict, verdicts};
/// let findings = Theorem::T2.run(&Settings { seed: 1, effort: 1.0 }, &|_| ())?;
/// let verdicts = verdicts(std::slice::from_ref(&findings));
/// let tally = Tally::of(&findings.checks, &verdicts[0]);
/// assert_eq!((tally.sources.total(), tally.controls_rejected), (12, 12));
/// assert_eq!(tally.verdict, Verdict::Holds);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tally {
    /// How many there are, and what they rest on.
    pub sources: Sources,
    /// The least p-value of the statistical ones, before any correction; `None` without any.
    pub least_p: Option<f64>,
    /// Their least power.
    pub least_power: Option<f64>,
    /// The largest error of the numerical ones, as a share of what is allowed.
    pub largest_error: Option<f64>,
    /// How many negative controls were rejected, as all of them must be.
    pub controls_rejected: usize,
    /// The worst verdict.
    pub verdict: Verdict,
}

impl Tally {
    /// Of these checks and their verdicts.
    pub fn of(checks: &[Check], verdicts: &[Verdict]) -> Self {
        let worst = |found: Option<f64>, value: f64, worse: fn(f64, f64) -> f64| {
            Some(found.map_or(value, |found| worse(found, value)))
        };
        let mut tally = Self {
            sources: Sources::of(checks),
            least_p: None,
            least_power: None,
            largest_error: None,
            controls_rejected: checks.iter().filter(|c| c.control.rejected).count(),
            verdict: verdicts.iter().copied().max().unwrap_or(Verdict::Holds),
        };
        for check in checks {
            match check.evidence {
                Evidence::Statistical { p_value, power, .. } => {
                    tally.least_p = worst(tally.least_p, p_value, f64::min);
                    tally.least_power = worst(tally.least_power, power, f64::min);
                }
                Evidence::Numerical { error, bound } => {
                    tally.largest_error = worst(tally.largest_error, error / bound, f64::max);
                }
            }
        }
        tally
    }
}
