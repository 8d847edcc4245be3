//! Where a layer's constants come from: a sum over the number of units, where that is one and
//! short, the law of a single unit, or the nodes of the integral.

use dashu_int::IBig;
use dashu_int::ops::BitTest;

use crate::layer_law::Weights;
use crate::layer_law::certified::arithmetic;
use crate::layer_law::certified::ball::Ball;
use crate::layer_law::certified::decimal;
use crate::layer_law::certified::elementary::power_of_fraction;
use crate::layer_law::certified::finite_sum::{self, Binomial, FiniteSum, Leaky};
use crate::layer_law::certified::grid::{Grid, Sums};
use crate::layer_law::certified::one_unit;
use crate::layer_law::certified::units::{Slope, Units};
use crate::layer_law::certified::{ExactLayer, Rational};

impl ExactLayer {
    /// Whether Q is constant given Q > 0: W is orthogonal, and either every unit has the same
    /// |slope| or there is but one unit with one positive |slope|.
    fn is_constant(&self) -> bool {
        let one_value = match &self.slope {
            Slope::Fixed(slope) => slope.is_unit() || (slope.is_zero() && self.width == 1),
            Slope::Uniform { .. } => false,
        };
        self.weights == Weights::Orthogonal
            && self.fan_in <= self.width
            && one_value
            && (self.keep.is_one() || self.width == 1)
    }

    /// Whether orthogonal weights keep every norm.
    pub(super) fn keeps_norms(&self) -> bool {
        self.is_constant() && self.keep.is_one() && self.is_linear()
    }

    fn is_linear(&self) -> bool {
        matches!(&self.slope, Slope::Fixed(slope) if slope.is_unit())
    }

    fn gain_is_one(&self) -> bool {
        !self.inverted || self.keep.is_one()
    }

    fn units(&self, precision: usize) -> Units {
        Units::new(&self.slope, &self.keep, self.width, precision)
    }

    /// The sums for Q, and those for what it is measured against: 1, or χ²_d.
    fn pair(&self, grid: &Grid, s: Option<&Rational>) -> [Sums; 2] {
        let precision = grid.precision();
        let order = match s {
            Some(s) => s.real(precision) / arithmetic::exact_integer(2),
            None => arithmetic::integer(0, precision),
        };
        let layer = grid.layer(&self.units(precision), &order);
        let reference = match self.weights {
            Weights::Gaussian => grid.constant(s),
            Weights::Orthogonal => {
                let one = Rational::integer(1);
                let linear = Slope::Fixed(one.clone());
                grid.layer(
                    &Units::new(&linear, &one, self.reference(), precision),
                    &order,
                )
            }
        };
        [layer, reference]
    }

    /// The layer as a finite sum, if it is one: every unit that counts has the same |slope|.
    fn finite_sum(&self) -> Option<FiniteSum> {
        let Slope::Fixed(slope) = &self.slope else {
            return None;
        };
        let sides = if slope.is_unit() {
            1
        } else if slope.is_zero() {
            2
        } else {
            return None;
        };
        let all = self.keep.denominator() * IBig::from(sides);
        Some(FiniteSum::new(
            self.keep.numerator(),
            &all,
            self.width,
            self.divided_by(),
        ))
    }

    /// Degrees of freedom of an independent χ² that Q is divided by.
    fn divided_by(&self) -> Option<u64> {
        (self.weights == Weights::Orthogonal).then(|| self.reference())
    }

    /// The layer as a finite sum, if that is the better route.
    fn short_sum(&self, s: Option<&Rational>, digits: usize) -> Option<FiniteSum> {
        self.finite_sum().filter(|sum| sum.is_cheaper(s, digits))
    }

    /// E[Q^{s/2}; Q>0] to a relative error of about 10^{−digits}.
    pub(super) fn moment_of_order(&self, s: &Rational, digits: usize) -> Moment {
        let plain = if let Some(sum) = self.short_sum(Some(s), digits) {
            Plain::Sum(sum.moment(s, digits))
        } else if self.width == 1 {
            Plain::Number(self.moment_of_one_unit(s, digits))
        } else if let Some(moment) = self.moment_of_leaky(s, digits) {
            Plain::Sum(moment)
        } else {
            Plain::Number(self.plain_moment_on(&self.grid(digits), s))
        };
        Moment {
            gain: (!self.gain_is_one()).then(|| self.keep.clone()),
            order: s.clone(),
            plain,
        }
    }

    /// The linear layer of the same shape.
    fn linear_sum(&self) -> FiniteSum {
        FiniteSum::new(&IBig::ONE, &IBig::ONE, self.width, self.divided_by())
    }

