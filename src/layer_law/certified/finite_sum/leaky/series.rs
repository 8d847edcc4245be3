//! Σ t_k for quotients t_{k+1}/t_k = w (x₁+k)(x₂+k)/((y₁+k)(y₂+k)), and the same with the first and
//! the second derivative of each term.
//!
//! Proved in proofs-notes/certified.md, *Leaky ReLU*.

use dashu_int::IBig;
use dashu_int::ops::Abs;

use crate::layer_law::certified::fixed::{Fixed, quotient_bound};
use crate::layer_law::certified::rational::Rational;

/// The quotients of a series.
pub struct Quotients {
    /// 2v·x₁ and 2v·y₁ for a denominator v.
    first: [IBig; 2],
    v: IBig,
    /// 2x₂ and 2y₂.
    second: [i64; 2],
    /// The fraction w and, rounded up, its double.
    w: [IBig; 2],
    w_real: f64,
    /// 2x₁ and 2y₁, rounded.
    first_real: [f64; 2],
}

/// Where a denominator is at least this, doubles bound the quotient.
const CLEAR: f64 = 1e-3;

impl Quotients {
    /// For 2v·x₁ and 2v·y₁, v, 2x₂ and 2y₂, w and its double, rounded up.
    pub fn new(first: [IBig; 2], v: IBig, second: [i64; 2], w: [IBig; 2], w_real: f64) -> Self {
        let real = |x: &IBig| Rational::quotient(x.clone(), v.clone()).to_f64();
        Self {
            first_real: first.each_ref().map(real),
            first,
            v,
            second,
            w,
            w_real,
        }
    }

    /// t_{k+1} from t_k.
    pub fn next(&self, term: &Fixed, k: u64) -> Fixed {
        let (over, under) = self.fraction(k);
        match under < IBig::ZERO {
            true => term.times_ratio(&-over, &-under),
            false => term.times_ratio(&over, &under),
        }
    }

    /// The k-th, as a fraction.
    fn fraction(&self, k: u64) -> (IBig, IBig) {
        let steps = &self.v * IBig::from(2 * k);
        let part = |place: usize| {
            let second = self.second[place] + 2 * k as i64;
            (&self.first[place] + &steps) * second * &self.w[place]
        };
        (part(0), part(1))
    }

    /// Twice the numbers x₁+k and x₂+k, or y₁+k and y₂+k.
    fn factors(&self, place: usize, k: u64) -> [f64; 2] {
        let twice = 2.0 * k as f64;
        [
            self.first_real[place] + twice,
            self.second[place] as f64 + twice,
        ]
    }

    /// A bound on the k-th one's size.
    fn size(&self, k: u64) -> f64 {
        let [x, y] = [0, 1].map(|place| self.factors(place, k));
        if y[0].abs() < CLEAR {
            let (over, under) = self.fraction(k);
            return quotient_bound(&over, &under.abs());
        }
        self.w_real * (x[0].abs() + 1e-9) / y[0].abs() * (x[1] / y[1]).abs() * 1.000_001
    }

    /// A bound on the sizes of all from the k-th on; `None` where there is none yet.
    fn later(&self, k: u64) -> Option<f64> {
        let [x, y] = [0, 1].map(|place| self.factors(place, k));
        // both fractions go to 1, from above by falling
        let positive = [x, y].iter().flatten().all(|&factor| factor > CLEAR);
        positive.then(|| self.w_real * (x[0] / y[0]).max(1.0) * (x[1] / y[1]).max(1.0) * 1.000_001)
    }

    /// 1/(x₁+k) − 1/(y₁+k) for v = 1, and 1/(x₂+k) − 1/(y₂+k), as a fraction.
    fn difference(&self, pair: usize, k: u64) -> (IBig, IBig) {
        let at = |place: usize| match pair {
            0 => &self.first[place] + IBig::from(2 * k),
            _ => IBig::from(self.second[place] + 2 * k as i64),
        };
        let (x, y) = (at(0), at(1));
        ((&y - &x) * 2, x * y)
    }

    /// Σ t_k from t_0 on.
    pub fn sum(&self, first: &Fixed) -> Fixed {
        let [plain, ..] = self.walk(first, None);
        plain
    }

    /// Σ t_k, Σ t_k L_k and Σ ½ t_k (L_k² + Q_k) from t_0, L_0 and Q_0 on.
    pub fn sums(&self, first: &Fixed, logs: Logs) -> [Fixed; 3] {
        self.walk(first, Some(logs))
    }

    fn walk(&self, first: &Fixed, mut logs: Option<Logs>) -> [Fixed; 3] {
        let precision = first.precision;
        let mut term = first.clone();
        let mut sums = [0; 3].map(|_| Fixed::integer(0, precision));
        for k in 0.. {
            // what is left is a bound on terms
            let later = term.units.is_zero().then(|| self.later(k)).flatten();
            let rest = later.filter(|&later| later < 0.99);
            let bound = term.error * rest.map_or(1.0, |later| 1.0 / (1.0 - later));
            if term.units.is_zero() {
                sums[0].error += bound;
            } else {
                sums[0] = sums[0].plus(&term);
            }
            if let Some(logs) = &mut logs {
                if term.units.is_zero() {
                    sums[1].error += bound * logs.reach;
                    sums[2].error += bound * (logs.reach * logs.reach + MOST_CURVED);
                } else {
                    logs.add(&term, &mut sums);
                    logs.step(self, k);
                }
            }
            if rest.is_some() {
                break;
            }
            if term.units.is_zero() {
                term.error *= self.size(k);
                continue;
            }
            term = self.next(&term, k);
        }
        sums
    }
}

/// |Q_k| is at most this.
const MOST_CURVED: f64 = 2.0;

/// The first and the second derivative of log t_k.
pub struct Logs {
    /// L_k.
    pub slope: Fixed,
    /// Q_k, where it is asked for.
    pub curvature: Option<Fixed>,
    /// L_{k+1} − L_k is this times the difference for x₁ and y₁.
    pub sign: i64,
    /// And that for x₂ and y₂ more.
    pub both: bool,
    /// A bound on all |L_k|.
    pub reach: f64,
}

impl Logs {
    fn add(&self, term: &Fixed, sums: &mut [Fixed; 3]) {
        let linear = term.times(&self.slope);
        sums[1] = sums[1].plus(&linear);
        if let Some(curvature) = &self.curvature {
            let twice = linear.times(&self.slope).plus(&term.times(curvature));
            sums[2] = sums[2].plus(&twice.times_ratio(&IBig::ONE, &IBig::from(2)));
        }
    }

    fn step(&mut self, quotients: &Quotients, k: u64) {
        let precision = self.slope.precision;
        let (over, under) = quotients.difference(0, k);
        let first = signed_ratio(&over * self.sign, under, precision);
        if let Some(curvature) = &mut self.curvature {
            // −1/x² + 1/y² = −(1/x − 1/y)(1/x + 1/y)
            let [x, y] = [0, 1].map(|place| &quotients.first[place] + IBig::from(2 * k));
            let over = (&x * &x - &y * &y) * 4;
            let under = (&x * &y) * (x * y);
            *curvature = curvature.plus(&signed_ratio(over, under, precision));
        }
        self.slope = self.slope.plus(&first);
        if self.both {
            let (over, under) = quotients.difference(1, k);
            self.slope = self.slope.plus(&signed_ratio(over, under, precision));
        }
    }
}

fn signed_ratio(over: IBig, under: IBig, precision: usize) -> Fixed {
    match under < IBig::ZERO {
        true => Fixed::ratio(&-over, &-under, precision),
        false => Fixed::ratio(&over, &under, precision),
    }
}
