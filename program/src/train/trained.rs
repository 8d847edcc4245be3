//! One network, from its initial weights to its last epoch.

use ndarray::{Array, Array2, ArrayView2, Dimension};
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use crate::train::architecture::Architecture;
use crate::train::augment::Augment;
use crate::train::data::{Dataset, Split};
use crate::train::front::{BlockGradients, Front};
use crate::train::init::{Choice, Init};
use crate::train::lsuv::unit_variances;
use crate::train::network::{Network, Noise};
use crate::train::optimizer::{Optimizer, Rule, Schedule};
use isomoment::Result;
use isomoment::simulate::streams::{Stream, experiment_seed, trajectory_stream};

/// Rows that are evaluated together.
const EVALUATED: usize = 1000;

/// How a network is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// How gradients become steps.
    pub rule: Rule,
    /// Learning rate.
    pub rate: f32,
    /// How it falls.
    pub schedule: Schedule,
    /// λ of λw, added to the gradients of weights and biases.
    pub weight_decay: f32,
    /// How training images are moved whenever they are seen.
    pub augment: Augment,
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
    /// The training loss, or that of a guess, ln(classes), where it is not finite.
    pub fn bounded_train_loss(&self, classes: usize) -> f64 {
        bounded(self.train_loss, classes)
    }

    /// The test loss, or that of a guess where it is not finite.
    pub fn bounded_test_loss(&self, classes: usize) -> f64 {
        bounded(self.test_loss, classes)
    }
}

fn bounded(loss: f64, classes: usize) -> f64 {
    if loss.is_finite() {
        loss
    } else {
        (classes as f64).ln()
    }
}

/// A trained network's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// Units of its hidden layers.
    pub width: usize,
    /// Its layers, the one to the classes included.
    pub depth: usize,
    /// The scheme, as it is written.
    pub scheme: String,
    /// Number of the network: those with the same number share random numbers.
    pub network: u64,
    /// Number of classes that it tells apart.
    #[serde(default = "ten", skip_serializing_if = "is_ten")]
    pub classes: usize,
    /// Epoch by epoch.
    pub epochs: Vec<Epoch>,
}

/// Classes of the digits, which need no mention.
pub(super) fn ten() -> usize {
    10
}

fn is_ten(classes: &usize) -> bool {
    *classes == ten()
}

impl Trained {
    /// Whether both are of one network.
    pub(crate) fn is_twin_of(&self, other: &Self) -> bool {
        (self.width, self.depth, self.network) == (other.width, other.depth, other.network)
            && self.scheme == other.scheme
    }
}

/// Which random numbers a network gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    /// Of the experiment.
    pub seed: u64,
    /// Number of the network.
    pub network: u64,
}

impl Draw {
    fn stream(self, what: &str) -> Stream {
        trajectory_stream(experiment_seed(self.seed, what), self.network)
    }
}

/// Trains one network; `progress` is told of every epoch.
///
/// The same draw gives the same bits on any number of threads, and schemes share the normal numbers
/// and the order of the batches.
///
/// # Errors
/// As [`Architecture::deviations`].
pub fn train(
    architecture: &Architecture,
    recipe: &Recipe,
    init: impl Into<Init>,
    data: &Split,
    draw: Draw,
    progress: &dyn Fn(&Epoch),
) -> Result<Trained> {
    let init = init.into().on(data);
    let stream = &mut draw.stream("weights");
    let mut model = Network::new(architecture, init, architecture.ends(data)?, stream)?;
    model.draw_biases(architecture.bias, &mut draw.stream("biases"));
    if !architecture.convolutions.is_empty() {
        let (image, stream) = (data.image, &mut draw.stream("convolutions"));
        model.front = Some(Front::drawn(image, &architecture.convolutions, stream)?);
    }
    if init.choice == Choice::Lsuv {
        unit_variances(&mut model, data);
    }
    let mut moves = draw.stream("augmentation");
    let mut descent = Descent::new(&model, recipe);
    let mut order_stream = draw.stream("batches");
    let mut noise = Noise::new(&mut draw.stream("noise"));
    let mut order: Vec<usize> = (0..data.train.len()).collect();
    let seen = data.train.len() as f64;
    let mut epochs = Vec::with_capacity(recipe.epochs);
    for epoch in 0..recipe.epochs {
        if epoch > 0 && epoch == architecture.cooperative {
            model.end_cooperation(architecture);
        }
        descent.set_rate((f64::from(recipe.rate) * recipe.schedule.factor(epoch)) as f32);
        order.shuffle(&mut order_stream);
        let (mut loss, mut right) = (0.0, 0);
        for rows in order.chunks(recipe.batch) {
            let (mut batch, labels) = gather(&data.train, rows);
            for row in batch
                .as_slice_mut()
                .into_iter()
                .flat_map(|numbers| numbers.chunks_exact_mut(data.image.numbers()))
            {
                recipe
                    .augment
                    .apply(row, data.image, data.black, &mut moves);
            }
            model.forward(batch, Some(&mut noise));
            let (batch_loss, batch_right) = model.score(&labels);
            loss += batch_loss;
            right += batch_right;
            match recipe.rule {
                Rule::BlockLayer => descent.step_by_layer(&mut model, &labels),
                _ => descent.step(&mut model, &labels),
            }
        }
        let (test_loss, test_accuracy) = evaluate(&mut model, &data.test);
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
        scheme: init.to_string(),
        network: draw.network,
        classes: data.classes,
        epochs,
    })
}

