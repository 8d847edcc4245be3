//! What the theorems' checks share: settings, cases, and samples of one-layer
//! ratios from real networks.

use crate::activation::{Activation, Dropout};
use crate::error::Result;
use crate::layer_law::LayerLaw;
use crate::simulate::streams::experiment_seed;
use crate::simulate::{Level, Model, Path, Plan, Simulator, simulate};
use crate::theorems::{Chart, Check};

/// What a run is asked to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Seed of the run.
    pub seed: u64,
    /// Sample sizes are this multiple of those that give the wanted power.
    pub effort: f64,
    /// T1 only: scale the networks by the moment order given here (2 is He's
    /// rule) instead of the one whose preservation is checked.
    pub scheme: Option<f64>,
}

/// A theorem's checks and figures.
pub type Outcome = (Vec<Check>, Vec<Chart>);

/// Called with a number of finished layers.
pub type Progress<'a> = dyn Fn(u64) + Sync + 'a;

/// The activations that every theorem is checked for.
pub const ACTIVATIONS: [Activation; 4] = [
    Activation::Linear,
    Activation::Relu,
    Activation::LeakyRelu { slope: 0.25 },
    Activation::RRELU_DEFAULT,
];

/// A network to check: activation, width, and its one-layer law.
pub struct Case {
    pub activation: Activation,
    pub width: usize,
    pub law: LayerLaw,
}

impl Case {
    pub fn new(activation: Activation, width: usize) -> Result<Self> {
        Ok(Self {
            activation,
            width,
            law: LayerLaw::new(activation, width as u64)?,
        })
    }

    /// The paths of real networks with weights N(0, scale²), in f64.
    pub fn paths(
        &self,
        settings: &Settings,
        experiment: &str,
        scale: f64,
        trajectories: u64,
        depth: usize,
        progress: &Progress,
    ) -> Result<Vec<Path>> {
        let model = Model::square(self.activation, Dropout::NONE, self.width, scale, depth)?;
        let simulator = Simulator::new(model, Level::Network)?;
        let name = format!("{experiment} {} {} {depth}", self.activation, self.width);
        let plan = Plan {
            seed: experiment_seed(settings.seed, &name),
            trajectories,
        };
        Ok(simulate(&simulator, plan, progress))
    }
}

/// The cases of a check: every activation at each of the widths.
pub fn cases(widths: &[usize]) -> Result<Vec<Case>> {
    let pairs = ACTIVATIONS
        .into_iter()
        .flat_map(|activation| widths.iter().map(move |&width| (activation, width)));
    pairs.map(|(a, width)| Case::new(a, width)).collect()
}

/// Layers that each simulated path has when only its single layers matter.
pub const PATH_DEPTH: usize = 20;

/// Paths needed for `layers` single layers, and at least 100 of them.
pub fn path_count(layers: u64) -> u64 {
    layers.div_ceil(PATH_DEPTH as u64).max(100)
}

/// The s-th powers (‖x_k‖/‖x_{k−1}‖)^s of every layer whose input is alive; 0 where the output died.
pub fn powers(paths: &[Path], s: f64) -> Vec<f64> {
    paths
        .iter()
        .flat_map(|path| {
            let alive = path.increments().map(move |l| (s * l).exp());
            alive.chain(path.died().then_some(0.0))
        })
        .collect()
}
