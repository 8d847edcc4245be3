//! `isomoment compare`: initialization schemes side by side.

use std::fmt::Write;

use serde_json::json;

use crate::cli::count::count;
use crate::cli::law_args::{LawArgs, Shape};
use crate::cli::listing::Listing;
use crate::cli::number::Number;
use crate::cli::{Outcome, Refusal, print};
use isomoment::activation::{Activation, Dropout};
use isomoment::depth::DepthLaw;
use isomoment::init::{LayerShape, Scheme};
use isomoment::layer_law::{LayerLaw, Weights};

const EXAMPLES: &str = "Example:
  isomoment compare --activation leaky-relu --slope 0.5 --moment 0.5,1 --width 64";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    law: LawArgs,
    /// Moment orders s of the fractional scheme and the published formula
    #[arg(
        long,
        value_name = "S",
        value_delimiter = ',',
        default_value = "0.5,1",
        allow_negative_numbers = true
    )]
    moment: Vec<Number>,
    /// Width d
    #[arg(long, value_name = "D", value_parser = count, allow_negative_numbers = true)]
    width: Option<u64>,
    /// Depth at which small outputs are counted
    #[arg(
        long,
        value_name = "K",
        value_parser = count,
        default_value_t = 50,
        allow_negative_numbers = true
    )]
    depth: u64,
    /// An output below this share of the input counts as small
    #[arg(
        long,
        value_name = "EPS",
        default_value_t = 0.01,
        allow_negative_numbers = true
    )]
    below: f64,
    /// Form of the output
    #[arg(long, default_value = "table")]
    format: Listing,
}

/// A scheme and what it does, or why it has no value here.
struct Row {
    name: String,
    outcome: Result<Effect, String>,
}

/// What a scale does.
struct Effect {
    sigma: f64,
    /// μ, given survival.
    growth: f64,
    /// P(‖x_k‖ ≤ ε‖x₀‖), death included.
    below: f64,
    /// Relative error of σ against the exact one, for the published formula.
    error: Option<f64>,
}

pub fn run(args: &Args) -> Outcome {
    let units = args.law.units()?;
    if units.weights == Weights::Orthogonal {
        return Err(Refusal(
            "--weights is orthogonal; compare speaks of gaussian weights".into(),
        ));
    }
    let width = args.width.ok_or_else(|| Refusal::missing("width"))?;
    let layer = units.law(Shape {
        width,
        fan_in: None,
    })?;
    let orders: Vec<f64> = args.moment.iter().map(|s| s.value).collect();
    let rows = rows(args, &layer, &orders)?;
    print(&match args.format {
        Listing::Table => table(args, &units.describe(), &layer, &rows),
        Listing::Csv => {
            let mut text = String::from("scheme,sigma,growth,below,published_error,no_value\n");
            for Row { name, outcome } in &rows {
                let _ = match outcome {
                    Ok(effect) => {
                        let Effect {
                            sigma,
                            growth,
                            below,
                            error,
                        } = effect;
                        let error = error.map_or(String::new(), |e| format!("{e:e}"));
                        writeln!(text, "{name},{sigma:?},{growth:?},{below:?},{error},")
                    }
                    // messages have no quotes
                    Err(reason) => writeln!(text, "{name},,,,,\"{reason}\""),
                };
            }
            text
        }
        Listing::Json => {
            let objects: Vec<_> = rows
                .iter()
                .map(|Row { name, outcome }| match outcome {
                    Ok(effect) => json!({
                        "scheme": name, "sigma": effect.sigma, "growth": effect.growth,
                        "below": effect.below, "published_error": effect.error,
                    }),
                    Err(reason) => json!({ "scheme": name, "no_value": reason }),
                })
                .collect();
            serde_json::to_string_pretty(&objects)? + "\n"
        }
    })
}

