//! `isomoment diagnose`: what weights that somebody has do at depth.

use std::fmt::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use isomoment::diagnosis::{Diagnosis, Rate};
use serde_json::json;

use crate::cli::count::count;
use crate::cli::law_args::{LawArgs, Shape};
use crate::cli::outcome::{Outcome, Refusal, print};
use crate::cli::scale_args::ScaleArgs;
use crate::cli::shape_args::ShapeArgs;
use crate::report;

const EXAMPLES: &str = "Examples:
  isomoment diagnose --activation relu --width 64 --depth 50 --std 0.1
  isomoment diagnose --activation relu --width 64 --depth 50 --scheme framework-default
  isomoment diagnose --activation relu --width 64 --depth 50 --scheme he --picture he.png
  isomoment diagnose --activation leaky-relu --fan-in 784 --fan-out 64 --depth 20 --scheme glorot";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    law: LawArgs,
    #[command(flatten)]
    scale: ScaleArgs,
    #[command(flatten)]
    shape: ShapeArgs,
    /// Depth k
    #[arg(long, value_name = "K", value_parser = count, default_value = "50", allow_negative_numbers = true)]
    depth: u64,
    /// Outputs below EPS times the input have vanished, above 1/EPS times exploded
    #[arg(
        long,
        value_name = "EPS",
        default_value_t = 1e-6,
        allow_negative_numbers = true
    )]
    below: f64,
    /// Also draw the law by depth, to this PNG or SVG
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
    /// Form of the output
    #[arg(long, default_value = "table")]
    format: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Table,
    Json,
}

pub fn run(args: &Args) -> Outcome {
    let units = args.law.units()?;
    let shape = args.shape.shape()?;
    if !(args.below > 0.0 && args.below < 1.0) {
        let below = args.below;
        return Err(Refusal(format!(
            "--below is {below}; it must be between 0 and 1"
        )));
    }
    let layer = units.law(Shape {
        width: shape.fan_out,
        fan_in: Some(shape.fan_in),
    })?;
    let aspect = (shape.fan_out as f64 / shape.fan_in as f64).sqrt();
    let sigma = match args.scale.of_entries(&layer, shape)? {
        Some(sigma) => sigma,
        None => {
            let of_norm = args
                .scale
                .of_moment(&layer)?
                .ok_or_else(|| Refusal("--std is missing; give it, --scheme or --moment".into()))?;
            of_norm * aspect
        }
    };
    let entries = sigma / layer.scale_of_entries(1.0);
    let found = Diagnosis::new(&layer, entries, args.depth)?;
    let square = shape.fan_in == shape.fan_out;
    let facts = Facts::of(&found, args, (square, entries))?;
    let layers = match square {
        true => format!("{} layers of width {}", args.depth, shape.fan_out),
        false => {
            let (inputs, outputs) = (shape.fan_in, shape.fan_out);
            format!(
                "{} layers of {inputs} inputs and {outputs} outputs",
                args.depth
            )
        }
    };
    let of = format!("{}, {layers}, {}", units.describe(), args.scale.describe());
    if let Some(path) = &args.picture {
        report::diagnosis::draw(&found, &of, args.below, path)
            .map_err(|e| Refusal(format!("--{e}")))?;
    }
    print(&match args.format {
        Form::Table => facts.table(&of, args),
        Form::Json => serde_json::to_string_pretty(&facts.json(&of, args))? + "\n",
    })
}

/// What is printed.
struct Facts {
    square: bool,
    std: f64,
    order: Option<f64>,
    dead: f64,
    vanished: f64,
    exploded: f64,
    band: (f64, f64, f64),
    forward: Rate,
    backward: Option<Rate>,
    layers: Option<f64>,
}

impl Facts {
    fn of(found: &Diagnosis, args: &Args, (square, std): (bool, f64)) -> isomoment::Result<Self> {
        let (vanished, exploded) = found.beyond(args.below)?;
        Ok(Self {
            square,
            std,
            order: found.preserved_order(),
            dead: found.law().dead_probability(),
            vanished,
            exploded,
            band: found.band(0.9)?,
            forward: found.forward(),
            backward: found.backward(),
            layers: found.forward().layers_to(args.below),
        })
    }

