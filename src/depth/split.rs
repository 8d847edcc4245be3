//! Both tails of a law at one point.

/// A probability and its complement, each with its own relative accuracy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Split {
    pub below: f64,
    pub above: f64,
}

impl Split {
    /// From the smaller tail.
    pub fn of_below(below: f64) -> Self {
        Self {
            below,
            above: 1.0 - below,
        }
    }

    /// From the upper tail.
    pub fn of_above(above: f64) -> Self {
        Self {
            below: 1.0 - above,
            above,
        }
    }
}
