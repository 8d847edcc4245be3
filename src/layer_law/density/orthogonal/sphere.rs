//! The density of Q for orthogonal units between the edges of its law, to full relative accuracy
//! however small it is.
//!
//! With e(c) = 1 − q/c, z standard normal in D dimensions and Q = Σ cᵢzᵢ²/|z|² it is
//!
//! f(q) = (D−2)/(2q) · (1/2πi) ∫ σ^{−(D−d)/2} (E[√(q/c)·(1 − e(c)σ)^{−1/2}; c>0] +
//! P(c=0)·σ^{−1/2})ᵈ dσ
//!
//! along a vertical line between the branch points 1/e(c) (proofs-notes/depth.md).

use num_complex::Complex64;

use crate::activation::{SlopeLaw, same_slope};
use crate::layer_law::complex::{ln_1p, power_above};
use crate::layer_law::density::saddle::path_sum;
use crate::layer_law::transform::Transform;

/// Step of the trapezoidal rule in u along the path σ₀ + iw·sinh(u), and its most terms: a bell of
/// width w keeps falling for |Im u| < π/4, and e^{−2π·(π/4)/0.12} = e^{−41}; for |Im u| = η,
/// σ^{−D/2} grows by up to |cos η|^{−D/2}, and e^{−2πη/h + Dη²/4} with h = 0.97/√D is at best
/// e^{−42}.
const PATH_STEP: f64 = 0.12;
const PATH_STEP_ROOT: f64 = 0.97;
const MOST_PATH_NODES: u32 = 2000;

/// Steps of the golden section that looks for the saddle point, at most: 0.618²⁴ = 1e-5.
const GOLDEN_STEPS: usize = 24;

/// Q = Σ cᵢzᵢ²/|z|² of orthogonal units, z standard normal in `dimension` dimensions: neither the
/// slopes' gain nor the weights' σ is in it, so that its values lie in 0 … 1.
#[derive(Debug)]
pub(super) struct Sphere {
    pub slopes: SlopeLaw,
    /// The edges, the largest first; it is 1.
    pub values: Vec<f64>,
    pub width: f64,
    dimension: f64,
    pub survival_probability: f64,
}

/// A value of Q as seen from the edges: e(c) for each.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub q: f64,
    pub from: Vec<f64>,
}

/// σ on the path, and what would cancel if it were computed from it.
#[derive(Debug)]
struct PathPoint {
    sigma: Complex64,
    /// 1 − σ.
    rest: Complex64,
    /// 1 − e(c)σ for the largest edge, whose branch point is the right one, and for the smallest.
    from_right: Complex64,
    from_left: Complex64,
}

impl Sphere {
    pub fn new(transform: &Transform, dimension: f64) -> Self {
        let slopes = transform.slopes().merged();
        Self {
            values: slopes.edges(),
            slopes,
            width: transform.width(),
            dimension,
            survival_probability: transform.survival_probability(),
        }
    }

    /// P(c = 0) of one unit.
    pub fn unit_dead_probability(&self) -> f64 {
        1.0 - self.slopes.alive_probability()
    }

    /// Whether Q can be arbitrarily small without being 0.
    pub fn reaches_zero(&self) -> bool {
        self.unit_dead_probability() > 0.0
            || self.dimension > self.width
            || self.slopes.infimum() == 0.0
    }

    /// q = below·lower + above·upper with upper + lower = 1.
    pub fn place(&self, index: usize, upper: f64, lower: f64) -> Place {
        let above = self.values[index];
        let below = self.values.get(index + 1).copied().unwrap_or(0.0);
        let q = below + (above - below) * upper;
        let from = self.values.iter().enumerate().map(|(i, &c)| {
            if i == index {
                (above - below) / above * lower
            } else if i == index + 1 {
                -(above - below) / below * upper
            } else {
                1.0 - q / c
            }
        });
        Place {
            q,
            from: from.collect(),
        }
    }

    /// Which edge a squared slope is, if it is one.
    fn edge_near(&self, value: f64) -> Option<usize> {
        self.values.iter().position(|&c| same_slope(c, value))
    }

    /// e(c) of a squared slope, −∞ if it is no edge.
    fn distance_from(&self, place: &Place, value: f64) -> f64 {
        let index = self.edge_near(value);
        index.map_or(f64::NEG_INFINITY, |i| place.from[i])
    }

    /// The density of Q, without its atoms and not yet given Q > 0, and the logit of the saddle
    /// point.
    pub fn density(&self, place: &Place, guess: f64) -> (f64, f64) {
        match self.dimension {
            1.0 => (self.density_in_one_dimension(place), guess),
            2.0 => (self.density_on_circle(place), guess),
            _ => self.density_along_path(place, guess),
        }
    }

