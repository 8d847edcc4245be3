//! One network, from its initial weights to its last epoch.

use std::f64::consts::LN_10;

use ndarray::{Array2, ArrayView2};
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use crate::train::data::{Dataset, Split};
use crate::train::network::{Network, Noise};
use crate::train::optimizer::{Optimizer, Rule};
use isomoment::activation::{Activation, Dropout};
use isomoment::init::{LayerShape, Scheme};
use isomoment::simulate::streams::{experiment_seed, trajectory_stream};
use isomoment::{Error, Result};

/// Rows that are evaluated together.
const EVALUATED: usize = 1000;

/// Layers and units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Architecture {
    /// Number of layers, the one to the classes included.
    pub depth: usize,
    /// Units of each layer but the last.
    pub width: usize,
    /// The units of every layer, the last one too.
    pub activation: Activation,
    /// Mask of every layer but the last.
    pub dropout: Dropout,
}

impl Architecture {
    /// Numbers of units from the inputs to the classes.
    pub fn sizes(&self, inputs: usize, classes: usize) -> Vec<usize> {
        let mut sizes = vec![self.width; self.depth + 1];
        sizes[0] = inputs;
        sizes[self.depth] = classes;
        sizes
    }

    /// Standard deviation of each layer's weights under a scheme.
    ///
    /// # Errors
    /// As [`Scheme::standard_deviation`], and [`Error::Domain`] for a depth or width of 0.
    pub fn deviations(&self, scheme: Scheme, inputs: usize, classes: usize) -> Result<Vec<f64>> {
        for (name, value) in [("depth", self.depth), ("width", self.width)] {
            if !(1..=10_000).contains(&value) {
                return Err(Error::domain(name, value, "from 1 to 10000"));
            }
        }
        let sizes = self.sizes(inputs, classes);
        let layers = sizes.windows(2).enumerate();
        layers
            .map(|(k, pair)| {
                let shape = LayerShape {
                    fan_in: pair[0] as u64,
                    fan_out: pair[1] as u64,
                };
                let last = k + 1 == self.depth;
                let dropout = if last { Dropout::NONE } else { self.dropout };
                scheme.standard_deviation(self.activation, dropout, shape)
            })
            .collect()
    }
}

/// How a network is trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recipe {
    /// How gradients become steps.
    pub rule: Rule,
    /// Learning rate.
    pub rate: f32,
    /// Examples in a batch; the last batch of an epoch has what is left.
    pub batch: usize,
    /// Times that every example is seen.
    pub epochs: usize,
}

/// What is known of a network after an epoch. The losses of a network that diverged are not finite.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Mean cross-entropy of the epoch's batches, each before its step.
    #[serde(deserialize_with = "number_or_null")]
    pub train_loss: f64,
    /// Share of the epoch's examples that were classified rightly before their step.
    pub train_accuracy: f64,
    /// Mean cross-entropy of the test set after the epoch.
    #[serde(deserialize_with = "number_or_null")]
    pub test_loss: f64,
    /// Share of the test set that is classified rightly after the epoch.
    pub test_accuracy: f64,
}

/// JSON has no number that is none: it is written as null.
fn number_or_null<'de, D: serde::Deserializer<'de>>(from: D) -> std::result::Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(from)?.unwrap_or(f64::NAN))
}

impl Epoch {
    /// The training loss, or ln 10, that of a guess among ten classes, where it is not finite.
    pub fn bounded_train_loss(&self) -> f64 {
        bounded(self.train_loss)
    }

    /// The test loss, or ln 10 where it is not finite.
    pub fn bounded_test_loss(&self) -> f64 {
        bounded(self.test_loss)
    }
}

fn bounded(loss: f64) -> f64 {
    if loss.is_finite() { loss } else { LN_10 }
}

/// A trained network's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// Units of its hidden layers.
    pub width: usize,
    /// Its layers, the one to the classes included.
    pub depth: usize,
    /// The scheme, as it was named.
    pub scheme: String,
    /// Number of the network: those with the same number share random numbers.
    pub network: u64,
    /// Epoch by epoch.
    pub epochs: Vec<Epoch>,
}

