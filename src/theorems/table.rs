//! A table of exact numbers that a theorem's section has beside its checks.

use serde::Serialize;

/// How a column's numbers are printed in the document; files have every digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notation {
    /// As few digits as identify it: widths, depths, slopes.
    Plain,
    /// Ten decimals.
    Decimals,
    /// Two significant digits, with a power of ten where it is small.
    Short,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// File name without extension.
    pub name: &'static str,
    /// What to see.
    pub caption: String,
    /// Heading and notation of each column.
    pub columns: Vec<(String, Notation)>,
    /// The rows, a number for each column.
    pub rows: Vec<Vec<f64>>,
}

impl Table {
    /// Every digit, one line a row.
    pub fn csv(&self) -> String {
        let headings = self
            .columns
            .iter()
            .map(|(heading, _)| format!("\"{heading}\""));
        let mut text = headings.collect::<Vec<_>>().join(",") + "\n";
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|number| format!("{number}")).collect();
            text += &(cells.join(",") + "\n");
        }
        text
    }

    /// For `booktabs` and `siunitx`.
    pub fn latex(&self) -> String {
        let headings: Vec<String> = self
            .columns
            .iter()
            .map(|(heading, _)| {
                heading
                    .replace('σ', "$\\sigma$")
                    .replace('ε', "$\\varepsilon$")
            })
            .collect();
        let mut text = format!(
            "% needs \\usepackage{{booktabs}} and \\usepackage{{siunitx}}\n\\begin{{tabular}}{{{}}}\n\\toprule\n{} \\\\\n\\midrule\n",
            "r".repeat(self.columns.len()),
            headings
                .join(" & ")
                .replace('²', "$^2$")
                .replace('₀', "$_0$")
                .replace('μ', "$\\mu$")
                .replace('%', "\\%"),
        );
        for row in &self.rows {
            let cells = row
                .iter()
                .zip(&self.columns)
                .map(|(&number, (_, notation))| format!("\\num{{{}}}", notation.digits(number)));
            text += &(cells.collect::<Vec<_>>().join(" & ") + " \\\\\n");
        }
        text + "\\bottomrule\n\\end{tabular}\n"
    }
}

impl Notation {
    /// The number with the digits that a reader sees, a power of ten as `e`.
    pub fn digits(self, number: f64) -> String {
        match self {
            Self::Plain if number == 0.0 || (1e-4..1e6).contains(&number.abs()) => {
                format!("{number}")
            }
            Self::Plain => format!("{number:e}"),
            Self::Decimals => format!("{number:.10}"),
            Self::Short if number == 0.0 || (0.01..1e3).contains(&number.abs()) => {
                format!("{number:.3}")
            }
            Self::Short => format!("{number:.1e}"),
        }
    }
}