    /// The slope itself.
    fn density_in_one_dimension(&self, place: &Place) -> f64 {
        self.slopes.uniform().map_or(0.0, |u| {
            let inside = |(a, b): &(f64, f64)| a * a < place.q && place.q < b * b;
            let times = u.magnitudes().filter(inside).count() as f64;
            times * u.weight / (2.0 * place.q.sqrt() * (u.upper - u.lower))
        })
    }

    /// −Im(E[(1−c/q)^{−1/2}]ᵈ)/πq, q from above the cut.
    fn density_on_circle(&self, place: &Place) -> f64 {
        let mut unit = Complex64::new(self.unit_dead_probability(), 0.0);
        for (c, weight) in self.slopes.atoms() {
            let e = self.distance_from(place, c);
            let size = weight * (place.q / (c * e.abs())).sqrt();
            unit += if e < 0.0 {
                Complex64::new(size, 0.0)
            } else {
                Complex64::new(0.0, -size)
            };
        }
        if let Some(u) = self.slopes.uniform() {
            let angle = |b: f64| -> Complex64 {
                let e = self.distance_from(place, b * b);
                if b == 0.0 {
                    Complex64::new(0.0, 0.0)
                } else if e < 0.0 {
                    Complex64::new(1.0_f64.atan2((-e).sqrt()), 0.0)
                } else {
                    // artanh √e, also for e next to 1
                    let artanh = e.sqrt().ln_1p() - 0.5 * (place.q / (b * b)).ln();
                    Complex64::new(std::f64::consts::FRAC_PI_2, -artanh)
                }
            };
            let angles = u.magnitudes().map(|(a, b)| angle(b) - angle(a));
            unit += u.weight * place.q.sqrt() / (u.upper - u.lower) * angles.sum::<Complex64>();
        }
        let power = unit.powi(self.width as i32);
        (-power.im / (std::f64::consts::PI * place.q)).max(0.0)
    }

    fn density_along_path(&self, place: &Place, guess: f64) -> (f64, f64) {
        let right = 1.0 / place.from[0];
        let left = if self.reaches_zero() {
            0.0
        } else {
            1.0 / place.from[place.from.len() - 1]
        };
        let (first, last) = (place.from[0], place.from[place.from.len() - 1]);
        let shares = |logit: f64| (1.0 / (1.0 + logit.exp()), 1.0 / (1.0 + (-logit).exp()));
        let right_excess = place.q / self.values[0] / first;
        let point = |logit: f64, height: f64| {
            let (low, high) = shares(logit);
            let rest = (1.0 - left) * low - right_excess * high;
            PathPoint {
                sigma: Complex64::new(left * low + right * high, height),
                rest: Complex64::new(rest, -height),
                from_right: Complex64::new(low * (1.0 - first * left), -first * height),
                from_left: Complex64::new(high * (1.0 - last * right), -last * height),
            }
        };
        let log_size = |logit: f64| self.log_kernel(place, &point(logit, 0.0));
        let logit = lowest(log_size, guess);
        // the powers of many units leave the range of a double
        let log_scale = log_size(logit);
        let at_height = |height: f64| {
            let (alike, other) = self.unit_parts(place, &point(logit, height));
            self.mixed(alike, other, log_scale)
        };
        let top = at_height(0.0).re;
        // the width of the saddle within a factor of 2, and less than the distance of the branch
        // points
        let (low, high) = shares(logit);
        let mut width = (right - left) * low.min(high);
        for _ in 0..20 {
            if at_height(width).re > 0.3 * top {
                break;
            }
            width *= 0.5;
        }
        let step = PATH_STEP.min(PATH_STEP_ROOT / self.dimension.sqrt());
        let sum = path_sum(top, MOST_PATH_NODES, |k| {
            let u = step * f64::from(k);
            at_height(width * u.sinh()) * u.cosh()
        });
        let factor = (self.dimension - 2.0) / (2.0 * std::f64::consts::PI * place.q);
        let density = factor * sum * width * step * log_scale.exp();
        (density.max(0.0), logit)
    }

    /// log of the integrand at a point of the real line; infinite where rounding leaves nothing of
    /// it.
    fn log_kernel(&self, place: &Place, point: &PathPoint) -> f64 {
        let (alike, other) = self.unit_parts(place, point);
        let total: Complex64 = alike.iter().sum::<Complex64>() + other;
        let log_scale = self.width * total.norm().ln();
        let log = log_scale + self.mixed(alike, other, log_scale).re.ln();
        if log.is_nan() { f64::INFINITY } else { log }
    }

    /// The integrand over e^{`log_scale`}: all combinations of slopes but those of the atoms, which
    /// do not contribute.
    fn mixed(&self, alike: [Complex64; 3], other: Complex64, log_scale: f64) -> Complex64 {
        let shrink = (-log_scale / self.width).exp();
        let [dead, first, second] = alike.map(|term| term * shrink);
        let other = other * shrink;
        if self.dimension > self.width {
            mixed_power([dead], first + second + other, self.width)
        } else {
            mixed_power([dead, first, second], other, self.width)
        }
    }

