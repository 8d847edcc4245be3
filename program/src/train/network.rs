//! A fully connected network, its gradient, and cross-entropy, in f32.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis, CowArray, Ix2};
use pulp::Arch;

use crate::train::architecture::{Architecture, Ends};
use crate::train::front::{BlockGradients, Front};
use crate::train::init::{Bias, Drawn, Form, Init};
use isomoment::Result;
use isomoment::activation::{Activation, Dropout};
use isomoment::simulate::numbers::Uniforms;
use isomoment::simulate::streams::Stream;

/// x ↦ D φ(x W + b), layer after layer; a row for each example.
#[derive(Debug, Clone)]
pub struct Network {
    /// Weights, inputs × outputs, of each layer.
    pub weights: Vec<Array2<f32>>,
    /// Biases of each layer, 0 at first.
    pub biases: Vec<Array1<f32>>,
    /// Convolutions in front of the layers.
    pub front: Option<Front>,
    activation: Activation,
    /// That of the last layer.
    last: Activation,
    dropout: Dropout,
    /// What a forward pass leaves for the backward one: inputs of each layer and derivatives of its
    /// units.
    inputs: Vec<Array2<f32>>,
    slopes: Vec<Array2<f32>>,
    outputs: Array2<f32>,
}

/// Derivatives of the mean cross-entropy of a batch.
#[derive(Debug, Clone)]
pub struct Gradients {
    /// By the weights of each layer.
    pub weights: Vec<Array2<f32>>,
    /// By the biases of each layer.
    pub biases: Vec<Array1<f32>>,
    /// By what is in front of them.
    pub front: Vec<BlockGradients>,
}

/// What a network draws while it is trained: masks and slopes.
pub struct Noise(Uniforms);

impl Noise {
    /// From the next words of a stream.
    pub fn new(stream: &mut Stream) -> Self {
        Self(Uniforms::new(stream))
    }
}

impl Network {
    /// With the architecture's layers, weights as the rule draws them, and biases of 0; for others
    /// see [`Network::draw_biases`].
    ///
    /// # Errors
    /// As [`Architecture::deviations`].
    pub fn new(
        architecture: &Architecture,
        init: impl Into<Init>,
        ends: Ends,
        stream: &mut Stream,
    ) -> Result<Self> {
        let init = init.into();
        let deviations = architecture.deviations(init, ends)?;
        let sizes = architecture.sizes(ends);
        let units = (architecture.units(0).0, architecture.dropout);
        let mut network = Self::drawn(&sizes, &deviations, units, init.form, stream);
        (network.last, _) = architecture.units(architecture.depth - 1);
        Ok(network)
    }

    /// The units that cooperation leaves.
    pub(super) fn end_cooperation(&mut self, architecture: &Architecture) {
        (self.activation, _) = architecture.final_units(0);
        (self.last, _) = architecture.final_units(architecture.depth - 1);
    }

    /// Draws the biases, layer after layer.
    pub fn draw_biases(&mut self, bias: Bias, stream: &mut Stream) {
        for (weights, biases) in self.weights.iter().zip(&mut self.biases) {
            if let Some(numbers) = biases.as_slice_mut() {
                bias.fill(numbers, weights.nrows(), stream);
            }
        }
    }

    /// With independent normal weights: of layer k, from `sizes[k]` to `sizes[k+1]` units,
    /// `deviations[k]` is the standard deviation.
    ///
    /// The numbers before scaling depend on the stream and the sizes alone.
    ///
    /// # Panics
    /// Unless there is one deviation for each layer, and at least one layer.
    pub fn of_sizes(
        sizes: &[usize],
        deviations: &[f64],
        activation: Activation,
        dropout: Dropout,
        stream: &mut Stream,
    ) -> Self {
        let units = (activation, dropout);
        Self::drawn(sizes, deviations, units, Form::Normal, stream)
    }

    fn drawn(
        sizes: &[usize],
        deviations: &[f64],
        (activation, dropout): (Activation, Dropout),
        form: Form,
        stream: &mut Stream,
    ) -> Self {
        assert_eq!(
            sizes.len(),
            deviations.len() + 1,
            "a deviation for each layer"
        );
        assert!(!deviations.is_empty(), "at least one layer");
        let mut stream = Drawn::new(stream);
        let layers = sizes.windows(2).zip(deviations);
        let weights = layers.map(|(pair, &deviation)| {
            let mut matrix = Array2::zeros((pair[0], pair[1]));
            if let Some(numbers) = matrix.as_slice_mut() {
                form.fill(numbers, &mut stream);
            }
            matrix.mapv_into(|z| deviation as f32 * z)
        });
        Self {
            weights: weights.collect(),
            biases: sizes[1..].iter().map(|&size| Array1::zeros(size)).collect(),
            activation,
            front: None,
            last: activation,
            dropout,
            inputs: Vec::new(),
            slopes: Vec::new(),
            outputs: Array2::zeros((0, 0)),
        }
    }

