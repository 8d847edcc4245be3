//! Constants as a table, CSV, JSON or LaTeX.

use std::fmt::Write;

use serde_json::json;

use crate::activation::Activation;
use crate::cli::Refusal;
use crate::cli::constants::Row;
use crate::layer_law::Weights;

/// 17 significant digits: enough to tell any two doubles apart.
fn exact(value: f64) -> String {
    let shown = format!("{value:.16e}");
    let plain = format!("{value:?}");
    // plain notation where it is short and exact
    if plain.len() <= 6 { plain } else { shown }
}

/// (slope, lower, upper), empty where the activation has none.
fn slopes(activation: Activation) -> [String; 3] {
    let text = |value: f64| {
        // as a person would write it, without ten zeros
        if value == 0.0 || (1e-5..1e16).contains(&value.abs()) {
            format!("{value}")
        } else {
            format!("{value:?}")
        }
    };
    match activation {
        Activation::LeakyRelu { slope } => [text(slope), String::new(), String::new()],
        Activation::RandomizedLeakyRelu { lower, upper } => {
            [String::new(), text(lower), text(upper)]
        }
        _ => Default::default(),
    }
}

pub fn csv(rows: &[Row]) -> Result<String, Refusal> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "activation",
        "slope",
        "lower",
        "upper",
        "keep",
        "width",
        "s",
        "moment",
        "sigma",
        "dead_probability",
        "mean_log",
        "var_log",
        "third_cumulant_log",
    ])?;
    for row in rows {
        let [slope, lower, upper] = slopes(row.case.activation);
        writer.write_record([
            // underscores, as the reference tables have them
            row.case.activation.name().replace('-', "_"),
            slope,
            lower,
            upper,
            row.case.dropout.keep().to_string(),
            row.case.width.to_string(),
            row.case.s.to_string(),
            exact(row.moment),
            exact(row.sigma),
            exact(row.dead_probability),
            exact(row.mean_log),
            exact(row.var_log),
            exact(row.third_cumulant_log),
        ])?;
    }
    let bytes = writer.into_inner().map_err(|e| Refusal(e.to_string()))?;
    Ok(String::from_utf8(bytes)?)
}

pub fn json(rows: &[Row]) -> Result<String, Refusal> {
    let objects: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| {
            let mut object = json!({
                "activation": row.case.activation.name(),
                "keep": row.case.dropout.keep(),
                "weights": format!("{:?}", row.case.weights).to_lowercase(),
                "width": row.case.width,
                "s": row.case.s,
                "moment": row.moment,
                "sigma": row.sigma,
                "growth": row.growth,
                "dead_probability": row.dead_probability,
                "mean_log": row.mean_log,
                "var_log": row.var_log,
                "third_cumulant_log": row.third_cumulant_log,
            });
            match row.case.activation {
                Activation::LeakyRelu { slope } => object["slope"] = json!(slope),
                Activation::RandomizedLeakyRelu { lower, upper } => {
                    object["lower"] = json!(lower);
                    object["upper"] = json!(upper);
                }
                _ => {}
            }
            object
        })
        .collect();
    Ok(serde_json::to_string_pretty(&objects)? + "\n")
}

/// For reading: 15 digits, aligned, the layer in a heading.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::new();
    let mut heading = String::new();
    for row in rows {
        let case = &row.case;
        let mut layer = case.activation.to_string();
        if case.dropout.keep() < 1.0 {
            let _ = write!(layer, ", dropout keeping {}", case.dropout.keep());
        }
        if case.weights == Weights::Orthogonal {
            layer.push_str(", orthogonal weights");
        }
        if layer != heading {
            if !heading.is_empty() {
                text.push('\n');
            }
            let _ = writeln!(text, "{layer}");
            let _ = writeln!(
                text,
                "{:>8} {:>14}  {:<22} {:<22} {:<22} {:<22} {:<12}",
                "s", "width d", "sigma(s,d)", "E[Q^(s/2)]", "mu", "v", "P(Q=0)"
            );
            heading = layer;
        }
        let _ = writeln!(
            text,
            "{:>8} {:>14}  {:<22} {:<22} {:<22} {:<22} {:<12}",
            case.s,
            case.width,
            digits(row.sigma),
            digits(row.moment),
            digits(row.growth),
            digits(row.var_log),
            if row.dead_probability == 0.0 {
                "0".into()
            } else {
                format!("{:.4e}", row.dead_probability)
            },
        );
    }
    text
}

/// 15 significant digits, in plain notation where that is short.
fn digits(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-4..1e6).contains(&size) {
        let before = if size >= 1.0 {
            size.log10().floor() as usize + 1
        } else {
            0
        };
        let leading = if size < 1.0 && size > 0.0 {
            (-size.log10()).floor() as usize
        } else {
            0
        };
        let after = (15 - before.min(15)) + leading;
        return format!("{value:.after$}");
    }
    format!("{value:.14e}")
}

/// A booktabs table with siunitx columns.
pub fn latex(rows: &[Row]) -> String {
    let mut text = String::from(
        "% needs \\usepackage{booktabs} and \\usepackage{siunitx}\n\
         \\begin{tabular}{l S[table-format=1.3] r S[table-format=1.17] S[table-format=-1.17] S[table-format=1.17]}\n\
         \\toprule\n\
         activation & {$s$} & $d$ & {$\\sigma(s,d)$} & {$\\mu$} & {$v$} \\\\\n\
         \\midrule\n",
    );
    for row in rows {
        let name = match row.case.activation {
            Activation::LeakyRelu { slope } => format!("Leaky ReLU, $a = {slope}$"),
            Activation::RandomizedLeakyRelu { lower, upper } => {
                format!("RReLU, $[{lower:.4}, {upper:.4}]$")
            }
            other => other.to_string(),
        };
        let name = match row.case.dropout.keep() {
            1.0 => name,
            keep => format!("{name}, keep ${keep}$"),
        };
        let name = match row.case.weights {
            Weights::Gaussian => name,
            Weights::Orthogonal => format!("{name}, orthogonal"),
        };
        let _ = writeln!(
            text,
            "{name} & {} & {} & {} & {} & {} \\\\",
            row.case.s,
            row.case.width,
            digits(row.sigma),
            digits(row.growth),
            digits(row.var_log),
        );
    }
    text + "\\bottomrule\n\\end{tabular}\n"
}
