//! `isomoment constants`: the constants of a layer, for lists of moments and
//! widths or for the rows of a file.

mod grid;
mod output;
mod residual;
mod stable;

use std::path::PathBuf;

use crate::cli::block_args::BlockArgs;
use crate::cli::case::{Case, Constants, Row};
use crate::cli::count::count;
use crate::cli::form::Form;
use crate::cli::law_args::{LawArgs, Shape};
use crate::cli::number::Number;
use crate::cli::outcome::{Outcome, Refusal, print};

const EXAMPLES: &str = "Examples:
  isomoment constants --activation relu --moment 0.5,1,2 --width 64,256
  isomoment constants --activation rrelu --moment 1 --width 64 --digits 50
  isomoment constants --activation relu --moment 0 --fan-in 784 --fan-out 64
  isomoment constants --grid cases.csv --format csv
  isomoment constants --residual --branch 0.0002 --hidden 64 --activation relu --moment 1 --width 64
  isomoment constants --weights stable --alpha 1.5 --activation relu --moment 0.5,1 --width 64,256";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    law: LawArgs,
    #[command(flatten)]
    residual: BlockArgs,
    /// Moment orders s, 0 < s ≤ 8 (rrelu and --digits: 3; stable weights: s < α); 0 for the
    /// Lyapunov scale, which keeps E log‖x‖
    #[arg(
        long,
        value_name = "S",
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    moment: Vec<Number>,
    /// Widths d
    #[arg(
        long,
        value_name = "D",
        value_parser = count,
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    width: Vec<u64>,
    /// Inputs of a rectangular layer
    #[arg(long, value_name = "N", value_parser = count, requires = "fan_out", conflicts_with_all = ["width", "residual"])]
    fan_in: Option<u64>,
    /// Outputs of a rectangular layer
    #[arg(long, value_name = "N", value_parser = count, requires = "fan_in", conflicts_with_all = ["width", "residual"])]
    fan_out: Option<u64>,
    /// Print this many proved digits, 1 to 1000
    #[arg(long, value_name = "N", conflicts_with = "residual")]
    digits: Option<usize>,
    /// CSV file with a case per row: columns activation, width, s and, where they are not the
    /// defaults, slope, lower, upper, keep, fan_in
    #[arg(long, value_name = "FILE", conflicts_with_all = ["activation", "moment", "width", "fan_in", "slope", "lower", "upper", "keep", "residual"])]
    grid: Option<PathBuf>,
    /// Of a grid's rows without a value write the reason, in a column `error`; exit 1 at the end
    #[arg(long, requires = "grid")]
    keep_going: bool,
    /// Form of the output
    #[arg(long, default_value = "table")]
    format: Form,
}

impl Args {
    /// The orders and widths, neither of which may be missing.
    fn orders_and_widths(&self) -> Result<(&[Number], &[u64]), Refusal> {
        if self.moment.is_empty() {
            return Err(Refusal::missing("moment"));
        }
        if self.width.is_empty() {
            return Err(Refusal::missing("width"));
        }
        Ok((&self.moment, &self.width))
    }
}

pub fn run(args: &Args) -> Outcome {
    if let Some(units) = args.law.stable()? {
        return stable::run(args, &units);
    }
    if let Some(blocks) = args.residual.blocks() {
        return residual::run(args, &blocks);
    }
    let rows: Result<Vec<Row>, Refusal> = match &args.grid {
        Some(path) => {
            let lines = grid::read(path, &args.law)?;
            let row = |line: grid::Line| {
                let number = line.number;
                row(line.case, args).map_err(|reason| {
                    Refusal(format!("{}, line {number}: {reason}", path.display()))
                })
            };
            lines.into_iter().map(row).collect()
        }
        None => listed(args)?
            .into_iter()
            .map(|case| row(case, args))
            .collect(),
    };
    let rows = rows?;
    print(&match args.format {
        Form::Table => output::table(&rows),
        Form::Csv => output::csv(&rows, args.keep_going),
        Form::Json => output::json(&rows)?,
        Form::Latex => output::latex(&rows),
    })?;
    Ok(!rows
        .iter()
        .any(|row| matches!(row.constants, Constants::None(_))))
}

/// The case's constants, or with `--keep-going` why it has none.
fn row(case: Case, args: &Args) -> Result<Row, Refusal> {
    if !args.keep_going {
        return case.constants(args.digits);
    }
    match case.clone().constants(args.digits) {
        Err(Refusal(reason)) => Ok(Row::without_constants(case, reason)),
        found => found,
    }
}

fn listed(args: &Args) -> Result<Vec<Case>, Refusal> {
    let units = args.law.units()?;
    if args.moment.is_empty() {
        return Err(Refusal::missing("moment"));
    }
    let square = |&width| Shape {
        width,
        fan_in: None,
    };
    let shapes: Vec<Shape> = match (args.fan_in, args.fan_out) {
        (Some(fan_in), Some(width)) => vec![Shape {
            width,
            fan_in: Some(fan_in),
        }],
        _ => args.width.iter().map(square).collect(),
    };
    if shapes.is_empty() {
        return Err(Refusal::missing("width"));
    }
    let mut cases = Vec::new();
    for &shape in &shapes {
        for s in &args.moment {
            cases.push(Case {
                units: units.clone(),
                shape,
                s: s.clone(),
            });
        }
    }
    Ok(cases)
}
