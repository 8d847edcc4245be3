//! Leaky ReLU layers without dropout as sums over the number h of positive units.
//!
//! Q = R·X with R ~ χ²_d and, independent of it, X = 1 − (1−w)B, w = a² < 1, B ~ Beta((d−h)/2,
//! h/2). Here is f(s) = E X^{s/2}, by two series in powers of w for each h. Where these have poles
//! that cancel, f is the mean of two values beside, and the law of log X comes from f next to 0;
//! what that costs is known as |log X| ≤ |log w|. Proved in proofs-notes/certified.md, *Leaky
//! ReLU*.

use dashu_int::IBig;
use dashu_int::ops::{Abs, BitTest};

use crate::layer_law::certified::arithmetic::{integer, power_of_two, small};
use crate::layer_law::certified::ball::Ball;
use crate::layer_law::certified::elementary::{exp, ln};
use crate::layer_law::certified::finite_sum::integral_cost;
use crate::layer_law::certified::finite_sum::stirling::{Table, rise};
use crate::layer_law::certified::fixed::{Fixed, Scaled, quotient_bound};
use crate::layer_law::certified::rational::Rational;

/// E X^{s/2} for a width of at least 2, and 0 < |a| < 1.
#[derive(Debug, Clone)]
pub struct Leaky {
    pub width: u64,
    /// |a|.
    pub slope: Rational,
}

/// The quotients t_{k+1}/t_k of a series.
trait Quotients {
    /// The k-th, as a fraction.
    fn fraction(&self, k: u64) -> (IBig, IBig);

    /// A bound on its size.
    fn size(&self, k: u64) -> f64;

    /// A bound on the sizes of all from the k-th on; `None` where there is none yet.
    fn later(&self, k: u64) -> Option<f64>;
}

/// Σ t_k, t_0 = 1.
fn series(precision: usize, quotients: &impl Quotients) -> Fixed {
    let mut term = IBig::ONE << precision;
    let (mut sum, mut total_error, mut error) = (term.clone(), 0.0, 0.0);
    for k in 0.. {
        if term.is_zero() {
            // what is left is a bound on terms
            if let Some(later) = quotients.later(k).filter(|&later| later < 0.99) {
                total_error += error * later / (1.0 - later);
                break;
            }
            error *= quotients.size(k);
            total_error += error;
            continue;
        }
        let (over, under) = quotients.fraction(k);
        if over.is_zero() {
            break;
        }
        error = error * quotient_bound(&over, &(&under).abs()) + 1.0;
        term = term * over / under;
        sum += &term;
        total_error += error;
    }
    Fixed {
        units: sum,
        error: total_error * 1.01,
        precision,
    }
}

/// Which of the two series.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// (−p)_k (b)_k/((1−p−g)_k k!) wᵏ, b = (d−h)/2, g = h/2, p = s/2.
    First,
    /// (c+p)_k (g)_k/((1+p+g)_k k!) wᵏ, c = d/2.
    Second,
}

/// The series for h positive units.
struct Terms<'a> {
    kind: Kind,
    d: u64,
    h: u64,
    s: &'a Rational,
    s_real: f64,
    w_over: IBig,
    w_under: IBig,
    /// w, rounded up.
    w: f64,
}

impl Terms<'_> {
    /// Twice k − p and k + 1 − p − g, or k + c + p and k + 1 + p + g.
    fn first_factors(&self, k: u64) -> [f64; 2] {
        let (twice, h, s) = (2.0 * k as f64, self.h as f64, self.s_real);
        match self.kind {
            Kind::First => [twice - s, twice + 2.0 - s - h],
            Kind::Second => [twice + self.d as f64 + s, twice + 2.0 + s + h],
        }
    }

    /// (k + b)/(k + 1), or (k + g)/(k + 1).
    fn second_quotient(&self, k: u64) -> f64 {
        let units = match self.kind {
            Kind::First => self.d - self.h,
            Kind::Second => self.h,
        };
        (2 * k + units) as f64 / (2 * k + 2) as f64
    }
}

/// Where a denominator is at least this, doubles bound the quotient.
const CLEAR: f64 = 1e-3;

