//! The networks that the theorems are checked on.

use crate::activation::{Activation, Dropout};
use crate::error::Result;
use crate::layer_law::{LayerLaw, Weights};
use crate::simulate::streams::experiment_seed;
use crate::simulate::{Level, Model, Path, Plan, Simulator, simulate};
use crate::theorems::settings::{Progress, Settings};

/// The activations that every theorem is checked for.
pub const ACTIVATIONS: [Activation; 4] = [
    Activation::Linear,
    Activation::Relu,
    Activation::LeakyRelu { slope: 0.25 },
    Activation::RRELU_DEFAULT,
];

/// Widths at which whole laws of orthogonal networks are checked: one layer's law has atoms of
/// 2⁻⁸, and none that matter.
pub const ORTHOGONAL_WIDTHS: [usize; 2] = [8, 64];

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

    /// Activation, dropout and ensemble, in words.
    pub fn units(&self) -> String {
        let mut name = self.activation.to_string();
        if self.weights == Weights::Orthogonal {
            name += ", orthogonal";
        }
        if self.dropout.keep() < 1.0 {
            name += &format!(", q = {}", self.dropout.keep());
        }
        name
    }

    /// The same and the width.
    pub fn name(&self) -> String {
        format!("{}, d = {}", self.units(), self.width)
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
        Ok(self.draw(settings, experiment, &simulator, trajectories, progress))
    }

    /// The paths of a simulator, drawn by the seed of an experiment on this network.
    pub fn draw(
        &self,
        settings: &Settings,
        experiment: &str,
        simulator: &Simulator,
        trajectories: u64,
        progress: &Progress,
    ) -> Vec<Path> {
        let depth = simulator.model().depth();
        let name = format!("{experiment} {} {depth}", self.name());
        let plan = Plan {
            seed: experiment_seed(settings.seed, &name),
            trajectories,
        };
        simulate(simulator, plan, progress)
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
pub fn orthogonal_cases(widths: &[usize]) -> Result<Vec<Case>> {
    let case =
        |activation, width| Case::with(activation, Dropout::NONE, Weights::Orthogonal, width);
    let of_width = |&width| ACTIVATIONS[1..].iter().map(move |&a| case(a, width));
    widths.iter().flat_map(of_width).collect()
}
