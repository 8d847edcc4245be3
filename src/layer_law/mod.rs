//! The law of one layer: Q = Σ cᵢ zᵢ², the squared norm of a layer's output
//! when its weights are standard normal and its input has norm 1.
//!
//! # Which route when
//!
//! [`LayerLaw`] is the one entry; each quantity has one file that computes it.
//!
//! | quantity | when | route | file |
//! |---|---|---|---|
//! | `scale`, `moment`, `log_growth`, `lyapunov_scale` | all slopes equal, none dead: Q is a χ² | quotient of gamma functions | `special` |
//! | | wide layers: d ≥ 300 v | series in 1/d | `large_width.rs` |
//! | the same without `log_growth` | all units alike where alive | sum over the number of alive units | `alive_units.rs` |
//! | the four | else, s ≤ 3 | integral of the transform's excess | `integral/excess.rs` |
//! | | else, 3 < s ≤ 8 (not RReLU) | integral of a derivative of the transform | `integral/derivatives.rs` |
//! | `log_cumulants` | Q is a χ² | polygamma functions | `special` |
//! | | else | integral of the transform's excess | `integral/excess.rs` |
//! | | third cumulant, Var Q < 10⁻⁴ (E Q)² | series in 1/d | `large_width.rs` |
//! | `large_width` | Gaussian weights | series in 1/d | `large_width.rs` |
//! | `dead_probability` and its relatives | | (1−α)ᵈ in twice the precision | `survival.rs` |
//! | the law of ½ log Q, for [`DepthLaw`](crate::DepthLaw) | Gaussian weights | lattice, inversion of the transform | `density/gaussian.rs` |
//! | | orthogonal, more than 100 units | lattice | `density/orthogonal/lattice.rs` |
//! | | orthogonal, up to 100, or where the lattice fails | nodes between the edges | `density/orthogonal/between_edges.rs` |
//! | the same at high frequencies | orthogonal, up to 200 units | loops around the edges | `density/edges.rs` |
//!
//! Orthogonal weights divide Q by an independent χ²: their moments and cumulants are quotients and
//! differences, formed here. [`closed_form`] is a second route, for tests; `certified` proves
//! digits. All others start from the transform of Q, `transform.rs`.

mod alive_units;
mod argument;
#[cfg(feature = "certified")]
pub mod certified;
pub mod closed_form;
pub(crate) mod complex;
mod cumulants;
mod density;
pub(crate) mod integral;
mod large_width;
mod route;
mod survival;
#[cfg(test)]
mod tests;
mod transform;
mod weights;

pub use cumulants::LogCumulants;
pub(crate) use cumulants::cumulants_of;
pub(crate) use density::{Edges, LogDensity, on_both_sides, path_sum};
pub(crate) use integral::{Counts, Sum};
pub use large_width::LargeWidth;
pub(crate) use survival::Survival;
pub(crate) use transform::UnitTransform;
pub use weights::Weights;

use twofloat::TwoFloat;

use crate::activation::{Activation, Dropout, SlopeLaw};
use crate::error::{Error, Result, representable};
pub use crate::limits::MAX_WIDTH;
use crate::limits::check_width;
use crate::special::ln_gamma_ratio_slope;
use density::gaussian;
use density::orthogonal::{self, between_edges};
use route::{Route, chi_square_log_cumulants};
use transform::Transform;

/// The law of Q = Σ_{i ≤ d} cᵢ zᵢ² with zᵢ ~ N(0,1) and cᵢ the squared slope of
/// unit i, all independent.
///
/// A layer x ↦ D φ(W x) of `width` units with weights N(0, σ²) multiplies the
/// squared norm of its input by σ² Q. Everything else follows from this law.
///
/// ```
/// use isomoment::{Activation, LayerLaw};
/// let law = LayerLaw::new(Activation::Relu, 64)?;
/// let he = law.scale(2.0)?;
/// assert!((he - (2.0_f64 / 64.0).sqrt()).abs() < 1e-16);
/// let sigma = law.scale(1.0)?; // keeps E‖x‖ where He's keeps E‖x‖²
/// assert!((sigma - 0.17852802866437036).abs() < 1e-15);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LayerLaw {
    activation: Activation,
    dropout: Dropout,
    weights: Weights,
    width: u64,
    fan_in: u64,
    survival: Survival,
    gain: f64,
    route: Route,
}

