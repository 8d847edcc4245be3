//! The summary of a simulation as it is printed.

use std::fmt::Write;

use isomoment::simulate::runs::{LayerStatistics, ProductStatistics};
use serde_json::json;

use crate::cli::listing::Listing;
use crate::cli::outcome::Refusal;

/// As a table, CSV or JSON.
pub fn show(layers: &[LayerStatistics], form: Listing) -> Result<String, Refusal> {
    let rows: Vec<Row> = layers.iter().map(Row::of).collect();
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
            // a moment's error is told to be missing
            let used = |column: usize| {
                let is_error = rows[0].columns[column].0 == "moment_error";
                is_error || rows.iter().any(|row| row.columns[column].1.is_some())
            };
            let columns: Vec<usize> = (0..rows[0].columns.len()).filter(|c| used(*c)).collect();
            let title = |column: usize| rows[0].columns[column].0.replace('_', " ");
            let mut lines = vec![String::new(); 1 + rows.len()];
            for column in columns {
                let title = title(column);
                let cells = rows.iter().map(|row| cell(row.columns[column]));
                let cells: Vec<String> = std::iter::once(title).chain(cells).collect();
                let longest = |cells: &[String]| cells.iter().map(|c| c.chars().count()).max();
                // two spaces before the title, and at least one before a number
                let of_title = longest(&cells[..1]).map_or(0, |title| title + 2);
                let of_all = longest(&cells).map_or(0, |cell| cell + 1);
                let width = of_title.max(of_all).max(12);
                for (line, cell) in lines.iter_mut().zip(&cells) {
                    let _ = write!(line, "{cell:>width$}");
                }
            }
            text = lines.join("\n") + "\n";
        }
    }
    Ok(text)
}

/// A number of a table's column.
fn cell((name, value): (&str, Option<f64>)) -> String {
    let Some(value) = value else {
        return "–".to_owned();
    };
    if WHOLE.contains(&name) {
        return format!("{value}");
    }
    // moments span all magnitudes; of log-norms a tiny one is rounding
    let is_tiny = name.contains("moment") && value > 0.0 && value < 1e-3;
    match is_tiny || value.abs() >= LONG {
        true => format!("{value:.5e}"),
        false => format!("{value:.5}"),
    }
}

/// The scale of weights: six decimals, or six digits after the first where those would show few.
pub fn factor(value: f64) -> String {
    match (1e-3..LONG).contains(&value) {
        true => format!("{value:.6}"),
        false => format!("{value:.6e}"),
    }
}

/// Whether there is a prediction of this name in some row.
pub fn is_predicted(rows: &[LayerStatistics], name: &str) -> bool {
    let moments = rows.iter().filter_map(|row| row.moment.as_ref());
    let mut predicted = moments.flat_map(|moment| &moment.predicted);
    predicted.any(|(other, value)| *other == name && value.is_some())
}

/// Numbers from here on are shown as a power of ten.
const LONG: f64 = 1e6;

/// Columns that count.
const WHOLE: [&str; 3] = ["layer", "networks", "alive"];

struct Row {
    columns: Vec<(&'static str, Option<f64>)>,
}

impl Row {
    fn of(layer: &LayerStatistics) -> Self {
        let mut columns = vec![
            ("layer", Some(layer.layer as f64)),
            ("networks", Some(layer.networks as f64)),
            ("alive", Some(layer.alive as f64)),
            ("mean", layer.mean),
            ("exact_mean", layer.exact.map(|e| e.mean)),
            ("sd", layer.standard_deviation),
            ("exact_sd", layer.exact.map(|e| e.variance.sqrt())),
            ("skewness", layer.skewness),
            ("quantile_05", layer.quantile_05),
            ("median", layer.median),
            ("quantile_95", layer.quantile_95),
            ("smallest", layer.smallest),
            ("largest", layer.largest),
            ("cosine", layer.cosine),
            ("cosine_sd", layer.cosine_standard_deviation),
        ];
        let mut add = |names: [&'static str; 4], of: &ProductStatistics| {
            let values = [
                of.mean,
                of.exact.map(|e| e.mean),
                of.standard_deviation,
                of.exact.map(|e| e.variance.sqrt()),
            ];
            columns.extend(names.into_iter().zip(values));
        };
        if let Some(tangent) = &layer.tangent {
            add(
                [
                    "tangent_mean",
                    "exact_tangent_mean",
                    "tangent_sd",
                    "exact_tangent_sd",
                ],
                tangent,
            );
        }
        if let Some(gradient) = &layer.gradient {
            add(
                [
                    "gradient_mean",
                    "exact_gradient_mean",
                    "gradient_sd",
                    "exact_gradient_sd",
                ],
                gradient,
            );
        }
        if let Some(moment) = &layer.moment {
            columns.push(("moment", moment.mean));
            columns.push(("moment_error", moment.standard_error));
            columns.extend(&moment.predicted);
        }
        Self { columns }
    }

    fn json(&self) -> serde_json::Value {
        let fields = self.columns.iter().map(|(name, value)| {
            let (name, value) = (*name, *value);
            let whole = value.filter(|_| WHOLE.contains(&name));
            let value = whole.map_or_else(|| json!(value), |count| json!(count as u64));
            (name.to_owned(), value)
        });
        serde_json::Value::Object(fields.collect())
    }
}
