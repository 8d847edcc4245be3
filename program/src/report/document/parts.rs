//! What every section has: figures, tables of exact numbers, a verdict.

use std::fmt::Write;

use crate::output::number::{in_notation, with_minus};
use crate::report::document::markup::{escape, prose, quoted, typeset};
use isomoment::theorems::{Figure, Table, Verdict};

/// Figures that the story does without: they are beside the rows of the checks.
const IN_APPENDIX: [&str; 9] = [
    "t6-quantiles",
    "t7-hill",
    "t10-areas-leaky-relu",
    "t10-areas-linear",
    "t10-initial",
    "t10-losses-leaky-relu",
    "t10-losses-linear",
    "t10-losses-relu",
    "t10-share-that-trains",
];

/// Whether a figure is part of the story.
pub fn in_body(figure: &Figure) -> bool {
    !IN_APPENDIX.contains(&figure.name)
}

/// A figure with its caption, numbered, to refer to as `@fig-…`.
pub fn write_figure(figure: &Figure, out: &mut String) -> std::fmt::Result {
    let caption = prose(&figure.caption);
    let alternative = quoted(&format!("{} against {}", figure.y_label, figure.x_label));
    writeln!(
        out,
        "#figure-file(\"{}\", {alternative}, [{caption}])\n",
        figure.name
    )
}

/// A table of exact numbers, to refer to as `@tab-…`.
pub fn write_table(table: &Table, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "#numbered(\"{}\", whole: true, [{}], numbers({},",
        table.name,
        prose(&table.caption),
        table.columns.len()
    )?;
    for (heading, _) in &table.columns {
        write!(out, "  [*{}*],", escape(heading))?;
    }
    for row in &table.rows {
        for (&number, (_, notation)) in row.iter().zip(&table.columns) {
            let digits = with_minus(&in_notation(*notation, number));
            write!(out, " [{}],", typeset(&digits))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "))\n")
}

/// The line that a section ends its story with.
pub fn write_verdict(verdict: Verdict, text: &str, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "#verdict-line(\"{}\")[{text}]\n",
        verdict_name(verdict)
    )
}

pub fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds",
        Verdict::Fails => "fails",
        Verdict::Blind => "blind",
    }
}

/// What is to be said of all of them.
pub fn worst(verdicts: &[Verdict]) -> Verdict {
    let any = |wanted| verdicts.contains(&wanted);
    if any(Verdict::Fails) {
        Verdict::Fails
    } else if any(Verdict::Blind) {
        Verdict::Blind
    } else {
        Verdict::Holds
    }
}

/// “One, two and three”.
pub fn and(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