impl LayerLaw {
    /// The law of a layer without dropout.
    ///
    /// # Errors
    /// [`Error::Domain`] for a width of 0 or above 2⁵³, or slopes that are not
    /// finite, not ordered, or not 0 and outside 1e-100 … 1e100 in magnitude.
    pub fn new(activation: Activation, width: u64) -> Result<Self> {
        Self::with_dropout(activation, Dropout::NONE, width)
    }

    /// The law of a layer whose units are kept or dropped by a mask.
    ///
    /// # Errors
    /// As [`LayerLaw::new`].
    pub fn with_dropout(activation: Activation, dropout: Dropout, width: u64) -> Result<Self> {
        activation.validate()?;
        check_width("width", width)?;
        let slopes = SlopeLaw::new(activation, dropout);
        let survival = Survival::new(width, slopes.alive_probability());
        let gain = slopes.gain();
        let route = Route::new(slopes, width, survival);
        Ok(Self {
            activation,
            dropout,
            weights: Weights::Gaussian,
            width,
            fan_in: width,
            survival,
            gain,
            route,
        })
    }

    /// The same layer with weights from another ensemble; new laws have Gaussian weights.
    ///
    /// For orthogonal weights, with B = Q/χ²_d independent of χ²_d, everything that is
    /// said of Q holds of B: E B^p = E[Q^p]/E[(χ²_d)^p], and the cumulants of log B are
    /// differences. σ is then the factor of the orthogonal matrix.
    ///
    /// ```
    /// use isomoment::{Activation, LayerLaw, Weights};
    /// let law = LayerLaw::new(Activation::Linear, 64)?.with_weights(Weights::Orthogonal);
    /// assert_eq!(law.scale(1.0)?, 1.0); // an orthogonal matrix keeps every norm
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    #[must_use]
    pub fn with_weights(mut self, weights: Weights) -> Self {
        self.weights = weights;
        self
    }

    /// The same layer with another number of inputs; new laws have as many inputs as units.
    ///
    /// The law of Q depends on it for orthogonal weights only. There, of a Haar-distributed W with
    /// orthonormal rows (fan_in ≥ width) W x consists of `width` coordinates of a uniform point on
    /// the sphere in fan_in dimensions, and with orthonormal columns W x is uniform on a sphere in
    /// `width` dimensions: the χ² that Q is divided by has max(fan_in, width) degrees of freedom.
    ///
    /// ```
    /// use isomoment::{Activation, LayerLaw, Weights};
    /// let law = LayerLaw::new(Activation::Linear, 64)?;
    /// let wide = law.with_weights(Weights::Orthogonal).with_fan_in(256)?;
    /// approx::assert_relative_eq!(wide.moment(2.0)?, 0.25, max_relative = 1e-15); // 64 of 256 coordinates
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Domain`] for 0 and above 2⁵³.
    pub fn with_fan_in(mut self, fan_in: u64) -> Result<Self> {
        check_width("fan_in", fan_in)?;
        self.fan_in = fan_in;
        Ok(self)
    }

    /// The number of inputs.
    pub fn fan_in(&self) -> u64 {
        self.fan_in
    }

    /// D: the degrees of freedom of the χ² that orthogonal weights divide by.
    fn sphere_dimension(&self) -> f64 {
        self.width.max(self.fan_in) as f64
    }

    /// The scale σ of weights whose entries have the standard deviation `std`: `std` itself for
    /// Gaussian ones; an entry of an orthogonal matrix times σ has variance σ²/max(fan_in, width).
    ///
    /// ```
    /// use isomoment::{Activation, LayerLaw, Weights};
    /// let law = LayerLaw::new(Activation::Linear, 64)?.with_weights(Weights::Orthogonal);
    /// assert_eq!(law.scale_of_entries(0.125), 1.0); // an isometry
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    pub fn scale_of_entries(&self, std: f64) -> f64 {
        match self.weights {
            Weights::Gaussian => std,
            Weights::Orthogonal => std * self.sphere_dimension().sqrt(),
        }
    }

