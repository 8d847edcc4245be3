//! How a network's weights are scaled and drawn: a rule of the library, with what an experiment of
//! somebody else's may ask beside it.

use std::fmt;
use std::str::FromStr;

use isomoment::activation::{Activation, Dropout};
use isomoment::init::{LayerShape, Scheme};
use isomoment::simulate::numbers::{Normals, Uniforms};
use isomoment::simulate::streams::Stream;
use isomoment::{Error, Result};

/// Standard deviation of a standard normal number given that it lies within ±2:
/// √(1 − 4φ(2)/(2Φ(2) − 1)).
const WITHIN_TWO: f64 = 0.879_625_661_034_239_8;

/// The law of a weight divided by its standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Normal.
    Normal,
    /// Uniform, as frameworks draw their `xavier_uniform_`, `kaiming_uniform_` and `he_uniform`.
    Uniform,
    /// A normal number drawn again until it lies within two standard deviations, and not corrected:
    /// the variance is 0.7737 times the rule's.
    Truncated,
    /// The same, widened to the rule's variance, as Keras draws its `he_normal` and JAX its own.
    Corrected,
}

impl Form {
    const ENDINGS: [(Self, &'static str); 3] = [
        (Self::Uniform, "-uniform"),
        (Self::Corrected, "-truncated-corrected"),
        (Self::Truncated, "-truncated"),
    ];

    /// The standard deviation of a weight over that of its rule.
    fn share(self) -> f64 {
        match self {
            Self::Truncated => WITHIN_TWO,
            Self::Normal | Self::Uniform | Self::Corrected => 1.0,
        }
    }

    /// Numbers of this law, of variance 1.
    pub(super) fn fill(self, numbers: &mut [f32], stream: &mut Drawn) {
        match self {
            Self::Normal => stream.normals.fill(numbers),
            Self::Uniform => {
                let uniforms = stream.uniforms();
                for number in numbers {
                    *number = ((2.0 * uniforms.draw() - 1.0) * 3.0_f64.sqrt()) as f32;
                }
            }
            Self::Truncated | Self::Corrected => {
                stream.normals.fill(numbers);
                let spare = &mut [0.0];
                for number in numbers {
                    while number.abs() > 2.0 {
                        stream.normals.fill(spare);
                        *number = spare[0];
                    }
                    *number = (f64::from(*number) / WITHIN_TWO) as f32;
                }
            }
        }
    }
}

/// The random numbers of weights.
pub(super) struct Drawn<'a> {
    normals: Normals<f32>,
    stream: &'a mut Stream,
    uniforms: Option<Uniforms>,
}

impl<'a> Drawn<'a> {
    /// From the next words of a stream.
    pub(super) fn new(stream: &'a mut Stream) -> Self {
        Self {
            normals: Normals::new(stream),
            stream,
            uniforms: None,
        }
    }

    fn uniforms(&mut self) -> &mut Uniforms {
        self.uniforms
            .get_or_insert_with(|| Uniforms::new(self.stream))
    }
}

/// A rule, whose gain it takes, and the form of the law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Init {
    /// The rule of the library.
    pub scheme: Scheme,
    /// Whether the gain is that of ReLU, √2, whatever the units are: He's rule and the random walk
    /// in the released code of Gürbüzbalaban & Hu for Leaky ReLU.
    pub relu_gain: bool,
    /// The law of the weights.
    pub form: Form,
}

impl From<Scheme> for Init {
    fn from(scheme: Scheme) -> Self {
        Self {
            scheme,
            relu_gain: false,
            form: Form::Normal,
        }
    }
}

/// A [`Scheme`], then `-relu` for ReLU's gain, then `-uniform`, `-truncated` or
/// `-truncated-corrected`.
///
/// ```
/// use isomoment_cli::train::Init;
/// let init: Init = "he-relu-uniform".parse()?;
/// assert!(init.relu_gain && init.to_string() == "he-relu-uniform");
/// assert!("glorot-relu".parse::<Init>().is_err());
/// # Ok::<(), isomoment::Error>(())
/// ```
impl FromStr for Init {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut form = Form::Normal;
        let mut rule = text;
        for (ended, ending) in Form::ENDINGS {
            if let (Form::Normal, Some(rest)) = (form, text.strip_suffix(ending)) {
                (form, rule) = (ended, rest);
            }
        }
        let gained = rule.strip_suffix("-relu");
        let scheme: Result<Scheme> = gained.unwrap_or(rule).parse();
        let relu_gain = gained.is_some();
        match scheme {
            Ok(scheme @ (Scheme::He | Scheme::RandomWalk)) if relu_gain => Ok(Self {
                scheme,
                relu_gain,
                form,
            }),
            Ok(scheme) if !relu_gain => Ok(Self {
                scheme,
                relu_gain,
                form,
            }),
            _ => Err(Error::domain(
                "init",
                text,
                "fractional:S, backward:S, balanced:S, published:S, lyapunov, he, glorot, lecun, \
                 framework-default or random-walk, he-relu or random-walk-relu, each also with \
                 -uniform, -truncated or -truncated-corrected",
            )),
        }
    }
}

