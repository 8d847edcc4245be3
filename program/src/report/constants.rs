//! The ready table of σ, μ and v: activation × moment order × width, every digit proved.

use std::fmt::Write;

use rayon::prelude::*;

use crate::output::{Artifact, csv, latex};
use isomoment::layer_law::certified::{ExactConstants, ExactLayer, Rational};

const WIDTHS: [u64; 9] = [4, 8, 16, 32, 64, 128, 256, 512, 1024];

/// 0 stands for the Lyapunov scale.
const ORDERS: [&str; 5] = ["0", "0.5", "1", "1.5", "2"];

/// Digits in the CSV file, and in the LaTeX table, which has to fit a page.
const DIGITS: usize = 30;
const LATEX_DIGITS: usize = 15;

/// A layer of the table: its columns activation, slope, lower, upper, and its name in LaTeX.
struct Units {
    columns: [&'static str; 4],
    latex: &'static str,
}

const UNITS: [Units; 4] = [
    Units {
        columns: ["linear", "", "", ""],
        latex: "Linear",
    },
    Units {
        columns: ["relu", "", "", ""],
        latex: "ReLU",
    },
    Units {
        columns: ["leaky_relu", "0.01", "", ""],
        latex: "Leaky ReLU, $a = 0.01$",
    },
    Units {
        columns: ["rrelu", "", "1/8", "1/3"],
        latex: "RReLU, $a \\sim U(1/8, 1/3)$",
    },
];

impl Units {
    fn layer(&self, width: u64) -> isomoment::Result<ExactLayer> {
        let number = |text: &str| Rational::parse(text).expect("a number of the table");
        let keep = Rational::integer(1);
        match self.columns {
            ["linear", ..] => ExactLayer::new(Rational::integer(1), keep, true, width),
            ["relu", ..] => ExactLayer::new(Rational::integer(0), keep, true, width),
            [_, "", lower, upper] => {
                ExactLayer::randomized(number(lower), number(upper), keep, true, width)
            }
            [_, slope, ..] => ExactLayer::new(number(slope), keep, true, width),
        }
    }
}

/// A row of the table.
pub struct ProvedRow {
    units: &'static Units,
    s: &'static str,
    width: u64,
    csv: ExactConstants,
    latex: ExactConstants,
}

#[cfg(feature = "pdf")]
impl ProvedRow {
    /// The units, in words.
    pub fn name(&self) -> &'static str {
        match self.units.columns[0] {
            "linear" => "Linear",
            "relu" => "ReLU",
            "leaky_relu" => "Leaky ReLU, a = 0.01",
            _ => "RReLU, a uniform from 1/8 to 1/3",
        }
    }

    /// The units, as part of a name.
    pub fn slug(&self) -> &'static str {
        self.units.columns[0]
    }

    /// Moment order, width, and the constants to the digits that fit a page.
    pub fn numbers(&self) -> (&'static str, u64, &ExactConstants) {
        (self.s, self.width, &self.latex)
    }
}

/// `constants.csv` and `constants.tex`.
pub fn files(rows: &[ProvedRow]) -> [Artifact; 2] {
    [
        Artifact::new("constants.csv", as_csv(rows)),
        Artifact::new("constants.tex", as_latex(rows)),
    ]
}

/// Every row, sorted by units, order and width.
pub fn rows() -> isomoment::Result<Vec<ProvedRow>> {
    let cases: Vec<_> = UNITS
        .iter()
        .flat_map(|units| ORDERS.map(|s| (units, s)))
        .flat_map(|(units, s)| WIDTHS.map(|width| (units, s, width)))
        .collect();
    cases
        .into_par_iter()
        .map(|(units, s, width)| {
            let layer = units.layer(width)?;
            let order = Rational::parse(s).expect("an order of the table");
            let order = (s != "0").then_some(&order);
            Ok(ProvedRow {
                units,
                s,
                width,
                csv: layer.constants(order, DIGITS)?,
                latex: layer.constants(order, LATEX_DIGITS)?,
            })
        })
        .collect()
}

fn as_csv(rows: &[ProvedRow]) -> String {
    let header = [
        "activation",
        "slope",
        "lower",
        "upper",
        "keep",
        "width",
        "s",
        "moment",
        "sigma",
        "mean_log",
        "var_log",
        "growth",
    ];
    let cells = |row: &ProvedRow| {
        let [activation, slope, lower, upper] = row.units.columns.map(String::from);
        let width = row.width.to_string();
        let c = row.csv.clone();
        [
            activation,
            slope,
            lower,
            upper,
            "1".into(),
            width,
            row.s.into(),
            c.moment,
            c.scale,
            c.mean_log,
            c.var_log,
            c.growth,
        ]
    };
    csv::text(header, rows.iter().map(cells))
}

/// In LaTeX: longer than a page, a heading for the rows of each kind of units, and space between
/// orders.
fn as_latex(rows: &[ProvedRow]) -> String {
    let mut text = String::from(
        "% needs \\usepackage{booktabs}, \\usepackage{longtable} and \\usepackage{siunitx}\n\
         % every digit is proved; s = 0 is the Lyapunov scale\n\
         \\begingroup\\footnotesize\\setlength{\\tabcolsep}{4pt}\n\
         \\begin{longtable}{l r l l l}\n\
         \\toprule\n\
         $s$ & $d$ & $\\sigma(s,d)$ & $\\mu$ & $v$ \\\\\n\
         \\midrule\n\
         \\endhead\n\
         \\bottomrule\n\
         \\endfoot\n",
    );
    for (i, of_units) in rows
        .chunk_by(|a, b| a.units.latex == b.units.latex)
        .enumerate()
    {
        let space = if i == 0 { "" } else { "\\addlinespace\n" };
        let heading = of_units[0].units.latex;
        let _ = writeln!(text, "{space}\\multicolumn{{5}}{{l}}{{{heading}}} \\\\*");
        for (i, of_order) in of_units.chunk_by(|a, b| a.s == b.s).enumerate() {
            text += if i == 0 { "" } else { "\\addlinespace\n" };
            for row in of_order {
                let c = &row.latex;
                let numbers = [&c.scale, &c.growth, &c.var_log].map(|digits| latex::number(digits));
                let cells = [row.s.to_owned(), row.width.to_string()];
                text += &latex::row(&cells.into_iter().chain(numbers).collect::<Vec<_>>());
            }
        }
    }
    text + "\\end{longtable}\n\\endgroup\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_case_with_its_digits() {
        let [csv, tex] = files(&rows().unwrap());
        let csv = String::from_utf8(csv.bytes).unwrap();
        assert_eq!(
            csv.lines().count(),
            1 + UNITS.len() * ORDERS.len() * WIDTHS.len()
        );
        assert!(csv.contains("relu,,,,1,64,1,5.60136135194761425672"));
        assert!(csv.contains(",0.178528028664370361706517788598,"));
        let tex = String::from_utf8(tex.bytes).unwrap();
        assert!(tex.contains("1 & 64 & \\num{0.178528028664370} &"), "{tex}");
    }
}
