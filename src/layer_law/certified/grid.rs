//! The trapezoidal sums over t_k = t₀e^{kh}, with every error counted: discretization,
//! what is left out at both ends, rounding.
//!
//! Every bound has its proof in proofs-notes/certified.md.

use crate::layer_law::certified::arithmetic::{
    Real, coarse, exact_integer, integer, power_of_two, small, unit,
};
use crate::layer_law::certified::ball::Ball;
use crate::layer_law::certified::elementary::ln_of;
use crate::layer_law::certified::finite_sum::Table;
use crate::layer_law::certified::log_series::FarLogs;
use crate::layer_law::certified::rational::Rational;
use crate::layer_law::certified::series::{Edge, Far, Near, ORDERS, Orders, Tail, power_of_series};
use crate::layer_law::certified::units::{Units, Value};

/// A strip |Im u| < θ within which f is bounded by its values on the line.
struct Strip {
    theta: f64,
    /// Logarithm of a bound on 2|f(u ± iθ)|/f(u), with f somewhere on the line moved by `shift`.
    log_factor: f64,
    /// How far |u| is moved when the line of integration is.
    shift: f64,
}

impl Strip {
    /// θ = 1.45, for every width: 2·cos(1.45)⁻² < 138 and θ + |log cos θ| < 3.57.
    fn narrow() -> Self {
        Self {
            theta: 1.45,
            log_factor: 138_f64.ln(),
            shift: 3.57,
        }
    }

    /// θ < π, for d units: 2·cos(θ/2)^{−d/2−2}, rounded up.
    fn wide(theta: f64, width: u64) -> Self {
        let rate = -(theta / 2.0).cos().ln();
        Self {
            theta,
            log_factor: std::f64::consts::LN_2 + (width as f64 / 2.0 + 2.0) * rate * 1.000_001,
            shift: theta,
        }
    }

    /// The step at which the discretization error is below e^{−`logarithm`}, rounded down.
    fn step(&self, logarithm: f64) -> f64 {
        // a factor of 2 to spare
        let all = logarithm + self.log_factor + std::f64::consts::LN_2;
        (2.0 * std::f64::consts::PI * self.theta / all * 0.999_9).min(LONGEST_STEP)
    }

    /// The strip that allows the longest step.
    fn best(width: u64, logarithm: f64) -> Self {
        let wide = (150..310).map(|hundredths| Self::wide(f64::from(hundredths) / 100.0, width));
        wide.fold(Self::narrow(), |best, other| {
            match other.step(logarithm) > best.step(logarithm) {
                true => other,
                false => best,
            }
        })
    }
}

/// Longest step: the bounds on both ends are proved up to it.
const LONGEST_STEP: f64 = 1.0;

/// How often the bounds on what is left out are looked at.
const LOOK_EVERY: usize = 8;

/// Bits of a double that the step has, so that it is exact.
const STEP_BITS: i32 = 24;

/// A grid fine enough for a number of digits, and its working precision.
pub struct Grid {
    /// Each discretization and truncation error is at most this, relatively.
    target: Real,
    precision: usize,
    /// The step, an exact binary fraction, and its double, also exact.
    step: Real,
    h: f64,
    /// How far |u| is moved by the discretization bound.
    shift: f64,
    /// Terms of the series at both ends.
    terms: usize,
}

/// Mean and variance of u = log t under the density f(eᵘ), and f's integral over the step.
pub struct Sums {
    pub total: Ball,
    pub mean: Ball,
    pub variance: Ball,
}

impl Grid {
    /// For relative errors of about 10^{−digits}, with guard bits for values that cancel down to
    /// 2^{−cancelled} of their parts.
    pub fn new(digits: usize, width: u64, cancelled: usize) -> Self {
        Self::stretched(digits, width, cancelled, 1.0)
    }

    /// With `stretch` times the step that the discretization bound asks for: only
    /// 1 is right, a test plants another.
    pub fn stretched(digits: usize, width: u64, cancelled: usize, stretch: f64) -> Self {
        let bits = (digits as f64 * std::f64::consts::LOG2_10).ceil();
        let logarithm = bits * std::f64::consts::LN_2;
        let strip = Strip::best(width, logarithm);
        let longest = strip.step(logarithm) * stretch;
        let steps = (longest * 2.0_f64.powi(STEP_BITS)).floor();
        let h = steps / 2.0_f64.powi(STEP_BITS);
        // where a node and a term of the series cost about the same in all
        let terms = (0.8 * bits * bits).cbrt().ceil().max(12.0);
        // an estimate only: the roundings are counted afterwards
        let guard = ((width as f64 + 4.0 * bits) * 64.0 * logarithm / h).log2() + 12.0;
        let precision = (bits + guard).ceil() as usize + cancelled;
        Self {
            target: power_of_two(-(bits as isize)),
            precision,
            step: integer(steps as i64, precision) * power_of_two(-STEP_BITS as isize),
            h,
            shift: strip.shift,
            terms: terms as usize,
        }
    }

