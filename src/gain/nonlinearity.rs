//! The functions by name, and functions of the user's own.

use std::fmt;
use std::sync::Arc;

use special::Error as _;

use crate::error::{Error, Result};

/// Slopes and factors: 0 or of a magnitude between these.
const SMALLEST: f64 = 1e-100;
const LARGEST: f64 = 1e3;

/// The constants of SELU as its authors and the frameworks have them.
const SELU_ALPHA: f64 = 1.673_263_242_354_377_3;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

/// Up to this |y| GELU is more than rounding away from 0 or from y.
const GELU_NEGATIVE: f64 = 27.5;
const GELU_POSITIVE: f64 = 9.0;

/// Where φ falls like eʸ to the left, φ² is below 1e-300 from here on.
const EXPONENTIAL_NEGATIVE: f64 = 352.0;

/// From here on eʸ beside 1, or 1 beside eʸ, is rounding.
const SATURATED: f64 = 40.0;

/// Of a user's function this range is taken to vary on the scale of 1.
const OWN_RANGE: f64 = 64.0;

/// Breakpoints of a user's function, at most.
const MOST_BREAKPOINTS: usize = 1000;

/// An activation by its usual name, as the frameworks define it.
///
/// ```
/// use isomoment::gain::Nonlinearity;
/// assert_eq!(Nonlinearity::Elu { alpha: 1.0 }.apply(2.0), 2.0);
/// assert!((Nonlinearity::Gelu.apply(1.0) - 0.841_344_746_068_543).abs() < 1e-15);
/// assert_eq!(Nonlinearity::Silu.name(), "silu");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Nonlinearity {
    /// y Φ(y), Φ the normal distribution function: the exact GELU, not its approximation by tanh.
    Gelu,
    /// y/(1 + e^{−y}), also called swish.
    Silu,
    /// tanh y.
    Tanh,
    /// y for y > 0, α(eʸ − 1) otherwise.
    Elu {
        /// α; 1 by default in the frameworks.
        alpha: f64,
    },
    /// 1.0507 (y for y > 0, 1.6733 (eʸ − 1) otherwise).
    Selu,
    /// y tanh(log(1 + eʸ)).
    Mish,
    /// log(1 + eʸ).
    Softplus,
    /// 1/(1 + e^{−y}).
    Sigmoid,
    /// max(y, 0).
    Relu,
    /// y for y > 0, a·y otherwise.
    LeakyRelu {
        /// The slope a.
        slope: f64,
    },
}

impl Nonlinearity {
    /// All of them, with the frameworks' defaults: α = 1 and a = 0.01.
    pub const ALL: [Self; 10] = [
        Self::Gelu,
        Self::Silu,
        Self::Tanh,
        Self::Elu { alpha: 1.0 },
        Self::Selu,
        Self::Mish,
        Self::Softplus,
        Self::Sigmoid,
        Self::Relu,
        Self::LeakyRelu { slope: 0.01 },
    ];

    /// φ(y).
    pub fn apply(&self, y: f64) -> f64 {
        match *self {
            Self::Gelu => y * 0.5 * (-y * std::f64::consts::FRAC_1_SQRT_2).compl_error(),
            Self::Silu => y * sigmoid(y),
            Self::Tanh => y.tanh(),
            Self::Elu { alpha } if y <= 0.0 => alpha * y.exp_m1(),
            Self::Selu if y <= 0.0 => SELU_SCALE * (SELU_ALPHA * y.exp_m1()),
            Self::Selu => SELU_SCALE * y,
            // tanh(log(1 + e)) = e(e + 2)/(e(e + 2) + 2)
            Self::Mish if y <= 0.0 => {
                let e = y.exp();
                y * e * (e + 2.0) / (e * (e + 2.0) + 2.0)
            }
            Self::Mish => {
                let e = (-y).exp();
                y * (1.0 + 2.0 * e) / (1.0 + 2.0 * e * (1.0 + e))
            }
            Self::Softplus => y.max(0.0) + (-y.abs()).exp().ln_1p(),
            Self::Sigmoid => sigmoid(y),
            Self::LeakyRelu { slope } if y <= 0.0 => slope * y,
            Self::Relu => y.max(0.0),
            Self::Elu { .. } | Self::LeakyRelu { .. } => y,
        }
    }

    /// The name that the program uses: `gelu`, `silu`, `tanh`, `elu`, `selu`, `mish`, `softplus`,
    /// `sigmoid`, `relu`, `leaky-relu`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Gelu => "gelu",
            Self::Silu => "silu",
            Self::Tanh => "tanh",
            Self::Elu { .. } => "elu",
            Self::Selu => "selu",
            Self::Mish => "mish",
            Self::Softplus => "softplus",
            Self::Sigmoid => "sigmoid",
            Self::Relu => "relu",
            Self::LeakyRelu { .. } => "leaky-relu",
        }
    }

    /// What PyTorch's `torch.nn.init.calculate_gain` returns, whatever order, width and level are;
    /// `None` where it knows no such activation.
    ///
    /// ```
    /// use isomoment::gain::Nonlinearity;
    /// assert_eq!(Nonlinearity::Selu.framework_gain(), Some(0.75));
    /// assert_eq!(Nonlinearity::Gelu.framework_gain(), None);
    /// ```
    pub fn framework_gain(&self) -> Option<f64> {
        match *self {
            Self::Tanh => Some(5.0 / 3.0),
            Self::Selu => Some(0.75),
            Self::Sigmoid => Some(1.0),
            Self::Relu => Some(2.0_f64.sqrt()),
            Self::LeakyRelu { slope } => Some((2.0 / (1.0 + slope * slope)).sqrt()),
            Self::Gelu | Self::Silu | Self::Elu { .. } | Self::Mish | Self::Softplus => None,
        }
    }

    /// `Ok` when its parameter, if it has one, is 0 or of magnitude 1e-100 to 1000.
    ///
    /// # Errors
    /// [`Error::Domain`] that names the parameter.
    pub fn validate(&self) -> Result<()> {
        let (argument, value) = match *self {
            Self::Elu { alpha } => ("alpha", alpha),
            Self::LeakyRelu { slope } => ("slope", slope),
            _ => return Ok(()),
        };
        if value == 0.0 || (SMALLEST..=LARGEST).contains(&value.abs()) {
            return Ok(());
        }
        let allowed = "0 or of magnitude from 1e-100 to 1000";
        Err(Error::domain(argument, format!("{value:?}"), allowed))
    }

    /// Whether |φ| grows to either side of 0, so that R(τ) grows with τ.
    fn grows_from_zero(&self) -> bool {
        !matches!(
            self,
            Self::Gelu | Self::Silu | Self::Mish | Self::Softplus | Self::Sigmoid
        )
    }
}

