//! `isomoment verify --calibrate`: many seeds, and whether the tests are what they say.

use super::rows::{painted, score};
use super::{Args, save};
use crate::cli::outcome::{Outcome, Refusal, print};
use isomoment::theorems::calibration::Calibration;
use isomoment::theorems::check::FAMILY_LEVEL;
use isomoment::theorems::{Settings, Theorem, Verdict};

/// Fewest runs whose p-values can be told from other than uniform ones.
const FEWEST_RUNS: u64 = 10;

/// Runs the seeds that the record lacks, and prints the table.
pub fn run(args: &Args, theorems: &[Theorem], settings: Settings, runs: u64) -> Outcome {
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
    print(&calibration_table(&calibration))?;
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

/// A share, or a dash where no p-value is uniform.
fn share(value: f64) -> String {
    if value.is_nan() {
        "–".into()
    } else {
        format!("{value:.4}")
    }
}
