//! The report: figures, tables and the document, all from a run's findings.

mod constants;
#[cfg(feature = "pdf")]
mod document;
mod figure;
mod files;
mod published;
mod raster;
mod results;
mod training;
#[cfg(feature = "pdf")]
mod typeset;

pub(crate) use files::readable_by_all;
pub use files::{prepare, write_all};
use training::Experiment;

use std::fmt;

use rayon::prelude::*;

use isomoment::theorems::{Figure, Findings, Settings, Table, Theorem, Verdict, verdicts};

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
    training: bool,
}

impl Run {
    /// Judges the findings, Holm's rule over all of them.
    pub fn new(settings: Settings, findings: Vec<Findings>) -> Self {
        let verdicts = verdicts(&findings);
        Self {
            settings,
            findings,
            verdicts,
            training: false,
        }
    }

    /// With T10, the training experiment, from the records of its runs.
    pub fn with_training(mut self) -> Self {
        self.training = true;
        self
    }

    /// Whether every theorem is in it, T10 too.
    pub fn is_whole(&self) -> bool {
        self.training && self.findings.len() == Theorem::ALL.len()
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
pub fn figure_files(figure: &Figure) -> Result<[Artifact; 3], ReportError> {
    let svg = figure::svg(figure)?;
    let mut numbers = String::from("series,mark,x,y,half_interval\n");
    for series in &figure.series {
        // commas and quotes do not occur in marks; labels are quoted
        let label = series.label.replace('"', "'");
        let mark = format!("{:?}", series.mark).to_lowercase();
        for (x, y, half) in &series.points {
            numbers += &format!("\"{label}\",{mark},{x:?},{y:?},{half:?}\n");
        }
    }
    let file = |extension, bytes| Artifact {
        name: format!("{}.{extension}", figure.name),
        bytes,
    };
    Ok([
        file("png", raster::png(&svg)?),
        file("csv", numbers.into_bytes()),
        file("svg", svg.into_bytes()),
    ])
}

/// A kind of file of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// The document (feature `pdf`).
    Pdf,
    /// The same as one self-contained page (feature `pdf`).
    Html,
    /// Figures, 300 dpi at 17 cm.
    Png,
    /// Figures.
    Svg,
    /// Figures' numbers, tables, constants.
    Csv,
    /// Tables and constants for LaTeX.
    Tex,
    /// `results.json`.
    Json,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Pdf,
        Self::Html,
        Self::Png,
        Self::Svg,
        Self::Csv,
        Self::Tex,
        Self::Json,
    ];

    fn extension(self) -> &'static str {
        match self {
            Self::Pdf => ".pdf",
            Self::Html => ".html",
            Self::Png => ".png",
            Self::Svg => ".svg",
            Self::Csv => ".csv",
            Self::Tex => ".tex",
            Self::Json => ".json",
        }
    }
}

/// Every file of the report in the given formats, in memory: the document as `isomoment-report.pdf` and `report.html`, figures, `results.json`,
/// the theorems' tables and, for a whole report, that of proved constants. Of a run of some theorems only, their parts. The same run gives the same bytes.
///
/// # Errors
/// [`ReportError`] when a figure or the document cannot be made.
pub fn artifacts(run: &Run, formats: &[Format]) -> Result<Vec<Artifact>, ReportError> {
    let training = match run.training {
        true => Some(Experiment::recorded().map_err(|e| ReportError::new("training", e))?),
        false => None,
    };
    let figures = run.judged().flat_map(|(findings, _)| &findings.figures);
    let figures: Vec<&Figure> = figures
        .chain(training.iter().flat_map(|t| &t.figures))
        .collect();
    let drawn: Result<Vec<[Artifact; 3]>, ReportError> =
        figures.into_par_iter().map(figure_files).collect();
    let mut files: Vec<Artifact> = drawn?.into_iter().flatten().collect();
    let mut tables: Vec<Table> = run.judged().flat_map(|(f, _)| f.tables.clone()).collect();
    let constants = match run.is_whole() {
        true => constants::rows().map_err(|e| ReportError::new("constants", e))?,
        false => Vec::new(),
    };
    if run.is_whole() {
        tables.push(published::table().map_err(|e| ReportError::new("published", e))?);
        files.extend(constants::files(&constants));
    }
    for table in tables {
        for (extension, text) in [("csv", table.csv()), ("tex", table.latex())] {
            files.push(Artifact {
                name: format!("{}.{extension}", table.name),
                bytes: text.into_bytes(),
            });
        }
    }
    files.push(Artifact {
        name: "results.json".into(),
        bytes: results::json(run, training.as_ref())?.into_bytes(),
    });
    #[cfg(feature = "pdf")]
    files.extend(documents(
        run,
        (training.as_ref(), &constants),
        &files,
        formats,
    )?);
    let wanted = |file: &Artifact| {
        let extensions = formats.iter().map(|format| format.extension());
        extensions.into_iter().any(|e| file.name.ends_with(e))
    };
    files.retain(wanted);
    Ok(files)
}

/// The documents among the formats, with what they show.
#[cfg(feature = "pdf")]
fn documents(
    run: &Run,
    (training, constants): (Option<&Experiment>, &[constants::Row]),
    shown: &[Artifact],
    formats: &[Format],
) -> Result<Vec<Artifact>, ReportError> {
    use document::{Medium, REFERENCES, source};
    let mut shown = shown.to_vec();
    shown.push(Artifact {
        name: REFERENCES.0.into(),
        bytes: REFERENCES.1.to_vec(),
    });
    let mut made = Vec::new();
    if formats.contains(&Format::Pdf) {
        made.push(Artifact {
            name: "isomoment-report.pdf".into(),
            bytes: typeset::pdf(source(run, training, constants, Medium::Pages)?, &shown)?,
        });
    }
    if formats.contains(&Format::Html) {
        for file in shown.iter_mut().filter(|f| f.name.ends_with(".svg")) {
            let outlined = raster::outlined(&String::from_utf8_lossy(&file.bytes))?;
            file.bytes = outlined.into_bytes();
        }
        made.push(Artifact {
            name: "report.html".into(),
            bytes: typeset::html(source(run, training, constants, Medium::Browser)?, &shown)?,
        });
    }
    Ok(made)
}
