//! A finished run of the theorems, judged.

use isomoment::theorems::{Findings, Settings, Theorem, Verdict, verdicts};

/// A finished run: what was asked and what was found.
#[derive(Debug, Clone)]
pub struct Run {
    settings: Settings,
    findings: Vec<Findings>,
    verdicts: Vec<Vec<Verdict>>,
    has_training: bool,
}

impl Run {
    /// Judges the findings, Holm's rule over all of them.
    pub fn new(settings: Settings, findings: Vec<Findings>) -> Self {
        let verdicts = verdicts(&findings);
        Self {
            settings,
            findings,
            verdicts,
            has_training: false,
        }
    }

    /// With T10, the training experiment, from the records of its runs.
    pub fn with_training(mut self) -> Self {
        self.has_training = true;
        self
    }

    /// Whether every theorem is in it, T10 too.
    pub fn is_whole(&self) -> bool {
        self.has_training && self.findings.len() == Theorem::ALL.len()
    }

    /// Whether T10 is in it.
    pub fn has_training(&self) -> bool {
        self.has_training
    }

    /// The settings of the run.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Every theorem's findings with the verdict of each of its checks.
    pub fn judged(&self) -> impl Iterator<Item = (&Findings, &[Verdict])> {
        let verdicts = self.verdicts.iter().map(Vec::as_slice);
        self.findings.iter().zip(verdicts)
    }

    /// Whether every check of every theorem held and every control was rejected.
    pub fn all_hold(&self) -> bool {
        self.verdicts.iter().flatten().all(|v| *v == Verdict::Holds)
    }
}
