//! Only the norm: O(1) a layer.
//!
//! Of d units with symmetric pre-activations a binomial number is positive and kept, and so on; the
//! squares of each group sum up to a gamma variable. RReLU's negative units have a slope each and
//! are drawn one by one.

use rand_distr::Distribution;
use rand_distr::weighted::WeightedAliasIndex;
use rand_distr::{Binomial, ChiSquared, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use statrs::distribution::Discrete;

use crate::activation::Activation;
use crate::error::{Error, Result};
use crate::layer_law::Weights;
use crate::simulate::model::{Layer, Model};
use crate::simulate::numbers::{Normals, Uniforms};
use crate::simulate::path::Recorder;
use crate::simulate::streams::Stream;

/// Widest layer for which the counts' probabilities are tabulated.
const WIDEST_TABLE: usize = 1 << 14;

/// A network's layers, prepared for drawing their norms.
#[derive(Debug, Clone)]
pub(super) struct Radial {
    kinds: Vec<Units>,
    kind_of: Vec<usize>,
}

impl Radial {
    pub(super) fn new(model: &Model) -> Result<Self> {
        if model.inputs > 1 {
            let allowed = "1 at level radial, which carries norms only";
            return Err(Error::domain("inputs", model.inputs, allowed));
        }
        let (mut kinds, mut kind_of): (Vec<Units>, Vec<usize>) = (Vec::new(), Vec::new());
        for layer in &model.layers {
            let known = kinds.iter().position(|kind| kind.width == layer.fan_out);
            let kind = match known {
                Some(kind) => kind,
                None => {
                    kinds.push(Units::new(model, layer.fan_out)?);
                    kinds.len() - 1
                }
            };
            kind_of.push(kind);
        }
        Ok(Self { kinds, kind_of })
    }

    /// How many units of each kind a layer of one network has.
    pub(super) fn groups(
        &self,
        layer: usize,
        activation: Activation,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Groups {
        self.kinds[self.kind_of[layer]].groups(activation, rng)
    }

    /// One network's path.
    pub(super) fn walk(&self, model: &Model, stream: &mut Stream, recorder: &mut Recorder) {
        let mut rng = Xoshiro256PlusPlus::from_rng(stream);
        let mut slopes = Slopes::of(model, stream);
        let gain = model.dropout.gain().ln();
        let mut length = 0.0;
        for (layer, kind) in model.layers.iter().zip(&self.kind_of) {
            let draw = self.kinds[*kind].draw(model.activation, &mut slopes, &mut rng);
            let signal = length + layer.scale.ln();
            let input = Input {
                signal,
                bias: model.bias,
                layer: *layer,
            };
            length = gain
                + match model.weights {
                    Weights::Gaussian => input.gaussian(&draw),
                    Weights::Orthogonal => input.orthogonal(&draw, &mut rng),
                };
            if !recorder.layer(&[length], |_, _| 1.0) && model.bias == 0.0 {
                break;
            }
        }
    }
}

/// Sums over the units of a layer with pre-activations N(0,1).
struct Draw {
    /// Σ of the outputs' squares, before the mask's gain.
    output: f64,
    /// Σ of the kept units' pre-activations squared.
    kept: f64,
    /// Units of which `kept` says nothing.
    others: usize,
}

/// How many units of a layer are kept, and how many of them are positive.
#[derive(Debug, Clone)]
struct Units {
    width: usize,
    kept: Count,
    /// Given that all units are kept; else drawn given their number.
    positive: Option<Count>,
}

impl Units {
    fn new(model: &Model, width: usize) -> Result<Self> {
        let keep = model.dropout.keep();
        let (kept, positive) = match model.activation {
            // only units that are positive and kept count
            Activation::Relu => (Count::binomial(width, 0.5 * keep)?, None),
            Activation::Linear => (Count::binomial(width, keep)?, None),
            _ if keep == 1.0 => (Count::Fixed(width), Some(Count::binomial(width, 0.5)?)),
            _ => (Count::binomial(width, keep)?, None),
        };
        Ok(Self {
            width,
            kept,
            positive,
        })
    }

    /// How many units there are of each kind.
    fn groups(&self, activation: Activation, rng: &mut Xoshiro256PlusPlus) -> Groups {
        let kept = self.kept.sample(rng);
        let straight = match (activation, &self.positive) {
            (Activation::Relu | Activation::Linear, _) => kept,
            (_, Some(count)) => count.sample(rng),
            (_, None) => Count::draw(kept, rng),
        };
        Groups {
            straight,
            bent: kept - straight,
            others: self.width - kept,
        }
    }

    fn draw(
        &self,
        activation: Activation,
        slopes: &mut Option<Slopes>,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Draw {
        let groups = self.groups(activation, rng);
        let above = chi_square(groups.straight, rng);
        let (bent, below) = match slopes {
            Some(slopes) => slopes.squares(activation, groups.bent),
            None => {
                let below = chi_square(groups.bent, rng);
                (activation.negative_slope(0.0).powi(2) * below, below)
            }
        };
        Draw {
            output: above + bent,
            kept: above + below,
            others: groups.others,
        }
    }
}

/// Units of a layer by what they do to their pre-activations.
#[derive(Debug, Clone, Copy)]
pub(super) struct Groups {
    /// Kept, with slope 1.
    pub straight: usize,
    /// Kept, with the slope of negative pre-activations.
    pub bent: usize,
    /// Their output is 0.
    pub others: usize,
}

/// A binomial number, from a table where it is not too long.
#[derive(Debug, Clone)]
enum Count {
    Fixed(usize),
    Table(Box<WeightedAliasIndex<f64>>),
    Large(Box<Binomial>),
}

impl Count {
    fn binomial(n: usize, p: f64) -> Result<Self> {
        if p == 1.0 {
            return Ok(Self::Fixed(n));
        }
        let refused = || {
            Error::domain(
                "keep",
                p,
                "a probability for which a binomial law can be drawn",
            )
        };
        if n > WIDEST_TABLE {
            let law = Binomial::new(n as u64, p).map_err(|_| refused())?;
            return Ok(Self::Large(Box::new(law)));
        }
        let law = statrs::distribution::Binomial::new(p, n as u64).map_err(|_| refused())?;
        let weights = (0..=n as u64).map(|k| law.pmf(k)).collect();
        let table = WeightedAliasIndex::new(weights).map_err(|_| refused())?;
        Ok(Self::Table(Box::new(table)))
    }

    fn sample(&self, rng: &mut Xoshiro256PlusPlus) -> usize {
        match self {
            Self::Fixed(n) => *n,
            Self::Table(table) => table.sample(rng),
            Self::Large(law) => law.sample(rng) as usize,
        }
    }

    /// Half of `n`, at random.
    fn draw(n: usize, rng: &mut Xoshiro256PlusPlus) -> usize {
        let law = Binomial::new(n as u64, 0.5).expect("a half is a probability");
        law.sample(rng) as usize
    }
}

/// A χ² variable; 0 with no degree of freedom.
pub(super) fn chi_square(degrees: usize, rng: &mut Xoshiro256PlusPlus) -> f64 {
    match degrees {
        0 => 0.0,
        n => ChiSquared::new(n as f64)
            .expect("a positive number of degrees")
            .sample(rng),
    }
}

/// The negative units of RReLU.
pub(super) struct Slopes {
    normals: Normals<f64>,
    uniforms: Uniforms,
    drawn: Vec<f64>,
}

impl Slopes {
    /// Of networks that have random slopes.
    pub(super) fn of(model: &Model, stream: &mut Stream) -> Option<Self> {
        model.has_random_slopes().then(|| Self {
            normals: Normals::new(stream),
            uniforms: Uniforms::new(stream),
            drawn: Vec::new(),
        })
    }

    /// Slopes and pre-activations of `count` units.
    pub(super) fn draw(
        &mut self,
        activation: Activation,
        count: usize,
    ) -> impl Iterator<Item = (f64, f64)> {
        self.drawn.resize(count, 0.0);
        self.normals.fill(&mut self.drawn);
        let (drawn, uniforms) = (&self.drawn, &mut self.uniforms);
        drawn
            .iter()
            .map(move |z| (activation.negative_slope(uniforms.draw()), *z))
    }

    /// Σ a²z² and Σ z² over `count` units.
    fn squares(&mut self, activation: Activation, count: usize) -> (f64, f64) {
        let (mut bent, mut plain) = (0.0, 0.0);
        for (slope, z) in self.draw(activation, count) {
            bent += (slope * z).powi(2);
            plain += z * z;
        }
        (bent, plain)
    }
}

/// What arrives at a layer: log(σ‖x‖), and the biases.
struct Input {
    signal: f64,
    bias: f64,
    layer: Layer,
}

impl Input {
    /// Log-norm of the output: W x + b is N(0, (σ²‖x‖² + σ_b²) I).
    fn gaussian(&self, draw: &Draw) -> f64 {
        let noise = self.bias.ln();
        let (low, high) = (self.signal.min(noise), self.signal.max(noise));
        high + 0.5 * ((2.0 * (low - high)).exp().ln_1p() + draw.output.ln())
    }

    /// Log-norm of the output: W x is uniform on a sphere, or the first coordinates of such a
    /// point.
    fn orthogonal(&self, draw: &Draw, rng: &mut Xoshiro256PlusPlus) -> f64 {
        let units = self.layer.fan_out;
        let outside = self.layer.fan_in.saturating_sub(units);
        if self.bias == 0.0 {
            let square = draw.kept + chi_square(draw.others + outside, rng);
            return self.signal + 0.5 * (draw.output / square).ln();
        }
        // share of W x's square that lies in the units' coordinates
        let inside = match outside {
            0 => 1.0,
            _ => {
                let (a, b) = (chi_square(units, rng), chi_square(outside, rng));
                a / (a + b)
            }
        };
        // W x + b has a uniform direction; along W x and across it the biases are N(0, σ_b²)
        let top = self.signal.max(self.bias.ln());
        let (signal, noise) = (
            (self.signal - top).exp() * f64::sqrt(inside),
            (self.bias.ln() - top).exp(),
        );
        let along: f64 = StandardNormal.sample(rng);
        let square = (signal + noise * along).powi(2) + noise * noise * chi_square(units - 1, rng);
        let direction = draw.output / (draw.kept + chi_square(draw.others, rng));
        top + 0.5 * (square.ln() + direction.ln())
    }
}
