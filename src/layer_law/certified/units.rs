//! The Laplace transform of one layer's Q in arbitrary precision.

use crate::layer_law::certified::arithmetic::{Decimal, Real, exact_integer, integer, small};

/// L = Mᵈ with M(t) = P(c=0) + Σ wᵢ(1+2cᵢt)^{−1/2}, d the width.
pub struct Units {
    width: u64,
    /// P(c = 0), rounded once from its exact value.
    dead: Real,
    /// (cᵢ, wᵢ), cᵢ > 0.
    atoms: Vec<(Real, Real)>,
}

impl Units {
    pub fn new(slope: &Decimal, keep: &Decimal, width: u64, precision: usize) -> Self {
        let one = integer(1, precision);
        let q = keep.real(precision);
        let half = &q / exact_integer(2);
        let (dead_over, atoms) = if slope.is_unit() {
            (1, vec![(one, q)])
        } else if slope.is_zero() {
            (2, vec![(one, half)])
        } else {
            (
                1,
                vec![(one, half.clone()), (slope.square(precision), half)],
            )
        };
        Self {
            width,
            dead: keep.one_minus_over(dead_over, precision),
            atoms,
        }
    }

    /// E Q, for choosing where the grid starts.
    pub fn mean(&self) -> f64 {
        let slope: Real = self.atoms.iter().map(|(c, w)| c * w).sum();
        slope.to_f64().value() * self.width as f64
    }

    /// L″(t): positive terms only.
    pub fn second_derivative(&self, t: &Real) -> Real {
        let one = exact_integer(1);
        let mut transform = self.dead.clone();
        let (mut first, mut second) = (exact_integer(0), exact_integer(0));
        for (c, w) in &self.atoms {
            let base = &one + exact_integer(2) * c * t;
            let term = w / base.sqrt();
            let slope = c / &base;
            let down = &term * &slope;
            second += exact_integer(3) * &down * slope;
            first += down;
            transform += term;
        }
        if self.width == 1 {
            return second;
        }
        let d = |less: u64| Real::from(dashu_int::IBig::from(self.width - less));
        let low_power = power(&transform, self.width - 2);
        d(0) * low_power * (d(1) * &first * &first + transform * second)
    }

    /// E[Q²] = L″(0), the largest value of L″.
    pub fn second_moment(&self) -> Real {
        let d = |less: u64| Real::from(dashu_int::IBig::from(self.width - less));
        let mean: Real = self.atoms.iter().map(|(c, w)| c * w).sum();
        let square: Real = self.atoms.iter().map(|(c, w)| c * c * w).sum();
        d(0) * (exact_integer(3) * square + d(1) * &mean * &mean) * small(1.01)
    }

    /// A bound on t²L″(t) where c·t ≥ 1 for every slope, from there on falling at least by
    /// the factor 1 − h/5 when t grows by eʰ, h ≤ 1: 2.2·d·αρ·(P(c=0)+αρ)^{d−1} with ρ = (1+c_min t)^{−1/2}.
    pub fn tail(&self, t: &Real) -> Option<Real> {
        let coarse = |x: &Real| x.clone().with_precision(64).value();
        let smallest = self.atoms.iter().map(|(c, _)| c).min()?;
        let reach = coarse(smallest) * coarse(t);
        if reach < exact_integer(1) {
            return None;
        }
        let alive: Real = self.atoms.iter().map(|(_, w)| coarse(w)).sum();
        let share = alive / (exact_integer(1) + reach).sqrt();
        // rounding up: 64 bits against at most 2⁵³ factors
        let base = (coarse(&self.dead) + &share) * (exact_integer(1) + small(1e-18));
        let d = Real::from(dashu_int::IBig::from(self.width));
        Some(small(2.3) * d * share * power(&base, self.width - 1))
    }
}

fn power(base: &Real, exponent: u64) -> Real {
    let mut result: Option<Real> = None;
    let mut square = base.clone();
    let mut left = exponent;
    while left > 0 {
        if left & 1 == 1 {
            result = Some(match result {
                Some(product) => product * &square,
                None => square.clone(),
            });
        }
        left >>= 1;
        if left > 0 {
            square = &square * &square;
        }
    }
    result.unwrap_or_else(|| integer(1, base.precision()))
}
