//! Numbers of many elements, on all cores.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use isomoment::Result;
use numpy::{PyArray1, ToPyArray};
use pyo3::prelude::*;
use rayon::prelude::*;

use crate::background;
use crate::error::value_error;

/// What `of` says of 0 to `length` − 1, side by side; the first error, whichever thread meets one
/// first.
pub fn values<'py, const N: usize>(
    py: Python<'py>,
    length: usize,
    of: impl Fn(usize) -> Result<[f64; N]> + Send + Sync + 'static,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let work = move |stop: &AtomicBool| {
        let value = |i| match stop.load(Relaxed) {
            true => Ok([0.0; N]),
            false => of(i),
        };
        let found: Vec<_> = (0..length).into_par_iter().map(value).collect();
        found.into_iter().collect::<Result<Vec<_>>>()
    };
    let found = background::run(py, None, |_| Ok(()), work)?;
    let found = found.map_err(value_error)?;
    Ok(found.as_flattened().to_pyarray(py))
}
