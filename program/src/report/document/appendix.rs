//! The sections after the theorems: exact scales beside those in use, and the table of proved constants.

use std::fmt::Write;

use crate::output::number::with_minus;
use crate::report::constants::ProvedRow;
use crate::report::document::parts::write_table;
use crate::report::published;

/// The widths shown in the document; the files have more.
const SHOWN: [u64; 5] = [4, 16, 64, 256, 1024];

pub fn write(constants: &[ProvedRow], out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    writeln!(out, "= Exact and published scales <published>\n")?;
    writeln!(
        out,
        "The formula for Leaky ReLU in the code that the authors released agrees with $sigma(s, d)$ to first order in $1\\/d$ only for small slopes (@T3). What a small error of the scale does is seen at depth: \
         the moment that should stay constant is multiplied by the ratio of the scales in every layer. @tab-published-scales gives that factor after 50 layers.\n"
    )?;
    write_table(&published::table()?, out)?;
    write_constants(constants, out)?;
    Ok(())
}

fn write_constants(rows: &[ProvedRow], out: &mut String) -> std::fmt::Result {
    writeln!(out, "= Constants <constants>\n")?;
    writeln!(
        out,
        "Every printed digit is proved: the numbers are computed in ball arithmetic, from @eq-integral with its discretisation error bounded (`proofs-notes/integral.md`), and rounded only when the ball lies between two roundings. \
         $s = 0$ stands for the Lyapunov scale; $mu$ and $v$ are those of @eq-log. `constants.csv` has 30 digits and more widths, and `isomoment constants --digits N` any number of them.\n"
    )?;
    for units in rows.chunk_by(|a, b| a.name() == b.name()) {
        let Some(first) = units.first() else { continue };
        writeln!(
            out,
            "#numbered(\"constants-{}\", [{}.], constants(",
            first.slug(),
            first.name()
        )?;
        for (s, width, c) in units.iter().map(ProvedRow::numbers) {
            if !SHOWN.contains(&width) {
                continue;
            }
            writeln!(
                out,
                "  [{s}], [{width}], [{}], [{}], [{}],",
                with_minus(&c.scale),
                with_minus(&c.growth),
                with_minus(&c.var_log)
            )?;
        }
        writeln!(out, "))\n")?;
    }
    Ok(())
}
