//! Layers whose log-norm takes one or two values: an orthogonal layer of linear units, or of a
//! single leaky one.
//!
//! Their sum over k layers is constant, or binomial.

use crate::depth::split::Split;
use crate::depth::tilted::Centered;
use crate::error::{Error, Result};
use crate::special::{binomial_point, binomial_upper_sum};

/// Depths above would take too long a sum.
const MOST_LAYERS: f64 = 1e10;

/// The values of one layer's centered log-norm, and the chance of the lower one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Atoms {
    low: f64,
    high: f64,
    chance_low: f64,
}

impl Atoms {
    /// `None` for a law with other values.
    pub fn of(law: &Centered) -> Option<Self> {
        let edges = law.edges().filter(|edges| edges.only_atoms())?;
        let pairs = edges.positions().iter().zip(edges.atoms());
        let mut held = pairs.filter(|(_, atom)| **atom > 0.0);
        let (&high, _) = held.next()?;
        let (&low, &chance_low) = held.next().unwrap_or((&high, &0.0));
        Some(Self {
            low,
            high,
            chance_low,
        })
    }

    /// Both tails of the sum over `depth` layers; differences below `rounding` are none.
    pub fn split(&self, depth: f64, offset: f64, rounding: f64) -> Result<Split> {
        if self.chance_low == 0.0 {
            let below = f64::from(u8::from(offset >= depth * self.high - rounding));
            return Ok(Split::of_below(below));
        }
        // at least so many layers have the lower value
        let least = ((depth * self.high - offset - rounding) / (self.high - self.low)).ceil();
        self.at_least(depth, least)
    }

    /// The least sum with a distribution function of at least `probability`.
    pub fn quantile(&self, depth: f64, probability: f64) -> Result<f64> {
        let position = |low: f64| depth * self.high - low * (self.high - self.low);
        if self.chance_low == 0.0 {
            return Ok(position(0.0));
        }
        // the distribution function at position(m) is P(at least m layers have the lower value)
        let (mut most, mut too_many) = (0.0, depth + 1.0);
        while too_many - most > 1.0 {
            let middle = (0.5 * (most + too_many)).floor();
            let split = self.at_least(depth, middle)?;
            let reached = if probability < 0.5 {
                split.below >= probability
            } else {
                split.above <= 1.0 - probability
            };
            if reached {
                most = middle;
            } else {
                too_many = middle;
            }
        }
        Ok(position(most))
    }

    /// P(M ≥ m) and P(M < m) for M ~ Bin(n, chance of the lower value).
    fn at_least(&self, n: f64, m: f64) -> Result<Split> {
        if n > MOST_LAYERS {
            return Err(Error::Unresolved {
                quantity: "the law at finite depth",
                context: format!("two values, {n} layers"),
            });
        }
        let p = self.chance_low;
        if m <= 0.0 || m > n {
            let below = f64::from(u8::from(m <= 0.0));
            return Ok(Split::of_below(below));
        }
        // away from the mode all terms are smaller than the first
        Ok(if m > n * p {
            Split::of_below(tail(n, p, m).min(1.0))
        } else {
            Split::of_above(tail(n, 1.0 - p, n - m + 1.0).min(1.0))
        })
    }
}

/// P(M ≥ m) for M ~ Bin(n, p), m above the mean.
fn tail(n: f64, p: f64, m: f64) -> f64 {
    binomial_point(n, p, m) * binomial_upper_sum(n, p / (1.0 - p), m)
}
