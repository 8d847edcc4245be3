//! Simulation of networks at three levels of one model.
//!
//! | [`Level`] | what is drawn | cost of a layer |
//! |---|---|---|
//! | `Network`, `NetworkSingle` | every weight; a true matrix–vector product in f64 or f32 | width² |
//! | `Preactivation` | the pre-activations, Gaussian given the input | width |
//! | `Radial` | counts and χ² sums: the norm alone | 1 (RReLU: width) |
//!
//! Stable weights ([`Model::with_stable_weights`]) are drawn at the levels `Network` and
//! `Preactivation`, in f64, residual blocks ([`Model::with_blocks`]) at level `Network`; so are networks of any
//! activation ([`NonlinearNetwork`]) and of convolutions ([`ImageNetwork`]). Each is exact; that they agree in law is tested (tests/levels.rs). Seed and trajectory determine
//! every draw: results have the same bits for any number of threads and any division of the
//! trajectories.

mod blocks;
mod convolutions;
mod gradient;
mod images;
mod instructions;
mod matrix;
mod model;
mod network;
mod nonlinear;
pub mod numbers;
mod path;
mod preactivation;
mod radial;
#[cfg(feature = "runs")]
pub mod runs;
mod stable;
pub mod streams;
mod units;

pub use blocks::Blocks;
pub use convolutions::{Convolutions, Filter, Padding};
pub use gradient::{Cotangent, Gradients};
pub use images::{Image, ImageNetwork};
pub use instructions::Instructions;
pub use model::{Branch, Layer, MAX_DEPTH, Model};
pub use nonlinear::NonlinearNetwork;
pub use numbers::Entries;
pub use path::{Path, Record};

use crate::cores::on_all_cores;
use crate::error::{Error, Result};
use path::Recorder;
use radial::Radial;
use streams::{Stream, trajectory_stream};

/// Seconds that a stable number takes: 7 ns with its product, 9 with its power in the norm (CPU time
/// of `isomoment simulate --weights stable --threads 1`, 256 units).
const STABLE_SECONDS: f64 = 1e-8;

/// Times that a network with gradients takes as long as without, of real matrices, and of pre-activations or
/// sums over them (CPU time of `isomoment simulate --threads 1`: 1.5 and 2.6, 4 and 10 at 64 and 512 units;
/// of sums 5, 0.6 µs a layer).
const GRADIENT_TIMES: [f64; 2] = [3.0, 10.0];

/// Widest layer whose weights are drawn one by one: 10¹⁰ of them.
const MAX_MATRIX_WIDTH: usize = 100_000;

/// How much of a network is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Every weight, arithmetic in f64.
    Network,
    /// Every weight, arithmetic in f32.
    NetworkSingle,
    /// The pre-activations.
    Preactivation,
    /// The norms.
    Radial,
}

/// Which trajectories to simulate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Seed of the run.
    pub seed: u64,
    /// Number of independent networks.
    pub trajectories: u64,
}

impl Level {
    /// Seconds that one trajectory takes on one core, roughly: what a run is announced and refused
    /// by.
    pub fn seconds_per_path(self, model: &Model) -> f64 {
        let layers = model.layers();
        let inputs = model.inputs() as f64;
        let units: f64 = layers.iter().map(|l| l.fan_out as f64).sum();
        if model.stable().is_some() {
            return match self {
                Self::Preactivation => STABLE_SECONDS * units,
                _ => STABLE_SECONDS * model.weights_per_path(),
            };
        }
        // measured by benches/simulation.rs
        match self {
            Self::Network => 1.2e-9 * model.weights_per_path(),
            Self::NetworkSingle => 0.7e-9 * model.weights_per_path(),
            Self::Preactivation => 2e-9 * units * inputs * inputs,
            Self::Radial if model.has_random_slopes() => 3e-9 * units,
            Self::Radial => 6e-8 * layers.len() as f64,
        }
    }
}

/// A model at one level, ready to be simulated.
#[derive(Debug, Clone)]
pub struct Simulator {
    model: Model,
    record: Record,
    walk: Walk,
    gradient: bool,
}

/// The level, with what it prepares once for all paths.
#[derive(Debug, Clone)]
enum Walk {
    Network,
    NetworkSingle,
    Preactivation,
    Radial(Radial),
    Blocks(Blocks),
}

impl Simulator {
    /// A simulator that records every layer.
    ///
    /// # Errors
    /// [`Error::Domain`] for matrices wider than 100 000, for several inputs at level `Radial`, and
    /// for stable weights at other levels than `Network` and `Preactivation`, with biases or several
    /// inputs, and for uniform and truncated entries at other levels than `Network` and
    /// `NetworkSingle`; and for residual blocks at other levels than `Network`, with other weights than
    /// independent normal ones, biases or several inputs.
    pub fn new(model: Model, level: Level) -> Result<Self> {
        if model.stable().is_some() && model.blocks().is_none() {
            stable::check(&model, level)?;
        }
        if model.entries() != Entries::Normal && model.blocks().is_none() {
            network::check_entries(&model, level)?;
        }
        let record = Record::all(model.depth());
        let walk = match (model.blocks(), level) {
            (Some(branch), _) => Walk::Blocks(Blocks::of(&model, branch, level)?),
            (None, Level::Network) => Walk::Network,
            (None, Level::NetworkSingle) => Walk::NetworkSingle,
            (None, Level::Preactivation) => Walk::Preactivation,
            (None, Level::Radial) => Walk::Radial(Radial::new(&model)?),
        };
        if let Level::Network | Level::NetworkSingle = level {
            let widths = model.layers().iter().map(|l| l.fan_in.max(l.fan_out));
            let hidden = model.blocks().map(|branch| branch.hidden);
            let widest = widths.chain(hidden).max().unwrap_or(0);
            if widest > MAX_MATRIX_WIDTH {
                let allowed = "at most 100000 where every weight is drawn";
                return Err(Error::domain("width", widest, allowed));
            }
        }
        Ok(Self {
            model,
            record,
            walk,
            gradient: false,
        })
    }

