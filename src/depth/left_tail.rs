//! The left tail where no exponential tilt reaches it: by convolution.
//!
//! Where units can die, or slopes are far apart, the density of one layer's log-norm falls steeply and then, much smaller, slowly: e^{θx}
//! times it has no finite integral for the θ that would make the steep part the center. Its values on a lattice are known to full relative
//! accuracy, however small, and they are positive: their k-fold convolution, which needs no subtraction, keeps that accuracy
//! (proofs-notes/depth.md).

use crate::depth::tilted::Centered;

/// Largest step of the lattice, in standard deviations of one layer's law, and at all: the density is analytic up to an imaginary part of π/4.
const STEP: f64 = 0.25;
const LARGEST_STEP: f64 = 0.1;

/// Masses below these shares of the largest are left out, to the left and to the right.
const LEAST_LEFT: f64 = 1e-46;
const LEAST_RIGHT: f64 = 1e-22;

/// More nodes would take seconds.
const MOST_NODES: usize = 24_000;

/// Central-difference form of the Euler–Maclaurin formula: coefficients of μδ, μδ³, … at the end of a trapezoidal sum.
const END_CORRECTIONS: [f64; 5] = [
    -1.0 / 12.0,
    11.0 / 720.0,
    -191.0 / 60_480.0,
    2497.0 / 3_628_800.0,
    -14_797.0 / 95_800_320.0,
];

/// Points of the interpolation, to either side.
const REACH: usize = 5;

/// Distribution function and density of Y₁ + … + Y_k to the left of the mean, in logarithms, at the points of a lattice.
#[derive(Debug, Clone)]
pub(super) struct LeftTail {
    start: f64,
    step: f64,
    log_cdf: Vec<f64>,
    log_density: Vec<f64>,
}

/// Step times density at start, start + step, …
#[derive(Debug, Clone)]
struct Lattice {
    start: f64,
    step: f64,
    masses: Vec<f64>,
}

impl LeftTail {
    /// `None` where the lattice would be too long.
    pub fn new(law: &Centered, depth: u64) -> Option<Self> {
        let largest = (STEP * law.variance().sqrt()).min(LARGEST_STEP);
        let (start, step, masses) = law.coarser(largest, LEAST_LEFT);
        let one = Lattice {
            start,
            step,
            masses,
        }
        .trimmed()?;
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
        let masses = &lattice.masses;
        let at = |i: isize| -> f64 {
            usize::try_from(i)
                .ok()
                .and_then(|i| masses.get(i))
                .copied()
                .unwrap_or(0.0)
        };
        let mut before = 0.0;
        let mut log_cdf = Vec::with_capacity(masses.len());
        for (i, mass) in masses.iter().enumerate() {
            let mut odd = |j: isize| at(i as isize + j) - at(i as isize - j);
            // μδ^{2n+1} from the differences f(x+jh) − f(x−jh)
            let [a, b, c, d, e] = [1, 2, 3, 4, 5].map(&mut odd);
            let differences = [
                a / 2.0,
                (b - 2.0 * a) / 2.0,
                (c - 4.0 * b + 5.0 * a) / 2.0,
                (d - 6.0 * c + 14.0 * b - 14.0 * a) / 2.0,
                (e - 8.0 * d + 27.0 * c - 48.0 * b + 42.0 * a) / 2.0,
            ];
            let correction: f64 = END_CORRECTIONS
                .iter()
                .zip(differences)
                .map(|(c, d)| c * d)
                .sum();
            log_cdf.push((before + 0.5 * mass + correction).ln());
            before += mass;
        }
        Self {
            start: lattice.start,
            step: lattice.step,
            log_cdf,
            log_density: masses.iter().map(|m| (m / lattice.step).ln()).collect(),
        }
    }

    /// P(Y₁ + … + Y_k ≤ y); `None` off the lattice.
    pub fn cdf(&self, y: f64) -> Option<f64> {
        self.interpolated(&self.log_cdf, y)
    }

    /// The density at y; `None` off the lattice.
    pub fn density(&self, y: f64) -> Option<f64> {
        self.interpolated(&self.log_density, y)
    }

    /// e to the polynomial through the logarithms at the nearest nodes.
    fn interpolated(&self, logs: &[f64], y: f64) -> Option<f64> {
        let position = (y - self.start) / self.step;
        if !(position >= (2 * REACH) as f64 && position < (logs.len() - 2 * REACH) as f64) {
            return None;
        }
        let first = position as usize - (REACH - 1);
        let nodes = &logs[first..first + 2 * REACH];
        let t = position - first as f64;
        // Neville's scheme
        let mut values = nodes.to_vec();
        for gap in 1..values.len() {
            for i in 0..values.len() - gap {
                let (left, right) = (i as f64, (i + gap) as f64);
                values[i] = ((t - left) * values[i + 1] + (right - t) * values[i]) / (right - left);
            }
        }
        Some(values[0].exp()).filter(|value| value.is_finite())
    }
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
        let first = self.masses.iter().position(|&m| m > LEAST_LEFT * largest)?;
        let last = self
            .masses
            .iter()
            .rposition(|&m| m > LEAST_RIGHT * largest)?;
        self.masses.truncate(last + 1);
        self.masses.drain(..first);
        self.start += self.step * first as f64;
        (self.masses.len() <= MOST_NODES).then_some(self)
    }
}
