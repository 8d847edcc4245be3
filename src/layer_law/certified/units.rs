//! The Laplace transform of one unit's c z² in arbitrary precision: its values,
//! its series at 0 and at infinity, and bounds.
//!
//! L(t) = E e^{−tQ} = M(t)^d with M(t) = E(1+2ct)^{−1/2}, d the width. Sums of positive
//! terms throughout, except where [`Value::amplification`] says how much is lost.

mod logs;

pub use logs::LogCoefficients;

use dashu_float::ops::EstimatedLog2;

use crate::layer_law::certified::arithmetic::{
    Real, coarse, exact_integer, integer, power, power_of_two, size, small,
};
use crate::layer_law::certified::elementary::{ln_1p, ln_of};
use crate::layer_law::certified::rational::Rational;

/// The amplification where nothing of a value is left: no interval is narrow then.
const LOST: f64 = 1e300;

/// Which slope a unit has on the negative side, exactly.
#[derive(Debug, Clone)]
pub enum Slope {
    /// A fixed one: 0 for ReLU, 1 for a linear unit.
    Fixed(Rational),
    /// Uniform on [lower, upper], lower < upper.
    Uniform { lower: Rational, upper: Rational },
}

/// The law of c: 0 with probability `dead`, the atoms, the square of a uniform slope.
pub struct Units {
    width: u64,
    /// P(c = 0), rounded once from its exact value.
    dead: Real,
    /// (cᵢ, wᵢ), cᵢ > 0.
    atoms: Vec<(Real, Real)>,
    uniform: Option<Uniform>,
}

struct Uniform {
    weight: Real,
    /// Bounds A of the slope, |lower| ≤ |upper| when they have one sign.
    lower: Real,
    upper: Real,
    /// upper − lower, rounded from its exact value; positive.
    length: Real,
    /// Whether slopes of both signs, or 0, occur.
    crosses: bool,
    /// Then log(2√2|A|) of the bounds that are not 0.
    logs: Option<[Option<Real>; 2]>,
}

/// A value, and by how much more than a sum of positive terms its rounding errors count.
pub struct Value {
    pub value: Real,
    pub amplification: f64,
}

impl Units {
    pub fn new(slope: &Slope, keep: &Rational, width: u64, precision: usize) -> Self {
        let one = integer(1, precision);
        let q = keep.real(precision);
        let half = &q / exact_integer(2);
        let mut uniform = None;
        let (dead_over, atoms) = match slope {
            Slope::Fixed(slope) if slope.is_unit() => (1, vec![(one, q)]),
            Slope::Fixed(slope) if slope.is_zero() => (2, vec![(one, half)]),
            Slope::Fixed(slope) => {
                let slope = slope.real(precision);
                let square = &slope * &slope;
                (1, vec![(one, half.clone()), (square, half)])
            }
            Slope::Uniform { lower, upper } => {
                uniform = Some(Uniform::new(lower, upper, half.clone(), precision));
                (1, vec![(one, half)])
            }
        };
        Self {
            width,
            dead: keep.one_minus_over(dead_over, precision),
            atoms,
            uniform,
        }
    }

    /// d.
    pub fn width(&self) -> u64 {
        self.width
    }

    /// P(c = 0).
    pub fn dead(&self) -> &Real {
        &self.dead
    }

    /// Rounding errors of M, M′ and M″ for a given t, in units, before amplification.
    pub fn roundings(&self) -> f64 {
        if self.uniform.is_some() { 60.0 } else { 14.0 }
    }

    /// L″(t), given log t too: a logarithm costs more than everything else.
    pub fn second_derivative(&self, t: &Real, log_t: &Real) -> Value {
        let one = exact_integer(1);
        let mut transform = self.dead.clone();
        let (mut first, mut second) = (exact_integer(0), exact_integer(0));
        let mut amplification = 1.0;
        for (c, w) in &self.atoms {
            let base = &one + exact_integer(2) * c * t;
            let term = w / base.sqrt();
            let slope = c / &base;
            let down = &term * &slope;
            second += exact_integer(3) * &down * slope;
            first += down;
            transform += term;
        }
        if let Some(uniform) = &self.uniform {
            let parts = uniform.derivatives(t, log_t);
            let rounded = [&first, &second].map(coarse);
            transform += &uniform.weight * parts.transform;
            first += &uniform.weight * parts.first;
            second += &uniform.weight * parts.second;
            let weight = coarse(&uniform.weight);
            let sizes = parts.sizes.map(|size| size * &weight);
            let [by_first, by_second] = [(0, &first), (1, &second)]
                .map(|(order, sum)| ratio(&rounded[order] + &sizes[order], coarse(sum)));
            amplification = (2.0 * by_first).max(by_second);
        }
        let value = if self.width == 1 {
            second
        } else {
            let d = |less: u64| Real::from(dashu_int::IBig::from(self.width - less));
            let low_power = power(&transform, self.width - 2);
            d(0) * low_power * (d(1) * &first * &first + transform * second)
        };
        Value {
            value,
            amplification,
        }
    }

