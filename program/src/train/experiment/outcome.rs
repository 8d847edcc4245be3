//! What an experiment leaves: epochs.csv, initial.csv and training.json.

use serde::Serialize;

use crate::output::Artifact;
use crate::train::epochs::write_epochs;
use crate::train::experiment::{Setting, TrainError};
use crate::train::start::{Start, StartFit, write_starts};
use crate::train::summary::{Comparison, SchemeSummary, compare, summarize};
use crate::train::trained::Trained;

/// Version of training.json.
const SCHEMA: u32 = 2;

/// What an experiment found.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How each of its architectures was trained.
    pub settings: Vec<Setting>,
    /// Log-norms before training.
    pub starts: Vec<Start>,
    /// Their fit to the exact law.
    pub fits: Vec<StartFit>,
    /// The trained networks.
    pub trained: Vec<Trained>,
}

#[derive(Serialize)]
struct Results<'a> {
    schema: u32,
    program: &'static str,
    settings: &'a [Setting],
    initialisation: &'a [StartFit],
    summaries: Vec<SchemeSummary>,
    comparisons: Vec<Comparison>,
}

impl Outcome {
    /// Each scheme's results.
    pub fn summaries(&self) -> Vec<SchemeSummary> {
        summarize(&self.trained)
    }

    /// The rule that the others are compared with: He's, else the first that is of his kind.
    pub fn reference(&self) -> &str {
        let names = || self.trained.iter().map(|t| t.scheme.as_str());
        let of_his_kind = || names().find(|name| name.starts_with("he-"));
        names()
            .find(|&name| name == "he")
            .or_else(of_his_kind)
            .unwrap_or("he")
    }

    /// Each scheme against the reference, pair by pair.
    pub fn comparisons(&self) -> Vec<Comparison> {
        compare(&self.trained, self.reference())
    }

    /// The files epochs.csv, initial.csv and training.json.
    ///
    /// # Errors
    /// [`TrainError::Json`] for what JSON cannot hold.
    pub fn files(&self) -> Result<[Artifact; 3], TrainError> {
        let results = Results {
            schema: SCHEMA,
            program: concat!("isomoment ", env!("CARGO_PKG_VERSION")),
            settings: &self.settings,
            initialisation: &self.fits,
            summaries: self.summaries(),
            comparisons: self.comparisons(),
        };
        Ok([
            Artifact::new("epochs.csv", write_epochs(&self.trained)),
            Artifact::new("initial.csv", write_starts(&self.starts)),
            Artifact::new("training.json", serde_json::to_vec_pretty(&results)?),
        ])
    }
}