    /// Bits that the numbers are computed with.
    pub fn precision(&self) -> usize {
        self.precision
    }

    /// Sums of L″(t_k) t_k^{2−p}.
    pub fn layer(&self, units: &Units, order: &Real) -> Sums {
        let exponent = -(units.mean().log2().round() as isize);
        let unit_series = units.moments(self.terms + 1);
        self.sums(&Law {
            order,
            exponent,
            value: &|t, log_t| units.second_derivative(t, log_t),
            near: Near::new(power_of_series(&unit_series, units.width())),
            far: Far::new(units, self.terms),
            far_logs: FarLogs::new(units, self.terms),
            tail: &|t| units.tail(t),
            width: units.width() as f64,
            roundings: units.roundings(),
        })
    }

    /// ∫ e^{−eᵘ} e^{(2−p)u} du = Γ(2−p) for p = s/2 in the same units, and mean and variance of u
    /// at p = 0: the same for Q ≡ 1.
    pub fn constant(&self, s: Option<&Rational>) -> Sums {
        let table = Table::new(self.precision.next_multiple_of(64));
        let step = Ball::exact(self.step.clone(), self.precision);
        let gamma = match s {
            Some(s) => table.gamma_two_minus_half(s).ball(),
            None => Ball::exact(integer(1, self.precision), self.precision),
        };
        // χ²_4/2 has the density te^{−t}, and its logarithm is that of χ²_4 less log 2
        let log = table.log_moments(4);
        Sums {
            total: gamma.over(&step),
            mean: log.mean.minus(&table.ln_of(2)).ball(),
            variance: log.variance.ball(),
        }
    }

    /// Sum of f(t)·t²·(t/t₀)^{−p}·kʲ over t = t₀e^{kh}, outward until what is left out is
    /// known or negligible.
    fn sums(&self, law: &Law) -> Sums {
        let start = integer(1, self.precision) * power_of_two(law.exponent);
        let mut sums = Running::new(self.precision);
        let log_start = ln_of(&start);
        sums.add(0, &(law.value)(&start, &log_start), &(&start * &start));
        let right = self.side(law, [&start, &log_start], 1, &mut sums);
        let left = self.side(law, [&start, &log_start], -1, &mut sums);
        let steps = right.steps.max(left.steps);
        self.finish(law, sums, [right, left], steps as f64)
    }

    /// One side of the sum, from t₀ and its logarithm.
    fn side(
        &self,
        law: &Law,
        [start, log_start]: [&Real; 2],
        side: i64,
        sums: &mut Running,
    ) -> Side {
        let signed = exact_integer(side);
        let factor = (&signed * &self.step).exp();
        let weight_factor = (-law.order * &signed * &self.step).exp();
        let mut t = start.clone();
        let mut weight = integer(1, self.precision);
        for k in 1.. {
            t *= &factor;
            weight *= &weight_factor;
            let signed_k = side * k as i64;
            // rounded twice, whatever k
            let log_t = log_start + &self.step * integer(signed_k, self.precision);
            sums.add(signed_k, &(law.value)(&t, &log_t), &(&t * &t * &weight));
            if k % LOOK_EVERY != 0 {
                continue;
            }
            let edge = Edge {
                t: &t,
                weight: &weight,
                steps: k,
                side,
                step: &self.step,
                order: law.order,
            };
            let enough = &sums.plain[0] * &self.target;
            if let Some(tail) = self.rest(law, &edge, &log_t, &enough) {
                return Side { steps: k, tail };
            }
        }
        unreachable!("every term falls geometrically in the end")
    }

