//! E X^{s/2} for one to three positive units, and E log X and E log² X, from series in powers of w.
//!
//! The rest follows by the recurrence of mod.rs. Proved in proofs-notes/certified.md, *Leaky ReLU*.

use dashu_int::IBig;

use crate::layer_law::certified::elementary::ln_2;
use crate::layer_law::certified::finite_sum::leaky::series::{Logs, Quotients};
use crate::layer_law::certified::finite_sum::leaky::shared::Shared;
use crate::layer_law::certified::fixed::{Fixed, Scaled};
use crate::layer_law::certified::rational::Rational;

/// A bound on |L_k| of every series here, less |log w| and a logarithm of the width.
const REACH: f64 = 3.0;

/// Which of the two series.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// (−p)_k (b)_k/((1−p−g)_k k!) wᵏ, b = (d−h)/2, g = h/2, p = s/2.
    First,
    /// (c+p)_k (g)_k/((1+p+g)_k k!) wᵏ, c = d/2.
    Second,
}

/// The starting values for d units.
pub struct Starts<'a> {
    pub shared: &'a Shared<'a>,
    pub d: u64,
}

impl Starts<'_> {
    fn precision(&self) -> usize {
        self.shared.table.precision
    }

    fn order(&self) -> &Rational {
        self.shared.order
    }

    fn one(&self) -> Fixed {
        Fixed::integer(1, self.precision())
    }

    fn quotients(&self, kind: Kind, h: u64) -> Quotients {
        let (u, v) = (self.order().numerator(), self.order().denominator());
        let times = |n: i64| v * IBig::from(n);
        let (d, h) = (self.d as i64, h as i64);
        let (first, second) = match kind {
            Kind::First => ([-u, times(2 - h) - u], [d - h, 2]),
            Kind::Second => ([times(d) + u, times(2 + h) + u], [h, 2]),
        };
        self.shared.leaky.quotients(first, v.clone(), second)
    }

    /// E X^{s/2} for h = 1, 2 or 3 positive units of more, s not 2.
    pub fn power(&self, h: u64) -> Fixed {
        let (u, v) = (self.order().numerator(), self.order().denominator());
        let quotient = self.shared.chi(h).over(&self.shared.chi(self.d));
        // |a|^{s+h}
        let slope = &self.shared.leaky.slope;
        let [over, under] = [slope.numerator(), slope.denominator()].map(|x| x.pow(h as usize));
        let power = self.shared.power().times_ratio(&over, &under);
        if v.is_one() && h % 2 == 1 && u % 2u64 == 1 {
            return self.beside_pole(h, &quotient, &power);
        }
        let first = self.quotients(Kind::First, h).sum(&self.one());
        let second = self.quotients(Kind::Second, h).sum(&self.one());
        let second = second.times(&self.sigma(h)).times(&power);
        quotient.fixed().times(&first).plus(&second)
    }

    /// σ_h = Γ(c)Γ(−p−g)/(Γ(−p)Γ(b)), by σ_{h+2}/σ_h = −(d−h−2)/(s+h+2), σ_0 = 1.
    fn sigma(&self, h: u64) -> Fixed {
        let start = if h.is_multiple_of(2) {
            self.one()
        } else {
            self.first_odd()
        };
        self.two_more(start, h)
    }

    /// From h = 0 or 1 to h of the same parity.
    fn two_more(&self, start: Fixed, h: u64) -> Fixed {
        if h < 2 {
            return start;
        }
        let (u, v) = (self.order().numerator(), self.order().denominator());
        let over = v * (IBig::from(h) - IBig::from(self.d));
        start.times_ratio(&over, &(v * IBig::from(h) + u))
    }

    /// σ_1 = Γ(−p−½)/Γ(−p)·Γ(d/2)/Γ((d−1)/2), with r = 4 − s:
    /// s(2−s)(4−s)/((s+1)(1−s)(3−s))·χ_1(r)/χ_2(r)·χ_{d−1}(1)/χ_1(1).
    fn first_odd(&self) -> Fixed {
        let (u, v) = (self.order().numerator(), self.order().denominator());
        let less = |n: i64| v * IBig::from(n) - u;
        let over = u * less(2) * less(4);
        let under = (u + v) * less(1) * less(3);
        let (over, under) = if under < IBig::ZERO {
            (-over, -under)
        } else {
            (over, under)
        };
        let halves = self.root_quotient();
        let gammas = self.shared.rest();
        gammas.times(&halves).fixed().times_ratio(&over, &under)
    }

    /// √π Γ(d/2)/Γ((d−1)/2) = χ_{d−1}(1)/χ_1(1).
    fn root_quotient(&self) -> Scaled {
        let one = Rational::integer(1);
        let below = self.shared.table.chi(self.d - 1, &one);
        below.over(&self.shared.table.chi(1, &one))
    }

    /// Where s and h are odd, m = p + g is an integer: the first series ends before k = m, and the
    /// second has the factor L_k = log w − ψ(k+1) − ψ(k+m+1) + ψ(g+k) + ψ(c+p+k) and
    /// −(−1)^m Γ(c)/(Γ(−p)Γ(b) m!) for σ_h.
    fn beside_pole(&self, h: u64, quotient: &Scaled, power: &Fixed) -> Fixed {
        let precision = self.precision();
        let s = u64::try_from(self.order().numerator()).unwrap_or(1);
        let mut first = self.one();
        let mut term = self.one();
        let quotients = self.quotients(Kind::First, h);
        for k in 1..(s + h) / 2 {
            term = quotients.next(&term, k - 1);
            first = first.plus(&term);
        }
        // Γ(−½) = −2√π, Γ(−3/2) = 4√π/3; χ_1(1)² = 2/π
        let share = if s == 1 { (-1, 4) } else { (-3, 16) };
        let one = Rational::integer(1);
        let gammas = self
            .shared
            .table
            .chi(self.d - 1, &one)
            .times(&self.shared.table.chi(1, &one));
        let [over, under] = [share.0, share.1].map(IBig::from);
        let start = gammas.fixed().times_ratio(&over, &under);
        let factor = self.two_more(start, h);
        let slope = self.shared.log_square();
        let slope = slope
            .plus(&harmonic(h, precision))
            .plus(&harmonic(self.d + s, precision));
        let slope = slope.minus(&harmonic(s + h + 2, precision));
        let logs = Logs {
            slope,
            curvature: None,
            sign: 1,
            both: true,
            reach: self.reach(),
        };
        let [_, second, _] = self.quotients(Kind::Second, h).sums(&self.one(), logs);
        let second = second.times(&factor).times(power);
        quotient.fixed().times(&first).plus(&second)
    }

    fn reach(&self) -> f64 {
        self.shared.leaky.log_range() + ((self.d + 4) as f64).ln() + REACH
    }

    /// E log X and E log² X for h = 0.
    pub fn logs_of_none(&self) -> [Fixed; 2] {
        let log = self.shared.log_square();
        [log.clone(), log.times(log)]
    }

    /// E log X and E log² X for h = 1, 2 or 3 positive units of more, s being 0.
    pub fn logs(&self, h: u64) -> [Fixed; 2] {
        let [own, all] = [h, self.d].map(|n| self.shared.table.log_moments(n));
        let (mean, variance) = (own.mean.minus(&all.mean), own.variance.minus(&all.variance));
        let square = mean.times(&mean).plus(&variance);
        if h == 2 {
            return self.logs_of_two(&mean, &square);
        }
        let precision = self.precision();
        let [over, under] = self.shared.leaky.square();
        let (d, n) = (self.d as i64, h as i64);
        // the terms k ≥ 1 of the first series, over −p
        let first =
            self.shared
                .leaky
                .quotients([2.into(), (4 - n).into()], IBig::ONE, [d - n + 2, 4]);
        let start = ratio(&over * (d - n), &under * (2 - n), precision);
        let logs = Logs {
            slope: ratio(IBig::from(2), IBig::from(2 - n), precision),
            curvature: None,
            sign: -1,
            both: false,
            reach: self.reach(),
        };
        let [first, first_slope, _] = first.sums(&start, logs);
        // σ_h over −p: −2√π Γ(c)/Γ(b) for one unit; and ψ(1) − ψ(−g) = 2 log 2 − 2, or 2/3 less
        let start = self
            .root_quotient()
            .fixed()
            .times_ratio(&IBig::from(-2), &IBig::ONE);
        let slope = self.shared.leaky.slope.clone();
        let [over, under] = [slope.numerator(), slope.denominator()].map(|x| x.pow(h as usize));
        let start = self.two_more(start, h).times_ratio(&over, &under);
        let thirds = if h == 1 { 6 } else { 8 };
        let slope = self.shared.log_square().plus(&twice_ln_2(precision));
        let logs = Logs {
            slope: slope.minus(&ratio(thirds.into(), 3.into(), precision)),
            curvature: None,
            sign: 1,
            both: false,
            reach: self.reach(),
        };
        let [second, second_slope, _] = self.quotients(Kind::Second, h).sums(&start, logs);
        let inner = mean.times(&first).plus(&first_slope).plus(&second_slope);
        [
            mean.minus(&first).minus(&second),
            square.minus(&inner).minus(&inner),
        ]
    }

    /// The same for two, whose first series is (1−w)^{−b} and depends on no p.
    fn logs_of_two(&self, mean: &Fixed, square: &Fixed) -> [Fixed; 2] {
        let precision = self.precision();
        let [over, under] = self.shared.leaky.square();
        let d = self.d as i64;
        // −σ_2 w^{1+p} times the second: ½(d−2) (c+p)_k/(1+p)_{k+1} w^{k+1+p}
        let series = self
            .shared
            .leaky
            .quotients([d.into(), 4.into()], IBig::ONE, [2, 2]);
        let start = ratio(over * (d - 2), under * 2, precision);
        let logs = Logs {
            slope: self.shared.log_square().minus(&self.one()),
            curvature: Some(self.one()),
            sign: 1,
            both: false,
            reach: self.reach(),
        };
        let [plain, slope, curvature] = series.sums(&start, logs);
        let all = plain.plus(&self.one());
        [
            all.times(mean).minus(&slope),
            all.times(square).minus(&curvature).minus(&curvature),
        ]
    }
}

fn ratio(over: IBig, under: IBig, precision: usize) -> Fixed {
    match under < IBig::ZERO {
        true => Fixed::ratio(&-over, &-under, precision),
        false => Fixed::ratio(&over, &under, precision),
    }
}

fn twice_ln_2(precision: usize) -> Fixed {
    Fixed {
        units: ln_2(precision) * 2,
        error: 6.0,
        precision,
    }
}

/// ψ(n/2) − ψ(1).
fn harmonic(n: u64, precision: usize) -> Fixed {
    let one = IBig::ONE << precision;
    let first = 2 - n % 2;
    let mut units = IBig::ZERO;
    let mut error = 0.0;
    for n in (first..n).step_by(2) {
        units += &one * 2_u64 / n;
        error += 1.0;
    }
    let sum = Fixed {
        units,
        error,
        precision,
    };
    match n % 2 {
        0 => sum,
        _ => sum.minus(&twice_ln_2(precision)),
    }
}
