//! The report: figures, tables and the document, all from a run's findings.
//!
//! The way of a [`Figure`] into the PDF: a theorem's `run` puts it among its findings, as data
//! (the library's `theorems`). [`Run`] holds the findings and their verdicts; T10's figures come
//! from the records of its experiments (`training`). [`artifacts`] makes the files: `figure` draws
//! each figure as SVG and writes its numbers as CSV, `raster` turns the SVG into PNG. `document`
//! writes the source of the text in typst's markup, in which a figure is named where it is
//! discussed (`document::parts`), and `typeset` compiles it, with the SVG files at hand, to PDF and
//! HTML.
//!
//! Beside the figures: `results` (every number, as JSON), `constants` (proved digits), `published`
//! (scales in use beside the exact ones).

mod constants;
pub mod diagnosis;
#[cfg(feature = "pdf")]
mod document;
mod error;
mod figure;
mod format;
mod published;
mod raster;
mod results;
mod run;
mod training;
#[cfg(feature = "pdf")]
mod typeset;

pub use error::ReportError;
pub use figure::figure_files;
pub use format::Format;
pub use run::Run;

use rayon::prelude::*;

use crate::output::{Artifact, csv, latex};
use constants::ProvedRow;
use isomoment::theorems::{Figure, Table};
use training::TrainingRecord;

/// What a report is made of.
struct Contents<'a> {
    run: &'a Run,
    /// T10.
    training: Option<TrainingRecord>,
    /// The table of proved constants; a whole report has it.
    constants: Vec<ProvedRow>,
}

impl<'a> Contents<'a> {
    fn new(run: &'a Run) -> Result<Self, ReportError> {
        let training = run.has_training().then(TrainingRecord::read).transpose();
        let constants = match run.is_whole() {
            true => constants::rows(),
            false => Ok(Vec::new()),
        };
        Ok(Self {
            run,
            training: training.map_err(|e| ReportError::new("training", e))?,
            constants: constants.map_err(|e| ReportError::new("constants", e))?,
        })
    }

    fn figures(&self) -> Vec<&Figure> {
        let of_theorems = self
            .run
            .judged()
            .flat_map(|(findings, _)| &findings.figures);
        of_theorems
            .chain(self.training.iter().flat_map(|t| &t.figures))
            .chain(self.run.paper().iter().flat_map(|redrawn| &redrawn.panels))
            .collect()
    }

    fn tables(&self) -> Result<Vec<Table>, ReportError> {
        let of_theorems = self.run.judged().flat_map(|(f, _)| f.tables.clone());
        let mut tables: Vec<Table> = of_theorems.collect();
        if self.run.is_whole() {
            tables.push(published::table().map_err(|e| ReportError::new("published", e))?);
        }
        Ok(tables)
    }
}

/// Every file of the report in the given formats, in memory: the document as `isomoment-report.pdf`
/// and `report.html`, figures, `results.json`, the theorems' tables and, for a whole report, that
/// of proved constants. Of a run of some theorems only, their parts. The same run gives the same
/// bytes.
///
/// # Errors
/// [`ReportError`] when a figure or the document cannot be made, and for a format that the program
/// was not built for.
pub fn artifacts(run: &Run, formats: &[Format]) -> Result<Vec<Artifact>, ReportError> {
    formats.iter().try_for_each(|format| format.require())?;
    let contents = Contents::new(run)?;
    let drawn: Result<Vec<[Artifact; 3]>, ReportError> = contents
        .figures()
        .into_par_iter()
        .map(figure_files)
        .collect();
    let mut files: Vec<Artifact> = drawn?.into_iter().flatten().collect();
    for (findings, verdicts) in run.judged() {
        files.extend(figure::checks::files(findings, verdicts)?);
    }
    if run.is_whole() {
        files.extend(constants::files(&contents.constants));
    }
    for table in contents.tables()? {
        let file =
            |extension, text: String| Artifact::new(format!("{}.{extension}", table.name), text);
        files.push(file("csv", csv::table(&table)));
        files.push(file("tex", latex::table(&table)));
    }
    let results = results::json(run, contents.training.as_ref())?;
    files.push(Artifact::new("results.json", results));
    #[cfg(feature = "pdf")]
    files.extend(document::files(&contents, &files, formats)?);
    files.retain(|file| formats.iter().any(|format| format.includes(&file.name)));
    Ok(files)
}
