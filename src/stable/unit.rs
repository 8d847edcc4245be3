//! M(t) = E e^{−tc|z|^α} of one unit, z symmetric α-stable with characteristic function e^{−|u|^α},
//! and its complement A = 1 − M, each to full accuracy where it is small.
//!
//! The Mellin transform of M is H(w) = wΓ(w)² g(w), g(w) = E[(c|z|^α)^{−w}]/Γ(1+w)
//! = (2/π) Γ(−αw) sin(−παw/2) C(w), C(w) = E c^{−w}, and
//!
//!   M(t) = (1/2πi) ∫ H(w) t^{−w} dw over Re w = σ, 0 < σ < 1/α.
//!
//! Four routes, joined where two of them are good:
//!
//! | t | route |
//! |---|---|
//! | up to 1/64 | residues at w = −1, −2, …: A = Σ tⁿ (Pₙ − Lₙ log t) |
//! | to 1 | A = t (P₁ − L₁ log t) − the integral over Re w = −3/2 |
//! | to e²⁰ | M as the integral over 0 < Re w < 1/α |
//! | beyond | residues at αw = 1, 3, 5 |
//!
//! H falls like e^{−π|Im w|}: trapezoidal sums of a few hundred terms, whose kernel is computed
//! once. proofs-notes/T14.md has the derivations.

use std::f64::consts::PI;

use num_complex::Complex64;
use special::Gamma as Real;

use crate::layer_law::complex::exp_m1;
use crate::stable::gamma::gamma;

/// Up to here the residues on the left: for α = 2 they fall like (4t)ⁿ.
const SERIES_TO: f64 = 1.0 / 64.0;
const SERIES_TERMS: usize = 16;

/// log t from which the residues on the right: the fourth is below e^{−60} of the first.
const RESIDUES_FROM: f64 = 20.0;
const RESIDUES: usize = 3;

/// Real part of the contour on the left, half-way between two poles.
const LEFT: f64 = -1.5;

/// Discretization errors are e^{−this}.
const EXPONENT: f64 = 42.0;

/// Kernels below this share of their first value are left out.
const LEFT_OUT: f64 = 1e-20;

/// How c spreads, its largest value being 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Spread {
    /// c = 1.
    Fixed,
    /// c = A^α, A uniform between 0 and 1.
    FromZero,
    /// c = A^α, A uniform between this and 1; at least ½.
    Narrow(f64),
}

/// A pole's part of M: t^{−`order`}·(`plain` + `logarithmic`·log t).
#[derive(Debug, Clone, Copy)]
struct Residue {
    order: f64,
    plain: f64,
    logarithmic: f64,
}

/// H on one contour, with the weights of the trapezoidal rule.
#[derive(Debug, Clone)]
struct Contour {
    real: f64,
    step: f64,
    kernel: Vec<Complex64>,
}

/// M and A of one unit.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    /// Pₙ and Lₙ.
    series: [(f64, f64); SERIES_TERMS],
    left: Contour,
    right: Contour,
    residues: [Residue; RESIDUES],
}

/// At one t.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnitPoint {
    /// M(t).
    pub value: f64,
    /// A(t) = 1 − M(t).
    pub complement: f64,
    /// A(t) − t (P₁ − L₁ log t).
    pub curvature: f64,
}

impl Unit {
    pub fn new(alpha: f64, spread: Spread) -> Self {
        let half_strip = 0.5 / alpha;
        let series = std::array::from_fn(|k| series_term(alpha, spread, k as i32 + 1));
        Self {
            series,
            left: Contour::new(LEFT, 0.5, |w| left_kernel(alpha, spread, w)),
            right: {
                let real = half_strip.min(1.0);
                Contour::new(real, real, |w| right_kernel(alpha, spread, w))
            },
            residues: std::array::from_fn(|k| residue(alpha, spread, k as i32)),
        }
    }

    /// (P₁, L₁): A(t) ~ t (P₁ − L₁ log t) as t → 0.
    pub fn linear(&self) -> (f64, f64) {
        self.series[0]
    }

    /// At t = e^`log`.
    pub fn at(&self, log: f64) -> UnitPoint {
        let t = log.exp();
        let (plain, logarithmic) = self.series[0];
        let linear = t * (plain - logarithmic * log);
        if log > 0.0 {
            let value = if log < RESIDUES_FROM {
                self.right.integral(log)
            } else {
                let part = |r: &Residue| (-r.order * log).exp() * (r.plain + r.logarithmic * log);
                self.residues.iter().map(part).sum()
            };
            return UnitPoint {
                value,
                complement: 1.0 - value,
                curvature: 1.0 - value - linear,
            };
        }
        let curvature = if t <= SERIES_TO {
            let terms = self.series[1..].iter().rev();
            let sum = terms.fold(0.0, |sum, (plain, logarithmic)| {
                sum * t + (plain - logarithmic * log)
            });
            t * t * sum
        } else {
            -self.left.integral(log)
        };
        UnitPoint {
            value: 1.0 - (linear + curvature),
            complement: linear + curvature,
            curvature,
        }
    }
}

