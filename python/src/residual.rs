//! The law of a residual block.

use isomoment::ResidualLaw;
use pyo3::prelude::*;

use crate::error::value_error;
use crate::layer::Layer;
use crate::units::natural;

/// The law of a residual block.
#[pyclass(frozen, module = "isomoment._core")]
pub struct Residual(ResidualLaw);

#[pymethods]
impl Residual {
    #[new]
    fn new(hidden: &Layer, branch: f64, width: i64) -> PyResult<Self> {
        let made = || ResidualLaw::new(&hidden.0, branch, natural("width", width)?);
        made().map(Self).map_err(value_error)
    }

    #[staticmethod]
    fn pre_normalised(
        hidden: &Layer,
        branch: f64,
        width: i64,
        blocks: i64,
        norm: f64,
    ) -> PyResult<Self> {
        let made = || {
            let (width, blocks) = (natural("width", width)?, natural("blocks", blocks)?);
            ResidualLaw::pre_normalised(&hidden.0, branch, width, blocks, norm)
        };
        made().map(Self).map_err(value_error)
    }

    fn moment(&self, s: f64) -> PyResult<f64> {
        self.0.moment(s).map_err(value_error)
    }

    fn scale(&self, s: f64) -> PyResult<f64> {
        self.0.scale(s).map_err(value_error)
    }

    fn log_growth(&self, s: f64) -> PyResult<f64> {
        self.0.log_growth(s).map_err(value_error)
    }

    fn log_cumulants(&self) -> (f64, f64, f64) {
        let found = self.0.log_cumulants();
        (found.mean, found.variance, found.third)
    }

    fn many_blocks(&self, s: f64) -> PyResult<(f64, f64)> {
        let found = self.0.many_blocks(s).map_err(value_error)?;
        Ok((found.exponent, found.correction))
    }
}