    fn table(&self, of: &str, args: &Args) -> String {
        let (k, epsilon) = (args.depth, args.below);
        let (low, median, high) = self.band;
        let order = match self.order {
            Some(order) => number(order),
            None if self.forward.growth < 0.0 => {
                let about = -2.0 * self.forward.growth / self.forward.variance;
                format!("about {about:.0} (−2·rate/variance: beyond what is computed exactly)")
            }
            None => "none: the typical signal grows".into(),
        };
        let layers = self
            .layers
            .map_or("never".into(), |layers| format!("{layers:.1}"));
        let mut text = format!("{of}\n\n");
        let mut line = |name: String, value: String| {
            let _ = writeln!(text, "{name:<46} {value}");
        };
        line("standard deviation of the weights".into(), number(self.std));
        line("moment order s that they keep".into(), order);
        line(
            "growth rate of the log-norm per layer".into(),
            number(self.forward.growth),
        );
        line(
            "its variance per layer".into(),
            number(self.forward.variance),
        );
        line(format!("median of ‖x_{k}‖/‖x₀‖"), factor(median));
        line(
            "90 % of networks between".into(),
            format!("{} and {}", factor(low), factor(high)),
        );
        line(format!("P(x_{k} = 0)"), chance(self.dead));
        line(
            format!("P(‖x_{k}‖ ≤ {epsilon:e}·‖x₀‖), death included"),
            chance(self.vanished),
        );
        line(
            format!("P(‖x_{k}‖ > ‖x₀‖/{epsilon:e})"),
            chance(self.exploded),
        );
        line(
            format!("layers until ‖x‖ has typically fallen to {epsilon:e}"),
            layers,
        );
        match self.backward {
            Some(rate) if rate == self.forward => {
                line("gradients".into(), "the same law, backwards (T11)".into());
            }
            Some(rate) => {
                line(
                    "growth rate of gradients per layer".into(),
                    number(rate.growth),
                );
                line("its variance per layer".into(), number(rate.variance));
            }
            None => {}
        }
        if !self.square {
            text += "\n‖·‖ is the root-mean-square here, and the layers a stack of this law.\n";
        }
        text + "\nrates, median and band given survival; gaussian or orthogonal weights are meant: uniform\n\
                and truncated ones of this standard deviation share only the second moment (simulate draws them).\n"
    }

    fn json(&self, of: &str, args: &Args) -> serde_json::Value {
        let rate = |rate: Rate| json!({ "growth": rate.growth, "variance": rate.variance });
        let (low, median, high) = self.band;
        json!({
            "of": of,
            "depth": args.depth,
            "std": self.std,
            "preserved_order": self.order,
            "forward": rate(self.forward),
            "backward": self.backward.map(rate),
            "log_median": median,
            "log_quantile_05": low,
            "log_quantile_95": high,
            "dead_probability": self.dead,
            "below": args.below,
            "vanished": self.vanished,
            "exploded": self.exploded,
            "layers_to_below": self.layers,
        })
    }
}

/// e to this power, also where no double holds it.
fn factor(log: f64) -> String {
    match log.abs() {
        0.0..700.0 => number(log.exp()),
        _ => format!("e^{log:.2}"),
    }
}

/// Tails have their digits down to 1e-30.
fn chance(probability: f64) -> String {
    match probability {
        0.0 => "0".into(),
        x if x < 1e-30 => "below 1e-30".into(),
        x => number(x),
    }
}

/// Six digits.
fn number(x: f64) -> String {
    match x.abs() {
        0.0 => "0".into(),
        1e-3..1e5 => {
            let decimals = (5 - x.abs().log10().floor() as i32).max(0) as usize;
            format!("{x:.decimals$}")
        }
        _ => format!("{x:.5e}"),
    }
}
