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
