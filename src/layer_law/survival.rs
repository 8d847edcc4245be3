//! The chance that a layer's output is exactly zero, and that it is not.

use twofloat::TwoFloat;

use crate::special::pair;

/// Below this dα, ε comes from its series: dα·(1 − (d−1)α/2·(…)), to (dα)⁴/120 = 1e-26 of it.
/// Above, 1 − (1−α)ᵈ loses six of about 30 digits.
const RARE: f64 = 1e-6;

/// The exponential of this is below half the least positive double, e^{−744.4}.
const NO_DOUBLE: f64 = -746.0;

/// P(Q = 0) = (1 − α)ᵈ and ε = P(Q > 0) as pairs of doubles: ε^{−1/s} needs it for small s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Survival {
    width: u64,
    alpha: f64,
    dead: TwoFloat,
    log_dead: f64,
    probability: TwoFloat,
}

impl Survival {
    /// For `width` independent units, each alive (c > 0) with probability `alpha`.
    pub fn new(width: u64, alpha: f64) -> Self {
        if alpha == 1.0 {
            return Self {
                width,
                alpha,
                dead: TwoFloat::from(0.0),
                log_dead: f64::NEG_INFINITY,
                probability: TwoFloat::from(1.0),
            };
        }
        let d = width as f64;
        let unit_dead = TwoFloat::new_sub(1.0, alpha);
        let log_dead = d * (f64::from(unit_dead).ln() + unit_dead.lo() / unit_dead.hi());
        let dead = if log_dead < NO_DOUBLE {
            TwoFloat::from(0.0)
        } else {
            power(unit_dead, width)
        };
        let probability = if d * alpha < RARE {
            // 1 − (1−α)^d = dα·(1 − (d−1)α/2·(1 − (d−2)α/3·(…)))
            let inner = 1.0 - (d - 2.0) * alpha / 3.0 * (1.0 - (d - 3.0) * alpha / 4.0);
            TwoFloat::new_mul(d, alpha) * (1.0 - TwoFloat::from((d - 1.0) * alpha / 2.0 * inner))
        } else {
            1.0 - dead
        };
        Self {
            width,
            alpha,
            dead,
            log_dead: if log_dead > -1e-3 {
                d * (-alpha).ln_1p()
            } else {
                log_dead
            },
            probability,
        }
    }

    /// P(Q = 0), rounded; 0 below the subnormal range.
    pub fn dead_probability(&self) -> f64 {
        f64::from(self.dead)
    }

    /// log P(Q = 0); −∞ when Q > 0 almost surely.
    pub fn log_dead_probability(&self) -> f64 {
        self.log_dead
    }

    /// ε = P(Q > 0).
    pub fn probability(&self) -> f64 {
        self.probability.hi()
    }

    /// E[e^{−tX} | Q > 0] = ((1−α+a)ᵈ − (1−α)ᵈ)/ε, given the part a of one unit's transform where it is
    /// not zero.
    pub fn alive_mean(&self, unit_alive_part: f64) -> TwoFloat {
        let (d, alpha, part) = (self.width as f64, self.alpha, unit_alive_part);
        let alive_part = if d * alpha < RARE {
            // da·(1 − (d−1)/2·(α + β − (d−2)/3·(α² + αβ + β² − …))), β = α − a
            let other = alpha - part;
            let squares = alpha * alpha + alpha * other + other * other;
            let next = (d - 2.0) / 3.0 * squares;
            let later = 0.5 * (d - 1.0) * (alpha + other - next);
            TwoFloat::new_mul(d, part) * (1.0 - TwoFloat::from(later))
        } else {
            power(TwoFloat::new_sub(1.0, alpha) + part, self.width) - self.dead
        };
        pair::quotient(alive_part, self.probability)
    }

    /// The pair (y, δ) with −log(ε)/s = y + δ, δ below an ulp of y.
    pub fn minus_log_over(&self, s: f64) -> (f64, f64) {
        if self.probability == 1.0 {
            return (0.0, 0.0);
        }
        let exponent = -pair::ln(self.probability) / s;
        (exponent.hi(), exponent.lo())
    }
}

/// `TwoFloat::powi` takes an i32, and widths go up to 2⁵³.
fn power(base: TwoFloat, exponent: u64) -> TwoFloat {
    // two factors, so that neither loses its low part before the product underflows
    let half = exponent / 2;
    by_squaring(base, half) * by_squaring(base, exponent - half)
}

fn by_squaring(base: TwoFloat, exponent: u64) -> TwoFloat {
    let mut result = TwoFloat::from(1.0);
    let mut square = base;
    let mut left = exponent;
    while left > 0 {
        if left & 1 == 1 {
            result *= square;
        }
        left >>= 1;
        if left > 0 {
            square = square * square;
        }
    }
    result
}
