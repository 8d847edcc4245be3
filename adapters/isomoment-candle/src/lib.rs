//! Scales for [candle](https://docs.rs/candle-nn) models that keep a chosen moment of the signal:
//! a [`VarBuilder`] under which every layer's weights are drawn with
//! σ(s, d)·√(d/fan-in), d the number of units that see the same inputs, and biases start at 0.
//! Model code stays as it is.
//!
//! ```
//! use candle_core::{DType, Device, Module, Tensor};
//! use candle_nn::{Activation as Layer, VarMap, linear, seq};
//! use isomoment::{Activation, Scheme};
//! use isomoment_candle::{Rule, Scales};
//!
//! # fn main() -> candle_core::Result<()> {
//! let scales = Scales::new(Scheme::Fractional(1.0), Activation::Relu) // keeps E‖x‖
//!     .with("head", Rule::new().activation(Activation::Linear)); // no activation after it
//! let variables = VarMap::new();
//! let vb = scales.var_builder(&variables, DType::F32, &Device::Cpu);
//! let model = seq()
//!     .add(linear(784, 64, vb.pp("first"))?)
//!     .add(Layer::Relu)
//!     .add(linear(64, 10, vb.pp("head"))?);
//! assert!(scales.unused().is_empty()); // no name was mistyped
//! let first = &scales.layers()[0];
//! assert_eq!((first.name.as_str(), first.units), ("first.weight", 64));
//! assert!((first.std.unwrap() - 0.0510).abs() < 1e-4); // He's rule says 0.0505
//! assert_eq!(model.forward(&Tensor::ones((3, 784), DType::F32, &Device::Cpu)?)?.dims(), [3, 10]);
//! # Ok(())
//! # }
//! ```
//!
//! A `VarBuilder` is asked for tensors by name, shape and candle's own rule; it sees neither the
//! activation that follows nor groups nor strides, which [`Rule`]s tell by name.
//!
//! | tensor | what it gets |
//! |---|---|
//! | weights of `linear*`, `conv1d*`, `conv2d*` (any that ask for Kaiming's rule) | the scheme's scale |
//! | weights of `conv_transpose*` | the scheme's scale; an error unless a rule tells the stride |
//! | biases | 0 |
//! | embeddings, norms, PReLU, the stacked gates of recurrent layers, all others | candle's own |

#![forbid(unsafe_code)]

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Device, Result, Shape, Tensor};
use candle_nn::var_builder::{SimpleBackend, VarBuilder};
use candle_nn::{Init, VarMap};
use isomoment::{Activation, ConvolutionShape, Dropout, LayerShape, Scheme};

mod draw;
mod error;
mod rule;

pub use error::Error;
pub use rule::Rule;

/// The `Init` of one weight tensor, for `vb.get_with_hints(shape, "weight", init)`.
///
/// N(0, σ²) with σ = σ(s, d)·√(d/fan-in) for [`Scheme::Fractional`], the same with the Lyapunov scale
/// for [`Scheme::Lyapunov`], and He's and LeCun's rules of fan-in. `dims` is candle's layout: (outputs,
/// inputs/groups, kernel …), and (inputs, outputs/groups, kernel …) if the rule says transposed. Where
/// `rule` says nothing of activation and dropout they are `activation` and none. Convolutions get the
/// scale of an image that is constant over positions.
///
/// ```
/// use candle_nn::Init;
/// use isomoment::{Activation, Scheme};
/// use isomoment_candle::{Rule, init};
/// // 3 × 3 from 16 channels to 32, in 4 groups
/// let rule = Rule::new().groups(4);
/// let init = init(Scheme::Fractional(1.0), Activation::Relu, rule, &[32, 4, 3, 3])?;
/// assert!(matches!(init, Init::Randn { mean: 0.0, stdev } if stdev > (2.0_f64 / 36.0).sqrt()));
/// # Ok::<(), isomoment_candle::Error>(())
/// ```
///
/// # Errors
/// For fewer than two dimensions, groups that do not divide the outputs, schemes other than
/// `fractional:S`, `lyapunov`, `he` and `lecun`, a rule that leaves the layer alone, and whatever
/// [`Scheme::standard_deviation`] refuses.
pub fn init(
    scheme: Scheme,
    activation: Activation,
    rule: Rule,
    dims: &[usize],
) -> std::result::Result<Init, Error> {
    let rule = rule.over(&Rule::new().activation(activation));
    let (_, stdev) = standard_deviation(scheme, &rule, dims)?;
    Ok(Init::Randn { mean: 0.0, stdev })
}

