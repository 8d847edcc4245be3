//! `isomoment report`: the checks, and the report on them.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Instant;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::cli::outcome::{Outcome, print};
use crate::cli::run_args::{Effort, RunArgs};
use crate::output::{prepare, write_all};
use crate::report::{Format, Run, artifacts};
use isomoment::theorems::Theorem;

const EXAMPLES: &str = "Examples:
  isomoment report                                     everything to reports/, in about four minutes
  isomoment report --only T6 --format png,svg,pdf      one theorem's section and figures
  isomoment report --only paper                        the paper's figures, with the exact laws
  isomoment report --seed 7 --output elsewhere";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Folder for the document, the figures, the tables and results.json
    #[arg(long, value_name = "DIR", default_value = "reports")]
    output: PathBuf,
    /// Only these parts: T1 to T9, T10 for the training experiment, T11 to T15, `paper` for the paper's figures
    /// redrawn
    #[arg(long, value_name = "PART[,PART…]", value_delimiter = ',')]
    only: Vec<Part>,
    /// Only these kinds of files [default: all]
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', value_parser = formats())]
    format: Vec<Format>,
    #[command(flatten)]
    run: RunArgs,
}

fn formats() -> impl TypedValueParser<Value = Format> {
    let named = Format::ALL.map(|format| PossibleValue::new(format.name()).help(format.contents()));
    PossibleValuesParser::new(named).try_map(|name| name.parse::<Format>())
}

/// A section of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Theorem(Theorem),
    Training,
    Paper,
}

impl FromStr for Part {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name.trim().to_lowercase().as_str() {
            "t10" => Ok(Self::Training),
            "paper" => Ok(Self::Paper),
            name => {
                let theorem = name.parse().map(Self::Theorem);
                theorem
                    .map_err(|_: isomoment::Error| "it must be one of T1, T2, …, T15, paper".into())
            }
        }
    }
}

pub fn run(args: &Args) -> Outcome {
    args.format.iter().try_for_each(|format| format.require())?;
    let _alone = prepare(&args.output)?;
    let settings = args.run.settings(Effort::Standard);
    let wanted = |part| args.only.is_empty() || args.only.contains(&part);
    let theorems = Theorem::ALL.into_iter();
    let theorems: Vec<Theorem> = theorems.filter(|&t| wanted(Part::Theorem(t))).collect();
    let findings = args.run.run(&theorems, &settings)?;
    let mut run = Run::new(settings, findings);
    if wanted(Part::Training) {
        run = run.with_training();
    }
    if wanted(Part::Paper) {
        run = run.with_paper(args.run.redraw(&settings)?);
    }
    let formats = match args.format.as_slice() {
        [] => Format::built(),
        wanted => wanted.to_vec(),
    };
    let started = Instant::now();
    let files = artifacts(&run, &formats)?;
    write_all(&args.output, &files)?;
    eprintln!(
        "figures and documents: done in {:.1} s",
        started.elapsed().as_secs_f64()
    );
    let paths = files.iter().map(|file| args.output.join(&file.name));
    let mut text: String = paths.map(|path| format!("{}\n", path.display())).collect();
    if args.format.is_empty() && formats.len() < Format::ALL.len() {
        eprintln!("no PDF and no HTML: this program was built without its feature pdf");
    }
    if !theorems.is_empty() {
        text += if run.all_hold() {
            "every check of the theorems holds\n"
        } else {
            "not every check holds: see the report's verdicts\n"
        };
    }
    print(&text)?;
    Ok(run.all_hold())
}