/// Trains one network; `progress` is told of every epoch.
///
/// The same seed and network number give the same bits on any number of threads, and schemes share the normal numbers and the order of the batches.
///
/// # Errors
/// As [`Architecture::deviations`].
pub fn train(
    architecture: &Architecture,
    recipe: &Recipe,
    (name, scheme): (&str, Scheme),
    data: &Split,
    (seed, network): (u64, u64),
    progress: &dyn Fn(&Epoch),
) -> Result<Trained> {
    let inputs = data.train.inputs_per_row;
    let sizes = architecture.sizes(inputs, data.classes);
    let deviations = architecture.deviations(scheme, inputs, data.classes)?;
    let stream = |what: &str| trajectory_stream(experiment_seed(seed, what), network);
    let (activation, dropout) = (architecture.activation, architecture.dropout);
    let mut model = Network::new(
        &sizes,
        &deviations,
        activation,
        dropout,
        &mut stream("weights"),
    );
    let mut order_stream = stream("batches");
    let mut noise = Noise::new(&mut stream("noise"));
    let optimizer = |size: usize| Optimizer::new(recipe.rule, recipe.rate, size);
    let mut of_weights: Vec<_> = model.weights.iter().map(|w| optimizer(w.len())).collect();
    let mut of_biases: Vec<_> = model.biases.iter().map(|b| optimizer(b.len())).collect();
    let mut order: Vec<usize> = (0..data.train.len()).collect();
    let mut epochs = Vec::with_capacity(recipe.epochs);
    for _ in 0..recipe.epochs {
        order.shuffle(&mut order_stream);
        let (mut loss, mut right) = (0.0, 0);
        for rows in order.chunks(recipe.batch) {
            let (batch, labels) = gather(&data.train, rows);
            model.forward(batch.view(), Some(&mut noise));
            let (batch_loss, batch_right) = model.score(&labels);
            loss += batch_loss;
            right += batch_right;
            let gradients = model.backward(&labels);
            let weights = model.weights.iter_mut().zip(&gradients.weights);
            for ((to, by), optimizer) in weights.zip(&mut of_weights) {
                // a product with a transposed factor may come in another memory order
                let by = by.as_standard_layout();
                if let (Some(to), Some(by)) = (to.as_slice_mut(), by.as_slice()) {
                    optimizer.step(to, by);
                }
            }
            let biases = model.biases.iter_mut().zip(&gradients.biases);
            for ((to, by), optimizer) in biases.zip(&mut of_biases) {
                if let (Some(to), Some(by)) = (to.as_slice_mut(), by.as_slice()) {
                    optimizer.step(to, by);
                }
            }
        }
        let (test_loss, test_accuracy) = evaluate(&mut model, &data.test);
        let seen = data.train.len() as f64;
        let epoch = Epoch {
            train_loss: loss / seen,
            train_accuracy: right as f64 / seen,
            test_loss,
            test_accuracy,
        };
        progress(&epoch);
        epochs.push(epoch);
    }
    Ok(Trained {
        width: architecture.width,
        depth: architecture.depth,
        scheme: name.to_owned(),
        network,
        epochs,
    })
}

fn gather(data: &Dataset, rows: &[usize]) -> (Array2<f32>, Vec<u8>) {
    let mut batch = Array2::zeros((rows.len(), data.inputs_per_row));
    for (mut to, &i) in batch.rows_mut().into_iter().zip(rows) {
        if let Some(to) = to.as_slice_mut() {
            to.copy_from_slice(data.row(i));
        }
    }
    (batch, rows.iter().map(|&i| data.labels[i]).collect())
}

/// Mean cross-entropy and share of right answers.
fn evaluate(model: &mut Network, data: &Dataset) -> (f64, f64) {
    let (mut loss, mut right) = (0.0, 0);
    let parts = data.inputs.chunks(EVALUATED * data.inputs_per_row);
    for (inputs, labels) in parts.zip(data.labels.chunks(EVALUATED)) {
        let shape = (labels.len(), data.inputs_per_row);
        let batch = ArrayView2::from_shape(shape, inputs).expect("rows of equal length");
        model.forward(batch, None);
        let (part_loss, part_right) = model.score(labels);
        loss += part_loss;
        right += part_right;
    }
    let count = data.len() as f64;
    (loss / count, right as f64 / count)
}