    /// Coefficients of tⁿ, n < `terms`, in M(−t) = Σ E[cⁿ] (2n−1)!!/n! tⁿ, all positive.
    pub fn moments(&self, terms: usize) -> Vec<Real> {
        let precision = self.dead.precision();
        let mut powers: Vec<Real> = self.atoms.iter().map(|(_, w)| w.clone()).collect();
        let mut binomial = integer(1, precision);
        let mut coefficients = vec![binomial.clone()];
        let mut spread = self.uniform.as_ref().map(Uniform::even_moments);
        for n in 1..terms as i64 {
            binomial = binomial * exact_integer(2 * n - 1) / exact_integer(n);
            let mut mean = integer(0, precision);
            for (power, (c, _)) in powers.iter_mut().zip(&self.atoms) {
                *power *= c;
                mean += &*power;
            }
            if let (Some(moments), Some(uniform)) = (&mut spread, &self.uniform) {
                mean += &uniform.weight * moments.next();
            }
            coefficients.push(mean * &binomial);
        }
        coefficients
    }

    /// Coefficients b_k, k < `terms`, in M(t) = P(c=0) + Σ b_k t^{−1/2−k},
    /// b_k = C(−½,k) E[(2c)^{−1/2−k}; c>0], alternating in sign; `None` when slopes come
    /// arbitrarily close to 0.
    pub fn inverse_moments(&self, terms: usize) -> Option<Vec<Real>> {
        let precision = self.dead.precision();
        let two = exact_integer(2);
        let mut powers: Vec<Real> = self
            .atoms
            .iter()
            .map(|(c, w)| w / (&two * c).sqrt())
            .collect();
        let mut spread = match &self.uniform {
            Some(uniform) => Some(uniform.inverse_moments()?),
            None => None,
        };
        let mut binomial = integer(1, precision);
        let mut coefficients = Vec::with_capacity(terms);
        for k in 0..terms as i64 {
            if k > 0 {
                binomial = -binomial * exact_integer(2 * k - 1) / exact_integer(2 * k);
            }
            let mut mean = integer(0, precision);
            for (power, (c, _)) in powers.iter_mut().zip(&self.atoms) {
                mean += &*power;
                *power = &*power / (&two * c);
            }
            if let (Some(moments), Some(uniform)) = (&mut spread, &self.uniform) {
                mean += &uniform.weight * moments.next();
            }
            coefficients.push(mean * &binomial);
        }
        Some(coefficients)
    }

    /// E Q, for choosing where the grid starts.
    pub fn mean(&self) -> f64 {
        let unit = self.moments(2).swap_remove(1);
        unit.to_f64().value() * self.width as f64
    }

    /// inf c over c > 0 and sup c, to be used with a margin; the infimum is 0 when slopes come
    /// arbitrarily close to it.
    pub fn range(&self) -> (Real, Real) {
        let mut values: Vec<Real> = self.atoms.iter().map(|(c, _)| coarse(c)).collect();
        if let Some(uniform) = &self.uniform {
            let squares = [&uniform.lower, &uniform.upper].map(|a| coarse(a) * coarse(a));
            values.extend(squares);
            if uniform.crosses {
                values.push(Real::ZERO);
            }
        }
        let (mut low, mut high) = (values[0].clone(), values[0].clone());
        for value in values {
            if value < low {
                low = value;
            } else if value > high {
                high = value;
            }
        }
        (low, high)
    }

    /// P(c > 0), to be used with a margin.
    pub fn alive(&self) -> Real {
        let atoms: Real = self.atoms.iter().map(|(_, w)| coarse(w)).sum();
        match &self.uniform {
            Some(uniform) => atoms + coarse(&uniform.weight),
            None => atoms,
        }
    }

    /// A bound on t²L″(t), from some t on (before: `None`), which from there on falls at
    /// least by the factor 1 − h/5 when t grows by eʰ, h ≤ 1:
    /// 2.2·d·ρ·(P(c=0)+ρ)^{d−1} with ρ = E[(1+ct)^{−1/2}; c>0].
    pub fn tail(&self, t: &Real) -> Option<Real> {
        let t = coarse(t);
        let one = exact_integer(1);
        let mut share = coarse(&self.dead) * small(0.0);
        for (c, w) in &self.atoms {
            let reach = coarse(c) * &t;
            if reach < one {
                return None;
            }
            share += coarse(w) / (&one + reach).sqrt();
        }
        if let Some(uniform) = &self.uniform {
            share += uniform.share(&t)?;
        }
        // rounding up: 64 bits against at most 2⁵³ factors
        let base = (coarse(&self.dead) + &share) * (one + small(1e-18));
        let d = Real::from(dashu_int::IBig::from(self.width));
        Some(small(2.3) * d * share * power(&base, self.width - 1))
    }
}

