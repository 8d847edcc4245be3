//! Samples of one-layer ratios from simulated paths: how many are needed, and what is estimated
//! from them.

use crate::cores::on_all_cores;
use crate::error::Result;
use crate::simulate::Path;
use crate::simulate::streams::experiment_seed;
use crate::stats::location::{MeanEstimate, power, sample_size};
use crate::theorems::check::{SINGLE_LEVEL, WANTED_POWER};
use crate::theorems::settings::{Progress, Settings};

/// Layers that each simulated path has when only its single layers matter.
pub const PATH_DEPTH: usize = 20;

/// The design of a z test of the mean of single layers: what it is to see.
#[derive(Clone, Copy)]
pub struct Design {
    /// How far off the mean is if the alternative is true.
    pub effect: f64,
    /// Standard deviation of a single observation if the theorem is.
    pub deviation: f64,
    /// That under the alternative is so many times as large.
    pub spread: f64,
}

impl Design {
    /// Paths that give the wanted power at effort 1: at least 100.
    pub fn paths(&self, settings: &Settings) -> Result<u64> {
        let layers = self.observations()?;
        Ok(settings.count(layers.div_ceil(PATH_DEPTH as u64).max(100) as f64))
    }

    /// Networks that give it, where each is one observation: at least so many.
    pub fn networks(&self, settings: &Settings, least: u64) -> Result<u64> {
        Ok(settings.count(self.observations()?.max(least) as f64))
    }

    fn observations(&self) -> Result<u64> {
        sample_size(
            self.effect,
            self.deviation,
            self.spread,
            SINGLE_LEVEL,
            WANTED_POWER,
        )
    }

    /// Power that so many observations give.
    pub fn power(&self, observations: usize) -> Result<f64> {
        let shift = self.effect / self.deviation * (observations as f64).sqrt();
        power(shift, self.spread, SINGLE_LEVEL)
    }
}

/// Sample size at which Kolmogorov and Smirnov's test has the wanted power, by its lower bound,
/// against a law at this distance.
pub fn size_of_fit(distance: f64) -> u64 {
    let root = |tail: f64| (-0.5 * tail.ln()).sqrt();
    let margin = root(0.5 * SINGLE_LEVEL) + root(1.0 - WANTED_POWER);
    (margin / distance).powi(2).ceil() as u64
}

/// What so many networks of an experiment give, drawn on all cores from its seed; each has so many
/// layers to report.
pub fn drawn<T: Send>(
    settings: &Settings,
    experiment: &str,
    (count, layers): (u64, u64),
    progress: &Progress,
    network: impl Fn(u64, u64) -> T + Sync,
) -> Vec<T> {
    let seed = experiment_seed(settings.seed, experiment);
    on_all_cores(count as usize, |trajectory| {
        progress(layers);
        network(seed, trajectory as u64)
    })
}

/// The s-th powers (‖x_k‖/‖x_{k−1}‖)^s of every layer whose input is alive; 0 where the output
/// died.
pub fn powers(paths: &[Path], s: f64) -> Vec<f64> {
    paths
        .iter()
        .flat_map(|path| {
            let alive = path.increments().map(move |l| (s * l).exp());
            alive.chain(path.died().then_some(0.0))
        })
        .collect()
}

/// σ(s,d) over the scale of the paths' networks, its standard error, and the number of layers that
/// it was estimated from.
pub fn relative_scale(paths: &[Path], s: f64) -> Result<(f64, f64, usize)> {
    // E ratio^s is (scale/σ(s))^s
    let estimate = MeanEstimate::from_sample(powers(paths, s))?;
    let value = estimate.mean.powf(-1.0 / s);
    let standard_error = value * estimate.standard_error / (s * estimate.mean);
    Ok((value, standard_error, estimate.size))
}

/// The same as points of a figure, with half their 95 % intervals.
pub fn relative_scales(paths: &[Path], orders: &[f64]) -> Result<Vec<(f64, f64, f64)>> {
    let point = |&s: &f64| {
        let (value, standard_error, _) = relative_scale(paths, s)?;
        Ok((s, value, 1.96 * standard_error))
    };
    orders.iter().map(point).collect()
}
