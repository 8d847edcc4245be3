//! `isomoment constants`: the constants of a layer, for lists of moments and
//! widths or for the rows of a file.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::cli::law_args::{LawArgs, Shape, Units};
use crate::cli::number::Number;
use crate::cli::{Outcome, Refusal, grid, output, print};
use isomoment::Result;
use isomoment::layer_law::LogCumulants;
use isomoment::layer_law::certified::{ExactConstants, ExactLayer};

const EXAMPLES: &str = "Examples:
  isomoment constants --activation relu --moment 0.5,1,2 --width 64,256
  isomoment constants --activation rrelu --moment 1 --width 64 --digits 50
  isomoment constants --activation relu --moment 0 --fan-in 784 --fan-out 64
  isomoment constants --grid cases.csv --format csv";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    law: LawArgs,
    /// Moment orders s, 0 < s ≤ 8 (rrelu and --digits: 3); 0 for the Lyapunov scale, which keeps E log‖x‖
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
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    width: Vec<u64>,
    /// Inputs of a rectangular layer
    #[arg(long, value_name = "N", requires = "fan_out", conflicts_with = "width")]
    fan_in: Option<u64>,
    /// Outputs of a rectangular layer
    #[arg(long, value_name = "N", requires = "fan_in", conflicts_with = "width")]
    fan_out: Option<u64>,
    /// Print this many proved digits, 1 to 1000
    #[arg(long, value_name = "N")]
    digits: Option<usize>,
    /// CSV file with a case per row: activation,slope,lower,upper,keep,width,s
    #[arg(long, value_name = "FILE", conflicts_with_all = ["activation", "moment", "width", "fan_in", "slope", "lower", "upper", "keep"])]
    grid: Option<PathBuf>,
    /// Form of the output
    #[arg(long, default_value = "table")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Csv,
    Json,
    Latex,
}

/// What a row is about.
#[derive(Debug, Clone)]
pub struct Case {
    pub units: Units,
    pub shape: Shape,
    pub s: Number,
}

/// One case and its constants.
pub struct Row {
    pub case: Case,
    pub dead_probability: f64,
    pub constants: Constants,
}

/// The constants as doubles, or as proved digits.
pub enum Constants {
    Doubles(Doubles),
    Proved(ExactConstants),
}

pub struct Doubles {
    pub moment: f64,
    /// Keeps the norm's moment.
    pub sigma: f64,
    /// Keeps the root-mean-square's.
    pub sigma_rms: f64,
    pub log: LogCumulants,
    /// log σ + mean: the growth rate of the log-norm at σ.
    pub growth: f64,
}

impl Case {
    /// The constants, to `digits` proved ones if that is given.
    pub fn constants(self, digits: Option<usize>) -> std::result::Result<Row, Refusal> {
        let law = self.units.law(self.shape)?;
        let constants = match digits {
            Some(digits) => {
                let layer = self.units.exact(self.shape)?;
                Constants::Proved(self.proved(&layer, digits)?)
            }
            None => Constants::Doubles(self.doubles()?),
        };
        Ok(Row {
            case: self,
            dead_probability: law.dead_probability(),
            constants,
        })
    }

    fn proved(
        &self,
        layer: &ExactLayer,
        digits: usize,
    ) -> std::result::Result<ExactConstants, Refusal> {
        let s = self.s.exact()?;
        let order = (self.s.value != 0.0).then_some(&s);
        Ok(layer.constants(order, digits)?)
    }

    fn doubles(&self) -> Result<Doubles> {
        let law = self.units.law(self.shape)?;
        let s = self.s.value;
        let (moment, sigma, growth) = if s == 0.0 {
            (1.0 - law.dead_probability(), law.lyapunov_scale()?, 0.0)
        } else {
            (law.moment(s)?, law.scale(s)?, law.log_growth(s)?)
        };
        let fan_in = self.shape.fan_in.unwrap_or(self.shape.width);
        Ok(Doubles {
            moment,
            sigma,
            sigma_rms: sigma * (self.shape.width as f64 / fan_in as f64).sqrt(),
            log: law.log_cumulants(),
            growth,
        })
    }
}

pub fn run(args: &Args) -> Outcome {
    let cases = match &args.grid {
        Some(path) => return rows_of(args, grid::rows(path, &args.law, args.digits)?),
        None => listed(args)?,
    };
    let constants = |case: Case| case.constants(args.digits);
    let rows: std::result::Result<Vec<Row>, Refusal> = cases.into_iter().map(constants).collect();
    rows_of(args, rows?)
}

fn rows_of(args: &Args, rows: Vec<Row>) -> Outcome {
    print(&match args.format {
        Format::Table => output::table(&rows),
        Format::Csv => output::csv(&rows)?,
        Format::Json => output::json(&rows)?,
        Format::Latex => output::latex(&rows),
    })
}

fn listed(args: &Args) -> std::result::Result<Vec<Case>, Refusal> {
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
