//! Moments of order s ≤ 3 and log moments, for every activation, from the excess of the transform.
//!
//! With X = Q/E[Q | Q>0] given Q > 0, the excess D(t) = E e^{−tX} − e^{−t} ≥ 0
//! (Jensen) carries all that distinguishes Q from a constant:
//!
//!   (E X^p − 1)/p = −(1/Γ(1−p)) ∫ D(eᵘ) e^{−pu} du,  0 ≤ p < 2,
//!
//! an integral of a non-negative function over the whole line, which the
//! trapezoidal rule sums to the last digit with a few hundred terms at most,
//! whatever the width. At p = 0 it is E log X, and the moments ∫ D uᵏ du give
//! the higher log moments. D itself is evaluated without cancellation
//! (proofs-notes/integral.md).

use twofloat::TwoFloat;

use crate::layer_law::cumulants::{LogCumulants, cumulants_of};
use crate::layer_law::integral::log_axis::{Extent, integrate, integrate_orders};
use crate::layer_law::large_width;
use crate::layer_law::transform::{Transform, UnitTransform};
use crate::special::{
    expm1mx, log1pmx, pair, reciprocal_gamma_one_minus, reciprocal_gamma_one_minus_pair,
};

/// Below this, P(Q = 0) cannot be seen in the excess: where it is 1e-20, about 46 units are alive,
/// and the excess is about 1/46. Measured: `cargo test reference_tables::` finds the same
/// errors from 1e-30 to 1e-17, some seven times as large with 1e-14, and one of 4e-5 with 0.
const UNSEEN: f64 = 1e-20;

/// Below this relative variance of Q the third log cumulant comes from its expansion, whose next
/// term grows like its sixth power. Measured, `cargo test reference_tables::`: error 7e-12,
/// but 3e-9 with 1e-6 and 3e-5 with 1e-2.
const EXPANSION_BELOW: f64 = 1e-4;

/// Step of the trapezoidal rule in u = log t: the discretization error is of order e^{−2πθ/h} with
/// θ near π/2, e^{−43} here. Measured, `cargo test reference_tables::`: variances of log Q are
/// off by at most 8e-15, with 0.25 by 1.3e-14, with 0.26 by 6e-14.
pub(crate) const STEP: f64 = 0.23;

/// The same for one moment, which has no differences of integrals. Measured, `tools/step.py`: G is off
/// by up to 4e-16, with 0.25 by 3e-17, with 0.30 by 1e-14.
const MOMENT_STEP: f64 = 0.27;

/// The same for differences of moments, where the error relative to G counts. Measured, `cargo test
/// layer_law::tests`: with 0.26 G(0) of wide layers is off by 5e-15 of it.
const FINE_MOMENT_STEP: f64 = 0.25;

/// From here on G(p) is formed in twice the precision: its error is one of log σ. Measured, `cargo test
/// --features certified extreme_layers`: σ of a slope of 1e-33 and s = 0.01, where G is −60, is off by
/// 2e-14 without it, and twelve units with a slope of 1e-37 by 1.6e-14 with the excess in doubles.
const LARGE: f64 = 2.0;

/// Down to this M − 1, log E e^{−tX} is formed as −εt and a rest. A matter of time, not of accuracy:
/// `cargo test reference_tables::` finds the same errors from −0.3 to −0.9.
const SPLIT_DOWN_TO: f64 = -0.35;

/// Up to this t the excess is a product with e^Δ − 1; above it no two terms cancel where Δ ≥ 1.
/// Measured: `cargo test reference_tables::` finds the same errors from 1 to 3.
const PRODUCT_UP_TO: f64 = 1.5;

/// Of up to so many units Mᵈ is a power, which rounding of M near 1 puts off by d/2 units in the last
/// place, of more the exponential of d log M. Measured, `cargo bench --bench constants`: up to a sixth
/// of the time of one σ.
const MULTIPLIED_UP_TO: f64 = 16.0;

/// e^{−t} is left out from here on. With v = d·Var Q/(E Q)², D is a product at least up to t² = 2d/v
/// (Δ ≤ 1 there), so that t² > 2d/v where it is a difference, and an integral of about v/(2d) misses
/// at most 2t²e^{−t} = 3e-17 of itself.
const EXPONENTIAL_UP_TO: f64 = 46.4;

/// Euler's constant.
pub(crate) const EULER: f64 = 0.577_215_664_901_532_9;

/// G(p) = (1/p)·log E[X^p], the logarithm of the p-th power mean of X, for 0 ≤ p < 2; at p = 0, E
/// log X. Its absolute error is small.
pub fn log_power_mean(transform: &Transform, p: f64) -> TwoFloat {
    with_step(transform, p, MOMENT_STEP)
}