impl Contour {
    /// Over Re w = `real`, poles being at least `distance` away.
    fn new(real: f64, distance: f64, kernel: impl Fn(Complex64) -> Complex64) -> Self {
        let step = 2.0 * PI * distance / EXPONENT;
        let first = kernel(Complex64::new(real, 0.0));
        let weight = step / PI;
        let mut values = vec![0.5 * weight * first];
        for k in 1.. {
            let value = kernel(Complex64::new(real, step * f64::from(k)));
            if value.norm() < LEFT_OUT * first.norm() {
                break;
            }
            values.push(weight * value);
        }
        Self {
            real,
            step,
            kernel: values,
        }
    }

    /// (1/2πi) ∫ H(w) t^{−w} dw.
    fn integral(&self, log: f64) -> f64 {
        let turn = Complex64::from_polar(1.0, -self.step * log);
        // Horner's rule in the turn
        let sum = self.kernel.iter().rev();
        let sum = sum.fold(Complex64::new(0.0, 0.0), |sum, &value| sum * turn + value);
        (-self.real * log).exp() * sum.re
    }
}

/// H(w), −2 < Re w < −1: Γ of arguments with positive real parts.
fn left_kernel(alpha: f64, spread: Spread, w: Complex64) -> Complex64 {
    let y = -alpha * w;
    let sine = (PI * w).sin() / PI;
    let reflected = gamma(-w) * sine;
    let front = 1.0 / (w * reflected * reflected);
    front * (2.0 / PI) * gamma(y) * (0.5 * PI * y).sin() * spread.mellin(1.0 - alpha * w)
}

/// H(w), 0 < Re w < 1/α.
fn right_kernel(alpha: f64, spread: Spread, w: Complex64) -> Complex64 {
    let power = gamma(w);
    let below = gamma(1.0 + alpha * w) * (0.5 * PI * alpha * w).cos();
    w * power * power / below * spread.mellin(1.0 - alpha * w)
}

/// (Pₙ, Lₙ), from the double pole at w = −n.
fn series_term(alpha: f64, spread: Spread, n: i32) -> (f64, f64) {
    let order = f64::from(n);
    let y = alpha * order;
    // sin and cos of πy/2, y = 2n − (2−α)n
    let sign = if n % 2 == 0 { 1.0 } else { -1.0 };
    let (sine, cosine) = (0.5 * PI * (2.0 - alpha) * order).sin_cos();
    let (sine, cosine) = (-sign * sine, sign * cosine);
    let (mean, mean_log) = spread.moment(alpha, order);
    let front = 2.0 / PI * Real::gamma(y);
    let value = front * sine * mean;
    let slope = -alpha * front * (Real::digamma(y) * sine + 0.5 * PI * cosine) * mean
        - front * sine * mean_log;
    let factorials = Real::gamma(order + 1.0) * Real::gamma(order);
    let digammas = Real::digamma(order) + Real::digamma(order + 1.0);
    ((slope + value * digammas) / factorials, value / factorials)
}

/// The part of the pole at αw = 2k + 1.
fn residue(alpha: f64, spread: Spread, k: i32) -> Residue {
    let order = f64::from(2 * k + 1) / alpha;
    let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
    let power = Real::gamma(order);
    let front =
        order * power * power / Real::gamma(f64::from(2 * k + 2)) * 2.0 / (PI * alpha) * sign;
    if spread == Spread::FromZero && k == 0 {
        // a double pole: −(1/α) d/dw of front·t^{−w}
        let slope = 1.0 / order + 2.0 * Real::digamma(order) - alpha * Real::digamma(2.0);
        return Residue {
            order,
            plain: -front * slope / alpha,
            logarithmic: front / alpha,
        };
    }
    // 1 − αw
    let x = Complex64::new(f64::from(-2 * k), 0.0);
    Residue {
        order,
        plain: front * spread.mellin(x).re,
        logarithmic: 0.0,
    }
}

impl Spread {
    /// E c^{−w}, of x = 1 − αw.
    fn mellin(self, x: Complex64) -> Complex64 {
        match self {
            Self::Fixed => Complex64::new(1.0, 0.0),
            Self::FromZero => 1.0 / x,
            Self::Narrow(lower) if x.norm() == 0.0 => {
                Complex64::new(-lower.ln() / (1.0 - lower), 0.0)
            }
            Self::Narrow(lower) => -exp_m1(x * lower.ln()) / (x * (1.0 - lower)),
        }
    }

