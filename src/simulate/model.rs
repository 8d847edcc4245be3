//! What is simulated: the layers of a network, its units, its weights and its inputs.

use crate::activation::{Activation, Dropout};
use crate::error::{Error, Result};
use crate::layer_law::{LayerLaw, LogCumulants, Weights};
use crate::limits::check_tail_index;
use crate::residual::ResidualLaw;
use crate::simulate::blocks::Blocks;
use crate::simulate::numbers::Entries;
use crate::stable::StableLaw;

/// Widest layer whose pre-activations are drawn one by one.
const MAX_SIMULATED_WIDTH: usize = 100_000_000;

/// Deepest network.
pub const MAX_DEPTH: usize = 10_000_000;

/// Most inputs that go through the same weights.
const MAX_INPUTS: usize = 64;

/// A layer's shape and scale.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "runs", derive(serde::Serialize, serde::Deserialize))]
pub struct Layer {
    /// Number of inputs.
    pub fan_in: usize,
    /// Number of units.
    pub fan_out: usize,
    /// σ: standard deviation of the weights, or the factor of the orthogonal matrix.
    pub scale: f64,
}

/// A fully connected network x_k = D_k φ(W_k x_{k−1} + b_k), the first input of norm 1.
///
/// ```
/// use isomoment::simulate::{Level, Model, Plan, Simulator, simulate};
/// use isomoment::{Activation, Dropout, LayerLaw};
/// let scale = LayerLaw::new(Activation::Relu, 32)?.scale(1.0)?;
/// let model = Model::square(Activation::Relu, Dropout::NONE, 32, scale, 10)?;
/// let simulator = Simulator::new(model, Level::Network)?;
/// let paths = simulate(&simulator, Plan { seed: 1, trajectories: 400 }, |_| ());
/// let ratios: Vec<f64> = paths.iter().flat_map(|p| p.increments()).map(f64::exp).collect();
/// let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
/// assert!((mean - 1.0).abs() < 0.02);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(super) activation: Activation,
    pub(super) dropout: Dropout,
    pub(super) weights: Weights,
    pub(super) layers: Vec<Layer>,
    pub(super) bias: f64,
    pub(super) inputs: usize,
    pub(super) cosine: f64,
    /// α of stable weights.
    pub(super) stable: Option<f64>,
    pub(super) entries: Entries,
    /// What stands in the place of layers.
    pub(super) blocks: Option<Branch>,
}

/// The branch of residual blocks x ↦ a(x + β W₂ φ(W₁x)).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Branch {
    /// Hidden units.
    pub hidden: usize,
    /// τ² = (βσ₁σ₂)².
    pub square: f64,
}

impl Model {
    /// `depth` layers of `width` units each, all of one scale; no biases, Gaussian weights, one
    /// input.
    ///
    /// # Errors
    /// [`Error::Domain`] for a width outside 1 … 10⁸, a depth outside 1 … 10⁷, a scale that is
    /// not a positive number, or invalid slopes.
    pub fn square(
        activation: Activation,
        dropout: Dropout,
        width: usize,
        scale: f64,
        depth: usize,
    ) -> Result<Self> {
        if !(1..=MAX_DEPTH).contains(&depth) {
            return Err(Error::domain("depth", depth, "from 1 to 10000000"));
        }
        let layer = Layer {
            fan_in: width,
            fan_out: width,
            scale,
        };
        Self::layered(activation, dropout, vec![layer; depth])
    }

