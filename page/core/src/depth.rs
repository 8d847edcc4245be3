//! The law at depth: of weights with σ = 1, which every scheme only shifts.

use isomoment::depth::DepthTable;
use isomoment::{DepthLaw, Result};

use crate::question::{LENGTH, Question, whole};

/// Layers of one kind, and their law at a depth: what the next questions are about.
#[derive(Debug)]
pub struct Stack {
    numbers: [f64; LENGTH],
    law: DepthLaw,
    table: Option<DepthTable>,
}

impl Stack {
    /// `depth` layers; what was known `before` of the same layer, or of as many of them, is kept. The
    /// order makes no difference.
    ///
    /// # Errors
    /// As [`Question::read`] and [`DepthLaw::new`].
    pub fn new(before: Option<Self>, numbers: [f64; LENGTH], depth: f64) -> Result<Self> {
        let layer = Question::read(&numbers)?.layer()?;
        let depth = whole("depth", depth)?;
        let law = match before {
            Some(before) if before.numbers[..LENGTH - 1] == numbers[..LENGTH - 1] => {
                if before.law.depth() == depth {
                    return Ok(before);
                }
                before.law.with_depth(depth)?
            }
            _ => DepthLaw::new(&layer, 1.0, depth)?,
        };
        // few orthogonal units have no table: then every value is computed by itself
        let table = law.table().ok();
        Ok(Self {
            numbers,
            law,
            table,
        })
    }

    /// Growth per layer, mean and variance of the log-norm given survival, P(x_k = 0), and whether
    /// there is a table.
    pub fn summary(&self) -> Vec<f64> {
        let (mean, variance) = self.law.moments();
        let (growth, dead) = (self.law.growth(), self.law.dead_probability());
        let tabulated = f64::from(u8::from(self.table.is_some()));
        vec![growth, mean, variance, dead, tabulated]
    }

    /// Distribution function and density at each x, in turn; with an absolute error of 2e-9 and 3e-4
    /// where there is a table.
    ///
    /// # Errors
    /// As [`DepthLaw::cdf`].
    pub fn values(&self, points: &[f64]) -> Result<Vec<f64>> {
        let mut values = Vec::with_capacity(2 * points.len());
        for &x in points {
            values.extend(match &self.table {
                Some(table) => [table.cdf(x), table.density(x)],
                None => [self.law.cdf(x)?, self.law.density(x)?],
            });
        }
        Ok(values)
    }

    /// The quantiles of these probabilities, to all digits.
    ///
    /// # Errors
    /// As [`DepthLaw::quantile`].
    pub fn quantiles(&self, probabilities: &[f64]) -> Result<Vec<f64>> {
        probabilities
            .iter()
            .map(|&p| self.law.quantile(p))
            .collect()
    }

    /// P(‖x_k‖ ≤ ε‖x₀‖), death included, where the log-norm is shifted by each of `shifts`; to all
    /// digits.
    ///
    /// # Errors
    /// As [`DepthLaw::below`].
    pub fn below(&self, epsilon: f64, shifts: &[f64]) -> Result<Vec<f64>> {
        let (alive, dead) = (self.law.survival_probability(), self.law.dead_probability());
        let chance = |shift: &f64| match epsilon {
            epsilon if epsilon > 0.0 => Ok(dead + alive * self.law.cdf(epsilon.ln() - shift)?),
            epsilon => self.law.below(epsilon),
        };
        shifts.iter().map(chance).collect()
    }
}