    /// The ensemble of the weights.
    pub fn weights(&self) -> Weights {
        self.weights
    }

    /// The activation of the layer.
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// The dropout mask of the layer.
    pub fn dropout(&self) -> Dropout {
        self.dropout
    }

    /// The number of units d.
    pub fn width(&self) -> u64 {
        self.width
    }

    /// σ(s,d) = E[Q^{s/2}]^{−1/s}: the standard deviation of the weights that keeps E‖x‖^s
    /// constant.
    ///
    /// Relative error below 4e-15, against reference values for 0.0005 ≤ s ≤ 8 (RReLU: s ≤ 2) and proved
    /// digits of random layers for s from 1e-6 to 2.9. `docs/accuracy.md` has the commands.
    ///
    /// # Errors
    /// [`Error::Domain`] unless 0 < s ≤ 8 (RReLU: 3); [`Error::Range`] when no double
    /// holds the value (ReLU and dropout as s → 0: it grows like P(Q>0)^{−1/s}).
    pub fn scale(&self, s: f64) -> Result<f64> {
        self.check_order(s)?;
        self.scale_given(s, self.log_power_mean(0.5 * s))
    }

    /// [`LayerLaw::scale`] of several orders, the same doubles: the transform is computed once, which
    /// takes most of the time of Leaky ReLU's and RReLU's σ.
    ///
    /// ```
    /// use isomoment::{Activation, LayerLaw};
    /// let law = LayerLaw::new(Activation::LeakyRelu { slope: 0.01 }, 64)?;
    /// assert_eq!(law.scales(&[1.0, 2.0])?, [law.scale(1.0)?, law.scale(2.0)?]);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`LayerLaw::scale`], of the first order that has one.
    pub fn scales(&self, orders: &[f64]) -> Result<Vec<f64>> {
        let rises = self.log_power_means(orders)?;
        let each = orders.iter().zip(rises);
        each.map(|(&s, rise)| self.scale_given(s, rise)).collect()
    }

    /// σ(s,d), given G(s/2).
    fn scale_given(&self, s: f64, rise: TwoFloat) -> Result<f64> {
        self.scale_of(s, self.survival.minus_log_over(s), rise)
    }

    /// κ^{−1/2} e^{y + δ − G/2} over the gain, of a pair (y, δ).
    fn scale_of(&self, s: f64, (exponent, low): (f64, f64), rise: TwoFloat) -> Result<f64> {
        // in halves, as ε^{−1/s} may overflow although σ does not, and as a product,
        // as the sum of the exponents would round
        let half = (0.5 * exponent).exp() * (-0.25 * rise.hi()).exp();
        let low = low - 0.5 * rise.lo();
        let value = half / self.mean().sqrt() * half / self.gain * (1.0 + low);
        representable("the scale", value, || self.context(s))
    }

    /// The scale that keeps E‖g‖^s of a gradient g on its way back through the layer (T11):
    /// σ(s,d)·(E[(χ²_d)^{s/2}]/E[(χ²_n)^{s/2}])^{1/s}, n the fan-in. In square layers it is
    /// [`LayerLaw::scale`]; at s = 2 it is 1/√(n E c). Of the root-mean-square of g's components the
    /// moment is kept by [`Scheme::Backward`](crate::Scheme::Backward), √(n/d) times as large.
    ///
    /// ```
    /// use isomoment::{Activation, LayerLaw};
    /// let law = LayerLaw::new(Activation::Relu, 64)?.with_fan_in(784)?;
    /// let second = (2.0_f64 / 784.0).sqrt();
    /// assert!((law.backward_scale(2.0)? / second - 1.0).abs() < 1e-14);
    /// assert!(law.backward_scale(1.0)? > second);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`LayerLaw::scale`]; [`Error::Domain`] for orthogonal weights.
    pub fn backward_scale(&self, s: f64) -> Result<f64> {
        if self.weights == Weights::Orthogonal {
            return Err(Error::domain("weights", "orthogonal", "gaussian here"));
        }
        let half = |units: u64| 0.5 * units as f64;
        // (1/p)·log E[(χ²/n)^p], p = s/2
        let rise = |units: u64| ln_gamma_ratio_slope(half(units), 0.5 * s);
        let aspect = (self.width as f64 / self.fan_in as f64).sqrt();
        let curved = 0.5 * (rise(self.width) - rise(self.fan_in));
        Ok(self.scale(s)? * aspect * curved.exp())
    }

