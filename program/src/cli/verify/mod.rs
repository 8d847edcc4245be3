//! `isomoment verify`: the theorems' checks, as a table.

mod calibrate;
mod rows;

use std::path::{Path, PathBuf};

use isomoment::LayerLaw;
use isomoment::init::{LayerShape, Scheme};

use crate::cli::outcome::{Outcome, Refusal, print};
use crate::cli::run_args::{Effort, RunArgs};
use crate::cli::scale_args::{ScaleArgs, preserving};
use crate::output::{Artifact, write_all};
use crate::report::Run;
use isomoment::theorems::{Findings, Theorem};

const EXAMPLES: &str = "Examples:
  isomoment verify
  isomoment verify --theorem T1,T5 --seed 7 --rows     each check
  isomoment verify --scheme he     He's rule does not preserve E‖x‖: T1 fails, exit 1
  isomoment verify --std 0.1       nor do weights of one standard deviation at every width
  isomoment verify --theorem T2 --calibrate 50     are the tests what they say?";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Theorems to check [default: all]
    #[arg(long, value_name = "T", value_delimiter = ',')]
    theorem: Vec<String>,
    #[command(
        flatten,
        next_help_heading = "Scale of T1's networks instead of σ(s,d)"
    )]
    scale: ScaleArgs,
    /// Print each check, not each theorem
    #[arg(long, conflicts_with = "calibrate")]
    rows: bool,
    /// Also write every number to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Run this many seeds, from --seed on, and test that p-values are uniform and controls
    /// rejected as often as stated
    #[arg(long, value_name = "RUNS", conflicts_with_all = ["scaling", "json"])]
    calibrate: Option<u64>,
    /// Keep the runs of --calibrate in this file, and go on from those that it has
    #[arg(long, value_name = "FILE", requires = "calibrate")]
    record: Option<PathBuf>,
    #[command(flatten)]
    run: RunArgs,
}

pub fn run(args: &Args) -> Outcome {
    let mut theorems = if args.theorem.is_empty() {
        Theorem::ALL.to_vec()
    } else {
        let parsed: isomoment::Result<Vec<Theorem>> =
            args.theorem.iter().map(|name| name.parse()).collect();
        parsed?
    };
    let scale = scale(&args.scale)?;
    if let Some((option, _)) = &scale {
        if args.theorem.is_empty() {
            theorems = vec![Theorem::T1];
        } else if theorems != [Theorem::T1] {
            return Err(Refusal(format!(
                "--{option} replaces the scale that T1 is about; it must be used with --theorem T1"
            )));
        }
    }
    theorems.sort();
    theorems.dedup();
    let settings = args.run.settings(Effort::Quick);
    if let Some(runs) = args.calibrate {
        return calibrate::run(args, &theorems, settings, runs);
    }
    let findings = match scale {
        Some((_, scale)) => args.run.run_each(&theorems, |_, progress| {
            Findings::of_t1_scaled_by(&scale, &settings, progress)
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

/// σ of a layer with a law.
type ScaleOf = Box<dyn Fn(&LayerLaw) -> isomoment::Result<f64> + Sync>;

/// The option that gives networks another scale, and the scale; none where T1's own is kept. In
/// orthogonal networks a rule that keeps a moment keeps it there, too.
fn scale(args: &ScaleArgs) -> Result<Option<(&'static str, ScaleOf)>, Refusal> {
    Ok(match (&args.moment, &args.std, args.scheme) {
        (Some(moment), ..) => {
            let s = moment.value;
            Some(("moment", Box::new(move |law: &LayerLaw| preserving(law, s))))
        }
        (_, Some(std), _) => {
            let std = std.positive("std")?;
            Some(("std", Box::new(move |law| Ok(law.scale_of_entries(std)))))
        }
        (.., Some(scheme)) => Some((
            "scheme",
            Box::new(move |law| match scheme {
                Scheme::Fractional(s) | Scheme::Backward(s) | Scheme::Balanced(s) => law.scale(s),
                Scheme::Lyapunov => law.lyapunov_scale(),
                rule => {
                    let shape = LayerShape::square(law.width());
                    let std = rule.standard_deviation(law.activation(), law.dropout(), shape)?;
                    Ok(law.scale_of_entries(std))
                }
            }),
        )),
        _ => None,
    })
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
