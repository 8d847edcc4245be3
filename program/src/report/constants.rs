//! The ready table of σ, μ and v: activation × moment order × width, every digit proved.

use std::fmt::Write;

use rayon::prelude::*;

use crate::report::Artifact;
use isomoment::layer_law::certified::{ExactConstants, ExactLayer, Rational};

const WIDTHS: [u64; 9] = [4, 8, 16, 32, 64, 128, 256, 512, 1024];

/// 0 stands for the Lyapunov scale.
const ORDERS: [&str; 5] = ["0", "0.5", "1", "1.5", "2"];

/// Digits in the CSV file, and in the LaTeX table, which has to fit a page.
const DIGITS: usize = 30;
const LATEX_DIGITS: usize = 15;

/// A layer of the table: its columns activation, slope, lower, upper, and its name in LaTeX.
struct Kind {
    columns: [&'static str; 4],
    latex: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind {
        columns: ["linear", "", "", ""],
        latex: "Linear",
    },
    Kind {
        columns: ["relu", "", "", ""],
        latex: "ReLU",
    },
    Kind {
        columns: ["leaky_relu", "0.01", "", ""],
        latex: "Leaky ReLU, $a = 0.01$",
    },
    Kind {
        columns: ["rrelu", "", "1/8", "1/3"],
        latex: "RReLU, $a \\sim U(1/8, 1/3)$",
    },
];

impl Kind {
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

pub struct Row {
    kind: &'static Kind,
    s: &'static str,
    width: u64,
    csv: ExactConstants,
    latex: ExactConstants,
}

#[cfg(feature = "pdf")]
impl Row {
    /// The units, in words.
    pub fn name(&self) -> &'static str {
        match self.kind.columns[0] {
            "linear" => "Linear",
            "relu" => "ReLU",
            "leaky_relu" => "Leaky ReLU, a = 0.01",
            _ => "RReLU, a uniform from 1/8 to 1/3",
        }
    }

    /// The units, as part of a name.
    pub fn slug(&self) -> &'static str {
        self.kind.columns[0]
    }

    /// Moment order, width, and the constants to the digits that fit a page.
    pub fn numbers(&self) -> (&'static str, u64, &ExactConstants) {
        (self.s, self.width, &self.latex)
    }
}

/// `constants.csv` and `constants.tex`.
pub fn files(rows: &[Row]) -> [Artifact; 2] {
    [
        Artifact {
            name: "constants.csv".into(),
            bytes: csv(rows).into_bytes(),
        },
        Artifact {
            name: "constants.tex".into(),
            bytes: latex(rows).into_bytes(),
        },
    ]
}

/// Every row, sorted by units, order and width.
pub fn rows() -> isomoment::Result<Vec<Row>> {
    let cases: Vec<_> = KINDS
        .iter()
        .flat_map(|kind| ORDERS.map(|s| (kind, s)))
        .flat_map(|(kind, s)| WIDTHS.map(|width| (kind, s, width)))
        .collect();
    cases
        .into_par_iter()
        .map(|(kind, s, width)| {
            let layer = kind.layer(width)?;
            let order = Rational::parse(s).expect("an order of the table");
            let order = (s != "0").then_some(&order);
            Ok(Row {
                kind,
                s,
                width,
                csv: layer.constants(order, DIGITS)?,
                latex: layer.constants(order, LATEX_DIGITS)?,
            })
        })
        .collect()
}

fn csv(rows: &[Row]) -> String {
    let mut text = String::from(
        "activation,slope,lower,upper,keep,width,s,moment,sigma,mean_log,var_log,growth\n",
    );
    for row in rows {
        let [activation, slope, lower, upper] = row.kind.columns;
        let c = &row.csv;
        let _ = writeln!(
            text,
            "{activation},{slope},{lower},{upper},1,{},{},{},{},{},{},{}",
            row.width, row.s, c.moment, c.scale, c.mean_log, c.var_log, c.growth
        );
    }
    text
}

fn latex(rows: &[Row]) -> String {
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
    let mut heading = "";
    let mut order = "";
    for row in rows {
        if row.kind.latex != heading {
            let space = if heading.is_empty() {
                ""
            } else {
                "\\addlinespace\n"
            };
            heading = row.kind.latex;
            let _ = writeln!(text, "{space}\\multicolumn{{5}}{{l}}{{{heading}}} \\\\*");
        } else if row.s != order {
            text.push_str("\\addlinespace\n");
        }
        order = row.s;
        let c = &row.latex;
        let _ = writeln!(
            text,
            "{} & {} & \\num{{{}}} & \\num{{{}}} & \\num{{{}}} \\\\",
            row.s, row.width, c.scale, c.growth, c.var_log
        );
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
            1 + KINDS.len() * ORDERS.len() * WIDTHS.len()
        );
        assert!(csv.contains("relu,,,,1,64,1,5.60136135194761425672"));
        assert!(csv.contains(",0.178528028664370361706517788598,"));
        let tex = String::from_utf8(tex.bytes).unwrap();
        assert!(tex.contains("1 & 64 & \\num{0.178528028664370} &"), "{tex}");
    }
}
