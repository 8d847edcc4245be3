//! Networks before their first step: log-norms of real inputs through the initial weights, against the exact law.
//!
//! Given the input, log(‖x_k‖/‖x₀‖) is a sum of independent copies of log σ_k + ½ log Q_k whatever the input is, also in
//! rectangular layers, where the law of Q_k is that of `fan_out` units (proofs-notes/shapes.md).

use ndarray::ArrayView2;
use serde::Serialize;

use crate::train::data::Split;
use crate::train::experiment::Architecture;
use crate::train::network::{Network, Noise};
use isomoment::depth::DepthLaw;
use isomoment::init::Scheme;
use isomoment::layer_law::LayerLaw;
use isomoment::simulate::streams::{experiment_seed, trajectory_stream};
use isomoment::stats::goodness::kolmogorov_smirnov;
use isomoment::{Error, Result};

/// One input through one network that was not trained.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// Units of its hidden layers.
    pub width: usize,
    /// Its layers.
    pub depth: usize,
    /// The scheme, as it was named.
    pub scheme: String,
    /// Number of the network.
    pub network: u64,
    /// log(‖x_{K−1}‖/‖x₀‖): the first layer, from the inputs, and the square ones; −∞ when all units are dead.
    pub hidden: f64,
    /// log(‖x_K‖/‖x_{K−1}‖): the last layer, to the classes.
    pub last: f64,
}

/// Draws a network and sends one training example through it; masks and random slopes as in training.
///
/// Networks of different numbers or schemes share nothing but, perhaps, the example.
///
/// # Errors
/// As [`Architecture::deviations`].
pub fn start(
    architecture: &Architecture,
    (name, scheme): (&str, Scheme),
    data: &Split,
    (seed, network): (u64, u64),
) -> Result<Start> {
    let inputs = data.train.inputs_per_row;
    let sizes = architecture.sizes(inputs, data.classes);
    let deviations = architecture.deviations(scheme, inputs, data.classes)?;
    let shape = format!("{}x{}", architecture.width, architecture.depth);
    let seed = experiment_seed(seed, &format!("initial {shape} {name}"));
    let stream = &mut trajectory_stream(seed, network);
    let (activation, dropout) = (architecture.activation, architecture.dropout);
    let mut model = Network::new(&sizes, &deviations, activation, dropout, stream);
    let row = data.train.row(network as usize % data.train.len());
    let image = ArrayView2::from_shape((1, inputs), row).expect("a row");
    let norms = model.norms(image, Some(&mut Noise::new(stream)));
    let log = |k: usize| norms[k][0].ln();
    let last = log(architecture.depth) - log(architecture.depth - 1);
    Ok(Start {
        width: architecture.width,
        depth: architecture.depth,
        scheme: name.to_owned(),
        network,
        hidden: log(architecture.depth - 1) - log(0),
        last: if last.is_nan() {
            f64::NEG_INFINITY
        } else {
            last
        },
    })
}

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

/// The exact laws of both parts of a [`Start`]: the hidden layers (none in a network of one layer) and the last.
///
/// # Errors
/// As [`Architecture::deviations`] and [`DepthLaw::new`].
pub fn start_laws(
    architecture: &Architecture,
    scheme: Scheme,
    (inputs, classes): (usize, usize),
    wider: bool,
) -> Result<(Option<DepthLaw>, DepthLaw)> {
    let deviations = architecture.deviations(scheme, inputs, classes)?;
    let (last, hidden) = deviations.split_last().expect("at least one layer");
    // the geometric mean: only the sum of their logarithms counts
    let mean_log = |logs: &[f64]| logs.iter().map(|d| d.ln()).sum::<f64>() / logs.len() as f64;
    let law = |units: usize, dropout, sigma: f64, depth: usize| {
        let units = if wider {
            units + units.div_ceil(4)
        } else {
            units
        };
        let layer = LayerLaw::with_dropout(architecture.activation, dropout, units as u64)?;
        DepthLaw::new(&layer, sigma, depth as u64)
    };
    let none = isomoment::Dropout::NONE;
    let hidden = match hidden.len() {
        0 => None,
        layers => {
            let sigma = mean_log(hidden).exp();
            Some(law(
                architecture.width,
                architecture.dropout,
                sigma,
                layers,
            )?)
        }
    };
    Ok((hidden, law(classes, none, *last, 1)?))
}