    /// The outputs for a batch; with `noise` as in training, without it with slopes at their mean
    /// and nothing dropped.
    ///
    /// # Panics
    /// When a row has another length than the first layer has inputs.
    pub fn forward<'a>(
        &mut self,
        batch: impl Into<CowArray<'a, f32, Ix2>>,
        noise: Option<&mut Noise>,
    ) -> &Array2<f32> {
        let (batch, layers) = (batch.into(), self.weights.len());
        self.inputs.resize(layers, Array2::zeros((0, 0)));
        self.slopes.resize(layers, Array2::zeros((0, 0)));
        self.inputs[0] = match &mut self.front {
            Some(front) => front.forward(batch.view()),
            None => batch.into_owned(),
        };
        self.forward_from(0, noise)
    }

    /// The outputs of the batch that went forward last when layer `first` and those behind it have
    /// changed.
    pub(super) fn forward_from(
        &mut self,
        first: usize,
        mut noise: Option<&mut Noise>,
    ) -> &Array2<f32> {
        let layers = self.weights.len();
        let mut values = std::mem::take(&mut self.inputs[first]);
        for k in first..layers {
            let mut next = repeated(&self.biases[k], values.nrows());
            general_mat_mul(1.0, &values, &self.weights[k], 1.0, &mut next);
            self.inputs[k] = values;
            // the classes are not dropped
            let (activation, dropout) = if k + 1 < layers {
                (self.activation, self.dropout)
            } else {
                (self.last, Dropout::NONE)
            };
            let mut slopes = std::mem::take(&mut self.slopes[k]);
            activate(
                &mut next,
                &mut slopes,
                activation,
                dropout,
                noise.as_deref_mut(),
            );
            self.slopes[k] = slopes;
            values = next;
        }
        self.outputs = values;
        &self.outputs
    }

    /// W x + b of a layer, for each row of a batch, without masks.
    pub(super) fn preactivations(&mut self, layer: usize, batch: ArrayView2<f32>) -> Array2<f32> {
        self.forward(batch, None);
        let products = self.inputs[layer].dot(&self.weights[layer]);
        products + &self.biases[layer]
    }

    /// ‖x_k‖ of every row of the batch after each layer, x₀, what the first layer sees, first; `noise` as in
    /// [`Network::forward`].
    pub fn norms(&mut self, batch: ArrayView2<f32>, noise: Option<&mut Noise>) -> Vec<Vec<f64>> {
        self.forward(batch, noise);
        let layers = self.inputs.iter().chain(std::iter::once(&self.outputs));
        layers
            .map(|rows| {
                let norm = |row: ndarray::ArrayView1<f32>| {
                    row.iter()
                        .map(|&x| f64::from(x).powi(2))
                        .sum::<f64>()
                        .sqrt()
                };
                rows.rows().into_iter().map(norm).collect()
            })
            .collect()
    }

    /// The gradient of the mean cross-entropy of the batch that went forward last.
    ///
    /// # Panics
    /// Unless there is a label for each row of that batch, below the number of outputs.
    pub fn backward(&self, labels: &[u8]) -> Gradients {
        let layers = self.weights.len();
        let mut gradients = Gradients {
            weights: Vec::with_capacity(layers),
            biases: Vec::with_capacity(layers),
            front: Vec::new(),
        };
        let mut delta = self.by_outputs(labels);
        for k in (0..layers).rev() {
            gradients
                .biases
                .push(through_units(&mut delta, &self.slopes[k]));
            gradients.weights.push(self.inputs[k].t().dot(&delta));
            if k > 0 || self.front.is_some() {
                delta = delta.dot(&self.weights[k].t());
            }
        }
        if let Some(front) = &self.front {
            gradients.front = front.backward(&delta);
        }
        gradients.weights.reverse();
        gradients.biases.reverse();
        gradients
    }

    /// The part of the gradient that belongs to one layer's weights and biases.
    ///
    /// # Panics
    /// As [`Network::backward`].
    pub(super) fn backward_to(&self, layer: usize, labels: &[u8]) -> (Array2<f32>, Array1<f32>) {
        let mut delta = self.by_outputs(labels);
        for k in (layer + 1..self.weights.len()).rev() {
            delta *= &self.slopes[k];
            delta = delta.dot(&self.weights[k].t());
        }
        let biases = through_units(&mut delta, &self.slopes[layer]);
        (self.inputs[layer].t().dot(&delta), biases)
    }

    /// Derivatives of the mean cross-entropy by the outputs.
    fn by_outputs(&self, labels: &[u8]) -> Array2<f32> {
        self.assert_labels(labels);
        let rows = labels.len() as f32;
        let mut delta = self.outputs.clone();
        for (mut row, &label) in delta.rows_mut().into_iter().zip(labels) {
            let most = row.fold(f32::NEG_INFINITY, |a, &b| a.max(b));
            row.mapv_inplace(|x| (x - most).exp());
            let total = row.sum();
            row.mapv_inplace(|p| p / (total * rows));
            row[usize::from(label)] -= 1.0 / rows;
        }
        delta
    }

    /// Sum of the cross-entropies of the batch that went forward last, and how many rows were
    /// classified rightly.
    ///
    /// # Panics
    /// As [`Network::backward`].
    pub fn score(&self, labels: &[u8]) -> (f64, usize) {
        self.assert_labels(labels);
        let (mut loss, mut right) = (0.0, 0);
        for (row, &label) in self.outputs.rows().into_iter().zip(labels) {
            let most = row.fold(f32::NEG_INFINITY, |a, &b| a.max(b));
            let total: f64 = row.iter().map(|&x| f64::from(x - most).exp()).sum();
            let own = row[usize::from(label)];
            loss += total.ln() - f64::from(own - most);
            // a tie, as between the outputs of a dead network, is no success
            let rivals = row.iter().filter(|&&x| x >= own).count();
            right += usize::from(rivals == 1);
        }
        (loss, right)
    }

    fn assert_labels(&self, labels: &[u8]) {
        let (rows, classes) = self.outputs.dim();
        assert_eq!(labels.len(), rows, "a label for each row of the batch");
        let largest = labels.iter().copied().max().map(usize::from);
        assert!(
            largest < Some(classes),
            "label {largest:?} of {classes} classes"
        );
    }
}

