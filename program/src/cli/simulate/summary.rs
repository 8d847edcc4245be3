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
            let used = |column: usize| rows.iter().any(|row| row.columns[column].1.is_some());
            let columns: Vec<usize> = (0..rows[0].columns.len()).filter(|c| used(*c)).collect();
            let title = |column: usize| rows[0].columns[column].0.replace('_', " ");
            // a column is as wide as its title
            let width = |column: usize| (title(column).chars().count() + 2).max(12);
            for &column in &columns {
                let _ = write!(text, "{:>1$}", title(column), width(column));
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
                    let _ = write!(text, "{shown:>0$}", width(column));
                }
                text += "\n";
            }
        }
    }
    Ok(text)
}

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
