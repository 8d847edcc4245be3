//! `isomoment report`: the checks, and the report on them.

use std::path::PathBuf;

use crate::cli::Outcome;
use crate::cli::run_args::{Effort, RunArgs};
use crate::report::{Run, artifacts, prepare, write_all};
use crate::theorems::Theorem;

const EXAMPLES: &str = "Example:
  isomoment report --output reports --seed 1";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Folder for the PDF, the figures and results.json
    #[arg(long, value_name = "DIR", default_value = "reports")]
    output: PathBuf,
    #[command(flatten)]
    run: RunArgs,
}

pub fn run(args: &Args) -> Outcome {
    prepare(&args.output)?;
    let settings = args.run.settings(Effort::Standard, None);
    let findings = args.run.run(&Theorem::ALL, &settings)?;
    let run = Run::new(settings, findings);
    let files = artifacts(&run)?;
    write_all(&args.output, &files)?;
    for file in &files {
        println!("{}", args.output.join(&file.name).display());
    }
    let verdict = if run.all_hold() {
        "every theorem holds"
    } else {
        "not every check holds: see the report's verdicts"
    };
    println!("{verdict}");
    Ok(run.all_hold())
}
