//! What every section has: figures, pointers to them, tables.

use std::fmt::Write;

use crate::output::number::{in_notation, with_minus};
use crate::report::document::markup::{escape, quoted, typeset};
use isomoment::theorems::{Figure, Table};

/// Figures with their captions, numbered; `about` is said at the end of each caption.
pub fn write_figures(figures: &[Figure], about: &str, out: &mut String) -> std::fmt::Result {
    for figure in figures {
        let caption = escape(&format!("{} {about}", figure.caption));
        let alternative = quoted(&format!("{} against {}", figure.y_label, figure.x_label));
        writeln!(
            out,
            "#figure-file(\"{}\", {alternative}, [{caption}])\n",
            figure.name
        )?;
    }
    Ok(())
}

/// “See Figure 3 and Table 5.”
pub fn write_pointers(figures: &[Figure], tables: &[&str], out: &mut String) -> std::fmt::Result {
    let figures = figures.iter().map(|c| format!("@fig-{}", c.name));
    let all: Vec<String> = figures
        .chain(tables.iter().map(|t| format!("@tab-{t}")))
        .collect();
    match all.as_slice() {
        [] => Ok(()),
        [one] => writeln!(out, "See {one}.\n"),
        [most @ .., last] => writeln!(out, "See {} and {last}.\n", most.join(", ")),
    }
}

pub fn write_table(table: &Table, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "#numbered(\"{}\", long: {}, [{}], numbers({},",
        table.name,
        table.rows.len() > 26,
        escape(&table.caption),
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
