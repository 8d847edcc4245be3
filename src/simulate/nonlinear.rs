//! Networks of any activation with their real matrices.

use crate::error::{Error, Result};
use crate::gain::Nonlinearity;
use crate::simulate::matrix::{add_random_product, dot};
use crate::simulate::model::{Layer, Model};
use crate::simulate::numbers::Normals;
use crate::simulate::path::{Path, Record, Recorder};
use crate::simulate::streams::{Stream, trajectory_stream};
use crate::{Activation, Dropout};

/// Gains, and levels in whose unit numbers are kept: the squares of such numbers are doubles.
const NEAR: std::ops::RangeInclusive<f64> = 1e-100..=1e100;

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
    pub(super) nonlinearity: Nonlinearity,
    /// The matrices; its units are not used.
    pub(super) model: Model,
    /// Widths and gains.
    pub(super) layers: Vec<(usize, f64)>,
    pub(super) level: f64,
}

impl NonlinearNetwork {
    /// A network with so many inputs, of layers with these widths and gains.
    ///
    /// # Errors
    /// [`Error::Domain`] for no layers, what [`Model`] and [`Nonlinearity::validate`] refuse, and a gain or
    /// level outside 1e-100 to 1e100.
    pub fn new(
        nonlinearity: Nonlinearity,
        inputs: usize,
        layers: &[(usize, f64)],
        level: f64,
    ) -> Result<Self> {
        nonlinearity.validate()?;
        let gains = layers.iter().map(|&(_, gain)| ("gain", gain));
        for (name, value) in gains.chain([("level", level)]) {
            if !NEAR.contains(&value) {
                let allowed = "from 1e-100 to 1e100 to simulate";
                return Err(Error::domain(name, format!("{value:?}"), allowed));
            }
        }
        let fans_in = std::iter::once(inputs).chain(layers.iter().map(|&(width, _)| width));
        let layer = |(fan_in, &(fan_out, gain)): (usize, &(usize, f64))| Layer {
            fan_in,
            fan_out,
            scale: gain / (fan_in as f64).sqrt(),
        };
        let matrices = fans_in.zip(layers).map(layer).collect();
        Ok(Self {
            nonlinearity,
            model: Model::layered(Activation::Linear, Dropout::NONE, matrices)?,
            layers: layers.to_vec(),
            level,
        })
    }

    /// The number of layers.
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// The number of inputs of the first layer.
    pub fn fan_in(&self) -> usize {
        self.model.layers[0].fan_in
    }

    /// The root-mean-square of every layer's outputs; seed and trajectory determine them.
    pub fn levels(&self, seed: u64, trajectory: u64) -> Vec<f64> {
        let stream = &mut trajectory_stream(seed, trajectory);
        let mut levels = Vec::with_capacity(self.depth());
        self.walk(stream, |level, log_unit| {
            levels.push(level * log_unit.exp())
        });
        levels
    }

    /// The log-norms log(‖x_k‖/‖x₀‖) at the recorded layers; seed and trajectory determine them. An output
    /// whose every number is below the smallest double is 0, and its log-norm −∞.
    pub fn path(&self, record: &Record, seed: u64, trajectory: u64) -> Path {
        let stream = &mut trajectory_stream(seed, trajectory);
        let mut recorder = Recorder::new(record, 1);
        let length = |level: f64, width: usize| level.ln() + 0.5 * (width as f64).ln();
        let start = length(self.level, self.fan_in());
        let mut layers = self.layers.iter();
        self.walk(stream, |level, log_unit| {
            let width = layers.next().map_or(0, |&(width, _)| width);
            recorder.layer(&[log_unit + length(level, width) - start], |_, _| 1.0);
        });
        recorder.finish()
    }

    /// Draws the layers one after the other; `each` is told the level of one, in a unit of which it is told
    /// the logarithm.
    ///
    /// The unit is 1 unless the level has left [`NEAR`]. Out there φ is its slopes at either side of 0, or at
    /// infinity, to all digits of a double: numbers in another unit pass through these, and depth neither
    /// underflows nor overflows.
    fn walk(&self, stream: &mut Stream, mut each: impl FnMut(f64, f64)) {
        let mut normals = Normals::<f64>::new(stream);
        let mut x = self.model.first_inputs();
        let length = self.level * (x.len() as f64).sqrt();
        x.iter_mut().for_each(|value| *value *= length);
        let mut log_unit = 0.0_f64;
        for layer in &self.model.layers {
            let mut y = vec![0.0; layer.fan_out];
            add_random_product(&mut normals, &x, &mut y, 1);
            if log_unit == 0.0 {
                for value in &mut y {
                    *value = self.nonlinearity.apply(layer.scale * *value);
                }
            } else {
                let [left, right] = self.slopes(log_unit);
                for value in &mut y {
                    *value *= layer.scale * if *value < 0.0 { left } else { right };
                }
            }
            let level = root_mean_square(&y);
            each(level, log_unit);
            let log_level = log_unit + level.ln();
            let near = NEAR.start().ln()..=NEAR.end().ln();
            if near.contains(&log_level) {
                if log_unit != 0.0 {
                    y.iter_mut().for_each(|value| *value *= log_unit.exp());
                    log_unit = 0.0;
                }
            } else if level > 0.0 {
                y.iter_mut().for_each(|value| *value /= level);
                log_unit = log_level;
            }
            x = y;
        }
    }