    /// What lies beyond a node, when it is known to within `enough`.
    fn rest(&self, law: &Law, edge: &Edge, log_t: &Real, enough: &Real) -> Option<Tail> {
        if edge.side < 0 {
            let left_out = law.near.left_out(edge);
            return (&left_out[0] <= enough).then(|| law.near.tail(edge));
        }
        let falling = exact_integer(1) - small(0.2 * self.h);
        if let Some(bound) = (law.tail)(edge.t) {
            let left_out = edge.remainder(&(bound * coarse(edge.weight)), &falling);
            if &left_out[0] <= enough {
                let nothing = || std::array::from_fn(|_| integer(0, self.precision));
                return Some(Tail {
                    sums: nothing(),
                    majorants: nothing(),
                    left_out,
                    roundings: 0.0,
                });
            }
        }
        if let Some(far) = &law.far_logs {
            let left_out = far.left_out(edge, log_t)?;
            return (&left_out[0] <= enough).then(|| far.tail(edge, log_t, left_out));
        }
        let far = law.far.as_ref()?;
        let left_out = far.left_out(edge)?;
        (&left_out[0] <= enough).then(|| far.tail(edge, left_out))
    }

    fn finish(&self, law: &Law, sums: Running, sides: [Side; 2], k: f64) -> Sums {
        let (d, n, h) = (law.width, self.terms as f64, self.h);
        let unit = unit(self.precision);
        // roundings of a node, apart from those that are amplified, and of the series' terms
        let node = (d + 17.0) * (4.0 * k + 5.0 * law.roundings.max(14.0));
        let series =
            4.0 * d + 32.0 * n * n + 300.0 * n + (d + n) * (3.0 * k + 8.0) + (8.0 * n + 16.0) / h;
        let mut total = sums.plain;
        for side in &sides {
            for (sum, tail) in total.iter_mut().zip(&side.tail.sums) {
                *sum += tail;
            }
        }
        let sizes = [0, 2].map(|j| coarse(&total[j]));
        let mixed = (&sizes[0] * &sizes[1]).sqrt();
        let shift = self.shift / h;
        let discretization = [
            sizes[0].clone(),
            &mixed + small(shift) * &sizes[0],
            small(2.0) * (&sizes[1] + small(shift * shift) * &sizes[0]),
        ];
        let absolute = [sizes[0].clone(), mixed, sizes[1].clone()];
        let totals: [Ball; ORDERS] = std::array::from_fn(|j| {
            let mut off = &self.target * &discretization[j] + &unit * small(node) * &absolute[j];
            off += &unit * small(8.0 * law.roundings * k.powi(j as i32)) * &sums.noise;
            for side in &sides {
                off += &side.tail.left_out[j];
                let series = series.max(side.tail.roundings);
                off += &unit * small(series) * &side.tail.majorants[j];
            }
            Ball::new(total[j].clone(), off * small(1.02), self.precision)
        });
        let start = Ball::exact(power_of_two(law.exponent), self.precision);
        let [zeroth, first, second] = totals;
        let (first, second) = (first.over(&zeroth), second.over(&zeroth));
        let step = Ball::exact(self.step.clone(), self.precision);
        Sums {
            // t₀^{−p}: the terms were taken relative to the start
            total: zeroth.times(&start.power(&Ball::rounded(-law.order.clone()))),
            variance: second.minus(&first.times(&first)).times(&step).times(&step),
            mean: start.ln().plus(&first.times(&step)),
        }
    }
}

/// What is summed.
struct Law<'a> {
    /// p.
    order: &'a Real,
    /// log₂ t₀.
    exponent: isize,
    /// L″, given t and log t.
    value: &'a dyn Fn(&Real, &Real) -> Value,
    near: Near,
    far: Option<Far>,
    /// Where there is no such series.
    far_logs: Option<FarLogs>,
    /// A bound on t²L″(t), from there on falling at least by 1 − h/5 a step.
    tail: &'a dyn Fn(&Real) -> Option<Real>,
    /// d.
    width: f64,
    roundings: f64,
}

/// The nodes summed so far.
struct Running {
    plain: Orders,
    /// Σ term·amplification.
    noise: Real,
}

impl Running {
    fn new(precision: usize) -> Self {
        Self {
            plain: std::array::from_fn(|_| integer(0, precision)),
            noise: coarse(&integer(0, precision)),
        }
    }

    fn add(&mut self, k: i64, value: &Value, weight: &Real) {
        let term = &value.value * weight;
        self.noise += coarse(&term) * small(value.amplification);
        let k = exact_integer(k);
        let linear = &term * &k;
        self.plain[2] += &linear * k;
        self.plain[1] += linear;
        self.plain[0] += term;
    }
}

/// One side of the sum.
struct Side {
    steps: usize,
    tail: Tail,
}