/// Tests the starts of one architecture and scheme; fits of parts without living networks are left out.
///
/// # Errors
/// As [`start_laws`].
pub fn fit_starts(
    starts: &[Start],
    architecture: &Architecture,
    (name, scheme): (&str, Scheme),
    sizes: (usize, usize),
) -> Result<Vec<StartFit>> {
    let own = |s: &&Start| {
        (s.width, s.depth) == (architecture.width, architecture.depth) && s.scheme == name
    };
    let own: Vec<&Start> = starts.iter().filter(own).collect();
    let (hidden, last) = start_laws(architecture, scheme, sizes, false)?;
    let (wide_hidden, wide_last) = start_laws(architecture, scheme, sizes, true)?;
    let alive = |value: fn(&Start) -> f64| -> Vec<f64> {
        let values = own.iter().map(|s| value(s));
        values.filter(|x| x.is_finite()).collect()
    };
    let fit = |layers, sample: Vec<f64>, law: &DepthLaw, wider: &DepthLaw| {
        let p_value = |law: &DepthLaw| -> Result<f64> {
            let table = law.table()?;
            Ok(kolmogorov_smirnov(&sample, |x| table.cdf(x)).p_value)
        };
        let n = sample.len() as f64;
        let mean = sample.iter().sum::<f64>() / n;
        let squares: f64 = sample.iter().map(|x| (x - mean).powi(2)).sum();
        let (expected, variance) = law.moments();
        if sample.is_empty() {
            return Ok(None);
        }
        Ok(Some(StartFit {
            width: architecture.width,
            depth: architecture.depth,
            scheme: name.to_owned(),
            layers,
            networks: sample.len(),
            predicted: (expected, variance.sqrt()),
            observed: (mean, (squares / (n - 1.0).max(1.0) / n).sqrt()),
            p_value: p_value(law)?,
            control_p_value: p_value(wider)?,
        }))
    };
    let of_hidden = match hidden.zip(wide_hidden) {
        Some((law, wider)) => fit("hidden", alive(|s| s.hidden), &law, &wider)?,
        None => None,
    };
    let of_last = fit("last", alive(|s| s.last), &last, &wide_last)?;
    Ok(of_hidden.into_iter().chain(of_last).collect())
}

const HEADER: &str = "width,depth,scheme,network,hidden,last";

/// One line for each network.
pub fn write_starts(starts: &[Start]) -> String {
    let mut text = format!("{HEADER}\n");
    for s in starts {
        text += &format!(
            "{},{},{},{},{},{}\n",
            s.width, s.depth, s.scheme, s.network, s.hidden, s.last
        );
    }
    text
}

/// What [`write_starts`] wrote.
///
/// # Errors
/// [`Error::Domain`] with the first line that is none of such a table.
pub fn read_starts(table: &str) -> Result<Vec<Start>> {
    let fail = |line: &str| {
        Error::domain(
            "initial.csv",
            format!("{line:?}"),
            "a line of a table of initial log-norms",
        )
    };
    let mut lines = table.lines();
    let header = lines.next().unwrap_or_default();
    if header != HEADER {
        return Err(fail(header));
    }
    let start = |line: &str| -> Option<Start> {
        let cells: Vec<&str> = line.split(',').collect();
        let &[width, depth, scheme, network, hidden, last] = cells.as_slice() else {
            return None;
        };
        Some(Start {
            width: width.parse().ok()?,
            depth: depth.parse().ok()?,
            scheme: scheme.to_owned(),
            network: network.parse().ok()?,
            hidden: hidden.parse().ok()?,
            last: last.parse().ok()?,
        })
    };
    lines
        .map(|line| start(line).ok_or_else(|| fail(line)))
        .collect()
}
