//! The section that redraws the paper's figures.

use std::fmt::Write;

use crate::report::document::markup::{prose, quoted};
use isomoment::theorems::paper::Redrawn;

pub fn write(paper: &[Redrawn], out: &mut String) -> std::fmt::Result {
    writeln!(out, "= The paper, figure by figure <paper-figures>\n")?;
    writeln!(
        out,
        "The figures of the paper @paper, but for those of training (T10), as its released notebooks compute them, with the exact law beside the simulation. None of this is counted among the checks.\n"
    )?;
    for redrawn in paper {
        writeln!(
            out,
            "#heading(level: 2, numbering: none)[{}: {}]\n",
            redrawn.original, redrawn.title
        )?;
        write!(out, "#figure-panels(\"{}\", (", redrawn.name)?;
        for panel in &redrawn.panels {
            let alternative = quoted(&format!("{} against {}", panel.y_label, panel.x_label));
            let caption = prose(&panel.caption);
            write!(out, "(\"{}\", {alternative}, [{caption}]), ", panel.name)?;
        }
        writeln!(out, "))[{}]\n", prose(&redrawn.caption))?;
        writeln!(out, "{}\n", prose(&redrawn.note))?;
    }
    Ok(())
}
