//! Are the tests what they say? Over many seeds p-values must be uniform and controls rejected as
//! often as the power states.

use crate::error::{Error, Result};
use crate::stats::goodness::kolmogorov_smirnov;
use crate::stats::multiplicity::holm;
use crate::theorems::check::{Evidence, FAMILY_LEVEL};
use crate::theorems::theorem::{Findings, Theorem};

/// The p-values and controls of many runs of the same tests with different seeds.
///
/// ```
/// use isomoment::theorems::calibration::Calibration;
/// use isomoment::theorems::{Settings, Theorem};
/// let mut calibration = Calibration::default();
/// for seed in 0..10 {
///     calibration.add(seed, &[Theorem::T2.run(&Settings { seed, effort: 1.0 }, &|_| ())?])?;
/// }
/// assert!(calibration.holds());
/// assert_eq!(calibration.assessments()[0].tests, 8);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Calibration {
    pub(super) tests: Vec<Test>,
    pub(super) runs: Vec<SeedRun>,
}

/// One statistical test of the runs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Test {
    pub theorem: Theorem,
    pub case: String,
    pub quantity: String,
    /// Whether its p-value is uniform; else it is larger.
    pub uniform: bool,
    /// Of the first run: later ones differ in the number of survivors.
    pub power: f64,
}

/// What the tests gave with one seed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SeedRun {
    pub seed: u64,
    /// p-value, and whether the control was rejected.
    pub results: Vec<(f64, bool)>,
}