/// The name that [`FromStr`] reads.
impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gain = if self.relu_gain { "-relu" } else { "" };
        let ending = Form::ENDINGS.iter().find(|(form, _)| *form == self.form);
        let ending = ending.map_or("", |(_, ending)| ending);
        write!(f, "{}{gain}{ending}", self.scheme)
    }
}

impl Init {
    /// The standard deviation of a layer's weights, as drawn.
    ///
    /// # Errors
    /// As [`Scheme::standard_deviation`].
    pub fn standard_deviation(
        self,
        activation: Activation,
        dropout: Dropout,
        shape: LayerShape,
    ) -> Result<f64> {
        let activation = match self.relu_gain {
            true => Activation::Relu,
            false => activation,
        };
        let std = self.scheme.standard_deviation(activation, dropout, shape)?;
        Ok(std * self.form.share())
    }

    /// Whether the rule asks for the width of a layer; the others' formulas name fans.
    pub(super) fn has_width(self) -> bool {
        matches!(
            self.scheme,
            Scheme::Fractional(_)
                | Scheme::Backward(_)
                | Scheme::Balanced(_)
                | Scheme::Published(_)
                | Scheme::Lyapunov
        )
    }
}

/// What biases are before training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bias {
    /// 0.
    Zero,
    /// Uniform on ±1/√fan_in, PyTorch's default.
    Framework,
    /// Normal with this standard deviation.
    Normal(f64),
}

impl Bias {
    /// The biases of a layer of so many inputs.
    pub(super) fn fill(self, biases: &mut [f32], fan_in: usize, stream: &mut Stream) {
        match self {
            Self::Zero => biases.fill(0.0),
            Self::Framework => {
                let (mut uniforms, end) = (Uniforms::new(stream), (fan_in as f64).sqrt().recip());
                for bias in biases {
                    *bias = ((2.0 * uniforms.draw() - 1.0) * end) as f32;
                }
            }
            Self::Normal(deviation) => {
                Normals::<f32>::new(stream).fill(biases);
                for bias in biases {
                    *bias = (f64::from(*bias) * deviation) as f32;
                }
            }
        }
    }
}

/// `zero`, `framework` or `normal:SD`.
///
/// ```
/// use isomoment_cli::train::Bias;
/// assert_eq!("normal:0.1".parse(), Ok(Bias::Normal(0.1)));
/// assert!("normal:-1".parse::<Bias>().is_err());
/// ```
impl FromStr for Bias {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bias = match text.split_once(':') {
            None if text == "zero" => Some(Self::Zero),
            None if text == "framework" => Some(Self::Framework),
            Some(("normal", deviation)) => deviation.parse().ok().map(Self::Normal),
            _ => None,
        };
        let usable = |bias: &Self| match bias {
            Self::Normal(deviation) => (0.0..=1e6).contains(deviation),
            Self::Zero | Self::Framework => true,
        };
        let allowed = "zero, framework (uniform on ±1/√fan_in) or normal:SD, SD from 0 to 1e6";
        bias.filter(usable)
            .ok_or_else(|| Error::domain("bias", text, allowed))
    }
}

/// The name that [`FromStr`] reads.
impl fmt::Display for Bias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zero => f.pad("zero"),
            Self::Framework => f.pad("framework"),
            Self::Normal(deviation) => write!(f, "normal:{deviation}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isomoment::simulate::streams::trajectory_stream;

    /// Mean squares of each form: 1, and 0.7737 of the rule's variance where truncation is not
    /// corrected.
    #[test]
    fn forms_have_the_variance_that_they_claim() {
        let n = 200_000;
        for form in [
            Form::Normal,
            Form::Uniform,
            Form::Truncated,
            Form::Corrected,
        ] {
            let mut numbers = vec![0.0; n];
            let stream = &mut trajectory_stream(8, 0);
            form.fill(&mut numbers, &mut Drawn::new(stream));
            let squares: f64 = numbers.iter().map(|&x| f64::from(x).powi(2)).sum();
            // the variance of a square is at most 2, and 1/(2·10⁵) of it √ = 0.0032
            let off = squares / n as f64 - 1.0;
            assert!(off.abs() < 0.013, "{form:?}: {off}");
            let largest = numbers.iter().fold(0.0_f32, |a, x| a.max(x.abs()));
            let bound = match form {
                Form::Normal => 10.0,
                Form::Uniform => 3.0_f32.sqrt(),
                Form::Truncated | Form::Corrected => 2.0 / WITHIN_TWO as f32 + 1e-6,
            };
            assert!(
                largest <= bound && largest > 0.99 * bound.min(4.0),
                "{form:?}: {largest}"
            );
        }
        assert!((Form::Truncated.share().powi(2) - 0.7737).abs() < 5e-5);
    }

    #[test]
    fn names_are_read_back() {
        for name in [
            "fractional:0.8",
            "he",
            "he-relu",
            "random-walk-relu",
            "glorot-uniform",
            "he-truncated",
            "he-relu-truncated-corrected",
            "framework-default-uniform",
        ] {
            assert_eq!(name.parse::<Init>().unwrap().to_string(), name);
        }
        for name in [
            "",
            "he-",
            "he-uniform-relu",
            "published:1-relu",
            "he-uniform-uniform",
        ] {
            let error = name.parse::<Init>().unwrap_err().to_string();
            assert!(error.starts_with("init is "), "{error}");
        }
    }
}
