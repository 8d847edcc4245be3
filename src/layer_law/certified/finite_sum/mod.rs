//! Linear and ReLU layers as finite sums: given that n units count, Q is χ²_n.
//!
//! Two gamma quotients and a recurrence in n for each parity, where the integral of the other
//! route takes a node for every few bits and three powers at each. The cost grows with the width;
//! [`FiniteSum::is_cheaper`] says up to where it pays.

mod binomial;
mod leaky;
mod stirling;

pub use binomial::Chain;
pub use leaky::Leaky;
pub use stirling::Table;

use dashu_int::IBig;
use dashu_int::ops::BitTest;

use crate::layer_law::certified::ball::Ball;
use crate::layer_law::certified::elementary::{exp, ln};
use crate::layer_law::certified::finite_sum::binomial::{Binomial, LogSums};
use crate::layer_law::certified::finite_sum::stirling::rise;
use crate::layer_law::certified::fixed::{Fixed, Scaled};
use crate::layer_law::certified::rational::Rational;

/// The binomial mixture of a layer.
#[derive(Debug, Clone)]
pub struct FiniteSum {
    binomial: Binomial,
    /// Degrees of freedom of the independent χ² that Q is divided by.
    reference: Option<u64>,
}

/// E[Q^{s/2}; Q>0] = e^`log`·`factor`.
pub struct Moment {
    log: Fixed,
    factor: Scaled,
}

impl Moment {
    /// The moment.
    pub fn value(&self) -> Ball {
        exp(&self.log).times(&self.factor).ball()
    }

    /// Its logarithm.
    pub fn ln(&self) -> Ball {
        self.log.plus(&ln(&self.factor)).ball()
    }

    /// Bits that it is computed with.
    pub fn precision(&self) -> usize {
        self.log.precision
    }
}

impl FiniteSum {
    /// For units that have one |slope| where they have any: of probability `over`/`under`.
    pub fn new(over: &IBig, under: &IBig, width: u64, reference: Option<u64>) -> Self {
        let binomial = Binomial {
            trials: width,
            hit: over.clone(),
            miss: under - over,
        };
        Self {
            binomial,
            reference,
        }
    }

    /// Bits for relative errors of about 10^{−digits}, the same for digits and widths that are
    /// about as large.
    fn precision(&self, digits: usize) -> usize {
        let largest = self.reference.unwrap_or(0).max(self.binomial.trials);
        let bits = (digits as f64 * std::f64::consts::LOG2_10).ceil() as usize;
        let guard = 40 + 2 * (u64::BITS - largest.leading_zeros()) as usize;
        (bits + guard).next_multiple_of(64)
    }

    /// E[Q^{s/2}; Q>0].
    pub fn moment(&self, s: &Rational, digits: usize) -> Moment {
        self.moment_altered(s, digits, |chain| chain)
    }

    /// With every chain of terms passed through a function: only the identity is right, a
    /// test plants another.
    pub fn moment_altered(
        &self,
        s: &Rational,
        digits: usize,
        alter: impl Fn(Chain) -> Chain,
    ) -> Moment {
        let table = Table::new(self.precision(digits));
        let precision = table.precision;
        let (first, second) = self.binomial.anchors();
        let one = Fixed::integer(1, precision);
        let at = |n: u64| n.max(table.base(n));
        // Σ over one parity of P(n) χ_n, over P(anchor) and χ at the base
        let part = |anchor: u64| {
            let sum = alter(self.binomial.chain(anchor, &one, Some(s))).sum();
            Scaled::new(sum, 0).over(&rise(anchor, at(anchor), s, precision))
        };
        let ln_base = table.ln_of(at(first));
        let mut log = table.ln_chi(at(first), &ln_base, s);
        let mut factor = part(first);
        if let Some(second) = second {
            let ln_quotient = table.ln_quotient(at(second), at(first));
            let other = table.ln_chi(at(second), &ln_base.plus(&ln_quotient), s);
            let quotient = exp(&other.minus(&log));
            let (over, under) = self.binomial.neighbour(first, second);
            let [over, under] = [over, under].map(|x| Scaled::integer(x, precision));
            let relative = quotient.times(&over).over(&under);
            factor = factor.plus(&part(second).times(&relative));
        }
        factor = factor.times(&self.binomial.probability(first, precision));
        if let Some(n) = self.reference {
            let base = at(n);
            log = log.minus(&table.ln_chi(base, &table.ln_of(base), s));
            factor = factor.times(&rise(n, base, s, precision));
        }
        Moment { log, factor }
    }

