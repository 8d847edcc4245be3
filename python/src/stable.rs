//! Layers with α-stable weights.

use isomoment::StableLaw;
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

use crate::error::value_error;
use crate::many;
use crate::units::{Units, natural};

/// The law of a layer with α-stable weights.
#[pyclass(frozen, module = "isomoment._core")]
pub struct Stable(StableLaw);

#[pymethods]
impl Stable {
    #[new]
    fn new(units: Units, alpha: f64, width: i64) -> PyResult<Self> {
        law(&units, alpha, width).map(Self).map_err(value_error)
    }

    fn scale(&self, s: f64) -> PyResult<f64> {
        self.0.scale(s).map_err(value_error)
    }

    fn moment(&self, s: f64) -> PyResult<f64> {
        self.0.moment(s).map_err(value_error)
    }

    fn log_growth(&self, s: f64) -> PyResult<f64> {
        self.0.log_growth(s).map_err(value_error)
    }

    fn scale_expansion(&self, s: f64) -> PyResult<f64> {
        self.0.scale_expansion(s).map_err(value_error)
    }

    fn lyapunov_scale(&self) -> PyResult<f64> {
        self.0.lyapunov_scale().map_err(value_error)
    }

    fn infinite_width_scale(&self) -> PyResult<f64> {
        self.0.infinite_width_scale().map_err(value_error)
    }

    fn log_cumulants(&self) -> (f64, f64, f64) {
        let found = self.0.log_cumulants();
        (found.mean, found.variance, found.third)
    }

    fn dead_probability(&self) -> f64 {
        self.0.dead_probability()
    }
}

fn law(units: &Units, alpha: f64, width: i64) -> isomoment::Result<StableLaw> {
    let (activation, dropout) = units.parts()?;
    StableLaw::with_dropout(alpha, activation, dropout, natural("width", width)?)
}

/// The scales of as many orders, tail indices and widths.
#[pyfunction]
pub fn stable_scales<'py>(
    py: Python<'py>,
    units: Units,
    moments: PyReadonlyArray1<'py, f64>,
    alphas: PyReadonlyArray1<'py, f64>,
    widths: PyReadonlyArray1<'py, i64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (moments, alphas) = (moments.as_array().to_vec(), alphas.as_array().to_vec());
    let widths = widths.as_array().to_vec();
    many::values(py, moments.len(), move |i| {
        Ok([law(&units, alphas[i], widths[i])?.scale(moments[i])?])
    })
}
