//! The constants of many layers.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use isomoment::{Error, LayerLaw, Result};
use numpy::{PyArray1, PyReadonlyArray1, ToPyArray};
use pyo3::prelude::*;
use rayon::prelude::*;

use crate::background;
use crate::error::value_error;
use crate::units::{Kind, Units};

/// Elements that one thread takes at a time.
const CHUNK: usize = 256;

/// Arrays up to this length are done by the calling thread.
const SHORT: usize = 32;

/// What is computed of a layer.
#[derive(Clone, Copy)]
enum Quantity {
    Scale,
    Moment,
    LogGrowth,
    LyapunovScale,
    LogCumulants,
    DeadProbability,
    LogDeadProbability,
}

impl Quantity {
    fn read(name: &str) -> Result<Self> {
        Ok(match name {
            "scale" => Self::Scale,
            "moment" => Self::Moment,
            "log_growth" => Self::LogGrowth,
            "lyapunov_scale" => Self::LyapunovScale,
            "log_cumulants" => Self::LogCumulants,
            "dead_probability" => Self::DeadProbability,
            "log_dead_probability" => Self::LogDeadProbability,
            _ => return Err(Error::domain("quantity", name, "the name of a method")),
        })
    }

    fn push(self, law: &LayerLaw, s: f64, values: &mut Vec<f64>) -> Result<()> {
        let value = match self {
            Self::Scale => law.scale(s)?,
            Self::Moment => law.moment(s)?,
            Self::LogGrowth => law.log_growth(s)?,
            Self::LyapunovScale => law.lyapunov_scale()?,
            Self::DeadProbability => law.dead_probability(),
            Self::LogDeadProbability => law.log_dead_probability(),
            Self::LogCumulants => {
                let found = law.log_cumulants();
                values.extend([found.mean, found.variance]);
                found.third
            }
        };
        values.push(value);
        Ok(())
    }

    /// The values of one law at several orders, where they share the transform; none where one of them
    /// has an error.
    fn shared(self, law: &LayerLaw, orders: &[f64]) -> Option<Vec<f64>> {
        match self {
            Self::Scale => law.scales(orders).ok(),
            Self::Moment => law.moments(orders).ok(),
            _ => None,
        }
    }

    fn outputs(self) -> usize {
        match self {
            Self::LogCumulants => 3,
            _ => 1,
        }
    }
}

/// One argument of every element, or one for all.
struct Column<T>(Vec<T>);

impl<T: Copy> Column<T> {
    fn at(&self, i: usize) -> T {
        self.0[if self.is_one() { 0 } else { i }]
    }

    fn is_one(&self) -> bool {
        self.0.len() == 1
    }
}

/// Moments, widths, fan-ins, slopes or lower bounds, upper bounds, keep probabilities: each one for
/// all or as many as the longest.
#[derive(FromPyObject)]
pub struct Columns<'py>(
    PyReadonlyArray1<'py, f64>,
    PyReadonlyArray1<'py, i64>,
    PyReadonlyArray1<'py, i64>,
    PyReadonlyArray1<'py, f64>,
    PyReadonlyArray1<'py, f64>,
    PyReadonlyArray1<'py, f64>,
);

/// The layers, and what is asked of them.
struct Grid {
    quantity: Quantity,
    kind: Kind,
    length: usize,
    moments: Column<f64>,
    counts: [Column<i64>; 2],
    numbers: [Column<f64>; 3],
}

/// All that a layer's law depends on, doubles by their bits.
type Key = ([i64; 2], [u64; 3]);

impl Grid {
    fn key(&self, i: usize) -> Key {
        (
            self.counts.each_ref().map(|column| column.at(i)),
            self.numbers.each_ref().map(|column| column.at(i).to_bits()),
        )
    }

    /// The elements in an order that puts equal layers side by side, whose law is then made once.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.length).collect();
        let one_layer =
            self.counts.iter().all(Column::is_one) && self.numbers.iter().all(Column::is_one);
        if !one_layer && !self.moments.is_one() {
            order.par_sort_by_key(|&i| self.key(i));
        }
        order
    }

    /// The values of some elements, or the first that has none.
    fn values(&self, elements: &[usize]) -> std::result::Result<Vec<f64>, (usize, Error)> {
        let mut values = Vec::with_capacity(elements.len() * self.quantity.outputs());
        for alike in elements.chunk_by(|&a, &b| self.key(a) == self.key(b)) {
            let ([width, fan_in], numbers) = self.key(alike[0]);
            let law = self.kind.layer(numbers.map(f64::from_bits), width, fan_in);
            let law = law.map_err(|error| (alike[0], error))?;
            let orders: Vec<f64> = alike.iter().map(|&i| self.moments.at(i)).collect();
            if alike.len() > 1
                && let Some(found) = self.quantity.shared(&law, &orders)
            {
                values.extend(found);
                continue;
            }
            for (&i, s) in alike.iter().zip(orders) {
                let done = self.quantity.push(&law, s, &mut values);
                done.map_err(|error| (i, error))?;
            }
        }
        Ok(values)
    }

    /// The values of all elements in their order; those of one element side by side.
    fn all(&self, stop: &AtomicBool) -> Result<Vec<f64>> {
        let order = self.order();
        let chunk = |elements: &[usize]| {
            if stop.load(Relaxed) {
                return Ok(Vec::new());
            }
            self.values(elements)
        };
        let chunks: Vec<_> = order.par_chunks(CHUNK).map(chunk).collect();
        let mut parts = Vec::with_capacity(chunks.len());
        let mut first: Option<(usize, Error)> = None;
        for part in chunks {
            match part {
                Ok(values) => parts.push(values),
                Err(found) if first.as_ref().is_none_or(|first| found.0 < first.0) => {
                    first = Some(found);
                }
                Err(_) => {}
            }
        }
        if let Some((_, error)) = first {
            return Err(error);
        }
        let outputs = self.quantity.outputs();
        let mut all = vec![0.0; self.length * outputs];
        let values = parts.iter().flat_map(|part| part.chunks_exact(outputs));
        for (&i, values) in order.iter().zip(values) {
            all[i * outputs..][..outputs].copy_from_slice(values);
        }
        Ok(all)
    }
}

/// The values of one quantity for many layers; those of one layer side by side.
#[pyfunction]
pub fn layers<'py>(
    py: Python<'py>,
    quantity: &str,
    units: Units,
    columns: Columns<'py>,
    length: usize,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let numbers = |array: PyReadonlyArray1<'py, f64>| Column(array.as_array().to_vec());
    let counts = |array: PyReadonlyArray1<'py, i64>| Column(array.as_array().to_vec());
    let Columns(moments, widths, fans, first, second, keep) = columns;
    let grid = Grid {
        quantity: Quantity::read(quantity).map_err(value_error)?,
        kind: units.kind().map_err(value_error)?,
        length,
        moments: numbers(moments),
        counts: [counts(widths), counts(fans)],
        numbers: [numbers(first), numbers(second), numbers(keep)],
    };
    let found = if length <= SHORT {
        let all: Vec<usize> = (0..length).collect();
        py.detach(|| grid.values(&all)).map_err(|(_, error)| error)
    } else {
        background::run(py, None, |_| Ok(()), move |stop| grid.all(stop))?
    };
    Ok(found.map_err(value_error)?.to_pyarray(py))
}
