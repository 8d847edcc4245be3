//! `isomoment verify`: the theorems' checks, as a table.

mod calibrate;
mod rows;

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::cli::outcome::{Outcome, Refusal, print};
use crate::cli::run_args::{Effort, RunArgs};
use crate::output::{Artifact, write_all};
use crate::report::Run;
use isomoment::theorems::{Findings, Theorem};

const EXAMPLES: &str = "Examples:
  isomoment verify
  isomoment verify --theorem T1,T5 --seed 7 --rows     each check
  isomoment verify --scheme he     He's rule does not preserve E‖x‖: T1 fails, exit 1
  isomoment verify --theorem T2 --calibrate 50     are the tests what they say?";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Theorems to check [default: all]
    #[arg(long, value_name = "T", value_delimiter = ',')]
    theorem: Vec<String>,
    /// Scale T1's networks by this rule instead of σ(s,d), and see T1 fail
    #[arg(long, value_name = "RULE")]
    scheme: Option<Scheme>,
    /// Print each check, not each theorem
    #[arg(long, conflicts_with = "calibrate")]
    rows: bool,
    /// Also write every number to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Run this many seeds, from --seed on, and test that p-values are uniform and controls
    /// rejected as often as stated
    #[arg(long, value_name = "RUNS", conflicts_with_all = ["scheme", "json"])]
    calibrate: Option<u64>,
    /// Keep the runs of --calibrate in this file, and go on from those that it has
    #[arg(long, value_name = "FILE", requires = "calibrate")]
    record: Option<PathBuf>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scheme {
    /// The scale that preserves the second moment
    He,
}

pub fn run(args: &Args) -> Outcome {
    let mut theorems = if args.theorem.is_empty() {
        Theorem::ALL.to_vec()
    } else {
        let parsed: isomoment::Result<Vec<Theorem>> =
            args.theorem.iter().map(|name| name.parse()).collect();
        parsed?
    };
    if args.scheme.is_some() {
        if args.theorem.is_empty() {
            theorems = vec![Theorem::T1];
        } else if theorems != [Theorem::T1] {
            return Err(Refusal(
                "--scheme replaces the scale that T1 is about; it must be used with --theorem T1"
                    .into(),
            ));
        }
    }
    theorems.sort();
    theorems.dedup();
    let settings = args.run.settings(Effort::Quick);
    if let Some(runs) = args.calibrate {
        return calibrate::run(args, &theorems, settings, runs);
    }
    let findings = match args.scheme {
        Some(Scheme::He) => args.run.run_each(&theorems, |_, progress| {
            Findings::of_t1_scaled_for(2.0, &settings, progress)
        })?,
        None => args.run.run(&theorems, &settings)?,
    };
    let run = Run::new(settings, findings);
    let table = match args.rows {
        true => rows::of_checks(&run),
        false => rows::of_theorems(&run),
    };
    print(&table)?;
    if let Some(path) = &args.json {
        save(path, run.json()?)?;
    }
    Ok(run.all_hold())
}

/// Writes a file whole, in the place of an older one.
fn save(path: &Path, text: String) -> Result<(), Refusal> {
    let name = path
        .file_name()
        .ok_or_else(|| Refusal(format!("{} must name a file", path.display())))?;
    let artifact = Artifact {
        name: name.to_string_lossy().into_owned(),
        bytes: text.into_bytes(),
    };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    write_all(folder.unwrap_or(".".as_ref()), &[artifact])?;
    Ok(())
}
