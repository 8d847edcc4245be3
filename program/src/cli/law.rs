//! `isomoment law`: the exact law of log(‖x_k‖/‖x₀‖) at a finite depth.

use std::fmt::Write;

use serde_json::json;

use crate::cli::block_args::{BlockArgs, Blocks};
use crate::cli::count::count;
use crate::cli::law_args::{LawArgs, Shape, Units};
use crate::cli::listing::Listing;
use crate::cli::outcome::{Outcome, Refusal, print};
use crate::cli::scale_args::ScaleArgs;
use isomoment::depth::DepthLaw;
use isomoment::init::LayerShape;
use isomoment::layer_law::LayerLaw;

const EXAMPLES: &str = "Examples:
  isomoment law --activation relu --moment 1 --width 64 --depth 50 --cdf=-1,0,1
  isomoment law --activation relu --moment 1 --width 64 --depth 50 --quantile 0.05,0.5,0.95
  isomoment law --activation relu --moment 2 --width 64 --depth 50 --below 0.01
  isomoment law --activation relu --scheme framework-default --width 64 --depth 50 --quantile 0.5
  isomoment law --residual --branch 1e-4 --hidden 64 --activation relu --width 8 --depth 9 --below 1";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
#[command(group = clap::ArgGroup::new("asked").required(true))]
pub struct Args {
    #[command(flatten)]
    law: LawArgs,
    #[command(flatten)]
    scale: ScaleArgs,
    #[command(flatten)]
    residual: BlockArgs,
    /// Width d
    #[arg(long, value_name = "D", value_parser = count, allow_negative_numbers = true)]
    width: Option<u64>,
    /// Depth k
    #[arg(long, value_name = "K", value_parser = count, allow_negative_numbers = true)]
    depth: u64,
    /// Probability that x = log(‖x_k‖/‖x₀‖) is at most X, given survival
    #[arg(
        long,
        value_name = "X",
        value_delimiter = ',',
        allow_hyphen_values = true,
        group = "asked"
    )]
    cdf: Vec<f64>,
    /// The x that is not exceeded with probability P, given survival
    #[arg(long, value_name = "P", value_delimiter = ',', group = "asked")]
    quantile: Vec<f64>,
    /// Probability that ‖x_k‖ ≤ EPS·‖x₀‖, death included
    #[arg(long, value_name = "EPS", value_delimiter = ',', group = "asked")]
    below: Vec<f64>,
    /// Form of the output
    #[arg(long, default_value = "table")]
    format: Listing,
}

pub fn run(args: &Args) -> Outcome {
    let units = args.law.units()?;
    let width = args.width.ok_or_else(|| Refusal::missing("width"))?;
    let (law, steps) = match args.residual.blocks() {
        Some(blocks) => (
            of_blocks(args, &blocks, &units, width)?,
            blocks.describe(&units),
        ),
        None => (of_layers(args, &units, width)?, units.describe()),
    };
    let dead = law.dead_probability();
    let (names, rows) = rows(args, &law)?;
    print(&match args.format {
        Listing::Csv => {
            let mut text = format!("{},{},dead_probability\n", names[0], names[1]);
            for [a, b] in rows {
                let _ = writeln!(text, "{a:?},{b:?},{dead:?}");
            }
            text
        }
        Listing::Json => {
            let rows: Vec<_> = rows
                .iter()
                .map(|[a, b]| json!({names[0]: a, names[1]: b, "dead_probability": dead}))
                .collect();
            serde_json::to_string_pretty(&rows)? + "\n"
        }
        Listing::Table => {
            let (mean, variance) = law.moments();
            let mut text = format!(
                "{steps}, {}d = {width}, k = {}\nx = log(‖x_k‖/‖x₀‖) given survival: mean {}, standard deviation {}\n\
                 P(x_k = 0) = {dead:.6e}\n\n{:>22} {:>22}\n",
                scale(&args.scale),
                args.depth,
                rounded(mean),
                rounded(variance.sqrt()),
                names[0],
                names[1]
            );
            for [a, b] in rows {
                let _ = writeln!(text, "{a:>22} {b:>22.12e}");
            }
            text
        }
    })
}

/// What scales the steps, before what follows it.
fn scale(args: &ScaleArgs) -> String {
    match args.describe() {
        nothing if nothing.is_empty() => nothing,
        scale => scale + ", ",
    }
}

fn of_layers(args: &Args, units: &Units, width: u64) -> Result<DepthLaw, Refusal> {
    let layer = units.law(Shape {
        width,
        fan_in: None,
    })?;
    Ok(match (layer_scale(args, &layer)?, &args.scale.moment) {
        (Some(sigma), _) => DepthLaw::new(&layer, sigma, args.depth)?,
        (None, Some(moment)) => DepthLaw::preserving(&layer, moment.value, args.depth)?,
        (None, None) => return Err(Refusal::missing("moment")),
    })
}

/// Without `--moment` nothing is done to the sum of skip and branch.
fn of_blocks(args: &Args, blocks: &Blocks, units: &Units, width: u64) -> Result<DepthLaw, Refusal> {
    if let Some(option) = args.scale.of_entries_by() {
        let allowed = "for layers; residual blocks take --branch, and --moment for a skip scale";
        return Err(Refusal(format!("--{option} is {allowed}")));
    }
    let block = &blocks.laws(units, &[width])?[0];
    Ok(match args.scale.moment.as_ref().map(|s| s.value) {
        None => DepthLaw::new(block, 1.0, args.depth)?,
        // keeps E log‖x‖
        Some(0.0) => DepthLaw::new(block, (-block.log_cumulants().mean).exp(), args.depth)?,
        Some(s) => DepthLaw::preserving(block, s, args.depth)?,
    })
}

/// σ where it is not a moment's.
fn layer_scale(args: &Args, layer: &LayerLaw) -> Result<Option<f64>, Refusal> {
    if args.scale.moment.as_ref().is_some_and(|s| s.value == 0.0) {
        return Ok(Some(layer.lyapunov_scale()?));
    }
    let shape = LayerShape::square(layer.width());
    args.scale.of_entries(layer, shape)
}

/// Six decimals, or as many digits where those would be zeros.
fn rounded(x: f64) -> String {
    match x.abs() {
        size if size == 0.0 || (1e-3..1e6).contains(&size) => format!("{x:.6}"),
        _ => format!("{x:.6e}"),
    }
}

type Rows = ([&'static str; 2], Vec<[f64; 2]>);

/// What was asked for: the names of two columns, and the rows.
fn rows(args: &Args, law: &DepthLaw) -> Result<Rows, Refusal> {
    let (names, arguments) = if !args.cdf.is_empty() {
        (["x", "cdf"], &args.cdf)
    } else if !args.quantile.is_empty() {
        (["probability", "x"], &args.quantile)
    } else {
        (["epsilon", "below"], &args.below)
    };
    let value = |&argument: &f64| -> Result<[f64; 2], Refusal> {
        let value = match names[0] {
            "x" => law.cdf(argument),
            "probability" => law.quantile(argument),
            _ => law.below(argument),
        };
        Ok([argument, value?])
    };
    let rows: Result<Vec<_>, _> = arguments.iter().map(value).collect();
    Ok((names, rows?))
}
