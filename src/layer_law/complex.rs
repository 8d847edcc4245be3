//! The Laplace transform of one layer's Q at complex arguments.

use num_complex::Complex64;

use crate::layer_law::laplace::{Laplace, SERIES_TO};

/// log E[e^{−tX}; X>0], X = Q/κ, as a linear part that the caller may cancel and the rest.
#[derive(Debug, Clone, Copy)]
pub(super) struct LogTransform {
    /// The coefficient of −t that was taken out of `rest`.
    pub linear: f64,
    pub rest: Complex64,
}

impl Laplace {
    /// log(E e^{−tX} − P(X=0)) for complex t off the cut t ≤ −κ/2, without losing digits for wide layers.
    pub(super) fn log_alive(&self, t: Complex64) -> LogTransform {
        let tau = t / self.conditional_mean();
        let (alive, curvature) = self.complex_unit(tau);
        let unit_dead = 1.0 - self.slopes().alive();
        let d = self.width();
        let slope = self.mean_slope() * tau;
        let below_one = if slope.norm() < 0.5 * self.slopes().alive() {
            curvature - slope
        } else {
            alive - self.slopes().alive()
        };
        // d·E c·τ = εt
        let (linear, log_total) =
            if slope.norm() < 0.5 * self.slopes().alive() && below_one.norm() < SERIES_RADIUS {
                (self.alive(), d * (log1pmx(below_one) + curvature))
            } else if below_one.norm() < 0.5 {
                (0.0, d * ln_1p(below_one))
            } else {
                (0.0, d * (unit_dead + alive).ln())
            };
        let dead = self.dead();
        if dead == 0.0 {
            return LogTransform {
                linear,
                rest: log_total,
            };
        }
        let share = dead * (linear * t - log_total).exp();
        if share.norm() < 0.5 {
            return LogTransform {
                linear,
                rest: log_total + ln_1p(-share),
            };
        }
        // Mᵈ − δᵈ = δᵈ((1 + (M−δ)/δ)ᵈ − 1)
        let growth = d * ln_1p(alive / unit_dead);
        LogTransform {
            linear: 0.0,
            rest: dead.ln() + exp_m1(growth).ln(),
        }
    }

    /// As the real version: E[(1+2cτ)^{−1/2}; c > 0] and E(1+2cτ)^{−1/2} − 1 + E cτ.
    fn complex_unit(&self, tau: Complex64) -> (Complex64, Complex64) {
        let zero = Complex64::new(0.0, 0.0);
        let (mut alive, mut curvature) = (zero, zero);
        for (c, weight) in self.slopes().atoms() {
            let x = 2.0 * c * tau;
            let root = (1.0 + x).sqrt();
            alive += weight / root;
            let plus = x / (root + 1.0);
            curvature += weight * plus * plus * (root + 2.0) / (2.0 * root);
        }
        if let Some(u) = self.slopes().uniform() {
            let x = 2.0 * tau;
            let mean = mean_inverse_root(u.lower, u.upper, x);
            alive += u.weight * mean;
            let series = self.series().iter().rev();
            curvature += u.weight
                * if x.norm() <= SERIES_TO {
                    x * x * series.fold(zero, |sum, c| sum * x + c)
                } else {
                    mean - 1.0 + u.even_moment(1) * tau
                };
        }
        (alive, curvature)
    }
}

/// Up to here log(1+y) − y comes from its series.
const SERIES_RADIUS: f64 = 0.12;

/// log(1+y) − y; for |y| < [`SERIES_RADIUS`] 17 terms leave out less than 1e-17 of it.
pub(super) fn log1pmx(y: Complex64) -> Complex64 {
    if y.norm() >= SERIES_RADIUS {
        return ln_1p(y) - y;
    }
    let series = (2..=18).rev().fold(Complex64::new(0.0, 0.0), |sum, k| {
        let sign = if k % 2 == 0 { -1.0 } else { 1.0 };
        sum * y + sign / f64::from(k)
    });
    series * y * y
}

/// log(1+w), also for small w.
pub(super) fn ln_1p(w: Complex64) -> Complex64 {
    let modulus = if w.norm() < 0.5 {
        0.5 * (2.0 * w.re + w.norm_sqr()).ln_1p()
    } else {
        (1.0 + w).norm().ln()
    };
    Complex64::new(modulus, w.im.atan2(1.0 + w.re))
}

/// e^w − 1, also for small w.
pub(super) fn exp_m1(w: Complex64) -> Complex64 {
    let half = (0.5 * w.im).sin();
    let real = w.re.exp_m1() - 2.0 * half * half * w.re.exp();
    Complex64::new(real, w.re.exp() * w.im.sin())
}

/// asinh, also for small z.
fn asinh(z: Complex64) -> Complex64 {
    if z.re < 0.0 {
        return -asinh(-z);
    }
    let square = z * z;
    ln_1p(z + square / (1.0 + (1.0 + square).sqrt()))
}

/// As the real version: E[(1+xA²)^{−1/2}] for A ~ U(l, u), l < u.
fn mean_inverse_root(lower: f64, upper: f64, x: Complex64) -> Complex64 {
    let root = x.sqrt();
    let (b, a) = (upper * root, lower * root);
    if lower * upper <= 0.0 {
        return (asinh(b) - asinh(a)) / (b - a);
    }
    let hypotenuse = |z: Complex64| (1.0 + z * z).sqrt();
    let across = b * hypotenuse(a) + a * hypotenuse(b);
    let z = (b - a) * (b + a) / across;
    let shrink = if z.norm() < 1e-8 {
        Complex64::new(1.0, 0.0)
    } else {
        asinh(z) / z
    };
    (b + a) / across * shrink
}

/// (a + b)ⁿ − aⁿ.
pub(super) fn power_above(a: Complex64, b: Complex64, n: f64) -> Complex64 {
    if a == Complex64::new(0.0, 0.0) {
        return b.powi(n as i32);
    }
    let power = a.powi(n as i32);
    let ratio = b / a;
    if ratio.norm() < 0.5 {
        power * exp_m1(n * ln_1p(ratio))
    } else {
        (a + b).powi(n as i32) - power
    }
}
