//! What a trapezoidal sum leaves out, in closed form: far to the left L″ is its
//! Taylor series, far to the right a series in t^{−1/2}, and each power of t sums
//! over the remaining nodes as a geometric series.

use dashu_int::IBig;

use crate::layer_law::certified::arithmetic::{
    Real, by_squaring, coarse, exact_integer, integer, power, small,
};
use crate::layer_law::certified::units::Units;

/// How many sums are taken at once: those of f·kʲ, j < `ORDERS`.
pub const ORDERS: usize = 3;

/// One number for each of the sums.
pub type Orders = [Real; ORDERS];

/// The part of the sums that lies beyond a node, and bounds on how far it is off.
pub struct Tail {
    pub sums: Orders,
    /// The same sums with all terms taken as positive: what rounding errors are relative to.
    pub majorants: Orders,
    /// Truncation of the series.
    pub left_out: Orders,
    /// By how many units the sums are off, relative to the majorants, beyond the series in powers.
    pub roundings: f64,
}

/// The node beyond which a tail lies.
pub struct Edge<'a> {
    /// t there.
    pub t: &'a Real,
    /// e^{−pkh} there.
    pub weight: &'a Real,
    /// |k| there.
    pub steps: usize,
    /// −1 to the left of the start, 1 to the right.
    pub side: i64,
    pub step: &'a Real,
    /// p.
    pub order: &'a Real,
}

impl Edge<'_> {
    /// Σ_{i≥1} (side·(K+i))ʲ xⁱ without the sign, for j < `ORDERS`, 0 ≤ x < 1.
    fn geometric(&self, x: &Real) -> Orders {
        let one = exact_integer(1);
        let rest = &one - x;
        let plain = x / &rest;
        let linear = &plain / &rest;
        let square = &linear * (one + x) / &rest;
        // an integer has but its own bits of precision, and its square would be rounded to them
        let k = integer(self.steps as i64, x.precision());
        [
            plain.clone(),
            &k * &plain + &linear,
            &k * &k * plain + exact_integer(2) * k * linear + square,
        ]
    }

    fn sign(&self, order: usize) -> i64 {
        if order == 1 { self.side } else { 1 }
    }

    /// Bounds on what a remainder of size `first` at this node, falling at least by the factor `x`
    /// a step, adds to the sums.
    pub fn remainder(&self, first: &Real, x: &Real) -> Orders {
        self.geometric(&coarse(x))
            .map(|sum| sum * first * small(1.01))
    }

    /// The sums of Σ `coefficient`·t^{±e}·weight over the nodes beyond, the n-th term being
    /// (coefficient, majorant, its value at this node per coefficient, its factor a step).
    fn sum(&self, terms: impl Iterator<Item = Term>) -> (Orders, Orders) {
        let zero = || std::array::from_fn(|_| integer(0, self.step.precision()));
        let (mut sums, mut majorants): (Orders, Orders) = (zero(), zero());
        for term in terms {
            let geometric = self.geometric(&term.ratio);
            let value = &term.coefficient * &term.power;
            let majorant = coarse(&term.majorant) * coarse(&term.power);
            for (order, part) in geometric.iter().enumerate() {
                majorants[order] += &majorant * coarse(part);
                sums[order] += &value * part * exact_integer(self.sign(order));
            }
        }
        (sums, majorants)
    }
}

struct Term {
    coefficient: Real,
    majorant: Real,
    power: Real,
    ratio: Real,
}

/// t²L″(t) = Σ_{n≥2} n(n−1) λ_n (−t)ⁿ, λ_n = E Qⁿ/n!, for small t.
pub struct Near {
    /// λ_n, the last one for the bound.
    coefficients: Vec<Real>,
}

impl Near {
    /// From the coefficients λ₀, …, λ_N.
    pub fn new(coefficients: Vec<Real>) -> Self {
        Self { coefficients }
    }

    fn last(&self) -> usize {
        self.coefficients.len() - 1
    }

    /// A bound on what the series leaves out at a node: L″ is completely monotone, so
    /// it lies between any two successive partial sums.
    pub fn left_out(&self, edge: &Edge) -> Orders {
        let n = self.last();
        let front = exact_integer((n * (n - 1)) as i64) * coarse(&self.coefficients[n]);
        let first = front * power(&coarse(edge.t), n as u64) * coarse(edge.weight);
        let rate = exact_integer(n as i64) - coarse(edge.order);
        edge.remainder(&first, &(-rate * coarse(edge.step)).exp())
    }

    /// The sums over all nodes to the left.
    pub fn tail(&self, edge: &Edge) -> Tail {
        let down = (-edge.step).exp();
        let mut power = edge.t * edge.weight;
        let mut ratio = (edge.order * edge.step).exp() * &down;
        let terms = (2..self.last()).map(|n| {
            power *= edge.t;
            ratio *= &down;
            let factor = (n * (n - 1)) as i64;
            let majorant = &self.coefficients[n] * exact_integer(factor);
            Term {
                coefficient: if n % 2 == 0 {
                    majorant.clone()
                } else {
                    -&majorant
                },
                majorant,
                power: power.clone(),
                ratio: ratio.clone(),
            }
        });
        let (sums, majorants) = edge.sum(terms);
        Tail {
            sums,
            majorants,
            left_out: self.left_out(edge),
            roundings: 0.0,
        }
    }
}

