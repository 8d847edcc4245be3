//! A finished run of the theorems, judged.

use isomoment::theorems::paper::Redrawn;
use isomoment::theorems::{Findings, Settings, Theorem, Verdict, verdicts};

/// A finished run: what was asked and what was found.
#[derive(Debug, Clone)]
pub struct Run {
    settings: Settings,
    findings: Vec<Findings>,
    verdicts: Vec<Vec<Verdict>>,
    has_training: bool,
    paper: Vec<Redrawn>,
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
            paper: Vec::new(),
        }
    }

    /// With T10, the training experiment, from the records of its runs.
    pub fn with_training(mut self) -> Self {
        self.has_training = true;
        self
    }

    /// With the paper's figures, redrawn.
    pub fn with_paper(mut self, paper: Vec<Redrawn>) -> Self {
        self.paper = paper;
        self
    }

    /// Whether every part is in it: the theorems, T10, and the paper's figures.
    pub fn is_whole(&self) -> bool {
        let theorems = self.findings.len() == Theorem::ALL.len();
        theorems && self.has_training && !self.paper.is_empty()
    }

    /// The paper's figures that are in it.
    pub fn paper(&self) -> &[Redrawn] {
        &self.paper
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