    /// Any list of layers, each with as many inputs as the one before it has units.
    ///
    /// # Errors
    /// As [`Model::square`], and for layers that do not fit together.
    pub fn layered(activation: Activation, dropout: Dropout, layers: Vec<Layer>) -> Result<Self> {
        activation.validate()?;
        if layers.is_empty() || layers.len() > MAX_DEPTH {
            return Err(Error::domain("depth", layers.len(), "from 1 to 10000000"));
        }
        for layer in &layers {
            for width in [layer.fan_in, layer.fan_out] {
                if !(1..=MAX_SIMULATED_WIDTH).contains(&width) {
                    return Err(Error::domain(
                        "width",
                        width,
                        "from 1 to 100000000 to simulate",
                    ));
                }
            }
            if !(layer.scale > 0.0 && layer.scale.is_finite()) {
                let scale = format!("{:?}", layer.scale);
                return Err(Error::domain("scale", scale, "a positive number"));
            }
        }
        for pair in layers.windows(2) {
            if pair[0].fan_out != pair[1].fan_in {
                return Err(Error::domain(
                    "fan_in",
                    format!("{} after {} units", pair[1].fan_in, pair[0].fan_out),
                    "the number of units of the layer before",
                ));
            }
        }
        Ok(Self {
            activation,
            dropout,
            weights: Weights::Gaussian,
            layers,
            bias: 0.0,
            inputs: 1,
            cosine: 0.0,
            stable: None,
            entries: Entries::Normal,
            blocks: None,
        })
    }

    /// The same network with weights from another ensemble.
    #[must_use]
    pub fn with_weights(mut self, weights: Weights) -> Self {
        self.weights = weights;
        self
    }

    /// The same network with independent symmetric α-stable weights in the place of Gaussian ones
    /// (T14): a layer's scale is γ, with the characteristic function exp(−|γt|^α) of a weight, and
    /// norms are ‖x‖ = (Σ|xᵢ|^α)^{1/α}.
    ///
    /// Simulated at the levels `Network` and `Preactivation`, without biases and with one input.
    ///
    /// ```
    /// use isomoment::simulate::{Level, Model, Plan, Simulator, simulate};
    /// use isomoment::{Activation, Dropout, StableLaw};
    /// let gamma = StableLaw::new(1.5, Activation::Relu, 32)?.scale(0.5)?;
    /// let model = Model::square(Activation::Relu, Dropout::NONE, 32, gamma, 10)?;
    /// let simulator = Simulator::new(model.with_stable_weights(1.5)?, Level::Network)?;
    /// let paths = simulate(&simulator, Plan { seed: 1, trajectories: 400 }, |_| ());
    /// let roots = paths.iter().flat_map(|p| p.increments()).map(|x| (0.5 * x).exp());
    /// assert!((roots.sum::<f64>() / 4000.0 - 1.0).abs() < 0.03); // E‖x‖^½ is kept
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Domain`] unless 0.3 ≤ α ≤ 2.
    pub fn with_stable_weights(mut self, alpha: f64) -> Result<Self> {
        check_tail_index(alpha)?;
        self.stable = Some(alpha);
        Ok(self)
    }

    /// The same network with entries of another law in the place of normal ones; a layer's scale is
    /// still their standard deviation. Of such networks every weight is drawn.
    ///
    /// ```
    /// use isomoment::simulate::{Entries, Level, Model, Plan, Simulator, simulate};
    /// use isomoment::{Activation, Dropout, LayerLaw};
    /// let he = LayerLaw::new(Activation::Relu, 16)?.scale(2.0)?;
    /// let model = Model::square(Activation::Relu, Dropout::NONE, 16, he, 10)?;
    /// let simulator = Simulator::new(model.with_entries(Entries::Uniform), Level::Network)?;
    /// let paths = simulate(&simulator, Plan { seed: 1, trajectories: 1000 }, |_| ());
    /// let squares = paths.iter().flat_map(|p| p.increments()).map(|x| (2.0 * x).exp());
    /// assert!((squares.sum::<f64>() / 1e4 - 1.0).abs() < 0.03); // the second moment is kept
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    #[must_use]
    pub fn with_entries(mut self, entries: Entries) -> Self {
        self.entries = entries;
        self
    }

