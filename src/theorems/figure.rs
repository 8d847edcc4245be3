//! A figure as data: what to draw, not how.

use serde::Serialize;

use crate::stats::proportion::interval;

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
    /// The label alone, centred at the only point: the name of a region.
    Note,
    /// Intervals alone, where they do not lie evenly around the estimates.
    Interval,
    /// A shaded band: y ± half the interval.
    Band,
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

impl Series {
    /// Shares of counts with Clopper and Pearson's 95 % intervals: a series of points, and one of intervals. Of each share: where it
    /// stands, successes and trials.
    pub fn shares(color: usize, counts: &[(f64, u64, u64)]) -> [Self; 2] {
        let share =
            |&(x, successes, trials): &(f64, u64, u64)| (x, successes as f64 / trials as f64, 0.0);
        let around = |&(x, successes, trials): &(f64, u64, u64)| {
            let (low, high) = interval(successes, trials, 0.95);
            (x, 0.5 * (low + high), 0.5 * (high - low))
        };
        let series = |mark, points| Self {
            label: String::new(),
            mark,
            color,
            points,
        };
        [
            series(Mark::Interval, counts.iter().map(around).collect()),
            series(Mark::Points, counts.iter().map(share).collect()),
        ]
    }
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// File name without extension.
    pub name: &'static str,
    /// Label of the horizontal axis.
    pub x_label: String,
    /// Label of the vertical axis.
    pub y_label: String,
    /// What stands at 1, 2, … of the horizontal axis instead of numbers; empty for numbers.
    pub categories: Vec<String>,
    /// Logarithmic horizontal axis.
    pub x_log: bool,
    /// Logarithmic vertical axis.
    pub y_log: bool,
    /// The series, first drawn first.
    pub series: Vec<Series>,
    /// What to see, with n and what is predicted.
    pub caption: String,
}
