//! A theorem's section: statement, reason, figures, tables of exact numbers, and its checks.

use std::fmt::Write;

use crate::output::number::fixed;
use crate::report::document::markup::{capitalized, compact, escape, scientific};
use crate::report::document::parts::{write_figures, write_pointers, write_table};
use isomoment::theorems::{Check, Evidence, Findings, Verdict};

pub fn write(
    seed: u64,
    findings: &Findings,
    verdicts: &[Verdict],
    out: &mut String,
) -> std::fmt::Result {
    let theorem = findings.theorem;
    writeln!(out, "= {}: {} <{theorem}>\n", theorem, theorem.title())?;
    writeln!(out, "#statement[{}]\n", theorem.statement())?;
    writeln!(
        out,
        "_Why._ {} The full proof is in `proofs-notes/{theorem}.md`.\n",
        theorem.reason()
    )?;
    let tables: Vec<&str> = findings.tables.iter().map(|t| t.name).collect();
    write_pointers(&findings.figures, &tables, out)?;
    let holding = verdicts.iter().filter(|v| **v == Verdict::Holds).count();
    let all = verdicts.len();
    let about = format!("(Seed {seed}; {holding} of {all} checks of {theorem} hold.)");
    write_figures(&findings.figures, &about, out)?;
    for table in &findings.tables {
        write_table(table, out)?;
    }
    let judged: Vec<(&Check, Verdict)> = findings
        .checks
        .iter()
        .zip(verdicts.iter().copied())
        .collect();
    let groups = judged.chunk_by(|a, b| heading(a.0) == heading(b.0));
    for (i, group) in groups.enumerate() {
        write_group(&format!("{theorem}-{}", i + 1), group, out)?;
    }
    Ok(())
}

pub fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds",
        Verdict::Fails => "fails",
        Verdict::Blind => "blind",
    }
}

/// What the rows of one table share.
fn heading(check: &Check) -> (&str, &str, &str) {
    let alternative = match &check.evidence {
        Evidence::Statistical { alternative, .. } => alternative,
        Evidence::Numerical { .. } => "",
    };
    (&check.quantity, alternative, &check.control.name)
}

fn write_group(name: &str, group: &[(&Check, Verdict)], out: &mut String) -> std::fmt::Result {
    let Some((first, _)) = group.first() else {
        return Ok(());
    };
    let (quantity, alternative, control) = heading(first);
    let statistical = first.p_value().is_some();
    write!(
        out,
        "#numbered(\"{name}\", [*{}.* ",
        escape(&capitalized(quantity))
    )?;
    if statistical {
        write!(out, "Alternative: {}. ", escape(alternative))?;
    }
    writeln!(
        out,
        "Negative control: {}.], {}(",
        escape(control),
        if statistical { "tests" } else { "comparisons" }
    )?;
    for (check, verdict) in group {
        write_row(check, *verdict, out)?;
    }
    writeln!(out, "))\n")
}

fn write_row(check: &Check, verdict: Verdict, out: &mut String) -> std::fmt::Result {
    // statistics may be small; means have the decimals of their intervals
    let mean = matches!(
        check.evidence,
        Evidence::Statistical {
            standard_error: Some(_),
            ..
        }
    );
    let number = |value: f64| match value.abs() {
        small if small > 0.0 && small < 1e-3 && !mean => scientific(value),
        _ => fixed(value, 5),
    };
    let mut cells = vec![escape(&check.case), number(check.predicted)];
    match &check.evidence {
        Evidence::Statistical {
            observations,
            standard_error,
            p_value,
            alternative_value,
            power,
            ..
        } => {
            let interval = standard_error.map(|e| format!(" ± {}", fixed(1.96 * e, 5)));
            cells.push(number(check.observed) + &interval.unwrap_or_default());
            cells.push(observations.to_string());
            cells.push(compact(*p_value));
            cells.push(number(*alternative_value));
            cells.push(compact(*power));
            cells.push(compact(check.control.score));
        }
        Evidence::Numerical { error, bound } => {
            cells.push(number(check.observed));
            cells.push(scientific(*error));
            cells.push(scientific(*bound));
            cells.push(scientific(check.control.score));
        }
    }
    for cell in cells {
        write!(out, "  [{cell}],")?;
    }
    writeln!(out, " verdict(\"{}\"),", verdict_name(verdict))
}
