//! The arguments that say which layer is meant.

use clap::{Args, ValueEnum};

use crate::cli::activation::{Kind, Named, Other, among, is_homogeneous};
use crate::cli::number::Number;
use crate::cli::outcome::Refusal;
use isomoment::activation::{Activation, Dropout};
use isomoment::gain::Nonlinearity;
use isomoment::layer_law::certified::{ExactLayer, Rational};
use isomoment::layer_law::{LayerLaw, Weights};
use isomoment::simulate::Entries;
use isomoment::{Error, Result, StableLaw};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Masks {
    /// Kept units are scaled by 1/q
    Inverted,
    /// Kept units keep their value
    Plain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ensemble {
    /// Independent normal entries
    Gaussian,
    /// sigma times a Haar-distributed orthogonal matrix
    Orthogonal,
    /// Independent symmetric stable entries of tail index --alpha and scale sigma (characteristic
    /// function exp(−|sigma t|^α)); the norm is (Σ|xᵢ|^α)^(1/α)
    Stable,
    /// Independent uniform entries, as in kaiming_uniform_ (simulate only)
    Uniform,
    /// Independent entries of a normal law cut at two standard deviations and widened to its
    /// variance, as in Keras and JAX (simulate only)
    Truncated,
}

/// Activation, dropout and weights, as options.
#[derive(Debug, Clone, Args)]
pub struct LawArgs {
    /// Activation function
    #[arg(long, value_name = "NAME", ignore_case = true, value_parser = among(is_homogeneous))]
    pub activation: Option<Named>,
    /// Slope a of leaky-relu for negative inputs [default: 0.01]
    #[arg(long, value_name = "A", allow_negative_numbers = true)]
    slope: Option<Number>,
    /// Smallest slope of rrelu [default: 1/8]
    #[arg(long, value_name = "L", allow_hyphen_values = true)]
    lower: Option<Number>,
    /// Largest slope of rrelu [default: 1/3]
    #[arg(long, value_name = "U", allow_hyphen_values = true)]
    upper: Option<Number>,
    /// Probability with which dropout keeps a unit
    #[arg(
        long,
        value_name = "Q",
        default_value = "1",
        allow_negative_numbers = true
    )]
    keep: Number,
    /// Whether kept units are scaled by 1/q
    #[arg(long, value_name = "KIND", default_value = "inverted")]
    dropout: Masks,
    /// Ensemble of the weight matrix
    #[arg(long, value_name = "KIND", default_value = "gaussian")]
    weights: Ensemble,
    /// Tail index α of stable weights, 0.3 to 2
    #[arg(long, value_name = "A", allow_negative_numbers = true)]
    alpha: Option<Number>,
}

impl LawArgs {
    /// The layer that the options describe; an option that does not belong to the activation is
    /// refused, and stable weights are.
    pub fn units(&self) -> std::result::Result<Units, Refusal> {
        let given = match self.weights {
            Ensemble::Gaussian | Ensemble::Orthogonal => return self.drawn_units(),
            Ensemble::Stable => "stable",
            Ensemble::Uniform => "uniform",
            Ensemble::Truncated => "truncated",
        };
        Err(Error::domain("weights", given, "gaussian or orthogonal here").into())
    }

    /// The law of the entries of a Gaussian matrix's kind that the options describe.
    pub fn entries(&self) -> Entries {
        match self.weights {
            Ensemble::Uniform => Entries::Uniform,
            Ensemble::Truncated => Entries::Truncated,
            Ensemble::Gaussian | Ensemble::Orthogonal | Ensemble::Stable => Entries::Normal,
        }
    }

    /// The layer that the options describe, where entries of any law can be drawn.
    pub fn drawn_units(&self) -> std::result::Result<Units, Refusal> {
        if let Some(alpha) = &self.alpha {
            let allowed = "given with --weights stable only";
            return Err(Error::domain("alpha", alpha, allowed).into());
        }
        self.any_units()
    }

    /// The layer with stable weights that the options describe, if they do.
    pub fn stable(&self) -> std::result::Result<Option<StableUnits>, Refusal> {
        if self.weights != Ensemble::Stable {
            return Ok(None);
        }
        let alpha = self.alpha.clone().ok_or_else(|| {
            Refusal("--alpha is missing; give it with --weights stable, from 0.3 to 2".into())
        })?;
        let units = self.any_units()?;
        Ok(Some(StableUnits { units, alpha }))
    }

