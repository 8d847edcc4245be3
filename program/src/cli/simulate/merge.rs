//! `isomoment merge`: the parts of one run, put together.

use std::path::PathBuf;

use isomoment::simulate::runs::{self, PathsFormat};

use crate::cli::listing::Listing;
use crate::cli::outcome::Outcome;
use crate::cli::simulate::show;

const EXAMPLES: &str = "Example:
  isomoment merge a.part b.part --output paths.csv";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Parts that `isomoment simulate --shard` wrote, in any order
    #[arg(required = true, value_name = "PART")]
    parts: Vec<PathBuf>,
    /// Write every path to this file, .csv or .npz
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Form of the summary
    #[arg(long, default_value = "table")]
    format: Listing,
}

pub fn run(args: &Args) -> Outcome {
    let format = PathsFormat::of(&args.output)?;
    let merged = runs::merge(&args.parts, &args.output, format)?;
    show(&merged.run, &merged.statistics, args.format)
}
