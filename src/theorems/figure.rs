//! A figure as data: what to draw, not how.

use serde::Serialize;

use crate::error::Result;
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
    /// Number of the colour ([`color`](super::color)): series of one subject share it.
    pub color: usize,
    /// (x, y, half the length of the interval around y).
    pub points: Vec<(f64, f64, f64)>,
}

impl Series {
    /// A series without a label; of each point x, y and half the interval around y.
    pub fn new(
        mark: Mark,
        color: usize,
        points: impl IntoIterator<Item = (f64, f64, f64)>,
    ) -> Self {
        Self {
            label: String::new(),
            mark,
            color,
            points: points.into_iter().collect(),
        }
    }

    /// A series of exact points (x, y), without intervals.
    ///
    /// ```
    /// use isomoment::theorems::{Mark, Series};
    /// let parabola = Series::exact(Mark::Line, 0, (0..5).map(f64::from).map(|x| (x, x * x))).labelled("x²");
    /// assert_eq!(parabola.points[3], (3.0, 9.0, 0.0));
    /// ```
    pub fn exact(mark: Mark, color: usize, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self::new(mark, color, points.into_iter().map(|(x, y)| (x, y, 0.0)))
    }

    /// The same with a label beside it.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Shares of counts with Clopper and Pearson's 95 % intervals: a series of points, and one of
    /// intervals. Of each share: where it stands, successes and trials.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) for more successes than trials.
    pub fn shares(color: usize, counts: &[(f64, u64, u64)]) -> Result<[Self; 2]> {
        let share =
            |&(x, successes, trials): &(f64, u64, u64)| (x, successes as f64 / trials as f64);
        let around = |&(x, successes, trials): &(f64, u64, u64)| {
            let (low, high) = interval(successes, trials, 0.95)?;
            Ok((x, 0.5 * (low + high), 0.5 * (high - low)))
        };
        let intervals: Vec<_> = counts.iter().map(around).collect::<Result<_>>()?;
        Ok([
            Self::new(Mark::Interval, color, intervals),
            Self::exact(Mark::Points, color, counts.iter().map(share)),
        ])
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
    /// Whether it is a panel, two of which stand side by side.
    #[serde(skip)]
    pub half_width: bool,
}

impl Figure {
    /// A figure with linear axes and no caption yet.
    pub fn new(
        name: &'static str,
        x_label: impl Into<String>,
        y_label: impl Into<String>,
        series: Vec<Series>,
    ) -> Self {
        Self {
            name,
            x_label: x_label.into(),
            y_label: y_label.into(),
            categories: Vec::new(),
            x_log: false,
            y_log: false,
            series,
            caption: String::new(),
            half_width: false,
        }
    }

    /// The same with a logarithmic horizontal axis.
    #[must_use]
    pub fn with_log_x(mut self) -> Self {
        self.x_log = true;
        self
    }

    /// The same with a logarithmic vertical axis.
    #[must_use]
    pub fn with_log_y(mut self) -> Self {
        self.y_log = true;
        self
    }

    /// The same with names at 1, 2, … of the horizontal axis.
    #[must_use]
    pub fn with_categories(mut self, names: Vec<String>) -> Self {
        self.categories = names;
        self
    }

    /// The same as a panel, two of which stand side by side.
    #[must_use]
    pub fn at_half_width(mut self) -> Self {
        self.half_width = true;
        self
    }

    /// The same with a caption: what to see, with n and what is predicted.
    #[must_use]
    pub fn with_caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = caption.into();
        self
    }
}

/// How a figure names the scale that keeps the moment of order s.
pub(super) fn order_label(s: f64) -> String {
    if s == 2.0 {
        "He (s = 2)".into()
    } else {
        format!("s = {s}")
    }
}