    /// Cumulants of the growth of log‖g‖ of a gradient g on its way back through the layer at scale 1,
    /// given survival (T11): those of ½ log(Q χ²_n/χ²_d), n the fan-in, the three independent where
    /// log Q/χ²_d is. In square layers they are [`LayerLaw::log_cumulants`].
    ///
    /// ```
    /// use isomoment::{Activation, LayerLaw};
    /// let law = LayerLaw::new(Activation::Relu, 64)?.with_fan_in(784)?;
    /// let (signal, gradient) = (law.log_cumulants(), law.backward_log_cumulants()?);
    /// assert!(gradient.mean > signal.mean && gradient.variance < signal.variance);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Domain`] for orthogonal weights.
    pub fn backward_log_cumulants(&self) -> Result<LogCumulants> {
        if self.weights == Weights::Orthogonal {
            return Err(Error::domain("weights", "orthogonal", "gaussian here"));
        }
        let signal = self.log_cumulants();
        if self.fan_in == self.width {
            return Ok(signal);
        }
        let (inputs, units) = (self.fan_in as f64, self.width as f64);
        let added = chi_square_log_cumulants(0.5 * inputs);
        let removed = chi_square_log_cumulants(0.5 * units);
        Ok(LogCumulants {
            mean: signal.mean + 0.5 * (inputs / units).ln() + (added.mean - removed.mean),
            variance: signal.variance + (added.variance - removed.variance),
            third: signal.third + (added.third - removed.third),
        })
    }

    /// E[Q^{s/2}; Q > 0].
    ///
    /// Relative error below 4e-15, against reference values for 0.0005 ≤ s ≤ 8 (RReLU: s ≤ 2);
    /// `docs/accuracy.md` has the commands.
    ///
    /// # Errors
    /// [`Error::Domain`] unless 0 < s ≤ 8 (RReLU: 3); [`Error::Range`] on overflow.
    pub fn moment(&self, s: f64) -> Result<f64> {
        self.check_order(s)?;
        self.moment_given(s, self.log_power_mean(0.5 * s))
    }

    /// [`LayerLaw::moment`] of several orders, the same doubles: the transform is computed once.
    ///
    /// ```
    /// use isomoment::{Activation, LayerLaw};
    /// let law = LayerLaw::new(Activation::RRELU_DEFAULT, 64)?;
    /// assert_eq!(law.moments(&[1.0, 2.0])?, [law.moment(1.0)?, law.moment(2.0)?]);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`LayerLaw::moment`], of the first order that has one.
    pub fn moments(&self, orders: &[f64]) -> Result<Vec<f64>> {
        let rises = self.log_power_means(orders)?;
        let each = orders.iter().zip(rises);
        each.map(|(&s, rise)| self.moment_given(s, rise)).collect()
    }

    /// E[Q^{s/2}; Q > 0], given G(s/2).
    fn moment_given(&self, s: f64, rise: TwoFloat) -> Result<f64> {
        let (p, mean) = (0.5 * s, self.mean());
        let value =
            self.survival.probability() * mean.powf(p) * self.gain.powf(s) * (p * rise.hi()).exp();
        representable("the moment", value, || self.context(s))
    }

    /// The Lyapunov scale exp(−E[½ log Q | Q>0]): with it the typical norm, not
    /// a moment, stays constant, given survival.
    ///
    /// # Errors
    /// [`Error::Range`] when no double holds the value.
    pub fn lyapunov_scale(&self) -> Result<f64> {
        self.scale_of(0.0, (0.0, 0.0), self.log_power_mean(0.0))
    }

