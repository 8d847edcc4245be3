//! The options that say how the weights are scaled.

use clap::Args;
use isomoment::init::{LayerShape, Scheme};
use isomoment::layer_law::{LayerLaw, Weights};

use crate::cli::number::Number;
use crate::cli::outcome::Refusal;

/// One of them is given.
#[derive(Debug, Clone, Args)]
#[group(id = "scaling", multiple = false)]
pub struct ScaleArgs {
    /// Moment order s that the weights keep constant, 0 < s ≤ 8 (rrelu: 3); 0 for the Lyapunov
    /// scale
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    pub moment: Option<Number>,
    /// Standard deviation of the weights' entries, whatever chose it
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub std: Option<Number>,
    /// Rule that scales the weights: he, glorot, lecun, framework-default (PyTorch's nn.Linear),
    /// random-walk, lyapunov, fractional:S, backward:S (gradients), balanced:S, published:S
    #[arg(long, value_name = "RULE")]
    pub scheme: Option<Scheme>,
}

impl ScaleArgs {
    /// σ of a layer where `--std` or `--scheme` gives it: the standard deviation of Gaussian
    /// entries, the factor of an orthogonal matrix.
    pub fn of_entries(&self, law: &LayerLaw, shape: LayerShape) -> Result<Option<f64>, Refusal> {
        let std = match (&self.std, self.scheme) {
            (Some(std), _) => std.positive("std")?,
            (None, Some(scheme)) => {
                let needs_law = matches!(
                    scheme,
                    Scheme::Fractional(_)
                        | Scheme::Backward(_)
                        | Scheme::Balanced(_)
                        | Scheme::Lyapunov
                );
                if needs_law && law.weights() == Weights::Orthogonal {
                    return Err(Refusal(format!(
                        "--scheme is {scheme}, which is for gaussian weights; give --moment for \
                         orthogonal ones"
                    )));
                }
                scheme.standard_deviation(law.activation(), law.dropout(), shape)?
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(law.scale_of_entries(std)))
    }

    /// σ of a layer where `--moment` gives it: what keeps the norm's moment, or its logarithm.
    pub fn of_moment(&self, law: &LayerLaw) -> isomoment::Result<Option<f64>> {
        let moment = self.moment.as_ref();
        moment.map(|s| preserving(law, s.value)).transpose()
    }

    /// The option that scales weights by their entries, if it is given.
    pub fn of_entries_by(&self) -> Option<&'static str> {
        let given = [
            ("std", self.std.is_some()),
            ("scheme", self.scheme.is_some()),
        ];
        given
            .into_iter()
            .find_map(|(option, given)| given.then_some(option))
    }

    /// In a word or two; empty where none is given.
    pub fn describe(&self) -> String {
        match (&self.moment, &self.std, self.scheme) {
            (Some(moment), ..) => format!("s = {moment}"),
            (_, Some(std), _) => format!("std {std}"),
            (.., Some(scheme)) => scheme.to_string(),
            _ => String::new(),
        }
    }
}

/// σ of a layer that keeps the norm's moment of order s, or, at s = 0, its logarithm.
pub fn preserving(law: &LayerLaw, s: f64) -> isomoment::Result<f64> {
    match s {
        0.0 => law.lyapunov_scale(),
        s => law.scale(s),
    }
}