/// What is said of one theorem's tests.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// Which theorem.
    pub theorem: Theorem,
    /// Number of its tests.
    pub tests: usize,
    /// Share of p-values up to 0.05 among the tests whose p-values are uniform.
    pub below_5: f64,
    /// Share of p-values up to 0.01 among these.
    pub below_1: f64,
    /// Share of p-values up to 0.001 among these.
    pub below_01: f64,
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
    /// Takes in a run with another seed; of p-values four digits are kept, as in the record.
    ///
    /// # Errors
    /// [`Error::Domain`] for a seed that was taken in before, and for other theorems or tests
    /// than before.
    pub fn add(&mut self, seed: u64, run: &[Findings]) -> Result<()> {
        if self.has_run(seed) {
            return Err(Error::domain("seed", seed, "a seed that has not been run"));
        }
        let (mut tests, mut results) = (Vec::new(), Vec::new());
        for findings in run {
            for check in &findings.checks {
                if let Evidence::Statistical {
                    p_value,
                    uniform,
                    power,
                    ..
                } = check.evidence
                {
                    tests.push(Test {
                        theorem: findings.theorem,
                        case: check.case.clone(),
                        quantity: check.quantity.clone(),
                        uniform,
                        power,
                    });
                    let kept = format!("{p_value:.3e}").parse().unwrap_or(f64::NAN);
                    results.push((kept, check.control.rejected));
                }
            }
        }
        if self.runs.is_empty() {
            self.tests = tests;
        } else if !self
            .tests
            .iter()
            .map(Test::name)
            .eq(tests.iter().map(Test::name))
        {
            let names: Vec<String> = run.iter().map(|f| f.theorem.to_string()).collect();
            let allowed = "those of the runs before, with the same tests";
            return Err(Error::domain("theorems", names.join(","), allowed));
        }
        self.runs.push(SeedRun { seed, results });
        Ok(())
    }

    /// Whether this seed's run has been taken in.
    pub fn has_run(&self, seed: u64) -> bool {
        self.runs.iter().any(|run| run.seed == seed)
    }

    /// Number of runs.
    pub fn runs(&self) -> usize {
        self.runs.len()
    }

    /// The seeds with which a theorem was rejected, by Holm's rule over all tests of the run.
    pub fn alarms(&self) -> Vec<u64> {
        let alarming = |run: &&SeedRun| run.rejections().contains(&true);
        self.runs
            .iter()
            .filter(alarming)
            .map(|run| run.seed)
            .collect()
    }

    /// Every test that rejected its theorem, and every control that was not rejected, in words.
    pub fn troubles(&self) -> Vec<String> {
        let mut troubles = Vec::new();
        for run in &self.runs {
            let results = run.results.iter().zip(run.rejections());
            for (test, ((p_value, control), rejected)) in self.tests.iter().zip(results) {
                let mut tell = |what: &str| {
                    troubles.push(format!(
                        "seed {}: {what}: {}, {}, {}, p = {p_value:.1e}",
                        run.seed, test.theorem, test.case, test.quantity
                    ));
                };
                if rejected {
                    tell("rejected");
                }
                if !control {
                    tell("control accepted");
                }
            }
        }
        troubles
    }

    /// One for each theorem. Holm's rule over all tests of uniformity of all theorems.
    pub fn assessments(&self) -> Vec<Assessment> {
        let fits: Vec<f64> = (0..self.tests.len()).map(|i| self.fit(i)).collect();
        let rejected = holm(&fits, FAMILY_LEVEL);
        let mut assessments = Vec::new();
        for theorem in Theorem::ALL {
            let own: Vec<usize> = (0..self.tests.len())
                .filter(|&i| self.tests[i].theorem == theorem)
                .collect();
            if !own.is_empty() {
                let mut assessment = self.assess(theorem, &own);
                assessment.least = own.iter().map(|&i| fits[i]).fold(1.0, f64::min);
                assessment.holds &= !own.iter().any(|&i| rejected[i]);
                assessments.push(assessment);
            }
        }
        assessments
    }

    /// How many p-values of all runs are at most `level`, and how many there are: of the tests whose
    /// p-values are uniform, or of those that may have larger ones.
    pub fn at_most(&self, level: f64, uniform: bool) -> (usize, usize) {
        let of_kind = |i: &usize| self.tests[*i].uniform == uniform;
        let tests = (0..self.tests.len()).filter(of_kind);
        let p_values: Vec<f64> = tests.flat_map(|i| self.p_values(i)).collect();
        let below = p_values.iter().filter(|p| **p <= level);
        (below.count(), p_values.len())
    }

    /// Whether every theorem's tests are what they say, and no more runs rejected one than may.
    pub fn holds(&self) -> bool {
        let may = FAMILY_LEVEL * self.runs() as f64;
        poisson_tail(self.alarms().len(), may) > FAMILY_LEVEL
            && self.assessments().iter().all(|a| a.holds)
    }

    fn assess(&self, theorem: Theorem, own: &[usize]) -> Assessment {
        let uniform = own.iter().filter(|&&i| self.tests[i].uniform);
        let p_values: Vec<f64> = uniform.flat_map(|&i| self.p_values(i)).collect();
        let share = |level: f64| {
            let below = p_values.iter().filter(|p| **p <= level).count();
            below as f64 / p_values.len() as f64
        };
        let accepted = |&i: &usize| self.runs.iter().filter(|run| !run.results[i].1).count();
        let unrejected: usize = own.iter().map(accepted).sum();
        let misses = |&i: &usize| (1.0 - self.tests[i].power) * self.runs() as f64;
        let allowed: f64 = own.iter().map(misses).sum();
        Assessment {
            theorem,
            tests: own.len(),
            below_5: share(0.05),
            below_1: share(0.01),
            below_01: share(0.001),
            least: 1.0,
            unrejected,
            allowed,
            holds: poisson_tail(unrejected, allowed) > FAMILY_LEVEL,
        }
    }

    fn p_values(&self, test: usize) -> Vec<f64> {
        self.runs.iter().map(|run| run.results[test].0).collect()
    }

    /// p-value of the hypothesis that a test's p-values are uniform, or, where they need not be,
    /// not smaller than that.
    fn fit(&self, test: usize) -> f64 {
        let mut sorted = self.p_values(test);
        if self.tests[test].uniform {
            return kolmogorov_smirnov(&sorted, |p| p).map_or(1.0, |fit| fit.p_value);
        }
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len() as f64;
        let excess = |(i, p): (usize, &f64)| (i + 1) as f64 / n - p;
        let largest = sorted.iter().enumerate().map(excess).fold(0.0, f64::max);
        (-2.0 * n * largest * largest).exp()
    }
}

impl Test {
    fn name(&self) -> (Theorem, &str, &str) {
        (self.theorem, &self.case, &self.quantity)
    }
}

impl SeedRun {
    fn rejections(&self) -> Vec<bool> {
        let p_values: Vec<f64> = self.results.iter().map(|r| r.0).collect();
        holm(&p_values, FAMILY_LEVEL)
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
