//! One layer and moment order, and its constants: what `constants` and `cite` print.

use std::fmt::Write;

use crate::cli::law_args::{Shape, Units};
use crate::cli::number::Number;
use crate::cli::outcome::Refusal;
use isomoment::Result;
use isomoment::activation::Activation;
use isomoment::layer_law::certified::{ExactConstants, ExactLayer};
use isomoment::layer_law::{LogCumulants, Weights};

/// What a row is about.
#[derive(Debug, Clone)]
pub struct Case {
    pub units: Units,
    pub shape: Shape,
    pub s: Number,
}

/// One case and its constants.
pub struct Row {
    pub case: Case,
    pub dead_probability: f64,
    pub constants: Constants,
}

/// The constants as doubles, or as proved digits.
pub enum Constants {
    Doubles(Doubles),
    Proved(ExactConstants),
    /// Why there are none.
    None(String),
}

pub struct Doubles {
    pub moment: f64,
    /// Keeps the norm's moment.
    pub sigma: f64,
    /// Keeps the root-mean-square's.
    pub sigma_rms: f64,
    pub log: LogCumulants,
    /// log σ + mean: the growth rate of the log-norm at σ.
    pub growth: f64,
}

impl Case {
    /// The constants, to `digits` proved ones if that is given.
    pub fn constants(self, digits: Option<usize>) -> std::result::Result<Row, Refusal> {
        let law = self.units.law(self.shape)?;
        let constants = match digits {
            Some(digits) => {
                let layer = self.units.exact(self.shape)?;
                Constants::Proved(self.proved(&layer, digits)?)
            }
            None => Constants::Doubles(self.doubles()?),
        };
        Ok(Row {
            case: self,
            dead_probability: law.dead_probability(),
            constants,
        })
    }

    fn proved(
        &self,
        layer: &ExactLayer,
        digits: usize,
    ) -> std::result::Result<ExactConstants, Refusal> {
        let s = self.s.exact()?;
        let order = (self.s.value != 0.0).then_some(&s);
        Ok(layer.constants(order, digits)?)
    }

    fn doubles(&self) -> Result<Doubles> {
        let law = self.units.law(self.shape)?;
        let s = self.s.value;
        let (moment, sigma, growth) = if s == 0.0 {
            (1.0 - law.dead_probability(), law.lyapunov_scale()?, 0.0)
        } else {
            (law.moment(s)?, law.scale(s)?, law.log_growth(s)?)
        };
        let fan_in = self.shape.fan_in.unwrap_or(self.shape.width);
        Ok(Doubles {
            moment,
            sigma,
            sigma_rms: sigma * (self.shape.width as f64 / fan_in as f64).sqrt(),
            log: law.log_cumulants(),
            growth,
        })
    }
}

impl Row {
    /// A case without constants.
    pub fn without_constants(case: Case, reason: String) -> Self {
        Self {
            case,
            dead_probability: f64::NAN,
            constants: Constants::None(reason),
        }
    }

    /// The layer in a LaTeX table.
    pub fn latex_name(&self) -> String {
        let [slope, lower, upper] = self.case.units.slopes();
        let mut name = match self.case.units.activation() {
            Activation::LeakyRelu { .. } => format!("Leaky ReLU, $a = {slope}$"),
            Activation::RandomizedLeakyRelu { .. } => format!("RReLU, $[{lower}, {upper}]$"),
            other => other.to_string(),
        };
        if self.case.units.keep().value < 1.0 {
            let _ = write!(name, ", keep ${}$", self.case.units.keep());
        }
        if self.case.units.weights == Weights::Orthogonal {
            name.push_str(", orthogonal");
        }
        if let Some(fan_in) = self.case.shape.fan_in {
            let _ = write!(name, ", fan-in ${fan_in}$");
        }
        name
    }
}
