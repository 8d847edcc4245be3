//! How far the numbers reach.

use crate::error::{Error, Result};

/// The largest width: up to here every integer is a double.
pub const MAX_WIDTH: u64 = 1 << 53;

/// `Ok` for the widths and fans that are computed with: 1 to 2⁵³.
pub(crate) fn check_width(argument: &'static str, width: u64) -> Result<()> {
    if (1..=MAX_WIDTH).contains(&width) {
        return Ok(());
    }
    Err(Error::domain(
        argument,
        width,
        "an integer from 1 to 9007199254740992",
    ))
}

/// `Ok` for what is positive and finite.
pub(crate) fn check_positive(argument: &'static str, value: f64) -> Result<()> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    let given = format!("{value:?}");
    Err(Error::domain(argument, given, "positive and finite"))
}

/// `Ok` for the tail indices of stable weights: 0.3 to 2.
pub(crate) fn check_tail_index(alpha: f64) -> Result<()> {
    if (0.3..=2.0).contains(&alpha) {
        return Ok(());
    }
    let given = format!("{alpha:?}");
    Err(Error::domain("alpha", given, "a number from 0.3 to 2"))
}
