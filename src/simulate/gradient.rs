//! Products with a network's Jacobian, from its real matrices.

use crate::error::{Error, Result};
use crate::layer_law::Weights;
use crate::simulate::matrix::dot;
use crate::simulate::model::Model;
use crate::simulate::numbers::{Entries, Normals};
use crate::simulate::streams::trajectory_stream;
use crate::simulate::units::Units;

/// Most weights of one network, which are kept until the gradient has come back: 400 MB.
const MAX_WEIGHTS: f64 = 5e7;

/// From where the gradient starts at the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cotangent {
    /// A uniform direction, independent of the network: the gradient of a Gaussian read-out.
    Uniform,
    /// One unit of the last layer.
    Coordinate,
}

/// What one network does to a signal, to a change of its input, and to a gradient.
///
/// With J_k = D_k W_k ⋯ D_1 W_1 the Jacobian of layer k at the input, v a uniform direction that is
/// independent of the network, and u as [`Cotangent`] says; K layers. Of a network with a dead layer
/// J and Jᵀu are 0: all of `tangent` and `gradient` is −∞ then, and `signal` from that layer on.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradients {
    /// log(‖x_k‖/‖x₀‖) after k = 1, …, K layers.
    pub signal: Vec<f64>,
    /// log‖J_k v‖ after k = 1, …, K layers.
    pub tangent: Vec<f64>,
    /// log‖(D_K W_K ⋯ D_{K−k+1} W_{K−k+1})ᵀu‖ after k = 1, …, K layers from the output.
    pub gradient: Vec<f64>,
}

impl Gradients {
    /// Of one trajectory of a seed, which determine the network: its signal is that of
    /// [`Level::Network`](crate::simulate::Level::Network), up to rounding.
    ///
    /// ```
    /// use isomoment::simulate::{Cotangent, Gradients, Model};
    /// use isomoment::{Activation, Dropout};
    /// let model = Model::square(Activation::Linear, Dropout::NONE, 8, 0.3, 5)?;
    /// let found = Gradients::draw(&model, Cotangent::Uniform, 1, 0)?;
    /// assert_eq!(found.gradient.len(), 5);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Domain`] for networks of orthogonal weights, with biases or with several inputs, and
    /// for more than 5·10⁷ weights, which are all kept.
    pub fn draw(model: &Model, cotangent: Cotangent, seed: u64, trajectory: u64) -> Result<Self> {
        check(model)?;
        let stream = &mut trajectory_stream(seed, trajectory);
        let mut normals = Normals::<f64>::new(stream);
        let mut units = Units::new(model, stream);
        let mut layers = Vec::with_capacity(model.layers.len());
        let (mut x, mut signal) = (Carried::new(model.first_inputs()), Vec::new());
        for layer in &model.layers {
            let mut matrix = Matrix {
                columns: vec![0.0; layer.fan_in * layer.fan_out],
                rows: layer.fan_out,
            };
            normals.fill(&mut matrix.columns);
            let before = matrix.times(&x.direction);
            let mut after = before.clone();
            units.apply(&mut after);
            // a pre-activation of 0 has probability 0
            let pairs = after.iter().zip(&before);
            let slopes: Vec<f64> = pairs.map(|(out, z)| out / z).collect();
            x.moved(after, layer.scale);
            signal.push(x.log_norm);
            layers.push((matrix, slopes, layer.scale));
            if x.is_zero() {
                break;
            }
        }
        let depth = model.layers.len();
        if layers.len() < depth || x.is_zero() {
            signal.resize(depth, f64::NEG_INFINITY);
            let zero = vec![f64::NEG_INFINITY; depth];
            return Ok(Self {
                signal,
                tangent: zero.clone(),
                gradient: zero,
            });
        }
        let mut direction = |size: usize| {
            let mut vector = vec![0.0; size];
            normals.fill(&mut vector);
            Carried::new(vector)
        };
        let mut v = direction(model.layers[0].fan_in);
        let mut u = match cotangent {
            Cotangent::Uniform => direction(layers[depth - 1].0.rows),
            Cotangent::Coordinate => {
                let mut unit = vec![0.0; layers[depth - 1].0.rows];
                unit[0] = 1.0;
                Carried::new(unit)
            }
        };
        let (mut tangent, mut gradient) = (Vec::new(), Vec::new());
        for (matrix, slopes, scale) in &layers {
            let moved = sloped(matrix.times(&v.direction), slopes);
            v.moved(moved, *scale);
            tangent.push(v.log_norm);
        }
        for (matrix, slopes, scale) in layers.iter().rev() {
            let moved = matrix.transposed_times(&sloped(u.direction.clone(), slopes));
            u.moved(moved, *scale);
            gradient.push(u.log_norm);
        }
        Ok(Self {
            signal,
            tangent,
            gradient,
        })
    }
}

