//! results.json: every number of a run, for machines.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::report::training::{COMMAND, Cell, DEEP_COMMAND, Start, Support, TrainingRecord};
use crate::report::{ReportError, Run};
use crate::train::{Comparison, SchemeSummary, StartFit};
use isomoment::theorems::{Check, Verdict};

/// Version of the file's layout; it changes when a reader would have to.
///
/// Described field by field in reports/README.md.
const SCHEMA: u32 = 5;

#[derive(Serialize)]
struct Results<'a> {
    schema: u32,
    program: &'a str,
    seed: u64,
    effort: f64,
    all_hold: bool,
    theorems: Vec<TheoremResults<'a>>,
    /// T10, in a report only.
    #[serde(skip_serializing_if = "Option::is_none")]
    training: Option<TrainingResults<'a>>,
    /// The paper's figures, in a report only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    paper: Vec<PaperResults<'a>>,
}

/// One figure of the paper, redrawn.
#[derive(Serialize)]
struct PaperResults<'a> {
    original: &'a str,
    panels: Vec<Box<RawValue>>,
}

#[derive(Serialize)]
struct TrainingResults<'a> {
    support: Support,
    found: String,
    designed: DesignedResults,
    released: ReleasedResults<'a>,
    paper: ExperimentResults<'a>,
    initialisation: &'a [StartFit],
    narrow_deep: ExperimentResults<'a>,
    epoch_seconds: EpochSeconds,
    figures: Vec<Box<RawValue>>,
}

/// The designed experiment; one comparison on each line.
#[derive(Serialize)]
struct DesignedResults {
    detectable: f64,
    cells: Vec<CellResults>,
    comparisons: Vec<Box<RawValue>>,
}

/// One of its cells.
#[derive(Serialize)]
struct CellResults {
    setting: String,
    schemes: Vec<SchemeResults>,
}

/// A scheme in a cell.
#[derive(Serialize)]
struct SchemeResults {
    scheme: String,
    rate: f64,
    trains: f64,
}

fn of_cell(cell: &Cell) -> CellResults {
    let schemes = cell.rates.iter().map(|(scheme, _)| SchemeResults {
        scheme: scheme.clone(),
        rate: cell.rate(scheme),
        trains: cell.share(scheme),
    });
    CellResults {
        setting: cell.name(),
        schemes: schemes.collect(),
    }
}

/// The released code's experiments; one comparison on each line.
#[derive(Serialize)]
struct ReleasedResults<'a> {
    settings: Vec<SettingResults<'a>>,
    comparisons: Vec<Box<RawValue>>,
}

/// One of them.
#[derive(Serialize)]
struct SettingResults<'a> {
    setting: &'a str,
    supported: bool,
    initialisation: &'a [Start],
}

/// CPU time of an epoch: mean and standard error.
#[derive(Serialize)]
struct EpochSeconds {
    fractional: (f64, f64),
    he: (f64, f64),
    runs: usize,
    epochs: usize,
}

/// One experiment.
#[derive(Serialize)]
struct ExperimentResults<'a> {
    command: &'a str,
    verdict: String,
    summaries: &'a [SchemeSummary],
    comparisons: &'a [Comparison],
}

#[derive(Serialize)]
struct TheoremResults<'a> {
    theorem: String,
    title: &'a str,
    checks: Vec<Judged<'a>>,
    /// Each figure's data on one line: thousands of points.
    figures: Vec<Box<RawValue>>,
    tables: Vec<Box<RawValue>>,
}

#[derive(Serialize)]
struct Judged<'a> {
    #[serde(flatten)]
    check: &'a Check,
    verdict: Verdict,
}

/// Each on one line.
fn lines<T: Serialize>(values: &[T]) -> Result<Vec<Box<RawValue>>, serde_json::Error> {
    values.iter().map(to_raw_value).collect()
}

fn of_training(experiment: &TrainingRecord) -> Result<TrainingResults<'_>, serde_json::Error> {
    let times = &experiment.times;
    Ok(TrainingResults {
        support: experiment.support(),
        found: experiment.found(),
        designed: DesignedResults {
            detectable: experiment.designed.detectable(),
            cells: experiment.designed.cells.iter().map(of_cell).collect(),
            comparisons: lines(&experiment.designed.comparisons)?,
        },
        released: ReleasedResults {
            settings: experiment
                .released
                .presets
                .iter()
                .map(|preset| SettingResults {
                    setting: preset.units,
                    supported: experiment.released.supports(preset),
                    initialisation: &preset.starts,
                })
                .collect(),
            comparisons: lines(&experiment.released.comparisons)?,
        },
        paper: ExperimentResults {
            command: COMMAND,
            verdict: experiment.verdict_without_biases(),
            summaries: &experiment.summaries,
            comparisons: &experiment.comparisons,
        },
        initialisation: &experiment.starts,
        narrow_deep: ExperimentResults {
            command: DEEP_COMMAND,
            verdict: experiment.deep_verdict(),
            summaries: &experiment.deep_summaries,
            comparisons: &experiment.deep_comparisons,
        },
        epoch_seconds: EpochSeconds {
            fractional: (times.fractional.mean, times.fractional.standard_error),
            he: (times.he.mean, times.he.standard_error),
            runs: times.runs,
            epochs: times.epochs,
        },
        figures: lines(&experiment.figures)?,
    })
}

impl Run {
    /// `results.json`: every number of the run.
    ///
    /// # Errors
    /// A number that JSON cannot hold.
    pub fn json(&self) -> Result<String, ReportError> {
        json(self, None)
    }
}

/// The same with what the training experiments found.
pub fn json(run: &Run, training: Option<&TrainingRecord>) -> Result<String, ReportError> {
    let fail = |error: serde_json::Error| ReportError::new("results.json", error);
    let settings = run.settings();
    let mut results = Results {
        schema: SCHEMA,
        program: concat!("isomoment ", env!("CARGO_PKG_VERSION")),
        seed: settings.seed,
        effort: settings.effort,
        all_hold: run.all_hold(),
        theorems: Vec::new(),
        training: training.map(of_training).transpose().map_err(fail)?,
        paper: Vec::new(),
    };
    for redrawn in run.paper() {
        results.paper.push(PaperResults {
            original: redrawn.original,
            panels: lines(&redrawn.panels).map_err(fail)?,
        });
    }
    for (findings, verdicts) in run.judged() {
        let pairs = findings.checks.iter().zip(verdicts);
        results.theorems.push(TheoremResults {
            theorem: findings.theorem.to_string(),
            title: findings.theorem.title(),
            checks: pairs
                .map(|(check, &verdict)| Judged { check, verdict })
                .collect(),
            figures: lines(&findings.figures).map_err(fail)?,
            tables: lines(&findings.tables).map_err(fail)?,
        });
    }
    serde_json::to_string_pretty(&results)
        .map(|text| text + "\n")
        .map_err(fail)
}
