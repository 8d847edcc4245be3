//! The density of ½ log Q for many orthogonal units on a lattice: the input of the activation is
//! uniform on a sphere in D dimensions.
//!
//! Q is the Gaussian one over an independent χ²_D, so P(Q ≤ q) = P(Σ cᵢzᵢ² − q|z|² ≤ 0), and with
//! the transform L of the Gaussian Q the density is a multiple of ∫ (1+2qτ)^{D/2−2} L(τ) dτ
//! (proofs-notes/depth.md). The path 1+2qτ = (1+2qτ₀)/(1−iy), a circle through the saddle point τ₀,
//! turns it into a short sum.

use num_complex::Complex64;

use crate::layer_law::complex::log1pmx;
use crate::layer_law::cumulants::LogCumulants;
use crate::layer_law::density::log_density::LogDensity;
use crate::layer_law::density::saddle::{FALL, MOST_LATTICE_NODES, path_sum, tilted_moments};
use crate::layer_law::transform::Transform;

/// Next to the ends of the support the lattice ends where the density rises again after a fall to
/// e^{−FALL_IF_RISING}, or hardly falls any more below e^{−FALL_IF_FLAT} = 2e-19: no faster than
/// e^{−FLAT·|x|}, between the rates 1 and 2 of one and two alive units.
const FALL_IF_RISING: f64 = 20.0;
const FALL_IF_FLAT: f64 = 43.0;
const FLAT: f64 = 1.5;

/// Steps of the lattice in standard deviations, tried in this order, for a law of many alive units;
/// it is narrower by tilts to a probability of e^{−TAIL} where they are few.
const LATTICE_STEPS: [f64; 3] = [0.32, 0.16, 0.08];
const TAIL: f64 = 43.0;

/// Laws of fewer alive units have atoms or edges that no lattice holds.
const LEAST_ALIVE: f64 = 16.0;

/// Largest error of the lattice's mean, in standard deviations, and of its relative variance.
const LATTICE_ERROR: f64 = 2e-13;

/// Step of the trapezoidal rule along the path, in widths of the saddle as found within a factor of
/// 2, and most nodes on it. Of a Gaussian bell the error would be e^{−2π²/0.7²} = e^{−40} for a
/// step of 0.7. Measured: with 0.9 `cargo test --lib layer_law` fails, with 0.7 it passes.
const PATH_STEP: f64 = 0.5;
const MOST_PATH_NODES: u32 = 400;

/// Largest 2qτ₀ of a path. Measured: `cargo test --lib layer_law` passes from 5 to 500.
const FARTHEST: f64 = 50.0;

/// The path goes through the saddle point within this share of its width, 1/√D. Measured: `cargo
/// test --lib layer_law` passes even with 1.
const OFF_SADDLE: f64 = 0.02;

/// First step of the bracketing of the saddle point, in log s; it is doubled. A step of 700 reaches
/// the ends of the doubles' range.
const FIRST_REACH: f64 = 0.05;
const LAST_REACH: f64 = 700.0;

/// The law of X = ½ log(Q/κ) given Q > 0 on the sphere in `dimension` dimensions, which has these
/// cumulants. `None` where they are not those of any lattice: too few units for the law's atoms and
/// edges to be negligible.
pub fn log_density(
    transform: &Transform,
    dimension: f64,
    cumulants: LogCumulants,
) -> Option<LogDensity> {
    let deviation = cumulants.variance.max(0.0).sqrt();
    if deviation == 0.0 {
        return None;
    }
    let alive = transform.width() * transform.slopes().alive_probability();
    if alive < LEAST_ALIVE {
        return None;
    }
    let narrowing = 1.0 + (2.0 * TAIL / alive).sqrt();
    // cumulants are differences of those of Gaussian weights and of a chi-square, of about this
    // size
    let rounding = 1.0 / (dimension * cumulants.variance);
    let allowed = LATTICE_ERROR * (1.0 + rounding);
    LATTICE_STEPS.into_iter().find_map(|step| {
        let density = on_lattice(transform, step * deviation / narrowing, dimension);
        let (mean, variance) = density.moments();
        let off_mean = (mean - cumulants.mean).abs() / deviation;
        let off_variance = (variance / cumulants.variance - 1.0).abs();

        (off_mean < allowed && off_variance < allowed).then_some(density)
    })
}