    /// The layer as a sum over its positive units, and whether 1/|a| stands for its |a| there.
    fn leaky(&self) -> Option<(Leaky, bool)> {
        let Slope::Fixed(slope) = &self.slope else {
            return None;
        };
        if slope.is_unit() || slope.is_zero() || self.width == 1 {
            return None;
        }
        let (size, inverse) = (slope.size(), slope.size_of_inverse());
        let steep = size.exceeds(&inverse);
        let leaky = Leaky {
            slope: if steep { inverse } else { size },
            alive: Binomial {
                trials: self.width,
                hit: self.keep.numerator().clone(),
                miss: self.keep.denominator() - self.keep.numerator(),
            },
            reference: self.divided_by(),
        };
        Some((leaky, steep))
    }

    /// The moment of a Leaky ReLU layer as a sum, if that is the better route.
    fn moment_of_leaky(&self, s: &Rational, digits: usize) -> Option<finite_sum::Moment> {
        let (leaky, steep) = self.leaky()?;
        if !leaky.is_cheaper(Some(s), digits) {
            return None;
        }
        let moment = leaky.moment(s, digits);
        Some(match steep {
            true => moment.over(&power_of_fraction(&leaky.slope, s, moment.precision())),
            false => moment,
        })
    }

    /// Mean and variance of log Q of a Leaky ReLU layer from its sum, if that is the better route.
    fn log_moments_of_leaky(&self, digits: usize) -> Option<[Ball; 2]> {
        let (leaky, steep) = self.leaky()?;
        if !leaky.is_cheaper(None, digits) {
            return None;
        }
        let [mean, variance] = leaky.log_moments(digits);
        let mean = match steep {
            true => {
                let log = exact(&leaky.slope, mean.precision()).ln();
                mean.minus(&log).minus(&log)
            }
            false => mean,
        };
        Some([mean, variance])
    }

    /// The moment of a layer of one unit, by the law of its c.
    fn moment_of_one_unit(&self, s: &Rational, digits: usize) -> Ball {
        let moment = self.linear_sum().moment(s, digits);
        let precision = moment.precision();
        let power = one_unit::mean_power(&self.slope, s, precision);
        let alive = self.keep_ball(precision);
        moment.value().times(&power).times(&alive)
    }

    /// Mean and variance of log Q given Q>0 for one unit.
    fn log_moments_of_one_unit(&self, digits: usize) -> [Ball; 2] {
        let [mean, variance] = self.linear_sum().log_moments(digits);
        let [log_mean, log_variance] = one_unit::log_moments(&self.slope, mean.precision());
        [mean.plus(&log_mean), variance.plus(&log_variance)]
    }

    fn grid(&self, digits: usize) -> Grid {
        Grid::new(digits, self.reference(), self.lost_bits())
    }

    /// Degrees of freedom of the χ² that orthogonal weights divide by; at least the width.
    pub(super) fn reference(&self) -> u64 {
        self.width.max(self.fan_in)
    }

    /// Bits that small t cost where the transform of a uniform slope is a difference.
    fn lost_bits(&self) -> usize {
        match &self.slope {
            Slope::Fixed(_) => 0,
            Slope::Uniform { .. } => (4.0 * (self.width as f64).log2()) as usize + 64,
        }
    }

    /// The moment without the gain of inverted masks.
    fn plain_moment_on(&self, grid: &Grid, s: &Rational) -> Ball {
        let [layer, reference] = self.pair(grid, Some(s));
        layer.total.over(&reference.total)
    }

    fn keep_ball(&self, precision: usize) -> Ball {
        Ball::rounded(self.keep.real(precision))
    }

    /// Mean and variance of ½ log Q given Q>0: with f ∝ L″(eᵘ)e^{2u}, (log F)′(0) = −E_f u and
    /// (log F)″(0) = Var_f u.
    pub(super) fn log_balls(&self, digits: usize) -> [Ball; 2] {
        if self.is_constant() {
            let precision = self.grid(digits).precision();
            let zero = || Ball::exact(arithmetic::integer(0, precision), precision);
            let mean = match self.gain_is_one() {
                true => zero(),
                false => self.keep_ball(precision).ln().negated(),
            };
            return [mean, zero()];
        }
        let [mean, variance] = if let Some(sum) = self.short_sum(None, digits) {
            sum.log_moments(digits)
        } else if self.width == 1 {
            self.log_moments_of_one_unit(digits)
        } else if let Some(moments) = self.log_moments_of_leaky(digits) {
            moments
        } else {
            self.log_moments_on(&self.grid(digits))
        };
        let precision = mean.precision();
        let fraction = |n: i64| {
            Ball::exact(
                arithmetic::integer(1, precision) / arithmetic::exact_integer(n),
                precision,
            )
        };
        let mut mean = mean.times(&fraction(2));
        let variance = variance.times(&fraction(4));
        if !self.gain_is_one() {
            mean = mean.minus(&self.keep_ball(precision).ln());
        }
        [mean, variance]
    }