impl Quotients for Terms<'_> {
    fn fraction(&self, k: u64) -> (IBig, IBig) {
        let (u, v) = (self.s.numerator(), self.s.denominator());
        let Self { d, h, .. } = *self;
        let times = |n: u64| v * IBig::from(n);
        let (over, under) = match self.kind {
            Kind::First => (
                (times(2 * k) - u) * IBig::from(d - h + 2 * k),
                times(2 * k + 2) - times(h) - u,
            ),
            Kind::Second => (
                (times(d + 2 * k) + u) * IBig::from(h + 2 * k),
                times(2 * k + 2 + h) + u,
            ),
        };
        let under = under * IBig::from(2 * k + 2) * &self.w_under;
        (over * &self.w_over, under)
    }

    fn size(&self, k: u64) -> f64 {
        let [x, y] = self.first_factors(k);
        if y.abs() < CLEAR {
            let (over, under) = self.fraction(k);
            return quotient_bound(&over, &under.abs());
        }
        let first = (x.abs() + 1e-9) / y.abs();
        self.w * first * self.second_quotient(k) * 1.000_001
    }

    fn later(&self, k: u64) -> Option<f64> {
        let [x, y] = self.first_factors(k);
        // both quotients go to 1, from above by falling
        (x > CLEAR && y > CLEAR).then(|| {
            let second = self.second_quotient(k).max(1.0);
            self.w * (x / y).max(1.0) * second * 1.000_001
        })
    }
}

impl Leaky {
    /// w = a² as a fraction.
    fn square(&self) -> [IBig; 2] {
        [self.slope.numerator(), self.slope.denominator()].map(|x| x * x)
    }

    /// |log w|, rounded up.
    fn log_range(&self) -> f64 {
        self.slope.to_f64().ln().abs() * 2.0 * 1.000_001
    }

    /// Whether f(s) is expected to take less time than the integral.
    pub fn is_cheaper(&self, s: &Rational, bits: usize) -> bool {
        let cost = if *s == Rational::integer(2) {
            0.0
        } else if s.denominator().is_one() {
            2.0 * self.cost(beside(bits, 1).1, true)
        } else {
            self.cost(bits, s.denominator().bit_len() > bits / 4)
        };
        cost < integral_cost(bits as f64)
    }

    /// The same for the law of log X.
    pub fn logs_are_cheaper(&self, bits: usize) -> bool {
        2.0 * self.cost(beside(bits, 3).1, true) < integral_cost(bits as f64)
    }

    /// How many microseconds f(s) takes at a precision, about; more if s is a fraction of many
    /// bits.
    fn cost(&self, bits: usize, long: bool) -> f64 {
        let (bits, words) = (bits as f64, bits as f64 / 64.0);
        let terms = bits * std::f64::consts::LN_2 / self.log_range() + 4.0;
        let factors = if long { 0.025 * words * words } else { 0.0 };
        2.0 * (self.width + 1) as f64 * terms * (0.3 + 0.025 * words + factors)
    }

    fn series(&self, kind: Kind, h: u64, s: &Rational, precision: usize) -> Fixed {
        let [w_over, w_under] = self.square();
        let terms = Terms {
            kind,
            d: self.width,
            h,
            s,
            s_real: s.to_f64(),
            w_over,
            w_under,
            w: self.slope.to_f64().powi(2) * 1.000_001,
        };
        series(precision, &terms)
    }

    /// f(s) for −1/2 < s < 4, which is not an integer.
    fn at(&self, s: &Rational, precision: usize) -> Ball {
        let table = Table::new(precision);
        let d = self.width;
        let (u, v) = (s.numerator(), s.denominator());
        let [w_over, w_under] = self.square();
        let zero = || Fixed::integer(0, precision);
        // Σ C(d,h) χ_h (first series) and Σ C(d,h) |a|^h σ_h (second series)
        let (mut first, mut second, mut chi_d) = (zero(), zero(), zero());
        for parity in 0..2 {
            let (mut h, mut choose) = (parity, IBig::from(if parity == 0 { 1 } else { d }));
            let mut chi_h = match parity {
                0 => zero(),
                _ => chi(&table, 1, s).fixed(),
            };
            let mut sigma = match parity {
                0 => Fixed::integer(1, precision),
                _ => self.first_odd(&table, s),
            };
            loop {
                if h > 0 {
                    let part = chi_h.times(&self.series(Kind::First, h, s, precision));
                    first = first.plus(&part.times_ratio(&choose, &IBig::ONE));
                }
                let part = sigma.times(&self.series(Kind::Second, h, s, precision));
                second = second.plus(&part.times_ratio(&choose, &IBig::ONE));
                if h == d {
                    chi_d = chi_h.clone();
                }
                if h + 2 > d {
                    break;
                }
                choose = choose * IBig::from(d - h) * IBig::from(d - h - 1)
                    / (IBig::from(h + 1) * IBig::from(h + 2));
                chi_h = match h {
                    0 => chi(&table, 2, s).fixed(),
                    _ => chi_h.times_ratio(&(v * IBig::from(h) + u), &(v * IBig::from(h))),
                };
                // σ_{h+2}/σ_h = −(d−h−2)/(s+h+2), and w for |a|²
                let over = -(v * IBig::from(d - h - 2)) * &w_over;
                let under = (v * IBig::from(h + 2) + u) * &w_under;
                sigma = sigma.times_ratio(&over, &under);
                h += 2;
            }
        }
        let slope = Scaled::ratio(self.slope.numerator(), self.slope.denominator(), precision);
        let power = exp(&ln(&slope).times_ratio(u, v));
        let all = Ball::exact(power_of_two(-(d as isize)), precision);
        let second = second.ball().times(&power.ball());
        first.ball().over(&chi_d.ball()).plus(&second).times(&all)
    }