/// L(t) = y^o C(y), y = t^{−1/2}: t²L″(t) = Σ_n (e/2)(e/2+1) γ_n y^e, e = n + o, for large t.
pub struct Far {
    /// o: 0 when c may be 0, else the width.
    offset: u64,
    coefficients: Vec<Real>,
    majorants: Vec<Real>,
    /// A radius R within which the series converges, and a bound on Σ|γ_n|Rⁿ.
    radius: Real,
    bound: Real,
}

impl Far {
    /// The series to the given number of terms; `None` where there is none (slopes arbitrarily
    /// close to 0) or the layer is so wide that it is of no use.
    pub fn new(units: &Units, terms: usize) -> Option<Self> {
        let (width, precision) = (units.width(), units.dead().precision());
        let reach = units.alive().to_f64().value() * width as f64;
        if reach > 8.0 * precision as f64 {
            return None;
        }
        let inverse = units.inverse_moments(terms / 2 + 1)?;
        let can_die = *units.dead() > Real::ZERO;
        let shift = usize::from(can_die);
        let mut unit = vec![integer(0, precision); terms];
        if can_die {
            unit[0] = units.dead().clone();
        }
        for (k, coefficient) in inverse.iter().enumerate() {
            if let Some(place) = unit.get_mut(2 * k + shift) {
                *place = coefficient.clone();
            }
        }
        let positive: Vec<Real> = unit
            .iter()
            .map(coarse)
            .map(crate::layer_law::certified::arithmetic::size)
            .collect();
        let first = &positive[shift];
        let (lowest, _) = units.range();
        let two_c = exact_integer(2) * lowest;
        let widest = two_c.sqrt() * small(0.499);
        let (n, d) = (terms as f64, width as f64);
        let radius = if can_die {
            let wanted = coarse(units.dead()) * small(n / (1.2 * d)) / first;
            if wanted < widest { wanted } else { widest }
        } else {
            widest * small((n / d).sqrt().min(1.0))
        };
        let shrink = (exact_integer(1) - &radius * &radius / two_c * small(1.001)).sqrt();
        let alive = first / shrink;
        let majorant = if can_die {
            &positive[0] + alive * &radius
        } else {
            alive
        };
        Some(Self {
            offset: if can_die { 0 } else { width },
            coefficients: power_of_series(&unit, width),
            majorants: power_of_series(&positive, width),
            radius,
            // 64 bits against at most 8·precision factors
            bound: power(&majorant, width) * small(1.001),
        })
    }

    /// A bound on what the series leaves out at a node; `None` where it does not converge fast.
    pub fn left_out(&self, edge: &Edge) -> Option<Orders> {
        let y = exact_integer(1) / coarse(edge.t).sqrt();
        let shrink = &y / &self.radius;
        if shrink > small(0.25) {
            return None;
        }
        let n = self.coefficients.len() as u64;
        let half = small((n + self.offset) as f64 / 2.0 + 1.0);
        let front = small(2.0) * &half * &half * &self.bound;
        let first = front * power(&shrink, n) * power(&y, self.offset) * coarse(edge.weight);
        let rate = small((n + self.offset) as f64 / 2.0);
        Some(edge.remainder(&first, &(-rate * coarse(edge.step)).exp()))
    }

    /// The sums over all nodes to the right.
    pub fn tail(&self, edge: &Edge, left_out: Orders) -> Tail {
        let precision = edge.step.precision();
        let y = integer(1, precision) / edge.t.sqrt();
        let half_step = edge.step / exact_integer(2);
        let down = (-&half_step).exp();
        let offset = Real::from(IBig::from(self.offset));
        let mut power = power(&y, self.offset) * edge.weight / &y;
        let mut ratio = (-(offset + exact_integer(2) * edge.order) * &half_step).exp() / &down;
        let both = self.coefficients.iter().zip(&self.majorants);
        let terms = both
            .zip(self.offset..)
            .filter_map(|((coefficient, majorant), e)| {
                power *= &y;
                ratio *= &down;
                // (e/2)(e/2+1) = e(e+2)/4; a constant has no second derivative
                let factor = Real::from(IBig::from(e) * IBig::from(e + 2)) / exact_integer(4);
                (e > 0).then(|| Term {
                    coefficient: coefficient * &factor,
                    majorant: majorant * coarse(&factor),
                    power: power.clone(),
                    ratio: ratio.clone(),
                })
            });
        let (sums, majorants) = edge.sum(terms);
        Tail {
            sums,
            majorants,
            left_out,
            roundings: 0.0,
        }
    }
}

