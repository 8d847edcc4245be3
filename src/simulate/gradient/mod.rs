//! Products with a network's Jacobian, beside the forward pass.
//!
//! Of real matrices, which are kept (`matrices.rs`), or in the same law from the pre-activations
//! (`conditioned.rs`) or from sums over them (`sums.rs`).

mod carried;
mod conditioned;
mod matrices;
mod sums;

use crate::error::{Error, Result};
use crate::layer_law::Weights;
use crate::simulate::model::Model;
use crate::simulate::numbers::Entries;
use crate::simulate::path::{Path, Record};
use crate::simulate::streams::{Stream, trajectory_stream};
use crate::simulate::{Level, Walk};

/// Most numbers of one network that are kept until the gradient has come back: 400 MB.
const MAX_KEPT: f64 = 5e7;

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
/// independent of the network, and u as [`Cotangent`] says; K layers. `signal` and `tangent` are −∞ from
/// a dead layer on; of a network that has one all of `gradient` is.
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
    /// Of one trajectory of a seed, which determine the network: its signal has the bits of
    /// [`Level::Network`].
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
    /// [`Error::Domain`] for networks of other weights than independent normal ones, with biases or with
    /// several inputs, and for more than 5·10⁷ weights, which are all kept.
    pub fn draw(model: &Model, cotangent: Cotangent, seed: u64, trajectory: u64) -> Result<Self> {
        check(model, Level::Network)?;
        let stream = &mut trajectory_stream(seed, trajectory);
        Ok(matrices::draw::<f64>(model, cotangent, stream))
    }

    /// Of a model and level that [`check`] allows, from a uniform direction.
    pub(super) fn walk(walk: &Walk, model: &Model, stream: &mut Stream) -> Self {
        let from = Cotangent::Uniform;
        match walk {
            Walk::NetworkSingle => matrices::draw::<f32>(model, from, stream),
            Walk::Preactivation => conditioned::draw(model, from, stream),
            Walk::Radial(radial) => sums::draw(radial, model, stream),
            Walk::Network | Walk::Blocks(_) => matrices::draw::<f64>(model, from, stream),
        }
    }

    /// What is recorded of them.
    pub(super) fn recorded(&self, record: &Record) -> Path {
        let at = |norms: &[f64]| {
            let layers = record.as_slice().iter();
            layers.map(|layer| norms[layer - 1]).collect()
        };
        Path {
            log_norms: at(&self.signal),
            cosines: Vec::new(),
            tangents: at(&self.tangent),
            gradients: at(&self.gradient),
        }
    }

    /// Of a network that died after the first layers, of which these are known.
    fn died(mut signal: Vec<f64>, mut tangent: Vec<f64>, depth: usize) -> Self {
        signal.resize(depth, f64::NEG_INFINITY);
        tangent.resize(depth, f64::NEG_INFINITY);
        Self {
            signal,
            tangent,
            gradient: vec![f64::NEG_INFINITY; depth],
        }
    }
}

/// `Ok` where gradients of such networks are drawn at this level.
pub(super) fn check(model: &Model, level: Level) -> Result<()> {
    if model.entries != Entries::Normal {
        let allowed = "normal with gradients";
        return Err(Error::domain("entries", model.entries, allowed));
    }
    if model.weights != Weights::Gaussian || model.stable.is_some() {
        let kind = if model.stable.is_some() {
            "stable"
        } else {
            "orthogonal"
        };
        return Err(Error::domain("weights", kind, "gaussian with gradients"));
    }
    if model.bias != 0.0 {
        let given = format!("{:?}", model.bias);
        return Err(Error::domain("bias", given, "0 with gradients"));
    }
    if model.inputs != 1 {
        return Err(Error::domain("inputs", model.inputs, "1 with gradients"));
    }
    if model.blocks.is_some() {
        let allowed = "layers with gradients";
        return Err(Error::domain("layers", "residual blocks", allowed));
    }
    let kept = numbers_kept(model, level);
    if kept > MAX_KEPT {
        let (given, what) = (
            format!("{kept:.0}"),
            match level {
                Level::Preactivation | Level::Radial => "units",
                _ => "weights",
            },
        );
        let allowed = "at most 50000000 numbers of a network with gradients, which are kept";
        return Err(Error::domain(what, given, allowed));
    }
    Ok(())
}

/// Numbers of one network that are kept until the gradient has come back.
pub(super) fn numbers_kept(model: &Model, level: Level) -> f64 {
    match level {
        // two directions at each layer's inputs, two products and the slopes of its units
        Level::Preactivation => {
            let layers = model.layers.iter();
            let numbers = layers.map(|l| 2.0 * l.fan_in as f64 + 3.0 * l.fan_out as f64);
            numbers.sum()
        }
        // three groups of units in a layer, seven numbers each; every negative unit of RReLU is one
        Level::Radial => {
            let layers = model.layers.iter();
            let groups = layers.map(|l| match model.has_random_slopes() {
                true => l.fan_out as f64,
                false => 3.0,
            });
            7.0 * groups.sum::<f64>()
        }
        Level::Network | Level::NetworkSingle => model.weights_per_path(),
    }
}

#[cfg(test)]
mod tests;
