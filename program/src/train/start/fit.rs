//! Initial log-norms against the exact law.

use serde::Serialize;

use crate::train::architecture::{Architecture, Ends};
use crate::train::init::{Bias, Init};
use crate::train::start::Start;
use isomoment::depth::DepthLaw;
use isomoment::layer_law::LayerLaw;
use isomoment::stats::goodness::kolmogorov_smirnov;
use isomoment::{Error, Result};

/// The networks of one scheme against the law, for the hidden layers or the last one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StartFit {
    /// Units of the hidden layers.
    pub width: usize,
    /// Layers.
    pub depth: usize,
    /// The scheme.
    pub scheme: String,
    /// Which layers.
    pub layers: &'static str,
    /// Networks that are alive there.
    pub networks: usize,
    /// Mean and standard deviation of the log-norm by the exact law.
    pub predicted: (f64, f64),
    /// Mean of the sample and its standard error.
    pub observed: (f64, f64),
    /// Kolmogorov–Smirnov against the exact law.
    pub p_value: f64,
    /// The same against the law of layers with a quarter more units, which has to be rejected.
    pub control_p_value: f64,
}

/// The exact laws of both parts of a [`Start`].
#[derive(Debug, Clone)]
pub struct StartLaws {
    /// Of the hidden layers; none in a network of one layer.
    pub hidden: Option<DepthLaw>,
    /// Of the last layer.
    pub last: DepthLaw,
}

impl StartLaws {
    /// Of networks that are what they say, weights being normal.
    ///
    /// # Errors
    /// As [`Architecture::deviations`] and [`DepthLaw::new`], and [`Error::Domain`] for biases, with
    /// which there is no such law.
    pub fn new(architecture: &Architecture, init: impl Into<Init>, ends: Ends) -> Result<Self> {
        Self::of_units(architecture, init.into(), ends, |units| units)
    }

    /// Of layers with a quarter more units, at the same scale.
    fn of_wider(architecture: &Architecture, init: Init, ends: Ends) -> Result<Self> {
        Self::of_units(architecture, init, ends, |units| units + units.div_ceil(4))
    }

    fn of_units(
        architecture: &Architecture,
        init: Init,
        ends: Ends,
        units: fn(usize) -> usize,
    ) -> Result<Self> {
        if architecture.bias != Bias::Zero {
            return Err(Error::domain("bias", architecture.bias, "zero here"));
        }
        let deviations = architecture.deviations(init, ends)?;
        let (last, hidden) = deviations.split_last().expect("at least one layer");
        let layer = |width: usize, (activation, dropout)| {
            LayerLaw::with_dropout(activation, dropout, units(width) as u64)
        };
        let of_last = architecture.units(architecture.depth - 1);
        // the geometric mean: only the sum of their logarithms counts
        let mean_log = hidden.iter().map(|d| d.ln()).sum::<f64>() / hidden.len() as f64;
        let of_hidden = || {
            let layer = layer(architecture.width, architecture.units(0))?;
            DepthLaw::new(&layer, mean_log.exp(), hidden.len() as u64)
        };
        Ok(Self {
            hidden: (!hidden.is_empty()).then(of_hidden).transpose()?,
            last: DepthLaw::new(&layer(ends.classes, of_last)?, *last, 1)?,
        })
    }
}

/// The starts of an architecture and scheme.
pub(super) fn of_this<'a>(
    starts: &'a [Start],
    architecture: &Architecture,
    scheme: &str,
) -> impl Iterator<Item = &'a Start> {
    let shape = (architecture.width, architecture.depth);
    starts
        .iter()
        .filter(move |s| (s.width, s.depth) == shape && s.scheme == scheme)
}

/// Mean and variance about it; of a single value the variance is 0.
pub(super) fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    (mean, squares / (n - 1.0).max(1.0))
}

/// Tests the starts of one architecture and scheme; parts without living networks are left out.
///
/// # Errors
/// As [`StartLaws::new`].
pub fn fit_starts(
    starts: &[Start],
    architecture: &Architecture,
    init: impl Into<Init>,
    ends: Ends,
) -> Result<Vec<StartFit>> {
    let init = init.into();
    let laws = StartLaws::new(architecture, init, ends)?;
    let wider = StartLaws::of_wider(architecture, init, ends)?;
    let name = init.to_string();
    let sample = |value: fn(&Start) -> f64| -> Vec<f64> {
        let own = of_this(starts, architecture, &name);
        own.map(value).filter(|x| x.is_finite()).collect()
    };
    let fit = |layers: &'static str, sample: &[f64], law: &DepthLaw, wider: &DepthLaw| {
        let p_value = |law: &DepthLaw| -> Result<f64> {
            let table = law.table()?;
            Ok(kolmogorov_smirnov(sample, |x| table.cdf(x))?.p_value)
        };
        let (mean, variance_seen) = mean_and_variance(sample);
        let (expected, variance) = law.moments();
        Ok::<_, isomoment::Error>(StartFit {
            width: architecture.width,
            depth: architecture.depth,
            scheme: name.clone(),
            layers,
            networks: sample.len(),
            predicted: (expected, variance.sqrt()),
            observed: (mean, (variance_seen / sample.len() as f64).sqrt()),
            p_value: p_value(law)?,
            control_p_value: p_value(wider)?,
        })
    };
    let mut fits = Vec::new();
    let hidden = sample(|s| s.hidden);
    if let (false, Some(law), Some(wider)) = (hidden.is_empty(), &laws.hidden, &wider.hidden) {
        fits.push(fit("hidden", &hidden, law, wider)?);
    }
    let last = sample(|s| s.last);
    if !last.is_empty() {
        fits.push(fit("last", &last, &laws.last, &wider.last)?);
    }
    Ok(fits)
}