    /// φ(y)/y far on either side of 0, or near it.
    fn slopes(&self, log_unit: f64) -> [f64; 2] {
        let far = match log_unit > 0.0 {
            true => *NEAR.end(),
            false => *NEAR.start(),
        };
        [-far, far].map(|y| self.nonlinearity.apply(y) / y)
    }
}

/// Of numbers whose squares need not be doubles.
fn root_mean_square(values: &[f64]) -> f64 {
    let direct = (dot(values, values) / values.len() as f64).sqrt();
    if NEAR.contains(&direct) {
        return direct;
    }
    let largest = values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    if largest == 0.0 {
        return 0.0;
    }
    let shares: Vec<f64> = values.iter().map(|x| x / largest).collect();
    largest * (dot(&shares, &shares) / values.len() as f64).sqrt()
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

    /// Small and large signals stay what exact arithmetic makes of them: of homogeneous units, and of others
    /// that are homogeneous out there.
    #[test]
    fn depth_neither_underflows_nor_overflows() {
        use Nonlinearity::{Elu, Gelu, LeakyRelu, Relu, Selu, Silu, Softplus, Tanh};
        let depth = 600;
        let record = Record::all(depth);
        let half = LeakyRelu { slope: 1.0 };
        let steep = LeakyRelu { slope: 2.0 };
        for (gain, level, nonlinearity, alike, factor) in [
            (1e-3, 1.0, Relu, Relu, 1.0),
            (1e5, 1.0, Relu, Relu, 1.0),
            // at levels below 1e-30 and above 1e30 φ is its slopes
            (1e-3, 1e-30, Gelu, half, 0.5),
            (1e-3, 1e-30, Silu, half, 0.5),
            (1e-3, 1e-30, Tanh, half, 1.0),
            (1e-3, 1e-30, Elu { alpha: 2.0 }, steep, 1.0),
            (1e5, 1e30, Gelu, Relu, 1.0),
            (1e5, 1e30, Softplus, Relu, 1.0),
            (1e-90, 1e-30, Gelu, half, 0.5),
            (1e90, 1e30, Selu, Relu, 1.050_700_987_355_480_5),
        ] {
            let network = NonlinearNetwork::new(nonlinearity, 12, &[(12, gain); 600], level);
            let path = network.unwrap().path(&record, 3, 1);
            let activation = match alike {
                LeakyRelu { slope } => Activation::LeakyRelu { slope },
                _ => Activation::Relu,
            };
            let scale = gain * factor / 12.0_f64.sqrt();
            let model = Model::square(activation, Dropout::NONE, 12, scale, depth).unwrap();
            let simulator = Simulator::new(model, Level::Network).unwrap();
            let expected = simulator.path(3, 1);
            for (k, (found, log)) in path.log_norms.iter().zip(&expected.log_norms).enumerate() {
                let error = (found - log).abs();
                assert!(
                    error < 1e-12 * log.abs().max(1.0),
                    "{nonlinearity} {k}: {found} {log}"
                );
            }
            let last = path.log_norms[depth - 1].abs();
            assert!(last > 1000.0 && last.is_finite(), "{nonlinearity}: {last}");
        }
    }

    /// A signal that was small grows again.
    #[test]
    fn a_level_comes_back_from_far_away() {
        let layers = [[(9, 1e-20); 9], [(9, 1e20); 9]].concat();
        let network = NonlinearNetwork::new(Nonlinearity::Tanh, 9, &layers, 1e-3).unwrap();
        let levels = network.levels(2, 7);
        assert!(levels[8] < 1e-160 && levels[17] > 1e-5, "{levels:?}");
        // tanh is linear at such levels
        let linear = Nonlinearity::LeakyRelu { slope: 1.0 };
        let network = NonlinearNetwork::new(linear, 9, &layers, 1e-3).unwrap();
        let expected = network.levels(2, 7)[16];
        assert!((levels[16] / expected - 1.0).abs() < 1e-12);
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