/// An optimizer for each layer's weights and for its biases, and for those in front of them.
struct Descent {
    weights: Vec<Optimizer>,
    biases: Vec<Optimizer>,
    front: Vec<[Optimizer; 2]>,
}

impl Descent {
    fn new(model: &Network, recipe: &Recipe) -> Self {
        let optimizer = |size: usize| {
            Optimizer::new(recipe.rule, recipe.rate, size).with_decay(recipe.weight_decay)
        };
        Self {
            weights: model.weights.iter().map(|w| optimizer(w.len())).collect(),
            biases: model.biases.iter().map(|b| optimizer(b.len())).collect(),
            front: model
                .front
                .iter()
                .flat_map(|front| &front.blocks)
                .map(|block| [block.weights.len(), block.biases.len()].map(optimizer))
                .collect(),
        }
    }

    fn set_rate(&mut self, rate: f32) {
        let layers = self.weights.iter_mut().chain(&mut self.biases);
        for optimizer in layers.chain(self.front.iter_mut().flatten()) {
            optimizer.set_rate(rate);
        }
    }

    /// A step of each layer, from the last to the first, then of what is in front of them, all from
    /// the batch that went forward last.
    fn step_by_layer(&mut self, model: &mut Network, labels: &[u8]) {
        for k in (0..model.weights.len()).rev() {
            let (weights, biases) = model.backward_to(k, labels);
            descend(&mut self.weights[k], &mut model.weights[k], &weights);
            descend(&mut self.biases[k], &mut model.biases[k], &biases);
            model.forward_from(k, None);
        }
        if model.front.is_some() {
            let gradients = model.backward(labels);
            self.step_front(model, &gradients.front);
        }
    }

    /// A step along the gradient of the batch that went forward last.
    fn step(&mut self, model: &mut Network, labels: &[u8]) {
        let gradients = model.backward(labels);
        let weights = model.weights.iter_mut().zip(&gradients.weights);
        for ((to, by), optimizer) in weights.zip(&mut self.weights) {
            descend(optimizer, to, by);
        }
        let biases = model.biases.iter_mut().zip(&gradients.biases);
        for ((to, by), optimizer) in biases.zip(&mut self.biases) {
            descend(optimizer, to, by);
        }
        self.step_front(model, &gradients.front);
    }

    fn step_front(&mut self, model: &mut Network, gradients: &[BlockGradients]) {
        let blocks = model.front.iter_mut().flat_map(|front| &mut front.blocks);
        for ((block, by), [weights, biases]) in blocks.zip(gradients).zip(&mut self.front) {
            descend(weights, &mut block.weights, &by.weights);
            descend(biases, &mut block.biases, &by.biases);
        }
    }
}

/// One step of an array of parameters.
fn descend<D: Dimension>(optimizer: &mut Optimizer, to: &mut Array<f32, D>, by: &Array<f32, D>) {
    // a product with a transposed factor may come in another memory order
    let by = by.as_standard_layout();
    if let (Some(to), Some(by)) = (to.as_slice_mut(), by.as_slice()) {
        optimizer.step(to, by);
    }
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
