//! Leaky ReLU layers as sums over the number h of positive units.
//!
//! Q = R·X with R ~ χ²_d and, independent of it, X = 1 − (1−w)B, w = a² < 1, B ~ Beta((d−h)/2,
//! h/2). E X^{s/2}, E log X and E log² X follow by a recurrence in h from the first two of each
//! parity; with dropout there is a sum over the number of units that are alive around it. Proved in
//! proofs-notes/certified.md, *Leaky ReLU*.

mod recurrence;
mod series;
mod shared;
mod starts;

use std::sync::Arc;

use dashu_int::IBig;
use dashu_int::ops::BitTest;

use crate::layer_law::certified::ball::Ball;
use crate::layer_law::certified::finite_sum::binomial::{Binomial, LogSums};
use crate::layer_law::certified::finite_sum::leaky::recurrence::Recurrence;
use crate::layer_law::certified::finite_sum::leaky::series::Quotients;
use crate::layer_law::certified::finite_sum::leaky::shared::Shared;
use crate::layer_law::certified::finite_sum::stirling::Table;
use crate::layer_law::certified::finite_sum::{Moment, integral_cost, precision_for};
use crate::layer_law::certified::fixed::{Fixed, Scaled};
use crate::layer_law::certified::rational::Rational;

/// A layer with 0 < |a| < 1.
#[derive(Debug, Clone)]
pub struct Leaky {
    /// |a|.
    pub slope: Rational,
    /// The number of units and the chance that each is alive.
    pub alive: Binomial,
    /// Degrees of freedom of the independent χ² that Q is divided by.
    pub reference: Option<u64>,
}

/// Most bits that a recurrence may cost: the counts of errors are doubles.
const MOST_LOST: f64 = 800.0;

impl Leaky {
    /// w = a² as a fraction.
    fn square(&self) -> [IBig; 2] {
        [self.slope.numerator(), self.slope.denominator()].map(|x| x * x)
    }

    /// |log w|, rounded up.
    fn log_range(&self) -> f64 {
        self.slope.to_f64().ln().abs() * 2.0 * 1.000_001
    }

    /// w, rounded up.
    fn square_real(&self) -> f64 {
        self.slope.to_f64().powi(2) * 1.000_001
    }

    fn quotients(&self, first: [IBig; 2], v: IBig, second: [i64; 2]) -> Quotients {
        Quotients::new(first, v, second, self.square(), self.square_real())
    }

    /// Bits that the first series and the recurrence cost, about: (1−w)^{−d/2} and what the count
    /// of errors has more.
    fn lost_bits(&self) -> f64 {
        let w = self.square_real();
        self.alive.trials as f64 / 2.0 * (w - (-w).ln_1p() / std::f64::consts::LN_2)
    }

    fn precision(&self, digits: usize, lost: usize) -> usize {
        let largest = self.reference.unwrap_or(0).max(self.alive.trials);
        precision_for(digits, largest, lost)
    }

    /// What all sums of as many digits share.
    fn table(&self, digits: usize) -> Arc<Table> {
        Table::new(self.precision(digits, self.lost_bits() as usize))
    }

    /// Whether every unit is alive.
    fn is_whole(&self) -> bool {
        self.alive.miss.is_zero()
    }

    /// Whether the moment, or for no s the law of log Q, is expected to take less time than the
    /// integral.
    pub fn is_cheaper(&self, s: Option<&Rational>, digits: usize) -> bool {
        if s.is_some_and(|s| *s == Rational::integer(2)) {
            return true;
        }
        // not a number for w that is rounded up to 1 and more
        if self.lost_bits().is_nan() || self.lost_bits() > MOST_LOST {
            return false;
        }
        let own = self.precision(digits, 0) as f64;
        let bits = own + self.lost_bits();
        let (words, d) = (bits / 64.0, self.alive.trials as f64);
        let terms = bits * std::f64::consts::LN_2 / self.log_range() + 4.0;
        let long = s.map_or(0.0, |s| (s.denominator().bit_len() / 64) as f64);
        // microseconds, measured
        let factor = if s.is_some() { 1.0 } else { 2.5 };
        let starts = factor * 6.0 * terms * (0.4 + 0.03 * words * (1.0 + long)) + 100.0;
        let steps = factor * d * (0.8 + 0.06 * words * (1.0 + long) + 6e-4 * words * words);
        let sums = if self.is_whole() { 1.0 } else { d };
        sums * (starts + steps) < integral_cost(own)
    }

    /// The numbers of alive units with their probabilities.
    fn layers(&self, precision: usize) -> Vec<(u64, Scaled)> {
        let d = self.alive.trials;
        if self.is_whole() {
            return vec![(d, Scaled::one(precision))];
        }
        let chance = |n| (n, self.alive.probability(n, precision));
        (1..=d).map(chance).collect()
    }

    /// E[Q^{s/2}; Q>0].
    pub fn moment(&self, s: &Rational, digits: usize) -> Moment {
        if *s == Rational::integer(2) {
            return Moment::known(self.mean(self.precision(digits, 0)));
        }
        let table = self.table(digits);
        let precision = table.precision;
        let shared = Shared::new(self, s, &table);
        let terms = self.layers(precision).into_iter().map(|(n, chance)| {
            let mean = Recurrence::new(&shared, n).power();
            Scaled::new(mean, 0).times(&shared.chi(n)).times(&chance)
        });
        let sum = terms.reduce(|sum, term| sum.plus(&term));
        let sum = sum.unwrap_or_else(|| Scaled::one(precision));
        Moment::known(match self.reference {
            Some(n) => sum.over(&table.chi(n, s)),
            None => sum,
        })
    }

    /// E Q = ½(1+w) d P(alive), over that of the χ² that is divided by.
    fn mean(&self, precision: usize) -> Scaled {
        let [over, under] = self.square();
        let Binomial { trials, hit, miss } = &self.alive;
        let over = (over + &under) * hit * IBig::from(*trials);
        let under = under * 2 * (hit + miss) * IBig::from(self.reference.unwrap_or(1));
        Scaled::ratio(&over, &under, precision)
    }

    /// Mean and variance of log Q given Q > 0.
    pub fn log_moments(&self, digits: usize) -> [Ball; 2] {
        let table = self.table(digits);
        let zero = Rational::integer(0);
        let shared = Shared::new(self, &zero, &table);
        let none = || Fixed::integer(0, table.precision);
        let (mut weight, mut first, mut second) = (none(), none(), none());
        // any center will do: the largest layer's mean
        let center = table.log_moments(self.alive.trials).mean;
        for (n, chance) in self.layers(table.precision) {
            let [log, square] = Recurrence::new(&shared, n).logs();
            let own = table.log_moments(n);
            let off = own.mean.minus(&center);
            let twice = off.plus(&off).times(&log);
            let chance = chance.fixed();
            let square = square
                .plus(&twice)
                .plus(&off.times(&off))
                .plus(&own.variance);
            first = first.plus(&off.plus(&log).times(&chance));
            second = second.plus(&square.times(&chance));
            weight = weight.plus(&chance);
        }
        let sums = LogSums {
            weight,
            mean: first,
            square: second,
        };
        sums.moments(&center, self.reference, &table)
    }
}
