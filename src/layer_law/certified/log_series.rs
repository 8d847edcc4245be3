//! What a trapezoidal sum leaves out on the right where slopes come arbitrarily close to 0: far out
//! L is a series in t^{−1/2} whose coefficients are polynomials in log t.
//!
//! Proved in proofs-notes/certified.md, *By a series with logarithms*.

use crate::layer_law::certified::arithmetic::{
    Real, by_squaring, coarse, exact_integer, integer, power, size, small,
};
use crate::layer_law::certified::series::{Edge, ORDERS, Orders, Tail};
use crate::layer_law::certified::units::{LogCoefficients, Units};

/// Most terms: more begin earlier, but the powers of the series take longer.
const MOST_TERMS: usize = 120;

/// Fewest: the bound on those left out needs more than the width.
const FEWEST_TERMS: usize = 24;

/// Largest width: the polynomials have its degree, and wider layers' terms fall fast.
const WIDEST: u64 = 16;

/// A polynomial in ℓ = log t − log t_K, lowest coefficient first.
type Polynomial = Vec<Real>;

/// L = y^o Σ_n γ_n(ℓ) yⁿ, y = t^{−1/2}, for large t.
pub struct FarLogs {
    width: u64,
    dead: Real,
    terms: usize,
    /// M's series.
    unit: LogCoefficients,
}

impl FarLogs {
    /// The series; `None` where slopes stay away from 0 and for wide layers.
    pub fn new(units: &Units, terms: usize) -> Option<Self> {
        if units.width() > WIDEST {
            return None;
        }
        let terms = terms.clamp(FEWEST_TERMS, MOST_TERMS);
        Some(Self {
            width: units.width(),
            dead: units.dead().clone(),
            terms,
            unit: units.log_coefficients(terms / 2 + 1)?,
        })
    }

    fn can_die(&self) -> bool {
        self.dead > Real::ZERO
    }

    /// o: 0 when c may be 0, else the width.
    fn offset(&self) -> u64 {
        if self.can_die() { 0 } else { self.width }
    }

    /// A bound on what the series leaves out at a node; `None` where it does not converge fast.
    pub fn left_out(&self, edge: &Edge, log_t: &Real) -> Option<Orders> {
        let log = coarse(&self.unit.log);
        let first = coarse(&self.unit.powers[0]) + &log * coarse(log_t);
        if first <= Real::ZERO {
            return None;
        }
        // M's terms at ℓ + 2 and R over R, Σ_{k≥1} |b_k| R^{2k} at R² ≤ ½c: ((1−¼)^{−½} − 1) of the
        // atoms' b_0, Σ C_k 4^{−k}/2k ≤ 1/12 for each bound
        let alive = first + &log * small(2.0 + 1.0 / 6.0) + coarse(&self.unit.atoms) * small(0.16);
        let widest = (exact_integer(2) * coarse(&self.unit.lowest)).sqrt() * small(0.499);
        let (n, d) = (self.terms as f64, self.width as f64);
        let wanted = coarse(&self.dead) * small(n / (1.2 * d)) / &alive;
        let radius = match self.can_die() {
            true if wanted < widest => wanted,
            true => widest,
            false => widest * small((n / d).sqrt().min(1.0)),
        };
        let y = exact_integer(1) / coarse(edge.t).sqrt();
        let shrink = &y / &radius;
        if shrink > small(0.25) {
            return None;
        }
        let base = match self.can_die() {
            true => coarse(&self.dead) + alive * radius,
            false => alive,
        };
        let offset = self.offset();
        let half = small((n + offset as f64) / 2.0 + 2.0);
        let front = small(2.01) * &half * half * power(&base, self.width);
        let powers = power(&shrink, self.terms as u64) * power(&y, offset);
        let rate = small((n + offset as f64 - d) / 2.0);
        let falling = (-rate * coarse(edge.step)).exp();
        Some(edge.remainder(&(front * powers * coarse(edge.weight)), &falling))
    }

    /// M, or M/y if it has no constant, as a series in y.
    fn unit_series(&self, log_t: &Real) -> Vec<Polynomial> {
        let shift = usize::from(self.can_die());
        let mut unit = vec![Polynomial::new(); self.terms];
        if self.can_die() {
            unit[0] = vec![self.dead.clone()];
        }
        for (k, coefficient) in self.unit.powers.iter().enumerate() {
            if let Some(place) = unit.get_mut(2 * k + shift) {
                *place = match k {
                    0 => vec![coefficient + &self.unit.log * log_t, self.unit.log.clone()],
                    _ => vec![coefficient.clone()],
                };
            }
        }
        unit
    }

