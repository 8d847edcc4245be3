//! Y₁ + … + Y_k, the sum of k independent copies of one layer's centered log-norm: what all routes
//! invert.

use num_complex::Complex64;

use crate::depth::tilted::{Centered, Tilted};
use crate::error::Error;

/// A tilt is at least this many reciprocal standard deviations away from 0: the integrand of the
/// distribution function has a pole there.
const LEAST_TILT: f64 = 1.2;

/// So many layers multiply the rounding of a characteristic function.
const MANY: f64 = 16.0;

/// The power of a characteristic function that is negligible.
const NEGLIGIBLE_POWER: f64 = 1e-18;

/// A value within so many roundings of a sum of edges is that sum.
const ROUNDINGS: f64 = 16.0;

/// The law of the sum of `depth` copies of `step`.
#[derive(Debug, Clone)]
pub(super) struct Sum {
    pub step: Centered,
    pub depth: f64,
    /// How far from 0 one layer's numbers lie whose rounding moves the edges.
    pub position: f64,
    /// What the layers are, for messages.
    pub name: String,
}

impl Sum {
    /// e^{kΛ(θ) − θ·offset}.
    pub fn weight(&self, tilted: &Tilted, offset: f64) -> f64 {
        (self.depth * tilted.log_mgf - tilted.theta * offset).exp()
    }

    /// The tilted law whose mean is the offset per layer, or the nearest that the lattice holds.
    pub fn saddle(&self, offset: f64) -> Tilted {
        let target = offset / self.depth;
        let plain = self.step.tilted(0.0);
        let mut best = plain.expect("checked when the law was made");
        let (mut low, mut high) = self.step.possible_tilts();
        let mut theta = target / best.variance;
        for _ in 0..100 {
            if !(theta > low && theta < high) {
                theta = 0.5 * (low + high);
            }
            match self.step.tilted(theta) {
                None if theta < 0.0 => low = theta,
                None => high = theta,
                Some(tilted) => {
                    let off = target - tilted.mean;
                    if off > 0.0 {
                        low = theta;
                    } else {
                        high = theta;
                    }
                    let step = off / tilted.variance;
                    let near = 1e-3 / (self.depth * tilted.variance).sqrt();
                    let done = step.abs() < near;
                    best = tilted;
                    if done {
                        break;
                    }
                    theta += step;
                }
            }
            if high - low < 1e-12 * high.abs().max(low.abs()) {
                break;
            }
        }
        best
    }

    /// The tilted law, or another whose tilt keeps away from the pole at 0.
    pub fn away_from_zero(&self, tilted: Tilted, offset: f64) -> Tilted {
        let least = LEAST_TILT / (self.depth * tilted.variance).sqrt();
        if tilted.theta.abs() >= least {
            return tilted;
        }
        // as far as the law allows, to the side of the smaller tail if that is possible at all; a
        // narrow law with a slow left tail allows little
        let side = if offset < 0.0 { -1.0 } else { 1.0 };
        let shrinking = (0..40).map(|j| least * 0.7_f64.powi(j));
        let tilts = shrinking.map(|size| side * size).chain([least, -least]);
        let mut possible = tilts.filter_map(|theta| self.step.tilted(theta));
        possible.next().unwrap_or(tilted)
    }

    /// log of one layer's tilted characteristic function, as accurate as a power of `depth` needs
    /// it.
    pub fn log_characteristic(&self, tilted: &Tilted, xi: f64) -> Complex64 {
        // beyond, the power of many layers has died out
        let small = 0.7 / tilted.variance.sqrt();
        if self.depth > MANY && xi < small {
            tilted.small_log_characteristic(xi)
        } else {
            tilted.log_characteristic(xi)
        }
    }

    /// Whether the power of the characteristic function is negligible at the highest frequency.
    pub fn dies_out(&self, tilted: &Tilted) -> bool {
        let highest = self.step.highest_frequency();
        self.depth * self.log_characteristic(tilted, highest).re < NEGLIGIBLE_POWER.ln()
    }

    /// The error where no route gives the law's digits.
    pub fn unresolved(&self) -> Error {
        Error::Unresolved {
            quantity: "the law at finite depth",
            context: self.name.clone(),
        }
    }

    /// Differences of an offset and a sum of edges below this are rounding.
    pub fn edge_rounding(&self, offset: f64) -> f64 {
        let size = offset.abs() + self.depth * self.position;
        ROUNDINGS * f64::EPSILON * size.max(1e-3)
    }
}
