//! Statistics of log-norms while they are simulated: one pass, constant memory, mergeable.

use std::collections::BTreeMap;

use average::{Estimate, Kurtosis, Merge};

/// Width of the quantile sketch's cells: quantiles of a log-norm are within half of it, norms
/// within 0.5 %.
const CELL: f64 = 0.01;

/// Values kept at each end.
const KEPT: usize = 512;

/// What is known of a sample of log-norms, −∞ being a dead output.
///
/// Moments come from a stable one-pass recurrence, quantiles from counts on a grid of log-norms
/// (DDSketch of the norm itself, kept in log scale), and the 512 largest and smallest values for
/// estimates of the tails. Counts and extremes are the same however a sample is divided; moments
/// are the same in bits when the parts are, and merged in the same order.
///
/// Pébay, P. (2008), Formulas for robust, one-pass parallel computation of covariances and
/// arbitrary-order statistical moments. Masson, C., Rim, J. E. & Lee, H. K. (2019), DDSketch.
///
/// ```
/// use isomoment::stats::summary::Summary;
/// let values = [0.5, -1.0, f64::NEG_INFINITY, 2.0];
/// let (mut whole, mut left, mut right) = (Summary::default(), Summary::default(), Summary::default());
/// values.iter().for_each(|&x| whole.add(x));
/// values[..2].iter().for_each(|&x| left.add(x));
/// values[2..].iter().for_each(|&x| right.add(x));
/// left.merge(&right);
/// assert_eq!((left.count(), left.dead()), (4, 1));
/// assert!((left.mean() - 0.5).abs() < 1e-15 && (whole.mean() - 0.5).abs() < 1e-15);
/// assert_eq!(left.largest(), whole.largest());
/// assert!((whole.quantile(0.5) - 0.5).abs() < 0.0051);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Summary {
    dead: u64,
    moments: Kurtosis,
    cells: BTreeMap<i64, u64>,
    largest: Vec<f64>,
    smallest: Vec<f64>,
}

impl Summary {
    /// Takes one more log-norm.
    pub fn add(&mut self, log_norm: f64) {
        if log_norm == f64::NEG_INFINITY {
            self.dead += 1;
            return;
        }
        self.moments.add(log_norm);
        *self
            .cells
            .entry((log_norm / CELL).floor() as i64)
            .or_default() += 1;
        keep(&mut self.largest, log_norm, |a, b| b.total_cmp(a));
        keep(&mut self.smallest, log_norm, f64::total_cmp);
    }

    /// Takes in another part of the sample.
    pub fn merge(&mut self, other: &Self) {
        self.dead += other.dead;
        self.moments.merge(&other.moments);
        for (cell, count) in &other.cells {
            *self.cells.entry(*cell).or_default() += count;
        }
        for value in &other.largest {
            keep(&mut self.largest, *value, |a, b| b.total_cmp(a));
        }
        for value in &other.smallest {
            keep(&mut self.smallest, *value, f64::total_cmp);
        }
    }

    /// Size of the sample.
    pub fn count(&self) -> u64 {
        self.dead + self.alive()
    }

    /// How many are not dead.
    pub fn alive(&self) -> u64 {
        self.moments.len()
    }

    /// How many are dead.
    pub fn dead(&self) -> u64 {
        self.dead
    }

    /// Mean given survival; NaN without any.
    pub fn mean(&self) -> f64 {
        if self.alive() == 0 {
            return f64::NAN;
        }
        self.moments.mean()
    }

    /// Unbiased variance given survival; NaN for fewer than two.
    pub fn variance(&self) -> f64 {
        if self.alive() < 2 {
            return f64::NAN;
        }
        self.moments.sample_variance()
    }

    /// Skewness given survival; NaN without spread.
    pub fn skewness(&self) -> f64 {
        if self.alive() < 2 || self.moments.population_variance() == 0.0 {
            return f64::NAN;
        }
        self.moments.skewness()
    }

    /// Excess kurtosis given survival; NaN without spread.
    pub fn excess_kurtosis(&self) -> f64 {
        if self.alive() < 2 || self.moments.population_variance() == 0.0 {
            return f64::NAN;
        }
        self.moments.kurtosis()
    }

    /// The value that a share p of the survivors does not exceed, within 0.005; NaN without any.
    pub fn quantile(&self, p: f64) -> f64 {
        let wanted = (p.clamp(0.0, 1.0) * self.alive() as f64).max(1.0);
        let mut seen = 0;
        for (cell, count) in &self.cells {
            seen += count;
            if seen as f64 >= wanted {
                let middle = (*cell as f64 + 0.5) * CELL;
                let ends = (self.smallest.first(), self.largest.first());
                let (Some(&smallest), Some(&largest)) = ends else {
                    return middle;
                };
                return middle.max(smallest).min(largest);
            }
        }
        f64::NAN
    }

    /// The largest values, descending: up to 512.
    pub fn largest(&self) -> &[f64] {
        &self.largest
    }

    /// The smallest values, ascending: up to 512.
    pub fn smallest(&self) -> &[f64] {
        &self.smallest
    }
}

/// Inserts a value into a sorted list of bounded length.
fn keep(list: &mut Vec<f64>, value: f64, order: impl Fn(&f64, &f64) -> std::cmp::Ordering) {
    if list.len() == KEPT && order(&value, &list[KEPT - 1]).is_ge() {
        return;
    }
    let position = list.partition_point(|kept| order(kept, &value).is_le());
    list.insert(position, value);
    list.truncate(KEPT);
}