fn rows(args: &Args, layer: &LayerLaw, orders: &[f64]) -> Result<Vec<Row>, Refusal> {
    let (activation, dropout) = (layer.activation(), layer.dropout());
    let mut schemes = vec![("Lyapunov".to_owned(), Scheme::Lyapunov)];
    for &s in orders {
        schemes.push((format!("fractional s={s}"), Scheme::Fractional(s)));
    }
    schemes.extend([
        ("He".to_owned(), Scheme::He),
        ("random walk".to_owned(), Scheme::RandomWalk),
        ("LeCun".to_owned(), Scheme::LeCun),
        ("Glorot".to_owned(), Scheme::Glorot),
    ]);
    if has_published_formula(activation, dropout) {
        for &s in orders.iter().filter(|&&s| s <= 2.0) {
            schemes.push((format!("published s={s}"), Scheme::Published(s)));
        }
    }
    // one inversion serves all schemes: they only shift the law
    let plain = DepthLaw::new(layer, 1.0, args.depth)?;
    let shape = LayerShape::square(layer.width());
    let mean = layer.log_cumulants().mean;
    let effect = |scheme: Scheme, sigma: f64| -> Result<Effect, Refusal> {
        // ‖x_k‖ is proportional to σ^k
        let scaled = args.below.ln() - args.depth as f64 * sigma.ln();
        let (alive, dead) = (plain.survival_probability(), plain.dead_probability());
        let below = match args.below {
            epsilon if epsilon > 0.0 => dead + alive * plain.cdf(scaled)?,
            epsilon => plain.below(epsilon)?,
        };
        let error = match scheme {
            Scheme::Published(s) => Some(sigma / layer.scale(s)? - 1.0),
            _ => None,
        };
        Ok(Effect {
            growth: match scheme {
                Scheme::Lyapunov => 0.0,
                // one difference: keeps its digits at large width
                Scheme::Fractional(s) => layer.log_growth(s)?,
                _ => sigma.ln() + mean,
            },
            sigma,
            below,
            error,
        })
    };
    let row = |(name, scheme): (String, Scheme)| -> Result<Row, Refusal> {
        let outcome = match scheme.standard_deviation(activation, dropout, shape) {
            Ok(sigma) => Ok(effect(scheme, sigma)?),
            // the scales of the layer's own law say what is wrong with the input
            Err(error) if matches!(scheme, Scheme::Published(_)) => Err(error.to_string()),
            Err(error) => return Err(error.into()),
        };
        Ok(Row { name, outcome })
    };
    schemes.into_iter().map(row).collect()
}

/// The published formula is for a fixed slope without dropout.
fn has_published_formula(activation: Activation, dropout: Dropout) -> bool {
    !matches!(activation, Activation::RandomizedLeakyRelu { .. }) && dropout == Dropout::NONE
}

/// Small shares keep their digits: −1.5e-5 is −0.0015 %.
fn percent(share: f64) -> String {
    if share.abs() < 1e-4 {
        format!("{:+.2e} %", 100.0 * share)
    } else {
        format!("{:+.4} %", 100.0 * share)
    }
}

fn table(args: &Args, units: &str, layer: &LayerLaw, rows: &[Row]) -> String {
    let small = format!("P(|x_{}| < {})", args.depth, args.below);
    let mut text = format!(
        "{units}, width {}\n\n{:<18} {:>18} {:>14} {:>18} {:>18}\n",
        layer.width(),
        "scheme",
        "sigma",
        "mu",
        small,
        "sigma off by"
    );
    for Row { name, outcome } in rows {
        let line = match outcome {
            Ok(effect) => {
                let off = effect.error.map_or(String::new(), percent);
                format!(
                    "{name:<18} {:>18.12} {:>14.6e} {:>18.6e} {off:>18}",
                    effect.sigma, effect.growth, effect.below
                )
            }
            Err(reason) => format!("{name:<18} no value: {reason}"),
        };
        let _ = writeln!(text, "{}", line.trim_end());
    }
    if layer.dead_probability() > 0.0 {
        text.push_str(
            "\nmu is given survival; the probability counts networks that died as small.\n",
        );
    }
    let published = |row: &Row| row.outcome.as_ref().is_ok_and(|e| e.error.is_some());
    if rows.iter().any(published) {
        text.push_str(
            "\nsigma off by: the published large-width formula against the exact scale.\n",
        );
    }
    text
}