    /// Mean and variance of log Q given Q > 0.
    pub fn log_moments(&self, digits: usize) -> [Ball; 2] {
        self.log_moments_altered(digits, |chain| chain)
    }

    pub fn log_moments_altered(&self, digits: usize, alter: impl Fn(Chain) -> Chain) -> [Ball; 2] {
        let table = Table::new(self.precision(digits));
        let precision = table.precision;
        let (first, second) = self.binomial.anchors();
        // any center will do; a double's logarithm, in units of 2⁻²⁰
        let near = ((first as f64).ln() * 20.0_f64.exp2()) as u64;
        let center = Fixed {
            units: IBig::from(near) << (precision - 20),
            error: 0.0,
            precision,
        };
        let sums = |anchor: u64, start: &Fixed| {
            let chain = alter(self.binomial.chain(anchor, start, None));
            chain.log_sums(&center, &table)
        };
        let mut all = sums(first, &Fixed::integer(1, precision));
        if let Some(second) = second {
            let (over, under) = self.binomial.neighbour(first, second);
            let other = sums(second, &Fixed::ratio(&over, &under, precision));
            all = LogSums {
                weight: all.weight.plus(&other.weight),
                mean: all.mean.plus(&other.mean),
                square: all.square.plus(&other.square),
            };
        }
        let [weight, mean, square] = [all.weight, all.mean, all.square].map(|x| x.ball());
        let (mean, square) = (mean.over(&weight), square.over(&weight));
        let variance = square.minus(&mean.times(&mean));
        let mean = mean.plus(&center.ball());
        match self.reference {
            None => [mean, variance],
            Some(n) => {
                let by = table.log_moments(n);
                [
                    mean.minus(&by.mean.ball()),
                    variance.minus(&by.variance.ball()),
                ]
            }
        }
    }

    /// Terms of both parities and factors of the binomial coefficient.
    fn lengths(&self, bits: f64) -> [f64; 2] {
        let (first, second) = self.binomial.anchors();
        let d = self.binomial.trials as f64;
        if second.is_none() {
            return [1.0, 0.0];
        }
        let factors = (first as f64).min(d - first as f64);
        // where e^{−x²/(2·spread)} is 2^{−bits}, the far side of a Poisson law a little beyond
        let reach = (1.4 * bits * (factors + bits)).sqrt() + 0.5 * bits;
        [(2.0 * reach).min(d), factors]
    }

    /// Whether the sum is expected to take less time than the integral.
    pub fn is_cheaper(&self, s: Option<&Rational>, digits: usize) -> bool {
        let bits = self.precision(digits) as f64;
        let words = bits / 64.0;
        let given = [&self.binomial.hit, &self.binomial.miss];
        let given = given.map(IBig::bit_len).iter().sum::<usize>()
            + s.map_or(0, |s| s.denominator().bit_len());
        let multiplier = 1.0 + given as f64 / 64.0;
        let [terms, factors] = self.lengths(bits);
        // microseconds, measured
        let sum = terms * (0.3 + 0.025 * words * multiplier) + factors * 0.15;
        sum < integral_cost(bits)
    }

    /// The n whose probability is at least a share of the largest.
    #[cfg(test)]
    pub fn considerable(&self, share: f64) -> Vec<u64> {
        let mode = self.binomial.anchors().0;
        let size = |n: u64| self.binomial.probability(n, 128).ball();
        let largest = size(mode);
        let relative = |n: u64| size(n).over(&largest).center().to_f64().value();
        let possible = 1..=self.binomial.trials;
        possible.filter(|&n| relative(n) > share).collect()
    }
}

/// How many microseconds the integral takes, measured.
fn integral_cost(bits: f64) -> f64 {
    11e3 * (bits / 256.0).powf(1.9)
}
