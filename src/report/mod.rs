//! The report: figures, tables and the document, all from a run's findings.

mod constants;
mod document;
mod figure;
mod files;
mod raster;
mod results;
#[cfg(feature = "pdf")]
mod typeset;

pub(crate) use files::readable_by_all;
pub use files::{prepare, write_all};

use std::fmt;

use crate::theorems::check::verdicts;
use crate::theorems::{Findings, Settings, Verdict};

/// Something that went wrong while making a figure or the document.
#[derive(Debug)]
pub struct ReportError {
    stage: &'static str,
    reason: String,
}

impl ReportError {
    fn new(stage: &'static str, reason: impl fmt::Display) -> Self {
        Self {
            stage,
            reason: reason.to_string(),
        }
    }
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.stage, self.reason)
    }
}

impl std::error::Error for ReportError {}

/// A finished run: what was asked and what was found.
#[derive(Debug, Clone)]
pub struct Run {
    settings: Settings,
    findings: Vec<Findings>,
    verdicts: Vec<Vec<Verdict>>,
}

impl Run {
    /// Judges the findings, Holm's rule over all of them.
    pub fn new(settings: Settings, findings: Vec<Findings>) -> Self {
        let verdicts = verdicts(&findings);
        Self {
            settings,
            findings,
            verdicts,
        }
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

    /// `results.json`: every number of the run.
    ///
    /// # Errors
    /// A number that JSON cannot hold.
    pub fn json(&self) -> Result<String, ReportError> {
        results::json(self)
    }
}

/// One file of the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    /// File name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Every file of the report, in memory: figures as SVG and PNG, `results.json`, the table of
/// proved constants as CSV and LaTeX, and, with the feature `pdf`, the document. The same run gives the same bytes.
///
/// # Errors
/// [`ReportError`] when a figure or the document cannot be made.
pub fn artifacts(run: &Run) -> Result<Vec<Artifact>, ReportError> {
    let mut files = Vec::new();
    for (findings, _) in run.judged() {
        let svg = figure::svg(&findings.chart)?;
        files.push(Artifact {
            name: format!("{}.png", findings.chart.name),
            bytes: raster::png(&svg)?,
        });
        files.push(Artifact {
            name: format!("{}.svg", findings.chart.name),
            bytes: svg.into_bytes(),
        });
    }
    files.push(Artifact {
        name: "results.json".into(),
        bytes: run.json()?.into_bytes(),
    });
    files.extend(constants::files()?);
    #[cfg(feature = "pdf")]
    files.push(Artifact {
        name: "isomoment-report.pdf".into(),
        bytes: typeset::pdf(document::source(run)?, &files)?,
    });
    Ok(files)
}
