//! A theorem's section: statement, reason, figures, verdict, and all its checks in one figure. The
//! rows of the checks are in the appendix.

use std::fmt::Write;

use crate::report::document::markup::{p_value, power};
use crate::report::document::parts::{and, in_body, worst, write_figure, write_verdict};
use crate::report::figure::checks;
use isomoment::theorems::{Check, Evidence, Findings, Sources, Verdict};

pub fn write(findings: &Findings, verdicts: &[Verdict], out: &mut String) -> std::fmt::Result {
    let theorem = findings.theorem;
    writeln!(out, "= {}: {} <{theorem}>\n", theorem, theorem.title())?;
    writeln!(out, "#statement[{}]\n", theorem.statement())?;
    writeln!(
        out,
        "_Why._ {} The full proof is in `proofs-notes/{theorem}.md`.\n",
        theorem.reason()
    )?;
    for figure in findings.figures.iter().filter(|figure| in_body(figure)) {
        write_figure(figure, out)?;
    }
    write_verdict(worst(verdicts), &verdict(findings, verdicts), out)?;
    writeln!(
        out,
        "#figure-file(\"{}\", \"Deviations of the checks of {theorem} and of their controls\", [All {} checks of {theorem} and their controls (crosses), drawn as @verdicts says. \
         The same in numbers: @rows-{theorem}.])\n",
        checks::name(findings),
        verdicts.len()
    )
}

/// Number of checks and what they rest on, least p, least power, controls.
fn verdict(findings: &Findings, verdicts: &[Verdict]) -> String {
    let all = verdicts.len();
    let holding = verdicts.iter().filter(|v| **v == Verdict::Holds).count();
    let rejected = findings
        .checks
        .iter()
        .filter(|c| c.control.rejected)
        .count();
    let mut text = match holding == all {
        true => format!("All {all} checks hold"),
        false => format!("{holding} of {all} checks hold"),
    };
    text += &rest_on(&Sources::of(&findings.checks));
    let figures = [
        (
            "Least $p$",
            least(&findings.checks, Check::p_value).map(p_value),
        ),
        ("Least power", least(&findings.checks, power_of).map(power)),
    ];
    for (name, figure) in figures {
        if let Some(figure) = figure {
            let _ = write!(text, " {name}: {figure}.");
        }
    }
    let _ = write!(text, " Controls rejected: {rejected} of {all}.");
    let tables = findings.tables.iter().map(|t| format!("@tab-{}", t.name));
    let tables: Vec<String> = tables.collect();
    if !tables.is_empty() {
        let _ = write!(text, " Numbers to cite: {}.", and(&tables));
    }
    text
}

fn rest_on(sources: &Sources) -> String {
    let parts = [
        (sources.matrices, "on networks of real matrices"),
        (
            sources.tilted_matrices,
            "on such networks with tilted weights",
        ),
        (sources.norms, "on norms alone"),
        (sources.computations, "of one computation against another"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    match parts.clone().count() {
        1 => parts.map(|(_, what)| format!(", {what}.")).collect(),
        _ => {
            let parts: Vec<String> = parts
                .map(|(count, what)| format!("{count} {what}"))
                .collect();
            format!(": {}.", and(&parts))
        }
    }
}

/// The least of a number that only some checks have.
pub fn least(checks: &[Check], value: fn(&Check) -> Option<f64>) -> Option<f64> {
    checks.iter().filter_map(value).min_by(f64::total_cmp)
}

pub fn power_of(check: &Check) -> Option<f64> {
    match check.evidence {
        Evidence::Statistical { power, .. } => Some(power),
        Evidence::Numerical { .. } => None,
    }
}
