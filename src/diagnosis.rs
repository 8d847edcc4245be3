//! What becomes of a signal, and of its gradient, in a stack of equal layers whose weights have a
//! given standard deviation.

use crate::depth::DepthLaw;
use crate::error::{Error, Result};
use crate::layer_law::{LayerLaw, Weights};
use crate::limits::check_positive;
use crate::special::{digamma_minus_ln, trigamma};

/// The mean and variance of the log of what a layer multiplies the root-mean-square by, given
/// survival.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Mean: the typical signal grows or shrinks by e to this power in a layer.
    pub growth: f64,
    /// Variance.
    pub variance: f64,
}

impl Rate {
    /// Layers after which the typical root-mean-square has fallen to this share ε < 1, log ε/growth;
    /// `None` where it does not fall. The expected number of layers until it has is larger by the
    /// overshoot of one layer at most (Wald).
    pub fn layers_to(&self, share: f64) -> Option<f64> {
        let layers = share.ln() / self.growth;
        (self.growth < 0.0 && share > 0.0 && share < 1.0).then_some(layers)
    }
}

/// What weights do in `depth` layers of one law, each as wide as the other: of layers with more
/// inputs than outputs, or fewer, the root-mean-square ‖x‖/√n takes the norm's place.
///
/// The law of Gaussian weights is meant; of others with independent entries of this standard
/// deviation (uniform, truncated normal) only the second moment of a layer's output is the same.
///
/// ```
/// use isomoment::diagnosis::Diagnosis;
/// use isomoment::{Activation, Dropout, LayerLaw, LayerShape, Scheme};
/// let layer = LayerLaw::new(Activation::Relu, 64)?;
/// let he = Scheme::He.standard_deviation(Activation::Relu, Dropout::NONE, LayerShape::square(64))?;
/// let found = Diagnosis::new(&layer, he, 50)?;
/// // He's rule keeps the second moment, and the typical output vanishes all the same
/// assert!((found.preserved_order().unwrap() - 2.0).abs() < 1e-9);
/// assert!(found.forward().growth < 0.0);
/// let (low, median, high) = found.band(0.9)?;
/// assert!(low < median && median < high);
/// // square layers do to gradients what they do to signals
/// assert_eq!(found.backward(), Some(found.forward()));
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Diagnosis {
    layer: LayerLaw,
    law: DepthLaw,
    forward: Rate,
}

impl Diagnosis {
    /// Of `depth` layers whose entries have standard deviation `std`.
    ///
    /// # Errors
    /// [`Error::Domain`] for a standard deviation that is not positive and finite, and as
    /// [`DepthLaw::new`].
    pub fn new(layer: &LayerLaw, std: f64, depth: u64) -> Result<Self> {
        check_positive("std", std)?;
        let aspect = (layer.fan_in() as f64 / layer.width() as f64).sqrt();
        let law = DepthLaw::new(layer, layer.scale_of_entries(std) * aspect, depth)?;
        let forward = Rate {
            growth: law.growth(),
            variance: layer.log_cumulants().variance,
        };
        Ok(Self {
            layer: layer.clone(),
            law,
            forward,
        })
    }

    /// The same layers, so many of them.
    ///
    /// # Errors
    /// As [`DepthLaw::with_depth`].
    pub fn at_depth(&self, depth: u64) -> Result<Self> {
        Ok(Self {
            law: self.law.with_depth(depth)?,
            ..self.clone()
        })
    }

    /// The exact law of the log of the output's root-mean-square, relative to the input's.
    pub fn law(&self) -> &DepthLaw {
        &self.law
    }

    /// Of signals.
    pub fn forward(&self) -> Rate {
        self.forward
    }

    /// Of gradients: Jᵀu for a u that is uniform on the sphere (proofs-notes/T11.md). In square
    /// layers exactly the law of the signals; `None` for orthogonal weights of other shapes.
    pub fn backward(&self) -> Option<Rate> {
        let (fan_in, fan_out) = (self.layer.fan_in() as f64, self.layer.width() as f64);
        if fan_in == fan_out {
            return Some(self.forward);
        }
        if self.layer.weights() == Weights::Orthogonal {
            return None;
        }
        // ‖Wᵀ D u‖² = σ²‖Du‖²χ²(fan_in), where forward it is σ²‖Du‖²χ²(fan_out); both by their
        // number of components, so that the logarithms go
        let (forward, backward) = (0.5 * fan_out, 0.5 * fan_in);
        let difference = digamma_minus_ln(backward) - digamma_minus_ln(forward);
        let sizes = 0.5 * (fan_out / fan_in).ln();
        Some(Rate {
            growth: self.forward.growth + 0.5 * difference + sizes,
            variance: self.forward.variance + 0.25 * (trigamma(backward) - trigamma(forward)),
        })
    }

    /// The order s > 0 whose moment these weights keep: E of the s-th power of a layer's factor is 1.
    /// `None` where there is none, as the typical signal grows, or where it shrinks so fast that s is
    /// beyond the law's computed range; it is then about −2·growth/variance.
    pub fn preserved_order(&self) -> Option<f64> {
        self.law.tail_index().ok()
    }

    /// The ends of the middle `share` of the log of the output's root-mean-square, relative to the
    /// input's, and the median between them: (low, median, high), given survival.
    ///
    /// # Errors
    /// [`Error::Domain`] unless 0 < share < 1, and as [`DepthLaw::quantile`].
    pub fn band(&self, share: f64) -> Result<(f64, f64, f64)> {
        if !(share > 0.0 && share < 1.0) {
            let given = format!("{share:?}");
            return Err(Error::domain("share", given, "between 0 and 1"));
        }
        let end = 0.5 * (1.0 - share);
        let at = |p: f64| self.law.quantile(p);
        Ok((at(end)?, at(0.5)?, at(1.0 - end)?))
    }

    /// P(output ≤ ε·input), death included, and P(output > input/ε).
    ///
    /// # Errors
    /// [`Error::Domain`] unless 0 < ε, and as [`DepthLaw::cdf`].
    pub fn beyond(&self, epsilon: f64) -> Result<(f64, f64)> {
        check_positive("epsilon", epsilon)?;
        let alive = self.law.survival_probability();
        let above = alive * self.law.survival_function(-epsilon.ln())?;
        Ok((self.law.below(epsilon)?, above))
    }
}
