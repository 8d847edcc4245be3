//! Fourier inversion of the k-th power of one layer's tilted law: saddle points, and the integral.

use num_complex::Complex64;

use crate::depth::DepthLaw;
use crate::depth::rays::Kernel;
use crate::depth::tilted::Tilted;
use crate::error::{Error, Result};

/// A tilt is at least this many reciprocal standard deviations away from 0: the integrand of the
/// distribution function has a pole there.
const LEAST_TILT: f64 = 1.2;

/// So many layers multiply the rounding of a characteristic function.
const MANY: f64 = 16.0;

/// Halvings of the step of the Fourier integral, at most.
const HALVINGS: usize = 8;

/// Frequencies of one sum, at most: slopes or masks at the very edge of their domains can make a law so
/// uneven that no number of them would do.
const MOST_TERMS: f64 = 131_072.0;

/// Relative change that is too much after the last halving.
const UNRESOLVED: f64 = 1e-9;

/// Values of the integrand below this share of the first are negligible.
const NEGLIGIBLE: f64 = 1e-18;

/// Relative change at which the Fourier integral counts as converged.
const CONVERGED: f64 = 2e-14;

/// A sum of values of an integrand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LineSum {
    pub total: f64,
    /// The sum of the moduli.
    size: f64,
    terms: f64,
}

impl LineSum {
    pub fn add(&mut self, value: f64, modulus: f64) {
        self.total += value;
        self.size += modulus;
        self.terms += 1.0;
    }
}

impl DepthLaw {
    /// e^{kΛ(θ) − θ·offset}.
    pub(super) fn weight(&self, tilted: &Tilted, offset: f64) -> f64 {
        (self.depth * tilted.log_mgf - tilted.theta * offset).exp()
    }

    /// The tilted law whose mean is the offset per layer, or the nearest that the lattice holds.
    pub(super) fn saddle(&self, offset: f64) -> Tilted {
        let target = offset / self.depth;
        let plain = self.law.tilted(0.0);
        let mut best = plain.expect("checked when the law was made");
        let (mut low, mut high) = self.law.possible_tilts();
        let mut theta = target / best.variance;
        for _ in 0..100 {
            if !(theta > low && theta < high) {
                theta = 0.5 * (low + high);
            }
            match self.law.tilted(theta) {
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
    pub(super) fn away_from_zero(&self, tilted: Tilted, offset: f64) -> Tilted {
        let least = LEAST_TILT / (self.depth * tilted.variance).sqrt();
        if tilted.theta.abs() >= least {
            return tilted;
        }
        // as far as the law allows, to the side of the smaller tail if that is possible at all; a narrow law with a slow
        // left tail allows little
        let side = if offset < 0.0 { -1.0 } else { 1.0 };
        let shrinking = (0..40).map(|j| least * 0.7_f64.powi(j));
        let tilts = shrinking.map(|size| side * size).chain([least, -least]);
        let mut possible = tilts.filter_map(|theta| self.law.tilted(theta));
        possible.next().unwrap_or(tilted)
    }

    /// log of one layer's tilted characteristic function, as accurate as a power of `depth` needs it.
    pub(super) fn log_characteristic(&self, tilted: &Tilted, xi: f64) -> Complex64 {
        // beyond, the power of many layers has died out
        let small = 0.7 / tilted.variance.sqrt();
        if self.depth > MANY && xi < small {
            tilted.small_log_characteristic(xi)
        } else {
            tilted.log_characteristic(xi)
        }
    }

    /// (1/π) ∫₀^∞ Re[φ_θ(ξ)^k e^{iξ(k·mean − offset)} kernel(θ+iξ)] dξ.
    pub(super) fn integrate(&self, tilted: &Tilted, offset: f64, kernel: Kernel) -> Result<f64> {
        match self.law.edges() {
            Some(edges) if !self.dies_out(tilted) => {
                if !edges.has_parts() {
                    return Err(self.unresolved());
                }
                self.integrate_with_rays(edges, tilted, offset, kernel)
            }
            _ => self.integrate_on_line(tilted, offset, kernel),
        }
    }

    /// Whether the power of the characteristic function is negligible at the highest frequency.
    pub(super) fn dies_out(&self, tilted: &Tilted) -> bool {
        let highest = self.law.highest_frequency();
        self.depth * self.log_characteristic(tilted, highest).re < NEGLIGIBLE.ln()
    }

    /// By the trapezoidal rule, its step halved until nothing changes.
    fn integrate_on_line(&self, tilted: &Tilted, offset: f64, kernel: Kernel) -> Result<f64> {
        let shift = self.depth * tilted.mean - offset;
        let sign = tilted.theta.signum();
        let value = |xi: f64| -> (f64, f64) {
            let log =
                self.depth * self.log_characteristic(tilted, xi) + Complex64::new(0.0, xi * shift);
            let term = log.exp() * kernel.at(Complex64::new(tilted.theta, xi), sign);
            (term.re, term.norm())
        };
        let at_zero = value(0.0).0;
        let highest = self.law.highest_frequency();
        // fine enough for a normal law, or for exponential tails with these rates; then halved
        let fall = tilted.theta.abs().min(self.law.rate() + tilted.theta);
        let normal = 0.5 / (self.depth * tilted.variance).sqrt();
        let mut step = normal.max((0.15 * fall).min(0.1 * highest));
        step = step.max(highest / MOST_TERMS);
        // sum over odd or all multiples of a step, until the terms stay negligible
        let sum = |start: f64, step: f64| -> LineSum {
            let mut sum = LineSum::default();
            let mut quiet = 0;
            let mut xi = start;
            while xi < highest && quiet < 12 {
                let (real, norm) = value(xi);
                sum.add(real, norm);
                quiet = if norm < NEGLIGIBLE * at_zero {
                    quiet + 1
                } else {
                    0
                };
                xi += step;
            }
            sum
        };
        let estimate = step * (0.5 * at_zero + sum(step, step).total);
        let integral = self.refined(estimate, step, |step| sum(0.5 * step, step))?;
        Ok(integral / std::f64::consts::PI)
    }

    /// A sum over a lattice whose step is halved until nothing changes; `between` gives the sum over the points between.
    pub(super) fn refined(
        &self,
        mut estimate: f64,
        mut step: f64,
        between: impl Fn(f64) -> LineSum,
    ) -> Result<f64> {
        for _ in 0..HALVINGS {
            let sum = between(step);
            let refined = 0.5 * (estimate + step * sum.total);
            let change = (refined - estimate).abs();
            // each value of the characteristic function is rounded
            let noise = 8.0 * f64::EPSILON * step * sum.size;
            step *= 0.5;
            estimate = refined;
            if change <= CONVERGED * estimate.abs() + noise {
                break;
            }
            if 2.0 * sum.terms > MOST_TERMS {
                if change > UNRESOLVED * estimate.abs() {
                    return Err(self.unresolved());
                }
                break;
            }
        }
        Ok(estimate)
    }

    pub(super) fn unresolved(&self) -> Error {
        Error::Unresolved {
            quantity: "the law at finite depth",
            context: format!("{}, width {}", self.layer.activation(), self.layer.width()),
        }
    }
}
