//! Gains of activations that need not be homogeneous.

use isomoment::Result;
use isomoment::gain::{Gain, LevelLaw, Nonlinearity};

use crate::question::whole;

/// σ = g/√fan_in, gain g and stability of each solution, the smallest gain first. `kind` counts in
/// the order of [`Nonlinearity::ALL`].
///
/// # Errors
/// As [`LevelLaw::gains`].
pub fn gains([kind, alpha, fan_in, fan_out, order, level]: [f64; 6]) -> Result<Vec<f64>> {
    let nonlinearity = match Nonlinearity::ALL[kind as usize] {
        Nonlinearity::Elu { .. } => Nonlinearity::Elu { alpha },
        other => other,
    };
    let inputs = whole("fan_in", fan_in)? as f64;
    let law = LevelLaw::new(nonlinearity, whole("fan_out", fan_out)?)?;
    let solutions = law.gains(order, level)?;
    let numbers = |g: &Gain| [g.gain / inputs.sqrt(), g.gain, g.stability];
    Ok(solutions.iter().flat_map(numbers).collect())
}
