//! `isomoment compare`: initialization schemes side by side.

use std::fmt::Write;

use serde_json::json;

use crate::cli::compare_stable;
use crate::cli::count::count;
use crate::cli::law_args::{LawArgs, Shape};
use crate::cli::listing::Listing;
use crate::cli::number::Number;
use crate::cli::outcome::{Outcome, Refusal, print};
use crate::cli::shape_args::ShapeArgs;
use isomoment::Result as LawResult;
use isomoment::depth::DepthLaw;
use isomoment::init::{LayerShape, Scheme};
use isomoment::layer_law::{LayerLaw, Weights};

const EXAMPLES: &str = "Examples:
  isomoment compare --activation leaky-relu --slope 0.5 --moment 0.5,1 --width 64
  isomoment compare --activation relu --fan-in 784 --fan-out 64 --std 0.02
  isomoment compare --weights stable --alpha 1.5 --activation relu --moment 0.5,1 --width 64";

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
    #[command(flatten)]
    shape: ShapeArgs,
    /// Standard deviation of weights that you have: a row of their own
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    std: Option<Number>,
    /// Depth at which small outputs are counted (not with stable weights)
    #[arg(
        long,
        value_name = "K",
        value_parser = count,
        default_value_t = 50,
        allow_negative_numbers = true
    )]
    depth: u64,
    /// An output below this share of the input counts as small (not with stable weights)
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
    let shape = args.shape.shape()?;
    if let Some(units) = args.law.stable()? {
        if args.std.is_some() || shape.fan_in != shape.fan_out {
            let option = if args.std.is_some() { "std" } else { "fan-in" };
            return Err(Refusal(format!(
                "--{option} does not go with --weights stable"
            )));
        }
        let orders: Vec<f64> = args.moment.iter().map(|s| s.value).collect();
        return compare_stable::run(&units, shape.fan_out, &orders, args.format);
    }
    let units = args.law.units()?;
    let layer = units.law(Shape {
        width: shape.fan_out,
        fan_in: Some(shape.fan_in),
    })?;
    let orders: Vec<f64> = args.moment.iter().map(|s| s.value).collect();
    let rows = rows(args, &layer, shape, &orders)?;
    print(&match args.format {
        Listing::Table => table(args, &units.describe(), &layer, shape, &rows),
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

/// What is compared: a scheme, or weights that somebody has.
enum Choice {
    Scheme(Scheme),
    Given(f64),
}

fn choices(
    args: &Args,
    layer: &LayerLaw,
    orders: &[f64],
) -> Result<Vec<(String, Choice)>, Refusal> {
    let scheme = |name: &str, scheme| (name.to_owned(), Choice::Scheme(scheme));
    let mut choices = vec![scheme("Lyapunov", Scheme::Lyapunov)];
    for &s in orders {
        choices.push(scheme(&format!("fractional s={s}"), Scheme::Fractional(s)));
    }
    choices.extend([
        scheme("He", Scheme::He),
        scheme("random walk", Scheme::RandomWalk),
        scheme("LeCun", Scheme::LeCun),
        scheme("Glorot", Scheme::Glorot),
        scheme("framework default", Scheme::FrameworkDefault),
    ]);
    // the formula is for Gaussian weights; where it has no value, its row says so
    if layer.weights() == Weights::Gaussian {
        for &s in orders {
            choices.push(scheme(&format!("published s={s}"), Scheme::Published(s)));
        }
    }
    if let Some(std) = &args.std {
        choices.push((format!("std {std}"), Choice::Given(std.positive("std")?)));
    }
    Ok(choices)
}

/// Each choice with what it does in a stack of such layers, in terms of the root-mean-square, which
/// in square layers is that of the norm.
fn rows(
    args: &Args,
    layer: &LayerLaw,
    shape: LayerShape,
    orders: &[f64],
) -> Result<Vec<Row>, Refusal> {
    let choices = choices(args, layer, orders)?;
    // one inversion serves all schemes: they only shift the law
    let plain = DepthLaw::new(layer, 1.0, args.depth)?;
    let mean = layer.log_cumulants().mean;
    // the root-mean-square's factor where the norm's is 1
    let aspect = 0.5 * (shape.fan_in as f64 / shape.fan_out as f64).ln();
    let effect = |choice: &Choice, sigma: f64| -> Result<Effect, Refusal> {
        let growth = match choice {
            Choice::Scheme(Scheme::Lyapunov) => 0.0,
            // one difference: keeps its digits at large width
            Choice::Scheme(Scheme::Fractional(s)) => layer.log_growth(*s)?,
            _ => sigma.ln() + aspect + mean,
        };
        // the law is shifted by the depth times the rate's difference
        let shift = args.depth as f64 * (growth - mean);
        let (alive, dead) = (plain.survival_probability(), plain.dead_probability());
        let below = match args.below {
            epsilon if epsilon > 0.0 => dead + alive * plain.cdf(epsilon.ln() - shift)?,
            epsilon => plain.below(epsilon)?,
        };
        let error = match choice {
            Choice::Scheme(Scheme::Published(s)) => {
                let exact = layer.scale(*s)? * (-aspect).exp();
                Some(sigma / exact - 1.0)
            }
            _ => None,
        };
        Ok(Effect {
            sigma,
            growth,
            below,
            error,
        })
    };
    let row = |(name, choice): (String, Choice)| -> Result<Row, Refusal> {
        let outcome = match (sigma(&choice, layer, shape, aspect), &choice) {
            (Ok(sigma), _) => Ok(effect(&choice, sigma)?),
            // the scales of the layer's own law say what is wrong with the input
            (Err(error), Choice::Scheme(Scheme::Published(_))) => Err(error.to_string()),
            (Err(error), _) => return Err(error.into()),
        };
        Ok(Row { name, outcome })
    };
    choices.into_iter().map(row).collect()
}

/// σ: the standard deviation of Gaussian entries, the factor of an orthogonal matrix.
fn sigma(choice: &Choice, layer: &LayerLaw, shape: LayerShape, aspect: f64) -> LawResult<f64> {
    match choice {
        Choice::Given(std) => Ok(layer.scale_of_entries(*std)),
        Choice::Scheme(Scheme::Fractional(s)) => Ok(layer.scale(*s)? * (-aspect).exp()),
        Choice::Scheme(Scheme::Lyapunov) => Ok(layer.lyapunov_scale()? * (-aspect).exp()),
        Choice::Scheme(scheme) => {
            let (activation, dropout) = (layer.activation(), layer.dropout());
            scheme
                .standard_deviation(activation, dropout, shape)
                .map(|std| layer.scale_of_entries(std))
        }
    }
}

/// Small shares keep their digits: −1.5e-5 is −0.0015 %.
fn percent(share: f64) -> String {
    if share.abs() < 1e-4 {
        format!("{:+.2e} %", 100.0 * share)
    } else {
        format!("{:+.4} %", 100.0 * share)
    }
}

fn table(args: &Args, units: &str, layer: &LayerLaw, shape: LayerShape, rows: &[Row]) -> String {
    let small = format!("P(|x_{}| < {})", args.depth, args.below);
    let layers = match shape.fan_in == shape.fan_out {
        true => format!("width {}", shape.fan_out),
        false => format!("{} inputs, {} outputs", shape.fan_in, shape.fan_out),
    };
    let mut text = format!(
        "{units}, {layers}\n\n{:<18} {:>18} {:>14} {:>18} {:>18}\n",
        "scheme", "sigma", "mu", small, "sigma off by"
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
    if shape.fan_in != shape.fan_out {
        text.push_str(
            "\nmu and the probability are of the root-mean-square, in a stack of layers of this law.\n",
        );
    }
    if layer.weights() == Weights::Orthogonal {
        text.push_str("\nsigma is the factor of the orthogonal matrix.\n");
    }
    let published = |row: &Row| row.outcome.as_ref().is_ok_and(|e| e.error.is_some());
    if rows.iter().any(published) {
        text.push_str(
            "\nsigma off by: the published large-width formula against the exact scale.\n",
        );
    }
    text
}
