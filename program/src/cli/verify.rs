//! `isomoment verify`: the theorems' checks, as a table.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::cli::run_args::{Effort, RunArgs};
use crate::cli::{Outcome, Refusal};
use crate::output::{Artifact, write_all};
use crate::report::Run;
use isomoment::theorems::calibration::Calibration;
use isomoment::theorems::check::FAMILY_LEVEL;
use isomoment::theorems::{Check, Evidence, Findings, Settings, Sources, Theorem, Verdict};

const EXAMPLES: &str = "Example:
  isomoment verify --theorem T1,T5 --seed 7
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
    /// Also write every number to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Run this many seeds, from --seed on, and test that p-values are uniform and controls rejected as often as stated
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
        return calibrate(args, &theorems, settings, runs);
    }
    let findings = match args.scheme {
        Some(Scheme::He) => args.run.run_each(&theorems, |_, progress| {
            Findings::of_t1_scaled_for(2.0, &settings, progress)
        })?,
        None => args.run.run(&theorems, &settings)?,
    };
    let run = Run::new(settings, findings);
    print!("{}", table(&run));
    if let Some(path) = &args.json {
        save(path, run.json()?)?;
    }
    Ok(run.all_hold())
}

/// Fewest runs whose p-values can be told from other than uniform ones.
const FEWEST_RUNS: u64 = 10;

/// Many seeds, and whether the tests are what they say.
fn calibrate(args: &Args, theorems: &[Theorem], settings: Settings, runs: u64) -> Outcome {
    if !(FEWEST_RUNS..=100_000).contains(&runs) {
        return Err(Refusal(format!(
            "--calibrate is {runs}; it must be from {FEWEST_RUNS} to 100000 runs"
        )));
    }
    let mut calibration = Calibration::default();
    if let Some(path) = args.record.as_deref().filter(|path| path.exists()) {
        let text = std::fs::read_to_string(path)
            .map_err(|e| Refusal(format!("--record is {}: {e}", path.display())))?;
        calibration = Calibration::from_record(&text, settings.effort)?;
    }
    if let Some(path) = &args.record {
        // before hours of work
        save(path, calibration.record(settings.effort))?;
    }
    for run in 0..runs {
        let seed = settings.seed.wrapping_add(run);
        if calibration.has_run(seed) {
            continue;
        }
        eprintln!("run {} of {runs}: seed {seed}", run + 1);
        let settings = Settings { seed, ..settings };
        calibration.add(seed, &args.run.run(theorems, &settings)?)?;
        if let Some(path) = &args.record {
            save(path, calibration.record(settings.effort))?;
        }
    }
    crate::cli::print(&calibration_table(&calibration))?;
    Ok(calibration.holds())
}

fn calibration_table(calibration: &Calibration) -> String {
    let mut text = format!(
        "{:<4} {:>6} {:>9} {:>9} {:>9} {:>15} {:>22}  {}\n",
        "",
        "tests",
        "p ≤ 0.05",
        "p ≤ 0.01",
        "p ≤ 0.001",
        "least uniform p",
        "controls accepted",
        "verdict"
    );
    for of_theorem in calibration.assessments() {
        text += &format!(
            "{:<4} {:>6} {:>9} {:>9} {:>9} {:>15} {:>22}  {}\n",
            of_theorem.theorem.to_string(),
            of_theorem.tests,
            share(of_theorem.below_5),
            share(of_theorem.below_1),
            share(of_theorem.below_01),
            score(of_theorem.least),
            format!(
                "{} ({:.1e} expected)",
                of_theorem.unrejected, of_theorem.allowed
            ),
            painted(if of_theorem.holds {
                Verdict::Holds
            } else {
                Verdict::Fails
            }),
        );
    }
    text += &format!(
        "{} of {} runs rejected a theorem (a share of {FAMILY_LEVEL} may, where every p-value is exact)\n",
        calibration.alarms().len(),
        calibration.runs()
    );
    for trouble in calibration.troubles() {
        text += &format!("  {trouble}\n");
    }
    text
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

/// A share, or a dash where no p-value is uniform.
fn share(value: f64) -> String {
    if value.is_nan() {
        "–".into()
    } else {
        format!("{value:.4}")
    }
}

fn table(run: &Run) -> String {
    let mut lines = vec![format!(
        "{:<3} {:<54} {:<66} {:>10} {:>10} {:>9} {:>8} {:>9}  {}",
        "", "case", "compared", "predicted", "observed", "p", "power", "control", "verdict"
    )];
    let mut failed = Vec::new();
    for (findings, verdicts) in run.judged() {
        for (check, verdict) in findings.checks.iter().zip(verdicts) {
            lines.push(line(&findings.theorem.to_string(), check, *verdict));
            if *verdict == Verdict::Fails {
                failed.push(format!(
                    "{} FAILS for {}: {} is {:.5}, predicted {:.5} (off by {:+.2} %, p = {:.1e})",
                    findings.theorem,
                    check.case,
                    check.quantity,
                    check.observed,
                    check.predicted,
                    100.0 * (check.observed - check.predicted) / check.predicted,
                    check.p_value().unwrap_or(f64::NAN),
                ));
            }
        }
    }
    let checks = run.judged().flat_map(|(findings, _)| &findings.checks);
    let sources = Sources::of(checks);
    if run.all_hold() {
        lines.push(format!(
            "all {} checks hold, every negative control was rejected\n\
             (Holm over all tests: if every theorem is true, a run rejects one with probability at most {FAMILY_LEVEL}, as far as\n\
             the p-values, most of them asymptotic, are exact)",
            sources.total()
        ));
    }
    lines.push(sources.to_string());
    lines.extend(failed);
    lines.join("\n") + "\n"
}

fn line(theorem: &str, check: &Check, verdict: Verdict) -> String {
    let (p, power) = match &check.evidence {
        Evidence::Statistical { p_value, power, .. } => (score(*p_value), format!("{power:.4}")),
        Evidence::Numerical { error, .. } => (format!("Δ{error:.0e}"), "–".into()),
    };
    let control = if check.control.rejected {
        "rejected"
    } else {
        "ACCEPTED"
    };
    let verdict = painted(verdict);
    format!(
        "{theorem:<3} {:<54} {:<66} {:>10.5} {:>10.5} {p:>9} {power:>8} {control:>9}  {verdict}",
        check.case, check.quantity, check.predicted, check.observed
    )
}

/// The verdict in words, on a terminal in colour.
fn painted(verdict: Verdict) -> String {
    let (word, color) = match verdict {
        Verdict::Holds => ("holds", "32"),
        Verdict::Fails => ("FAILS", "31"),
        Verdict::Blind => ("BLIND", "33"),
    };
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        return format!("\x1b[{color}m{word}\x1b[0m");
    }
    word.into()
}

fn score(p: f64) -> String {
    if p < 1e-3 {
        format!("{p:.1e}")
    } else {
        format!("{p:.3}")
    }
}