    /// What one unit contributes: when it is dead, for each atom of its slope, and for the others.
    fn unit_parts(&self, place: &Place, point: &PathPoint) -> ([Complex64; 3], Complex64) {
        let sigma = point.sigma;
        // √(1 − e(c)σ), also next to the branch points and where e and σ are next to 1
        let root = |c: f64| {
            let index = self.edge_near(c);
            let e = index.map_or(f64::NEG_INFINITY, |i| place.from[i]);
            let square = if index == Some(0) {
                point.from_right
            } else if index == Some(self.values.len() - 1) && !self.reaches_zero() {
                point.from_left
            } else if e > 0.5 {
                place.q / c + e * point.rest
            } else {
                1.0 - e * sigma
            };
            square.sqrt()
        };
        let mut alike = [Complex64::new(0.0, 0.0); 3];
        if self.unit_dead_probability() > 0.0 {
            alike[0] = self.unit_dead_probability() / sigma.sqrt();
        }
        for (term, (c, weight)) in alike[1..].iter_mut().zip(self.slopes.atoms()) {
            *term = weight * (place.q / c).sqrt() / root(c);
        }
        let mut other = Complex64::new(0.0, 0.0);
        if let Some(u) = self.slopes.uniform() {
            let scaled = |b: f64| {
                if b == 0.0 {
                    (place.q * sigma).sqrt()
                } else {
                    b * root(b * b)
                }
            };
            let r = point.rest.sqrt();
            let parts = u.magnitudes().map(|(a, b)| {
                let (at_a, at_b) = (scaled(a), scaled(b));
                let z = (b - a) * (1.0 + (a + b) * r / (at_a + at_b)) / (a * r + at_a);
                log_over(z, r)
            });
            let factor = u.weight * place.q.sqrt() / (u.upper - u.lower);
            other += factor * parts.sum::<Complex64>();
        }
        // its share of the factor of the coordinates that are no units
        let outside = sigma.powf(-0.5 * (self.dimension / self.width - 1.0));
        (alike.map(|term| term * outside), other * outside)
    }
}

/// (Σaᵢ + b)ⁿ − Σaᵢⁿ.
fn mixed_power<const N: usize>(alike: [Complex64; N], other: Complex64, n: f64) -> Complex64 {
    let largest = (0..N).max_by(|&i, &j| alike[i].norm().total_cmp(&alike[j].norm()));
    let largest = largest.unwrap_or(0);
    let rest = alike.iter().enumerate().filter(|(i, _)| *i != largest);
    let (sum, powers) = rest.fold(
        (other, Complex64::new(0.0, 0.0)),
        |(sum, powers), (_, a)| (sum + a, powers + a.powi(n as i32)),
    );
    power_above(alike[largest], sum, n) - powers
}

/// log(1 + rz)/r, also for small r.
fn log_over(z: Complex64, r: Complex64) -> Complex64 {
    let product = r * z;
    if product.norm() < 1e-9 {
        z * (1.0 - 0.5 * product)
    } else {
        ln_1p(product) / r
    }
}

/// Where a function that falls and then rises is least, near `guess`: a bracket is found, and the
/// golden section. Far from 0 the function may be flat up to rounding: ties lead towards 0.
fn lowest(f: impl Fn(f64) -> f64, guess: f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_8;
    const FARTHEST: f64 = 300.0;
    let (mut best, mut reach) = (guess.clamp(-FARTHEST, FARTHEST), 1.0);
    let mut least = f(best);
    let right = f(best + reach);
    let towards_right = if best < 0.0 {
        right <= least
    } else {
        right < least
    };
    let side = if towards_right { 1.0 } else { -1.0 };
    let mut before = best - side * reach;
    loop {
        let next = best + side * reach;
        let value = f(next);
        let tie = value == least && side * best < 0.0;
        if !(value < least || tie) || next.abs() > FARTHEST {
            break;
        }
        (before, best, least) = (best, next, value);
        reach *= 2.0;
    }
    let after = best + side * reach;
    let (mut low, mut high) = (before.min(after), before.max(after));
    let mut inner = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    let mut values = inner.map(&f);
    for _ in 0..GOLDEN_STEPS {
        if high - low < 0.02 {
            break;
        }
        if values[0] < values[1] {
            high = inner[1];
            inner = [high - GOLDEN * (high - low), inner[0]];
            values = [f(inner[0]), values[0]];
        } else {
            low = inner[0];
            inner = [inner[1], low + GOLDEN * (high - low)];
            values = [values[1], f(inner[1])];
        }
    }
    0.5 * (low + high)
}