    /// Mean, variance and third cumulant of ½ log Q given Q > 0.
    ///
    /// Errors, against reference values (`docs/accuracy.md`): mean 4e-15 relative, or
    /// absolute where it is below 1; variance 1e-13; third cumulant 1e-10.
    pub fn log_cumulants(&self) -> LogCumulants {
        let relative = self.relative_cumulants();
        LogCumulants {
            mean: 0.5 * self.mean().ln() + self.gain.ln() + relative.mean,
            ..relative
        }
    }

    /// Cumulants of ½ log(Q/κ) given Q > 0, κ = [`LayerLaw::mean`].
    fn relative_cumulants(&self) -> LogCumulants {
        let gaussian = self.route.log_cumulants();
        let removed = match self.weights {
            Weights::Gaussian => LogCumulants::default(),
            Weights::Orthogonal => chi_square_log_cumulants(0.5 * self.sphere_dimension()),
        };
        let mean = gaussian.mean - removed.mean;
        if self.is_isometry_given_survival() {
            return LogCumulants {
                mean,
                ..LogCumulants::default()
            };
        }
        LogCumulants {
            mean,
            // rounding must not make a variance negative
            variance: (gaussian.variance - removed.variance).max(0.0),
            third: gaussian.third - removed.third,
        }
    }

    /// Whether Q, given that it is not 0, is one number: matrices with orthonormal columns of linear
    /// units, or of a single unit that has one slope besides 0.
    fn is_isometry_given_survival(&self) -> bool {
        if self.weights == Weights::Gaussian || self.fan_in > self.width {
            return false;
        }
        let slopes = SlopeLaw::new(self.activation, self.dropout);
        let one_slope = slopes.uniform().is_none() && slopes.atoms().count() == 1;
        one_slope && (self.width == 1 || slopes.is_constant())
    }

    /// μ(σ(s,d)) = log σ(s,d) + E[½ log Q | Q>0]: the growth rate of log‖x_k‖ at
    /// the scale that keeps E‖x‖^s constant; negative unless units can die
    /// (then it is the rate given survival).
    ///
    /// Computed as one difference, so that it keeps its digits at large width,
    /// where it is about −s·Var[½ log Q]/2.
    ///
    /// # Errors
    /// [`Error::Domain`] unless 0 < s ≤ 8 (RReLU: 3); [`Error::Range`] on overflow.
    pub fn log_growth(&self, s: f64) -> Result<f64> {
        self.check_order(s)?;
        let (exponent, low) = self.survival.minus_log_over(s);
        let rise = self.fine_log_power_mean(0.0) - self.fine_log_power_mean(0.5 * s);
        let rate = 0.5 * rise + exponent + low;
        if rate.is_finite() {
            return Ok(rate);
        }
        // −log(ε)/s for tiny s
        representable("the growth rate", rate, || self.context(s))
    }

    /// The expansion of σ(s,d)² in powers of 1/d, for Gaussian weights.
    ///
    /// # Errors
    /// [`Error::Domain`] for orthogonal weights, and [`Error::Domain`] unless 0 < s ≤ 8 (RReLU: 3).
    pub fn large_width(&self, s: f64) -> Result<LargeWidth> {
        self.check_order(s)?;
        if self.weights == Weights::Orthogonal {
            return Err(Error::domain("weights", "orthogonal", "gaussian here"));
        }
        Ok(LargeWidth::new(
            &SlopeLaw::new(self.activation, self.dropout),
            s,
        ))
    }

    /// P(Q = 0): every unit dead or dropped. 0 when the value underflows; then
    /// [`LayerLaw::log_dead_probability`] still has it.
    pub fn dead_probability(&self) -> f64 {
        self.survival.dead_probability()
    }

    /// log P(Q > 0).
    pub fn log_survival_probability(&self) -> f64 {
        let (minus, low) = self.survival.minus_log_over(1.0);
        -(minus + low)
    }

