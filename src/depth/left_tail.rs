//! The left tail where no exponential tilt reaches it: by convolution.
//!
//! Where units can die, or slopes are far apart, the density of one layer's log-norm falls steeply
//! and then, much smaller, slowly: e^{θx} times it has no finite integral for the θ that would make
//! the steep part the center. Its values on a lattice are known to full relative accuracy, however
//! small, and they are positive: their k-fold convolution, which needs no subtraction, keeps that
//! accuracy (proofs-notes/depth.md).

use crate::depth::tilted::Centered;

/// Largest step of the lattice, in standard deviations of one layer's law, and at all: the density
/// is analytic up to an imaginary part of π/4.
const STEP: f64 = 0.25;
const LARGEST_STEP: f64 = 0.1;

/// Masses below these shares of the largest are left out, to the left and to the right.
pub(super) const LEAST_LEFT: f64 = 1e-46;
const LEAST_RIGHT: f64 = 1e-22;

/// More nodes would take seconds.
const MOST_NODES: usize = 24_000;

/// Positive nodes and weights of the Gauss–Legendre rule with eight points on [−1, 1].
const GAUSS: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// Points of the interpolation, to either side.
const REACH: usize = 5;

/// Distribution function and density of Y₁ + … + Y_k to the left of the mean, in logarithms, at the
/// points of a lattice.
#[derive(Debug, Clone)]
pub(super) struct LeftTail {
    start: f64,
    step: f64,
    log_cdf: Vec<f64>,
    log_density: Vec<f64>,
}

/// Step times density at start, start + step, …
#[derive(Debug, Clone)]
pub(super) struct Lattice {
    pub start: f64,
    pub step: f64,
    pub masses: Vec<f64>,
}

/// One layer's law as the convolution wants it.
pub(super) fn largest_step(law: &Centered) -> f64 {
    (STEP * law.variance().sqrt()).min(LARGEST_STEP)
}

impl LeftTail {
    /// `None` where the lattice would be too long.
    pub fn new(law: &Centered, depth: u64) -> Option<Self> {
        let (start, step, masses) = law.coarser(largest_step(law), LEAST_LEFT);
        Self::from_one_layer(
            Lattice {
                start,
                step,
                masses,
            },
            depth,
        )
    }

    /// From the lattice of one layer's law.
    pub fn from_one_layer(one: Lattice, depth: u64) -> Option<Self> {
        let one = one.trimmed()?;
        let mut sum = one.clone();
        for bit in (0..depth.ilog2()).rev() {
            sum = sum.convolved(&sum)?;
            if depth >> bit & 1 == 1 {
                sum = sum.convolved(&one)?;
            }
        }
        Some(Self::from_lattice(&sum))
    }

    fn from_lattice(lattice: &Lattice) -> Self {
        let density = |mass: &f64| (mass / lattice.step).ln();
        let log_density: Vec<f64> = lattice.masses.iter().map(density).collect();
        // the first cells, a negligible part, as an exponential
        let rise = log_density.get(1).map_or(f64::NAN, |b| b - log_density[0]);
        let mut below = lattice.masses[0] / rise;
        let mut log_cdf = vec![below.ln()];
        for i in 1..lattice.masses.len() {
            below += if i < REACH || i + REACH > log_density.len() {
                0.5 * (lattice.masses[i - 1] + lattice.masses[i])
            } else {
                let middle = i as f64 - 0.5;
                let values = GAUSS.iter().map(|&(node, weight)| {
                    let at = |t: f64| interpolated(&log_density, t).exp();
                    weight * (at(middle - 0.5 * node) + at(middle + 0.5 * node))
                });
                0.5 * lattice.step * values.sum::<f64>()
            };
            log_cdf.push(below.ln());
        }
        Self {
            start: lattice.start,
            step: lattice.step,
            log_cdf,
            log_density,
        }
    }

    /// The distance of the points.
    pub fn step(&self) -> f64 {
        self.step
    }

    /// P(Y₁ + … + Y_k ≤ y); `None` off the lattice.
    pub fn cdf(&self, y: f64) -> Option<f64> {
        self.at(&self.log_cdf, y)
    }

    /// The density at y; `None` off the lattice.
    pub fn density(&self, y: f64) -> Option<f64> {
        self.at(&self.log_density, y)
    }

    fn at(&self, logs: &[f64], y: f64) -> Option<f64> {
        let position = (y - self.start) / self.step;
        if !(position >= (2 * REACH) as f64 && position < (logs.len() - 2 * REACH) as f64) {
            return None;
        }
        Some(interpolated(logs, position).exp()).filter(|value| value.is_finite())
    }
}

/// The polynomial through the values at the nodes nearest to a fractional position, by Neville's
/// scheme.
fn interpolated(values: &[f64], position: f64) -> f64 {
    let first = (position as usize).saturating_sub(REACH - 1);
    let mut near = [0.0; 2 * REACH];
    near.copy_from_slice(&values[first..first + 2 * REACH]);
    let t = position - first as f64;
    for gap in 1..near.len() {
        for i in 0..near.len() - gap {
            let (left, right) = (i as f64, (i + gap) as f64);
            near[i] = ((t - left) * near[i + 1] + (right - t) * near[i]) / (right - left);
        }
    }
    near[0]
}

impl Lattice {
    /// The law of the sum of independent variables.
    fn convolved(&self, other: &Self) -> Option<Self> {
        let mut masses = vec![0.0; self.masses.len() + other.masses.len() - 1];
        for (i, mass) in self.masses.iter().enumerate() {
            for (to, from) in masses[i..].iter_mut().zip(&other.masses) {
                *to += mass * from;
            }
        }
        Self {
            start: self.start + other.start,
            step: self.step,
            masses,
        }
        .trimmed()
    }

    /// Without the negligible ends.
    fn trimmed(mut self) -> Option<Self> {
        let largest = self.masses.iter().copied().fold(0.0, f64::max);
        let first = self
            .masses
            .iter()
            .position(|&m| m.abs() > LEAST_LEFT * largest)?;
        let last = self
            .masses
            .iter()
            .rposition(|&m| m.abs() > LEAST_RIGHT * largest)?;
        self.masses.truncate(last + 1);
        self.masses.drain(..first);
        self.start += self.step * first as f64;
        (self.masses.len() <= MOST_NODES).then_some(self)
    }
}
