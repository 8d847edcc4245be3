//! `isomoment merge`: the parts of one run, put together.

use std::path::PathBuf;

use crate::cli::listing::Listing;
use crate::cli::simulate::deliver::Form;
use crate::cli::simulate::part::Part;
use crate::cli::simulate::run_spec::SpecArgs;
use crate::cli::simulate::{deliver_all, row_length, show};
use crate::cli::{Outcome, Refusal};

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
    let form = Form::of(&args.output)?;
    let mut parts = args
        .parts
        .iter()
        .map(|path| Part::open(path))
        .collect::<Result<Vec<_>, _>>()?;
    parts.sort_by_key(|part| (part.header.first, part.header.count));
    let first = parts[0].header.clone();
    if first.version != env!("CARGO_PKG_VERSION") {
        return Err(Refusal(format!(
            "{}: it is of version {}; this is {}",
            parts[0].path.display(),
            first.version,
            env!("CARGO_PKG_VERSION")
        )));
    }
    let spec = SpecArgs::parse(&first.arguments)
        .map_err(|Refusal(reason)| Refusal(format!("{}: {reason}", parts[0].path.display())))?;
    let mut next = 0;
    for part in &parts {
        if !part.header.same_run(&first) {
            return Err(Refusal(format!(
                "{} and {} are of different runs",
                parts[0].path.display(),
                part.path.display()
            )));
        }
        if part.header.first != next {
            let what = if part.header.first > next {
                "missing"
            } else {
                "given twice"
            };
            return Err(Refusal(format!(
                "trajectories {} to {} are {what}",
                next.min(part.header.first) + 1,
                next.max(part.header.first),
            )));
        }
        next = part.header.range().end;
    }
    if next != spec.trajectories && form != Form::Part {
        return Err(Refusal(format!(
            "trajectories {} to {} are missing",
            next + 1,
            spec.trajectories
        )));
    }
    let simulator = spec.simulator()?;
    if row_length(&simulator) as u64 != first.row {
        return Err(Refusal(format!("{} is damaged", parts[0].path.display())));
    }
    let statistics = deliver_all(&parts, &simulator, &args.output, form)?;
    show(&spec, &statistics, &simulator, args.format)
}
