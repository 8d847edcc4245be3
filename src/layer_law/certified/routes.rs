//! Where a layer's constants come from: a sum over the number of units, where that is one and short,
//! the law of a single unit, or the nodes of the integral.

use dashu_int::IBig;

use crate::layer_law::Weights;
use crate::layer_law::certified::arithmetic;
use crate::layer_law::certified::ball::Ball;
use crate::layer_law::certified::finite_sum::{self, FiniteSum};
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
        } else {
            Plain::Number(self.plain_moment_on(&self.grid(digits), s))
        };
        Moment {
            log_gain: self.log_gain(s, plain.precision()),
            plain,
        }
    }

    /// The square of a normal variable, divided by what Q is.
    fn normal_square(&self) -> FiniteSum {
        FiniteSum::new(&IBig::ONE, &IBig::ONE, 1, self.divided_by())
    }

    /// The moment of a layer of one unit, by the law of its c.
    fn moment_of_one_unit(&self, s: &Rational, digits: usize) -> Ball {
        let moment = self.normal_square().moment(s, digits);
        let precision = moment.precision();
        let power = one_unit::mean_power(&self.slope, s, precision);
        let alive = self.keep_ball(precision);
        moment.value().times(&power).times(&alive)
    }

    /// Mean and variance of log Q given Q>0 for one unit.
    fn log_moments_of_one_unit(&self, digits: usize) -> [Ball; 2] {
        let [mean, variance] = self.normal_square().log_moments(digits);
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

    /// Logarithm of the factor q^{−s} of inverted masks, where it is not 1.
    fn log_gain(&self, s: &Rational, precision: usize) -> Option<Ball> {
        let s = || Ball::rounded(-s.real(precision));
        (!self.gain_is_one()).then(|| self.keep_ball(precision).ln().times(&s()))
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

/// E[Q^{s/2}; Q>0], from which the number and its logarithm are made.
pub(super) struct Moment {
    plain: Plain,
    log_gain: Option<Ball>,
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
        match &self.log_gain {
            Some(log_gain) => plain.times(&log_gain.exp()),
            None => plain,
        }
    }

    pub(super) fn ln(&self) -> Ball {
        let plain = match &self.plain {
            Plain::Sum(moment) => moment.ln(),
            Plain::Number(moment) => moment.ln(),
        };
        match &self.log_gain {
            Some(log_gain) => plain.plus(log_gain),
            None => plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer_law::certified::finite_sum::Chain;

    /// The interval on a grid whose step is `stretch` times the right one contains the
    /// value that a much finer computation gives.
    fn contains(layer: &ExactLayer, s: &Rational, stretch: f64) -> bool {
        let truth = layer.plain_moment_on(&layer.grid(60), s);
        let grid = Grid::stretched(20, layer.width, layer.lost_bits(), stretch);
        let found = layer.plain_moment_on(&grid, s);
        let off = arithmetic::size(truth.center() - found.center());
        off <= *found.radius()
    }

    fn number(text: &str) -> Rational {
        Rational::parse(text).unwrap()
    }

    #[test]
    fn a_planted_error_in_the_discretization_bound_is_caught() {
        let s = number("0.7");
        let one = number("1");
        let layers = [
            ExactLayer::relu(1).unwrap(),
            ExactLayer::relu(64).unwrap(),
            ExactLayer::new(number("0.1"), number("0.9"), true, 5).unwrap(),
            ExactLayer::randomized(number("1/8"), number("1/3"), one.clone(), true, 3).unwrap(),
            ExactLayer::randomized(number("-1/8"), number("1/3"), one, true, 3).unwrap(),
        ];
        for layer in layers {
            assert!(contains(&layer, &s, 1.0), "{layer:?}");
            // a bound that allows a step 2.5 times too long
            assert!(!contains(&layer, &s, 2.5), "{layer:?}");
        }
    }

    /// Distance of two intervals, in units of the sum of their radii: they meet up to 1.
    fn apart(one: &Ball, other: &Ball) -> f64 {
        let off = arithmetic::size(one.center() - other.center());
        let radii = one.radius() + other.radius();
        (off / radii).to_f64().value()
    }

    fn sums() -> Vec<(ExactLayer, FiniteSum)> {
        let one = number("1");
        let mut layers = Vec::new();
        for width in [1, 2, 3, 5, 8, 64, 65, 300] {
            for slope in ["1", "0"] {
                for keep in ["1", "9/10", "1/2", "1/1000", "999999/1000000", "1e-40"] {
                    let slope = number(slope);
                    let layer = ExactLayer::new(slope, number(keep), false, width).unwrap();
                    layers.push(layer);
                }
            }
        }
        let wide = ExactLayer::new(one.clone(), one, true, 1_000_000_000_000).unwrap();
        layers.push(wide);
        for i in 0..10 {
            let turned = layers[9 * i].clone().with_weights(Weights::Orthogonal);
            let fan_in = turned.width + i as u64;
            layers.push(turned.with_fan_in(fan_in).unwrap());
        }
        let with_sum = |layer: ExactLayer| (layer.clone(), layer.finite_sum().unwrap());
        layers.into_iter().map(with_sum).collect()
    }

    #[test]
    fn both_routes_agree_and_are_as_narrow_as_asked() {
        for (place, (layer, sum)) in sums().into_iter().enumerate() {
            let digits = [12, 30, 80][place % 3];
            let s = number(["0.7", "1", "1/1000", "2", "3", "1.23456789012345678901"][place % 6]);
            let found = sum.moment(&s, digits).value();
            let integral = layer.plain_moment_on(&layer.grid(digits), &s);
            assert!(apart(&found, &integral) <= 1.0, "{layer:?}, s = {s}");
            assert!(
                found.digits() >= digits as f64,
                "{layer:?}: {}",
                found.digits()
            );
            if layer.is_constant() {
                continue;
            }
            let found = sum.log_moments(digits);
            let integral = layer.log_moments_on(&layer.grid(digits));
            for (found, integral) in found.iter().zip(&integral) {
                assert!(apart(found, integral) <= 1.0, "{layer:?}");
            }
            assert!(
                found[0].digits() >= digits as f64 - 3.0,
                "{layer:?}: {}",
                found[0].digits()
            );
        }
    }

    #[test]
    fn one_unit_is_what_the_integral_says() {
        let slopes = |text: &str| match text.split_once(':') {
            None => (number(text), number(text)),
            Some((lower, upper)) => (number(lower), number(upper)),
        };
        for (place, text) in [
            "0.01",
            "-3",
            "1e-30",
            "1/8:1/3",
            "-1/8:1/3",
            "0:1/4",
            "-2:0",
            "-1/3:-1/8",
            "1:1.001",
        ]
        .into_iter()
        .enumerate()
        {
            let (lower, upper) = slopes(text);
            let keep = number(["1", "0.3"][place % 2]);
            let layer = ExactLayer::randomized(lower, upper, keep, false, 1).unwrap();
            let layer = match place % 3 {
                0 => layer
                    .with_weights(Weights::Orthogonal)
                    .with_fan_in(3)
                    .unwrap(),
                _ => layer,
            };
            let s = number(["0.7", "1", "2.9"][place % 3]);
            let grid = layer.grid(25);
            let found = layer.moment_of_one_unit(&s, 40);
            let integral = layer.plain_moment_on(&grid, &s);
            assert!(apart(&found, &integral) <= 1.0, "{text}");
            assert!(found.digits() > 33.0, "{text}: {}", found.digits());
            // the law of c for another order
            let near = one_unit::mean_power(&layer.slope, &number("0.700001"), 160);
            let wrong =
                found
                    .times(&near)
                    .over(&one_unit::mean_power(&layer.slope, &number("0.7"), 160));
            assert!(apart(&wrong, &integral) > 1.0, "{text}");
            let logs = layer.log_moments_on(&grid);
            let found = layer.log_moments_of_one_unit(40);
            for (found, integral) in found.iter().zip(&logs) {
                assert!(apart(found, integral) <= 1.0, "{text}");
            }
        }
    }

    #[test]
    fn a_term_that_is_missing_is_seen() {
        let s = number("0.7");
        let mut seen = 0;
        for (layer, sum) in sums() {
            if layer.width > 300 || layer.weights == Weights::Orthogonal {
                continue;
            }
            let grid = layer.grid(60);
            let integral = layer.plain_moment_on(&grid, &s);
            let logs = layer.log_moments_on(&grid);
            for n in sum.considerable(1e-40) {
                let wrong = sum.moment_altered(&s, 60, |chain| chain.without(n)).value();
                assert!(apart(&wrong, &integral) > 1.0, "{layer:?} without {n}");
                // one term alone is its own mean
                if layer.width > 1 && !(layer.keep.is_one() && layer.is_linear()) {
                    let wrong = sum.log_moments_altered(60, |chain| chain.without(n));
                    assert!(apart(&wrong[0], &logs[0]) > 1.0, "{layer:?} without {n}");
                    assert!(apart(&wrong[1], &logs[1]) > 1.0, "{layer:?} without {n}");
                }
                seen += 1;
            }
        }
        assert!(seen > 500, "{seen}");
    }

    #[test]
    fn a_parity_that_is_missing_is_seen() {
        let s = number("0.7");
        for (layer, sum) in sums() {
            if layer.width == 1 || layer.keep.is_one() && layer.is_linear() {
                continue;
            }
            let integral = layer.plain_moment_on(&layer.grid(60), &s);
            for parity in 0..2 {
                let only = |chain: Chain| chain.only_of_parity(parity);
                let wrong = sum.moment_altered(&s, 60, only).value();
                assert!(apart(&wrong, &integral) > 1.0, "{layer:?}");
            }
        }
    }

    #[test]
    fn the_interval_is_as_narrow_as_asked() {
        let s = number("1");
        for (width, digits) in [(1, 10), (64, 40), (1 << 53, 25)] {
            let layer = ExactLayer::relu(width).unwrap();
            let found = layer.moment_of_order(&s, digits).value().digits();
            assert!(found >= digits as f64 - 1.0, "width {width}: {found}");
        }
    }
}
