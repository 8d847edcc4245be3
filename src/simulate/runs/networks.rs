//! What a run needs of the networks that it draws.

use std::fmt::Debug;

use crate::error::Result;
use crate::layer_law::LogCumulants;
use crate::simulate::runs::kinds::Described;
use crate::simulate::{Path, Record};

/// A column of predicted moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prediction {
    /// Its name.
    pub name: &'static str,
    /// What it is, in words.
    pub meaning: &'static str,
}

/// Independent networks of one kind: how one is drawn, and what is known of it.
///
/// A [`Run`](crate::simulate::runs::Run) divides, writes, resumes, merges and sums up networks of every
/// kind alike. The trait is sealed: parts name the kinds that they can be of.
pub trait Networks: Described + Debug + Send + Sync {
    /// The number of layers.
    fn depth(&self) -> usize;

    /// The number of inputs that go through the same weights.
    fn inputs(&self) -> usize {
        1
    }

    /// Whether there are products with the Jacobian.
    fn has_gradient(&self) -> bool {
        false
    }

    /// Layers that are recorded unless a run says otherwise.
    fn recorded(&self) -> Record {
        Record::all(self.depth())
    }

    /// One network's path; seed and trajectory determine it.
    fn draw(&self, record: &Record, seed: u64, trajectory: u64) -> Path;

    /// Seconds that one network takes on one core, roughly.
    fn seconds_per_path(&self) -> f64;

    /// Numbers that a thread holds while it draws a network, roughly.
    fn numbers_per_thread(&self) -> f64;

    /// Mean and variance of the log-norm after so many layers, given survival; `None` where no formula is
    /// known.
    ///
    /// # Errors
    /// Those of the law of a layer.
    fn log_cumulants(&self, layers: usize) -> Result<Option<LogCumulants>>;

    /// The same of a gradient so many layers from the output.
    ///
    /// # Errors
    /// Those of the law of a layer.
    fn gradient_cumulants(&self, layers: usize) -> Result<Option<LogCumulants>> {
        let _ = layers;
        Ok(None)
    }

    /// What is predicted of the moments E(‖x_k‖/‖x₀‖)^s.
    fn predictions(&self) -> &'static [Prediction] {
        &[]
    }

    /// Those predictions for each of the layers, of the order s; `None` where there is none.
    ///
    /// # Errors
    /// Those of the law of a layer.
    fn moments(&self, order: f64, layers: &[usize]) -> Result<Vec<Vec<Option<f64>>>> {
        let _ = order;
        Ok(vec![Vec::new(); layers.len()])
    }
}
