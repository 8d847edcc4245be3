//! A single unit: Q = c z² with one normal z, so moments are products and logarithms sums.
//!
//! The integral is slowest here, its integrand falling like t^{−1/2−p}. Given that the unit is
//! alive, c is 1 or A², with A the slope on the negative side, each with probability 1/2.

use crate::layer_law::certified::arithmetic::integer;
use crate::layer_law::certified::ball::Ball;
use crate::layer_law::certified::elementary::power_of_fraction;
use crate::layer_law::certified::rational::Rational;
use crate::layer_law::certified::units::Slope;

/// E[c^{s/2} | c>0] = (1 + E|A|^s)/2.
pub fn mean_power(slope: &Slope, s: &Rational, precision: usize) -> Ball {
    let one = whole(1, precision);
    let power_of_size = |x: &Rational| power_of_fraction(&x.size(), s, precision).ball();
    let power = match slope {
        Slope::Fixed(slope) => power_of_size(slope),
        Slope::Uniform { lower, upper } => {
            // the integral of |x|^s is x|x|^s/(s+1)
            let at = |bound: &Rational| exact(bound, precision).times(&power_of_size(bound));
            let order = Ball::rounded(s.real(precision));
            between(lower, upper, precision, at).over(&order.plus(&one))
        }
    };
    power.plus(&one).over(&whole(2, precision))
}

/// Mean and variance of log c given c>0: E log|A| and 2 E log²|A| − (E log|A|)².
pub fn log_moments(slope: &Slope, precision: usize) -> [Ball; 2] {
    let [one, two] = [1, 2].map(|n| whole(n, precision));
    let [mean, square] = match slope {
        Slope::Fixed(slope) => {
            let log = size(slope, precision).ln();
            [log.clone(), log.times(&log)]
        }
        Slope::Uniform { lower, upper } => {
            // the integrals of log|x| and log²|x| are x(log|x| − 1) and x(log²|x| − 2 log|x| + 2)
            let first = |bound: &Rational| {
                let log = size(bound, precision).ln();
                exact(bound, precision).times(&log.minus(&one))
            };
            let second = |bound: &Rational| {
                let log = size(bound, precision).ln();
                let inner = log.times(&log.minus(&two)).plus(&two);
                exact(bound, precision).times(&inner)
            };
            [
                between(lower, upper, precision, first),
                between(lower, upper, precision, second),
            ]
        }
    };
    let variance = square.times(&two).minus(&mean.times(&mean));
    [mean, variance]
}

/// (f(upper) − f(lower))/(upper − lower), f being 0 at 0.
fn between(
    lower: &Rational,
    upper: &Rational,
    precision: usize,
    f: impl Fn(&Rational) -> Ball,
) -> Ball {
    let [low, high] = [lower, upper].map(|bound| {
        if bound.is_zero() {
            whole(0, precision)
        } else {
            f(bound)
        }
    });
    let length = Ball::rounded(upper.minus(lower, precision));
    high.minus(&low).over(&length)
}

fn whole(value: i64, precision: usize) -> Ball {
    Ball::exact(integer(value, precision), precision)
}

fn exact(value: &Rational, precision: usize) -> Ball {
    Ball::rounded(value.real(precision))
}

/// |x|.
fn size(value: &Rational, precision: usize) -> Ball {
    let ball = exact(value, precision);
    if value.is_negative() {
        ball.negated()
    } else {
        ball
    }
}