fn on_lattice(transform: &Transform, step: f64, dimension: f64) -> LogDensity {
    // where all units have the largest slope, 1, or the smallest
    let center = transform.conditional_mean() / dimension;
    let right_end = -0.5 * center.ln();
    let some_dead = transform.slopes().alive_probability() < 1.0 || dimension > transform.width();
    let least = if some_dead {
        0.0
    } else {
        transform.slopes().infimum()
    };
    let left_end = 0.5 * (least / center).ln();
    let right = outward(transform, step, right_end, dimension);
    let mut masses = outward(transform, -step, left_end, dimension);
    masses.reverse();
    let start = -step * masses.len() as f64;
    masses.extend(right);
    let total: f64 = masses.iter().sum();
    for mass in &mut masses {
        *mass /= total;
    }
    LogDensity::on_lattice(start, step, masses, f64::INFINITY)
}

/// Densities at 0, step, 2·step, … (to the left: from −step on) until they have fallen far below
/// the largest.
fn outward(transform: &Transform, step: f64, end: f64, dimension: f64) -> Vec<f64> {
    let mut densities: Vec<f64> = Vec::new();
    let (mut largest, mut last) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut saddle = transform.cut().ln();
    let first = usize::from(step < 0.0);
    let nodes = (first..MOST_LATTICE_NODES).map(|i| step * i as f64);
    for x in nodes.take_while(|x| x.abs() < end.abs()) {
        let (log_density, at) = log_density_at(transform, x, dimension, saddle);
        saddle = at;
        largest = largest.max(log_density);
        let fall = largest - log_density;
        let rises = fall > FALL_IF_RISING && log_density > last;
        // one unit alive: an exponential that falls no faster than e^x would take thousands of
        // nodes
        let flat = fall > FALL_IF_FLAT && last - log_density < FLAT * step.abs();
        if fall.is_nan() || fall > FALL || rises || flat {
            break;
        }
        last = log_density;
        densities.push(log_density.exp());
    }
    densities
}

/// log of the density of X at x, up to a constant, and the logarithm of the saddle point's distance
/// from the cut.
fn log_density_at(transform: &Transform, x: f64, dimension: f64, guess: f64) -> (f64, f64) {
    let q = (2.0 * x).exp();
    let cut = transform.cut();
    // 2qτ = βt
    let beta = 2.0 * q / dimension;
    let log_distance = saddle(transform, beta, dimension, guess);
    let at_saddle = beta * (log_distance.exp() - cut);
    let exponent = |y: f64| {
        let z = Complex64::new(at_saddle, y) / Complex64::new(1.0, -y);
        let t = z / beta;
        let log = transform.log_given_survival(t);
        let above = if log.linear == 0.0 {
            q
        } else {
            (2.0 * x).exp_m1() + (1.0 - log.linear)
        };
        t * above + 0.5 * dimension * log1pmx(z) + log.rest
    };
    let top = exponent(0.0).re;
    // the width of the saddle, where the integrand has fallen to about e^{−1/2}, within a factor of
    // 2
    let fall = |y: f64| top - exponent(y).re;
    let mut width = dimension.sqrt().recip();
    while fall(2.0 * width) < 0.5 && width < 1e6 {
        width *= 2.0;
    }
    while fall(2.0 * width) > 2.0 {
        width *= 0.5;
    }
    let h = PATH_STEP * width;
    let sum = path_sum(1.0, MOST_PATH_NODES, |k| {
        (exponent(h * f64::from(k)) - top).exp()
    });
    let log_density = top + (sum * h).ln() - at_saddle.ln_1p();
    (log_density, log_distance)
}

/// log s of the least value of (D/2) log(1+βt) + log L(t) over t = s − κ/2, by bisection in log s.
fn saddle(transform: &Transform, beta: f64, dimension: f64, guess: f64) -> f64 {
    let cut = transform.cut();
    let rises = |log: f64| {
        let s = log.exp();
        let (mean, _) = tilted_moments(transform, s);
        0.5 * dimension * beta / (1.0 + beta * (s - cut)) > mean
    };
    // where all slopes are near 1 the saddle can lie beyond infinity; a path this side of it only
    // cancels a little
    let farthest = (cut + FARTHEST / beta).ln();
    let (mut low, mut high) = (guess.min(farthest), guess.min(farthest));
    let mut reach = FIRST_REACH;
    while rises(low) && reach < LAST_REACH {
        low -= reach;
        reach *= 2.0;
    }
    reach = FIRST_REACH;
    while high < farthest && !rises(high) {
        high = farthest.min(high + reach);
        reach *= 2.0;
    }
    // the path need not go through the saddle exactly
    while high - low > OFF_SADDLE / dimension.sqrt() {
        let middle = 0.5 * (low + high);
        if rises(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    0.5 * (low + high)
}
