//! E Q^p for up to 200 orthogonal units, split into the parts that belong to the edges of the law.
//!
//! For Im p > 0 far enough E[Q^p | Q>0] = Σⱼ cⱼ^p Aⱼ(p) over the edges cⱼ, where Aⱼ varies like a
//! power of p in the whole upper half plane: with L(t) = E e^{−tΣcᵢzᵢ²} at t = −1/2c, c = cⱼeᶻ,
//!
//!   Aⱼ(p) = Γ(D/2)Γ(1+p)/Γ(D/2+p) · (1/2πi) ∫ e^{pz} L dz
//!
//! along a loop around the branch point z = 0 that opens upwards (proofs-notes/depth.md). A law of
//! several layers is inverted with it: each product of such parts is integrated along the line on
//! which it falls.

use std::f64::consts::{FRAC_PI_4, PI};

use num_complex::Complex64;
use special::Gamma;

use crate::activation::{SlopeLaw, UniformSlope, same_slope};
use crate::layer_law::complex::{exp_m1, power_above};

/// Most units of which the parts keep their digits.
const MOST_WIDTH: f64 = 200.0;

/// Half the angle of the loop: its legs lie 36° off its axis. Measured: with 0.6 or 1.2 for 0.94
/// `cargo test --lib layer_law` fails.
const LOOP_ANGLE: f64 = 0.3 * PI;

/// Step of the trapezoidal rule along the loop, for a vertex at 1. Measured: with 0.2 `cargo test
/// --lib layer_law` fails.
const LOOP_STEP: f64 = 0.15;

/// A loop nearer to the real line than this encloses the other edges, where e^{pz} is negligible.
/// Measured: `cargo test --lib layer_law` passes from 0.03 to 0.4.
const LEAST_ANGLE: f64 = 0.1 * PI;

/// The loop crosses the real line of pz at this value at least; so many values up to the largest
/// are tried. Measured: with 1 `cargo test --lib layer_law` fails, with 2 and with 5 it passes.
const LEAST_VERTEX: f64 = 3.0;
const VERTICES: u32 = 10;

/// The loop stays below this Im z, half of the period of the transform.
const LOOP_TOP: f64 = 3.1;

/// The loop ends where e^{pz} has fallen to e^{−LOOP_FALL} of its value at the vertex.
const LOOP_FALL: f64 = 42.0;

/// Least |p| of the parts: the series of `log_half_step` holds from 25 on. Measured: with 20 `cargo
/// test --lib layer_law` fails.
const LEAST_POWER: f64 = 26.0;

/// Most |z| of the end of a leg, with some room below `LOOP_TOP`.
const LONGEST_LEG: f64 = 2.8;

/// The vertex lies within the reciprocal of this of the branch point, in z. Measured: with 0.7
/// `cargo test --lib layer_law` fails.
const VERTEX_WITHIN: f64 = 0.95;

/// What e^{pz} falls by from the vertex to the next branch point: to e^{−38} = 3e-17.
const FALL_TO_OTHERS: f64 = 38.0;

/// The edges of one layer's law, and what the law is made of.
#[derive(Debug, Clone)]
pub struct Edges {
    values: Vec<f64>,
    positions: Vec<f64>,
    atoms: Vec<f64>,
    slopes: SlopeLaw,
    width: f64,
    dimension: f64,
    survival_probability: f64,
}

impl Edges {
    /// For `width` units with these squared slopes on the sphere in `dimension` dimensions.
    pub(crate) fn new(
        slopes: &SlopeLaw,
        width: f64,
        dimension: f64,
        survival_probability: f64,
    ) -> Self {
        let values = slopes.edges();
        let atom = |&c: &f64| -> f64 {
            let same = slopes.atoms().find(|&(value, _)| same_slope(value, c));
            let whole = same.filter(|_| width == dimension);
            whole.map_or(0.0, |(_, weight)| weight.powf(width) / survival_probability)
        };
        Self {
            positions: values.iter().map(|c| 0.5 * c.ln()).collect(),
            atoms: values.iter().map(atom).collect(),
            values,
            slopes: slopes.clone(),
            width,
            dimension,
            survival_probability,
        }
    }

    /// The same edges with their positions moved to the left.
    pub fn shifted(mut self, by: f64) -> Self {
        self.positions.iter_mut().for_each(|x| *x -= by);
        self
    }

    /// The edges on the axis of X, the largest first.
    pub fn positions(&self) -> &[f64] {
        &self.positions
    }

    /// P(X is this edge) for each of them.
    pub fn atoms(&self) -> &[f64] {
        &self.atoms
    }

    /// Whether the parts are computed: for more than 200 units the loops are not near enough to
    /// their saddle points.
    pub fn has_parts(&self) -> bool {
        self.width <= MOST_WIDTH
    }

    /// Whether the law has no other values than its edges, because all units are alike or there is
    /// one.
    pub fn only_atoms(&self) -> bool {
        let alike = self.slopes.alive_probability() == 1.0 && self.slopes.atoms().count() == 1;
        let square = self.width == self.dimension && self.slopes.uniform().is_none();
        square && (self.width == 1.0 || alike)
    }

