//! Sums over the number n of units that count, of two parities, from near the mode outwards.
//!
//! Proved in proofs-notes/certified.md, *Sums over units*.

use dashu_int::IBig;

use crate::layer_law::certified::ball::Ball;
use crate::layer_law::certified::finite_sum::stirling::{LogMoments, Table};
use crate::layer_law::certified::fixed::{Fixed, Scaled, quotient_bound};
use crate::layer_law::certified::rational::Rational;

/// n ~ Binomial(`trials`, `hit`/(`hit`+`miss`)), given n ≥ 1.
#[derive(Debug, Clone)]
pub struct Binomial {
    pub trials: u64,
    pub hit: IBig,
    pub miss: IBig,
}

/// A term in units of 2^{−precision}, and how many it is off.
struct Term {
    n: u64,
    units: IBig,
    error: f64,
}

/// Terms of one parity, n ascending, and a bound on the sum of those left out.
pub struct Chain {
    terms: Vec<Term>,
    left_out: f64,
    precision: usize,
}

/// Largest |log-mean| and log-mean² + log-variance of a χ²_n, n < 2⁵⁴, also less that of another.
const LOG_RANGE: f64 = 45.0;
const SQUARE_RANGE: f64 = 2100.0;

impl Binomial {
    /// The n of two parities where the terms are largest or next to it; only one if there is one.
    pub fn anchors(&self) -> (u64, Option<u64>) {
        let d = IBig::from(self.trials);
        let mode = (d + 1) * &self.hit / (&self.hit + &self.miss);
        let mode = u64::try_from(&mode).unwrap_or(1).clamp(1, self.trials);
        if self.trials == 1 || self.miss.is_zero() {
            return (mode, None);
        }
        let other = if mode < self.trials {
            mode + 1
        } else {
            mode - 1
        };
        (mode, Some(other))
    }

    /// P(n = `second`)/P(n = `first`) for neighbours, as a quotient.
    pub fn neighbour(&self, first: u64, second: u64) -> (IBig, IBig) {
        let low = first.min(second);
        let up = IBig::from(self.trials - low) * &self.hit;
        let down = IBig::from(low + 1) * &self.miss;
        if second > first {
            (up, down)
        } else {
            (down, up)
        }
    }

    /// P(n).
    pub fn probability(&self, n: u64, precision: usize) -> Scaled {
        let d = self.trials;
        let few = n.min(d - n);
        let over = Scaled::product_of_short(d - few + 1..=d, precision);
        let under = Scaled::product_of_short(1..=few, precision);
        let [hit, miss, all] = [self.hit.clone(), self.miss.clone(), &self.hit + &self.miss]
            .map(|x| Scaled::integer(x, precision));
        let chance = hit.power(n).times(&miss.power(d - n)).over(&all.power(d));
        over.over(&under).times(&chance)
    }

    /// P(n+2)/P(n), times (n+s)/n if there is an s.
    fn step(&self, n: u64, order: Option<&Rational>) -> (IBig, IBig) {
        let d = self.trials;
        let over = IBig::from(d - n) * IBig::from(d - n - 1) * (&self.hit * &self.hit);
        let under = IBig::from(n + 1) * IBig::from(n + 2) * (&self.miss * &self.miss);
        match order {
            None => (over, under),
            Some(s) => {
                let n = s.denominator() * IBig::from(n);
                (over * (&n + s.numerator()), under * n)
            }
        }
    }

    /// P(n), times χ_n if there is an s, relative to the anchor's, where it is `start`.
    pub fn chain(&self, anchor: u64, start: &Fixed, order: Option<&Rational>) -> Chain {
        let first = Term {
            n: anchor,
            units: start.units.clone(),
            error: start.error,
        };
        let steps_up = (anchor..self.trials - 1).step_by(2);
        let (above, left_above) = walk(&first, steps_up.map(|n| (n + 2, self.step(n, order))));
        let steps_down = (1..=anchor.saturating_sub(2)).rev().step_by(2);
        let down = steps_down.map(|n| {
            let (over, under) = self.step(n, order);
            (n, (under, over))
        });
        let (mut terms, left_below) = walk(&first, down);
        terms.reverse();
        terms.push(first);
        terms.extend(above);
        Chain {
            terms,
            left_out: left_above + left_below,
            precision: start.precision,
        }
    }
}

