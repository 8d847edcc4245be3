//! [`DepthLaw`]: what is asked of the law at depth, answered by the routes.

use std::sync::{Arc, OnceLock};

use crate::depth::atoms::Atoms;
use crate::depth::beside_edges;
use crate::depth::compositions::{Composition, compositions};
use crate::depth::inversion::integrate;
use crate::depth::left_tail::{self, Lattice, LeftTail};
use crate::depth::quadrature::Kernel;
use crate::depth::split::Split;
use crate::depth::sum::Sum;
use crate::depth::table::DepthTable;
use crate::depth::tilted::{Centered, Tilted};
use crate::error::{Error, Result};
use crate::limits::{check_positive, check_width};
use crate::step_law::StepLaw;

/// Smaller atoms are below the accuracy of a quantile.
const LEAST_ATOM: f64 = 1e-13;

/// The Fourier integral is about 0.1 at a saddle point; where it is this small, no tilt was strong
/// enough and digits have cancelled.
const CANCELLED: f64 = 1e-5;

/// The law of log(‖x_k‖/‖x₀‖) after k layers of Gaussian or orthogonal weights.
///
/// Few orthogonal units have a law with atoms (all slopes equal) and singular edges. An argument
/// within a few roundings of an atom counts as the atom: distribution functions are continuous from
/// the right.
///
/// ```
/// use isomoment::{Activation, DepthLaw, LayerLaw};
/// let layer = LayerLaw::new(Activation::Relu, 64)?;
/// let deep = DepthLaw::preserving(&layer, 1.0, 50)?; // E‖x₅₀‖ = ‖x₀‖
/// let he = DepthLaw::preserving(&layer, 2.0, 50)?;
/// // the norm falls below a hundredth less often than under He's rule
/// assert!(deep.below(0.01)? < 0.3 * he.below(0.01)?);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct DepthLaw {
    step: Arc<dyn StepLaw>,
    /// The sum of the layers' centered log-norms.
    sum: Sum,
    /// μ per layer.
    growth: f64,
    /// log P(Q > 0).
    log_survival: f64,
    /// If the log-norm of one layer has no other values.
    atoms: Option<Atoms>,
    /// Made when first asked for.
    left_tail: OnceLock<Option<LeftTail>>,
}

