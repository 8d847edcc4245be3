//! The constants of many cases as a table, CSV, JSON or LaTeX.

use std::fmt::Write;

use serde_json::json;

use crate::cli::case::{Constants, Doubles, Row};
use crate::cli::outcome::Refusal;
use crate::output;
use isomoment::activation::Activation;

/// 17 significant digits: enough to tell any two doubles apart.
pub fn exact(value: f64) -> String {
    let shown = format!("{value:.16e}");
    let plain = format!("{value:?}");
    // plain notation where it is short and exact
    if plain.len() <= 6 { plain } else { shown }
}

/// Whether a layer has as many outputs as inputs, in every row.
fn all_square(rows: &[Row]) -> bool {
    rows.iter().all(|row| row.case.shape.fan_in.is_none())
}

/// (name, text) of every constant of a row, doubles by `number`.
fn columns(row: &Row, number: impl Fn(f64) -> String) -> Vec<(&'static str, String)> {
    let mut columns = match &row.constants {
        Constants::Doubles(Doubles {
            moment,
            sigma,
            sigma_rms,
            log,
            growth: _,
        }) => vec![
            ("moment", number(*moment)),
            ("sigma", number(*sigma)),
            ("dead_probability", number(row.dead_probability)),
            ("mean_log", number(log.mean)),
            ("var_log", number(log.variance)),
            ("third_cumulant_log", number(log.third)),
            ("sigma_rms", number(*sigma_rms)),
        ],
        Constants::Proved(proved) => vec![
            ("moment", proved.moment.clone()),
            ("sigma", proved.scale.clone()),
            ("mean_log", proved.mean_log.clone()),
            ("var_log", proved.var_log.clone()),
            ("growth", proved.growth.clone()),
            ("sigma_rms", proved.scale_rms.clone()),
        ],
        Constants::None(_) => Vec::new(),
    };
    if row.case.shape.fan_in.is_none() {
        columns.retain(|(name, _)| *name != "sigma_rms");
    }
    columns
}

/// Columns of the case: the reference tables' names and form.
fn case_columns(row: &Row) -> Vec<(&'static str, String)> {
    let case = &row.case;
    let [slope, lower, upper] = case.units.slopes();
    let mut columns = vec![
        // underscores, as the reference tables have them
        (
            "activation",
            case.units.activation().name().replace('-', "_"),
        ),
        ("slope", slope),
        ("lower", lower),
        ("upper", upper),
        ("keep", case.units.keep().to_string()),
        ("width", case.shape.width.to_string()),
        ("s", case.s.to_string()),
    ];
    if let Some(fan_in) = case.shape.fan_in {
        columns.insert(5, ("fan_in", fan_in.to_string()));
    }
    columns
}

/// Every column that a row has; with `errors` also why a row has no constants.
pub fn csv(rows: &[Row], errors: bool) -> String {
    let cells = |row: &Row| {
        let mut all = case_columns(row);
        all.extend(columns(row, exact));
        if errors {
            let reason = match &row.constants {
                Constants::None(reason) => reason.clone(),
                _ => String::new(),
            };
            all.push(("error", reason));
        }
        all
    };
    let rows: Vec<Vec<(&str, String)>> = rows.iter().map(cells).collect();
    // the widest row has every column, others leave theirs empty
    let header: Vec<&str> = rows
        .iter()
        .max_by_key(|row| row.len())
        .map(|row| row.iter().map(|(name, _)| *name).collect())
        .unwrap_or_default();
    let values = rows.iter().map(|row| {
        let cell = |name: &&str| {
            let found = row.iter().find(|(own, _)| own == name);
            found.map_or(String::new(), |(_, value)| value.clone())
        };
        header.iter().map(cell).collect::<Vec<_>>()
    });
    output::csv::text(&header, values)
}

