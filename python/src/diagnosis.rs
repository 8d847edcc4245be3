//! What weights do at depth.

use isomoment::diagnosis::{Diagnosis, Rate};
use pyo3::prelude::*;

use crate::error::value_error;
use crate::layer::Layer;
use crate::units::natural;

/// Growth and variance of the log-norm per layer, of signals and of gradients.
type Rates = ((f64, f64), Option<(f64, f64)>);

/// Rates; the order that the weights keep; the chances that an output is 0, at most ε of the input,
/// above 1/ε of it; ends and median of the middle share; layers until the typical signal is ε of
/// the input.
type Found = (
    Rates,
    Option<f64>,
    (f64, f64, f64),
    (f64, f64, f64),
    Option<f64>,
);

/// What weights whose entries have the standard deviation `std` do in layers of one law.
#[pyfunction]
pub fn diagnose(
    py: Python<'_>,
    layer: &Layer,
    std: f64,
    depth: i64,
    epsilon: f64,
    share: f64,
) -> PyResult<Found> {
    let pair = |rate: Rate| (rate.growth, rate.variance);
    let ask = || {
        let found = Diagnosis::new(&layer.0, std, natural("depth", depth)?)?;
        let (vanished, exploded) = found.beyond(epsilon)?;
        isomoment::Result::Ok((
            (pair(found.forward()), found.backward().map(pair)),
            found.preserved_order(),
            (found.law().dead_probability(), vanished, exploded),
            found.band(share)?,
            found.forward().layers_to(epsilon),
        ))
    };
    py.detach(ask).map_err(value_error)
}
