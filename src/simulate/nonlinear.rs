//! Networks of any activation with their real matrices.

use crate::error::Result;
use crate::gain::Nonlinearity;
use crate::limits::check_positive;
use crate::simulate::matrix::{add_random_product, dot};
use crate::simulate::model::{Layer, Model};
use crate::simulate::numbers::Normals;
use crate::simulate::streams::trajectory_stream;
use crate::{Activation, Dropout};

/// A fully connected network of units that need not be homogeneous, without biases: weights
/// N(0, gain²/fan-in), started at an input of a given root-mean-square.
///
/// ```
/// use isomoment::gain::Nonlinearity;
/// use isomoment::simulate::NonlinearNetwork;
/// // two layers of 16 units
/// let network = NonlinearNetwork::new(Nonlinearity::Tanh, 16, &[(16, 1.2); 2], 0.5)?;
/// assert_eq!(network.levels(1, 0).len(), 2);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct NonlinearNetwork {
    nonlinearity: Nonlinearity,
    /// The matrices; its units are not used.
    model: Model,
    level: f64,
}

impl NonlinearNetwork {
    /// A network with so many inputs, of layers with these widths and gains.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) for no layers, what [`Model`] and
    /// [`Nonlinearity::validate`] refuse, and a gain or level that is not positive and finite.
    pub fn new(
        nonlinearity: Nonlinearity,
        inputs: usize,
        layers: &[(usize, f64)],
        level: f64,
    ) -> Result<Self> {
        nonlinearity.validate()?;
        let gains = layers.iter().map(|&(_, gain)| ("gain", gain));
        for (name, value) in gains.chain([("level", level)]) {
            check_positive(name, value)?;
        }
        let fans_in = std::iter::once(inputs).chain(layers.iter().map(|&(width, _)| width));
        let layer = |(fan_in, &(fan_out, gain)): (usize, &(usize, f64))| Layer {
            fan_in,
            fan_out,
            scale: gain / (fan_in as f64).sqrt(),
        };
        let layers = fans_in.zip(layers).map(layer).collect();
        Ok(Self {
            nonlinearity,
            model: Model::layered(Activation::Linear, Dropout::NONE, layers)?,
            level,
        })
    }

    /// The number of layers.
    pub fn depth(&self) -> usize {
        self.model.depth()
    }

    /// The root-mean-square of every layer's outputs; seed and trajectory determine them.
    pub fn levels(&self, seed: u64, trajectory: u64) -> Vec<f64> {
        let stream = &mut trajectory_stream(seed, trajectory);
        let mut normals = Normals::<f64>::new(stream);
        let mut x = self.model.first_inputs();
        let length = self.level * (x.len() as f64).sqrt();
        x.iter_mut().for_each(|value| *value *= length);
        let mut levels = Vec::with_capacity(self.model.layers.len());
        for layer in &self.model.layers {
            let mut y = vec![0.0; layer.fan_out];
            add_random_product(&mut normals, &x, &mut y, 1);
            for value in &mut y {
                *value = self.nonlinearity.apply(layer.scale * *value);
            }
            levels.push((dot(&y, &y) / y.len() as f64).sqrt());
            x = y;
        }
        levels
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::{Level, Simulator};

    #[test]
    fn of_homogeneous_units_it_is_the_simulated_network() {
        let network = NonlinearNetwork::new(Nonlinearity::Relu, 12, &[(12, 1.3); 2], 5.0).unwrap();
        let scale = 1.3 / 12.0_f64.sqrt();
        let model = Model::square(Activation::Relu, Dropout::NONE, 12, scale, 2).unwrap();
        let simulator = Simulator::new(model, Level::Network).unwrap();
        for trajectory in 0..10 {
            let path = simulator.path(3, trajectory);
            let levels = network.levels(3, trajectory);
            for (level, log) in levels.iter().zip(&path.log_norms) {
                assert!((level - 5.0 * log.exp()).abs() < 1e-12 * level);
            }
        }
    }

    #[test]
    fn bad_networks_are_refused() {
        let make = |inputs, layers: &[(usize, f64)], level| {
            NonlinearNetwork::new(Nonlinearity::Gelu, inputs, layers, level)
        };
        assert!(make(3, &[], 1.0).is_err() && make(3, &[(0, 1.0)], 1.0).is_err());
        assert!(make(3, &[(0, 1.0), (3, 1.0)], 1.0).is_err());
        assert!(make(3, &[(3, 0.0)], 1.0).is_err() && make(3, &[(3, 1.0)], f64::NAN).is_err());
        let elu = Nonlinearity::Elu { alpha: f64::NAN };
        assert!(NonlinearNetwork::new(elu, 3, &[(3, 1.0)], 1.0).is_err());
    }
}
