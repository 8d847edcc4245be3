//! Proved digits.

use isomoment::Error;
use isomoment::layer_law::certified::{ExactLayer, Rational};
use pyo3::prelude::*;

use crate::background;
use crate::error::value_error;
use crate::units::natural;

/// Activation, slope or lower, upper, keep, whether kept units are scaled by 1/keep, weights;
/// numbers as texts.
#[derive(FromPyObject)]
pub struct ExactUnits(String, String, String, String, bool, String);

/// A layer whose parameters are exact.
#[pyclass(frozen, module = "isomoment._core")]
pub struct Exact(ExactLayer);

type Constants = (String, String, String, String, String, String);

#[pymethods]
impl Exact {
    #[new]
    #[pyo3(signature = (units, width, fan_in=None))]
    fn new(units: ExactUnits, width: i64, fan_in: Option<i64>) -> PyResult<Self> {
        layer(&units, width, fan_in).map(Self).map_err(value_error)
    }

    fn scale(&self, py: Python<'_>, s: &str, digits: usize) -> PyResult<String> {
        let s = rational("s", s).map_err(value_error)?;
        self.ask(py, move |layer| layer.scale(&s, digits))
    }

    fn moment(&self, py: Python<'_>, s: &str, digits: usize) -> PyResult<String> {
        let s = rational("s", s).map_err(value_error)?;
        self.ask(py, move |layer| layer.moment(&s, digits))
    }

    fn lyapunov_scale(&self, py: Python<'_>, digits: usize) -> PyResult<String> {
        self.ask(py, move |layer| layer.lyapunov_scale(digits))
    }

    /// Moment, scale, scale of the root-mean-square, mean and variance of ½ log Q, growth.
    fn constants(&self, py: Python<'_>, s: Option<&str>, digits: usize) -> PyResult<Constants> {
        let s = s.map(|s| rational("s", s)).transpose();
        let s = s.map_err(value_error)?;
        let found = self.ask(py, move |layer| layer.constants(s.as_ref(), digits))?;
        Ok((
            found.moment,
            found.scale,
            found.scale_rms,
            found.mean_log,
            found.var_log,
            found.growth,
        ))
    }
}

impl Exact {
    /// An answer that may take a minute.
    fn ask<T: Send + 'static>(
        &self,
        py: Python<'_>,
        question: impl FnOnce(&ExactLayer) -> isomoment::Result<T> + Send + 'static,
    ) -> PyResult<T> {
        let layer = self.0.clone();
        // on a thread of its own: Ctrl-C does not end it, it only stops waiting
        background::run(py, Some(1), |_| Ok(()), move |_| question(&layer))?.map_err(value_error)
    }
}

fn layer(units: &ExactUnits, width: i64, fan_in: Option<i64>) -> isomoment::Result<ExactLayer> {
    let ExactUnits(activation, first, second, keep, inverted, weights) = units;
    let (inverted, width) = (*inverted, natural("width", width)?);
    let keep = rational("keep", keep)?;
    let layer = match activation.as_str() {
        "linear" => ExactLayer::new(Rational::integer(1), keep, inverted, width)?,
        "relu" => ExactLayer::new(Rational::integer(0), keep, inverted, width)?,
        "leaky-relu" => ExactLayer::new(rational("slope", first)?, keep, inverted, width)?,
        "rrelu" => {
            let (lower, upper) = (rational("lower", first)?, rational("upper", second)?);
            ExactLayer::randomized(lower, upper, keep, inverted, width)?
        }
        _ => {
            let allowed = "linear, relu, leaky-relu or rrelu";
            return Err(Error::domain("activation", activation, allowed));
        }
    };
    let fan_in = fan_in.map_or(Ok(width), |fan_in| natural("fan_in", fan_in))?;
    layer.with_weights(weights.parse()?).with_fan_in(fan_in)
}

fn rational(argument: &'static str, text: &str) -> isomoment::Result<Rational> {
    let allowed = "a decimal or a quotient, as 0.01, 1e-8 or 1/3";
    Rational::parse(text).ok_or_else(|| Error::domain(argument, text, allowed))
}