    /// E cⁿ and E[cⁿ log c].
    fn moment(self, alpha: f64, n: f64) -> (f64, f64) {
        let x = 1.0 + alpha * n;
        match self {
            Self::Fixed => (1.0, 0.0),
            Self::FromZero => (1.0 / x, -alpha / (x * x)),
            Self::Narrow(lower) => {
                // with A = e^{−v}: ∫ e^{−xv} dv and −∫ v e^{−xv} dv, 0 < v < −log l
                let end = -lower.ln();
                let decay = x * end;
                let width = 1.0 - lower;
                let mean = -(-decay).exp_m1() / (x * width);
                (
                    mean,
                    -alpha * moment_of_exponential(decay) * end * end / width,
                )
            }
        }
    }
}

/// ∫₀¹ v e^{−xv} dv = (1 − (1+x)e^{−x})/x².
fn moment_of_exponential(x: f64) -> f64 {
    if x > 1.0 {
        return (1.0 - (1.0 + x) * (-x).exp()) / (x * x);
    }
    // Σ (−x)ᵏ/(k!(k+2))
    let mut term = 1.0;
    let mut sum = 0.0;
    for k in 0..24 {
        sum += term / f64::from(k + 2);
        term *= -x / f64::from(k + 1);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::{RESIDUES_FROM, SERIES_TO, Spread, Unit};

    const INDICES: [f64; 9] = [0.3, 0.6, 1.0, 1.4, 1.7, 1.9, 1.99, 2.0 - 1e-9, 2.0];
    const SPREADS: [Spread; 4] = [
        Spread::Fixed,
        Spread::FromZero,
        Spread::Narrow(0.5),
        Spread::Narrow(0.999_999),
    ];

    /// On both sides of every t at which the route changes, both routes.
    #[test]
    fn routes_agree_where_they_meet() {
        for alpha in INDICES {
            for spread in SPREADS {
                let unit = Unit::new(alpha, spread);
                let context = format!("alpha {alpha}, {spread:?}");
                // the left contour is the route beyond
                let log = SERIES_TO.ln() - 1e-9;
                let other = -unit.left.integral(log);
                let error = (unit.at(log).curvature / other - 1.0).abs();
                assert!(error < 2e-13, "{context}: {error:e} at 1/64");
                for log in [-0.4, -1e-9] {
                    let error = unit.at(log).value - unit.right.integral(log);
                    assert!(error.abs() < 2e-14, "{context}: {error:e} at 1");
                }
                let (first, other) = (unit.at(RESIDUES_FROM), unit.right.integral(RESIDUES_FROM));
                let error = (first.value - other).abs();
                assert!(error < 1e-17, "{context}: {error:e} at e^20");
                if alpha > 1.0 {
                    assert!(error < 1e-9 * other, "{context}: {error:e} of {other:e}");
                }
            }
        }
    }

    /// The transforms of |z|² and of |z| are elementary, or sine and cosine integrals: here
    /// (2/π) ∫ e^{−tx}/(1+x²) dx by the trapezoidal rule in log x.
    #[test]
    fn gaussian_and_cauchy() {
        let (gaussian, cauchy) = (Unit::new(2.0, Spread::Fixed), Unit::new(1.0, Spread::Fixed));
        for k in -200..200 {
            let log = 0.17 * f64::from(k);
            let (t, found) = (log.exp(), gaussian.at(log));
            let root = (1.0 + 4.0 * t).sqrt();
            let complement = 4.0 * t / (root * (1.0 + root));
            let error = found.complement / complement - 1.0;
            assert!(error.abs() < 2e-14, "{log}: {error:e}");
            let error = found.value - 1.0 / root;
            assert!(error.abs() < 1e-14, "{log}: {error:e}");
            let curvature = -8.0 * t * t * (2.0 + root) / (root * (1.0 + root) * (1.0 + root));
            if log < 0.0 {
                let error = found.curvature / curvature - 1.0;
                assert!(error.abs() < 1e-13, "{log}: {error:e}");
            }
            let terms = (-400..1000).map(|j| {
                let x = (0.1 * f64::from(j)).exp();
                -(-t * x).exp_m1() * x / (1.0 + x * x)
            });
            let complement = 0.2 / std::f64::consts::PI * terms.sum::<f64>();
            let found = cauchy.at(log).complement;
            assert!(
                (found / complement - 1.0).abs() < 1e-13,
                "{log}: {found} {complement}"
            );
        }
    }

    /// Slopes between l and 1 are those between 0 and 1 without those below l.
    #[test]
    fn intervals_add_up() {
        for alpha in INDICES {
            for lower in [0.5_f64, 0.8] {
                let whole = Unit::new(alpha, Spread::FromZero);
                let narrow = Unit::new(alpha, Spread::Narrow(lower));
                for k in -60..60 {
                    let log = 0.7 * f64::from(k) + 0.3;
                    let below = whole.at(log + alpha * lower.ln()).complement;
                    let rest = (whole.at(log).complement - lower * below) / (1.0 - lower);
                    let error = narrow.at(log).complement / rest - 1.0;
                    assert!(
                        error.abs() < 5e-14,
                        "alpha {alpha}, {lower}, {log}: {error:e}"
                    );
                }
            }
        }
    }
}
