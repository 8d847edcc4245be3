//! Networks before their first step: log-norms of real inputs through the initial weights, drawn
//! here, tested against the exact law (`fit`) and kept as a table (`record`).
//!
//! Given the input, log(‖x_k‖/‖x₀‖) is a sum of independent copies of log σ_k + ½ log Q_k whatever
//! the input is, also in rectangular layers, where the law of Q_k is that of `fan_out` units
//! (proofs-notes/shapes.md). With biases norms are a Markov chain (`biased`).

mod biased;
mod fit;
mod record;

pub use biased::fit_biased_starts;
pub use fit::{StartFit, StartLaws, fit_starts};
pub use record::{read_starts, write_starts};

use ndarray::ArrayView2;

use crate::train::architecture::Architecture;
use crate::train::data::Split;
use crate::train::front::Front;
use crate::train::init::{Choice, Init};
use crate::train::lsuv::unit_variances;
use crate::train::network::{Network, Noise};
use crate::train::trained::Draw;
use isomoment::Result;
use isomoment::simulate::streams::{experiment_seed, trajectory_stream};

/// One input through one network that was not trained.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// Units of its hidden layers.
    pub width: usize,
    /// Its layers.
    pub depth: usize,
    /// The scheme, as it is written.
    pub scheme: String,
    /// Number of the network.
    pub network: u64,
    /// log(‖x_{K−1}‖/‖x₀‖): the first layer, from the inputs, and the square ones; −∞ when all
    /// units are dead.
    pub hidden: f64,
    /// log(‖x_K‖/‖x_{K−1}‖): the last layer, to the classes.
    pub last: f64,
}

/// The training example that is sent through a network.
fn row_of(network: u64, data: &Split) -> usize {
    network as usize % data.train.len()
}

/// The convolutions of a network, the same for every scheme.
fn front_of(architecture: &Architecture, data: &Split, draw: Draw) -> Result<Option<Front>> {
    if architecture.convolutions.is_empty() {
        return Ok(None);
    }
    let shape = format!("{}x{}", architecture.width, architecture.depth);
    let seed = experiment_seed(draw.seed, &format!("initial convolutions {shape}"));
    let stream = &mut trajectory_stream(seed, draw.network);
    Front::drawn(data.image, &architecture.convolutions, stream).map(Some)
}

/// ‖x₀‖: the norm of what the first layer of a network sees.
fn first_norm(architecture: &Architecture, data: &Split, draw: Draw) -> Result<f64> {
    let row = data.train.row(row_of(draw.network, data));
    let norm = |numbers: &[f32]| numbers.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
    let squares = match front_of(architecture, data, draw)? {
        None => norm(row),
        Some(mut front) => {
            let image = ArrayView2::from_shape((1, row.len()), row).expect("a row");
            norm(front.forward(image).as_slice().unwrap_or_default())
        }
    };
    Ok(squares.sqrt())
}

/// Draws a network and sends one training example through it; masks and random slopes as in
/// training.
///
/// Networks of different numbers or schemes share nothing but, perhaps, the example.
///
/// # Errors
/// As [`Architecture::deviations`].
pub fn start(
    architecture: &Architecture,
    init: impl Into<Init>,
    data: &Split,
    draw: Draw,
) -> Result<Start> {
    let init = init.into().on(data);
    let shape = format!("{}x{}", architecture.width, architecture.depth);
    let seed = experiment_seed(draw.seed, &format!("initial {shape} {init}"));
    let stream = &mut trajectory_stream(seed, draw.network);
    let mut model = Network::new(architecture, init, architecture.ends(data)?, stream)?;
    model.front = front_of(architecture, data, draw)?;
    let biases = experiment_seed(draw.seed, &format!("initial biases {shape} {init}"));
    model.draw_biases(
        architecture.bias,
        &mut trajectory_stream(biases, draw.network),
    );
    if init.choice == Choice::Lsuv {
        unit_variances(&mut model, data);
    }
    let row = data.train.row(row_of(draw.network, data));
    let image = ArrayView2::from_shape((1, row.len()), row).expect("a row");
    let norms = model.norms(image, Some(&mut Noise::new(stream)));
    let log = |k: usize| norms[k][0].ln();
    let last = log(architecture.depth) - log(architecture.depth - 1);
    Ok(Start {
        width: architecture.width,
        depth: architecture.depth,
        scheme: init.to_string(),
        network: draw.network,
        hidden: log(architecture.depth - 1) - log(0),
        last: if last.is_nan() {
            f64::NEG_INFINITY
        } else {
            last
        },
    })
}
