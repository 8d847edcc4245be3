//! Initial log-norms against the exact law.

use serde::Serialize;

use crate::train::architecture::{Architecture, Ends};
use crate::train::start::Start;
use isomoment::depth::DepthLaw;
use isomoment::init::Scheme;
use isomoment::layer_law::LayerLaw;
use isomoment::stats::goodness::kolmogorov_smirnov;
use isomoment::{Dropout, Result};

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
    /// Of networks that are what they say.
    ///
    /// # Errors
    /// As [`Architecture::deviations`] and [`DepthLaw::new`].
    pub fn new(architecture: &Architecture, scheme: Scheme, ends: Ends) -> Result<Self> {
        Self::of_units(architecture, scheme, ends, |units| units)
    }

    /// Of layers with a quarter more units, at the same scale.
    fn of_wider(architecture: &Architecture, scheme: Scheme, ends: Ends) -> Result<Self> {
        Self::of_units(architecture, scheme, ends, |units| {
            units + units.div_ceil(4)
        })
    }

    fn of_units(
        architecture: &Architecture,
        scheme: Scheme,
        ends: Ends,
        units: fn(usize) -> usize,
    ) -> Result<Self> {
        let deviations = architecture.deviations(scheme, ends)?;
        let (last, hidden) = deviations.split_last().expect("at least one layer");
        let layer = |width: usize, dropout| {
            LayerLaw::with_dropout(architecture.activation, dropout, units(width) as u64)
        };
        // the geometric mean: only the sum of their logarithms counts
        let mean_log = hidden.iter().map(|d| d.ln()).sum::<f64>() / hidden.len() as f64;
        let of_hidden = || {
            let layer = layer(architecture.width, architecture.dropout)?;
            DepthLaw::new(&layer, mean_log.exp(), hidden.len() as u64)
        };
        Ok(Self {
            hidden: (!hidden.is_empty()).then(of_hidden).transpose()?,
            last: DepthLaw::new(&layer(ends.classes, Dropout::NONE)?, *last, 1)?,
        })
    }
}

/// Tests the starts of one architecture and scheme; parts without living networks are left out.
///
/// # Errors
/// As [`StartLaws::new`].
pub fn fit_starts(
    starts: &[Start],
    architecture: &Architecture,
    scheme: Scheme,
    ends: Ends,
) -> Result<Vec<StartFit>> {
    let laws = StartLaws::new(architecture, scheme, ends)?;
    let wider = StartLaws::of_wider(architecture, scheme, ends)?;
    let name = scheme.to_string();
    let sample = |value: fn(&Start) -> f64| -> Vec<f64> {
        let shape = (architecture.width, architecture.depth);
        let own = starts
            .iter()
            .filter(|s| (s.width, s.depth) == shape && s.scheme == name);
        own.map(value).filter(|x| x.is_finite()).collect()
    };
    let fit = |layers: &'static str, sample: &[f64], law: &DepthLaw, wider: &DepthLaw| {
        let p_value = |law: &DepthLaw| -> Result<f64> {
            let table = law.table()?;
            Ok(kolmogorov_smirnov(sample, |x| table.cdf(x))?.p_value)
        };
        let n = sample.len() as f64;
        let mean = sample.iter().sum::<f64>() / n;
        let squares: f64 = sample.iter().map(|x| (x - mean).powi(2)).sum();
        let (expected, variance) = law.moments();
        Ok::<_, isomoment::Error>(StartFit {
            width: architecture.width,
            depth: architecture.depth,
            scheme: name.clone(),
            layers,
            networks: sample.len(),
            predicted: (expected, variance.sqrt()),
            observed: (mean, (squares / (n - 1.0).max(1.0) / n).sqrt()),
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
