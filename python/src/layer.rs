//! The law of one layer.

use isomoment::{LayerLaw, LayerShape, Scheme};
use pyo3::prelude::*;

use crate::error::value_error;
use crate::units::{Units, natural};

/// The law of one layer.
#[pyclass(frozen, module = "isomoment._core")]
pub struct Layer(pub LayerLaw);

#[pymethods]
impl Layer {
    #[new]
    #[pyo3(signature = (units, width, fan_in=None))]
    fn new(units: Units, width: i64, fan_in: Option<i64>) -> PyResult<Self> {
        units.layer(width, fan_in).map(Self).map_err(value_error)
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

    fn lyapunov_scale(&self) -> PyResult<f64> {
        self.0.lyapunov_scale().map_err(value_error)
    }

    fn log_cumulants(&self) -> (f64, f64, f64) {
        let found = self.0.log_cumulants();
        (found.mean, found.variance, found.third)
    }

    fn dead_probability(&self) -> f64 {
        self.0.dead_probability()
    }

    fn log_dead_probability(&self) -> f64 {
        self.0.log_dead_probability()
    }

    fn log_survival_probability(&self) -> f64 {
        self.0.log_survival_probability()
    }

    fn large_width(&self, s: f64) -> PyResult<(f64, f64, f64)> {
        let found = self.0.large_width(s).map_err(value_error)?;
        Ok((found.mean_slope, found.first, found.second))
    }

    fn scale_of_entries(&self, std: f64) -> f64 {
        self.0.scale_of_entries(std)
    }
}

/// The standard deviation that a scheme gives the weights of a layer.
#[pyfunction]
pub fn standard_deviation(scheme: &str, units: Units, fan_in: i64, fan_out: i64) -> PyResult<f64> {
    let found = || {
        let scheme: Scheme = scheme.parse()?;
        let (activation, dropout) = units.parts()?;
        let shape = LayerShape {
            fan_in: natural("fan_in", fan_in)?,
            fan_out: natural("fan_out", fan_out)?,
        };
        scheme.standard_deviation(activation, dropout, shape)
    };
    found().map_err(value_error)
}
