//! The constants of a layer, and the usual schemes beside its scale.

use isomoment::layer_law::Weights;
use isomoment::{Result, Scheme};

use crate::question::Question;

/// σ that keeps the norm's moment; σ that keeps the root-mean-square's; the gain; μ; v; P(Q = 0).
///
/// The gain is what a framework multiplies by: of Gaussian weights √fan_in times their standard
/// deviation, of orthogonal ones the factor itself. At order 0 all are the Lyapunov scale's.
///
/// # Errors
/// As [`isomoment::LayerLaw::scale`].
pub fn constants(question: &Question) -> Result<Vec<f64>> {
    let (layer, s) = (question.layer()?, question.order);
    let (sigma, growth) = match s {
        0.0 => (layer.lyapunov_scale()?, 0.0),
        _ => (layer.scale(s)?, layer.log_growth(s)?),
    };
    let (fan_in, fan_out) = (question.shape.fan_in as f64, question.shape.fan_out as f64);
    let of_rms = sigma * (fan_out / fan_in).sqrt();
    let gain = match layer.weights() {
        Weights::Gaussian => of_rms * fan_in.sqrt(),
        Weights::Orthogonal => of_rms,
    };
    let variance = layer.log_cumulants().variance;
    let dead = layer.dead_probability();
    Ok(vec![sigma, of_rms, gain, growth, variance, dead])
}

/// σ and μ of each scheme: the order's, Lyapunov's, He's, random walk, LeCun's, Glorot's, the
/// frameworks' default. μ is of the root-mean-square, in square layers that of the norm.
///
/// # Errors
/// As [`constants`].
pub fn schemes(question: &Question) -> Result<Vec<f64>> {
    let layer = question.layer()?;
    let (aspect, mean) = (question.aspect(), layer.log_cumulants().mean);
    let chosen = constants(question)?;
    let mut pairs = vec![chosen[1], chosen[3]];
    pairs.extend([layer.lyapunov_scale()? * (-aspect).exp(), 0.0]);
    for scheme in [
        Scheme::He,
        Scheme::RandomWalk,
        Scheme::LeCun,
        Scheme::Glorot,
        Scheme::FrameworkDefault,
    ] {
        let (activation, dropout) = (layer.activation(), layer.dropout());
        let std = scheme.standard_deviation(activation, dropout, question.shape)?;
        let sigma = layer.scale_of_entries(std);
        pairs.extend([sigma, sigma.ln() + aspect + mean]);
    }
    Ok(pairs)
}
