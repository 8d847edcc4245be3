//! The law at depth.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};

use isomoment::depth::DepthTable;
use isomoment::{DepthLaw, Error, Result};
use numpy::{PyArray1, PyReadonlyArray1, ToPyArray};
use pyo3::prelude::*;
use rayon::prelude::*;

use crate::background;
use crate::error::value_error;
use crate::layer::Layer;
use crate::units::natural;

/// Probabilities that lie closer to 0 or 1 have quantiles that are not read from the table.
const TABULATED: f64 = 1e-5;

/// Nor is anything that lies so many standard deviations from the mean: it is the relative accuracy
/// that counts there.
const REACH: f64 = 8.0;

/// The law with its table, which is made when first asked for; `None` where there can be none.
struct Tabulated {
    law: DepthLaw,
    table: OnceLock<Option<DepthTable>>,
}

/// A function of one number.
#[derive(Clone, Copy, PartialEq)]
enum Function {
    Cdf,
    Sf,
    Pdf,
    Quantile,
    Below,
}

impl Function {
    fn read(name: &str) -> Result<Self> {
        Ok(match name {
            "cdf" => Self::Cdf,
            "sf" => Self::Sf,
            "pdf" => Self::Pdf,
            "quantile" => Self::Quantile,
            "below" => Self::Below,
            _ => return Err(Error::domain("function", name, "the name of a method")),
        })
    }

    fn exact(self, law: &DepthLaw, x: f64) -> Result<f64> {
        match self {
            Self::Cdf => law.cdf(x),
            Self::Sf => law.survival_function(x),
            Self::Pdf => law.density(x),
            Self::Quantile => law.quantile(x),
            Self::Below => law.below(x),
        }
    }

    /// From the table where it serves.
    fn tabulated(self, law: &DepthLaw, table: &DepthTable, x: f64) -> Result<f64> {
        if self == Self::Quantile {
            return match (TABULATED..=1.0 - TABULATED).contains(&x) {
                true => Ok(quantile(law, table, x)),
                false => law.quantile(x),
            };
        }
        let at = if self == Self::Below { x.ln() } else { x };
        let (mean, variance) = law.moments();
        // what is no number is not near, and the law says so
        let near = (at - mean).abs() <= REACH * variance.sqrt();
        if !near {
            return self.exact(law, x);
        }
        Ok(match self {
            Self::Sf => 1.0 - table.cdf(at),
            Self::Pdf => table.density(at),
            Self::Below => law.dead_probability() + law.survival_probability() * table.cdf(at),
            Self::Cdf | Self::Quantile => table.cdf(at),
        })
    }
}

/// The table's inverse, by bisection: it ascends but for roundings.
fn quantile(law: &DepthLaw, table: &DepthTable, probability: f64) -> f64 {
    let (mean, variance) = law.moments();
    let reach = REACH * variance.sqrt();
    let (mut below, mut above) = (mean - reach, mean + reach);
    loop {
        let middle = 0.5 * (below + above);
        if middle <= below || middle >= above {
            return middle;
        }
        if table.cdf(middle) < probability {
            below = middle;
        } else {
            above = middle;
        }
    }
}

impl Tabulated {
    fn new(law: DepthLaw) -> Self {
        Self {
            law,
            table: OnceLock::new(),
        }
    }

    fn table(&self) -> Option<&DepthTable> {
        let spread = self.law.moments().1 > 0.0;
        let made = || spread.then(|| self.law.table().ok()).flatten();
        self.table.get_or_init(made).as_ref()
    }

    fn values(&self, f: Function, at: &[f64], exact: bool, stop: &AtomicBool) -> Result<Vec<f64>> {
        let table = if exact { None } else { self.table() };
        let value = |&x: &f64| match table {
            _ if stop.load(Relaxed) => Ok(0.0),
            Some(table) => f.tabulated(&self.law, table, x),
            None => f.exact(&self.law, x),
        };
        // the first that fails, whichever thread meets one first
        let found: Vec<_> = at.par_iter().map(value).collect();
        found.into_iter().collect()
    }
}

/// The law of the log-norm at depth.
#[pyclass(frozen, module = "isomoment._core")]
pub struct Depth(Arc<Tabulated>);

impl Depth {
    fn law(&self) -> &DepthLaw {
        &self.0.law
    }
}

#[pymethods]
impl Depth {
    /// Of weights of this scale, or of the scale that keeps the moment of order s.
    #[staticmethod]
    fn of_scale(py: Python<'_>, layer: &Layer, sigma: f64, depth: i64) -> PyResult<Self> {
        let made = || DepthLaw::new(&layer.0, sigma, natural("depth", depth)?);
        let law = py.detach(made).map_err(value_error)?;
        Ok(Self(Arc::new(Tabulated::new(law))))
    }

    #[staticmethod]
    fn of_moment(py: Python<'_>, layer: &Layer, s: f64, depth: i64) -> PyResult<Self> {
        let made = || DepthLaw::preserving(&layer.0, s, natural("depth", depth)?);
        let law = py.detach(made).map_err(value_error)?;
        Ok(Self(Arc::new(Tabulated::new(law))))
    }

    fn with_depth(&self, depth: i64) -> PyResult<Self> {
        let depth = natural("depth", depth).map_err(value_error)?;
        let law = self.law().with_depth(depth).map_err(value_error)?;
        Ok(Self(Arc::new(Tabulated::new(law))))
    }

    fn growth(&self) -> f64 {
        self.law().growth()
    }

    fn moments(&self) -> (f64, f64) {
        self.law().moments()
    }

    fn step_roughness(&self) -> f64 {
        self.law().step_roughness()
    }

    fn survival_probability(&self) -> f64 {
        self.law().survival_probability()
    }

    fn dead_probability(&self) -> f64 {
        self.law().dead_probability()
    }

    fn tail_index(&self) -> PyResult<f64> {
        self.law().tail_index().map_err(value_error)
    }

    /// A function of one number, exactly.
    fn value(&self, py: Python<'_>, function: &str, x: f64) -> PyResult<f64> {
        let function = Function::read(function).map_err(value_error)?;
        py.detach(|| function.exact(self.law(), x))
            .map_err(value_error)
    }

    /// A function of many numbers.
    fn values<'py>(
        &self,
        py: Python<'py>,
        function: &str,
        at: PyReadonlyArray1<'py, f64>,
        exact: bool,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let function = Function::read(function).map_err(value_error)?;
        let at = at.as_array().to_vec();
        let law = self.0.clone();
        let work = move |stop: &AtomicBool| law.values(function, &at, exact, stop);
        let found = background::run(py, None, |_| Ok(()), work)?;
        Ok(found.map_err(value_error)?.to_pyarray(py))
    }
}
