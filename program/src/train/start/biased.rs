//! Initial log-norms of networks with biases, against their law.
//!
//! Given x the numbers (W x + b)ᵢ of a layer are independent, N(0, σ²‖x‖²) + b each, so that norms are
//! a Markov chain, which no single sum describes. It is drawn here unit by unit, from the norm of the
//! very input that a network had; the network's place among such draws is uniform if the chain is its
//! law.

use rayon::prelude::*;

use crate::train::architecture::Architecture;
use crate::train::data::Split;
use crate::train::init::Init;
use crate::train::start::fit::{StartFit, mean_and_variance, of_this};
use crate::train::start::{Start, first_norm};
use crate::train::trained::Draw;
use isomoment::Result;
use isomoment::simulate::numbers::{Normals, Uniforms};
use isomoment::simulate::streams::{Stream, experiment_seed, trajectory_stream};
use isomoment::stats::goodness::kolmogorov_smirnov;

/// Draws of the chain beside each network.
const DRAWS: usize = 199;

/// The chain of norms: its layers' numbers of inputs and units, and its scales.
struct Chain<'a> {
    architecture: &'a Architecture,
    /// Inputs, units and σ of each layer.
    layers: Vec<(usize, usize, f64)>,
}

/// What a chain draws from.
struct Numbers {
    normals: Normals<f32>,
    uniforms: Uniforms,
    biases: Stream,
}

impl Numbers {
    fn new(stream: &mut Stream, biases: Stream) -> Self {
        Self {
            normals: Normals::new(stream),
            uniforms: Uniforms::new(stream),
            biases,
        }
    }
}

impl Chain<'_> {
    /// ‖x_{k+1}‖ of a draw, given ‖x_k‖.
    fn step(&self, k: usize, norm: f64, numbers: &mut Numbers) -> f64 {
        let (fan_in, units, sigma) = self.layers[k];
        let (activation, dropout) = self.architecture.units(k);
        let (mut z, mut b) = (vec![0.0; units], vec![0.0; units]);
        numbers.normals.fill(&mut z);
        self.architecture
            .bias
            .fill(&mut b, fan_in, &mut numbers.biases);
        let squares = z.iter().zip(&b).map(|(&z, &b)| {
            let value = sigma * norm * f64::from(z) + f64::from(b);
            let slope = match value >= 0.0 {
                true => 1.0,
                false => activation.negative_slope(numbers.uniforms.draw()),
            };
            let kept = dropout.keep() == 1.0 || numbers.uniforms.draw() < dropout.keep();
            (if kept {
                slope * dropout.gain() * value
            } else {
                0.0
            })
            .powi(2)
        });
        squares.sum::<f64>().sqrt()
    }
}

/// Tests the starts of one architecture with biases and rule, on the data and from the seed that they
/// come from; parts without living networks are left out.
///
/// # Errors
/// As [`Architecture::deviations`].
pub fn fit_biased_starts(
    starts: &[Start],
    architecture: &Architecture,
    init: impl Into<Init>,
    data: &Split,
    seed: u64,
) -> Result<Vec<StartFit>> {
    let init = init.into().on(data);
    let deviations = architecture.deviations(init, architecture.ends(data)?)?;
    let sizes = architecture.sizes(architecture.ends(data)?);
    let chain = |wider: bool| Chain {
        architecture,
        layers: sizes
            .windows(2)
            .zip(&deviations)
            .map(|(pair, &sigma)| {
                let more = if wider { pair[1].div_ceil(4) } else { 0 };
                (pair[0], pair[1] + more, sigma)
            })
            .collect(),
    };
    let own: Vec<&Start> = of_this(starts, architecture, &init.to_string()).collect();
    let first = |start: &&Start| {
        let network = start.network;
        first_norm(architecture, data, Draw { seed, network })
    };
    let firsts = own.par_iter().map(first).collect::<Result<Vec<f64>>>()?;
    let last = architecture.depth - 1;
    let mut fits = Vec::new();
    for (layers, range) in [("hidden", 0..last), ("last", last..last + 1)] {
        if range.is_empty() {
            continue;
        }
        let test = |wider: bool| -> Result<(Fitted, f64)> {
            let chain = chain(wider);
            let seed = experiment_seed(seed, &format!("chain of {layers} layers, {init}, {wider}"));
            let one = |(start, &first): (&&Start, &f64)| {
                let (from, seen) = match layers {
                    "hidden" => (first, start.hidden),
                    _ => (first * start.hidden.exp(), start.last),
                };
                (seen.is_finite() && from > 0.0)
                    .then(|| place(&chain, range.clone(), (from, seen), seed, start.network))
            };
            let places: Vec<Place> = own.par_iter().zip(&firsts).filter_map(one).collect();
            let uniform: Vec<f64> = places.iter().map(|p| p.share).collect();
            if uniform.is_empty() {
                return Ok((Fitted::default(), 1.0));
            }
            let p_value = kolmogorov_smirnov(&uniform, |x| x)?.p_value;
            Ok((Fitted::new(&places), p_value))
        };
        let (fitted, p_value) = test(false)?;
        if fitted.networks > 0 {
            fits.push(StartFit {
                width: architecture.width,
                depth: architecture.depth,
                scheme: init.to_string(),
                layers,
                networks: fitted.networks,
                predicted: fitted.predicted,
                observed: fitted.observed,
                p_value,
                control_p_value: test(true)?.1,
            });
        }
    }
    Ok(fits)
}

/// A network among the draws of its chain.
struct Place {
    seen: f64,
    /// Its place, uniform on (0, 1) if the chain is its law.
    share: f64,
    drawn: Vec<f64>,
}

fn place(
    chain: &Chain,
    layers: std::ops::Range<usize>,
    (from, seen): (f64, f64),
    seed: u64,
    network: u64,
) -> Place {
    let stream = &mut trajectory_stream(seed, 2 * network);
    let mut numbers = Numbers::new(stream, trajectory_stream(seed, 2 * network + 1));
    let draw = |_| {
        let end = layers
            .clone()
            .fold(from, |norm, k| chain.step(k, norm, &mut numbers));
        (end / from).ln()
    };
    // given survival, as what is seen
    let drawn: Vec<f64> = (0..DRAWS).map(draw).filter(|x| x.is_finite()).collect();
    let below = drawn.iter().filter(|&&x| x < seen).count() as f64;
    let share = (below + numbers.uniforms.draw()) / (drawn.len() + 1) as f64;
    Place { seen, share, drawn }
}

/// Moments of what is seen and of what is drawn.
#[derive(Default)]
struct Fitted {
    networks: usize,
    predicted: (f64, f64),
    observed: (f64, f64),
}

impl Fitted {
    fn new(places: &[Place]) -> Self {
        let moments = |values: &[f64]| {
            let (mean, variance) = mean_and_variance(values);
            (mean, variance.sqrt())
        };
        let drawn: Vec<f64> = places.iter().flat_map(|p| &p.drawn).copied().collect();
        let seen: Vec<f64> = places.iter().map(|p| p.seen).collect();
        let (mean, deviation) = moments(&seen);
        Self {
            networks: places.len(),
            predicted: moments(&drawn),
            observed: (mean, deviation / (seen.len() as f64).sqrt()),
        }
    }
}
