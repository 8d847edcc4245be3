//! `isomoment compare`: initialization schemes side by side.

use std::fmt::Write;

use serde_json::json;

use crate::cli::law_args::{LawArgs, Shape};
use crate::cli::number::Number;
use crate::cli::output::Listing;
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
    #[arg(long, value_name = "D", allow_negative_numbers = true)]
    width: Option<u64>,
    /// Depth at which small outputs are counted
    #[arg(
        long,
        value_name = "K",
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

/// A scheme and what it does.
struct Row {
    name: String,
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
            let mut text = String::from("scheme,sigma,growth,below,published_error\n");
            for row in &rows {
                let error = row.error.map_or(String::new(), |e| format!("{e:e}"));
                let (name, sigma) = (&row.name, row.sigma);
                let _ = writeln!(
                    text,
                    "{name},{sigma:?},{:?},{:?},{error}",
                    row.growth, row.below
                );
            }
            text
        }
        Listing::Json => {
            let objects: Vec<_> = rows
                .iter()
                .map(|row| {
                    json!({
                        "scheme": row.name, "sigma": row.sigma, "growth": row.growth,
                        "below": row.below, "published_error": row.error,
                    })
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
    let row = |(name, scheme): (String, Scheme)| -> Result<Row, Refusal> {
        let sigma = scheme.standard_deviation(activation, dropout, shape)?;
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
        Ok(Row {
            growth: match scheme {
                Scheme::Lyapunov => 0.0,
                // one difference: keeps its digits at large width
                Scheme::Fractional(s) => layer.log_growth(s)?,
                _ => sigma.ln() + mean,
            },
            name,
            sigma,
            below,
            error,
        })
    };
    schemes.into_iter().map(row).collect()
}

/// The published formula is for a fixed slope without dropout.
fn has_published_formula(activation: Activation, dropout: Dropout) -> bool {
    !matches!(activation, Activation::RandomizedLeakyRelu { .. }) && dropout == Dropout::NONE
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
    for row in rows {
        let error = row
            .error
            .map_or(String::new(), |e| format!("{:+.4} %", 100.0 * e));
        let line = format!(
            "{:<18} {:>18.12} {:>14.6e} {:>18.6e} {error:>18}",
            row.name, row.sigma, row.growth, row.below
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    if layer.dead_probability() > 0.0 {
        text.push_str(
            "\nmu is given survival; the probability counts networks that died as small.\n",
        );
    }
    if rows.iter().any(|row| row.error.is_some()) {
        text.push_str(
            "\nsigma off by: the published large-width formula against the exact scale.\n",
        );
    }
    text
}
