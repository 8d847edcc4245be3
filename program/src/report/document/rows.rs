//! The appendix with every check: its rows by theorem, grouped by what was compared.

use std::fmt::Write;

use crate::output::number::{decimals_of_error, fixed, significant, told_apart, whole};
use crate::report::document::markup::{self, capitalized, escape, typeset};
use crate::report::document::parts::{in_body, verdict_name, write_figure};
use isomoment::theorems::{Check, Evidence, Findings, Verdict};

/// The tables of one theorem, after its heading.
pub fn write(findings: &Findings, verdicts: &[Verdict], out: &mut String) -> std::fmt::Result {
    let theorem = findings.theorem;
    writeln!(out, "== {theorem}: {} <rows-{theorem}>\n", theorem.title())?;
    for figure in findings.figures.iter().filter(|figure| !in_body(figure)) {
        write_figure(figure, out)?;
    }
    let judged: Vec<(&Check, Verdict)> = findings
        .checks
        .iter()
        .zip(verdicts.iter().copied())
        .collect();
    let (tests, computations): (Vec<_>, Vec<_>) = judged
        .into_iter()
        .partition(|(check, _)| check.p_value().is_some());
    for (kind, caption, rows) in [
        ("tests", "Tests", tests),
        ("comparisons", "Computations", computations),
    ] {
        if rows.is_empty() {
            continue;
        }
        writeln!(
            out,
            "#numbered(\"{theorem}-{kind}\", [{caption} of {theorem}.], {kind}("
        )?;
        for group in groups(&rows) {
            let columns = if kind == "tests" { 8 } else { 6 };
            write_heading(group[0].0, columns, out)?;
            for (check, verdict) in group {
                write_row(check, verdict, out)?;
            }
        }
        writeln!(out, "))\n")?;
    }
    Ok(())
}

/// Rows that share their heading, in the order of the first of each.
fn groups<'a>(rows: &[(&'a Check, Verdict)]) -> Vec<Vec<(&'a Check, Verdict)>> {
    let mut groups: Vec<Vec<(&Check, Verdict)>> = Vec::new();
    for &row in rows {
        match groups
            .iter_mut()
            .find(|group| heading(group[0].0) == heading(row.0))
        {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

/// What the rows of one group share.
fn heading(check: &Check) -> (&str, &str, &str) {
    let alternative = match &check.evidence {
        Evidence::Statistical { alternative, .. } => alternative,
        Evidence::Numerical { .. } => "",
    };
    (&check.quantity, alternative, &check.control.name)
}

fn write_heading(first: &Check, columns: usize, out: &mut String) -> std::fmt::Result {
    let (quantity, alternative, control) = heading(first);
    write!(
        out,
        "grouped({columns})[*{}.* ",
        escape(&capitalized(quantity))
    )?;
    if !alternative.is_empty() {
        write!(out, "Alternative: {}. ", escape(alternative))?;
    }
    writeln!(out, "Control: {}.],", escape(control))
}

fn write_row(check: &Check, verdict: Verdict, out: &mut String) -> std::fmt::Result {
    let mut case = escape(&check.case);
    if verdict != Verdict::Holds {
        case = format!("#verdict(\"{}\") {case}", verdict_name(verdict));
    }
    let mut cells = vec![case];
    match &check.evidence {
        Evidence::Statistical {
            observations,
            standard_error,
            p_value,
            alternative_value,
            power,
            ..
        } => {
            // means have the decimals of their errors, statistics three digits
            let half = standard_error.map(|e| 1.96 * e);
            let number = |value: f64| match half {
                Some(half) => fixed(value, decimals_of_error(half)),
                None => typeset(&significant(value, 3)),
            };
            let interval = half.map(|half| format!(" ± {}", number(half)));
            cells.push(number(check.predicted));
            cells.push(number(check.observed) + &interval.unwrap_or_default());
            cells.push(whole(*observations));
            cells.push(markup::p_value(*p_value));
            cells.push(number(*alternative_value));
            cells.push(markup::power(*power));
            cells.push(markup::p_value(check.control.score));
        }
        Evidence::Numerical { error, bound } => {
            let number = |value: f64| typeset(&significant(value, 6));
            let [error, mut limit] = told_apart(*error, *bound);
            let breadth = 1.0 - bound;
            if breadth > 0.0 && breadth < 1e-6 {
                limit = format!("1 − {}", significant(breadth, 1));
            }
            let control = significant(check.control.score, 2);
            cells.push(number(check.predicted));
            cells.push(number(check.observed));
            cells.extend([error, limit, control].map(|text| typeset(&text)));
        }
    }
    for cell in cells {
        write!(out, "  [{cell}],")?;
    }
    writeln!(out)
}
