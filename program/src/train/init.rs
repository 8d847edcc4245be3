//! How a network's weights are scaled and drawn: a rule of the library, with what an experiment of
//! somebody else's may ask beside it, or a rule that looks at the data.

use std::fmt;
use std::str::FromStr;

use crate::train::data::Split;
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

/// What chooses the scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Choice {
    /// A rule of the library.
    Scheme(Scheme),
    /// AutoInit (Bingham & Miikkulainen): every pre-activation has variance 1, from E x² of the data,
    /// `square`, and of Gaussian pre-activations behind units and masks.
    AutoInit {
        /// Mean square of the inputs' numbers.
        square: f64,
    },
    /// LSUV (Mishkin & Matas 2016): orthonormal matrices, each scaled until the pre-activations of a
    /// batch have variance 1.
    Lsuv,
}

/// A rule, whose gain it takes, and the form of the law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Init {
    /// What chooses the scale.
    pub choice: Choice,
    /// Whether the gain is that of ReLU, √2, whatever the units are: He's rule and the random walk
    /// in the released code of Gürbüzbalaban & Hu for Leaky ReLU.
    pub relu_gain: bool,
    /// The law of the weights.
    pub form: Form,
}

impl From<Scheme> for Init {
    fn from(scheme: Scheme) -> Self {
        Self {
            choice: Choice::Scheme(scheme),
            relu_gain: false,
            form: Form::Normal,
        }
    }
}

/// `autoinit` (on standardised inputs, see [`Init::on`]), `lsuv`, or a [`Scheme`], then `-relu` for ReLU's gain, then `-uniform`, `-truncated` or
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
        let by_data = |choice, form| Self {
            choice,
            relu_gain: false,
            form,
        };
        match text {
            "autoinit" => return Ok(by_data(Choice::AutoInit { square: 1.0 }, Form::Corrected)),
            "lsuv" => return Ok(by_data(Choice::Lsuv, Form::Normal)),
            _ => {}
        }
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
            Ok(scheme) if !relu_gain || matches!(scheme, Scheme::He | Scheme::RandomWalk) => {
                Ok(Self {
                    choice: Choice::Scheme(scheme),
                    relu_gain,
                    form,
                })
            }
            _ => Err(Error::domain(
                "init",
                text,
                "fractional:S, backward:S, balanced:S, published:S, lyapunov, he, glorot, lecun, \
                 framework-default or random-walk, he-relu or random-walk-relu, each also with \
                 -uniform, -truncated or -truncated-corrected; autoinit or lsuv",
            )),
        }
    }
}

/// The name that [`FromStr`] reads.
impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.choice {
            Choice::Scheme(scheme) => scheme,
            Choice::AutoInit { .. } => return f.pad("autoinit"),
            Choice::Lsuv => return f.pad("lsuv"),
        };
        let gain = if self.relu_gain { "-relu" } else { "" };
        let ending = Form::ENDINGS.iter().find(|(form, _)| *form == self.form);
        let ending = ending.map_or("", |(_, ending)| ending);
        write!(f, "{scheme}{gain}{ending}")
    }
}

impl Init {
    /// The same for these data: AutoInit's first layer depends on them.
    #[must_use]
    pub fn on(self, data: &Split) -> Self {
        let Choice::AutoInit { .. } = self.choice else {
            return self;
        };
        let inputs = &data.train.inputs;
        let squares: f64 = inputs.iter().map(|&x| f64::from(x).powi(2)).sum();
        let square = squares / inputs.len() as f64;
        Self {
            choice: Choice::AutoInit { square },
            ..self
        }
    }

