//! [`StepLaw`]: what the law at depth needs to know of one step.

use std::fmt::Debug;

use crate::error::Result;
use crate::layer_law::{LayerLaw, LogCumulants, LogDensity};

/// One step of a network that multiplies norms by independent copies of a random factor, as
/// [`DepthLaw`](crate::DepthLaw) takes it: a layer ([`LayerLaw`]), a residual block
/// ([`ResidualLaw`](crate::ResidualLaw)).
///
/// A new step is one file: a type, what is said of it alone, and this. It is implemented within this
/// crate only, as a [`StepLaw::log_density`] cannot be made outside.
///
/// ```
/// use isomoment::{Activation, DepthLaw, LayerLaw, ResidualLaw, StepLaw};
/// fn typical<L: StepLaw + Clone + 'static>(step: &L) -> isomoment::Result<f64> {
///     DepthLaw::preserving(step, 1.0, 20)?.quantile(0.5)
/// }
/// let layer = LayerLaw::new(Activation::Relu, 64)?;
/// let block = ResidualLaw::new(&layer, 1.0 / 8192.0, 64)?;
/// assert!(typical(&layer)? < 5.0 * typical(&block)?); // both are negative
/// # Ok::<(), isomoment::Error>(())
/// ```
pub trait StepLaw: Debug + Send + Sync {
    /// What the step is, for messages.
    fn name(&self) -> String;

    /// Cumulants of the growth of the log-norm in one step at scale 1, given that it survives.
    fn log_cumulants(&self) -> LogCumulants;

    /// Mean growth of the log-norm per step, given survival, at the scale that keeps E‖x‖^s.
    ///
    /// # Errors
    /// Those of the step's scale.
    fn log_growth(&self, s: f64) -> Result<f64>;

    /// log of the probability that a step does not send everything to 0.
    fn log_survival_probability(&self) -> f64;

    /// The law of that growth given survival, up to a shift, as masses on nodes.
    ///
    /// # Errors
    /// [`Error::Unresolved`](crate::Error::Unresolved) where no nodes resolve it.
    fn log_density(&self) -> Result<LogDensity>;

    /// The layer, where the nodes have edges: it has finer ones for the left tail.
    fn layer_with_edges(&self) -> Option<&LayerLaw> {
        None
    }
}

impl StepLaw for LayerLaw {
    fn name(&self) -> String {
        format!("{}, width {}", self.activation(), self.width())
    }

    fn log_cumulants(&self) -> LogCumulants {
        self.log_cumulants()
    }

    fn log_growth(&self, s: f64) -> Result<f64> {
        self.log_growth(s)
    }

    fn log_survival_probability(&self) -> f64 {
        self.log_survival_probability()
    }

    fn log_density(&self) -> Result<LogDensity> {
        self.fine_log_density(1.0)
    }

    fn layer_with_edges(&self) -> Option<&LayerLaw> {
        Some(self)
    }
}
