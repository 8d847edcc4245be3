//! The law of one unit's squared output Y = φ(τz)², as a sum over nodes, and its transform.

use crate::error::{Error, Result};
use crate::gain::nonlinearity::Function;
use crate::gain::panels::nodes;
use crate::layer_law::{Sum, UnitTransform};
use crate::special::expm1mx;

/// Y below this counts as 0.
const ZERO: f64 = 1e-300;

/// e^{−x} is left out from here on: 4e-20.
const GONE: f64 = 45.0;

/// Up to here e^{−x} is 1 − x + x²/2 − x³/6 + x⁴/24, to 1e-17 of the quadratic term.
const SMALL: f64 = 1e-5;

/// What the outermost nodes may add to a mean, relative to it.
const LEFT_OUT: f64 = 1e-16;

/// From this |z| on a node is outermost.
const OUTERMOST: f64 = 11.0;

/// Powers of Y whose sums are kept: 0 to 4.
const POWERS: usize = 5;

/// Sums over nodes of w Yʲ and of w (z² − 1) Yʲ, j = 0, 1, ….
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    plain: [f64; POWERS],
    moved: [f64; POWERS],
}

/// A node: Y, its weight w, and w (z² − 1).
#[derive(Debug, Clone, Copy)]
struct Atom {
    y: f64,
    plain: f64,
    moved: f64,
}

/// The law of Y at one τ. A factor z² − 1 in an expectation is the derivative by log τ: the normal
/// density of y = τz has the derivative (z² − 1) times itself, so φ′ is not needed.
#[derive(Debug, Clone)]
pub(super) struct UnitLaw {
    /// Those with Y > 0, in falling order of Y.
    atoms: Vec<Atom>,
    /// Sums over the nodes before each atom, and one entry more.
    before: Vec<Sums>,
    /// Sums over each atom and those after it, and one entry more.
    after: Vec<Sums>,
    /// P(Y = 0), and its derivative.
    zero: [f64; 2],
    /// E Y, and its derivative.
    mean: [f64; 2],
}

/// The transform and its derivative by log τ, at one point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub unit: UnitTransform<f64>,
    /// Derivative of E e^{−tY}.
    pub value_moved: f64,
    /// Derivative of E[e^{−tY} − 1 + tY].
    pub curvature_moved: f64,
}

impl UnitLaw {
    pub fn new(function: &Function, tau: f64, halved: bool) -> Result<Self> {
        let mut atoms = Vec::new();
        let mut zero = [0.0; 2];
        let mut mean = [Sum::default(); 2];
        let (mut outer, mut total) = (0.0, 0.0);
        for node in nodes(function, tau, halved) {
            let value = function.value(node.y);
            let y = value * value;
            if !y.is_finite() {
                let argument = format!("{value:?} at {:?}", node.y);
                let allowed = "finite, and its square too";
                return Err(Error::domain("the activation's value", argument, allowed));
            }
            let (plain, moved) = (node.weight, node.weight * (node.z * node.z - 1.0));
            let share = plain * (1.0 + node.z * node.z) * y;
            total += share;
            if node.z.abs() > OUTERMOST {
                outer += share;
            }
            if y < ZERO {
                zero[0] += plain;
                zero[1] += moved;
            } else {
                mean[0].add(plain * y);
                mean[1].add(moved * y);
                atoms.push(Atom { y, plain, moved });
            }
        }
        if outer > LEFT_OUT * total {
            return Err(Error::Unresolved {
                quantity: "the mean square of an activation that grows so fast",
                context: format!("argument {tau:?} times a normal variable"),
            });
        }
        atoms.sort_by(|a, b| b.y.total_cmp(&a.y));
        let mut before = vec![Sums::default(); atoms.len() + 1];
        for (k, atom) in atoms.iter().enumerate() {
            before[k + 1] = before[k].with(atom);
        }
        let mut after = vec![Sums::default(); atoms.len() + 1];
        for (k, atom) in atoms.iter().enumerate().rev() {
            after[k] = after[k + 1].with(atom);
        }
        let all = after[0];
        if all.plain[1] <= 0.0 || all.plain.iter().any(|sum| !sum.is_finite()) {
            return Err(Error::Unresolved {
                quantity: "the mean square of the activation",
                context: format!("it is {:?} at {tau:?}", all.plain[1]),
            });
        }
        Ok(Self {
            zero,
            mean: mean.map(|sum| sum.value),
            atoms,
            before,
            after,
        })
    }

    /// E Y, and its derivative by log τ.
    pub fn mean(&self) -> [f64; 2] {
        self.mean
    }

    /// P(Y = 0), and its derivative by log τ.
    pub fn zero_probability(&self) -> [f64; 2] {
        self.zero
    }

    /// The transform at t.
    pub fn at(&self, t: f64) -> Point {
        let alive = 1.0 - self.zero[0];
        let linear = [t * self.mean[0], t * self.mean[1]];
        let first = self.atoms.partition_point(|atom| t * atom.y > GONE);
        let last = self.atoms.partition_point(|atom| t * atom.y > SMALL);
        let (window, small) = (&self.atoms[first..last], &self.after[last]);
        if linear[0] < 0.5 * alive {
            // e^{−x} is nothing beside x − 1 where x is large
            let large = &self.before[first];
            let beyond = |sums: &[f64; POWERS]| t * sums[1] - sums[0];
            let mut sums = [Sum::default(); 2];
            for atom in window {
                let curved = expm1mx(-t * atom.y);
                sums[0].add(atom.plain * curved);
                sums[1].add(atom.moved * curved);
            }
            let curvature = [
                sums[0].value + beyond(&large.plain) + curved_series(&small.plain, t),
                sums[1].value + beyond(&large.moved) + curved_series(&small.moved, t),
            ];
            return Point {
                unit: UnitTransform {
                    alive_probability: alive,
                    linear: linear[0],
                    alive_part: alive + curvature[0] - linear[0],
                    curvature: curvature[0],
                },
                value_moved: curvature[1] - linear[1],
                curvature_moved: curvature[1],
            };
        }
        let mut sums = [Sum::default(); 2];
        for atom in window {
            let share = (-t * atom.y).exp();
            sums[0].add(atom.plain * share);
            sums[1].add(atom.moved * share);
        }
        let series = |sums: &[f64; POWERS]| sums[0] - t * sums[1] + curved_series(sums, t);
        let alive_part = sums[0].value + series(&small.plain);
        let value_moved = sums[1].value + series(&small.moved) + self.zero[1];
        Point {
            unit: UnitTransform {
                alive_probability: alive,
                linear: linear[0],
                alive_part,
                curvature: alive_part - alive + linear[0],
            },
            value_moved,
            curvature_moved: value_moved + linear[1],
        }
    }
}

impl Sums {
    fn with(mut self, atom: &Atom) -> Self {
        let mut power = 1.0;
        for j in 0..POWERS {
            self.plain[j] += atom.plain * power;
            self.moved[j] += atom.moved * power;
            power *= atom.y;
        }
        self
    }
}

/// Sum of w (e^{−tY} − 1 + tY) for small tY, from the sums of w Yʲ.
fn curved_series(sums: &[f64; POWERS], t: f64) -> f64 {
    let terms = sums[2] / 2.0 - t * (sums[3] / 6.0 - t * sums[4] / 24.0);
    // t² may overflow
    t * (t * terms)
}