    /// The standard deviation of a layer's weights, as drawn; of LSUV before the data scale it.
    /// `behind` are the units and masks in front of the layer, if it is not the first.
    ///
    /// # Errors
    /// As [`Scheme::standard_deviation`]; [`Error::Domain`] where AutoInit meets masks that are not
    /// scaled by 1/q, which it does not know, or inputs that are all 0.
    pub fn standard_deviation(
        self,
        (activation, dropout): (Activation, Dropout),
        behind: Option<(Activation, Dropout)>,
        shape: LayerShape,
    ) -> Result<f64> {
        let (fan_in, fan_out) = (shape.fan_in as f64, shape.fan_out as f64);
        match self.choice {
            Choice::Scheme(scheme) => {
                let activation = match self.relu_gain {
                    true => Activation::Relu,
                    false => activation,
                };
                let std = scheme.standard_deviation(activation, dropout, shape)?;
                Ok(std * self.form.share())
            }
            Choice::AutoInit { square } => {
                let square = match behind {
                    None => square,
                    Some((activation, dropout)) => square_behind(activation, dropout)?,
                };
                if square <= 0.0 {
                    let allowed = "another one where all inputs are 0";
                    return Err(Error::domain("init", self, allowed));
                }
                Ok((fan_in * square).sqrt().recip())
            }
            Choice::Lsuv => Ok(fan_in.max(fan_out).sqrt().recip()),
        }
    }

    /// Whether there is a law of log-norms before training.
    pub(super) fn has_law(self) -> bool {
        self.choice != Choice::Lsuv
    }

    /// Whether the rule asks for the width of a layer; the others' formulas name fans.
    pub(super) fn has_width(self) -> bool {
        matches!(
            self.choice,
            Choice::Scheme(
                Scheme::Fractional(_)
                    | Scheme::Backward(_)
                    | Scheme::Balanced(_)
                    | Scheme::Published(_)
                    | Scheme::Lyapunov
            )
        )
    }
}

/// E x² that AutoInit takes behind units of N(0, 1) and masks: m² + v/q with mean m and variance v of
/// the units. Behind masks it is in truth (m² + v)/q.
fn square_behind(activation: Activation, dropout: Dropout) -> Result<f64> {
    let keep = dropout.keep();
    if keep < 1.0 && dropout.gain() == 1.0 {
        let allowed = "1, or masks that are scaled by 1/q, for autoinit";
        return Err(Error::domain("keep", keep, allowed));
    }
    // Simpson's rule: the squared slope is a polynomial of degree 2 in the uniform draw
    let [first, middle, last] = [0.0, 0.5, 1.0].map(|draw| activation.negative_slope(draw));
    let squared_slope = (first * first + 4.0 * middle * middle + last * last) / 6.0;
    let mean = (1.0 - middle) / (2.0 * std::f64::consts::PI).sqrt();
    let square = 0.5 * (1.0 + squared_slope);
    Ok(mean * mean + (square - mean * mean) / keep)
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

    /// ReLU with half of the units kept: 0.8408, where E x² is 1; slopes drawn at random by their own
    /// moments.
    #[test]
    fn autoinit_estimates_what_is_behind_a_layer() {
        let none = square_behind(Activation::Relu, Dropout::NONE).unwrap();
        assert!((none - 0.5).abs() < 1e-15);
        let half = square_behind(Activation::Relu, Dropout::inverted(0.5).unwrap()).unwrap();
        assert!((half - 0.8408).abs() < 5e-5, "{half}");
        let slope = Activation::LeakyRelu { slope: 0.01 };
        assert!((square_behind(slope, Dropout::NONE).unwrap() - 0.50005).abs() < 1e-15);
        let random = square_behind(Activation::RRELU_DEFAULT, Dropout::NONE).unwrap();
        // E a² = (u³ − l³)/(3(u − l))
        let exact = 0.5 + 0.5 * (1.0 / 27.0 - 1.0 / 512.0) / (3.0 * (1.0 / 3.0 - 1.0 / 8.0));
        assert!((random - exact).abs() < 1e-15, "{random} {exact}");
        assert!(square_behind(Activation::Relu, Dropout::plain(0.5).unwrap()).is_err());
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
            "autoinit",
            "lsuv",
        ] {
            assert_eq!(name.parse::<Init>().unwrap().to_string(), name);
        }
        for name in [
            "",
            "he-",
            "lsuv-uniform",
            "autoinit-relu",
            "he-uniform-relu",
            "published:1-relu",
            "he-uniform-uniform",
        ] {
            let error = name.parse::<Init>().unwrap_err().to_string();
            assert!(error.starts_with("init is "), "{error}");
        }
    }
}