/// A scheme with its exceptions, and what it has done to a model's variables.
#[derive(Debug, Clone)]
pub struct Scales {
    scheme: Scheme,
    rules: Vec<(String, Rule)>,
    seed: Option<u64>,
    log: Arc<Mutex<Log>>,
}

/// What became of one variable when it was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// The variable's full name, `first.weight`.
    pub name: String,
    /// Its shape.
    pub dims: Vec<usize>,
    /// Number of units that see the same inputs, d in σ(s, d); 0 where `std` is `None`.
    pub units: u64,
    /// Standard deviation of the weights, 0 for biases, `None` where candle's own rule was kept.
    pub std: Option<f64>,
}

#[derive(Debug, Default)]
struct Log {
    layers: Vec<Layer>,
    used: Vec<bool>,
}

impl Scales {
    /// `scheme` for every layer, each followed by `activation`, without dropout.
    pub fn new(scheme: Scheme, activation: Activation) -> Self {
        Self {
            scheme,
            rules: vec![(String::new(), Rule::new().activation(activation))],
            seed: None,
            log: Arc::default(),
        }
    }

    /// Dropout after every activation.
    #[must_use]
    pub fn dropout(mut self, dropout: Dropout) -> Self {
        self.rules[0].1 = self.rules[0].1.dropout(dropout);
        self
    }

