//! `isomoment compare --weights stable`: scales of α-stable weights side by side.

use std::fmt::Write;

use isomoment::{Result, StableLaw};
use serde_json::json;

use crate::cli::law_args::StableUnits;
use crate::cli::listing::Listing;
use crate::cli::outcome::{Outcome, print};

const NOTE: &str = "
sigma is the scale of the weights, with the characteristic function exp(−|sigma·t|^alpha); mu, given
survival, is of log‖x‖ in the norm ‖x‖ = (Σ|xᵢ|^alpha)^(1/alpha).
sigma off by: against the exact scale of that order.\n";

/// A scale, or why it has none here.
struct Row {
    name: String,
    outcome: std::result::Result<Effect, String>,
}

struct Effect {
    sigma: f64,
    /// μ, given survival.
    growth: f64,
    /// Relative error against the exact scale that it stands for.
    error: Option<f64>,
}

/// The scales for these orders in layers of this width.
pub fn run(units: &StableUnits, width: u64, orders: &[f64], format: Listing) -> Outcome {
    let law = units.law(width)?;
    let rows = rows(&law, orders)?;
    print(&match format {
        Listing::Table => table(&format!("{}, width {width}", units.describe()), &rows),
        Listing::Csv => csv(&rows),
        Listing::Json => {
            let objects: Vec<_> = rows.iter().map(json_of).collect();
            serde_json::to_string_pretty(&objects)? + "\n"
        }
    })
}

fn rows(law: &StableLaw, orders: &[f64]) -> Result<Vec<Row>> {
    let mean = law.log_cumulants().mean;
    let effect = |sigma: f64, growth: f64, error| Effect {
        sigma,
        growth,
        error,
    };
    let mut rows = vec![Row {
        name: "Lyapunov".into(),
        outcome: Ok(effect(law.lyapunov_scale()?, 0.0, None)),
    }];
    for &s in orders {
        rows.push(Row {
            name: format!("fractional s={s}"),
            // one difference: keeps its digits at large width
            outcome: Ok(effect(law.scale(s)?, law.log_growth(s)?, None)),
        });
    }
    for &s in orders {
        let exact = law.scale(s)?;
        let approximations = [
            ("expansion", law.scale_expansion(s)),
            ("infinite width", law.infinite_width_scale()),
        ];
        for (name, sigma) in approximations {
            let outcome = sigma.map(|sigma| {
                let off = sigma / exact - 1.0;
                effect(sigma, sigma.ln() + mean, Some(off))
            });
            rows.push(Row {
                name: format!("{name} s={s}"),
                outcome: outcome.map_err(|error| error.to_string()),
            });
        }
    }
    Ok(rows)
}

fn csv(rows: &[Row]) -> String {
    let mut text = String::from("scheme,sigma,growth,off_by,no_value\n");
    for Row { name, outcome } in rows {
        let _ = match outcome {
            Ok(effect) => {
                let off = effect.error.map_or(String::new(), |e| format!("{e:e}"));
                writeln!(text, "{name},{:?},{:?},{off},", effect.sigma, effect.growth)
            }
            // messages have no quotes
            Err(reason) => writeln!(text, "{name},,,,\"{reason}\""),
        };
    }
    text
}

fn json_of(row: &Row) -> serde_json::Value {
    match &row.outcome {
        Ok(effect) => json!({
            "scheme": row.name, "sigma": effect.sigma, "growth": effect.growth,
            "off_by": effect.error,
        }),
        Err(reason) => json!({ "scheme": row.name, "no_value": reason }),
    }
}

fn table(title: &str, rows: &[Row]) -> String {
    let mut text = format!(
        "{title}\n\n{:<22} {:>20} {:>14} {:>16}\n",
        "scheme", "sigma", "mu", "sigma off by"
    );
    for Row { name, outcome } in rows {
        let line = match outcome {
            Ok(effect) => {
                let off = effect
                    .error
                    .map_or(String::new(), |e| format!("{:+.4} %", 100.0 * e));
                format!(
                    "{name:<22} {:>20.12e} {:>14.6e} {off:>16}",
                    effect.sigma, effect.growth
                )
            }
            Err(reason) => format!("{name:<22} no value: {reason}"),
        };
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text + NOTE
}