/// The biases in every row.
fn repeated(biases: &Array1<f32>, rows: usize) -> Array2<f32> {
    let numbers = biases.as_slice().expect("one axis").repeat(rows);
    Array2::from_shape_vec((rows, biases.len()), numbers).expect("as many as there are places")
}

/// Derivatives by outputs to those by pre-activations, in place, and their sums over the batch.
fn through_units(delta: &mut Array2<f32>, slopes: &Array2<f32>) -> Array1<f32> {
    let mut sums = Array1::zeros(delta.ncols());
    let numbers = (delta.as_slice_mut(), slopes.as_slice(), sums.as_slice_mut());
    let (Some(numbers), Some(slopes), Some(totals @ [_, _, ..])) = numbers else {
        // of or behind a single unit a product comes in another memory order: that of the sums
        *delta *= slopes;
        return delta.sum_axis(Axis(0));
    };
    Arch::new().dispatch(
        #[inline(always)]
        || {
            let rows = numbers.chunks_exact_mut(totals.len());
            for (row, slopes) in rows.zip(slopes.chunks_exact(totals.len())) {
                for ((by, slope), total) in row.iter_mut().zip(slopes).zip(totals.iter_mut()) {
                    *by *= slope;
                    *total += *by;
                }
            }
        },
    );
    sums
}

