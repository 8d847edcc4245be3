//! results.json: every number of a run, for machines.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::report::training::{COMMAND, DEEP_COMMAND, Experiment};
use crate::report::{ReportError, Run};
use crate::train::{Comparison, StartFit, Summary};
use isomoment::theorems::{Check, Verdict};

/// Version of the file's layout; it changes when a reader would have to.
///
/// Described field by field in reports/README.md.
const SCHEMA: u32 = 4;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    program: &'a str,
    seed: u64,
    effort: f64,
    all_hold: bool,
    theorems: Vec<Theorem<'a>>,
    /// T10, in a report only.
    #[serde(skip_serializing_if = "Option::is_none")]
    training: Option<Training<'a>>,
}

#[derive(Serialize)]
struct Training<'a> {
    supported: bool,
    paper: Trained<'a>,
    initialisation: &'a [StartFit],
    narrow_deep: Trained<'a>,
    figures: Vec<Box<RawValue>>,
}

/// One experiment.
#[derive(Serialize)]
struct Trained<'a> {
    command: &'a str,
    verdict: String,
    summaries: &'a [Summary],
    comparisons: &'a [Comparison],
}

#[derive(Serialize)]
struct Theorem<'a> {
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

fn of_training(experiment: &Experiment) -> Result<Training<'_>, serde_json::Error> {
    Ok(Training {
        supported: experiment.supported(),
        paper: Trained {
            command: COMMAND,
            verdict: experiment.verdict(),
            summaries: &experiment.summaries,
            comparisons: &experiment.comparisons,
        },
        initialisation: &experiment.starts,
        narrow_deep: Trained {
            command: DEEP_COMMAND,
            verdict: experiment.deep_verdict(),
            summaries: &experiment.deep_summaries,
            comparisons: &experiment.deep_comparisons,
        },
        figures: lines(&experiment.figures)?,
    })
}

pub fn json(run: &Run, training: Option<&Experiment>) -> Result<String, ReportError> {
    let fail = |error: serde_json::Error| ReportError::new("results.json", error);
    let settings = run.settings();
    let mut document = Document {
        schema: SCHEMA,
        program: concat!("isomoment ", env!("CARGO_PKG_VERSION")),
        seed: settings.seed,
        effort: settings.effort,
        all_hold: run.all_hold(),
        theorems: Vec::new(),
        training: training.map(of_training).transpose().map_err(fail)?,
    };
    for (findings, verdicts) in run.judged() {
        let pairs = findings.checks.iter().zip(verdicts);
        document.theorems.push(Theorem {
            theorem: findings.theorem.to_string(),
            title: findings.theorem.title(),
            checks: pairs
                .map(|(check, &verdict)| Judged { check, verdict })
                .collect(),
            figures: lines(&findings.figures).map_err(fail)?,
            tables: lines(&findings.tables).map_err(fail)?,
        });
    }
    serde_json::to_string_pretty(&document)
        .map(|text| text + "\n")
        .map_err(fail)
}
