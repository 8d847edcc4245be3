//! Are the tests what they say? Over many seeds p-values must be uniform and controls rejected as often as the power states.

use std::collections::BTreeMap;

use crate::stats::goodness::kolmogorov_smirnov;
use crate::stats::multiplicity::holm;
use crate::theorems::check::{Evidence, FAMILY_LEVEL};
use crate::theorems::theorem::{Findings, Theorem};
use crate::theorems::verdict::{Verdict, verdicts};

/// The p-values and control verdicts of many runs.
///
/// ```
/// use isomoment::theorems::calibration::Calibration;
/// use isomoment::theorems::{Settings, Theorem};
/// let mut calibration = Calibration::default();
/// for seed in 0..10 {
///     let settings = Settings { seed, effort: 1.0 };
///     calibration.add(&[Theorem::T2.run(&settings, &|_| ())?]);
/// }
/// assert!(calibration.holds());
/// assert_eq!(calibration.assessments()[0].runs, 10);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Calibration {
    checks: BTreeMap<(Theorem, String, String), History>,
    runs: usize,
    alarms: usize,
    troubles: Vec<String>,
}

/// What one check did over the runs.
#[derive(Debug, Clone, Default)]
struct History {
    p_values: Vec<f64>,
    uniform: bool,
    power: f64,
    unrejected: usize,
}

/// What is said of one theorem's tests.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// Which theorem.
    pub theorem: Theorem,
    /// Number of runs.
    pub runs: usize,
    /// Number of its tests.
    pub tests: usize,
    /// Share of p-values up to 0.05 among the tests whose p-values are uniform.
    pub below_5: f64,
    /// Share of p-values up to 0.01 among these.
    pub below_1: f64,
    /// Smallest p-value of the tests of uniformity, one for each of its tests.
    pub least: f64,
    /// How often a control was not rejected.
    pub unrejected: usize,
    /// How often the stated powers allow that, on average.
    pub allowed: f64,
    /// Whether all of this is as it should be.
    pub holds: bool,
}

impl Calibration {
    /// Takes in a run of another seed.
    pub fn add(&mut self, run: &[Findings]) {
        self.runs += 1;
        let mut alarm = false;
        for (findings, verdicts) in run.iter().zip(verdicts(run)) {
            for (check, verdict) in findings.checks.iter().zip(verdicts) {
                alarm |= verdict == Verdict::Fails;
                if verdict != Verdict::Holds {
                    self.troubles.push(format!(
                        "run {}: {} {verdict:?}: {}, {}: {:.5} for {:.5}, p = {:.1e}, control {:.5}, p = {:.1e}",
                        self.runs,
                        findings.theorem,
                        check.case,
                        check.quantity,
                        check.observed,
                        check.predicted,
                        check.p_value().unwrap_or(f64::NAN),
                        check.control.observed,
                        check.control.score,
                    ));
                }
                let Evidence::Statistical {
                    p_value,
                    uniform,
                    power,
                    ..
                } = check.evidence
                else {
                    continue;
                };
                let name = (findings.theorem, check.case.clone(), check.quantity.clone());
                let history = self.checks.entry(name).or_default();
                history.p_values.push(p_value);
                history.uniform = uniform;
                history.power = power;
                history.unrejected += usize::from(!check.control.rejected);
            }
        }
        self.alarms += usize::from(alarm);
    }

    /// Every check that did not hold in some run, in words.
    pub fn troubles(&self) -> &[String] {
        &self.troubles
    }

    /// Number of runs in which a theorem was rejected.
    pub fn alarms(&self) -> usize {
        self.alarms
    }

    /// One for each theorem. Holm's rule over all tests of uniformity of all theorems.
    pub fn assessments(&self) -> Vec<Assessment> {
        let fits: Vec<f64> = self.checks.values().map(History::fit).collect();
        let rejected = holm(&fits, FAMILY_LEVEL);
        let mut assessments: Vec<Assessment> = Vec::new();
        for ((theorem, ..), (fit, off)) in self.checks.keys().zip(fits.into_iter().zip(rejected)) {
            if assessments.last().is_none_or(|a| a.theorem != *theorem) {
                assessments.push(self.assess(*theorem));
            }
            let assessment = assessments.last_mut().expect("just made");
            assessment.least = assessment.least.min(fit);
            assessment.holds &= !off;
        }
        assessments
    }

    /// Whether every theorem's tests are what they say.
    pub fn holds(&self) -> bool {
        self.alarms == 0 && self.assessments().iter().all(|a| a.holds)
    }

    fn assess(&self, theorem: Theorem) -> Assessment {
        let histories = || {
            let of_theorem = self
                .checks
                .iter()
                .filter(move |(name, _)| name.0 == theorem);
            of_theorem.map(|(_, history)| history)
        };
        let uniform = || histories().filter(|r| r.uniform).flat_map(|r| &r.p_values);
        let share = |level: f64| {
            uniform().filter(|p| **p <= level).count() as f64 / uniform().count() as f64
        };
        let unrejected: usize = histories().map(|r| r.unrejected).sum();
        let allowed: f64 = histories()
            .map(|r| (1.0 - r.power) * r.p_values.len() as f64)
            .sum();
        Assessment {
            theorem,
            runs: self.runs,
            tests: histories().count(),
            below_5: share(0.05),
            below_1: share(0.01),
            least: 1.0,
            unrejected,
            allowed,
            holds: poisson_tail(unrejected, allowed) > FAMILY_LEVEL,
        }
    }
}

impl History {
    /// p-value of the hypothesis that the p-values are uniform, or, where they need not be, not smaller than that.
    fn fit(&self) -> f64 {
        if self.uniform {
            return kolmogorov_smirnov(&self.p_values, |p| p).p_value;
        }
        let mut sorted = self.p_values.clone();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len() as f64;
        let excess = |(i, p): (usize, &f64)| (i + 1) as f64 / n - p;
        let largest = sorted.iter().enumerate().map(excess).fold(0.0, f64::max);
        (-2.0 * n * largest * largest).exp()
    }
}

/// P(N ≥ count), N Poisson with this mean.
fn poisson_tail(count: usize, mean: f64) -> f64 {
    let mut term = (-mean).exp();
    let mut below = 0.0;
    for i in 0..count {
        below += term;
        term *= mean / (i + 1) as f64;
    }
    1.0 - below
}
