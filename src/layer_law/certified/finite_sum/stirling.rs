//! Gamma functions at half integers and their differences, by Stirling's series.
//!
//! χ_n stands for E(χ²_n)^{s/2} = 2^{s/2} Γ((n+s)/2)/Γ(n/2). Proved in proofs-notes/certified.md,
//! *Stirling's series*.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use dashu_int::IBig;

use crate::layer_law::certified::elementary::{atanh, exp, ln, ln_2};
use crate::layer_law::certified::finite_sum::known::ORDERS;
use crate::layer_law::certified::fixed::{Fixed, Scaled};
use crate::layer_law::certified::rational::Rational;

/// Tables kept at once.
const KEPT: usize = 8;

/// Mean and variance of log χ²_n: ψ(n/2) + log 2 and ψ′(n/2).
#[derive(Debug, Clone)]
pub struct LogMoments {
    pub mean: Fixed,
    pub variance: Fixed,
}

/// What all layers at one precision share.
pub struct Table {
    pub precision: usize,
    /// The series is used at z ≥ N = 2^`shift`.
    shift: usize,
    /// |B_2n|/(2n(2n−1) N^{2n−2}), n = 1, 2, …, each less than a unit off.
    coefficients: OnceLock<Vec<IBig>>,
    /// Stirling's series at N and at N + 1/2, and log(2N+1).
    at_base: OnceLock<[Fixed; 2]>,
    ln_odd_base: OnceLock<Fixed>,
    /// log-moments of χ²_1 and χ²_2.
    lowest: OnceLock<[LogMoments; 2]>,
    /// χ_1 and χ_2 at the orders that known.rs names.
    pub(super) known: [OnceLock<[Scaled; 2]>; ORDERS],
}

impl Table {
    /// The table for a precision, computed once.
    pub fn new(precision: usize) -> Arc<Self> {
        static TABLES: Mutex<Vec<Arc<Table>>> = Mutex::new(Vec::new());
        let mut tables = TABLES.lock().unwrap_or_else(PoisonError::into_inner);
        let found = tables.iter().position(|t| t.precision == precision);
        let table = match found {
            Some(place) => tables.remove(place),
            None => Arc::new(Self::computed(precision)),
        };
        tables.insert(0, Arc::clone(&table));
        tables.truncate(KEPT);
        table
    }

    fn computed(precision: usize) -> Self {
        Self {
            precision,
            shift: (0.2 * precision as f64).log2().ceil().max(3.0) as usize,
            coefficients: OnceLock::new(),
            at_base: OnceLock::new(),
            ln_odd_base: OnceLock::new(),
            lowest: OnceLock::new(),
            known: [const { OnceLock::new() }; ORDERS],
        }
    }

    fn coefficients(&self) -> &[IBig] {
        self.coefficients.get_or_init(|| {
            let Self {
                precision, shift, ..
            } = *self;
            let numbers = tangent_numbers(terms(precision, shift));
            let coefficients = numbers.iter().zip(1..).map(|(t, n)| {
                // |B_2n|/(2n(2n−1)) = T_n/((2n−1) 4ⁿ (4ⁿ−1))
                let under = ((IBig::ONE << (2 * n)) - 1) * (2 * n - 1);
                let exponent = precision as isize - (2 * n + 2 * shift * (n - 1)) as isize;
                if exponent >= 0 {
                    (t << exponent as usize) / under
                } else {
                    (t >> exponent.unsigned_abs()) / under
                }
            });
            coefficients.collect()
        })
    }

    /// 2N, or 2N + 1: the first n of a parity for which the series serves.
    pub fn base(&self, parity: u64) -> u64 {
        (2 << self.shift) + parity % 2
    }

    /// log n for n ≥ 1.
    pub fn ln_of(&self, n: u64) -> Fixed {
        if n == self.base(1) {
            let ln = || self.ln_by_series(n);
            return self.ln_odd_base.get_or_init(ln).clone();
        }
        if n.is_power_of_two() {
            return Fixed {
                units: ln_2(self.precision) * n.trailing_zeros(),
                error: 3.0 * f64::from(n.trailing_zeros()),
                precision: self.precision,
            };
        }
        ln(&Scaled::integer(IBig::from(n), self.precision))
    }

    /// log(n) from log(n−1).
    fn ln_by_series(&self, n: u64) -> Fixed {
        self.ln_of(n - 1).plus(&self.ln_quotient(n, n - 1))
    }

    /// log(a/b) = 2 atanh((a−b)/(a+b)) for a near b.
    pub fn ln_quotient(&self, a: u64, b: u64) -> Fixed {
        let (a, b) = (IBig::from(a), IBig::from(b));
        let half = atanh(&(&a - &b), &(a + b), self.precision);
        half.times_ratio(&IBig::from(2), &IBig::ONE)
    }

