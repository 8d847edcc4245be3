//! Activations by name, and which of them a subcommand takes.

use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use isomoment::gain::Nonlinearity;

/// Those whose units are homogeneous: laws of a layer are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Linear,
    Relu,
    #[value(aliases = ["leaky_relu", "leakyrelu"])]
    LeakyRelu,
    Rrelu,
}

/// The others, which have gains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Other {
    Gelu,
    #[value(alias = "swish")]
    Silu,
    Tanh,
    Elu,
    Selu,
    Mish,
    Softplus,
    Sigmoid,
}

/// Any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    Homogeneous(Kind),
    Other(Other),
}

const ALL: [Named; 12] = [
    Named::Homogeneous(Kind::Linear),
    Named::Homogeneous(Kind::Relu),
    Named::Homogeneous(Kind::LeakyRelu),
    Named::Homogeneous(Kind::Rrelu),
    Named::Other(Other::Gelu),
    Named::Other(Other::Silu),
    Named::Other(Other::Tanh),
    Named::Other(Other::Elu),
    Named::Other(Other::Selu),
    Named::Other(Other::Mish),
    Named::Other(Other::Softplus),
    Named::Other(Other::Sigmoid),
];

impl ValueEnum for Named {
    fn value_variants<'a>() -> &'a [Self] {
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Homogeneous(kind) => kind.to_possible_value(),
            Self::Other(other) => other.to_possible_value(),
        }
    }
}

impl Other {
    /// The function; `alpha` is ELU's.
    pub fn nonlinearity(self, alpha: f64) -> Nonlinearity {
        match self {
            Self::Gelu => Nonlinearity::Gelu,
            Self::Silu => Nonlinearity::Silu,
            Self::Tanh => Nonlinearity::Tanh,
            Self::Elu => Nonlinearity::Elu { alpha },
            Self::Selu => Nonlinearity::Selu,
            Self::Mish => Nonlinearity::Mish,
            Self::Softplus => Nonlinearity::Softplus,
            Self::Sigmoid => Nonlinearity::Sigmoid,
        }
    }
}

/// An option's parser that takes some of the names.
pub fn among(which: fn(&Named) -> bool) -> impl TypedValueParser<Value = Named> {
    let taken = ALL.iter().filter(|named| which(named));
    let names: Vec<PossibleValue> = taken.filter_map(Named::to_possible_value).collect();
    PossibleValuesParser::new(names).try_map(|name| Named::from_str(&name, true))
}

/// Whether laws of a layer are known.
pub fn is_homogeneous(named: &Named) -> bool {
    matches!(named, Named::Homogeneous(_))
}
