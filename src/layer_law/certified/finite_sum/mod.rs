//! Linear and ReLU layers as finite sums: given that n units count, Q is χ²_n.
//!
//! Two gamma quotients and a recurrence in n for each parity, where the integral of the other
//! route takes a node for every few bits and three powers at each. The cost grows with the width;
//! [`FiniteSum::is_cheaper`] says up to where it pays.

mod binomial;
mod known;
mod leaky;
mod stirling;

pub use binomial::{Binomial, Chain};
pub use leaky::Leaky;
pub use stirling::Table;

use dashu_int::IBig;
use dashu_int::ops::BitTest;

use crate::layer_law::certified::ball::Ball;
use crate::layer_law::certified::elementary::{exp, inverse_power, is_short_power, ln};
use crate::layer_law::certified::finite_sum::binomial::LogSums;
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

/// E[Q^{s/2}; Q>0] = e^`log`·`factor`, without the first where the gamma functions are known.
pub struct Moment {
    log: Option<Fixed>,
    factor: Scaled,
}

impl Moment {
    fn known(factor: Scaled) -> Self {
        Self { log: None, factor }
    }

    /// The moment over a number.
    pub fn over(&self, by: &Scaled) -> Self {
        Self {
            log: self.log.clone(),
            factor: self.factor.over(by),
        }
    }

    /// The moment.
    pub fn value(&self) -> Ball {
        match &self.log {
            Some(log) => exp(log).times(&self.factor).ball(),
            None => self.factor.ball(),
        }
    }

    fn log(&self) -> Fixed {
        let log = ln(&self.factor);
        match &self.log {
            Some(more) => more.plus(&log),
            None => log,
        }
    }

    /// Its logarithm.
    pub fn ln(&self) -> Ball {
        self.log().ball()
    }

    /// Its power to −1/s.
    pub fn scale(&self, s: &Rational) -> Ball {
        let (over, under) = (s.denominator(), s.numerator());
        match &self.log {
            None => inverse_power(&self.factor, over, under),
            Some(log) if is_short_power(over, under) => {
                let root = inverse_power(&self.factor, over, under);
                exp(&log.times_ratio(&-over, under)).times(&root)
            }
            Some(_) => exp(&self.log().times_ratio(&-over, under)),
        }
        .ball()
    }

    /// Bits that it is computed with.
    pub fn precision(&self) -> usize {
        self.factor.mantissa.precision
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
        precision_for(digits, largest, 0)
    }

    /// E[Q^{s/2}; Q>0].
    pub fn moment(&self, s: &Rational, digits: usize) -> Moment {
        if *s == Rational::integer(2) {
            return self.second_moment(digits);
        }
        self.moment_altered(s, digits, |chain| chain)
    }

    /// The mean d·P(a unit counts), over that of the χ² that is divided by.
    fn second_moment(&self, digits: usize) -> Moment {
        let Binomial { trials, hit, miss } = &self.binomial;
        let under = (hit + miss) * IBig::from(self.reference.unwrap_or(1));
        let over = hit * IBig::from(*trials);
        Moment::known(Scaled::ratio(&over, &under, self.precision(digits)))
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
        // Σ over one parity of P(n) χ_n, over those at the anchor
        let sum = |anchor: u64| {
            let sum = alter(self.binomial.chain(anchor, &one, Some(s))).sum();
            Scaled::new(sum, 0)
        };
        if let Some(factor) = self.known_moment(&table, s, sum) {
            return Moment::known(factor);
        }
        let at = |n: u64| n.max(table.base(n));
        let part = |anchor: u64| sum(anchor).over(&rise(anchor, at(anchor), s, precision));
        let ln_base = table.ln_of(at(first));
        let mut log = table.ln_chi(at(first), &ln_base, s);
        let mut factor = part(first);
        if let Some(second) = second {
            let ln_quotient = table.ln_quotient(at(second), at(first));
            let other = table.ln_chi(at(second), &ln_base.plus(&ln_quotient), s);
            let quotient = exp(&other.minus(&log));
            let relative = quotient.times(&self.neighbour(first, second, precision));
            factor = factor.plus(&part(second).times(&relative));
        }
        factor = factor.times(&self.binomial.probability(first, precision));
        if let Some(n) = self.reference {
            let base = at(n);
            log = log.minus(&table.ln_chi(base, &table.ln_of(base), s));
            factor = factor.times(&rise(n, base, s, precision));
        }
        Moment {
            log: Some(log),
            factor,
        }
    }

    /// P(`second`)/P(`first`) for neighbours.
    fn neighbour(&self, first: u64, second: u64, precision: usize) -> Scaled {
        let (over, under) = self.binomial.neighbour(first, second);
        Scaled::ratio(&over, &under, precision)
    }

    /// The moment where every gamma function is known, from the sums over a parity relative to the
    /// anchor's term.
    fn known_moment(
        &self,
        table: &Table,
        s: &Rational,
        sum: impl Fn(u64) -> Scaled,
    ) -> Option<Scaled> {
        let (first, second) = self.binomial.anchors();
        let [at_first, at_second, divided_by] = [Some(first), second, self.reference]
            .map(|n| n.map_or(Some(None), |n| table.known_chi(n, s).map(Some)));
        let (chi, at_second, divided_by) = (at_first??, at_second?, divided_by?);
        let mut factor = sum(first).times(&chi);
        if let (Some(second), Some(chi)) = (second, at_second) {
            let relative = self.neighbour(first, second, table.precision);
            factor = factor.plus(&sum(second).times(&chi).times(&relative));
        }
        factor = factor.times(&self.binomial.probability(first, table.precision));
        Some(match divided_by {
            Some(chi) => factor.over(&chi),
            None => factor,
        })
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
        all.moments(&center, self.reference, &table)
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
        if s.is_some_and(|s| *s == Rational::integer(2)) {
            return true;
        }
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

/// Bits for relative errors of about 10^{−digits} at a width, with some that will be lost.
fn precision_for(digits: usize, width: u64, lost: usize) -> usize {
    let bits = (digits as f64 * std::f64::consts::LOG2_10).ceil() as usize;
    let guard = 40 + 2 * (u64::BITS - width.leading_zeros()) as usize;
    (bits + guard + lost).next_multiple_of(64)
}

/// How many microseconds the integral takes, measured.
fn integral_cost(bits: f64) -> f64 {
    11e3 * (bits / 256.0).powf(1.9)
}
