//! Square networks of real weight matrices.
//!
//! Layer k draws W_k entry by entry, multiplies, and applies activation and
//! mask. The vector is carried at norm 1 and its length in log scale, so that
//! no depth underflows or overflows; positive homogeneity makes this exact.

use num_traits::{Float, FromPrimitive};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use crate::activation::{Activation, Dropout};
use crate::error::{Error, Result};
use crate::simulate::streams::trajectory_stream;

/// Widths above this need weight matrices of more than 10¹⁰ entries a layer.
const MAX_SIMULATED_WIDTH: usize = 100_000;

/// A fully connected square network without biases: x_k = D_k φ(W_k x_{k−1}),
/// W_k a `width` × `width` matrix of independent N(0, scale²) entries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Network {
    activation: Activation,
    dropout: Dropout,
    width: usize,
    scale: f64,
}

/// How much to simulate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Seed of the run.
    pub seed: u64,
    /// Number of independent networks.
    pub trajectories: u64,
    /// Layers of each network.
    pub depth: usize,
}

impl Plan {
    /// Total number of layers to simulate.
    pub fn layers(&self) -> u64 {
        self.trajectories * self.depth as u64
    }
}

/// One network's path: the log-norm's increments log(‖x_k‖/‖x_{k−1}‖), k = 1, 2, …
///
/// It is shorter than the plan's depth when the output died; the increment to
/// an exactly zero output, −∞, is not in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory {
    /// The finite increments.
    pub increments: Vec<f64>,
    /// Whether the layer after the last increment put out exactly zero.
    pub died: bool,
}

impl Trajectory {
    /// log(‖x_k‖/‖x₀‖); −∞ once dead.
    ///
    /// # Panics
    /// When `depth` exceeds the simulated depth of a network that is alive.
    pub fn log_norm(&self, depth: usize) -> f64 {
        if self.died && depth > self.increments.len() {
            return f64::NEG_INFINITY;
        }
        self.increments[..depth].iter().sum()
    }
}

impl Network {
    /// A network of `width` units a layer and weights N(0, scale²).
    ///
    /// # Errors
    /// [`Error::Domain`] for a width of 0 or above 100 000 (10¹⁰ weights a
    /// layer), a scale that is not a positive number, or invalid slopes.
    ///
    /// ```
    /// use isomoment::simulate::{Network, Plan, simulate};
    /// use isomoment::{Activation, Dropout, LayerLaw};
    /// let scale = LayerLaw::new(Activation::Relu, 32)?.scale(1.0)?;
    /// let network = Network::new(Activation::Relu, Dropout::NONE, 32, scale)?;
    /// let plan = Plan { seed: 1, trajectories: 400, depth: 10 };
    /// let paths = simulate::<f32>(&network, plan, |_| ());
    /// let ratios: Vec<f64> = paths.iter().flat_map(|p| &p.increments).map(|l| l.exp()).collect();
    /// let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
    /// assert!((mean - 1.0).abs() < 0.02);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    pub fn new(activation: Activation, dropout: Dropout, width: usize, scale: f64) -> Result<Self> {
        activation.validate()?;
        if !(1..=MAX_SIMULATED_WIDTH).contains(&width) {
            return Err(Error::domain(
                "width",
                width,
                "from 1 to 100000 to simulate",
            ));
        }
        if !(scale > 0.0 && scale.is_finite()) {
            return Err(Error::domain(
                "scale",
                format!("{scale:?}"),
                "a positive number",
            ));
        }
        Ok(Self {
            activation,
            dropout,
            width,
            scale,
        })
    }

    /// One path of at most `depth` layers, computed in precision `F` (norms in f64).
    pub fn trajectory<F>(&self, depth: usize, rng: &mut impl Rng) -> Trajectory
    where
        F: Float + FromPrimitive,
        StandardNormal: Distribution<F>,
    {
        let mut increments = Vec::with_capacity(depth);
        let mut x = self.input::<F>();
        let mut y = vec![F::zero(); self.width];
        for _ in 0..depth {
            for unit in &mut y {
                let mut z = F::zero();
                for &entry in &x {
                    let weight: F = rng.sample(StandardNormal);
                    z = z + weight * entry;
                }
                *unit = self.output(z, rng);
            }
            let norm = norm(&y);
            if norm == 0.0 {
                return Trajectory {
                    increments,
                    died: true,
                };
            }
            increments.push((norm * self.scale).ln());
            let inverse = cast::<F>(1.0 / norm);
            for (next, &unit) in x.iter_mut().zip(&y) {
                *next = unit * inverse;
            }
        }
        Trajectory {
            increments,
            died: false,
        }
    }

    /// What a unit with pre-activation z/scale puts out, mask included.
    fn output<F: Float + FromPrimitive>(&self, z: F, rng: &mut impl Rng) -> F {
        let keep = self.dropout.keep();
        if keep < 1.0 && rng.random::<f64>() >= keep {
            return F::zero();
        }
        let slope = if z >= F::zero() {
            1.0
        } else if let Activation::RandomizedLeakyRelu { .. } = self.activation {
            self.activation.negative_slope(rng.random())
        } else {
            self.activation.negative_slope(0.0)
        };
        z * cast(slope * self.dropout.gain())
    }

    /// The input, of norm 1: entries proportional to 1, 2, …, d, as no direction is special.
    fn input<F: Float + FromPrimitive>(&self) -> Vec<F> {
        let ramp: Vec<f64> = (1..=self.width).map(|i| i as f64).collect();
        let length = ramp.iter().map(|v| v * v).sum::<f64>().sqrt();
        ramp.iter().map(|v| cast(v / length)).collect()
    }
}

/// Runs the plan's networks on all cores, in order of trajectory, the same bits
/// for any number of threads. `progress` is told how many layers were finished.
pub fn simulate<F>(network: &Network, plan: Plan, progress: impl Fn(u64) + Sync) -> Vec<Trajectory>
where
    F: Float + FromPrimitive,
    StandardNormal: Distribution<F>,
{
    (0..plan.trajectories)
        .into_par_iter()
        .map(|index| {
            let mut stream = trajectory_stream(plan.seed, index);
            let path = network.trajectory::<F>(plan.depth, &mut stream);
            progress(plan.depth as u64);
            path
        })
        .collect()
}

fn norm<F: Float>(vector: &[F]) -> f64 {
    let squares = vector.iter().map(|v| {
        let v = v.to_f64().unwrap_or(f64::NAN);
        v * v
    });
    squares.sum::<f64>().sqrt()
}

/// A double in the network's precision.
fn cast<F: FromPrimitive + Float>(value: f64) -> F {
    F::from_f64(value).unwrap_or_else(F::nan)
}
