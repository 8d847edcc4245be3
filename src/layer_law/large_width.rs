//! The law of Q at large width, from its cumulants: an asymptotic series in 1/d.
//!
//! Q is a sum of d independent cᵢzᵢ², so its cumulants are d times those of one
//! term, and X = Q/E Q has central moments of order n that fall like d^{−⌈n/2⌉}.

use crate::activation::SlopeLaw;
use crate::layer_law::cumulants::cumulants_of;
use crate::layer_law::integral::log_per_order;

/// Central moments up to this order are kept for the third cumulant of log X.
const ORDER: usize = 14;

/// From how large a width over v = Var(c z²)/(E c)² the series of log E X^p, with central moments up
/// to what order, leaves out less than 2⁻⁵⁵ of it. Measured in 60 digits for p from 0 to 4 and eight
/// laws of c, keep probabilities from 0.01 and slopes to 0.9: 43 900 to 47 200, 3040 to 3150, 839 to
/// 860 and 259 to 267 (`tools/large_width.py`).
const SERVES_FROM: [(f64, usize); 4] = [(50e3, 8), (3300.0, 12), (900.0, 16), (300.0, LONGEST)];

/// The longest of these series.
const LONGEST: usize = 24;

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
        let cumulants = relative_cumulants::<4>(slopes);
        let (v, k) = (cumulants[2], 2.0 * cumulants[3]);
        let first = 0.5 * (1.0 - p) * v;
        let second = 0.5 * first * first
            - (p - 1.0) * (p - 2.0) / 6.0 * k
            - (p - 1.0) * (p - 2.0) * (p - 3.0) / 8.0 * v * v
            + p * (p - 1.0) * (p - 1.0) / 8.0 * v * v;
        Self {
            mean_slope: slopes.mean() * slopes.gain() * slopes.gain(),
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
    relative_cumulants::<3>(slopes)[2] / width
}

/// G(p) = (1/p)·log E X^p, X = Q/E Q, and G(0) = E log X, where the layer is so wide that
/// E X^p = 1 + Σ_{n≥2} C(p, n) E(X − 1)ⁿ has it to full relative accuracy in few terms. There
/// P(Q = 0) is below e^{−300}: v is at least 2/α, α the probability that a unit is alive.
pub(crate) fn log_power_mean(slopes: &SlopeLaw, width: f64, p: f64) -> Option<f64> {
    let variance = relative_cumulants::<3>(slopes)[2];
    let serves = |(from, _): &&(f64, usize)| width >= from * variance;
    let sum = match SERVES_FROM.iter().find(serves)?.1 {
        8 => binomial_series::<9, 6>(slopes, width, p),
        12 => binomial_series::<13, 8>(slopes, width, p),
        16 => binomial_series::<17, 10>(slopes, width, p),
        _ => binomial_series::<{ LONGEST + 1 }, 14>(slopes, width, p),
    };
    Some(log_per_order(sum, p))
}

/// Σ_{n=2}^{N−1} (C(p, n)/p) E(X − 1)ⁿ.
fn binomial_series<const N: usize, const C: usize>(slopes: &SlopeLaw, width: f64, p: f64) -> f64 {
    let central = central_moments::<N, C>(slopes, width);
    let mut terms = [0.0; N];
    let mut product = 1.0; // (p − 1)(p − 2)…(p − n + 1)
    for n in 2..N {
        product *= p - (n - 1) as f64;
        terms[n] = product * central[n];
    }
    // the smallest first
    terms.iter().rev().sum()
}

/// E(X − 1)ⁿ/n! for n < N, X = Q/E Q, up to d^{−N/2}: of order d^{1−C} are the cumulant of order C and
/// the first central moment that is left out.
fn central_moments<const N: usize, const C: usize>(slopes: &SlopeLaw, width: f64) -> [f64; N] {
    const { assert!(C == N / 2 + 2 && N <= LONGEST + 1) };
    let mut cumulants = relative_cumulants::<C>(slopes);
    cumulants[1] = 0.0;
    let inverse = 1.0 / width;
    let mut power = 1.0;
    for cumulant in cumulants.iter_mut().skip(2) {
        power *= inverse;
        *cumulant *= power;
    }
    let mut central = [0.0; N];
    central[0] = 1.0;
    // a loop would keep the moments in memory: σ of 2000 units would take 0.28 µs for 0.22
    macro_rules! for_orders {
        ($($n:literal)*) => {$(
            if $n < N {
                central[$n] = central_moment::<$n, N>(&central, &cumulants);
            }
        )*};
    }
    const { assert!(LONGEST == 24, "the last order of this list") };
    for_orders!(2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24);
    central
}

/// E(X − 1)ⁿ/n! from those before it: n·E(X − 1)ⁿ/n! = Σ_k κ_k/(k − 1)! · E(X − 1)^{n−k}/(n − k)!.
#[inline]
fn central_moment<const ORDER: usize, const N: usize>(
    central: &[f64; N],
    cumulants: &[f64],
) -> f64 {
    // κ_k E(X − 1)^{n−k} is of order d^{1−k−⌈(n−k)/2⌉}
    let longest = ORDER.min((N + 1).saturating_sub(ORDER));
    let mut sum = 0.0;
    // the newest last: the others do not wait for it
    for k in (2..=longest).rev() {
        sum += cumulants[k] * central[ORDER - k];
    }
    sum * (1.0 / ORDER as f64)
}

/// Third cumulant of log X by the expansion log X = δ − δ²/2 + …, δ = X − 1,
/// for Var X below 1e-4, where the integral's differences would lose digits:
/// the terms left out are below 1e-17 of the result (`tools/large_width.py`).
pub(crate) fn third_log_cumulant(slopes: &SlopeLaw, width: f64) -> f64 {
    let mut central = central_moments::<{ ORDER + 1 }, 9>(slopes, width);
    let mut factorial = 1.0;
    for (n, moment) in central.iter_mut().enumerate().skip(1) {
        factorial *= n as f64;
        *moment *= factorial;
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
    cumulants_of([&log, &square, &cube].map(mean)).1
}

fn product(a: &[f64; ORDER + 1], b: &[f64; ORDER + 1]) -> [f64; ORDER + 1] {
    std::array::from_fn(|n| (0..=n).map(|k| a[k] * b[n - k]).sum())
}

/// κ_n/(n − 1)! for n < N, κ_n the cumulants of c z²/E c for one unit.
fn relative_cumulants<const N: usize>(slopes: &SlopeLaw) -> [f64; N] {
    // the moments over n!: (2n − 1)!!/n! E cⁿ/(E c)ⁿ
    let mut moments = slopes.moments::<N>();
    let mean = moments[1];
    let mut factor = 1.0;
    for (n, moment) in moments.iter_mut().enumerate().skip(1) {
        factor *= (2 * n - 1) as f64 / (n as f64 * mean);
        *moment *= factor;
    }
    // κ_n/(n − 1)! = n·m_n/n! − Σ_{k<n} κ_k/(k − 1)! · m_{n−k}/(n − k)!
    let mut cumulants: [f64; N] = std::array::from_fn(|n| n as f64 * moments[n]);
    for known in 1..N - 1 {
        let value = cumulants[known];
        for (sum, moment) in cumulants[known + 1..].iter_mut().zip(&moments[1..]) {
            *sum -= moment * value;
        }
    }
    cumulants
}
