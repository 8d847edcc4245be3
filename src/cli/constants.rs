//! `isomoment constants`: the constants of a layer, for lists of moments and
//! widths or for the rows of a file.

use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::activation::{Activation, Dropout};
use crate::cli::law_args::LawArgs;
use crate::cli::{Outcome, Refusal, grid, output};
use crate::error::{Error, Result};
use crate::layer_law::{LayerLaw, Weights};

const EXAMPLES: &str = "Example:
  isomoment constants --activation relu --moment 0.5,1,2 --width 64,256
  isomoment constants --grid cases.csv --format csv";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    law: LawArgs,
    /// Moment orders s, 0 < s ≤ 8 (rrelu: 3)
    #[arg(
        long,
        value_name = "S",
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    moment: Vec<f64>,
    /// Widths d
    #[arg(
        long,
        value_name = "D",
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    width: Vec<u64>,
    /// CSV file with a case per row: activation,slope,lower,upper,keep,width,s
    #[arg(long, value_name = "FILE", conflicts_with_all = ["activation", "moment", "width", "slope", "lower", "upper", "keep"])]
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

/// One case and its constants.
pub struct Row {
    pub case: Case,
    pub moment: f64,
    pub sigma: f64,
    pub dead_probability: f64,
    pub mean_log: f64,
    pub var_log: f64,
    pub third_cumulant_log: f64,
    /// log σ + mean_log: the growth rate of the log-norm at σ.
    pub growth: f64,
}

/// What a row is about.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    pub activation: Activation,
    pub dropout: Dropout,
    pub weights: Weights,
    pub width: u64,
    pub s: f64,
}

impl Case {
    pub fn constants(self) -> Result<Row> {
        let law = LayerLaw::with_dropout(self.activation, self.dropout, self.width)?
            .with_weights(self.weights);
        let cumulants = law.log_cumulants();
        Ok(Row {
            case: self,
            moment: law.moment(self.s)?,
            sigma: law.scale(self.s)?,
            dead_probability: law.dead_probability(),
            mean_log: cumulants.mean,
            var_log: cumulants.variance,
            third_cumulant_log: cumulants.third,
            growth: law.log_growth(self.s)?,
        })
    }
}

pub fn run(args: &Args) -> Outcome {
    let rows = match &args.grid {
        Some(path) => grid::rows(path, &args.law)?,
        None => listed(args)?,
    };
    let text = match args.format {
        Format::Table => output::table(&rows),
        Format::Csv => output::csv(&rows)?,
        Format::Json => output::json(&rows)?,
        Format::Latex => output::latex(&rows),
    };
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // the reader had enough, as `| head` does
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(true),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(true),
    }
}

fn listed(args: &Args) -> std::result::Result<Vec<Row>, Refusal> {
    let missing = |name| Refusal(format!("--{name} is missing; give it, or a --grid file"));
    let kind = args.law.activation.ok_or_else(|| missing("activation"))?;
    if args.moment.is_empty() {
        return Err(missing("moment"));
    }
    if args.width.is_empty() {
        return Err(missing("width"));
    }
    let activation = args.law.activation(kind)?;
    let dropout = args.law.dropout()?;
    let mut rows = Vec::new();
    for &width in &args.width {
        for &s in &args.moment {
            let case = Case {
                activation,
                dropout,
                weights: args.law.weights(),
                width,
                s,
            };
            rows.push(case.constants().map_err(name_the_option)?);
        }
    }
    Ok(rows)
}

/// The library speaks of s; the option is called --moment.
fn name_the_option(error: Error) -> Refusal {
    Refusal(error.to_string().replacen("s is ", "--moment is ", 1))
}