    /// log P(Q = 0); −∞ when Q > 0 almost surely.
    pub fn log_dead_probability(&self) -> f64 {
        self.survival.log_dead_probability()
    }

    /// The law of X = ½ log(Q/κ) given Q > 0 as masses on nodes; κ is [`LayerLaw::mean`].
    pub(crate) fn log_density(&self) -> Result<LogDensity> {
        self.fine_log_density(1.0)
    }

    /// [`LayerLaw::log_density`] for sums over functions that vary `finer` times as fast as usual:
    /// its nodes lie so many times closer; on orthogonal lattices without edges they do not.
    pub(crate) fn fine_log_density(&self, finer: f64) -> Result<LogDensity> {
        let law = self.with_transform(|transform| match self.weights {
            Weights::Gaussian => Some(gaussian::log_density(transform, finer)),
            Weights::Orthogonal => orthogonal::log_density(
                transform,
                self.sphere_dimension(),
                self.relative_cumulants(),
                finer,
            ),
        });
        law.ok_or_else(|| Error::Unresolved {
            quantity: "the law of one layer",
            context: format!(
                "orthogonal weights, {}, width {}",
                self.activation, self.width
            ),
        })
    }

    /// The density of X given Q > 0 at ascending points, without atoms, for orthogonal weights.
    pub(crate) fn densities(&self, points: &[f64]) -> Vec<f64> {
        self.with_transform(|transform| {
            between_edges::densities(transform, self.sphere_dimension(), points)
        })
    }

    fn with_transform<T>(&self, f: impl FnOnce(&Transform) -> T) -> T {
        match &self.route {
            Route::Integral(transform) => f(transform),
            Route::ChiSquare { .. } => {
                let slopes = SlopeLaw::new(self.activation, self.dropout);
                f(&Transform::new(slopes, self.width, self.survival))
            }
        }
    }

    /// `Ok` for the moment orders that are computed.
    fn check_order(&self, s: f64) -> Result<()> {
        let (largest, allowed) = self.route.orders();
        if s > 0.0 && s <= largest {
            return Ok(());
        }
        Err(Error::domain("s", format!("{s:?}"), allowed))
    }

    /// κ = E[Q | Q>0], gain not included.
    fn mean(&self) -> f64 {
        let gaussian = self.route.mean();
        match self.weights {
            Weights::Gaussian => gaussian,
            Weights::Orthogonal => gaussian / self.sphere_dimension(),
        }
    }

    /// G(p) = (1/p)·log E[(Q/κ)^p | Q>0], so that E[Q^p | Q>0] = κ^p e^{pG(p)}; G(0) = E[log(Q/κ) |
    /// Q>0]. Its absolute error is small.
    fn log_power_mean(&self, p: f64) -> TwoFloat {
        self.of_weights(self.route.log_power_mean(p), p)
    }

    /// G(s/2) of several orders s.
    fn log_power_means(&self, orders: &[f64]) -> Result<Vec<TwoFloat>> {
        for &s in orders {
            self.check_order(s)?;
        }
        let orders: Vec<f64> = orders.iter().map(|s| 0.5 * s).collect();
        let gaussian = self.route.log_power_means(&orders).into_iter();
        let each = gaussian
            .zip(&orders)
            .map(|(mean, &p)| self.of_weights(mean, p));
        Ok(each.collect())
    }

    /// G(p) for differences: its relative error is small.
    fn fine_log_power_mean(&self, p: f64) -> f64 {
        let gaussian = TwoFloat::from(self.route.fine_log_power_mean(p));
        self.of_weights(gaussian, p).hi()
    }

    /// G(p) of this layer's weights, given that of Gaussian ones.
    fn of_weights(&self, gaussian: TwoFloat, p: f64) -> TwoFloat {
        match self.weights {
            Weights::Gaussian => gaussian,
            Weights::Orthogonal => {
                gaussian - ln_gamma_ratio_slope(0.5 * self.sphere_dimension(), p)
            }
        }
    }

    fn context(&self, s: f64) -> String {
        format!("{}, width {}, s = {s:?}", self.activation, self.width)
    }
}