/// The same with a small relative error.
pub fn fine_log_power_mean(transform: &Transform, p: f64) -> f64 {
    with_step(transform, p, FINE_MOMENT_STEP).hi()
}

fn with_step(transform: &Transform, p: f64, step: f64) -> TwoFloat {
    if reciprocal_gamma_one_minus(p) == 0.0 {
        return TwoFloat::from(0.0);
    }
    let (extent, excess) = (Extent::of_layer(transform), excess(transform));
    let [integral] = integrate(extent, step, |u| [excess(u).times_exp(-p * u)]);
    log_of_power_mean(transform, integral, p)
}

/// [`log_power_mean`] of several orders, to the bit; the transform is computed once.
pub fn log_power_means(transform: &Transform, orders: &[f64]) -> Vec<TwoFloat> {
    let (extent, excess) = (Extent::of_layer(transform), excess(transform));
    let integrals = integrate_orders(extent, MOMENT_STEP, orders, excess);
    let each = integrals.into_iter().zip(orders);
    each.map(|(integral, &p)| log_of_power_mean(transform, integral, p))
        .collect()
}

/// G(p), given ∫ D(eᵘ) e^{−pu} du.
fn log_of_power_mean(transform: &Transform, integral: TwoFloat, p: f64) -> TwoFloat {
    let rounded = log_per_order(-reciprocal_gamma_one_minus(p) * integral.hi(), p);
    if rounded.abs() < LARGE || p >= 1.0 {
        return TwoFloat::from(rounded);
    }
    let integral = match transform.dead_probability() {
        0.0 => integral,
        _ => integral_in_pairs(transform, p),
    };
    let slope = -reciprocal_gamma_one_minus_pair(p) * integral;
    let above_one = p * slope;
    // p may be 0
    if above_one.hi().abs() < 1e-10 {
        slope * (1.0 - 0.5 * above_one)
    } else {
        pair::ln(1.0 + above_one) / p
    }
}

/// ∫ D(eᵘ) e^{−pu} du of units that may be zero: where D stays flat, all its terms would be rounded alike.
fn integral_in_pairs(transform: &Transform, p: f64) -> TwoFloat {
    let counts = Counts::of_layer(transform);
    let rate = transform.conditional_mean().recip();
    let [main, low] = integrate(Extent::of_layer(transform), MOMENT_STEP, |u| {
        let t = u.exp();
        let unit = transform.unit(rate * t);
        let excess = match counts.excess(t, &unit) {
            Excess::Value(_) if t > PRODUCT_UP_TO => {
                transform.survival().alive_mean(unit.alive_part) - (-t).exp()
            }
            other => TwoFloat::from(other.value()),
        };
        let factor = (-p * u).exp();
        [excess.hi() * factor, excess.lo() * factor]
    });
    main + low
}

/// log(E X^p)/p, of `slope` = (E X^p − 1)/p; its limit at p = 0.
pub(crate) fn log_per_order(slope: f64, p: f64) -> f64 {
    // log(1 + p·slope)/p = slope up to rounding, and p may be 0
    if p * slope.abs() < 1e-300 {
        slope
    } else {
        (p * slope).ln_1p() / p
    }
}

/// Cumulants of ½ log X.
pub fn log_cumulants(transform: &Transform) -> LogCumulants {
    let moments = log_moments(transform);
    let (variance, third) = cumulants_of(moments);
    let (slopes, width) = (transform.slopes(), transform.width());
    let third = if large_width::relative_variance(slopes, width) < EXPANSION_BELOW {
        large_width::third_log_cumulant(slopes, width)
    } else {
        third
    };
    LogCumulants {
        mean: 0.5 * moments[0],
        variance: 0.25 * variance,
        third: 0.125 * third,
    }
}

/// E[(log X)ʲ] for j = 1, 2, 3.
fn log_moments(transform: &Transform) -> [f64; 3] {
    let (extent, excess) = (Extent::of_layer(transform), excess(transform));
    let integrals = integrate(extent, STEP, |u| {
        let excess = excess(u).value();
        [excess, u * excess, u * u * excess]
    });
    log_moments_of(integrals.map(|integral| integral.hi()))
}

/// The same from Jₖ = ∫ D(eᵘ) uᵏ du, k = 0, 1, 2.
pub(crate) fn log_moments_of([j0, j1, j2]: [f64; 3]) -> [f64; 3] {
    const PI2_12: f64 = std::f64::consts::PI * std::f64::consts::PI / 12.0;
    // 1/Γ(1−p) = 1 − γp + (γ²/2 − π²/12)p² + …
    [
        -j0,
        2.0 * (j1 + EULER * j0),
        -6.0 * (0.5 * j2 + EULER * j1 + (0.5 * EULER * EULER - PI2_12) * j0),
    ]
}

