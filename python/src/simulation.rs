//! Simulated networks.

use std::collections::TryReserveError;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};

use isomoment::simulate::{Layer, Level, Model, NonlinearNetwork, Path, Record, Simulator};
use isomoment::{Error, Result};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use rayon::prelude::*;

use crate::background;
use crate::error::value_error;
use crate::units::Units;

/// Level, seed, first trajectory, number of trajectories, recorded layers, standard deviation of
/// the biases, number of inputs, cosine between them, whether there are gradients; of units that need not
/// be homogeneous the root-mean-square of the input.
#[derive(FromPyObject)]
pub struct Plan(
    String,
    u64,
    u64,
    usize,
    Option<Vec<usize>>,
    f64,
    usize,
    f64,
    bool,
    Option<f64>,
);

fn level(name: &str) -> Result<Level> {
    Ok(match name {
        "network" => Level::Network,
        "network-single" => Level::NetworkSingle,
        "preactivation" => Level::Preactivation,
        "radial" => Level::Radial,
        _ => {
            let allowed = "network, network-single, preactivation or radial";
            return Err(Error::domain("level", name, allowed));
        }
    })
}

/// What is drawn.
enum Networks {
    Homogeneous(Box<Simulator>),
    Any(NonlinearNetwork),
}

/// Networks, ready for any number of threads.
struct Run {
    networks: Networks,
    record: Record,
    seed: u64,
    first: u64,
    done: Arc<AtomicU64>,
}

/// Log-norms, and cosines or products with the Jacobian, of all trajectories, one after the other.
type Drawn = (Vec<f64>, Vec<f64>);

impl Run {
    /// Numbers per trajectory: log-norms, cosines or (tangents, gradients).
    fn sizes(&self) -> [usize; 2] {
        let records = self.record.as_slice().len();
        let (inputs, gradient) = match &self.networks {
            Networks::Homogeneous(simulator) => {
                (simulator.model().inputs(), simulator.has_gradient())
            }
            Networks::Any(_) => (1, false),
        };
        // several inputs and gradients exclude one another
        let products = if gradient { 2 } else { 0 };
        let others = inputs * (inputs - 1) / 2 + products;
        [records * inputs, records * others]
    }

    fn path(&self, trajectory: u64) -> Path {
        match &self.networks {
            Networks::Homogeneous(simulator) => simulator.path(self.seed, trajectory),
            Networks::Any(network) => network.path(&self.record, self.seed, trajectory),
        }
    }

    fn draw(
        &self,
        trajectories: usize,
        stop: &AtomicBool,
    ) -> std::result::Result<Drawn, TryReserveError> {
        let [norms, others] = self.sizes();
        let mut all = (Vec::new(), Vec::new());
        all.0
            .try_reserve_exact(trajectories.saturating_mul(norms))?;
        all.1
            .try_reserve_exact(trajectories.saturating_mul(others))?;
        all.0.resize(trajectories * norms, 0.0);
        all.1.resize(trajectories * others, 0.0);
        let store = |(i, norms): (usize, &mut [f64]), others: &mut [f64]| {
            if stop.load(Relaxed) {
                return;
            }
            let path = self.path(self.first + i as u64);
            norms.copy_from_slice(&path.log_norms);
            let (cosines, products) = others.split_at_mut(path.cosines.len());
            let (tangents, gradients) = products.split_at_mut(path.tangents.len());
            cosines.copy_from_slice(&path.cosines);
            tangents.copy_from_slice(&path.tangents);
            gradients.copy_from_slice(&path.gradients);
            self.done.fetch_add(1, Relaxed);
        };
        let paths = all.0.par_chunks_exact_mut(norms).enumerate();
        if others == 0 {
            paths.for_each(|path| store(path, &mut []));
        } else {
            let pairs = paths.zip(all.1.par_chunks_exact_mut(others));
            pairs.for_each(|(path, others)| store(path, others));
        }
        Ok(all)
    }
}

/// The run; the caller has seen to it that 64 bits count its last trajectory, and that of units that need
/// not be homogeneous nothing but weights is asked for. Of those `scales` are the gains.
fn run(units: &Units, widths: &[i64], scales: &[f64], plan: &Plan) -> Result<Run> {
    let Plan(name, seed, first, _, record, bias, inputs, cosine, gradient, rms) = plan;
    let size = |argument, width: i64| {
        usize::try_from(width)
            .map_err(|_| Error::domain(argument, width, "from 1 to 100000000 to simulate"))
    };
    let pairs = widths.windows(2).enumerate();
    let layer = |(i, pair): (usize, &[i64])| -> Result<Layer> {
        Ok(Layer {
            fan_in: size("width", pair[0])?,
            fan_out: size("width", pair[1])?,
            scale: scales[if scales.len() == 1 { 0 } else { i }],
        })
    };
    let layers = pairs.map(layer).collect::<Result<Vec<Layer>>>()?;
    let record = match record {
        Some(chosen) => Record::layers(chosen.clone(), layers.len())?,
        None => Record::all(layers.len()),
    };
    let networks = if let Some(rms) = rms {
        let inputs = layers.first().map_or(0, |layer| layer.fan_in);
        let layers: Vec<_> = layers.iter().map(|l| (l.fan_out, l.scale)).collect();
        let network = NonlinearNetwork::new(units.nonlinearity()?, inputs, &layers, *rms);
        // the library's level is this function's rms
        Networks::Any(network.map_err(|error| error.renamed("level", "rms"))?)
    } else {
        let (activation, dropout) = units.parts()?;
        let model = Model::layered(activation, dropout, layers)?
            .with_weights(units.weights()?)
            .with_bias(*bias)?
            .with_inputs(*inputs, *cosine)?;
        let simulator = Simulator::new(model, level(name)?)?.with_record(record.clone());
        Networks::Homogeneous(Box::new(match gradient {
            true => simulator.with_gradient()?,
            false => simulator,
        }))
    };
    Ok(Run {
        networks,
        record,
        seed: *seed,
        first: *first,
        done: Arc::new(AtomicU64::new(0)),
    })
}

type Arrays<'py> = (
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
    Vec<usize>,
);

/// Log-norms, cosines or products with the Jacobian, and the recorded layers; `progress` is called with the number of finished
/// trajectories.
#[pyfunction]
pub fn simulate<'py>(
    py: Python<'py>,
    units: Units,
    widths: PyReadonlyArray1<'py, i64>,
    scales: PyReadonlyArray1<'py, f64>,
    plan: Plan,
    threads: Option<usize>,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Arrays<'py>> {
    let (widths, scales) = (widths.as_array().to_vec(), scales.as_array().to_vec());
    let run = run(&units, &widths, &scales, &plan).map_err(value_error)?;
    let layers = run.record.as_slice().to_vec();
    let (done, trajectories) = (run.done.clone(), plan.3);
    let tick = |_: Python<'_>| match &progress {
        Some(progress) => progress.call1((done.load(Relaxed),)).map(|_| ()),
        None => Ok(()),
    };
    let work = move |stop: &AtomicBool| run.draw(trajectories, stop);
    let drawn = background::run(py, threads, tick, work)?;
    let (norms, others) = drawn.map_err(|e| PyMemoryError::new_err(e.to_string()))?;
    Ok((norms.into_pyarray(py), others.into_pyarray(py), layers))
}
