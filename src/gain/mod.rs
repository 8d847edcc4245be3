//! Gains of any activation: the scale of weights that keeps a moment of the root-mean-square in
//! one layer, at a level.
//!
//! Where φ is not homogeneous, what a layer does depends on how large its input is. Let the input
//! have the root-mean-square r = ‖x‖/√n and the weights the standard deviation g/√n. Then each
//! pre-activation is g·r·z, z ~ N(0, 1), and the output of d units has the moment
//!
//! E[rms^s]^{1/s} = R(g·r), R(τ) = E[((1/d) Σ φ(τzᵢ)²)^{s/2}]^{1/s}.
//!
//! The *gain* of φ at the level r solves R(g·r) = r. For homogeneous φ it is √d·σ(s,d) at every
//! level, and at s = 2 it does not depend on the width d. The *stability* d log R/d log τ at
//! τ = g·r says what the next layers make of an input that is 1 % above the level: about that many
//! percent above it remain. Below 1 depth leads back to the level, above 1 away from it.
//!
//! ```
//! use isomoment::gain::{LevelLaw, Nonlinearity};
//!
//! let law = LevelLaw::new(Nonlinearity::Gelu, 64)?;
//! let gain = law.gain(1.0, 1.0)?; // E[rms] stays at 1
//! assert!((gain.gain - 1.483_319_928_332_544_8).abs() < 1e-12);
//! assert!(gain.stability > 1.0); // an output above 1 grows further
//! let sigma = gain.gain / (784.0_f64).sqrt(); // of 784 inputs
//! # assert!(sigma > 0.05);
//! # Ok::<(), isomoment::Error>(())
//! ```
//!
//! `proofs-notes/T15.md` has the proofs and what was measured.

mod moment;
mod nonlinearity;
mod panels;
mod solve;
#[cfg(test)]
mod tests;
mod unit_law;

pub use nonlinearity::Nonlinearity;

use crate::error::{Error, Result};
use crate::limits::check_width;
use moment::{Level, level};
use nonlinearity::Function;
use unit_law::UnitLaw;

/// Levels that gains are computed for.
const LEVELS: std::ops::RangeInclusive<f64> = 1e-6..=1e5;

/// Arguments τ that R is computed at.
const ARGUMENTS: std::ops::RangeInclusive<f64> = 1e-12..=1e12;

/// Orders that moments are computed for.
const ORDERS: std::ops::RangeInclusive<f64> = 0.01..=2.0;

/// Twice as many nodes may change log R by this.
const AGREED: f64 = 1e-12;

/// A gain, and what happens beside its level.
///
/// ```
/// use isomoment::gain::{LevelLaw, Nonlinearity};
/// let tanh = LevelLaw::new(Nonlinearity::Tanh, 64)?.gain(2.0, 0.6)?;
/// assert!(tanh.gain > 1.3 && tanh.stability < 0.6);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gain {
    /// g: weights with the standard deviation g/√n keep the moment, n the number of inputs.
    pub gain: f64,
    /// d log R(τ)/d log τ at τ = g·r; 1 where φ is homogeneous.
    pub stability: f64,
}

/// The root-mean-square of a layer of d units with one activation, at every level of its input.
///
/// ```
/// use isomoment::gain::{LevelLaw, Nonlinearity};
/// use isomoment::{Activation, LayerLaw};
/// let gain = LevelLaw::new(Nonlinearity::Relu, 64)?.gain(1.0, 3.0)?.gain;
/// let sigma = LayerLaw::new(Activation::Relu, 64)?.scale(1.0)?;
/// assert!((gain - 8.0 * sigma).abs() < 1e-13);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LevelLaw {
    function: Function,
    width: u64,
}

impl LevelLaw {
    /// For `width` units with an activation known by name.
    ///
    /// # Errors
    /// [`Error::Domain`] for a width outside 1 to 2⁵³ or a parameter outside its range.
    pub fn new(nonlinearity: Nonlinearity, width: u64) -> Result<Self> {
        check_width("width", width)?;
        nonlinearity.validate()?;
        Ok(Self {
            function: Function::Named(nonlinearity),
            width,
        })
    }

