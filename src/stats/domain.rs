//! What samples and levels the statistics take: each of these is `Ok`, or names what is wrong.

use crate::error::{Error, Result};

/// At least `least` values, none of them NaN; −∞ and ∞ are values.
pub(super) fn check_sample(sample: &[f64], least: usize) -> Result<()> {
    check_size("the sample", sample.len(), least)?;
    match sample.iter().position(|x| x.is_nan()) {
        Some(index) => Err(Error::domain(
            "the sample",
            format!("NaN at position {index}"),
            "numbers",
        )),
        None => Ok(()),
    }
}

/// At least `least` values.
pub(super) fn check_size(argument: &'static str, size: usize, least: usize) -> Result<()> {
    if size >= least {
        return Ok(());
    }
    Err(Error::domain(
        argument,
        format!("of size {size}"),
        format!("of size {least} at least"),
    ))
}

/// Strictly between 0 and 1: a level, a power, a confidence.
pub(super) fn check_share(argument: &'static str, value: f64) -> Result<()> {
    if value > 0.0 && value < 1.0 {
        return Ok(());
    }
    let allowed = "between 0 and 1, both excluded";
    Err(Error::domain(argument, format!("{value:?}"), allowed))
}

/// From 0 to 1.
pub(super) fn check_probability(argument: &'static str, value: f64) -> Result<()> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(Error::domain(argument, format!("{value:?}"), "from 0 to 1"))
}
