//! The appendix: every check, exact numbers to cite, the training experiments' tables.

use std::fmt::Write;

use crate::output::number::grouped;
use crate::report::Contents;
use crate::report::constants::ProvedRow;
use crate::report::document::parts::write_table;
use crate::report::document::{rows, training};

/// The widths shown in the document; the files have more.
const SHOWN: [u64; 5] = [4, 16, 64, 256, 1024];

pub fn write(contents: &Contents, out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let run = contents.run;
    if run.judged().next().is_some() {
        writeln!(out, "= Every check <rows>\n")?;
        writeln!(
            out,
            "Of each group of rows: what was compared, the alternative that the power is stated for, and the negative control. Predictions and estimates have the decimals of their errors; ± is 1.96 standard errors (of a share those that the prediction has). A row holds unless it says otherwise.\n"
        )?;
        for (findings, verdicts) in run.judged() {
            rows::write(findings, verdicts, out)?;
        }
    }
    if let Some(record) = &contents.training {
        training::write_appendix(record, out)?;
    }
    let tables = contents.tables()?;
    if tables.is_empty() {
        return Ok(());
    }
    writeln!(out, "= Exact numbers <numbers>\n")?;
    if run.is_whole() {
        writeln!(
            out,
            "What a small error of the scale does is seen at depth: the moment that should stay constant is multiplied by the ratio of the scales in every layer. @tab-published-scales gives that factor after 50 layers, for \
             the formula in the code that the authors released and for He's rule; the formula agrees with $sigma(s, d)$ to first order in $a^2$, not in $1\\/d$ (@T3).\n"
        )?;
    }
    for table in &tables {
        write_table(table, out)?;
    }
    if run.is_whole() {
        write_constants(&contents.constants, out)?;
    }
    Ok(())
}

fn write_constants(rows: &[ProvedRow], out: &mut String) -> std::fmt::Result {
    writeln!(out, "= Constants <constants>\n")?;
    writeln!(
        out,
        "Every printed digit is proved: the numbers are computed in ball arithmetic, with bounds of every truncation (`proofs-notes/certified.md`), and rounded only when the ball lies between two roundings. \
         $s = 0$ stands for the Lyapunov scale; $mu$ and $v$ are those of @eq-log. `constants.csv` has 30 digits and more widths, and `isomoment constants --digits N` any number of them.\n"
    )?;
    for units in rows.chunk_by(|a, b| a.name() == b.name()) {
        let Some(first) = units.first() else { continue };
        writeln!(
            out,
            "#numbered(\"constants-{}\", whole: true, [{}.], constants(",
            first.slug(),
            first.name()
        )?;
        let shown = units.iter().map(ProvedRow::numbers);
        for (s, width, c) in shown.filter(|(_, width, _)| SHOWN.contains(width)) {
            if width == SHOWN[0] {
                writeln!(out, "  space,")?;
            }
            let [sigma, mu, v] = [&c.scale, &c.growth, &c.var_log].map(|text| grouped(text));
            writeln!(out, "  [{s}], [{width}], [{sigma}], [{mu}], [{v}],")?;
        }
        writeln!(out, "))\n")?;
    }
    Ok(())
}