    /// The same network with residual blocks x ↦ a(x + β W₂ φ(W₁x)) in the place of layers (T13): a layer's
    /// scale is a. The network has square layers of one width and scale; of such networks every weight is
    /// drawn, in f64, without biases and with one input.
    ///
    /// ```
    /// use isomoment::simulate::{Branch, Level, Model, Plan, Simulator, simulate};
    /// use isomoment::{Activation, Dropout, LayerLaw, ResidualLaw};
    /// let hidden = LayerLaw::new(Activation::Relu, 32)?;
    /// let skip = ResidualLaw::new(&hidden, 1e-3, 8)?.scale(1.0)?;
    /// let model = Model::square(Activation::Relu, Dropout::NONE, 8, skip, 10)?;
    /// let model = model.with_blocks(Branch { hidden: 32, square: 1e-3 })?;
    /// let simulator = Simulator::new(model, Level::Network)?;
    /// let paths = simulate(&simulator, Plan { seed: 1, trajectories: 400 }, |_| ());
    /// let ratios = paths.iter().flat_map(|p| p.increments()).map(f64::exp);
    /// assert!((ratios.sum::<f64>() / 4000.0 - 1.0).abs() < 0.01); // E‖x‖ is kept
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Domain`] for layers of several shapes or scales, hidden units outside 1 … 10⁸, and a branch
    /// that is not positive and finite.
    pub fn with_blocks(mut self, branch: Branch) -> Result<Self> {
        let first = self.layers[0];
        if first.fan_in != first.fan_out || self.layers.iter().any(|layer| *layer != first) {
            let allowed = "one width and one skip scale in residual blocks";
            return Err(Error::domain("layers", "unequal", allowed));
        }
        let widths = (first.fan_in, branch.hidden);
        Blocks::new(
            self.activation,
            self.dropout,
            widths,
            branch.square,
            self.depth(),
        )?;
        self.blocks = Some(branch);
        Ok(self)
    }

    /// The same network with biases N(0, deviation²) in every layer, drawn anew with the weights.
    ///
    /// # Errors
    /// [`Error::Domain`] unless the deviation is 0 or a positive number.
    pub fn with_bias(mut self, deviation: f64) -> Result<Self> {
        if !(deviation >= 0.0 && deviation.is_finite()) {
            let given = format!("{deviation:?}");
            return Err(Error::domain("bias", given, "0 or a positive number"));
        }
        self.bias = deviation;
        Ok(self)
    }

    /// Several inputs of norm 1, every two of them with the same `cosine`, through the same
    /// weights and biases; masks and random slopes are drawn for each, as frameworks do.
    ///
    /// # Errors
    /// [`Error::Domain`] unless there are 1 to 64 inputs, fewer than the first layer's (or one),
    /// and 0 ≤ cosine ≤ 1.
    pub fn with_inputs(mut self, inputs: usize, cosine: f64) -> Result<Self> {
        let room = self.layers[0].fan_in - 1;
        if inputs != 1 && !(1..=MAX_INPUTS.min(room)).contains(&inputs) {
            let allowed = "from 1 to 64 and below the width of the input";
            return Err(Error::domain("inputs", inputs, allowed));
        }
        if !(0.0..=1.0).contains(&cosine) {
            return Err(Error::domain("cosine", cosine, "from 0 to 1"));
        }
        self.inputs = inputs;
        self.cosine = cosine;
        Ok(self)
    }

    /// The layers.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The number of layers.
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// The number of inputs that go through the same weights.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The ensemble of the weights.
    pub fn weights(&self) -> Weights {
        self.weights
    }

    /// Standard deviation of the biases.
    pub fn bias(&self) -> f64 {
        self.bias
    }

    /// The law of the entries of Gaussian weights' matrices.
    pub fn entries(&self) -> Entries {
        self.entries
    }

    /// α of stable weights; `None` for others.
    pub fn stable(&self) -> Option<f64> {
        self.stable
    }

    /// The branch of residual blocks, where they stand in the place of layers.
    pub fn blocks(&self) -> Option<Branch> {
        self.blocks
    }

    /// Cumulants of the log-norm's growth in one layer or block at scale 1, given survival; without biases.
    ///
    /// # Errors
    /// Those of [`LayerLaw::with_dropout`], [`StableLaw::with_dropout`] and [`ResidualLaw::new`]; those of
    /// [`Model::law`].
    pub fn log_cumulants(&self, layer: Layer) -> Result<LogCumulants> {
        if let Some(branch) = self.blocks {
            let hidden = branch.hidden as u64;
            let hidden = LayerLaw::with_dropout(self.activation, self.dropout, hidden)?;
            let law = ResidualLaw::new(&hidden, branch.square, layer.fan_out as u64)?;
            return Ok(law.log_cumulants());
        }
        let Some(alpha) = self.stable else {
            return Ok(self.law(layer)?.log_cumulants());
        };
        let (activation, dropout, width) = (self.activation, self.dropout, layer.fan_out as u64);
        Ok(StableLaw::with_dropout(alpha, activation, dropout, width)?.log_cumulants())
    }

    /// Cumulants of the growth of a gradient's log-norm on its way back through one layer at scale 1,
    /// given survival; of Gaussian weights without biases.
    ///
    /// # Errors
    /// Those of [`Model::law`] and [`LayerLaw::backward_log_cumulants`].
    pub fn backward_log_cumulants(&self, layer: Layer) -> Result<LogCumulants> {
        self.law(layer)?.backward_log_cumulants()
    }

    /// The law of one layer of this network.
    ///
    /// # Errors
    /// Those of [`LayerLaw::with_dropout`]; [`Error::Domain`] for stable weights, whose law is
    /// [`StableLaw`], residual blocks, whose law is [`ResidualLaw`], and uniform and truncated entries,
    /// whose law is not known.
    pub fn law(&self, layer: Layer) -> Result<LayerLaw> {
        if self.entries != Entries::Normal {
            return Err(Error::domain("entries", self.entries, "normal here"));
        }
        if self.stable.is_some() {
            return Err(Error::domain(
                "weights",
                "stable",
                "gaussian or orthogonal here",
            ));
        }
        if self.blocks.is_some() {
            return Err(Error::domain("layers", "residual blocks", "layers here"));
        }
        LayerLaw::with_dropout(self.activation, self.dropout, layer.fan_out as u64)?
            .with_weights(self.weights)
            .with_fan_in(layer.fan_in as u64)
    }

    /// Whether every negative unit has a slope of its own.
    pub(super) fn has_random_slopes(&self) -> bool {
        matches!(self.activation, Activation::RandomizedLeakyRelu { .. })
    }

    /// Normals that the weights of one path take.
    pub fn weights_per_path(&self) -> f64 {
        if let Some(branch) = self.blocks {
            let each = |layer: &Layer| 2.0 * layer.fan_in as f64 * branch.hidden as f64;
            return self.layers.iter().map(each).sum();
        }
        let entries = |layer: &Layer| match self.weights {
            Weights::Gaussian => layer.fan_in as f64 * layer.fan_out as f64,
            Weights::Orthogonal => 0.5 * (layer.fan_in.max(layer.fan_out) as f64).powi(2),
        };
        self.layers.iter().map(entries).sum()
    }

    /// The inputs, each of norm 1, side by side: √ρ·b₀ + √(1−ρ)·b_j for an orthonormal
    /// basis of cosines, in which no coordinate is special.
    pub(super) fn first_inputs(&self) -> Vec<f64> {
        let n = self.layers[0].fan_in;
        let basis = |j: usize, i: usize| {
            if j == 0 {
                return (n as f64).recip().sqrt();
            }
            let angle = std::f64::consts::PI * (i as f64 + 0.5) * j as f64 / n as f64;
            (2.0 / n as f64).sqrt() * angle.cos()
        };
        let (common, own) = (self.cosine.sqrt(), (1.0 - self.cosine).sqrt());
        let mut inputs = Vec::with_capacity(n * self.inputs);
        for j in 0..self.inputs {
            // a single input of one coordinate has no second basis vector
            let direction = if n == 1 { 0 } else { j + 1 };
            let mix = |i| {
                if self.inputs == 1 {
                    basis(direction, i)
                } else {
                    common * basis(0, i) + own * basis(direction, i)
                }
            };
            inputs.extend((0..n).map(mix));
        }
        inputs
    }
}