/// Terms from the first, exclusive, each the one before times a quotient, until no more than a
/// bound is left; the quotients fall.
fn walk(first: &Term, steps: impl Iterator<Item = (u64, (IBig, IBig))>) -> (Vec<Term>, f64) {
    let mut terms = Vec::new();
    let (mut units, mut error) = (first.units.clone(), first.error);
    for (n, (over, under)) in steps {
        let ratio = quotient_bound(&over, &under);
        // all that follow are at most those of a geometric series
        if units.is_zero() && ratio < 0.999_999 {
            return (terms, error * ratio / (1.0 - ratio));
        }
        units = units * over / under;
        error = error * ratio + 1.0;
        terms.push(Term {
            n,
            units: units.clone(),
            error,
        });
    }
    (terms, 0.0)
}

/// Σ w, Σ w m and Σ w (m² + v) for weights w, m and v the log-mean, less a center, and the
/// log-variance of χ²_n.
pub struct LogSums {
    pub weight: Fixed,
    pub mean: Fixed,
    pub square: Fixed,
}

impl LogSums {
    /// Mean and variance of log Q given Q > 0, of a Q that is divided by an independent χ² of `reference`
    /// degrees of freedom, if any; `center` is what was taken from the log-means.
    pub fn moments(self, center: &Fixed, reference: Option<u64>, table: &Table) -> [Ball; 2] {
        let [weight, mean, square] = [self.weight, self.mean, self.square].map(|x| x.ball());
        let (mean, square) = (mean.over(&weight), square.over(&weight));
        let variance = square.minus(&mean.times(&mean));
        let mean = mean.plus(&center.ball());
        match reference {
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
}

impl Chain {
    /// The terms, each with its n, and a bound on the sum of those left out.
    pub fn into_weights(self) -> (Vec<(u64, Fixed)>, f64) {
        let precision = self.precision;
        let weight = |term: Term| {
            let weight = Fixed {
                units: term.units,
                error: term.error,
                precision,
            };
            (term.n, weight)
        };
        (self.terms.into_iter().map(weight).collect(), self.left_out)
    }

    /// The sum of the terms.
    pub fn sum(&self) -> Fixed {
        let mut sum = IBig::ZERO;
        let mut error = self.left_out;
        for term in &self.terms {
            sum += &term.units;
            error += term.error;
        }
        Fixed {
            units: sum,
            error,
            precision: self.precision,
        }
    }

    /// With m and v at the lowest n and, from above down to it, A = Σ w, B = Σ w (m_n − m) and
    /// K = Σ w ((m_n − m)² + v_n − v): A += w; B += A·2/n, K += B·4/n.
    pub fn log_sums(&self, center: &Fixed, table: &Table) -> LogSums {
        let mut weight = IBig::ZERO;
        let (mut mean, mut square) = (IBig::ZERO, IBig::ZERO);
        let mut errors = [0.0; 3];
        for (place, term) in self.terms.iter().enumerate().rev() {
            weight += &term.units;
            errors[0] += term.error;
            let Some(below) = place.checked_sub(1) else {
                break;
            };
            let n = self.terms[below].n;
            let inverse = 1.0 / n as f64;
            square += &mean * 4_u64 / n;
            errors[2] += 4.0 * inverse * errors[1] + 1.0;
            mean += &weight * 2_u64 / n;
            errors[1] += 2.0 * inverse * errors[0] + 1.0;
        }
        let fixed = |units: IBig, error: f64| Fixed {
            units,
            error,
            precision: self.precision,
        };
        let [a, b, k] = [
            fixed(weight, errors[0] * 1.01),
            fixed(mean, errors[1] * 1.01),
            fixed(square, errors[2] * 1.01),
        ];
        let LogMoments { mean, variance } = table.log_moments(self.terms[0].n);
        let mean = mean.minus(center);
        let twice_mean = mean.plus(&mean);
        let with_rest = |x: Fixed, range: f64| Fixed {
            error: x.error + range * self.left_out,
            ..x
        };
        let first = mean.times(&a).plus(&b);
        let second = variance.plus(&mean.times(&mean)).times(&a);
        let second = second.plus(&twice_mean.times(&b)).plus(&k);
        LogSums {
            weight: with_rest(a, 1.0),
            mean: with_rest(first, LOG_RANGE),
            square: with_rest(second, SQUARE_RANGE),
        }
    }
}

#[cfg(test)]
impl Chain {
    /// The chain with a term forgotten.
    pub fn without(mut self, n: u64) -> Self {
        for term in self.terms.iter_mut().filter(|term| term.n == n) {
            term.units = IBig::ZERO;
        }
        self
    }

    /// The chain, or nothing if its parity is the other.
    pub fn only_of_parity(mut self, parity: u64) -> Self {
        for term in self.terms.iter_mut().filter(|term| term.n % 2 != parity) {
            term.units = IBig::ZERO;
        }
        self
    }
}