    /// The least Im p from which on the parts are computed: the loops are then short of the other
    /// branch points.
    pub fn lowest_power(&self) -> f64 {
        let gaps = self.values.windows(2).map(|pair| (pair[0] / pair[1]).ln());
        let gap = gaps.fold(f64::INFINITY, f64::min);
        let vertex = highest_vertex(self.width);
        // e^{pz} has fallen by FALL_TO_OTHERS from the vertex to the next branch point, and the
        // vertex itself is less than a third of the way
        let short_of_others = (3.0 * (vertex + 4.0)).max(vertex + FALL_TO_OTHERS) / gap;
        // a leg ends at |pz| = vertex + LOOP_FALL or little more: below the top
        let below_top = (vertex + LOOP_FALL) / LONGEST_LEG;
        [
            LEAST_POWER,
            below_top,
            VERTEX_WITHIN * vertex,
            short_of_others,
        ]
        .into_iter()
        .fold(0.0, f64::max)
    }

    /// Aⱼ(r/2) for every edge: E[e^{rX}] = Σⱼ e^{r xⱼ} Aⱼ(r/2).
    pub fn parts(&self, r: Complex64) -> Vec<Complex64> {
        let p = 0.5 * r;
        let log_gamma = self.log_gamma_ratio(p);
        let part = |j: usize| {
            let (integral, log_scale) = self.around(j, p);
            self.atoms[j] + (log_gamma + log_scale).exp() * integral / self.survival_probability
        };
        (0..self.values.len()).map(part).collect()
    }

    /// log of Γ(D/2)Γ(1+p)/Γ(D/2+p)·|p|^{d/2−1}.
    fn log_gamma_ratio(&self, p: Complex64) -> Complex64 {
        let half = 0.5 * self.dimension;
        let size = p.norm();
        // down to Γ(1+p)/Γ(1+p), or to Γ(1+p)/Γ(½+p)
        let (first, mut log) = if self.dimension % 2.0 == 0.0 {
            (1.0, Complex64::new(0.0, 0.0))
        } else {
            (0.5, log_half_step(p))
        };
        log += Gamma::ln_gamma(half).0 + (0.5 * self.width - 1.0) * size.ln();
        let steps = (half - first).round() as u32;
        for i in 0..steps {
            log -= (p + first + f64::from(i)).ln();
        }
        log
    }

    /// (1/2πi) ∫ e^{pz} (Lⱼ − its atom) dz around the j-th edge, times |p|^{1−d/2}: a number, and
    /// the logarithm of another to be multiplied with it.
    fn around(&self, j: usize, p: Complex64) -> (Complex64, f64) {
        let (size, angle) = p.to_polar();
        let axis = self.axis(j, PI - angle);
        let turn = Complex64::from_polar(1.0, axis - (PI - angle));
        // at pz = turn·straight, where the cut is the negative axis of straight
        let unit = |straight: Complex64| {
            let turned = Complex64::from_polar(1.0, 0.5 * (turn.arg() - angle));
            let cut_root = (straight / size).sqrt() * turned;
            self.unit_around(j, turn * straight / p, cut_root, size)
        };
        let (vertex, log_power) = self.lowest_vertex(|vertex| {
            let (atom, other) = unit(Complex64::from(vertex));
            let log_power = self.width * (atom + other).norm().ln();
            let log_rest = self.mixed(atom, other, log_power).norm().ln();
            ((turn * vertex).re + log_power + log_rest, log_power)
        });
        let log_scale = (turn * vertex).re + log_power;
        let integrand = |straight: Complex64| -> Complex64 {
            let (atom, other) = unit(straight);
            (turn * (straight - vertex)).exp() * self.mixed(atom, other, log_power)
        };
        let scale = vertex / (1.0 - LOOP_ANGLE.sin());
        let h = LOOP_STEP / vertex.sqrt();
        let (sin, cos) = LOOP_ANGLE.sin_cos();
        let mut sum = Complex64::new(0.0, 0.0);
        for leg in [1.0, -1.0] {
            for k in u32::from(leg < 0.0).. {
                let u = leg * h * f64::from(k);
                let (sinh, cosh) = (u.sinh(), u.cosh());
                let straight = scale * Complex64::new(1.0 - sin * cosh, cos * sinh);
                let zeta = turn * straight;
                if zeta.re < vertex - LOOP_FALL || (zeta / p).im > LOOP_TOP {
                    break;
                }
                let speed = scale * Complex64::new(-sin * sinh, cos * cosh);
                sum += integrand(straight) * speed;
            }
        }
        // dz = turn·speed du/p, of which 1/|p| is in the factor taken out
        let direction = turn * Complex64::from_polar(1.0, -angle);
        let phase = Complex64::from_polar(1.0, (turn * vertex).im);
        let integral = sum * direction * phase * h / Complex64::new(0.0, 2.0 * PI);
        (integral, log_scale)
    }

