//! Initialization schemes: the standard deviation of the weights for a layer's shape.

use std::fmt;
use std::str::FromStr;

use crate::activation::{Activation, Dropout};
use crate::error::{Error, Result};
use crate::layer_law::LayerLaw;
use crate::limits::check_width;

/// Numbers of inputs and outputs of a fully connected layer; its weight matrix is
/// `fan_out` × `fan_in`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerShape {
    /// Number of inputs.
    pub fan_in: u64,
    /// Number of outputs, the width of the layer.
    pub fan_out: u64,
}

impl LayerShape {
    /// A layer with as many outputs as inputs.
    pub fn square(width: u64) -> Self {
        Self {
            fan_in: width,
            fan_out: width,
        }
    }
}

/// How to scale the weights of a layer.
///
/// In rectangular layers [`Scheme::Fractional`] and [`Scheme::Lyapunov`] preserve the
/// root-mean-square activation ‖x‖/√n, as He's rule does at s = 2: given x, ‖W x‖ depends
/// on `fan_out` alone, so σ² = σ(s, fan_out)²·fan_out/fan_in. To preserve the norm
/// itself, use [`LayerLaw::scale`] of width `fan_out`.
///
/// ```
/// use isomoment::{Activation, Dropout, LayerShape, Scheme};
/// let shape = LayerShape { fan_in: 784, fan_out: 64 };
/// let std = |scheme: Scheme| scheme.standard_deviation(Activation::Relu, Dropout::NONE, shape);
/// // at s = 2 the fractional scale is He's 2/fan_in
/// approx::assert_relative_eq!(std(Scheme::Fractional(2.0))?, std(Scheme::He)?, max_relative = 1e-15);
/// assert!(std(Scheme::Fractional(1.0))? > std(Scheme::He)?);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Scheme {
    /// Keeps E‖x‖^s constant (the root-mean-square's s-th moment in rectangular layers).
    Fractional(f64),
    /// Keeps E‖g‖^s of gradients on their way back (T11), of the root-mean-square of their components
    /// in rectangular layers: σ(s,d)·(E[(χ²_d/d)^{s/2}]/E[(χ²_n/n)^{s/2}])^{1/s}, n = fan_in and
    /// d = fan_out; at s = 2 He's rule of fan_out, and `Fractional(s)` in square layers.
    Backward(f64),
    /// The geometric mean of `Fractional(s)` and `Backward(s)`: what the moment of a signal gains in a
    /// layer, that of a gradient loses.
    Balanced(f64),
    /// Keeps E log‖x‖ constant, given survival where units can die (Kogler, Schwarz & Kittle 2026).
    Lyapunov,
    /// Variance 1/(fan_in·E c), E c the mean squared slope (He et al. 2015; PyTorch's Kaiming
    /// normal).
    He,
    /// Variance 1/fan_in (LeCun et al. 1998).
    LeCun,
    /// Variance 2/(fan_in + fan_out) (Glorot & Bengio 2010; Xavier).
    Glorot,
    /// Variance 1/(3·fan_in): the uniform law on ±1/√fan_in from which PyTorch's `nn.Linear` and
    /// `nn.Conv2d` draw unless told otherwise.
    FrameworkDefault,
    /// Standard deviation g·exp(1/(2n))/√n for linear units (Leaky ReLU of slope ±1 too), n = fan_in,
    /// and for all others g·exp(1.2/(max(n, 6) − 2.4))/√n, fitted to ReLU; g² = 1/E c
    /// (Sussillo & Abbott 2014).
    RandomWalk,
    /// The large-width formula in the released code of Gürbüzbalaban & Hu (2021), d = fan_out:
    /// σ² = 1/d + (2−s)/(2d²) for linear units, for Leaky ReLU of slope a (ReLU: 0)
    /// σ² = 2/((1+a²)d) + (2−s)((5s−24)a²+10)/((2(s+2)a²+4)d²), right to first order in a² only.
    Published(f64),
}

/// `fractional:S`, `backward:S`, `balanced:S`, `published:S`, `lyapunov`, `he`, `glorot`, `lecun`,
/// `framework-default` or `random-walk`; S a decimal or a quotient.
///
/// ```
/// use isomoment::Scheme;
/// assert_eq!("fractional:1/2".parse(), Ok(Scheme::Fractional(0.5)));
/// assert!("fractional".parse::<Scheme>().is_err());
/// ```
impl FromStr for Scheme {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let number = |text: &str| -> Option<f64> {
            match text.split_once('/') {
                Some((over, under)) => Some(over.parse::<f64>().ok()? / under.parse::<f64>().ok()?),
                None => text.parse().ok(),
            }
        };
        let (rule, order) = match text.split_once(':') {
            Some((rule, order)) => (rule, Some(order)),
            None => (text, None),
        };
        let scheme = match (rule, order) {
            ("fractional", Some(order)) => number(order).map(Self::Fractional),
            ("backward", Some(order)) => number(order).map(Self::Backward),
            ("balanced", Some(order)) => number(order).map(Self::Balanced),
            ("published", Some(order)) => number(order).map(Self::Published),
            ("lyapunov", None) => Some(Self::Lyapunov),
            ("he", None) => Some(Self::He),
            ("glorot", None) => Some(Self::Glorot),
            ("lecun", None) => Some(Self::LeCun),
            ("framework-default", None) => Some(Self::FrameworkDefault),
            ("random-walk", None) => Some(Self::RandomWalk),
            _ => None,
        };
        let all = "fractional:S, backward:S, balanced:S, published:S, lyapunov, he, glorot, lecun, \
                   framework-default or random-walk";
        scheme.ok_or_else(|| Error::domain("scheme", text, all))
    }
}