    /// The layer that the options describe, behind convolutions.
    pub fn convolved_units(&self) -> std::result::Result<Units, Refusal> {
        let refused = |argument, value, allowed: &str| {
            let allowed = format!("{allowed} with --convolution");
            Err(Error::domain(argument, value, allowed).into())
        };
        if let Some(Named::Other(other)) = self.activation {
            let allowed = "linear, relu, leaky-relu or rrelu";
            return refused("activation", name(&other), allowed);
        }
        if self.weights != Ensemble::Gaussian {
            return refused("weights", name(&self.weights), "gaussian");
        }
        self.drawn_units()
    }

    fn any_units(&self) -> std::result::Result<Units, Refusal> {
        let named = self
            .activation
            .ok_or_else(|| Refusal::missing("activation"))?;
        self.check_slopes(named)?;
        let kind = match named {
            Named::Homogeneous(kind) => kind,
            Named::Other(other) => {
                let allowed = "linear, relu, leaky-relu or rrelu here";
                return Err(Error::domain("activation", name(&other), allowed).into());
            }
        };
        let bounds = [&self.slope, &self.lower, &self.upper].map(Option::clone);
        Ok(self.with(kind, bounds, Some(self.keep.clone()))?)
    }

    /// The units that the options describe, where they are not homogeneous: of those only independent normal
    /// weights are drawn, without dropout.
    pub fn other(&self) -> std::result::Result<Option<Nonlinearity>, Refusal> {
        let Some(Named::Other(other)) = self.activation else {
            return Ok(None);
        };
        self.check_slopes(Named::Other(other))?;
        let refused = |argument, value: String, allowed: &str| {
            let allowed = format!("{allowed} with {}", name(&other));
            Refusal::from(Error::domain(argument, value, allowed))
        };
        if self.weights != Ensemble::Gaussian {
            return Err(refused("weights", name(&self.weights), "gaussian"));
        }
        if self.keep.value != 1.0 {
            return Err(refused("keep", self.keep.to_string(), "1"));
        }
        if let Some(alpha) = self.alpha.as_ref().filter(|_| other != Other::Elu) {
            let allowed = "given with elu or --weights stable only";
            return Err(Error::domain("alpha", alpha, allowed).into());
        }
        let nonlinearity = other.nonlinearity(self.alpha.as_ref().map_or(1.0, |a| a.value));
        nonlinearity.validate()?;
        Ok(Some(nonlinearity))
    }

    /// `Ok` where no slope is given that the activation does not have.
    fn check_slopes(&self, named: Named) -> Result<()> {
        for (option, value, owner, allowed) in [
            (
                "slope",
                &self.slope,
                Kind::LeakyRelu,
                "given with leaky-relu only",
            ),
            ("lower", &self.lower, Kind::Rrelu, "given with rrelu only"),
            ("upper", &self.upper, Kind::Rrelu, "given with rrelu only"),
        ] {
            if let Some(value) = value
                .as_ref()
                .filter(|_| named != Named::Homogeneous(owner))
            {
                return Err(Error::domain(option, value, allowed));
            }
        }
        Ok(())
    }

    /// Another activation and keep probability, with the options' masks and weights.
    pub fn with(
        &self,
        kind: Kind,
        [slope, lower, upper]: [Option<Number>; 3],
        keep: Option<Number>,
    ) -> Result<Units> {
        let or = |number: Option<Number>, default: &str| {
            number.unwrap_or_else(|| default.parse().expect("a number"))
        };
        let units = Units {
            kind,
            slope: or(slope, "0.01"),
            lower: or(lower, "1/8"),
            upper: or(upper, "1/3"),
            keep: or(keep, "1"),
            masks: self.dropout,
            weights: match self.weights {
                Ensemble::Orthogonal => Weights::Orthogonal,
                // of stable weights only the units are taken from here
                _ => Weights::Gaussian,
            },
        };
        units.activation().validate()?;
        units.dropout()?;
        Ok(units)
    }
}

/// The units of a layer and the ensemble of its weights; validated.
#[derive(Debug, Clone)]
pub struct Units {
    kind: Kind,
    slope: Number,
    lower: Number,
    upper: Number,
    keep: Number,
    masks: Masks,
    pub weights: Weights,
}

