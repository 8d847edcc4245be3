//! The tables of `isomoment verify`: a row for each theorem, or for each check.

use std::io::IsTerminal;

use crate::report::Run;
use isomoment::theorems::check::FAMILY_LEVEL;
use isomoment::theorems::{Check, Evidence, Findings, Sources, Tally, Verdict};

/// One row for each theorem, and of the checks that fail a sentence each.
pub fn of_theorems(run: &Run) -> String {
    let mut lines = vec![format!(
        "{:<27} {:>6} {:>11} {:>8} {:>9} {:>8}  {}",
        "", "checks", "on matrices", "least p", "power", "controls", "verdict"
    )];
    for (findings, verdicts) in run.judged() {
        let tally = Tally::of(&findings.checks, verdicts);
        let total = tally.sources.total();
        let number = |value: Option<f64>, form: fn(f64) -> String| value.map_or("–".into(), form);
        lines.push(format!(
            "{:<27} {total:>6} {:>11} {:>8} {:>9} {:>8}  {}",
            format!("{} {}", findings.theorem, findings.theorem.title()),
            tally.sources.matrices + tally.sources.tilted_matrices,
            number(tally.least_p, score),
            number(tally.least_power, |power| format!("{power:.5}")),
            format!("{}/{total}", tally.controls_rejected),
            painted(tally.verdict)
        ));
    }
    ended(lines, run)
}

/// One row for each check: wider than most terminals.
pub fn of_checks(run: &Run) -> String {
    let mut lines = vec![format!(
        "{:<3} {:<54} {:<66} {:>10} {:>10} {:>9} {:>8} {:>9}  {}",
        "", "case", "compared", "predicted", "observed", "p", "power", "control", "verdict"
    )];
    for (findings, verdicts) in run.judged() {
        for (check, verdict) in findings.checks.iter().zip(verdicts) {
            lines.push(row(&findings.theorem.to_string(), check, *verdict));
        }
    }
    ended(lines, run)
}

/// What all checks say together, and what is wrong.
fn ended(mut lines: Vec<String>, run: &Run) -> String {
    let sources = Sources::of(run.judged().flat_map(|(findings, _)| &findings.checks));
    lines.push(String::new());
    if run.all_hold() {
        lines.push(format!(
            "Holds: each of the {} checks, with its negative control rejected.\n\
             By Holm's rule over all tests a run in which every theorem is true rejects one with\n\
             probability at most {FAMILY_LEVEL}, as far as the p-values, most of them asymptotic, are exact.",
            sources.total()
        ));
    }
    lines.push(wrapped(&format!("{sources}.")));
    for (findings, verdicts) in run.judged() {
        let judged = findings.checks.iter().zip(verdicts);
        lines.extend(judged.filter_map(|(check, verdict)| trouble(findings, check, *verdict)));
    }
    lines.join("\n") + "\n"
}

/// A long sentence in lines of at most 90 characters.
fn wrapped(sentence: &str) -> String {
    let mut lines = vec![String::new()];
    for word in sentence.split(' ') {
        let length = lines.last().map_or(0, |line| line.chars().count());
        if length > 0 && length + 1 + word.chars().count() > 90 {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}

/// A sentence on a check that does not hold.
fn trouble(findings: &Findings, check: &Check, verdict: Verdict) -> Option<String> {
    let (theorem, case, quantity) = (findings.theorem, &check.case, &check.quantity);
    let (observed, predicted) = (check.observed, check.predicted);
    match (verdict, &check.evidence) {
        (Verdict::Holds, _) => None,
        (Verdict::Blind, _) => Some(format!(
            "{theorem} is BLIND for {case}: {quantity}: the control, {}, was not rejected ({})",
            check.control.name,
            score(check.control.score)
        )),
        (Verdict::Fails, Evidence::Statistical { p_value, .. }) => Some(format!(
            "{theorem} FAILS for {case}: {quantity} is {observed:.5}, predicted {predicted:.5} \
             (off by {:+.2} %, p = {})",
            100.0 * (observed - predicted) / predicted,
            score(*p_value)
        )),
        (Verdict::Fails, Evidence::Numerical { error, bound }) => Some(format!(
            "{theorem} FAILS for {case}: {quantity} is {observed:.5}, predicted {predicted:.5} \
             (error {error:.1e}, allowed {bound:.1e})",
        )),
    }
}

fn row(theorem: &str, check: &Check, verdict: Verdict) -> String {
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
pub fn painted(verdict: Verdict) -> String {
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

/// A p-value, or an error.
pub fn score(p: f64) -> String {
    if p == 0.0 {
        "0".into()
    } else if p < 1e-3 {
        format!("{p:.1e}")
    } else {
        format!("{p:.3}")
    }
}