/// E(1+xA²)^{−1/2} and minus its first and its second derivative in t, x = 2t.
struct Derivatives {
    transform: Real,
    first: Real,
    second: Real,
    /// The terms of the two differences, added up: what their rounding errors are relative to.
    sizes: [Real; 2],
}

/// The quotient of positive numbers, [`LOST`] where the second is not positive.
fn ratio(over: Real, under: Real) -> f64 {
    if under > Real::ZERO {
        (over / under).to_f64().value().min(LOST)
    } else {
        LOST
    }
}

impl Uniform {
    fn new(lower: &Rational, upper: &Rational, weight: Real, precision: usize) -> Self {
        let both = lower.is_negative() != upper.is_negative() && !upper.is_zero();
        let crosses = both || lower.is_zero() || upper.is_zero();
        let (a, b) = (lower.real(precision), upper.real(precision));
        // only A² counts: one sign is as good as the other
        let (a, b) = if b <= Real::ZERO { (-b, -a) } else { (a, b) };
        let log = |bound: &Real| {
            let size = size(bound.clone());
            (size > Real::ZERO).then(|| ln_of(&(integer(8, precision).sqrt() * size)))
        };
        Self {
            weight,
            logs: crosses.then(|| [log(&a), log(&b)]),
            lower: a,
            upper: b,
            length: upper.minus(lower, precision),
            crosses,
        }
    }

    /// With y_A = A(1+xA²)^{−1/2}, r = E(1+xA²)^{−3/2} = (y_u − y_l)/(u−l) and
    /// r₅ = E(1+xA²)^{−5/2} = r·(1 − x(y_u²+y_u y_l+y_l²)/3):
    /// E A²(1+xA²)^{−3/2} = (g − r)/x and E A⁴(1+xA²)^{−5/2} = (g − 2r + r₅)/x².
    fn derivatives(&self, t: &Real, log_t: &Real) -> Derivatives {
        let one = exact_integer(1);
        let x = exact_integer(2) * t;
        let b = x.sqrt();
        let (l, u) = (&self.lower, &self.upper);
        let (s_l, s_u) = ((&one + &x * l * l).sqrt(), (&one + &x * u * u).sqrt());
        let (y_l, y_u) = (l / &s_l, u / &s_u);
        let (g, r) = if let Some([log_l, log_u]) = &self.logs {
            let half = log_t / exact_integer(2);
            let part = |size: Real, log: &Option<Real>| match log {
                Some(log) => asinh_of(&(size * &b), || log + &half),
                None => integer(0, t.precision()),
            };
            let wide = part(u.clone(), log_u) + part(-l, log_l);
            (wide / (&self.length * &b), (&y_u - &y_l) / &self.length)
        } else {
            // (u−l)(u+l), divided by u−l at the end, which so cancels
            let across = u * &s_l + l * &s_u;
            let sum = u + l;
            let z = &self.length * &b * &sum / &across;
            (
                asinh(&z) / (&self.length * &b),
                sum / (across * &s_l * &s_u),
            )
        };
        let squares = &y_u * &y_u + &y_u * &y_l + &y_l * &y_l;
        let r5 = &r * (&one - &x * squares / exact_integer(3));
        let first = &g - &r;
        let second = &g - exact_integer(2) * &r + r5;
        let sizes = [
            coarse(&(&g + &r)) / coarse(&x),
            exact_integer(3) * coarse(&(&g + exact_integer(3) * r)) / coarse(&(&x * &x)),
        ];
        Derivatives {
            transform: g,
            first: first / &x,
            second: exact_integer(3) * second / (&x * &x),
            sizes,
        }
    }

    /// E(1+A²t)^{−1/2} times the weight, where it has begun to fall at the rate that
    /// [`Units::tail`] needs.
    fn share(&self, t: &Real) -> Option<Real> {
        let root = t.sqrt();
        let (l, u) = (coarse(&self.lower) * &root, coarse(&self.upper) * &root);
        let length = coarse(&self.length) * &root;
        let enough = if self.crosses { 4 } else { 1 };
        let far = |z: &Real| *z == Real::ZERO || size(z.clone()) >= exact_integer(enough);
        if !far(&l) || !far(&u) {
            return None;
        }
        let weight = coarse(&self.weight);
        // outside [l, u] of one sign the largest value, at the lower end, is bound enough
        Some(if self.crosses {
            weight * (asinh(&u) + asinh(&size(l.clone()))) / length
        } else {
            weight / (exact_integer(1) + &l * &l).sqrt()
        })
    }

