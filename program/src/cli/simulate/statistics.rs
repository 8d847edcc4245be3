//! The summary of a simulation: what the program prints.

use std::fmt::Write;

use average::{Estimate, Merge, Variance};
use rayon::prelude::*;
use serde_json::json;

use crate::cli::Refusal;
use crate::cli::listing::Listing;
use isomoment::layer_law::LogCumulants;
use isomoment::simulate::{Path, Simulator};
use isomoment::stats::summary::Summary;

/// Trajectories whose statistics are formed together, whatever the threads and parts: sums of them in
/// one order have one rounding.
pub const CHUNK: u64 = 64;

/// Most layers of which statistics are kept.
const SHOWN: usize = 12;

/// Log-norms of the first input and cosines of the first two, at up to [`SHOWN`] of the recorded layers.
#[derive(Debug, Clone)]
pub struct Statistics {
    records: Vec<usize>,
    layers: Vec<usize>,
    inputs: usize,
    all_records: usize,
    norms: Vec<Summary>,
    cosines: Vec<Variance>,
}

impl Statistics {
    pub fn new(simulator: &Simulator) -> Self {
        let layers = simulator.record().as_slice();
        let count = layers.len();
        let records: Vec<usize> = if count <= SHOWN {
            (0..count).collect()
        } else {
            (0..SHOWN).map(|i| i * (count - 1) / (SHOWN - 1)).collect()
        };
        Self {
            layers: records.iter().map(|&record| layers[record]).collect(),
            inputs: simulator.model().inputs(),
            all_records: count,
            norms: vec![Summary::default(); records.len()],
            cosines: vec![Variance::default(); records.len()],
            records,
        }
    }

    /// Takes consecutive trajectories, the first a multiple of [`CHUNK`].
    pub fn add_paths(&mut self, paths: &[Path]) {
        let empty = self.emptied();
        let chunks: Vec<Self> = paths
            .par_chunks(CHUNK as usize)
            .map(|chunk| {
                let mut part = empty.clone();
                for path in chunk {
                    part.add(&path.log_norms, &path.cosines);
                }
                part
            })
            .collect();
        chunks.iter().for_each(|chunk| self.merge(chunk));
    }

    /// The same for numbers that come one trajectory at a time: `chunk` collects until it is full.
    pub fn add_row(&mut self, chunk: &mut Self, trajectory: u64, row: &[f64]) {
        let (norms, cosines) = row.split_at(self.all_records * self.inputs);
        chunk.add(norms, cosines);
        if (trajectory + 1).is_multiple_of(CHUNK) {
            self.merge(chunk);
            *chunk = self.emptied();
        }
    }