/// The name that [`FromStr`] reads.
///
/// ```
/// use isomoment::Scheme;
/// assert_eq!(Scheme::Fractional(0.5).to_string(), "fractional:0.5");
/// assert_eq!(Scheme::RandomWalk.to_string().parse(), Ok(Scheme::RandomWalk));
/// ```
impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fractional(s) => write!(f, "fractional:{s}"),
            Self::Backward(s) => write!(f, "backward:{s}"),
            Self::Balanced(s) => write!(f, "balanced:{s}"),
            Self::Published(s) => write!(f, "published:{s}"),
            Self::Lyapunov => f.pad("lyapunov"),
            Self::He => f.pad("he"),
            Self::LeCun => f.pad("lecun"),
            Self::FrameworkDefault => f.pad("framework-default"),
            Self::Glorot => f.pad("glorot"),
            Self::RandomWalk => f.pad("random-walk"),
        }
    }
}

impl Scheme {
    /// The standard deviation of the weights of a layer.
    ///
    /// Dropout enters through E c and the layer's law; LeCun's, Glorot's and the frameworks' rules know
    /// neither activation nor dropout, and the published formula does not know dropout.
    ///
    /// # Errors
    /// [`Error::Domain`] for fans of 0 or above 2⁵³ and for what [`LayerLaw`] refuses; for the
    /// published formula also for RReLU, for dropout, and where it gives no positive variance.
    /// [`Error::Range`] on overflow.
    pub fn standard_deviation(
        self,
        activation: Activation,
        dropout: Dropout,
        shape: LayerShape,
    ) -> Result<f64> {
        for (name, fan) in [("fan_in", shape.fan_in), ("fan_out", shape.fan_out)] {
            check_width(name, fan)?;
        }
        let law = LayerLaw::with_dropout(activation, dropout, shape.fan_out)?;
        let (fan_in, fan_out) = (shape.fan_in as f64, shape.fan_out as f64);
        let aspect = (fan_out / fan_in).sqrt();
        // 1/√E[c], from one unit's second moment
        let gain = || LayerLaw::with_dropout(activation, dropout, 1)?.scale(2.0);
        match self {
            Self::Fractional(s) => Ok(law.scale(s)? * aspect),
            // per component: backwards from fan_out of them to fan_in
            Self::Backward(s) => Ok(law.with_fan_in(shape.fan_in)?.backward_scale(s)? / aspect),
            Self::Balanced(s) => {
                let forward = law.scale(s)?;
                Ok((forward * law.with_fan_in(shape.fan_in)?.backward_scale(s)?).sqrt())
            }
            Self::Lyapunov => Ok(law.lyapunov_scale()? * aspect),
            Self::He => Ok(gain()? / fan_in.sqrt()),
            Self::LeCun => Ok(1.0 / fan_in.sqrt()),
            Self::FrameworkDefault => Ok((3.0 * fan_in).sqrt().recip()),
            Self::Glorot => Ok((2.0 / (fan_in + fan_out)).sqrt()),
            Self::RandomWalk => {
                let drift = if keeps_norms(activation) {
                    0.5 / fan_in
                } else {
                    1.2 / (fan_in.max(6.0) - 2.4)
                };
                Ok(gain()? * drift.exp() / fan_in.sqrt())
            }
            Self::Published(s) => {
                published(activation, dropout, s, fan_out).map(|std| std * aspect)
            }
        }
    }
}

/// Whether φ changes no norm, as linear units do not.
fn keeps_norms(activation: Activation) -> bool {
    match activation {
        Activation::Linear => true,
        Activation::LeakyRelu { slope } => slope.abs() == 1.0,
        Activation::Relu | Activation::RandomizedLeakyRelu { .. } => false,
    }
}

fn published(activation: Activation, dropout: Dropout, s: f64, d: f64) -> Result<f64> {
    let slope = match activation {
        Activation::Linear => None,
        Activation::Relu => Some(0.0),
        Activation::LeakyRelu { slope } => Some(slope),
        Activation::RandomizedLeakyRelu { .. } => {
            return Err(Error::domain(
                "activation",
                activation,
                "one with a fixed slope here",
            ));
        }
    };
    if dropout != Dropout::NONE {
        return Err(Error::domain(
            "keep",
            dropout.keep(),
            "1 for the published formula",
        ));
    }
    if !(s > 0.0 && s <= 2.0) {
        return Err(Error::domain(
            "s",
            format!("{s:?}"),
            "above 0 and at most 2 here",
        ));
    }
    let variance = match slope {
        None => 1.0 / d + 0.5 * (2.0 - s) / (d * d),
        Some(a) => {
            let a2 = a * a;
            let leading = 2.0 / ((1.0 + a2) * d);
            let bracket = (5.0 * s - 24.0) * a2 + 10.0;
            leading + (2.0 - s) * bracket / ((2.0 * (s + 2.0) * a2 + 4.0) * d * d)
        }
    };
    if variance > 0.0 && variance.is_finite() {
        return Ok(variance.sqrt());
    }
    let case = format!("{d}, where the published formula gives the variance {variance:.3e}");
    Err(Error::domain("width", case, "larger at this slope"))
}
