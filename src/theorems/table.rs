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