pub fn json(rows: &[Row]) -> Result<String, Refusal> {
    let objects: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| {
            let case = &row.case;
            let mut object = json!({
                "activation": case.units.activation().name(),
                "keep": case.units.keep().value,
                "weights": format!("{:?}", case.units.weights).to_lowercase(),
                "width": case.shape.width,
                "s": case.s.value,
                "given_survival": row.dead_probability > 0.0,
            });
            if let Some(fan_in) = case.shape.fan_in {
                object["fan_in"] = json!(fan_in);
            }
            match &row.constants {
                Constants::Doubles(doubles) => {
                    object["moment"] = json!(doubles.moment);
                    object["sigma"] = json!(doubles.sigma);
                    object["growth"] = json!(doubles.growth);
                    object["dead_probability"] = json!(row.dead_probability);
                    object["mean_log"] = json!(doubles.log.mean);
                    object["var_log"] = json!(doubles.log.variance);
                    object["third_cumulant_log"] = json!(doubles.log.third);
                    if case.shape.fan_in.is_some() {
                        object["sigma_rms"] = json!(doubles.sigma_rms);
                    }
                }
                Constants::None(reason) => object["error"] = json!(reason),
                // as text: a JSON number would be read as a double
                Constants::Proved(_) => {
                    for (name, digits) in columns(row, exact) {
                        object[name] = json!(digits);
                    }
                }
            }
            match case.units.activation() {
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

/// For reading: 15 digits, aligned, the layer in a heading; proved digits one constant a line.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::new();
    let mut heading = String::new();
    let square = all_square(rows);
    for row in rows {
        let layer = row.case.units.describe();
        let is_new = layer != heading;
        if is_new {
            if !heading.is_empty() {
                text.push('\n');
            }
            let _ = writeln!(text, "{layer}");
            heading = layer;
        }
        match &row.constants {
            Constants::Proved(_) => proved_block(&mut text, row),
            Constants::Doubles(doubles) => line(&mut text, row, doubles, square, is_new),
            Constants::None(reason) => {
                let (s, d) = (&row.case.s, row.case.shape.width);
                let _ = writeln!(text, "  s = {s}, d = {d}: {reason}");
            }
        }
    }
    if rows.iter().any(|row| row.case.s.value == 0.0) {
        text.push_str("\ns = 0: the Lyapunov scale keeps E log‖x‖");
        if rows.iter().any(|row| row.dead_probability > 0.0) {
            text.push_str(" given survival (no layer's output being exactly 0)");
        }
        text.push_str("; the moment of order 0 is P(Q>0).\n");
    }
    if !square {
        text.push_str(
            "\nsigma keeps the norm's moment E‖x‖^s, sigma_rms that of the root-mean-square ‖x‖/√n.\n",
        );
    }
    text
}

fn line(text: &mut String, row: &Row, doubles: &Doubles, square: bool, is_new: bool) {
    let case = &row.case;
    let mut cells = vec![
        ("s", 8, case.s.to_string()),
        ("width d", 14, case.shape.width.to_string()),
        ("sigma(s,d)", 22, digits(doubles.sigma)),
        ("E[Q^(s/2)]", 22, digits(doubles.moment)),
        ("mu", 22, digits(doubles.growth)),
        ("v", 22, digits(doubles.log.variance)),
        ("P(Q=0)", 12, rough(row.dead_probability)),
    ];
    if !square {
        let fan_in = case.shape.fan_in.unwrap_or(case.shape.width).to_string();
        cells.insert(1, ("fan-in", 14, fan_in));
        cells.insert(4, ("sigma_rms", 22, digits(doubles.sigma_rms)));
        cells[2].0 = "fan-out d";
    }
    let aligned = |cell: &str, (name, width): (&str, usize)| match name {
        "s" | "fan-in" => format!("{cell:>width$} "),
        "width d" | "fan-out d" => format!("{cell:>width$}  "),
        _ => format!("{cell:<width$} "),
    };
    if is_new {
        let names: String = cells.iter().map(|c| aligned(c.0, (c.0, c.1))).collect();
        let _ = writeln!(text, "{}", names.trim_end());
    }
    let values: String = cells.iter().map(|c| aligned(&c.2, (c.0, c.1))).collect();
    let _ = writeln!(text, "{}", values.trim_end());
}

fn proved_block(text: &mut String, row: &Row) {
    let shape = row.case.shape;
    let inputs = shape
        .fan_in
        .map_or(String::new(), |n| format!(", fan-in {n}"));
    let _ = writeln!(text, "  s = {}, d = {}{inputs}", row.case.s, shape.width);
    for (name, digits) in columns(row, exact) {
        let _ = writeln!(text, "    {name:<10} {digits}");
    }
}

fn rough(probability: f64) -> String {
    if probability == 0.0 {
        "0".into()
    } else {
        format!("{probability:.4e}")
    }
}

/// 15 significant digits, in plain notation where that is short.
pub fn digits(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        return "0".into();
    }
    if (1e-4..1e6).contains(&size) {
        let before = if size >= 1.0 {
            size.log10().floor() as usize + 1
        } else {
            0
        };
        let leading = if size < 1.0 {
            (-size.log10()).floor() as usize
        } else {
            0
        };
        let after = (15 - before.min(15)) + leading;
        return format!("{value:.after$}");
    }
    format!("{value:.14e}")
}

/// A booktabs table; siunitx sets the numbers.
pub fn latex(rows: &[Row]) -> String {
    let headings = [
        "activation",
        "$s$",
        "$d$",
        "$\\sigma(s,d)$",
        "$\\mu$",
        "$v$",
    ];
    let cells = |row: &Row| {
        let numbers = match &row.constants {
            Constants::Doubles(doubles) => {
                [doubles.sigma, doubles.growth, doubles.log.variance].map(digits)
            }
            Constants::Proved(proved) => [
                proved.scale.clone(),
                proved.growth.clone(),
                proved.var_log.clone(),
            ],
            Constants::None(_) => Default::default(),
        };
        let case = [
            row.latex_name(),
            row.case.s.to_string(),
            row.case.shape.width.to_string(),
        ];
        let numbers = numbers.map(|digits| output::latex::number(&digits));
        case.into_iter().chain(numbers).collect()
    };
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    output::latex::tabular("l r r l l l", &headings.map(String::from), &rows)
}