    /// |a| σ_1 = |a| Γ(−p−½)/Γ(−p)·Γ(d/2)/Γ((d−1)/2), with r = 4 − s:
    /// s(2−s)(4−s)/((s+1)(1−s)(3−s))·χ_1(r)/χ_2(r)·χ_{d−1}(1)/χ_1(1).
    fn first_odd(&self, table: &Table, s: &Rational) -> Fixed {
        let (u, v) = (s.numerator(), s.denominator());
        let less = |n: i64| v * IBig::from(n) - u;
        let over = u * less(2) * less(4) * self.slope.numerator();
        let under = (u + v) * less(1) * less(3) * self.slope.denominator();
        let (over, under) = if under < IBig::ZERO {
            (-over, -under)
        } else {
            (over, under)
        };
        let rest = Rational::quotient(less(4), v.clone());
        let one = Rational::integer(1);
        let gammas = chi(table, 1, &rest).over(&chi(table, 2, &rest));
        let halves = chi(table, self.width - 1, &one).over(&chi(table, 1, &one));
        gammas.times(&halves).fixed().times_ratio(&over, &under)
    }

    /// f(s).
    pub fn value(&self, s: &Rational, bits: usize) -> Ball {
        if *s == Rational::integer(2) {
            // E X = (1 + w)/2
            let [over, under] = self.square();
            let mean = Rational::quotient(&over + &under, under * 2);
            return Ball::rounded(mean.real(bits));
        }
        if s.denominator().is_one() {
            // |f″| ≤ (½ log w)² w^{−ε/2}
            let (shift, precision) = beside(bits, 1);
            let [above, below] = [1, -1].map(|sign| self.at(&moved(s, shift, sign), precision));
            let curvature = (self.log_range() / 2.0).powi(2) / 2.0;
            let off = small(1.01 * curvature) * power_of_two(-2 * shift as isize);
            return above.plus(&below).times(&half(precision)).widened(off);
        }
        self.at(s, (bits + GUARD).next_multiple_of(64))
    }

    /// Mean and variance of log X: twice f′(0) and four times f″(0) − f′(0)².
    pub fn log_moments(&self, bits: usize) -> [Ball; 2] {
        let (shift, precision) = beside(bits, 3);
        let zero = Rational::integer(0);
        let [above, below] = [1, -1].map(|sign| self.at(&moved(&zero, shift, sign), precision));
        // the next derivatives are at most (½ log w)³ w^{−ε/2} and (½ log w)⁴ w^{−ε/2}
        let range = self.log_range() / 2.0;
        let step = power_of_two(-2 * shift as isize);
        let scale = |power: usize| Ball::exact(power_of_two((power * shift) as isize), precision);
        let two = Ball::exact(integer(2, precision), precision);
        let mean = above.minus(&below).times(&scale(1));
        let mean = mean.widened(small(0.34 * range.powi(3)) * &step);
        let square = above.plus(&below).minus(&two).times(&scale(2));
        let square = square.widened(small(0.09 * range.powi(4)) * step);
        let four = two.times(&two);
        let variance = square.times(&four).minus(&mean.times(&mean));
        [mean, variance]
    }
}

/// Bits beyond those that are asked for.
const GUARD: usize = 48;

/// ε = 2^{−shift} with ε² below 2^{−bits}, and a precision that leaves so many bits when results
/// that are off by a unit are multiplied by 1/ε so often.
fn beside(bits: usize, multiplied: usize) -> (usize, usize) {
    let shift = bits / 2 + 16;
    (
        shift,
        (bits + multiplied * shift + GUARD).next_multiple_of(64),
    )
}

/// s ± 2^{−shift}.
fn moved(s: &Rational, shift: usize, sign: i64) -> Rational {
    let denominator = s.denominator() << shift;
    let numerator = (s.numerator() << shift) + s.denominator() * sign;
    Rational::quotient(numerator, denominator)
}

fn half(precision: usize) -> Ball {
    Ball::exact(integer(1, precision) * power_of_two(-1), precision)
}

/// χ_n for s > −1.
fn chi(table: &Table, n: u64, s: &Rational) -> Scaled {
    let base = n.max(table.base(n) + 2);
    let log = table.ln_chi(base, &table.ln_of(base), s);
    exp(&log).over(&rise(n, base, s, table.precision))
}