/// The first coefficients of a(y)^d, as many as a has; a(0) > 0. No cancellation
/// beyond that of the signs of a: with |a| for a, all terms are positive.
pub fn power_of_series(a: &[Real], d: u64) -> Vec<Real> {
    let terms = a.len();
    if d < terms as u64 {
        return by_squaring(&a.to_vec(), d, |a, b| product(a, b)).unwrap_or_else(|| a.to_vec());
    }
    // n a₀ c_n = Σ_k (k(d+1) − n) a_k c_{n−k}, every factor at least 0 for n ≤ d + 1
    let mut series = vec![power(&a[0], d)];
    for n in 1..terms {
        let mut sum = integer(0, a[0].precision());
        for k in (1..=n).filter(|&k| a[k] != Real::ZERO) {
            let factor = IBig::from(k) * IBig::from(d + 1) - IBig::from(n);
            sum += Real::from(factor) * &a[k] * &series[n - k];
        }
        series.push(sum / (exact_integer(n as i64) * &a[0]));
    }
    series
}

fn product(a: &[Real], b: &[Real]) -> Vec<Real> {
    let term = |n: usize| {
        let pairs = (0..=n).filter(|&k| a[k] != Real::ZERO && b[n - k] != Real::ZERO);
        pairs.fold(integer(0, a[0].precision()), |sum, k| {
            sum + &a[k] * &b[n - k]
        })
    };
    (0..a.len()).map(term).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer_law::certified::Rational;
    use crate::layer_law::certified::arithmetic::size;
    use crate::layer_law::certified::units::Slope;

    const PRECISION: usize = 220;
    const TERMS: usize = 24;

    fn units(slope: &str, width: u64) -> Units {
        let number = |text: &str| Rational::parse(text).unwrap();
        let slope = Slope::Fixed(number(slope));
        Units::new(&slope, &number("1"), width, PRECISION)
    }

    /// The sums over `nodes` nodes beyond an edge, term by term, and how far the closed
    /// form is from them, in units of its own bound.
    fn compare(units: &Units, edge: &Edge, tail: &Tail, nodes: i64) -> [f64; ORDERS] {
        let side = exact_integer(edge.side);
        let factor = (&side * edge.step).exp();
        let weight_factor = (-edge.order * &side * edge.step).exp();
        let (mut t, mut weight) = (edge.t.clone(), edge.weight.clone());
        let mut sums: Orders = std::array::from_fn(|_| integer(0, PRECISION));
        for i in 1..=nodes {
            t *= &factor;
            weight *= &weight_factor;
            let term = units.second_derivative(&t, &t.ln()).value * &t * &t * &weight;
            let k = integer(edge.side * (edge.steps as i64 + i), PRECISION);
            sums[2] += &term * &k * &k;
            sums[1] += &term * &k;
            sums[0] += term;
        }
        std::array::from_fn(|j| {
            let off = size(&tail.sums[j] - &sums[j]);
            (coarse(&off) / &tail.left_out[j]).to_f64().value()
        })
    }

    fn check(units: &Units, t: &str, side: i64, tail: impl Fn(&Edge) -> Tail, nodes: i64) {
        let number = |text: &str| Rational::parse(text).unwrap().real(PRECISION);
        let (t, weight, step, order) = (number(t), number("0.7"), number("1/4"), number("0.4"));
        let edge = Edge {
            t: &t,
            weight: &weight,
            steps: 17,
            side,
            step: &step,
            order: &order,
        };
        let closed = tail(&edge);
        for ratio in compare(units, &edge, &closed, nodes) {
            assert!(ratio <= 1.0, "the bound is broken: {ratio}");
            assert!(ratio > 1e-13, "the bound is of no use: {ratio}");
        }
        // a closed form that is wrong by its bound is seen
        let mut wrong = closed;
        for (sum, bound) in wrong.sums.iter_mut().zip(&wrong.left_out) {
            *sum += bound * small(2.5);
        }
        assert!(
            compare(units, &edge, &wrong, nodes)
                .iter()
                .all(|&r| r > 1.0)
        );
    }

    #[test]
    fn the_series_to_the_left_is_the_sum_that_it_replaces() {
        for (slope, width) in [("0", 1), ("0", 40), ("0.3", 5)] {
            let units = units(slope, width);
            let series = power_of_series(&units.moments(TERMS + 1), width);
            let near = Near::new(series);
            let t = if width == 40 { "0.002" } else { "0.02" };
            check(&units, t, -1, |edge| near.tail(edge), 500);
        }
    }

    #[test]
    fn the_series_to_the_right_is_the_sum_that_it_replaces() {
        for (slope, width, t) in [("0", 1, "40"), ("0", 6, "30000"), ("0.3", 5, "1000")] {
            let units = units(slope, width);
            let far = Far::new(&units, TERMS).unwrap();
            let tail = |edge: &Edge| far.tail(edge, far.left_out(edge).unwrap());
            check(&units, t, 1, tail, 800);
        }
    }
}
