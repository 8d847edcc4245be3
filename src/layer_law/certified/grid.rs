//! The trapezoidal sums over t_k = t₀e^{kh}, with the three kinds of error counted:
//! discretization, truncation at both ends, rounding.
//!
//! Every bound has its proof in proofs-notes/certified.md.

use crate::layer_law::certified::Interval;
use crate::layer_law::certified::arithmetic::{
    Decimal, Real, exact_integer, integer, power_of_two, small,
};
use crate::layer_law::certified::units::Units;

/// The strip |Im u| < θ = 1.45 of the discretization bound: 2πθ > 9.11.
const TWO_PI_THETA: f64 = 9.11;

/// 2·cos(1.45)⁻² < 138.
const STRIP_FACTOR: f64 = 138.0;

/// How often the bounds on what is left out are looked at.
const LOOK_EVERY: usize = 8;

/// A grid fine enough for a number of digits, and its working precision.
pub struct Grid {
    /// Each discretization and truncation error is at most this, relatively.
    target: Real,
    precision: usize,
    /// The step, an exact binary fraction, and its double, also exact.
    step: Real,
    h: f64,
    width: u64,
    /// p = s/2.
    order: Real,
    p: f64,
}

impl Grid {
    /// For relative errors of about 10^{−digits}.
    pub fn new(digits: usize, width: u64, s: &Decimal) -> Self {
        Self::stretched(digits, width, s, 1.0)
    }

    /// With `stretch` times the step that the discretization bound asks for: only
    /// 1 is right, a test plants another.
    pub fn stretched(digits: usize, width: u64, s: &Decimal, stretch: f64) -> Self {
        const STEP_BITS: i32 = 24;
        let bits = (digits as f64 * std::f64::consts::LOG2_10).ceil();
        let logarithm = bits * std::f64::consts::LN_2 + (2.0 * STRIP_FACTOR).ln();
        let steps = (TWO_PI_THETA / logarithm * stretch * 2.0_f64.powi(STEP_BITS)).floor();
        let h = steps / 2.0_f64.powi(STEP_BITS);
        // an estimate only: the roundings are counted afterwards
        let nodes = 10.0 * logarithm / h + 1e4;
        let guard = ((width as f64 + 4.0 * bits) * 4.0 * nodes).log2() + 12.0;
        let precision = (bits + guard).ceil() as usize;
        Self {
            target: power_of_two(-(bits as isize)),
            precision,
            step: integer(steps as i64, precision) * power_of_two(-STEP_BITS as isize),
            h,
            width,
            order: s.real(precision) / exact_integer(2),
            p: 0.5 * s.to_f64(),
        }
    }

    /// Bits that the numbers are computed with.
    pub fn precision(&self) -> usize {
        self.precision
    }

    /// Σ L″(t_k) t_k^{2−p} over all k, which is the integral over h.
    pub fn layer(&self, slope: &Decimal, keep: &Decimal) -> Interval {
        let units = Units::new(slope, keep, self.width, self.precision);
        let exponent = -(units.mean().log2().round() as isize);
        let start = power_of_two(exponent);
        let left_bound = units.second_moment();
        let sums = self.sums(
            &start,
            |t| units.second_derivative(t),
            &left_bound,
            // the sum of what follows falls at least by the factor 1 − h/5 a step
            |t| Some(units.tail(t)? * small(5.0 / self.h)),
        );
        // t₀^{−p} = 2^{−p·exponent}
        let log_start = integer(2, self.precision).ln() * exact_integer(exponent as i64);
        let value = sums.sum * (-&self.order * log_start).exp();
        let sensitivity = self.width as f64 + 17.0;
        Interval {
            value,
            error: self.error(sensitivity, sums.steps)
                + self.unit() * small(400.0 + 8.0 * exponent.unsigned_abs() as f64),
        }
    }

    /// Σ e^{−t_k} t_k^{2−p} over all k, which is Γ(2−p)/h.
    pub fn gamma(&self) -> Interval {
        let one = exact_integer(1);
        let four = exact_integer(4);
        let sums = self.sums(
            &integer(1, self.precision),
            |t| (-t).exp(),
            &one,
            |t| {
                // from t = 4 on the terms fall at least by e^{−2h} a step
                (*t >= four).then(|| {
                    let t = t.clone().with_precision(64).value();
                    (-&t).exp() * &t * t * small(0.5 / self.h)
                })
            },
        );
        let largest = sums.largest.to_f64().value();
        Interval {
            value: sums.sum,
            error: self.error(largest + 17.0, sums.steps),
        }
    }

    /// Discretization, two truncations, and roundings of the terms: at most
    /// `sensitivity`·(4·steps + 64) units.
    fn error(&self, sensitivity: f64, steps: usize) -> Real {
        let roundings = sensitivity * (4.0 * steps as f64 + 64.0) * 1.01;
        &self.target * small(4.0) + self.unit() * small(roundings)
    }

    fn unit(&self) -> Real {
        crate::layer_law::certified::arithmetic::unit(self.precision)
    }

    /// Sum of f(t)·t²·(t/t₀)^{−p} over t = t₀e^{kh}, outward until what is left out is
    /// below `target` of the sum. f(t) ≤ `left_bound` for every t; `right_bound` times
    /// (t/t₀)^{−p} bounds the sum of everything to the right, where it is known.
    fn sums(
        &self,
        start: &Real,
        f: impl Fn(&Real) -> Real,
        left_bound: &Real,
        right_bound: impl Fn(&Real) -> Option<Real>,
    ) -> Sums {
        let mut sum = f(start) * start * start;
        let mut steps = 0;
        let up = self.step.exp();
        let up_weight = (-&self.order * &self.step).exp();
        let mut largest = start.clone();
        for right in [true, false] {
            let one = exact_integer(1);
            let (factor, weight_factor) = if right {
                (up.clone(), up_weight.clone())
            } else {
                (&one / &up, &one / &up_weight)
            };
            let mut t = start.clone();
            let mut weight = integer(1, self.precision);
            for k in 1.. {
                t *= &factor;
                weight *= &weight_factor;
                let power = &t * &t * &weight;
                sum += f(&t) * &power;
                if k % LOOK_EVERY != 0 {
                    continue;
                }
                let left_out = if right {
                    right_bound(&t).map(|bound| bound * &weight)
                } else {
                    Some(left_bound * power * small(1.0 / ((2.0 - self.p) * self.h)))
                };
                if left_out.is_some_and(|rest| rest * small(1.01) < &sum * &self.target) {
                    steps = steps.max(k);
                    break;
                }
            }
            if right {
                largest = t;
            }
        }
        Sums {
            sum,
            steps,
            largest,
        }
    }
}

struct Sums {
    sum: Real,
    /// Steps away from the start, at most.
    steps: usize,
    /// The largest t.
    largest: Real,
}
