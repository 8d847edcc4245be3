//! The library's errors as Python's exceptions.

use pyo3::PyErr;
use pyo3::exceptions::PyValueError;

/// A `ValueError` with the library's sentence.
pub fn value_error(error: isomoment::Error) -> PyErr {
    PyValueError::new_err(error.to_string())
}
