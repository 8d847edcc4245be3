//! The law at finite depth at many points: its cdf, tabulated once and interpolated.

use num_complex::Complex64;

use crate::depth::inversion::integrate;
use crate::depth::quadrature::Kernel;
use crate::depth::sum::Sum;
use crate::error::Result;

/// Points of the table.
const POINTS: usize = 4096;

/// Tail probability outside the table.
const OUTSIDE: f64 = 1e-11;

/// A power of the characteristic function that is negligible, and how many of them in a row end the
/// sum.
const NEGLIGIBLE_POWER: f64 = 1e-18;
const QUIET: usize = 12;

/// The weight e^{−θx} of a point magnifies the roundings of its sum: at the leftmost it is at most e
/// to this power, 2e5.
const LARGEST_EXPONENT: f64 = 12.0;

/// Cdf and density of log(‖x_k‖/‖x₀‖) given survival, for whole samples.
///
/// ```
/// use isomoment::{Activation, DepthLaw, LayerLaw};
/// let law = DepthLaw::preserving(&LayerLaw::new(Activation::Relu, 16)?, 1.0, 50)?;
/// let table = law.table()?;
/// assert!((table.cdf(-2.0) - law.cdf(-2.0)?).abs() < 1e-10);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct DepthTable {
    start: f64,
    step: f64,
    /// (cdf, density·step) at the points.
    points: Vec<(f64, f64)>,
}

impl DepthTable {
    /// Of a sum with this standard deviation, moved by `shift`.
    pub(super) fn new(sum: &Sum, shift: f64, deviation: f64) -> Result<Self> {
        let start = shift + leftmost(sum, deviation, chernoff(sum, deviation, -1.0))?;
        let step = (shift + chernoff(sum, deviation, 1.0) - start) / (POINTS - 1) as f64;
        let plain = sum.step.tilted(0.0).expect("checked when the law was made");
        let mut tilted = sum.away_from_zero(plain, 1.0);
        let gentle = LARGEST_EXPONENT / (shift - start);
        if tilted.theta > gentle {
            tilted = sum.step.tilted(gentle).unwrap_or(tilted);
        }
        if sum.step.edges().is_some() && !sum.dies_out(&tilted) {
            return Err(sum.unresolved());
        }
        let theta = tilted.theta;
        // the sum over frequencies repeats the tilted tail e^{θx}P(X > x), which falls like e^{θx},
        // with this period
        let period = 36.0 / theta.abs() + POINTS as f64 * step;
        let spacing = 2.0 * std::f64::consts::PI / period;
        let highest = sum.step.highest_frequency();
        let mut powers = Vec::new();
        let mut quiet = 0;
        for j in 0_u32.. {
            let xi = spacing * f64::from(j);
            if xi >= highest || quiet == QUIET {
                break;
            }
            let power = (sum.depth * sum.log_characteristic(&tilted, xi)).exp();
            quiet = if power.norm() < NEGLIGIBLE_POWER {
                quiet + 1
            } else {
                0
            };
            powers.push(power * if j == 0 { 0.5 } else { 1.0 });
        }
        let factor = spacing / std::f64::consts::PI;
        let point = |i: usize| {
            let offset = start + step * i as f64 - shift;
            let from_mean = sum.depth * tilted.mean - offset;
            let turn = Complex64::from_polar(1.0, spacing * from_mean);
            let (mut density, mut tail) = (0.0, 0.0);
            let mut phase = Complex64::new(1.0, 0.0);
            for (j, power) in powers.iter().enumerate() {
                let term = power * phase;
                let pole = Complex64::new(theta.abs(), theta.signum() * spacing * j as f64);
                density += term.re;
                tail += (term / pole).re;
                phase *= turn;
            }
            let weight = factor * sum.weight(&tilted, offset);
            let tail = (weight * tail).clamp(0.0, 1.0);
            let cdf = if theta > 0.0 { 1.0 - tail } else { tail };
            (cdf, weight * density.max(0.0) * step)
        };
        Ok(Self {
            start,
            step,
            points: (0..POINTS).map(point).collect(),
        })
    }