    /// The sums over all nodes to the right.
    pub fn tail(&self, edge: &Edge, log_t: &Real, left_out: Orders) -> Tail {
        let precision = edge.step.precision();
        let unit = self.unit_series(log_t);
        let positive: Vec<Polynomial> = (unit.iter())
            .map(|polynomial| polynomial.iter().map(|x| size(coarse(x))).collect())
            .collect();
        let [series, majorants] = [unit, positive]
            .map(|unit| by_squaring(&unit, self.width, |a, b| product(a, b)).unwrap_or(unit));
        let y = integer(1, precision) / edge.t.sqrt();
        let half_step = edge.step / exact_integer(2);
        let down = (-&half_step).exp();
        let offset = self.offset();
        let mut value = power(&y, offset) * edge.weight / &y;
        let start = exact_integer(offset as i64) + exact_integer(2) * edge.order;
        let mut ratio = (-start * &half_step).exp() / &down;
        let zero = || std::array::from_fn(|_| integer(0, precision));
        let (mut sums, mut totals): (Orders, Orders) = (zero(), zero());
        for ((own, majorant), e) in series.iter().zip(&majorants).zip(offset as i64..) {
            value *= &y;
            ratio *= &down;
            if e == 0 || own.is_empty() {
                continue;
            }
            let over_nodes = OverNodes::new(edge, &ratio, own.len());
            over_nodes.add(&second_derivative(own, e, -1), &value, &mut sums);
            over_nodes.add(&second_derivative(majorant, e, 1), &value, &mut totals);
        }
        Tail {
            sums,
            majorants: totals.map(|total| coarse(&total)),
            left_out,
            roundings: self.roundings(edge, log_t),
        }
    }

    /// By how many units the sums are off, relative to the majorants.
    fn roundings(&self, edge: &Edge, log_t: &Real) -> f64 {
        let (d, n, k) = (self.width as f64, self.terms as f64, edge.steps as f64);
        let degree = d + 2.0;
        let log = coarse(&self.unit.log) * coarse(log_t);
        let first = coarse(&self.unit.powers[0]) + &log;
        let cancelled = ((coarse(&self.unit.size) + size(log)) / first)
            .to_f64()
            .value();
        let coefficients = 10.0 * n + 70.0 + 8.0 * cancelled;
        let h = edge.step.to_f64().value();
        let geometric = (degree + 2.0) * (degree + 8.0 + (3.0 * n + 8.0) / h);
        d * (coefficients + 2.0 * n * degree + 6.0) + (d + n) * (3.0 * k + 8.0) + geometric
    }
}

/// t²L″ = L_uu − L_u for L = γ(ℓ) e^{−eu/2}: ¼e(e+2) γ ∓ (e+1) γ′ + γ″.
fn second_derivative(polynomial: &Polynomial, e: i64, sign: i64) -> Polynomial {
    let term = |j: usize| {
        let plain = &polynomial[j] * exact_integer(e * (e + 2)) / exact_integer(4);
        let order = j as i64;
        let first = polynomial
            .get(j + 1)
            .map(|x| x * exact_integer(sign * (e + 1) * (order + 1)));
        let second = polynomial
            .get(j + 2)
            .map(|x| x * exact_integer((order + 1) * (order + 2)));
        [first, second]
            .into_iter()
            .flatten()
            .fold(plain, |sum, x| sum + x)
    };
    (0..polynomial.len()).map(term).collect()
}

/// The sums over the nodes beyond of xⁱ (ih)ʲ times powers of K+i.
struct OverNodes {
    by_power: Vec<Orders>,
}

impl OverNodes {
    fn new(edge: &Edge, x: &Real, powers: usize) -> Self {
        // A_m = Σ_{i≥1} i^m xⁱ: A_m (1−x) = x (1 + Σ_{r<m} C(m,r) A_r), all positive
        let plain = x / (exact_integer(1) - x);
        let mut moments: Vec<Real> = Vec::with_capacity(powers + ORDERS);
        let mut binomials: Vec<i64> = vec![1];
        for _ in 0..powers + ORDERS - 1 {
            let terms = moments.iter().zip(&binomials);
            let sum = terms.fold(integer(1, x.precision()), |sum, (a, &c)| {
                sum + a * exact_integer(c)
            });
            moments.push(sum * &plain);
            let pairs = binomials.windows(2).map(|pair| pair[0] + pair[1]);
            binomials = [1].into_iter().chain(pairs).chain([1]).collect();
        }
        let k = integer(edge.steps as i64, x.precision());
        let mut step = integer(1, x.precision());
        let by_power = (0..powers).map(|j| {
            let [a, b, c] = [&moments[j], &moments[j + 1], &moments[j + 2]];
            let sums = [
                a * &step,
                (&k * a + b) * &step,
                (&k * &k * a + exact_integer(2) * &k * b + c) * &step,
            ];
            step = &step * edge.step;
            sums
        });
        Self {
            by_power: by_power.collect(),
        }
    }

