//! One check of a theorem: what was compared, how, and its negative control.

use serde::Serialize;

/// Chance that a run rejects anything although every theorem holds, at most: as far as p-values are
/// exact. Most are asymptotic; what they are over many seeds is
/// [`calibration`](super::calibration)'s.
pub const FAMILY_LEVEL: f64 = 1e-3;

/// Level at which each single test's power and control are stated: with at most
/// this many tests in a run, Holm's rule never asks for less.
pub const SINGLE_LEVEL: f64 = FAMILY_LEVEL / MOST_CHECKS as f64;

/// Most statistical checks that one run may have.
pub const MOST_CHECKS: usize = 400;

/// Power that sample sizes are chosen for.
pub const WANTED_POWER: f64 = 0.99999;

/// Where the numbers of a check come from, those of its control too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Networks of real weight matrices, independent of the one-layer law that predicts them.
    Matrices,
    /// Networks of real matrices whose weights are drawn from an exponentially tilted law: the
    /// sampler and the likelihood ratio are made from the one-layer law.
    TiltedMatrices,
    /// Norms alone, drawn from the one-layer law.
    Norms,
    /// No network: one computation is compared with another.
    Computation,
}

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
        /// Whether that is uniform if the theorem holds; else it is larger (exact tests of counts).
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
        /// How far apart they are, in the measure that the quantity names: a difference, a
        /// relative one, or a ratio that should stay below 1.
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
    /// Where the numbers come from.
    pub source: Source,
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
    /// The p-value of a statistical check.
    pub fn p_value(&self) -> Option<f64> {
        match self.evidence {
            Evidence::Statistical { p_value, .. } => Some(p_value),
            Evidence::Numerical { .. } => None,
        }
    }
}