impl Units {
    pub fn activation(&self) -> Activation {
        match self.kind {
            Kind::Linear => Activation::Linear,
            Kind::Relu => Activation::Relu,
            Kind::LeakyRelu => Activation::LeakyRelu {
                slope: self.slope.value,
            },
            Kind::Rrelu => Activation::RandomizedLeakyRelu {
                lower: self.lower.value,
                upper: self.upper.value,
            },
        }
    }

    pub fn dropout(&self) -> Result<Dropout> {
        match self.masks {
            Masks::Inverted => Dropout::inverted(self.keep.value),
            Masks::Plain => Dropout::plain(self.keep.value),
        }
    }

    /// Slope, lower and upper bound as they were written; empty where the activation has none.
    pub fn slopes(&self) -> [String; 3] {
        let none = String::new;
        match self.kind {
            Kind::LeakyRelu => [self.slope.to_string(), none(), none()],
            Kind::Rrelu => [none(), self.lower.to_string(), self.upper.to_string()],
            Kind::Linear | Kind::Relu => Default::default(),
        }
    }

    /// The keep probability as it was written.
    pub fn keep(&self) -> &Number {
        &self.keep
    }

    /// The law of a layer of these units.
    pub fn law(&self, shape: Shape) -> Result<LayerLaw> {
        LayerLaw::with_dropout(self.activation(), self.dropout()?, shape.width)?
            .with_weights(self.weights)
            .with_fan_in(shape.fan_in.unwrap_or(shape.width))
    }

    /// The same layer in exact parameters.
    pub fn exact(&self, shape: Shape) -> std::result::Result<ExactLayer, Refusal> {
        let keep = self.keep.exact()?;
        let inverted = self.masks == Masks::Inverted;
        let fixed = |slope: Rational| ExactLayer::new(slope, keep.clone(), inverted, shape.width);
        let layer = match self.kind {
            Kind::Linear => fixed(Rational::integer(1)),
            Kind::Relu => fixed(Rational::integer(0)),
            Kind::LeakyRelu => fixed(self.slope.exact()?),
            Kind::Rrelu => {
                let (lower, upper) = (self.lower.exact()?, self.upper.exact()?);
                ExactLayer::randomized(lower, upper, keep.clone(), inverted, shape.width)
            }
        };
        let layer = layer?.with_weights(self.weights);
        Ok(layer.with_fan_in(shape.fan_in.unwrap_or(shape.width))?)
    }

    /// In words: activation, dropout, weights.
    pub fn describe(&self) -> String {
        let mut text = self.activation().to_string();
        if self.keep.value < 1.0 {
            text += &format!(", dropout keeping {}", self.keep);
        }
        if self.weights == Weights::Orthogonal {
            text += ", orthogonal weights";
        }
        text
    }
}

/// The units of a layer with stable weights.
#[derive(Debug, Clone)]
pub struct StableUnits {
    pub units: Units,
    pub alpha: Number,
}

impl StableUnits {
    /// The law of a layer of these units.
    pub fn law(&self, width: u64) -> Result<StableLaw> {
        let (activation, dropout) = (self.units.activation(), self.units.dropout()?);
        StableLaw::with_dropout(self.alpha.value, activation, dropout, width)
    }

    /// γ for a moment order, the Lyapunov scale for 0.
    pub fn scale(law: &StableLaw, s: &Number) -> Result<f64> {
        match s.value {
            0.0 => law.lyapunov_scale(),
            order => law.scale(order),
        }
    }

    /// The growth rate of log‖x‖ at that scale.
    pub fn growth(law: &StableLaw, s: &Number) -> Result<f64> {
        match s.value {
            0.0 => Ok(0.0),
            order => law.log_growth(order),
        }
    }

    /// In words: activation, dropout, weights.
    pub fn describe(&self) -> String {
        let units = self.units.describe();
        format!(
            "{units}, stable weights of tail index alpha = {}",
            self.alpha
        )
    }
}

/// Outputs of a layer, and its inputs where they are not as many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub width: u64,
    pub fan_in: Option<u64>,
}

/// A value's name on the command line.
pub fn name(value: &impl ValueEnum) -> String {
    value
        .to_possible_value()
        .map(|v| v.get_name().to_owned())
        .unwrap_or_default()
}