/// D(eᵘ), D(t) = E[e^{−tX} | Q > 0] − e^{−t}, as a function of u.
fn excess(transform: &Transform) -> impl Fn(f64) -> Excess {
    let counts = Counts::of_layer(transform);
    let rate = transform.conditional_mean().recip();
    move |u| {
        let t = u.exp();
        counts.excess(t, &transform.unit(rate * t))
    }
}

/// D at one t, or what it is made of, so that D·eˣ takes one exponential.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Excess {
    Value(f64),
    /// log D.
    Log(f64),
    /// D is `factor` times e to `log`.
    Product {
        factor: f64,
        log: f64,
    },
}

impl Excess {
    /// D.
    pub(crate) fn value(self) -> f64 {
        match self {
            Self::Value(value) => value,
            Self::Log(log) => log.exp(),
            Self::Product { factor, log } => factor * log.exp(),
        }
    }

    /// D·eˣ.
    pub(crate) fn times_exp(self, x: f64) -> f64 {
        match self {
            Self::Value(value) => value * x.exp(),
            Self::Log(log) => (log + x).exp(),
            Self::Product { factor, log } => factor * (log + x).exp(),
        }
    }
}

/// How many units a layer has, and the chances that they are zero.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    pub width: f64,
    /// P(c = 0) of one unit.
    pub unit_dead: f64,
    /// P(Q = 0).
    pub dead: f64,
    /// P(Q > 0).
    pub survival: f64,
}

impl Counts {
    fn of_layer(transform: &Transform) -> Self {
        Self {
            width: transform.width(),
            unit_dead: 1.0 - transform.slopes().alive_probability(),
            dead: transform.dead_probability(),
            survival: transform.survival_probability(),
        }
    }

    /// D(t), given the unit's transform at t/E[Q | Q>0].
    pub(crate) fn excess(&self, t: f64, unit: &UnitTransform<f64>) -> Excess {
        let Self {
            width, survival, ..
        } = *self;
        let below_one = unit.below_one();
        if below_one > SPLIT_DOWN_TO {
            // log L = −εt + Δ
            let delta = width * (log1pmx(below_one) + unit.curvature);
            if self.is_product(t, delta) {
                let (factor, log) = (delta.exp_m1(), -survival * t);
                if self.dead < UNSEEN {
                    return Excess::Product { factor, log };
                }
                let main = log.exp() * factor;
                return Excess::Value((main + self.dead_correction(t)) / survival);
            }
        }
        let has_exponential = t < EXPONENTIAL_UP_TO;
        let is_few = width <= MULTIPLIED_UP_TO;
        if self.dead == 0.0 && !has_exponential && !is_few {
            return Excess::Log(width * unit.log());
        }
        let total = if is_few {
            unit.value().powi(width as i32)
        } else {
            (width * unit.log()).exp()
        };
        let alive_part = self.alive_part(total, unit.alive_part);
        let constant = if has_exponential { (-t).exp() } else { 0.0 };
        Excess::Value((alive_part / survival - constant).max(0.0))
    }

    /// Whether at this t what distinguishes L from e^{−t} is formed from log L = −εt + Δ.
    pub(crate) fn is_product(&self, t: f64, delta: f64) -> bool {
        t <= PRODUCT_UP_TO || (self.dead < UNSEEN && delta < 1.0)
    }

    /// E[e^{−tX}; Q>0], given E e^{−tX} and the part of one unit's transform where it is not zero.
    pub(crate) fn alive_part(&self, total: f64, unit_alive_part: f64) -> f64 {
        let dead = self.dead;
        // a difference where it takes away a quarter at most
        if dead == 0.0 {
            total
        } else if total > 4.0 * dead {
            total - dead
        } else {
            dead * (self.width * (unit_alive_part / self.unit_dead).ln_1p()).exp_m1()
        }
    }

    /// e^{−εt} − P(Q=0) − ε e^{−t}, without cancellation for small t.
    pub(crate) fn dead_correction(&self, t: f64) -> f64 {
        let (dead, survival) = (self.dead, self.survival);
        if dead < UNSEEN {
            0.0
        } else if dead >= 0.5 {
            expm1mx(-survival * t) - survival * expm1mx(-t)
        } else {
            (-t).exp() * (expm1mx(dead * t) - dead * expm1mx(t))
        }
    }
}