impl DepthLaw {
    /// For weights of standard deviation `sigma`.
    ///
    /// # Errors
    /// [`Error::Domain`] for a scale that is not positive and finite, a depth of 0 or above 2⁵³;
    /// [`Error::Range`] where the law spreads over more than can be tabulated;
    /// [`Error::Unresolved`] for orthogonal weights where two slopes lie within about a percent of
    /// each other and a third does not, or thousands of units are nearly all alike (a keep
    /// probability next to 1).
    pub fn new<L: StepLaw + Clone + 'static>(layer: &L, sigma: f64, depth: u64) -> Result<Self> {
        check_positive("sigma", sigma)?;
        let growth = sigma.ln() + layer.log_cumulants().mean;
        Self::with_growth(Arc::new(layer.clone()), growth, depth)
    }

    /// For the weights that keep E‖x‖^s constant.
    ///
    /// # Errors
    /// As [`DepthLaw::new`] and [`LayerLaw::log_growth`](crate::LayerLaw::log_growth).
    pub fn preserving<L: StepLaw + Clone + 'static>(layer: &L, s: f64, depth: u64) -> Result<Self> {
        // one difference, which keeps its digits at large width
        let growth = layer.log_growth(s)?;
        Self::with_growth(Arc::new(layer.clone()), growth, depth)
    }

    fn with_growth(step: Arc<dyn StepLaw>, growth: f64, depth: u64) -> Result<Self> {
        check_width("depth", depth)?;
        let law = Centered::new(step.log_density()?);
        if law.tilted(0.0).is_none() {
            return Err(Error::Range {
                quantity: "the spread of the log-norm",
                direction: "overflows",
                context: step.name(),
            });
        }
        Ok(Self {
            atoms: Atoms::of(&law),
            sum: Sum {
                step: law,
                depth: depth as f64,
                position: growth.abs() + step.log_cumulants().mean.abs(),
                name: step.name(),
            },
            growth,
            log_survival: step.log_survival_probability(),
            step,
            left_tail: OnceLock::new(),
        })
    }

    /// The same layers and scale at another depth, without computing one layer's law again.
    ///
    /// # Errors
    /// [`Error::Domain`] for a depth of 0 or above 2⁵³.
    pub fn with_depth(&self, depth: u64) -> Result<Self> {
        check_width("depth", depth)?;
        let mut other = Self {
            left_tail: OnceLock::new(),
            ..self.clone()
        };
        other.sum.depth = depth as f64;
        Ok(other)
    }

    /// k.
    pub fn depth(&self) -> u64 {
        self.sum.depth as u64
    }

    /// The Lyapunov exponent μ = log σ + E[½ log Q | Q>0]: (1/k) log‖x_k‖ → μ given survival.
    pub fn growth(&self) -> f64 {
        self.growth
    }

    /// Mean kμ and variance kv of log(‖x_k‖/‖x₀‖) given survival.
    pub fn moments(&self) -> (f64, f64) {
        let variance = self.step.log_cumulants().variance;
        (self.sum.depth * self.growth, self.sum.depth * variance)
    }

    /// ρ = E|Y|³/v^{3/2} of one step Y = ½ log Q − E[½ log Q | Q>0], within 1e-3: at every depth k
    /// the standardized log-norm's distribution function is within 0.4748 ρ/√k of the normal one
    /// (Berry, Esseen; constant of Shevtsova 2011). Infinite if Y is constant: linear layers of
    /// square orthogonal matrices.
    ///
    /// ```
    /// use isomoment::{Activation, DepthLaw, LayerLaw};
    /// let step = DepthLaw::new(&LayerLaw::new(Activation::Relu, 16)?, 1.0, 1)?;
    /// assert!((step.step_roughness() - 1.988).abs() < 0.002);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    pub fn step_roughness(&self) -> f64 {
        if self.sum.step.variance() == 0.0 {
            return f64::INFINITY;
        }
        self.sum.step.third_absolute_moment() / self.sum.step.variance().powf(1.5)
    }

    /// P(x_k ≠ 0) = P(Q>0)^k.
    pub fn survival_probability(&self) -> f64 {
        (self.sum.depth * self.log_survival).exp()
    }

    /// P(x_k = 0), to full relative accuracy.
    pub fn dead_probability(&self) -> f64 {
        -(self.sum.depth * self.log_survival).exp_m1()
    }

    /// P(log(‖x_k‖/‖x₀‖) ≤ x) given survival.
    ///
    /// Measured error (tests/depth/): absolute 2e-14; relative, for values from 1e-30, below
    /// 1e-9. Orthogonal weights: absolute 3e-13 (next to a singular edge, where the rounding of x
    /// counts), elsewhere 1e-14; relative below 1e-9, above 100 units and 4096 inputs only for
    /// values from 1e-18. Takes about a millisecond, with few orthogonal units up to a tenth of a
    /// second, and a second for its first left tail.
    ///
    /// # Errors
    /// [`Error::Domain`] for NaN; [`Error::Unresolved`] where the law is so uneven, with slopes or
    /// masks next to the ends of their domains, that 131 072 frequencies do not resolve it, or that
    /// of few layers of more than 200 orthogonal units which are nearly all alike.
    pub fn cdf(&self, x: f64) -> Result<f64> {
        Ok(self.split(x)?.below)
    }

    /// P(log(‖x_k‖/‖x₀‖) > x) given survival; as accurate as [`DepthLaw::cdf`].
    ///
    /// # Errors
    /// As [`DepthLaw::cdf`].
    pub fn survival_function(&self, x: f64) -> Result<f64> {
        Ok(self.split(x)?.above)
    }

    /// P(‖x_k‖ ≤ ε‖x₀‖), networks that died included.
    ///
    /// # Errors
    /// [`Error::Domain`] unless ε ≥ 0.
    pub fn below(&self, epsilon: f64) -> Result<f64> {
        if epsilon.is_nan() || epsilon < 0.0 {
            return Err(Error::domain(
                "epsilon",
                format!("{epsilon:?}"),
                "at least 0",
            ));
        }
        let dead = self.dead_probability();
        if epsilon == 0.0 {
            return Ok(dead);
        }
        Ok(dead + self.survival_probability() * self.cdf(epsilon.ln())?)
    }

    /// The density of log(‖x_k‖/‖x₀‖) at x given survival, without the law's atoms.
    ///
    /// # Errors
    /// As [`DepthLaw::cdf`].
    pub fn density(&self, x: f64) -> Result<f64> {
        let offset = self.offset(x)?;
        if self.atoms.is_some() || self.beyond_ends(offset).is_some() {
            return Ok(0.0);
        }
        let tilted = self.sum.saddle(offset);
        let weight = self.sum.weight(&tilted, offset);
        if weight == 0.0 {
            return Ok(0.0);
        }
        let integral = integrate(&self.sum, &tilted, offset, Kernel::One)?;
        let deviation = (self.sum.depth * tilted.variance).sqrt();
        if tilted.theta < 0.0 && integral * deviation < CANCELLED {
            let exact = self
                .left_tail(&tilted, offset)
                .and_then(|tail| tail.density(offset));
            if let Some(density) = exact {
                return Ok(density);
            }
        }
        let density = weight * integral;
        if !density.is_finite() {
            return Err(self.sum.unresolved());
        }
        Ok(density.max(0.0))
    }

    /// The x with [`DepthLaw::cdf`] equal to `probability`, or the atom at which it jumps across
    /// it.
    ///
    /// # Errors
    /// [`Error::Domain`] unless 0 < probability < 1.
    pub fn quantile(&self, probability: f64) -> Result<f64> {
        if !(probability > 0.0 && probability < 1.0) {
            return Err(Error::domain(
                "probability",
                format!("{probability:?}"),
                "between 0 and 1, both excluded",
            ));
        }
        let (mean, variance) = self.moments();
        if let Some(atoms) = self.atoms {
            return Ok(mean + atoms.quantile(self.sum.depth, probability)?);
        }
        if let Some(atom) = self.quantile_at_atom(probability)? {
            return Ok(mean + atom);
        }
        let deviation = variance.sqrt();
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        let mut x = mean;
        for _ in 0..60 {
            let Split { below, above } = self.split(x)?;
            // Newton's method for the logarithm of the smaller tail, which is nearly a parabola
            let (off, tail) = if probability < 0.5 {
                ((below / probability).ln(), below)
            } else {
                (-(above / (1.0 - probability)).ln(), above)
            };
            if off > 0.0 {
                high = x;
            } else {
                low = x;
            }
            let newton = -off * tail / self.density(x)?;
            let limit = 3.0 * deviation;
            let step = if newton.is_finite() {
                newton.clamp(-limit, limit)
            } else {
                -limit * off.signum()
            };
            if off.abs() < 1e-12 || step.abs() <= 1e-12 * deviation.max(0.1 * x.abs()) {
                break;
            }
            let next = x + step;
            let inside = next > low && next < high;
            x = if inside || low.is_infinite() || high.is_infinite() {
                next
            } else {
                0.5 * (low + high)
            };
        }
        Ok(x)
    }

    /// The atom of k layers across which the distribution function passes this probability, as an
    /// offset.
    fn quantile_at_atom(&self, probability: f64) -> Result<Option<f64>> {
        let Some(edges) = self.sum.step.edges() else {
            return Ok(None);
        };
        let largest = edges.atoms().iter().copied().fold(0.0, f64::max);
        if self.sum.depth * (largest * edges.atoms().len() as f64).ln() < LEAST_ATOM.ln() {
            return Ok(None);
        }
        let all = compositions(edges, self.sum.depth).ok_or_else(|| self.sum.unresolved())?;
        for composition in all {
            let pairs = composition.counts.iter().zip(edges.atoms());
            let chances = pairs.map(|(&count, atom)| atom.powi(count as i32));
            let mass = composition.log_ways.exp() * chances.product::<f64>();
            if mass < LEAST_ATOM {
                continue;
            }
            let at = self.split_at(composition.position)?;
            let reached = at.below >= probability && at.above <= 1.0 - probability;
            if reached && at.below - mass < probability {
                return Ok(Some(composition.position));
            }
        }
        Ok(None)
    }

    /// The tail index κ > 0 with E[(σ²Q)^{κ/2}; Q>0] = 1: with biases the stationary law of the
    /// norm has P(‖x_∞‖ > t) ~ C t^{−κ} (Kesten, Goldie). κ = s for the scale that keeps E‖x‖^s.
    ///
    /// # Errors
    /// [`Error::Domain`] where there is none: the typical norm does not shrink, counting dead
    /// networks as shrunk; or where κ is so large that such moments lie beyond the law's computed
    /// range.
    pub fn tail_index(&self) -> Result<f64> {
        let rate = |theta: f64| -> Option<f64> {
            let tilted = self.sum.step.tilted(theta)?;
            Some(tilted.log_mgf + theta * self.growth + self.log_survival)
        };
        let none = |reason| {
            Err(Error::domain(
                "growth",
                format!("{:?}", self.growth),
                reason,
            ))
        };
        if self.growth >= 0.0 && self.log_survival == 0.0 {
            return none("negative for a tail index to exist");
        }
        // Λ is convex with Λ(0) ≤ 0: double until it is positive, then bisect
        let (mut low, mut high) = (0.0, 1e-3);
        loop {
            match rate(high) {
                Some(value) if value > 0.0 => break,
                Some(_) => (low, high) = (high, 2.0 * high),
                None => return none("less negative: the tail index is beyond the computed range"),
            }
        }
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if rate(middle).is_some_and(|value| value < 0.0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(0.5 * (low + high))
    }

    /// x − kμ.
    fn offset(&self, x: f64) -> Result<f64> {
        if x.is_nan() {
            return Err(Error::domain("x", "NaN", "a number"));
        }
        Ok(x - self.sum.depth * self.growth)
    }

    fn split(&self, x: f64) -> Result<Split> {
        self.split_at(self.offset(x)?)
    }

    fn split_at(&self, offset: f64) -> Result<Split> {
        if let Some(atoms) = self.atoms {
            return atoms.split(self.sum.depth, offset, self.sum.edge_rounding(offset));
        }
        if let Some(below) = self.beyond_ends(offset) {
            return Ok(Split::of_below(below));
        }
        let tilted = self.sum.away_from_zero(self.sum.saddle(offset), offset);
        let theta = tilted.theta;
        let weight = self.sum.weight(&tilted, offset);
        let tail = if weight == 0.0 {
            0.0
        } else {
            let integral = integrate(&self.sum, &tilted, offset, Kernel::Pole)?;
            let exact = if theta < 0.0 && integral < CANCELLED {
                self.left_tail(&tilted, offset)
                    .and_then(|tail| tail.cdf(offset))
            } else {
                None
            };
            exact.unwrap_or(weight * integral).clamp(0.0, 1.0)
        };
        // no route has digits: keep probabilities or slopes at the very ends of their domains
        if tail.is_nan() {
            return Err(self.sum.unresolved());
        }
        Ok(if theta < 0.0 {
            Split::of_below(tail)
        } else {
            Split::of_above(tail)
        })
    }

    /// The distribution function outside the law's support: 0 or 1.
    fn beyond_ends(&self, offset: f64) -> Option<f64> {
        if offset.is_infinite() {
            return Some(f64::from(u8::from(offset > 0.0)));
        }
        let right = self.sum.step.edges()?.positions()[0];
        let left = self.sum.step.ends().0.unwrap_or(f64::NEG_INFINITY);
        let rounding = self.sum.edge_rounding(offset);
        // what is at an end counts as left of it
        if offset >= self.sum.depth * right - rounding {
            Some(1.0)
        } else if offset < self.sum.depth * left - rounding {
            Some(0.0)
        } else {
            None
        }
    }

    /// The law in a table of which a value takes nanoseconds where [`DepthLaw::cdf`] takes up to a
    /// millisecond.
    ///
    /// Absolute error below 2e-9 (tests/depth/); in the tails beyond 1e-11 the table is 0 and 1.
    ///
    /// # Errors
    /// [`Error::Unresolved`] where the law has atoms or is not smooth: few orthogonal units, and
    /// few layers of them.
    pub fn table(&self) -> Result<DepthTable> {
        let variance = self.step.log_cumulants().variance;
        let deviation = (self.sum.depth * variance).sqrt();
        DepthTable::new(&self.sum, self.sum.depth * self.growth, deviation)
    }

    /// The left tail by convolution, where it holds: not where all layers may be next to edges,
    /// unless k of them make a smooth law.
    fn left_tail(&self, tilted: &Tilted, offset: f64) -> Option<&LeftTail> {
        let depth = self.sum.depth as u64;
        let made = self.left_tail.get_or_init(|| match self.sum.step.edges() {
            Some(_) => LeftTail::from_one_layer(self.lattice_beside_edges()?, depth),
            None => LeftTail::new(&self.sum.step, depth),
        });
        let tail = made.as_ref()?;
        if let Some(edges) = self.sum.step.edges()
            && !self.sum.dies_out(tilted)
        {
            let blurred = self.sum.depth * beside_edges::blurred(tail.step());
            let near = |c: &Composition| (c.position - offset).abs() < blurred;
            if compositions(edges, self.sum.depth)?.iter().any(near) {
                return None;
            }
        }
        Some(tail)
    }

    fn lattice_beside_edges(&self) -> Option<Lattice> {
        // where nearly all units are alike the law is narrow, but its tail is as steep as that of
        // one more unit
        let layer = self.step.layer_with_edges()?;
        let step = left_tail::largest_step(&self.sum.step).max(0.25 / layer.width().max(3) as f64);
        let finer = beside_edges::finer(&self.sum.step, step);
        let nodes = layer.fine_log_density(finer).ok()?;
        let densities = |points: &[f64]| layer.densities(points);
        beside_edges::lattice(
            &nodes,
            self.sum.step.center(),
            step,
            left_tail::LEAST_LEFT,
            densities,
        )
    }
}