    /// Near the saddle point, so that nothing cancels: where the integrand is least between the
    /// branch point and the saddle point of e^ζ ζ^{−d/2}. `log_size` gives its logarithm and the
    /// part of it to be passed on.
    fn lowest_vertex(&self, log_size: impl Fn(f64) -> (f64, f64)) -> (f64, f64) {
        let most = highest_vertex(self.width);
        let ratio = LEAST_VERTEX / most;
        let candidates = (0..VERTICES).map(|i| {
            let vertex = most * ratio.powf(f64::from(i) / f64::from(VERTICES - 1));
            let (log, part) = log_size(vertex);
            (log, vertex, part)
        });
        let lowest = candidates.reduce(|a, b| if b.0 < a.0 { b } else { a });
        lowest.map_or((most, 0.0), |(_, vertex, part)| (vertex, part))
    }

    /// (a + b)ᵈ − aᵈ over e^{`log_power`}, a the part of one unit at the edge whose power is the
    /// atom.
    fn mixed(&self, atom: Complex64, other: Complex64, log_power: f64) -> Complex64 {
        let shrink = (-log_power / self.width).exp();
        power_above(atom * shrink, other * shrink, self.width)
    }

    /// The direction in which the loop around the j-th edge opens: steepest descent, but turned
    /// away from the real line where other edges lie on it.
    fn axis(&self, j: usize, steepest: f64) -> f64 {
        let least = if j == 0 || steepest < LEAST_ANGLE {
            0.0
        } else {
            FRAC_PI_4
        };
        let smallest = j + 1 == self.values.len();
        let most = if smallest || steepest > PI - LEAST_ANGLE {
            PI
        } else {
            3.0 * FRAC_PI_4
        };
        steepest.clamp(least, most)
    }

    /// E (1−c_i/c)^{−1/2} for one unit at c = cⱼeᶻ on the sheet of the loop around cⱼ, times
    /// |p|^{−1/2}, in two parts: the slopes whose d-th power is the atom, and the others.
    /// `cut_root` is √z with its cut along the loop's axis.
    fn unit_around(
        &self,
        j: usize,
        z: Complex64,
        cut_root: Complex64,
        size: f64,
    ) -> (Complex64, Complex64) {
        let fall = exp_m1(-z);
        let own = cut_root * (-fall / z).sqrt();
        // √(1 − b/c)
        let root = |b: f64| -> Complex64 {
            let ratio = b / self.values[j];
            if same_slope(b, self.values[j]) {
                own
            } else if ratio > 1.0 {
                Complex64::new(0.0, -1.0) * (ratio - 1.0 + ratio * fall).sqrt()
            } else {
                (1.0 - ratio - ratio * fall).sqrt()
            }
        };
        let shrink = size.sqrt().recip();
        let (mut atom, mut other) = (Complex64::new(0.0, 0.0), Complex64::new(0.0, 0.0));
        other += (1.0 - self.slopes.alive_probability()) * shrink;
        for (c, weight) in self.slopes.atoms() {
            let term = weight * shrink / root(c);
            if self.width == self.dimension && same_slope(c, self.values[j]) {
                atom += term;
            } else {
                other += term;
            }
        }
        if let Some(u) = self.slopes.uniform() {
            other += shrink * self.uniform_unit(u, j, z, &root);
        }
        (atom, other)
    }

    /// E[(1−A²/c)^{−1/2}] of the uniform slope A, times its probability.
    fn uniform_unit(
        &self,
        u: UniformSlope,
        j: usize,
        z: Complex64,
        root: &impl Fn(f64) -> Complex64,
    ) -> Complex64 {
        let i = Complex64::new(0.0, 1.0);
        let scale = self.values[j].sqrt() * (0.5 * z).exp();
        let arcsine = |b: f64| -> Complex64 {
            if b == 0.0 {
                return Complex64::new(0.0, 0.0);
            }
            let (cos, turned) = (root(b * b), i * b / scale);
            let (plus, minus) = (cos + turned, cos - turned);
            if plus.norm() > minus.norm() {
                -i * plus.ln()
            } else {
                i * minus.ln()
            }
        };
        let arcs = u.magnitudes().map(|(a, b)| arcsine(b) - arcsine(a));
        u.weight / (u.upper - u.lower) * scale * arcs.sum::<Complex64>()
    }
}

/// Where the loop crosses the real line of pz at most: near the saddle point of e^ζ ζ^{−d/2}.
fn highest_vertex(width: f64) -> f64 {
    0.5 * width + LEAST_VERTEX
}

/// log Γ(1+p)/Γ(½+p) for |p| > 25, not near the negative axis: the series in powers of 1/(p+¼)².
fn log_half_step(p: Complex64) -> Complex64 {
    let z = p + 0.25;
    let square = 1.0 / (z * z);
    // −2E₂ₙ/(2n·4^{2n+1}), E₂ₙ Euler's numbers −1, 5, −61, 1385
    let series = [
        1.0 / 64.0,
        -10.0 / (4.0 * 1024.0),
        122.0 / (6.0 * 16_384.0),
        -2770.0 / (8.0 * 262_144.0),
    ];
    let sum = series
        .iter()
        .rev()
        .fold(Complex64::new(0.0, 0.0), |sum, c| (sum + c) * square);
    0.5 * z.ln() + sum
}