    /// Σ_j coefficient·value·(its sums).
    fn add(&self, polynomial: &Polynomial, value: &Real, sums: &mut Orders) {
        for (coefficient, own) in polynomial.iter().zip(&self.by_power) {
            let term = coefficient * value;
            for (sum, part) in sums.iter_mut().zip(own) {
                *sum += &term * part;
            }
        }
    }
}

/// The first terms of a product, as many as the factors have.
fn product(a: &[Polynomial], b: &[Polynomial]) -> Vec<Polynomial> {
    let term = |n: usize| {
        let mut sum = Polynomial::new();
        for k in 0..=n {
            let (a, b) = (&a[k], &b[n - k]);
            for (i, x) in a.iter().enumerate() {
                for (j, y) in b.iter().enumerate() {
                    match sum.get_mut(i + j) {
                        Some(place) => *place += x * y,
                        None => sum.push(x * y),
                    }
                }
            }
        }
        sum
    };
    (0..a.len()).map(term).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer_law::certified::Rational;
    use crate::layer_law::certified::units::Slope;

    const PRECISION: usize = 300;
    const NODES: i64 = 1500;

    fn number(text: &str) -> Rational {
        Rational::parse(text).unwrap()
    }

    fn units(lower: &str, upper: &str, keep: &str, width: u64) -> Units {
        let (lower, upper) = (number(lower), number(upper));
        let slope = Slope::Uniform { lower, upper };
        Units::new(&slope, &number(keep), width, PRECISION)
    }

    /// How far sums are from those over the nodes beyond, term by term, in units of a bound.
    fn off(units: &Units, edge: &Edge, sums: &Orders, bound: &Orders) -> [f64; ORDERS] {
        let factor = edge.step.exp();
        let weight_factor = (-edge.order * edge.step).exp();
        let (mut t, mut weight) = (edge.t.clone(), edge.weight.clone());
        let mut found: Orders = std::array::from_fn(|_| integer(0, PRECISION));
        for i in 1..=NODES {
            t *= &factor;
            weight *= &weight_factor;
            let term = units.second_derivative(&t, &t.ln()).value * &t * &t * &weight;
            let k = integer(edge.steps as i64 + i, PRECISION);
            found[2] += &term * &k * &k;
            found[1] += &term * &k;
            found[0] += term;
        }
        std::array::from_fn(|j| {
            let off = size(&sums[j] - &found[j]);
            (coarse(&off) / &bound[j]).to_f64().value()
        })
    }

    #[test]
    fn the_series_with_logarithms_is_the_sum_that_it_replaces() {
        for (lower, upper, keep, width, t) in [
            ("-1/8", "1/3", "1", 2, "3e3"),
            ("-1/8", "1/3", "1", 3, "3e3"),
            ("0", "1/4", "9/10", 2, "1e3"),
            ("-2", "1/2", "1", 5, "2e2"),
        ] {
            let units = units(lower, upper, keep, width);
            let far = FarLogs::new(&units, 0).unwrap();
            let real = |text: &str| number(text).real(PRECISION);
            let (t, weight, step, order) = (real(t), real("0.7"), real("1/4"), real("0.4"));
            let edge = Edge {
                t: &t,
                weight: &weight,
                steps: 17,
                side: 1,
                step: &step,
                order: &order,
            };
            let log_t = t.ln();
            let left_out = far.left_out(&edge, &log_t).unwrap();
            let tail = far.tail(&edge, &log_t, left_out);
            for ratio in off(&units, &edge, &tail.sums, &tail.left_out) {
                assert!(ratio <= 1.0, "the bound is broken: {ratio}");
                assert!(ratio > 1e-13, "the bound is of no use: {ratio}");
            }
            // a closed form that is wrong by its bound is seen
            let mut wrong = tail.sums;
            for (sum, bound) in wrong.iter_mut().zip(&tail.left_out) {
                *sum += bound * small(2.5);
            }
            let ratios = off(&units, &edge, &wrong, &tail.left_out);
            assert!(ratios.iter().all(|&ratio| ratio > 1.0));
        }
    }
}
