//! The density of X = ½ log(Q/κ) given Q > 0 on a lattice, for Gaussian weights, by inversion of
//! the Laplace transform.
//!
//! f(q) = (1/2πi) ∫ e^{tq} E[e^{−tQ/κ}; Q>0] dt along the path of steepest descent of a gamma law
//! with the same saddle point, so that every value, however small, has nearly full relative
//! accuracy (proofs-notes/depth.md). X has an analytic density, so sums over the lattice are
//! integrals to the last digits.

use std::cell::Cell;

use num_complex::Complex64;

use crate::layer_law::density::log_density::LogDensity;
use crate::layer_law::density::outward::on_both_sides;
use crate::layer_law::density::saddle::{FALL, path_sum, tilted_moments};
use crate::layer_law::transform::Transform;

/// Step of the lattice in standard deviations of the narrowest part of the law: log χ²_n, or its
/// right tail tilted to a probability of e^{−RIGHT}, which looks like log χ²_{n + √(4·RIGHT·n) +
/// 2·RIGHT}. The characteristic function of X has then died out at the lattice's largest frequency,
/// π over the step: that of a Gaussian law is e^{−(π/0.32)²/2} = e^{−48} there.
const LATTICE_STEP: f64 = 0.32;
const RIGHT: f64 = 72.0;

/// Step of the trapezoidal rule along the path, in widths of the saddle, and at most. The integrand
/// is analytic for |Im v| < π/4, and e^{−2π·(π/4)/0.1} = e^{−49}; a Gaussian bell would allow a
/// step of 0.7. Measured: with 0.8 or with at most 0.15 `cargo test --lib layer_law` fails, with
/// 0.6 and with at most 0.12 it passes.
const PATH_STEP: f64 = 0.42;
const MOST_PATH_STEP: f64 = 0.1;

/// The path's distance from the cut, times q, is at least this. Measured: with 0 `cargo test --lib
/// layer_law` fails, from 0.1 to 2 it passes.
const LEAST_DISTANCE: f64 = 0.3;

/// The path goes through the saddle within this share of its width. Measured: with 0.3 `cargo test
/// --lib layer_law` fails, with 0.1 it passes.
const OFF_SADDLE: f64 = 0.02;

/// Newton's method for the saddle takes a few steps; bisection, where it falls back to it, 60.
const MOST_NEWTON_STEPS: u32 = 200;

/// Nodes on the path after which the rest is taken as negligible.
const MOST_PATH_NODES: u32 = 400;

/// √2 + 1 = cos α/(1 − sin α) = sin α/(1 − sin α) for α = π/4.
const ALONG: f64 = std::f64::consts::SQRT_2 + 1.0;

/// The law of X = ½ log(Q/κ) given Q > 0, on a lattice so many times finer than it need be.
pub fn log_density(transform: &Transform, finer: f64) -> LogDensity {
    let unit_alive = transform.slopes().alive_probability();
    // so many units are alive at most, but for a chance of about e^{−FALL}
    let alive = transform.width() * unit_alive;
    let most = transform
        .width()
        .min(alive + (2.0 * FALL * alive).sqrt() + FALL);
    let freedom = most + (4.0 * RIGHT * most).sqrt() + 2.0 * RIGHT;
    // the variance of ½ log χ²_n is about 1/2n
    let step = LATTICE_STEP * (0.5 / freedom).sqrt() / finer;
    let rate = if unit_alive < 1.0 {
        1.0
    } else {
        transform.width()
    };
    let saddle = Cell::new(None);
    on_both_sides(step, rate, |x| {
        let guess = saddle.get().filter(|_| x != 0.0);
        let (log_density, at) = log_density_at(transform, x, guess);
        saddle.set(Some(at));
        log_density
    })
}

/// log of the density of X at x, up to a constant, and the logarithm of the saddle point's distance
/// from the cut; `guess` is that of a point nearby.
fn log_density_at(transform: &Transform, x: f64, guess: Option<f64>) -> (f64, f64) {
    let q = (2.0 * x).exp();
    let cut = transform.cut();
    let log_distance = saddle(transform, q, guess.unwrap_or(cut.ln()));
    // where the law has a gap the saddle is flat, and a path farther from the cut is shorter
    let distance = log_distance.exp().max(LEAST_DISTANCE / q);
    // q − linear, without cancellation near q = 1
    let above = |linear: f64| {
        if linear == 0.0 {
            q
        } else {
            (2.0 * x).exp_m1() + (1.0 - linear)
        }
    };
    let exponent = |s: Complex64| {
        let t = s - cut;
        let log = transform.log_given_survival(t);
        t * above(log.linear) + log.rest
    };
    let top = exponent(Complex64::new(distance, 0.0)).re;
    // s/s₀ = (1 − sin(α+iv))/(1 − sin α), α = π/4: at v = 0 it moves by √2+1 along iv
    let h = (PATH_STEP * saddle_width(transform, distance) / ALONG).min(MOST_PATH_STEP);
    let sum = path_sum(1.0, MOST_PATH_NODES, |k| {
        let v = h * f64::from(k);
        let (cosh, sinh) = (v.cosh(), v.sinh());
        let point = Complex64::new(ALONG + 1.0 - ALONG * cosh, ALONG * sinh);
        // ds/dv over i·ALONG, relative to the saddle's distance
        let direction = Complex64::new(cosh, sinh);
        (exponent(distance * point) - top).exp() * direction
    });
    // dq = 2q dx; the factor 1/π and ε do not depend on x
    (top + (sum * h * distance * q).ln(), log_distance)
}

/// log s with q = −(log E[e^{−tX}; X>0])′ at t = s − κ/2, by Newton's method in log s.
fn saddle(transform: &Transform, q: f64, guess: f64) -> f64 {
    let target = q.ln();
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut log = guess;
    for _ in 0..MOST_NEWTON_STEPS {
        let s = log.exp();
        let (mean, variance) = tilted_moments(transform, s);
        let off = target - mean.ln();
        if off > 0.0 {
            high = log;
        } else {
            low = log;
        }
        // d/dlog s of −log mean
        let slope = s * variance / mean;
        let newton = (-off / slope).clamp(-3.0, 3.0);
        // the path need not go through the saddle exactly, only well within its width
        if newton.abs() < OFF_SADDLE / (s * variance.sqrt()) {
            break;
        }
        let next = log + newton;
        let inside = next > low && next < high;
        log = if inside { next } else { 0.5 * (low + high) };
    }
    log
}

/// Width of the saddle, relative to its distance s from the cut.
fn saddle_width(transform: &Transform, s: f64) -> f64 {
    let (_, variance) = tilted_moments(transform, s);
    1.0 / (s * variance.sqrt())
}