    /// Mean and variance of log Q given Q>0, without the gain of inverted masks.
    fn log_moments_on(&self, grid: &Grid) -> [Ball; 2] {
        let [layer, reference] = self.pair(grid, None);
        [
            reference.mean.minus(&layer.mean),
            layer.variance.minus(&reference.variance),
        ]
    }

    /// P(Q>0) to some digits from its fraction, unless that is so long that its decimals do not end
    /// within any number of digits that is asked for: it may lie half way between two decimals.
    pub(super) fn alive_exactly(&self, digits: usize) -> Option<String> {
        let sides = match &self.slope {
            Slope::Fixed(slope) if slope.is_zero() => 2,
            _ => 1,
        };
        let all = self.keep.denominator() * IBig::from(sides);
        let dead = &all - self.keep.numerator();
        let power = usize::try_from(self.width).ok()?;
        if power.checked_mul(all.bit_len())? > LONGEST_FRACTION {
            return None;
        }
        let (dead, all) = (dead.pow(power), all.pow(power));
        Some(decimal::of_fraction(&(&all - dead), &all, digits))
    }

    /// P(Q>0) = 1 − P(c=0)^d.
    pub(super) fn alive_ball(&self, digits: usize) -> Ball {
        let grid = self.grid(digits + 16);
        let precision = grid.precision();
        let units = self.units(precision);
        let power = arithmetic::power(units.dead(), self.width);
        // each of at most 2d factors is off by a unit
        let off = arithmetic::unit(precision)
            * arithmetic::small(4.0 * self.width as f64)
            * arithmetic::coarse(&power);
        let dead = Ball::new(power, off, precision);
        Ball::exact(arithmetic::integer(1, precision), precision).minus(&dead)
    }
}

fn exact(value: &Rational, precision: usize) -> Ball {
    Ball::rounded(value.real(precision))
}

/// Bits of the denominator vᵈ from which on its decimals do not end within a thousand digits: those
/// of 2^i 5^j end after max(i, j), at least log₂/3.4 of it.
const LONGEST_FRACTION: usize = 20_000;

/// E[Q^{s/2}; Q>0], from which the number, its logarithm and σ are made.
pub(super) struct Moment {
    plain: Plain,
    /// q of inverted masks, by which the moment is multiplied to the power −s, where it is not 1.
    gain: Option<Rational>,
    /// s.
    order: Rational,
}

/// The moment without the gain of inverted masks, by either route.
enum Plain {
    Sum(finite_sum::Moment),
    Number(Ball),
}

impl Plain {
    fn precision(&self) -> usize {
        match self {
            Self::Sum(moment) => moment.precision(),
            Self::Number(moment) => moment.precision(),
        }
    }
}

impl Moment {
    pub(super) fn value(&self) -> Ball {
        let plain = match &self.plain {
            Plain::Sum(moment) => moment.value(),
            Plain::Number(moment) => moment.clone(),
        };
        match &self.gain {
            Some(keep) => {
                plain.over(&power_of_fraction(keep, &self.order, self.plain.precision()).ball())
            }
            None => plain,
        }
    }

    pub(super) fn ln(&self) -> Ball {
        let plain = match &self.plain {
            Plain::Sum(moment) => moment.ln(),
            Plain::Number(moment) => moment.ln(),
        };
        match &self.gain {
            Some(keep) => {
                let precision = plain.precision();
                plain.minus(
                    &exact(keep, precision)
                        .ln()
                        .times(&exact(&self.order, precision)),
                )
            }
            None => plain,
        }
    }

    /// σ: the moment to the power −1/s.
    pub(super) fn scale(&self) -> Ball {
        let plain = match &self.plain {
            Plain::Sum(moment) => moment.scale(&self.order),
            Plain::Number(moment) => moment.inverse_root(&self.order),
        };
        match &self.gain {
            Some(keep) => plain.times(&exact(keep, self.plain.precision())),
            None => plain,
        }
    }
}

#[cfg(test)]
mod tests;
