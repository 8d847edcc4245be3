//! The notebooks' input: a vector of independent standard normal entries.

use crate::activation::Activation;
use crate::depth::DepthTable;
use crate::error::Result;
use crate::layer_law::LayerLaw;
use crate::theorems::case::Case;
use crate::theorems::paper::WIDTH;
use crate::theorems::settings::{Progress, Settings};

/// The law of log‖x₀‖, as nodes and weights of the trapezoidal rule. Its density
/// ∝ exp(d·u − e^{2u}/2) is entire; from −14 to 8 standard deviations, in steps of a quarter, what
/// is left out is below 1e-20.
pub struct InputLaw {
    nodes: Vec<(f64, f64)>,
}

impl InputLaw {
    pub fn new() -> Result<Self> {
        let law = vector()?.log_cumulants();
        let (mean, deviation) = (law.mean, law.variance.sqrt());
        let d = WIDTH as f64;
        let log_density = |u: f64| d * u - 0.5 * (2.0 * u).exp();
        let nodes = (-56..=32).map(|i| mean + 0.25 * f64::from(i) * deviation);
        let top = log_density(mean);
        let unscaled: Vec<(f64, f64)> = nodes.map(|u| (u, (log_density(u) - top).exp())).collect();
        let total: f64 = unscaled.iter().map(|(_, weight)| weight).sum();
        Ok(Self {
            nodes: unscaled.into_iter().map(|(u, w)| (u, w / total)).collect(),
        })
    }

    /// P(log‖x_k‖ ≤ x), of the law of log(‖x_k‖/‖x₀‖).
    pub fn cdf(&self, ratio: &DepthTable, x: f64) -> f64 {
        self.nodes.iter().map(|(u, w)| w * ratio.cdf(x - u)).sum()
    }

    /// The density of log‖x_k‖ at x, likewise.
    pub fn density(&self, ratio: &DepthTable, x: f64) -> f64 {
        self.nodes
            .iter()
            .map(|(u, w)| w * ratio.density(x - u))
            .sum()
    }
}

/// A layer of linear units with weights of standard deviation 1 makes such a vector of any input of
/// norm 1.
pub fn vector() -> Result<LayerLaw> {
    LayerLaw::new(Activation::Linear, WIDTH as u64)
}

/// log‖x₀‖ of so many inputs.
pub fn drawn(
    settings: &Settings,
    experiment: &str,
    count: u64,
    progress: &Progress,
) -> Result<Vec<f64>> {
    let case = Case::new(Activation::Linear, WIDTH)?;
    let name = format!("{experiment} input");
    let paths = case.paths(settings, &name, 1.0, count, 1, progress)?;
    Ok(paths.iter().map(|path| path.log_norm(1)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_law_of_the_input_has_the_moments_of_a_normal_vector() {
        let input = InputLaw::new().unwrap();
        let law = vector().unwrap();
        for r in [0.5, 1.0, 2.0] {
            let moment: f64 = input.nodes.iter().map(|(u, w)| w * (r * u).exp()).sum();
            approx::assert_relative_eq!(moment, law.moment(r).unwrap(), max_relative = 1e-13);
        }
        let mean: f64 = input.nodes.iter().map(|(u, w)| w * u).sum();
        approx::assert_relative_eq!(mean, law.log_cumulants().mean, max_relative = 1e-13);
    }
}
