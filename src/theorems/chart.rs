//! A figure as data: what to draw, not how.

use serde::Serialize;

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// A prediction: a line.
    Line,
    /// A wrong or competing prediction: a dashed line.
    Dashed,
    /// A simulation: points with intervals.
    Points,
    /// A thin, pale line among many: a sample path.
    Path,
    /// A histogram's outline.
    Steps,
}

/// One series of a figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// What it is, written beside it; empty for one of many paths.
    pub label: String,
    /// Line or points.
    pub mark: Mark,
    /// Colour index: series of one subject share it.
    pub color: usize,
    /// (x, y, half the length of the interval around y).
    pub points: Vec<(f64, f64, f64)>,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chart {
    /// File name without extension.
    pub name: &'static str,
    /// Label of the horizontal axis.
    pub x_label: String,
    /// Label of the vertical axis.
    pub y_label: String,
    /// Logarithmic horizontal axis.
    pub x_log: bool,
    /// Logarithmic vertical axis.
    pub y_log: bool,
    /// The series, first drawn first.
    pub series: Vec<Series>,
    /// What to see, with n and what is predicted.
    pub caption: String,
}