    /// What `rule` says holds for the variable `name`, or for all under that prefix: `block.1` is for
    /// `block.1.weight`, not for `block.10.weight`. Of two rules for a variable the later one counts,
    /// in what it says.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, rule: Rule) -> Self {
        self.rules.push((name.into(), rule));
        self
    }

    /// Every variable is drawn from this seed and its own full name, those that keep candle's law too:
    /// the same seed, name, shape and law give the same numbers, whatever else the model has, in
    /// whatever order it is built, and on every device. They are rounded from f64, so that a model in
    /// F16 is the one in F32 with fewer digits. Without a seed candle's own generator draws, which
    /// takes none on a CPU.
    ///
    /// ```
    /// use candle_core::{DType, Device};
    /// use candle_nn::{VarMap, linear};
    /// use isomoment::{Activation, Scheme};
    /// use isomoment_candle::Scales;
    /// # fn main() -> candle_core::Result<()> {
    /// let weight = |seed| {
    ///     let scales = Scales::new(Scheme::Fractional(1.0), Activation::Relu).seed(seed);
    ///     let vb = scales.var_builder(&VarMap::new(), DType::F32, &Device::Cpu);
    ///     linear(3, 2, vb.pp("first"))?.weight().to_vec2::<f32>()
    /// };
    /// assert_eq!(weight(1)?, weight(1)?);
    /// assert_ne!(weight(1)?, weight(2)?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// A `VarBuilder` that draws what `variables` does not hold yet.
    ///
    /// # Errors
    /// It has none itself; the layer whose scale cannot be had fails when it is built, with a message
    /// that begins with the variable's name.
    pub fn var_builder(
        &self,
        variables: &VarMap,
        dtype: DType,
        device: &Device,
    ) -> VarBuilder<'static> {
        let backend = Backend {
            scales: self.clone(),
            variables: variables.clone(),
        };
        VarBuilder::from_backend(Box::new(backend), dtype, device.clone())
    }

    /// Every variable made so far, in the order of making.
    pub fn layers(&self) -> Vec<Layer> {
        self.locked(|log| log.layers.clone())
    }

    /// Names given to [`Scales::with`] that no variable made so far has had: after the model is built,
    /// the mistyped ones.
    pub fn unused(&self) -> Vec<String> {
        let used = self.locked(|log| log.used.clone());
        let names = self.rules.iter().enumerate().skip(1);
        let unused = names.filter(|&(i, _)| !used.get(i).is_some_and(|&used| used));
        unused.map(|(_, (name, _))| name.clone()).collect()
    }

    fn locked<T>(&self, read: impl FnOnce(&mut Log) -> T) -> T {
        // the log is whole at any time, whatever a thread that held it did
        read(&mut self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn rule(&self, name: &str) -> Rule {
        let mut rule = Rule::new();
        for (i, (prefix, given)) in self.rules.iter().enumerate() {
            let rest = name.strip_prefix(prefix.as_str());
            if rest
                .is_some_and(|rest| prefix.is_empty() || rest.is_empty() || rest.starts_with('.'))
            {
                rule = given.over(&rule);
                self.locked(|log| {
                    log.used.resize(self.rules.len().max(log.used.len()), false);
                    log.used[i] = true;
                });
            }
        }
        rule
    }

    /// The units and the law of a variable; `None` leaves it as candle has it.
    fn choose(
        &self,
        dims: &[usize],
        name: &str,
        hint: Init,
    ) -> std::result::Result<Option<(u64, f64)>, Error> {
        let rule = self.rule(name);
        let own_name = name.rsplit('.').next().unwrap_or(name);
        let stacked = own_name.starts_with("weight_ih") || own_name.starts_with("weight_hh");
        if rule.is_left_alone() || stacked {
            return Ok(None);
        }
        match hint {
            Init::Uniform { .. } if own_name == "bias" => Ok(Some((0, 0.0))),
            Init::Kaiming { .. } if dims.len() >= 2 => {
                standard_deviation(self.scheme, &rule, dims).map(Some)
            }
            // candle asks for this rule only for the weights of transposed convolutions
            Init::Uniform { .. } if own_name == "weight" && dims.len() >= 3 => {
                if !rule.is_transposed() {
                    return Err(Error::Stride);
                }
                standard_deviation(self.scheme, &rule, dims).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// The backend that [`Scales::var_builder`] hands to candle.
struct Backend {
    scales: Scales,
    variables: VarMap,
}

impl SimpleBackend for Backend {
    fn get(&self, s: Shape, name: &str, hint: Init, dtype: DType, dev: &Device) -> Result<Tensor> {
        if self.contains_tensor(name) {
            return self.variables.get(s, name, hint, dtype, dev);
        }
        let chosen = match self.scales.choose(s.dims(), name, hint) {
            Ok(chosen) => chosen,
            Err(error) => candle_core::bail!("{name} of shape {:?}: {error}", s.dims()),
        };
        let init = chosen.map_or(hint, |(_, stdev)| {
            if stdev == 0.0 {
                Init::Const(0.0)
            } else {
                Init::Randn { mean: 0.0, stdev }
            }
        });
        let dims = s.dims().to_vec();
        if let Some(seed) = self.scales.seed {
            let variable = draw::variable(init, (seed, name), &s, dtype, dev)?;
            let variables = self.variables.data().lock();
            let mut variables = variables.unwrap_or_else(PoisonError::into_inner);
            variables.insert(name.into(), variable);
        }
        let tensor = self.variables.get(s, name, init, dtype, dev)?;
        let layer = Layer {
            name: name.into(),
            dims,
            units: chosen.map_or(0, |(units, _)| units),
            std: chosen.map(|(_, std)| std),
        };
        self.scales.locked(|log| log.layers.push(layer));
        Ok(tensor)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, dev: &Device) -> Result<Tensor> {
        let variables = self.variables.data().lock();
        let variables = variables.unwrap_or_else(PoisonError::into_inner);
        match variables.get(name) {
            Some(variable) => variable.as_tensor().to_device(dev)?.to_dtype(dtype),
            None => candle_core::bail!("{name} is not in the VarMap, and its shape is unknown"),
        }
    }

    fn contains_tensor(&self, name: &str) -> bool {
        let variables = self.variables.data().lock();
        let variables = variables.unwrap_or_else(PoisonError::into_inner);
        variables.contains_key(name)
    }
}

/// Units that see the same inputs, and the standard deviation of the weights.
fn standard_deviation(
    scheme: Scheme,
    rule: &Rule,
    dims: &[usize],
) -> std::result::Result<(u64, f64), Error> {
    match scheme {
        Scheme::Fractional(_) | Scheme::Lyapunov | Scheme::He | Scheme::LeCun => {}
        other => return Err(Error::Scheme(other)),
    }
    let (shape, activation, dropout) = rule.layer(dims)?;
    // these four depend on fan-in by its square root alone, so that it need not be a whole number
    let units = shape.units();
    let std = scheme.standard_deviation(activation, dropout, LayerShape::square(units))?;
    Ok((units, std * (units as f64 / shape.fan_in()).sqrt()))
}

/// The library's shape of candle's kernel.
fn convolution(
    dims: &[usize],
    groups: usize,
    stride: Option<u64>,
) -> std::result::Result<ConvolutionShape, Error> {
    let [first, second, kernel @ ..] = dims else {
        return Err(Error::Dimensions(dims.len()));
    };
    let (inputs, outputs) = match stride {
        None => (second.saturating_mul(groups), *first),
        Some(_) => (*first, second.saturating_mul(groups)),
    };
    let taps = kernel
        .iter()
        .fold(1_u64, |taps, &k| taps.saturating_mul(k as u64));
    let shape = ConvolutionShape::new(inputs as u64, outputs as u64, taps)?;
    let shape = shape.with_groups(groups as u64)?;
    Ok(stride.map_or(Ok(shape), |stride| shape.transposed(stride))?)
}

/// The README's example runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