    /// The same simulator with fewer layers recorded.
    #[must_use]
    pub fn with_record(mut self, record: Record) -> Self {
        self.record = record;
        self
    }

    /// The same simulator with products with the network's Jacobian beside the forward pass (T11): of a
    /// tangent v at the input and a gradient u at the output, both uniform on the sphere and independent of
    /// the network ([`Path::tangents`], [`Path::gradients`]).
    ///
    /// At level `Network` they are products with the matrices of the forward pass, which has the bits that
    /// it has alone; at the levels `Preactivation` and `Radial` signal, tangent and gradient have the joint
    /// law of that.
    ///
    /// ```
    /// use isomoment::simulate::{Level, Model, Simulator};
    /// use isomoment::{Activation, Dropout};
    /// let model = Model::square(Activation::Linear, Dropout::NONE, 1, 0.7, 5)?;
    /// let path = Simulator::new(model, Level::Network)?.with_gradient()?.path(1, 0);
    /// // of single linear units all are products of the same weights
    /// assert!((path.gradients[4] - path.log_norms[4]).abs() < 1e-12);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Domain`] for other weights than independent normal ones, biases and several inputs; and
    /// where more than 5·10⁷ numbers of a network would be kept until its gradient has come back: its
    /// weights, at level `Preactivation` five for each unit, at level `Radial` 21 for each layer.
    pub fn with_gradient(mut self) -> Result<Self> {
        gradient::check(&self.model, self.level())?;
        self.gradient = true;
        Ok(self)
    }

    /// Whether there are products with the Jacobian.
    pub fn has_gradient(&self) -> bool {
        self.gradient
    }

    /// Numbers of one network that are kept until its gradient has come back; 0 without gradients.
    pub fn numbers_kept(&self) -> f64 {
        match self.gradient {
            true => gradient::numbers_kept(&self.model, self.level()),
            false => 0.0,
        }
    }

    /// Seconds that one trajectory takes on one core, roughly: what a run is announced and refused by.
    pub fn seconds_per_path(&self) -> f64 {
        let forwards = self.level().seconds_per_path(&self.model);
        match (self.gradient, self.level()) {
            (false, _) => forwards,
            (true, Level::Preactivation | Level::Radial) => GRADIENT_TIMES[1] * forwards,
            (true, _) => GRADIENT_TIMES[0] * forwards,
        }
    }

    /// How much of it is drawn.
    pub fn level(&self) -> Level {
        match self.walk {
            Walk::Network | Walk::Blocks(_) => Level::Network,
            Walk::NetworkSingle => Level::NetworkSingle,
            Walk::Preactivation => Level::Preactivation,
            Walk::Radial(_) => Level::Radial,
        }
    }

    /// What is simulated.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Which layers are recorded.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The path of one trajectory of a seed.
    pub fn path(&self, seed: u64, trajectory: u64) -> Path {
        self.recorded_path(&self.record, seed, trajectory)
    }

    /// The same with other layers recorded.
    fn recorded_path(&self, record: &Record, seed: u64, trajectory: u64) -> Path {
        let stream: &mut Stream = &mut trajectory_stream(seed, trajectory);
        if self.gradient {
            return Gradients::walk(&self.walk, &self.model, stream).recorded(record);
        }
        let mut recorder = Recorder::new(record, self.model.inputs());
        if let Some(alpha) = self.model.stable() {
            stable::walk(&self.model, alpha, self.level(), stream, &mut recorder);
            return recorder.finish();
        }
        match &self.walk {
            Walk::Network => network::walk::<f64>(&self.model, stream, &mut recorder),
            Walk::NetworkSingle => network::walk::<f32>(&self.model, stream, &mut recorder),
            Walk::Preactivation => preactivation::walk(&self.model, stream, &mut recorder),
            Walk::Radial(radial) => radial.walk(&self.model, stream, &mut recorder),
            Walk::Blocks(blocks) => blocks.walk(stream, &mut recorder),
        }
        recorder.finish()
    }
}

/// Simulates the plan's trajectories on all cores; the paths are in order and the same for any
/// number of threads. `progress` is told how many layers were finished.
pub fn simulate(simulator: &Simulator, plan: Plan, progress: impl Fn(u64) + Sync) -> Vec<Path> {
    on_all_cores(plan.trajectories as usize, |trajectory| {
        let path = simulator.path(plan.seed, trajectory as u64);
        progress(simulator.model.depth() as u64);
        path
    })
}