    /// Σ_n (−1)^{n−1} f_n |B_2n|/(2n(2n−1)) N^{2−2n} v^{n−1}, v = (N/z)², z = `over`/`under` ≥ N,
    /// for `factor`s f_n ≤ 4n²: less than 1 + Σ (1 + f_n) units off.
    fn series(&self, over: &IBig, under: &IBig, factor: impl Fn(u64) -> u64) -> IBig {
        let v_over = (under * under) << (2 * self.shift);
        let v_under = over * over;
        let mut sum = IBig::ZERO;
        for (place, coefficient) in self.coefficients().iter().enumerate().rev() {
            sum = coefficient * factor(place as u64 + 1) - sum * &v_over / &v_under;
        }
        sum
    }

    /// log Γ(z) − (z−½)log z + z − ½log 2π for z = `over`/`under` ≥ N.
    fn remainder(&self, over: &IBig, under: &IBig) -> Fixed {
        let sum = self.series(over, under, |_| 1);
        Fixed {
            units: sum * under / over,
            // 2T + 1 units and 1 left out, divided by z ≥ N > T, and the quotient's own
            error: 4.0,
            precision: self.precision,
        }
    }

    /// [`Table::remainder`] at n/2.
    fn remainder_at_half(&self, n: u64) -> Fixed {
        let at = |n: u64| self.remainder(&IBig::from(n), &IBig::from(2));
        if n == self.base(n) {
            let base = self
                .at_base
                .get_or_init(|| [0, 1].map(|p| at(self.base(p))));
            return base[(n % 2) as usize].clone();
        }
        at(n)
    }

    /// log χ_n for n ≥ 2N, given log n: with p = s/2 and δ = log(1+s/n) it is
    /// p log n + ½(n+s−1)δ − p + R((n+s)/2) − R(n/2).
    pub fn ln_chi(&self, n: u64, ln_n: &Fixed, order: &Rational) -> Fixed {
        let (a, b) = (order.numerator(), order.denominator());
        let twice_b = b * IBig::from(2);
        let shifted = b * IBig::from(n) + a;
        // δ/2, with as many bits more as it is multiplied by
        let more = (u64::BITS - n.leading_zeros()) as usize + 2;
        let half = atanh(a, &(&shifted + b * IBig::from(n)), self.precision + more);
        let main = half
            .times_ratio(&(&shifted - b), b)
            .to_precision(self.precision);
        let power = ln_n.times_ratio(a, &twice_b);
        let p = Fixed::ratio(a, &twice_b, self.precision);
        let remainder = self.remainder(&shifted, &twice_b);
        let remainders = remainder.minus(&self.remainder_at_half(n));
        power.plus(&main).minus(&p).plus(&remainders)
    }

    /// χ_n for s > −1.
    pub fn chi(&self, n: u64, s: &Rational) -> Scaled {
        self.known_chi(n, s)
            .unwrap_or_else(|| self.chi_by_series(n, s))
    }

    /// χ_n for s > −1 from the series: where s is negative it needs n + s ≥ 2N.
    pub(super) fn chi_by_series(&self, n: u64, s: &Rational) -> Scaled {
        let base = n.max(self.base(n) + 2);
        let log = self.ln_chi(base, &self.ln_of(base), s);
        exp(&log).over(&rise(n, base, s, self.precision))
    }

    /// Γ(2−s/2) for s < 4, by E(χ²_2)^{r/2} = 2^{r/2} Γ(1+r/2) with r = 2 − s; as r may be
    /// negative, the series is used from n = 2N + 2.
    pub fn gamma_two_minus_half(&self, s: &Rational) -> Scaled {
        let order = s.two_minus();
        let n = self.base(0) + 2;
        let twice_power = order.denominator() * IBig::from(2);
        let power = self.ln_of(2).times_ratio(order.numerator(), &twice_power);
        let log = self.ln_chi(n, &self.ln_of(n), &order).minus(&power);
        exp(&log).over(&rise(2, n, &order, self.precision))
    }

    /// Mean and variance of log χ²_n.
    pub fn log_moments(&self, n: u64) -> LogMoments {
        if n >= self.base(n) {
            return self.log_moments_by_series(n);
        }
        let lowest = self.lowest.get_or_init(|| {
            [1, 2].map(|n| {
                let base = self.base(n);
                let base_moments = self.log_moments_by_series(base);
                self.moved(&base_moments, n, base, -1)
            })
        });
        let first = 2 - n % 2;
        self.moved(&lowest[first as usize - 1], first, n, 1)
    }