impl fmt::Display for Nonlinearity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gelu => write!(f, "GELU"),
            Self::Silu => write!(f, "SiLU"),
            Self::Elu { alpha } => write!(f, "ELU (α = {alpha})"),
            Self::Selu => write!(f, "SELU"),
            Self::Mish => write!(f, "Mish"),
            Self::Relu => write!(f, "ReLU"),
            Self::LeakyRelu { slope } => write!(f, "Leaky ReLU (a = {slope})"),
            Self::Tanh | Self::Softplus | Self::Sigmoid => write!(f, "{}", self.name()),
        }
    }
}

fn sigmoid(y: f64) -> f64 {
    if y >= 0.0 {
        1.0 / (1.0 + (-y).exp())
    } else {
        let e = y.exp();
        e / (1.0 + e)
    }
}

/// A function with what the quadrature must know of it.
#[derive(Clone)]
pub(super) enum Function {
    Named(Nonlinearity),
    Own {
        value: Arc<dyn Fn(f64) -> f64 + Send + Sync>,
        breakpoints: Vec<f64>,
    },
}

impl Function {
    /// A user's function; its breakpoints in order, with 0 among them.
    pub fn own(
        value: impl Fn(f64) -> f64 + Send + Sync + 'static,
        breakpoints: &[f64],
    ) -> Result<Self> {
        if breakpoints.len() > MOST_BREAKPOINTS {
            let allowed = "at most 1000 numbers";
            return Err(Error::domain("breakpoints", breakpoints.len(), allowed));
        }
        if let Some(wrong) = breakpoints.iter().find(|b| !b.is_finite()) {
            return Err(Error::domain("breakpoint", wrong, "finite"));
        }
        let mut breakpoints = breakpoints.to_vec();
        breakpoints.push(0.0);
        breakpoints.sort_by(f64::total_cmp);
        breakpoints.dedup_by(|b, a| *a == *b);
        Ok(Self::Own {
            value: Arc::new(value),
            breakpoints,
        })
    }

    /// φ(y).
    pub fn value(&self, y: f64) -> f64 {
        match self {
            Self::Named(named) => named.apply(y),
            Self::Own { value, .. } => value(y),
        }
    }

    /// Between these φ is smooth; its zeros are among them.
    pub fn breakpoints(&self) -> &[f64] {
        match self {
            Self::Named(_) => &[0.0],
            Self::Own { breakpoints, .. } => breakpoints,
        }
    }

    /// Length of a panel at y on which φ² and e^{−tφ²} are smooth whatever t is, beside what the
    /// distance from the breakpoints asks for; infinite where φ is a power.
    pub fn scale(&self, y: f64) -> f64 {
        let size = y.abs();
        let (left, right) = match self {
            Self::Named(Nonlinearity::Gelu) => (GELU_NEGATIVE, GELU_POSITIVE),
            Self::Named(Nonlinearity::Tanh) => (SATURATED, SATURATED),
            Self::Named(Nonlinearity::Elu { .. } | Nonlinearity::Selu) => (SATURATED, 0.0),
            Self::Named(Nonlinearity::Relu | Nonlinearity::LeakyRelu { .. }) => (0.0, 0.0),
            Self::Named(_) => (EXPONENTIAL_NEGATIVE, SATURATED),
            Self::Own { .. } => (OWN_RANGE, OWN_RANGE),
        };
        if size >= if y < 0.0 { left } else { right } {
            return f64::INFINITY;
        }
        match self {
            // the left tail is a normal density
            Self::Named(Nonlinearity::Gelu) => 1.0 / size.max(1.0),
            Self::Named(_) => 1.0,
            Self::Own { .. } => 0.5,
        }
    }

    /// Whether a value of 0 stands for 0, not for a number below the range of doubles.
    pub fn has_exact_zeros(&self) -> bool {
        match self {
            Self::Named(named) => named.grows_from_zero(),
            Self::Own { .. } => true,
        }
    }

    /// Whether R(τ) is known to grow with τ.
    pub fn is_monotone(&self) -> bool {
        match self {
            Self::Named(named) => named.grows_from_zero(),
            Self::Own { .. } => false,
        }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(named) => named.fmt(f),
            Self::Own { breakpoints, .. } => {
                write!(f, "a function with breakpoints {breakpoints:?}")
            }
        }
    }
}