    pub fn emptied(&self) -> Self {
        Self {
            norms: vec![Summary::default(); self.records.len()],
            cosines: vec![Variance::default(); self.records.len()],
            ..self.clone()
        }
    }

    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.norms.iter_mut().zip(&other.norms) {
            mine.merge(theirs);
        }
        for (mine, theirs) in self.cosines.iter_mut().zip(&other.cosines) {
            mine.merge(theirs);
        }
    }

    fn add(&mut self, norms: &[f64], cosines: &[f64]) {
        let pairs = self.inputs * (self.inputs - 1) / 2;
        for (index, &record) in self.records.iter().enumerate() {
            let at = &norms[record * self.inputs..][..self.inputs];
            self.norms[index].add(at[0]);
            if self.inputs > 1 && at[0].is_finite() && at[1].is_finite() {
                self.cosines[index].add(cosines[record * pairs]);
            }
        }
    }

    /// As a table, CSV or JSON.
    pub fn show(&self, simulator: &Simulator, form: Listing) -> Result<String, Refusal> {
        let rows: Vec<Row> = (0..self.records.len())
            .map(|index| self.row(simulator, index))
            .collect::<Result<_, _>>()?;
        let mut text = String::new();
        match form {
            Listing::Json => {
                let objects: Vec<serde_json::Value> = rows.iter().map(Row::json).collect();
                text = serde_json::to_string_pretty(&objects)? + "\n";
            }
            Listing::Csv => {
                let names: Vec<&str> = rows[0].columns.iter().map(|(name, _)| *name).collect();
                let _ = writeln!(text, "{}", names.join(","));
                for row in &rows {
                    let values = row.columns.iter().map(|(name, value)| match value {
                        Some(count) if WHOLE.contains(name) => format!("{count}"),
                        Some(value) => format!("{value:?}"),
                        None => String::new(),
                    });
                    let _ = writeln!(text, "{}", values.collect::<Vec<_>>().join(","));
                }
            }
            Listing::Table => {
                let used = |column: usize| rows.iter().any(|row| row.columns[column].1.is_some());
                let columns: Vec<usize> = (0..rows[0].columns.len()).filter(|c| used(*c)).collect();
                for &column in &columns {
                    let _ = write!(text, "{:>12}", rows[0].columns[column].0.replace('_', " "));
                }
                text += "\n";
                for row in &rows {
                    for &column in &columns {
                        let (name, value) = row.columns[column];
                        let shown = match value {
                            None => "–".to_owned(),
                            Some(count) if WHOLE.contains(&name) => format!("{count}"),
                            Some(value) => format!("{value:.5}"),
                        };
                        let _ = write!(text, "{shown:>12}");
                    }
                    text += "\n";
                }
            }
        }
        Ok(text)
    }

    fn row(&self, simulator: &Simulator, index: usize) -> Result<Row, Refusal> {
        let summary = &self.norms[index];
        let layer = self.layers[index];
        let exact = exact(simulator, layer)?;
        let number = |value: f64| value.is_finite().then_some(value);
        let cosines = &self.cosines[index];
        let cosine = (self.inputs > 1 && cosines.len() > 1)
            .then(|| (cosines.mean(), cosines.sample_variance().sqrt()));
        Ok(Row {
            columns: vec![
                ("layer", Some(layer as f64)),
                ("networks", Some(summary.count() as f64)),
                ("alive", Some(summary.alive() as f64)),
                ("mean", number(summary.mean())),
                ("exact_mean", exact.map(|e| e.mean)),
                ("sd", number(summary.variance().sqrt())),
                ("exact_sd", exact.map(|e| e.variance.sqrt())),
                ("skewness", number(summary.skewness())),
                ("quantile_05", number(summary.quantile(0.05))),
                ("median", number(summary.quantile(0.5))),
                ("quantile_95", number(summary.quantile(0.95))),
                ("smallest", summary.smallest().first().copied()),
                ("largest", summary.largest().first().copied()),
                ("cosine", cosine.map(|c| c.0)),
                ("cosine_sd", cosine.map(|c| c.1)),
            ],
        })
    }
}

/// Columns that count.
const WHOLE: [&str; 3] = ["layer", "networks", "alive"];

struct Row {
    columns: Vec<(&'static str, Option<f64>)>,
}

impl Row {
    fn json(&self) -> serde_json::Value {
        let fields = self.columns.iter().map(|&(name, value)| {
            let whole = value.filter(|_| WHOLE.contains(&name));
            let value = whole.map_or_else(|| json!(value), |count| json!(count as u64));
            (name.to_owned(), value)
        });
        serde_json::Value::Object(fields.collect())
    }
}

/// Mean and variance of the log-norm after `layer` layers given survival; biases have no such formula.
fn exact(simulator: &Simulator, layer: usize) -> Result<Option<LogCumulants>, Refusal> {
    let model = simulator.model();
    if model.bias() > 0.0 {
        return Ok(None);
    }
    let mut sum = LogCumulants::default();
    let layers = &model.layers()[..layer];
    for run in layers.chunk_by(|a, b| a == b) {
        let cumulants = model.law(run[0])?.log_cumulants();
        let count = run.len() as f64;
        sum.mean += count * (run[0].scale.ln() + cumulants.mean);
        sum.variance += count * cumulants.variance;
    }
    Ok(Some(sum))
}
