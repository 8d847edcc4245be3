//! A scheme for a whole model.

use burn::module::Module;
use isomoment::{Activation, Dropout, Scheme};

use crate::{Error, Redraw, Report, Rule};

/// A scheme with its exceptions, for a whole model.
///
/// ```
/// use burn::module::Module;
/// use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
/// use burn::tensor::Device;
/// use isomoment::{Activation, Scheme};
/// use isomoment_burn::{Outcome, Reason, Rule, Scales};
///
/// #[derive(Module, Debug)]
/// struct Model {
///     first: Linear,
///     norm: LayerNorm,
///     head: Linear,
/// }
///
/// let device = Device::default();
/// let model = Model {
///     first: LinearConfig::new(784, 64).init(&device),
///     norm: LayerNormConfig::new(64).init(&device),
///     head: LinearConfig::new(64, 10).init(&device),
/// };
/// let scales = Scales::new(Scheme::Fractional(1.0), Activation::Relu) // keeps E‖x‖
///     .with("head", Rule::new().activation(Activation::Linear)) // no activation after it
///     .seed(7);
/// let (model, report) = scales.redraw(model)?;
/// assert!(matches!(report.outcome("first.weight"), Some(Outcome::Drawn { units: 64, .. })));
/// assert_eq!(report.outcome("first.bias"), Some(&Outcome::Zeroed));
/// assert_eq!(report.outcome("norm.gamma"), Some(&Outcome::LeftAlone(Reason::Module)));
/// # let _ = model;
/// # Ok::<(), isomoment_burn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Scales {
    pub(crate) scheme: Scheme,
    pub(crate) base: Rule,
    pub(crate) rules: Vec<(String, Rule)>,
    pub(crate) seed: Option<u64>,
}

impl Scales {
    /// `scheme` for every layer, each followed by `activation`, without dropout.
    pub fn new(scheme: Scheme, activation: Activation) -> Self {
        Self {
            scheme,
            base: Rule::new().activation(activation).dropout(Dropout::NONE),
            rules: Vec::new(),
            seed: None,
        }
    }

    /// Dropout after every activation.
    #[must_use]
    pub fn dropout(mut self, dropout: Dropout) -> Self {
        self.base = self.base.dropout(dropout);
        self
    }

    /// What `rule` says holds for the parameter `path`, or for all under that prefix: `block.1` is for
    /// `block.1.weight`, not for `block.10.weight`, and the empty one is for all. Of two rules for a
    /// parameter the later one counts, in what it says.
    #[must_use]
    pub fn with(mut self, path: impl Into<String>, rule: Rule) -> Self {
        self.rules.push((path.into(), rule));
        self
    }

    /// Weights are drawn from this seed and their path: the same seed, path, shape and scale give the
    /// same numbers, whatever else the model has, and on every device. They are rounded from f64, so
    /// that a model in f16 is the one in f32 with fewer digits. Without a seed burn's own generator
    /// draws, which `device.seed(7)` seeds on most backends.
    ///
    /// What is left alone (embeddings, gates) has been drawn by burn before.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The model with weights drawn anew and biases 0, and what became of each parameter.
    ///
    /// Whether a parameter is trained or frozen, its id, device and precision stay.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a layer whose scale cannot be had, and [`Error::Unused`] for a path
    /// given to [`Scales::with`] that no parameter has. The model is lost then; keep a clone.
    pub fn redraw<M: Module>(&self, model: M) -> Result<(M, Report), Error> {
        let mut mapper = self.mapper();
        let model = model.map(&mut mapper);
        Ok((model, mapper.finish()?))
    }

    /// The mapper that [`Scales::redraw`] uses, for `model.map(&mut mapper)`.
    pub fn mapper(&self) -> Redraw {
        Redraw::new(self.clone())
    }
}