    /// ψ(x+1) = ψ(x) + 1/x and ψ′(x+1) = ψ′(x) − 1/x², from n = `low` to `high` for a sign of 1 and
    /// back for −1.
    fn moved(&self, from: &LogMoments, low: u64, high: u64, sign: i32) -> LogMoments {
        let one = IBig::ONE << self.precision;
        let (mut mean, mut variance) = (IBig::ZERO, IBig::ZERO);
        let mut steps = 0.0;
        for n in (low..high).step_by(2) {
            let step = &one * 2u64 / n;
            variance += &step * 2u64 / n;
            mean += step;
            steps += 1.0;
        }
        let sign = IBig::from(sign);
        let by = |units: IBig, error: f64| Fixed {
            units: units * &sign,
            error,
            precision: self.precision,
        };
        LogMoments {
            mean: from.mean.plus(&by(mean, steps)),
            variance: from.variance.minus(&by(variance, 3.0 * steps)),
        }
    }

    /// ψ(z) = log z − 1/(2z) − Σ B_2k/(2k z^{2k}), ψ′(z) = 1/z + 1/(2z²) + Σ B_2k/z^{2k+1}, z =
    /// n/2.
    fn log_moments_by_series(&self, n: u64) -> LogMoments {
        let (over, under) = (IBig::from(n), IBig::from(2));
        let one = Fixed::integer(1, self.precision);
        let ratio = |x: Fixed, factor: u64, power: usize| {
            x.times_ratio(&IBig::from(factor), &IBig::from(n).pow(power))
        };
        let sum = |factor: &dyn Fn(u64) -> u64| {
            let count = self.coefficients().len() as f64;
            Fixed {
                units: self.series(&over, &under, factor),
                error: (count + 2.0) * 4.0 * count * count,
                precision: self.precision,
            }
        };
        let mean_sum = ratio(sum(&|k| 2 * k - 1), 4, 2);
        let mean = self.ln_of(n).minus(&ratio(one.clone(), 1, 1));
        let variance_sum = ratio(sum(&|k| 2 * k * (2 * k - 1)), 8, 3);
        let variance = ratio(one.clone(), 2, 1).plus(&ratio(one, 2, 2));
        LogMoments {
            mean: mean.minus(&mean_sum),
            variance: variance.plus(&variance_sum),
        }
    }
}

/// How many coefficients are needed: the first that is left out is below a sixteenth of a unit,
/// by |B_2n|/(2n(2n−1)) = 2(2n−2)! ζ(2n)/(2π)^{2n}.
fn terms(precision: usize, shift: usize) -> usize {
    let log_two_pi = (2.0 * std::f64::consts::PI).log2();
    let mut log_factorial = 0.0;
    for n in 1.. {
        let two_n = 2.0 * n as f64;
        if n > 1 {
            log_factorial += (two_n - 2.0).log2() + (two_n - 3.0).log2();
        }
        let log_size = 1.8 + log_factorial - two_n * log_two_pi - (two_n - 2.0) * shift as f64;
        if log_size < -(precision as f64) - 4.0 {
            return n - 1;
        }
    }
    unreachable!("the terms fall at first")
}

/// T_1, T_2, …: tan x = Σ T_n x^{2n−1}/(2n−1)!.
fn tangent_numbers(count: usize) -> Vec<IBig> {
    let mut numbers = vec![IBig::ONE; count];
    for k in 1..count {
        numbers[k] = &numbers[k - 1] * k;
    }
    for k in 1..count {
        for j in k..count {
            let before = &numbers[j - 1] * (j - k);
            numbers[j] *= j - k + 2;
            numbers[j] += before;
        }
    }
    numbers
}

/// The product of (n+s)/n over n = `low`, `low`+2, …, below `high`: χ_high/χ_low.
pub fn rise(low: u64, high: u64, order: &Rational, precision: usize) -> Scaled {
    if low >= high {
        return Scaled::one(precision);
    }
    let (a, b) = (order.numerator(), order.denominator());
    let between = || (low..high).step_by(2);
    let over = match (u64::try_from(a), u64::try_from(b)) {
        (Ok(a), Ok(b)) if a.max(b) < SHORT && high < SHORT => {
            Scaled::product_of_short(between().map(|n| b * n + a), precision)
        }
        _ => Scaled::product(between().map(|n| b * IBig::from(n) + a), precision),
    };
    let under = Scaled::product_of_short(between(), precision);
    if b.is_one() {
        return over.over(&under);
    }
    let count = (high - low).div_ceil(2);
    let powers = match u64::try_from(b) {
        // a squaring doubles a relative error
        Ok(b) => Scaled::product_of_short((0..count).map(|_| b), precision),
        Err(_) => Scaled::integer(b.clone(), precision).power(count),
    };
    over.over(&under.times(&powers))
}

/// b·n + a fits into a word where all are below this.
const SHORT: u64 = 1 << 31;