    /// P(log(‖x_k‖/‖x₀‖) ≤ x) given survival.
    pub fn cdf(&self, x: f64) -> f64 {
        let position = (x - self.start) / self.step;
        if position <= 0.0 || position.is_nan() {
            return 0.0;
        }
        if position >= (self.points.len() - 1) as f64 {
            return 1.0;
        }
        let left = position as usize;
        // the cubic through both values and slopes
        let ((a, slope_a), (b, slope_b)) = (self.points[left], self.points[left + 1]);
        let t = position - left as f64;
        let u = 1.0 - t;
        let value = a * u * u * (1.0 + 2.0 * t)
            + b * t * t * (3.0 - 2.0 * t)
            + t * u * (slope_a * u - slope_b * t);
        value.clamp(0.0, 1.0)
    }

    /// The law moved by so much: of k steps that are scaled by e^{by/k} besides.
    ///
    /// ```
    /// use isomoment::{Activation, DepthLaw, LayerLaw};
    /// let table = DepthLaw::preserving(&LayerLaw::new(Activation::Linear, 16)?, 1.0, 50)?.table()?;
    /// assert!((table.shifted(0.5).cdf(0.0) - table.cdf(-0.5)).abs() < 1e-12);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    #[must_use]
    pub fn shifted(&self, by: f64) -> Self {
        Self {
            start: self.start + by,
            ..self.clone()
        }
    }

    /// Largest difference of the two distribution functions.
    pub fn largest_difference(&self, other: &Self) -> f64 {
        let all = self.grid().chain(other.grid());
        all.map(|x| (self.cdf(x) - other.cdf(x)).abs())
            .fold(0.0, f64::max)
    }

    /// ∫ (F − G)² dF, F this law and G the other.
    pub fn mean_square_difference(&self, other: &Self) -> f64 {
        let cells = self.points.windows(2).zip(self.grid());
        cells
            .map(|(cell, x)| {
                let middle = x + 0.5 * self.step;
                let mass = cell[1].0 - cell[0].0;
                (self.cdf(middle) - other.cdf(middle)).powi(2) * mass
            })
            .sum()
    }

    fn grid(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.points.len()).map(|i| self.start + self.step * i as f64)
    }

    /// The density at x given survival, within 3e-4 of its largest value.
    pub fn density(&self, x: f64) -> f64 {
        let position = (x - self.start) / self.step;
        if !(0.0..(self.points.len() - 1) as f64).contains(&position) {
            return 0.0;
        }
        let left = position as usize;
        let t = position - left as f64;
        let between = (1.0 - t) * self.points[left].1 + t * self.points[left + 1].1;
        between / self.step
    }
}

/// An offset nearer to the mean than a bound on the left, to the left of which there still is less
/// than [`OUTSIDE`]: where units can die a steep left tail ends in a slow one, and tilts see only
/// the latter.
fn leftmost(sum: &Sum, deviation: f64, bound: f64) -> Result<f64> {
    let (mut low, mut high) = (bound, 0.0);
    // nearer than this the tilt keeps its digits
    let near = 12.0 * deviation;
    while low < -near && high - low > 0.1 * near {
        let middle = 0.5 * (low + high);
        // the Fourier value is accurate enough, and the convolution would take longer than the
        // table
        let tilted = sum.away_from_zero(sum.saddle(middle), middle);
        let integral = integrate(sum, &tilted, middle, Kernel::Pole)?;
        let tail = sum.weight(&tilted, middle) * integral;
        let below = if tilted.theta < 0.0 { tail } else { 1.0 - tail };
        if below < OUTSIDE {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// An offset from the mean beyond which, to the given side, there is less than [`OUTSIDE`]:
/// Chernoff's bound P(±(X − E X) ≥ |y|) ≤ e^{kΛ(θ) − θy}, the best of some tilts.
fn chernoff(sum: &Sum, deviation: f64, side: f64) -> f64 {
    let offsets = (1..=40).filter_map(|j| {
        let theta = side * 0.25 * f64::from(j) / deviation;
        let tilted = sum.step.tilted(theta)?;
        Some((sum.depth * tilted.log_mgf - OUTSIDE.ln()) / theta.abs())
    });
    // with no tilt at all: as far as a normal law with ten times the deviation reaches
    let least = offsets.fold(f64::INFINITY, f64::min);
    side * least.min(70.0 * deviation)
}
