//! R(τ), the moment of the root-mean-square of a layer of units, and its exponent.

use crate::error::{Error, Result};
use crate::gain::unit_law::UnitLaw;
use crate::layer_law::integral::log_per_order;
use crate::layer_law::{Counts, Survival};
use crate::special::{expm1mx, reciprocal_gamma_one_minus};

/// Step in u = log t: the discretization error is of order e^{−2πθ/h} with θ near π/2, e^{−49}.
const STEP: f64 = 0.2;

/// What is left out of the sums, of which log R and the exponent are parts beside others near 1.
const LEFT_OUT: f64 = 1e-17;

/// From here on e^{−t} is below 1e-18 of everything, and what remains of the excess falls.
const FALLING_FROM: f64 = 4.0;

/// Largest u: t must be a double.
const LAST: f64 = 690.0;

/// Values of Y up to 1e-300, which count as 0, and what is beyond the last u may add this.
const UNSEEN: f64 = 1e-14;

/// log R and d log R/d log τ.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    pub log: f64,
    pub exponent: f64,
}

/// Of `width` units with this law, at the order s, 0 < s ≤ 2.
pub(super) fn level(law: &UnitLaw, exact_zeros: bool, width: u64, s: f64) -> Result<Level> {
    let p = 0.5 * s;
    let [mean, mean_moved] = law.mean();
    let relative = mean_moved / mean;
    if s == 2.0 {
        return Ok(Level {
            log: 0.5 * mean.ln(),
            exponent: 0.5 * relative,
        });
    }
    let [zero, zero_moved] = law.zero_probability();
    let survival = Survival::new(width, 1.0 - zero);
    let (dead, alive) = (survival.dead_probability(), survival.probability());
    let d = width as f64;
    if !exact_zeros && dead * (-300.0 * p * std::f64::consts::LN_10).exp() > UNSEEN * alive {
        return Err(unresolved(width, s));
    }
    let layer = Counts {
        width: d,
        unit_dead: zero,
        dead,
        survival: alive,
    };
    // derivative of P(Q = 0)
    let dead_moved = if zero_moved == 0.0 {
        0.0
    } else {
        d * dead / zero * zero_moved
    };
    // D(t) e^{−pu}, and what the derivative has in its place
    let terms = |u: f64| {
        let t = u.exp();
        let at = law.at(t / (d * mean));
        // there in units of the mean of the living
        let unit = match alive == 1.0 {
            true => at.unit,
            false => law.at(t * alive / (d * mean)).unit,
        };
        let decay = (-t).exp();
        let log = at.unit.log();
        let others = if width == 1 {
            1.0
        } else {
            ((d - 1.0) * log).exp()
        };
        let moved = if at.unit.linear < 0.5 * at.unit.alive_probability {
            let apart = (d - 1.0) * log + t;
            let difference = if apart.abs() < 1.0 {
                -decay * apart.exp_m1()
            } else {
                decay - others
            };
            relative * t * difference + d * others * at.curvature_moved
        } else {
            d * others * at.value_moved + relative * t * decay
        };
        // 1 − e^{−t} − t e^{−t}, by which zeros that come or go are taken out
        let gone = if t < 1.0 {
            decay * expm1mx(t)
        } else {
            1.0 - decay - t * decay
        };
        let power = (-p * u).exp();
        let excess = layer.excess(t, &unit).value();
        [excess * power, (moved - dead_moved * gone) * power]
    };
    let front = reciprocal_gamma_one_minus(p);
    let mut sums = [0.0; 2];
    for direction in [1.0, -1.0] {
        for k in 0.. {
            if k == 0 && direction < 0.0 {
                continue;
            }
            let u = STEP * f64::from(k) * direction;
            if u > LAST {
                return Err(unresolved(width, s));
            }
            let terms = terms(u);
            sums[0] += terms[0];
            sums[1] += terms[1];
            // the terms fall at least geometrically by this rate
            let rate = STEP * if direction > 0.0 { p } else { 2.0 - p };
            let left = |k: usize| (terms[k] / rate).abs() * STEP;
            let is_falling = direction < 0.0 || u > FALLING_FROM;
            let allowed = if u > LAST - 1.0 { UNSEEN } else { LEFT_OUT };
            if is_falling && left(0) < allowed * sums[0].max(1.0) && left(1) < allowed {
                break;
            }
        }
    }
    let slope = -front * STEP * sums[0];
    // G(p) = log E[X^p]/p, X = Q/E[Q | Q>0] given Q > 0
    let rise = log_per_order(slope, p);
    let (high, low) = survival.minus_log_over(s);
    let log = 0.5 * mean.ln() - (1.0 - p) * (high + low) + 0.5 * rise;
    // E[(Q/(d·E Y))^p]
    let moment = ((1.0 - p) * alive.ln() + p * rise).exp();
    let change = 0.5 * relative - dead_moved * (1.0 - p) / s - 0.5 * front * STEP * sums[1];
    Ok(Level {
        log,
        exponent: change / moment,
    })
}

fn unresolved(width: u64, s: f64) -> Error {
    Error::Unresolved {
        quantity: "the moment of an activation with such small values",
        context: format!("width {width}, s = {s}"),
    }
}
