//! What the theorems' checks share: settings, cases, and samples of one-layer
//! ratios from real networks.

use crate::activation::{Activation, Dropout};
use crate::error::Result;
use crate::layer_law::{LayerLaw, Weights};
use crate::simulate::streams::experiment_seed;
use crate::simulate::{Level, Model, Path, Plan, Simulator, simulate};
use crate::stats::location::MeanEstimate;
use crate::theorems::{Check, Figure};

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

impl Settings {
    /// The multiples of the sample sizes that have a name.
    pub const EFFORTS: [(&'static str, f64); 3] =
        [("quick", 1.0), ("standard", 2.5), ("thorough", 16.0)];

    /// The name of the effort, where it has one.
    pub fn effort_name(&self) -> Option<&'static str> {
        let named = Self::EFFORTS
            .iter()
            .find(|(_, effort)| *effort == self.effort);
        named.map(|(name, _)| *name)
    }
}

/// A theorem's checks and figures.
pub type Outcome = (Vec<Check>, Vec<Figure>);

/// Called with a number of finished layers.
pub type Progress<'a> = dyn Fn(u64) + Sync + 'a;

/// The activations that every theorem is checked for.
pub const ACTIVATIONS: [Activation; 4] = [
    Activation::Linear,
    Activation::Relu,
    Activation::LeakyRelu { slope: 0.25 },
    Activation::RRELU_DEFAULT,
];

/// A network to check: its units, weights and width, and its one-layer law.
pub struct Case {
    pub activation: Activation,
    pub dropout: Dropout,
    pub weights: Weights,
    pub width: usize,
    pub law: LayerLaw,
}

impl Case {
    /// Gaussian weights, no dropout.
    pub fn new(activation: Activation, width: usize) -> Result<Self> {
        Self::with(activation, Dropout::NONE, Weights::Gaussian, width)
    }

    pub fn with(
        activation: Activation,
        dropout: Dropout,
        weights: Weights,
        width: usize,
    ) -> Result<Self> {
        let law = LayerLaw::with_dropout(activation, dropout, width as u64)?;
        Ok(Self {
            activation,
            dropout,
            weights,
            width,
            law: law.with_weights(weights),
        })
    }

    /// Activation, dropout, ensemble and width, in words.
    pub fn name(&self) -> String {
        let mut name = self.activation.to_string();
        if self.weights == Weights::Orthogonal {
            name += ", orthogonal";
        }
        if self.dropout.keep() < 1.0 {
            name += &format!(", q = {}", self.dropout.keep());
        }
        format!("{name}, d = {}", self.width)
    }

    /// `depth` layers with weights of one scale.
    pub fn model(&self, scale: f64, depth: usize) -> Result<Model> {
        let model = Model::square(self.activation, self.dropout, self.width, scale, depth)?;
        Ok(model.with_weights(self.weights))
    }

    /// The paths of real networks, in f64, every layer recorded.
    pub fn paths(
        &self,
        settings: &Settings,
        experiment: &str,
        scale: f64,
        trajectories: u64,
        depth: usize,
        progress: &Progress,
    ) -> Result<Vec<Path>> {
        let simulator = Simulator::new(self.model(scale, depth)?, Level::Network)?;
        self.draw(settings, experiment, simulator, trajectories, progress)
    }

    /// The paths of a simulator, drawn by the seed of an experiment on this network.
    pub fn draw(
        &self,
        settings: &Settings,
        experiment: &str,
        simulator: Simulator,
        trajectories: u64,
        progress: &Progress,
    ) -> Result<Vec<Path>> {
        let depth = simulator.model().depth();
        let name = format!("{experiment} {} {depth}", self.name());
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

/// Haar-distributed orthogonal weights; a linear layer of these has nothing random left.
pub fn orthogonal_cases(width: usize) -> Result<Vec<Case>> {
    ACTIVATIONS[1..]
        .iter()
        .map(|&activation| Case::with(activation, Dropout::NONE, Weights::Orthogonal, width))
        .collect()
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

/// σ(s,d) over the scale of the paths' networks, its standard error, and the number of layers that it was estimated from.
pub fn relative_scale(paths: &[Path], s: f64) -> (f64, f64, usize) {
    // E ratio^s is (scale/σ(s))^s
    let estimate = MeanEstimate::from_sample(powers(paths, s));
    let value = estimate.mean.powf(-1.0 / s);
    let standard_error = value * estimate.standard_error / (s * estimate.mean);
    (value, standard_error, estimate.size)
}

/// The same as points of a figure, with half their 95 % intervals.
pub fn relative_scales(paths: &[Path], orders: &[f64]) -> Vec<(f64, f64, f64)> {
    let point = |&s: &f64| {
        let (value, standard_error, _) = relative_scale(paths, s);
        (s, value, 1.96 * standard_error)
    };
    orders.iter().map(point).collect()
}

/// How a figure names the scale that keeps the moment of order s.
pub fn order_label(s: f64) -> String {
    if s == 2.0 {
        "He (s = 2)".into()
    } else {
        format!("s = {s}")
    }
}
