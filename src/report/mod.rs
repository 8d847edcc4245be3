//! The report: figures, tables and the document, all from a run's findings.

mod constants;
#[cfg(feature = "pdf")]
mod document;
mod figure;
mod files;
mod raster;
mod results;
mod training;
#[cfg(feature = "pdf")]
mod typeset;

pub(crate) use files::readable_by_all;
pub use files::{prepare, write_all};
use training::Experiment;

use std::fmt;

use crate::theorems::check::verdicts;
use crate::theorems::{Chart, Findings, Settings, Verdict};

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
        results::json(self, None)
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

/// A figure's files: PNG, SVG, and its numbers as CSV (columns series, mark, x, y, half_interval; for histograms
/// the last is the bin's width).
///
/// # Errors
/// [`ReportError`] when the figure cannot be drawn.
pub fn pictures(chart: &Chart) -> Result<[Artifact; 3], ReportError> {
    let svg = figure::svg(chart)?;
    let mut numbers = String::from("series,mark,x,y,half_interval\n");
    for series in &chart.series {
        // commas and quotes do not occur in marks; labels are quoted
        let label = series.label.replace('"', "'");
        let mark = format!("{:?}", series.mark).to_lowercase();
        for (x, y, half) in &series.points {
            numbers += &format!("\"{label}\",{mark},{x:?},{y:?},{half:?}\n");
        }
    }
    let file = |extension, bytes| Artifact {
        name: format!("{}.{extension}", chart.name),
        bytes,
    };
    Ok([
        file("png", raster::png(&svg)?),
        file("csv", numbers.into_bytes()),
        file("svg", svg.into_bytes()),
    ])
}

/// Every file of the report, in memory: figures as PNG, SVG and CSV, `results.json`, the theorems' tables and that of
/// proved constants as CSV and LaTeX, and, with the feature `pdf`, the document. The same run gives the same bytes.
///
/// # Errors
/// [`ReportError`] when a figure or the document cannot be made.
pub fn artifacts(run: &Run) -> Result<Vec<Artifact>, ReportError> {
    let mut files = Vec::new();
    for (findings, _) in run.judged() {
        for chart in &findings.charts {
            files.extend(pictures(chart)?);
        }
        for table in &findings.tables {
            for (extension, text) in [("csv", table.csv()), ("tex", table.latex())] {
                files.push(Artifact {
                    name: format!("{}.{extension}", table.name),
                    bytes: text.into_bytes(),
                });
            }
        }
    }
    let training = Experiment::recorded().map_err(|e| ReportError::new("training", e))?;
    for chart in &training.charts {
        files.extend(pictures(chart)?);
    }
    files.push(Artifact {
        name: "results.json".into(),
        bytes: results::json(run, Some(&training))?.into_bytes(),
    });
    files.extend(constants::files()?);
    #[cfg(feature = "pdf")]
    files.push(Artifact {
        name: "isomoment-report.pdf".into(),
        bytes: typeset::pdf(document::source(run, &training)?, &files)?,
    });
    Ok(files)
}
