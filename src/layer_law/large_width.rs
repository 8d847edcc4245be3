//! The law of Q at large width, from its cumulants: an asymptotic series in 1/d.
//!
//! Q is a sum of d independent cᵢzᵢ², so its cumulants are d times those of one
//! term, and X = Q/E Q has central moments of order n that fall like d^{−⌈n/2⌉}.

use crate::activation::SlopeLaw;

/// Central moments up to this order are kept.
const ORDER: usize = 12;

/// The expansion of σ(s,d)² in 1/d:
/// σ² = (1/(d·mean_slope))·[1 + first/d + second/d² + O(d⁻³)].
///
/// With v = w/m² (m = E c, w = 3E c² − m²), k the third cumulant of c z²/m
/// and p = s/2: first = (1−p)v/2 = (2−s)w/(4m²), and
/// second = first²/2 − (p−1)(p−2)k/6 − (p−1)(p−2)(p−3)v²/8 + p(p−1)²v²/8
/// (derived in proofs-notes/T3.md).
///
/// ```
/// use isomoment::{Activation, LayerLaw};
/// let expansion = LayerLaw::new(Activation::Relu, 1000)?.large_width(1.0)?;
/// assert_eq!(expansion.first, 1.25); // σ² = 2/d + 5(2−s)/(2d²) + …
/// assert_eq!(expansion.second, 1.53125);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LargeWidth {
    /// m = E c, the mean squared slope.
    pub mean_slope: f64,
    /// Coefficient of 1/d.
    pub first: f64,
    /// Coefficient of 1/d².
    pub second: f64,
}

impl LargeWidth {
    pub(crate) fn new(slopes: &SlopeLaw, s: f64) -> Self {
        let p = 0.5 * s;
        let cumulants = relative_cumulants(slopes);
        let (v, k) = (cumulants[2], cumulants[3]);
        let first = 0.5 * (1.0 - p) * v;
        let second = 0.5 * first * first
            - (p - 1.0) * (p - 2.0) / 6.0 * k
            - (p - 1.0) * (p - 2.0) * (p - 3.0) / 8.0 * v * v
            + p * (p - 1.0) * (p - 1.0) / 8.0 * v * v;
        Self {
            mean_slope: slopes.moment(1) * slopes.gain() * slopes.gain(),
            first,
            second,
        }
    }

    /// σ from the expansion, up to `order` 0, 1 or 2 in 1/d.
    pub fn scale(&self, width: u64, order: usize) -> f64 {
        let inverse = 1.0 / width as f64;
        let bracket: f64 = [1.0, self.first * inverse, self.second * inverse * inverse]
            .iter()
            .take(order + 1)
            .sum();
        (bracket * inverse / self.mean_slope).sqrt()
    }
}

/// Var X = Var Q/E Q² for X = Q/E Q, without conditioning.
pub(crate) fn relative_variance(slopes: &SlopeLaw, width: f64) -> f64 {
    relative_cumulants(slopes)[2] / width
}

/// Third cumulant of log X by the expansion log X = δ − δ²/2 + …, δ = X − 1,
/// for Var X below 1e-4, where the integral's differences would lose digits:
/// the terms left out are below 1e-18 of the result.
pub(crate) fn third_log_cumulant(slopes: &SlopeLaw, width: f64) -> f64 {
    let unit = relative_cumulants(slopes);
    let mut central = [0.0; ORDER + 1];
    central[0] = 1.0;
    for n in 2..=ORDER {
        let mut binomial = 1.0; // C(n−1, k−1)
        for k in 1..=n {
            if k >= 2 {
                central[n] += binomial * unit[k] * width.powi(1 - k as i32) * central[n - k];
            }
            binomial *= (n - k) as f64 / k as f64;
        }
    }
    // coefficients of log(1+δ), log² and log³ by repeated multiplication
    let log: [f64; ORDER + 1] = std::array::from_fn(|n| match n {
        0 => 0.0,
        n if n % 2 == 1 => 1.0 / n as f64,
        n => -1.0 / n as f64,
    });
    let square = product(&log, &log);
    let cube = product(&square, &log);
    let mean = |series: &[f64; ORDER + 1]| -> f64 {
        series.iter().zip(&central).rev().map(|(a, b)| a * b).sum()
    };
    let (m1, m2, m3) = (mean(&log), mean(&square), mean(&cube));
    m3 - 3.0 * m1 * m2 + 2.0 * m1 * m1 * m1
}

fn product(a: &[f64; ORDER + 1], b: &[f64; ORDER + 1]) -> [f64; ORDER + 1] {
    std::array::from_fn(|n| (0..=n).map(|k| a[k] * b[n - k]).sum())
}

/// Cumulants of c z²/E c for one unit, index = order.
fn relative_cumulants(slopes: &SlopeLaw) -> [f64; ORDER + 1] {
    let mean = slopes.moment(1);
    let mut moments = [1.0; ORDER + 1];
    let mut double_factorial = 1.0;
    for (n, moment) in moments.iter_mut().enumerate().skip(1) {
        double_factorial *= (2 * n - 1) as f64;
        *moment = slopes.moment(n as u32) / mean.powi(n as i32) * double_factorial;
    }
    let mut cumulants = [0.0; ORDER + 1];
    for n in 1..=ORDER {
        let mut value = moments[n];
        let mut binomial = 1.0; // C(n−1, k−1)
        for k in 1..n {
            value -= binomial * cumulants[k] * moments[n - k];
            binomial *= (n - k) as f64 / k as f64;
        }
        cumulants[n] = value;
    }
    cumulants
}