    /// E A^{2n} for n = 1, 2, …
    fn even_moments(&self) -> EvenMoments<'_> {
        EvenMoments {
            uniform: self,
            sum: integer(1, self.length.precision()),
            lower_power: integer(1, self.length.precision()),
            upper_power: self.upper.clone(),
            n: 0,
        }
    }

    /// E (2A²)^{−1/2−k} for k = 0, 1, …; `None` when A comes arbitrarily close to 0.
    fn inverse_moments(&self) -> Option<InverseMoments<'_>> {
        if self.crosses {
            return None;
        }
        let two = exact_integer(2);
        Some(InverseMoments {
            uniform: self,
            front: integer(1, self.length.precision()) / integer(2, self.length.precision()).sqrt(),
            // E A^{−2k−1} = (l^{−2k} − u^{−2k})/(2k(u−l)), a sum of positive terms
            sum: integer(0, self.length.precision()),
            k: 0,
            lower_power: integer(1, self.length.precision()),
            two,
        })
    }
}

/// The sums Σ_{j≤2n} u^j l^{2n−j}, or for slopes of both signs u^{2n+1} + |l|^{2n+1}.
struct EvenMoments<'a> {
    uniform: &'a Uniform,
    sum: Real,
    lower_power: Real,
    upper_power: Real,
    n: i64,
}

impl EvenMoments<'_> {
    fn next(&mut self) -> Real {
        let (l, u) = (&self.uniform.lower, &self.uniform.upper);
        self.n += 1;
        let order = exact_integer(2 * self.n + 1);
        if *l < Real::ZERO {
            if self.n == 1 {
                self.lower_power = -l;
            }
            self.lower_power = &self.lower_power * l * l;
            self.upper_power = &self.upper_power * u * u;
            return (&self.lower_power + &self.upper_power) / (&self.uniform.length * order);
        }
        for _ in 0..2 {
            self.lower_power *= l;
            self.sum = &self.sum * u + &self.lower_power;
        }
        &self.sum / order
    }
}

struct InverseMoments<'a> {
    uniform: &'a Uniform,
    front: Real,
    sum: Real,
    lower_power: Real,
    k: i64,
    two: Real,
}

impl InverseMoments<'_> {
    fn next(&mut self) -> Real {
        let (l, u) = (&self.uniform.lower, &self.uniform.upper);
        let mean = if self.k == 0 {
            // log(u/l)/(u−l) = ln(1 + (u−l)/l)/(u−l)
            ln_1p(&(&self.uniform.length / l)) / &self.uniform.length
        } else {
            // Σ_{j<2k} l^{−1−j} u^{−(2k−j)}: divided by 2k it is E A^{−2k−1}
            for _ in 0..2 {
                self.lower_power = &self.lower_power / l;
                self.sum = (&self.sum + &self.lower_power) / u;
            }
            &self.sum / exact_integer(2 * self.k)
        };
        let value = &self.front * mean;
        self.front = &self.front / &self.two;
        self.k += 1;
        value
    }
}

/// asinh z for z ≥ 0, given log(2z), for large z by
/// log(2z) + Σ_{k≥1} (−1)^{k+1} (2k−1)!!/((2k)!!·2k) z^{−2k}, terms that alternate and fall.
fn asinh_of(z: &Real, log_2z: impl Fn() -> Real) -> Real {
    let precision = z.precision();
    // where some twenty terms are enough
    let bits_of_z = coarse(z).log2_est();
    if f64::from(bits_of_z) < 2.0 + precision as f64 / 40.0 {
        return asinh(z);
    }
    let inverse = integer(1, precision) / (z * z);
    let negligible = power_of_two(-(precision as isize) - 8);
    let mut sum = log_2z();
    let mut power = integer(1, precision);
    for k in 1.. {
        power = -power * &inverse * exact_integer(2 * k - 1) / exact_integer(2 * k);
        let term = &power / exact_integer(2 * k);
        if size(coarse(&term)) < negligible {
            break;
        }
        sum -= term;
    }
    sum
}

/// asinh z for z ≥ 0, by ln(1 + z + z²/(1+√(1+z²))).
fn asinh(z: &Real) -> Real {
    let one = exact_integer(1);
    let square = z * z;
    let root = (&one + &square).sqrt();
    ln_1p(&(z + square / (one + root)))
}