    /// For `width` units with a function of your own. `breakpoints` are its zeros and the points
    /// where it or a derivative jumps; 0 is always taken for one. Between them it must be smooth on
    /// the scale of 1 for arguments up to 64, beyond that on the scale of the argument. A gain that
    /// twice as many nodes change in the twelfth digit is refused, which shows most functions that
    /// are not.
    ///
    /// ```
    /// use isomoment::gain::LevelLaw;
    /// // ReLU6, which saturates
    /// let law = LevelLaw::of_function(|y| y.clamp(0.0, 6.0), &[6.0], 64)?;
    /// let gain = law.gain(2.0, 1.0)?;
    /// assert!(gain.gain > 2.0_f64.sqrt() && gain.stability < 1.0);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Domain`] for a width outside 1 to 2⁵³ and for breakpoints that are not finite or
    /// more than 1000.
    pub fn of_function(
        function: impl Fn(f64) -> f64 + Send + Sync + 'static,
        breakpoints: &[f64],
        width: u64,
    ) -> Result<Self> {
        check_width("width", width)?;
        Ok(Self {
            function: Function::own(function, breakpoints)?,
            width,
        })
    }

    /// The number of units d.
    ///
    /// ```
    /// # use isomoment::gain::{LevelLaw, Nonlinearity};
    /// assert_eq!(LevelLaw::new(Nonlinearity::Silu, 64)?.width(), 64);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    pub fn width(&self) -> u64 {
        self.width
    }

    /// R(τ) = E[((1/d) Σ φ(τzᵢ)²)^{s/2}]^{1/s}.
    ///
    /// ```
    /// use isomoment::gain::{LevelLaw, Nonlinearity};
    /// let law = LevelLaw::new(Nonlinearity::Relu, 64)?;
    /// assert!((law.level(2.0, 2.0_f64.sqrt())? - 1.0).abs() < 1e-14);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Domain`] for an order outside 0.01 to 2, a τ outside 1e-12 to 1e12 or where the
    /// function has no finite value; [`Error::Unresolved`] where few units with values below
    /// 1e-150 decide, or where the function grows faster than the normal density falls.
    pub fn level(&self, s: f64, tau: f64) -> Result<f64> {
        check("s", s, &ORDERS, "a number from 0.01 to 2")?;
        check("tau", tau, &ARGUMENTS, "a number from 1e-12 to 1e12")?;
        Ok(self.at(s, tau, false)?.log.exp())
    }

    /// The gain at the level `level`, the smallest where there are several.
    ///
    /// # Errors
    /// As [`gains`](Self::gains).
    ///
    /// ```
    /// use isomoment::gain::{LevelLaw, Nonlinearity};
    /// let selu = LevelLaw::new(Nonlinearity::Selu, 1 << 20)?.gain(2.0, 1.0)?;
    /// assert!((selu.gain - 1.0).abs() < 1e-7); // not 3/4
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    pub fn gain(&self, s: f64, level: f64) -> Result<Gain> {
        self.gains(s, level).map(|gains| gains[0])
    }

    /// Every gain at the level `level`, in rising order; there is at least one.
    ///
    /// R is searched for τ from 2e-9 to 9e6, or up to where a function of your own has no value.
    ///
    /// ```
    /// use isomoment::gain::{LevelLaw, Nonlinearity};
    /// // one unit: a low moment falls before it rises
    /// let gains = LevelLaw::new(Nonlinearity::Softplus, 1)?.gains(0.1, 0.685)?;
    /// assert_eq!(gains.len(), 2);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Domain`] for an order outside 0.01 to 2, a level outside 1e-6 to 100 000, and a
    /// level that the activation does not have, with the nearest that it has;
    /// [`Error::Unresolved`] as for [`level`](Self::level), and where twice as many nodes change
    /// the twelfth digit.
    pub fn gains(&self, s: f64, level: f64) -> Result<Vec<Gain>> {
        check("s", s, &ORDERS, "a number from 0.01 to 2")?;
        check("level", level, &LEVELS, "a number from 1e-6 to 100000")?;
        let arguments = solve::arguments(self, s, level)?;
        let gain = |tau: f64| {
            let found = self.at(s, tau, false)?;
            let finer = self.at(s, tau, true)?;
            if (found.log - finer.log).abs() > AGREED {
                return Err(Error::Unresolved {
                    quantity: "a moment of the activation",
                    context: format!("at {tau:?} it is not smooth between its breakpoints"),
                });
            }
            Ok(Gain {
                gain: tau / level,
                stability: found.exponent,
            })
        };
        arguments.into_iter().map(gain).collect()
    }

    /// log R and its exponent.
    fn at(&self, s: f64, tau: f64, finer: bool) -> Result<Level> {
        let law = UnitLaw::new(&self.function, tau, finer)?;
        level(&law, self.function.has_exact_zeros(), self.width, s)
    }
}

fn check(
    argument: &'static str,
    value: f64,
    range: &std::ops::RangeInclusive<f64>,
    allowed: &'static str,
) -> Result<()> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(Error::domain(argument, format!("{value:?}"), allowed))
}
