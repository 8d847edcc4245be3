//! Gains of activations that need not be homogeneous.

use std::sync::{Arc, Mutex, PoisonError};

use isomoment::gain::{Gain, LevelLaw, Nonlinearity};
use isomoment::{Error, Result};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

use crate::error::value_error;
use crate::many;
use crate::units::natural;

/// An activation by name; `parameter` is ELU's factor or Leaky ReLU's slope.
pub fn named(name: &str, parameter: f64) -> Result<Nonlinearity> {
    let all = Nonlinearity::ALL.into_iter();
    let found = all.clone().find(|one| one.name() == name).ok_or_else(|| {
        let names: Vec<&str> = all.map(|one| one.name()).collect();
        Error::domain("activation", name, names.join(", "))
    })?;
    Ok(match found {
        Nonlinearity::Elu { .. } => Nonlinearity::Elu { alpha: parameter },
        Nonlinearity::LeakyRelu { .. } => Nonlinearity::LeakyRelu { slope: parameter },
        other => other,
    })
}

/// What a Python function raised while it was integrated.
type Raised = Arc<Mutex<Option<PyErr>>>;

/// The root-mean-square of a layer of one activation.
#[pyclass(frozen, module = "isomoment._core")]
pub struct Level {
    law: LevelLaw,
    raised: Raised,
}

#[pymethods]
impl Level {
    #[new]
    fn new(activation: &str, parameter: f64, width: i64) -> PyResult<Self> {
        let made = || LevelLaw::new(named(activation, parameter)?, natural("width", width)?);
        Ok(Self {
            law: made().map_err(value_error)?,
            raised: Raised::default(),
        })
    }

    /// Of a function of one number.
    #[staticmethod]
    fn of_function(function: Py<PyAny>, breakpoints: Vec<f64>, width: i64) -> PyResult<Self> {
        let raised = Raised::default();
        let first = raised.clone();
        let value = move |y: f64| {
            let called = Python::attach(|py| function.call1(py, (y,))?.extract(py));
            called.unwrap_or_else(|error: PyErr| {
                // where it is no number the law says so; the caller is told what was raised instead
                let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
                first.get_or_insert(error);
                f64::NAN
            })
        };
        let made = || LevelLaw::of_function(value, &breakpoints, natural("width", width)?);
        let law = made().map_err(value_error)?;
        Ok(Self { law, raised })
    }

    /// R(τ).
    fn level(&self, py: Python<'_>, s: f64, tau: f64) -> PyResult<f64> {
        self.ask(py, |law| law.level(s, tau))
    }

    /// Every gain with its stability.
    fn gains(&self, py: Python<'_>, s: f64, level: f64) -> PyResult<Vec<(f64, f64)>> {
        let found = self.ask(py, |law| law.gains(s, level))?;
        let pair = |found: Gain| (found.gain, found.stability);
        Ok(found.into_iter().map(pair).collect())
    }
}

impl Level {
    fn ask<T: Send>(
        &self,
        py: Python<'_>,
        question: impl FnOnce(&LevelLaw) -> Result<T> + Send,
    ) -> PyResult<T> {
        let found = py.detach(|| question(&self.law));
        let mut raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner);
        match raised.take() {
            Some(error) => Err(error),
            None => found.map_err(value_error),
        }
    }
}

/// The smallest gains of as many orders, widths and levels, each with its stability.
#[pyfunction]
pub fn gains<'py>(
    py: Python<'py>,
    activation: &str,
    parameter: f64,
    moments: PyReadonlyArray1<'py, f64>,
    widths: PyReadonlyArray1<'py, i64>,
    levels: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let nonlinearity = named(activation, parameter).map_err(value_error)?;
    let (moments, levels) = (moments.as_array().to_vec(), levels.as_array().to_vec());
    let widths = widths.as_array().to_vec();
    many::values(py, moments.len(), move |i| {
        let law = LevelLaw::new(nonlinearity, natural("width", widths[i])?)?;
        let found = law.gain(moments[i], levels[i])?;
        Ok([found.gain, found.stability])
    })
}
