//! Networks with α-stable weights, at two levels: real matrices, and the pre-activations, which given
//! x are independent and stable of scale γ‖x‖, ‖x‖ = (Σ|xᵢ|^α)^{1/α}.

use crate::error::{Error, Result};
use crate::layer_law::Weights;
use crate::simulate::Level;
use crate::simulate::matrix::add_random_product;
use crate::simulate::model::Model;
use crate::simulate::numbers::{Stables, log_power_sum};
use crate::simulate::path::Recorder;
use crate::simulate::streams::Stream;
use crate::simulate::units::Units;

/// `Ok` where such networks are drawn.
pub(super) fn check(model: &Model, level: Level) -> Result<()> {
    if !matches!(level, Level::Network | Level::Preactivation) {
        let given = if level == Level::Radial {
            "radial"
        } else {
            "network in f32"
        };
        let allowed = "network in f64 or preactivation with stable weights";
        return Err(Error::domain("level", given, allowed));
    }
    if model.weights != Weights::Gaussian {
        let weights = model.weights;
        return Err(Error::domain(
            "weights",
            weights,
            "one ensemble: stable or this",
        ));
    }
    if model.bias != 0.0 {
        let bias = format!("{:?}", model.bias);
        return Err(Error::domain("bias", bias, "0 with stable weights"));
    }
    if model.inputs != 1 {
        return Err(Error::domain(
            "inputs",
            model.inputs,
            "1 with stable weights",
        ));
    }
    Ok(())
}

/// One network's path.
pub(super) fn walk(
    model: &Model,
    alpha: f64,
    level: Level,
    stream: &mut Stream,
    recorder: &mut Recorder,
) {
    let mut weights = Stables::new(alpha, stream).expect("the model has checked alpha");
    let mut units = Units::new(model, stream);
    let mut x = Vec::new();
    if level == Level::Network {
        x = model.first_inputs();
        normalise(alpha, &mut x);
    }
    let mut y = Vec::new();
    let mut length = 0.0;
    for layer in &model.layers {
        y.clear();
        y.resize(layer.fan_out, 0.0);
        if level == Level::Network {
            add_random_product(&mut weights, &x, &mut y, 1);
        } else {
            weights.fill(&mut y);
        }
        units.apply(&mut y);
        length += layer.scale.ln() + normalise(alpha, &mut y);
        std::mem::swap(&mut x, &mut y);
        if !recorder.layer(&[length], |_, _| 1.0) {
            break;
        }
    }
}

/// Divides a vector by its norm, unless it is 0; the logarithm of the norm.
fn normalise(alpha: f64, vector: &mut [f64]) -> f64 {
    let log = log_power_sum(alpha, vector) / alpha;
    if log > f64::NEG_INFINITY {
        let inverse = (-log).exp();
        vector.iter_mut().for_each(|value| *value *= inverse);
    }
    log
}