/// Pre-activations to outputs, in place, and the factor that each was multiplied by.
fn activate(
    values: &mut Array2<f32>,
    slopes: &mut Array2<f32>,
    activation: Activation,
    dropout: Dropout,
    noise: Option<&mut Noise>,
) {
    if slopes.dim() != values.dim() {
        *slopes = Array2::zeros(values.dim());
    }
    let [values, slopes] =
        [values, slopes].map(|both| both.as_slice_mut().expect("standard layout"));
    let pairs = values.iter_mut().zip(slopes);
    let random_slopes = matches!(activation, Activation::RandomizedLeakyRelu { .. });
    match noise {
        Some(Noise(uniforms)) if random_slopes || dropout.keep() < 1.0 => {
            for (value, slope) in pairs {
                let negative = activation.negative_slope(uniforms.draw());
                let factor = if *value >= 0.0 { 1.0 } else { negative };
                let kept = dropout.keep() == 1.0 || uniforms.draw() < dropout.keep();
                *slope = if kept {
                    (factor * dropout.gain()) as f32
                } else {
                    0.0
                };
                *value *= *slope;
            }
        }
        _ => {
            let negative = activation.negative_slope(0.5) as f32;
            Arch::new().dispatch(
                #[inline(always)]
                || {
                    for (value, slope) in pairs {
                        *slope = if *value >= 0.0 { 1.0 } else { negative };
                        *value *= *slope;
                    }
                },
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isomoment::simulate::numbers::Normals;
    use isomoment::simulate::streams::trajectory_stream;

    fn with_three_classes(labels: &[u8]) {
        let stream = &mut trajectory_stream(4, 0);
        let (units, none) = (Activation::Linear, Dropout::NONE);
        let mut network = Network::of_sizes(&[2, 3], &[1.0], units, none, stream);
        network.forward(Array2::zeros((2, 2)).view(), None);
        network.backward(labels);
    }

    #[test]
    #[should_panic(expected = "label Some(3) of 3 classes")]
    fn a_label_is_below_the_number_of_classes() {
        with_three_classes(&[2, 2]);
        with_three_classes(&[2, 3]);
    }

    #[test]
    #[should_panic(expected = "a label for each row")]
    fn every_row_has_a_label() {
        with_three_classes(&[2]);
    }

    #[test]
    #[should_panic(expected = "a deviation for each layer")]
    fn every_layer_has_a_deviation() {
        let stream = &mut trajectory_stream(4, 0);
        let (units, none) = (Activation::Linear, Dropout::NONE);
        Network::of_sizes(&[2, 3, 3], &[1.0], units, none, stream);
    }

    /// The bits of a product and a sum along the batch, in both memory orders.
    #[test]
    fn derivatives_go_through_units() {
        for units in [1, 2, 5] {
            let slopes = Array2::from_shape_fn((37, units), |(i, j)| 1.0 / (1 + i + 3 * j) as f32);
            let turned = Array2::from_shape_fn((units, 37), |(i, j)| slopes[(j, i)]);
            for mut delta in [slopes.clone(), turned.reversed_axes()] {
                let mut product = delta.clone();
                product *= &slopes;
                let sums = product.sum_axis(Axis(0));
                assert_eq!(through_units(&mut delta, &slopes), sums);
                assert_eq!(delta, product);
            }
        }
    }

    /// Every derivative of a small network against central differences.
    #[test]
    fn gradients_are_finite_differences() {
        let activations = [
            Activation::Linear,
            Activation::LeakyRelu { slope: 0.3 },
            Activation::RRELU_DEFAULT,
        ];
        for activation in activations {
            let sizes = [5, 4, 4, 3];
            let stream = &mut trajectory_stream(4, 0);
            let mut network =
                Network::of_sizes(&sizes, &[0.6; 3], activation, Dropout::NONE, stream);
            let mut inputs = Array2::zeros((6, 5));
            Normals::<f32>::new(stream).fill(inputs.as_slice_mut().unwrap());
            let labels = [0, 1, 2, 2, 1, 0];
            network.forward(inputs.view(), None);
            let gradients = network.backward(&labels);
            let loss = |network: &mut Network| {
                network.forward(inputs.view(), None);
                network.score(&labels).0 / 6.0
            };
            for k in 0..3 {
                for at in 0..sizes[k] * sizes[k + 1] {
                    let place = (at / sizes[k + 1], at % sizes[k + 1]);
                    let h = 2e-3;
                    let mut moved = network.clone();
                    moved.weights[k][place] += h;
                    let above = loss(&mut moved);
                    moved.weights[k][place] -= 2.0 * h;
                    let below = loss(&mut moved);
                    let difference = (above - below) / (2.0 * f64::from(h));
                    let off = difference - f64::from(gradients.weights[k][place]);
                    assert!(
                        off.abs() < 2e-3,
                        "{activation}, layer {k}, {place:?}: {off}"
                    );
                }
                for unit in 0..sizes[k + 1] {
                    let h = 2e-3;
                    let mut moved = network.clone();
                    moved.biases[k][unit] += h;
                    let above = loss(&mut moved);
                    moved.biases[k][unit] -= 2.0 * h;
                    let difference = (above - loss(&mut moved)) / (2.0 * f64::from(h));
                    let off = difference - f64::from(gradients.biases[k][unit]);
                    assert!(
                        off.abs() < 2e-3,
                        "{activation}, layer {k}, bias {unit}: {off}"
                    );
                }
            }
        }
    }
}