fn check(model: &Model) -> Result<()> {
    if model.entries != Entries::Normal {
        return Err(Error::domain("entries", model.entries, "normal here"));
    }
    if model.weights != Weights::Gaussian || model.stable.is_some() {
        let kind = if model.stable.is_some() {
            "stable"
        } else {
            "orthogonal"
        };
        return Err(Error::domain("weights", kind, "gaussian here"));
    }
    if model.bias != 0.0 {
        return Err(Error::domain("bias", format!("{:?}", model.bias), "0 here"));
    }
    if model.inputs != 1 {
        return Err(Error::domain("inputs", model.inputs, "1 here"));
    }
    let weights = model.weights_per_path();
    if weights > MAX_WEIGHTS {
        let given = format!("{weights:.0}");
        return Err(Error::domain("weights", given, "at most 50000000 in all"));
    }
    Ok(())
}

/// A vector of norm 1, or 0, and the log of its length.
struct Carried {
    direction: Vec<f64>,
    log_norm: f64,
}

impl Carried {
    /// A direction, at length 1.
    fn new(vector: Vec<f64>) -> Self {
        let mut carried = Self {
            direction: Vec::new(),
            log_norm: 0.0,
        };
        carried.moved(vector, 1.0);
        carried.log_norm = 0.0;
        carried
    }

    /// The direction became this, times the scale.
    fn moved(&mut self, vector: Vec<f64>, scale: f64) {
        let norm = dot(&vector, &vector).sqrt();
        self.log_norm += scale.ln() + norm.ln();
        self.direction = vector;
        if norm > 0.0 {
            self.direction.iter_mut().for_each(|value| *value /= norm);
        }
    }

    fn is_zero(&self) -> bool {
        self.log_norm == f64::NEG_INFINITY
    }
}

/// A matrix, column after column.
struct Matrix {
    columns: Vec<f64>,
    rows: usize,
}

impl Matrix {
    fn times(&self, vector: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; self.rows];
        for (column, &value) in self.columns.chunks_exact(self.rows).zip(vector) {
            for (sum, entry) in product.iter_mut().zip(column) {
                *sum += value * entry;
            }
        }
        product
    }

    fn transposed_times(&self, vector: &[f64]) -> Vec<f64> {
        let columns = self.columns.chunks_exact(self.rows);
        columns.map(|column| dot(column, vector)).collect()
    }
}

fn sloped(mut vector: Vec<f64>, slopes: &[f64]) -> Vec<f64> {
    for (value, slope) in vector.iter_mut().zip(slopes) {
        *value *= slope;
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::{Level, Simulator};
    use crate::{Activation, Dropout};

    fn model(activation: Activation) -> Model {
        let dropout = Dropout::inverted(0.8).unwrap();
        Model::square(activation, dropout, 12, 0.4, 9).unwrap()
    }

    #[test]
    fn the_signal_is_that_of_the_simulated_network() {
        for activation in [
            Activation::LeakyRelu { slope: 0.3 },
            Activation::RRELU_DEFAULT,
        ] {
            let model = model(activation);
            let simulator = Simulator::new(model.clone(), Level::Network).unwrap();
            for trajectory in 0..20 {
                let path = simulator.path(5, trajectory);
                let found = Gradients::draw(&model, Cotangent::Uniform, 5, trajectory).unwrap();
                for (a, b) in path.log_norms.iter().zip(&found.signal) {
                    assert!((a - b).abs() < 1e-12 || a == b, "{a} {b}");
                }
            }
        }
    }

    #[test]
    fn of_single_units_all_three_are_the_product_of_the_weights() {
        let model = Model::square(Activation::Linear, Dropout::NONE, 1, 0.7, 6).unwrap();
        for trajectory in 0..10 {
            let found = Gradients::draw(&model, Cotangent::Coordinate, 2, trajectory).unwrap();
            for (a, b) in found.signal.iter().zip(&found.tangent) {
                assert!((a - b).abs() < 1e-12);
            }
            assert!((found.signal[5] - found.gradient[5]).abs() < 1e-12);
        }
    }

    #[test]
    fn what_is_not_drawn_is_refused() {
        let model = model(Activation::Relu);
        let draw = |model: &Model| Gradients::draw(model, Cotangent::Uniform, 1, 0);
        assert!(draw(&model.clone().with_weights(Weights::Orthogonal)).is_err());
        assert!(draw(&model.clone().with_bias(0.1).unwrap()).is_err());
        assert!(draw(&model.with_inputs(2, 0.5).unwrap()).is_err());
        let large = Model::square(Activation::Relu, Dropout::NONE, 10_000, 0.1, 1).unwrap();
        assert!(draw(&large).is_err());
    }
}
