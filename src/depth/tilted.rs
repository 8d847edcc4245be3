//! The exponentially tilted law of one layer's log-norm: its cumulant function, and its
//! characteristic function to full relative accuracy near 0, where powers of it are taken.

use num_complex::Complex64;

use crate::layer_law::{Edges, LogDensity};
use crate::special::expm1mx;

/// Share of a tilted law at the ends of the lattice from which on the tilt is too strong for it.
const SHARE_AT_END: f64 = 1e-17;

/// So many times the share without a tilt is allowed where that is larger: there the law itself
/// ends.
const MORE_AT_END: f64 = 100.0;

/// The left tail of a tilted law falls at least at this share of the rate without a tilt: nearer to
/// the pole the Fourier integral would need too many frequencies.
const LEAST_FALL: f64 = 0.1;

/// Nodes of a tilted law with less mass are left out, where they need not be a lattice.
const LEAST_MASS: f64 = 1e-24;

/// Largest tilt towards an edge of the law, times the law's span: nodes are rounded to doubles.
const TOWARDS_EDGE: f64 = 1e6;

/// The law of Y = X − E X, X = ½ log Q given Q > 0, on nodes, with a tail falling like e^{rate·y}.
/// The nodes are a lattice unless the law has edges.
#[derive(Debug, Clone)]
pub(super) struct Centered {
    nodes: Vec<f64>,
    masses: Vec<f64>,
    step: f64,
    rate: f64,
    edges: Option<Edges>,
    /// E X.
    center: f64,
}

/// The law with density e^{θy − Λ(θ)} times that of Y, centered at its own mean.
#[derive(Debug, Clone)]
pub(super) struct Tilted {
    pub theta: f64,
    /// Λ(θ) = log E e^{θY}.
    pub log_mgf: f64,
    /// Λ′(θ) and Λ″(θ).
    pub mean: f64,
    pub variance: f64,
    law: Centered,
    lattice: bool,
}

impl Centered {
    pub fn new(density: LogDensity) -> Self {
        let law = Self {
            nodes: density.nodes,
            step: density.step,
            rate: density.rate,
            masses: density.masses,
            edges: density.edges,
            center: 0.0,
        };
        let mean = law.mean();
        law.shifted(mean)
    }

    /// E X.
    pub fn center(&self) -> f64 {
        self.center
    }

    /// The distance of the nodes where they lie farthest apart: to the left of all edges.
    pub fn node_distance(&self) -> f64 {
        self.step
    }

    /// Where the law is singular, if anywhere.
    pub fn edges(&self) -> Option<&Edges> {
        self.edges.as_ref()
    }

    /// Least and largest value of Y, if the nodes reach them: edges where the law ends.
    pub fn ends(&self) -> (Option<f64>, Option<f64>) {
        let positions = self.edges.iter().flat_map(|edges| edges.positions());
        let close = |end: f64| {
            let near = |x: f64| (x - end).abs() <= 1e-15 * (1.0 + x.abs());
            positions.clone().copied().find(|&x| near(x))
        };
        let (first, last) = (self.nodes[0], self.nodes[self.nodes.len() - 1]);
        let left = Some(first).filter(|_| self.rate.is_infinite());
        (left.and_then(close), close(last))
    }

    fn shifted(mut self, by: f64) -> Self {
        for node in &mut self.nodes {
            *node -= by;
        }
        self.edges = self.edges.map(|edges| edges.shifted(by));
        self.center += by;
        self
    }

    /// Σ_{j≥1} (mass of the j-th node left of the first)·{1, y, y²}.
    fn left(&self) -> [f64; 3] {
        if self.rate.is_infinite() {
            return [0.0; 3];
        }
        let r = (-self.rate * self.step).exp();
        let rest = -(-self.rate * self.step).exp_m1();
        let (zeroth, first) = (r / rest, r / (rest * rest));
        let second = r * (1.0 + r) / (rest * rest * rest);
        let (y, h) = (self.nodes[0], self.step);
        [
            zeroth,
            y * zeroth - h * first,
            y * y * zeroth - 2.0 * y * h * first + h * h * second,
        ]
        .map(|sum| sum * self.masses[0])
    }

    fn pairs(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.nodes.iter().copied().zip(self.masses.iter().copied())
    }

    fn mean(&self) -> f64 {
        self.pairs().map(|(y, m)| y * m).sum::<f64>() + self.left()[1]
    }

    /// E Y².
    pub fn variance(&self) -> f64 {
        self.pairs().map(|(y, m)| y * y * m).sum::<f64>() + self.left()[2]
    }

    /// E|Y|³.
    pub fn third_absolute_moment(&self) -> f64 {
        let cube = |(y, m): (f64, f64)| y.abs().powi(3) * m;
        let beyond = (1..10_000).map(|j| {
            let fall = (-self.rate * self.step * f64::from(j)).exp();
            (
                self.nodes[0] - self.step * f64::from(j),
                self.masses[0] * fall,
            )
        });
        self.pairs().map(cube).sum::<f64>() + beyond.map(cube).sum::<f64>()
    }

    /// Frequencies above say nothing: the characteristic function of a lattice is periodic, and
    /// other nodes are too far apart.
    pub fn highest_frequency(&self) -> f64 {
        let few = self.edges.as_ref().map(|edges| 2.0 * edges.lowest_power());
        few.unwrap_or(std::f64::consts::PI / self.step)
    }

    /// First node, step and masses of the same law on every n-th node, n as large as `largest_step`
    /// allows, with the exponential tail written out down to a share of `least` of the largest
    /// mass.
    pub fn coarser(&self, largest_step: f64, least: f64) -> (f64, f64, Vec<f64>) {
        let every = ((largest_step / self.step) as usize).max(1);
        let step = self.step * every as f64;
        let mut masses: Vec<f64> = self.masses.iter().step_by(every).copied().collect();
        let largest = masses.iter().copied().fold(0.0, f64::max);
        let mut beyond = Vec::new();
        if self.rate.is_finite() {
            let fall = (-self.rate * step).exp();
            let tail = std::iter::successors(Some(masses[0] * fall), |mass| Some(mass * fall));
            beyond.extend(tail.take_while(|&mass| mass > least * largest));
        }
        let start = self.nodes[0] - step * beyond.len() as f64;
        beyond.reverse();
        beyond.append(&mut masses);
        beyond.iter_mut().for_each(|mass| *mass *= every as f64);
        (start, step, beyond)
    }

    /// How fast the density falls to the left, per unit: tilts are above minus this.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Tilts outside certainly reach beyond the lattice, whose masses are above e^{−400}.
    pub fn possible_tilts(&self) -> (f64, f64) {
        let (first, last) = (self.nodes[0], self.nodes[self.nodes.len() - 1]);
        if self.edges.is_some() {
            let farthest = TOWARDS_EDGE / (last - first);
            return ((-farthest).max(-self.rate), farthest);
        }
        ((400.0 / first).max(-self.rate), 400.0 / last)
    }

    /// The tilted law, `None` where it reaches beyond the lattice.
    pub fn tilted(&self, theta: f64) -> Option<Tilted> {
        let rate = self.rate + theta;
        if rate < LEAST_FALL * self.rate {
            return None;
        }
        let (first, last) = (self.nodes[0], self.nodes[self.nodes.len() - 1]);
        let mass_left = {
            let tilted = Self {
                rate,
                nodes: vec![first],
                masses: vec![self.masses[0] * (theta * first).exp()],
                step: self.step,
                edges: None,
                center: 0.0,
            };
            tilted.left()[0]
        };
        let log_mgf = if theta.abs() * (last - first) < 500.0 {
            // E e^{θY} − 1 = E[e^{θY} − 1 − θY], as E Y = 0
            let [plain, linear, _] = self.left();
            let pairs = self.pairs().map(|(y, m)| m * expm1mx(theta * y));
            (pairs.sum::<f64>() + (mass_left - plain - theta * linear)).ln_1p()
        } else {
            let top = if theta > 0.0 { last } else { first };
            let pairs = self.pairs().map(|(y, m)| m * (theta * (y - top)).exp());
            (pairs.sum::<f64>() + mass_left * (-theta * top).exp()).ln() + theta * top
        };
        let (left_end, right_end) = self.ends();
        let share = |mass: f64, y: f64| {
            mass * (theta * y - log_mgf).exp() > SHARE_AT_END.max(MORE_AT_END * mass)
        };
        let reaches_right = right_end.is_none() && share(self.masses[self.masses.len() - 1], last);
        let open_left = self.rate.is_infinite() && left_end.is_none();
        let reaches_left = open_left && share(self.masses[0], first);
        if !log_mgf.is_finite() || reaches_right || reaches_left {
            return None;
        }
        let tilted = self
            .pairs()
            .map(|(y, m)| (y, m * (theta * y - log_mgf).exp()));
        let mut pairs: Vec<(f64, f64)> = tilted.collect();
        if self.edges.is_some() {
            // the first node carries the tail to its left
            let first = pairs[0];
            pairs.retain(|pair| pair.1 > LEAST_MASS || *pair == first);
        }
        let (nodes, masses) = pairs.into_iter().unzip();
        let law = Self {
            nodes,
            masses,
            step: self.step,
            rate,
            edges: None,
            center: 0.0,
        };
        let mean = law.mean();
        let law = law.shifted(mean);
        Some(Tilted {
            theta,
            log_mgf,
            mean,
            variance: law.variance(),
            lattice: self.edges.is_none(),
            law,
        })
    }
}

impl Tilted {
    /// log E e^{iξ(Y − mean)} under the tilted law, absolute error about 1e-15.
    pub fn log_characteristic(&self, xi: f64) -> Complex64 {
        let law = &self.law;
        if !self.lattice {
            let pairs = law.pairs().map(|(y, m)| Complex64::from_polar(m, xi * y));
            let first = Complex64::from_polar(1.0, xi * law.nodes[0]);
            return (pairs.sum::<Complex64>() + first * self.left_turned(xi)).ln();
        }
        let turn = Complex64::from_polar(1.0, xi * law.step);
        let nodes = law.masses.iter().rev();
        let sum = nodes.fold(Complex64::new(0.0, 0.0), |sum, mass| sum * turn + mass);
        (Complex64::from_polar(1.0, xi * law.nodes[0]) * (sum + self.left_turned(xi))).ln()
    }

    /// The same to full relative accuracy for small ξ, for many layers.
    pub fn small_log_characteristic(&self, xi: f64) -> Complex64 {
        let law = &self.law;
        let mut below_one = Complex64::new(0.0, 0.0);
        for (y, m) in law.pairs() {
            below_one += m * turn_minus_linear(xi * y);
        }
        let [plain, linear, _] = law.left();
        let turned = Complex64::from_polar(1.0, xi * law.nodes[0]) * self.left_turned(xi);
        below_one += turned - plain - Complex64::new(0.0, xi * linear);
        let modulus = 0.5 * (2.0 * below_one.re + below_one.norm_sqr()).ln_1p();
        Complex64::new(modulus, below_one.im.atan2(1.0 + below_one.re))
    }

    /// Σ_{j≥1} (mass of the j-th node left of the first)·e^{−iξjh}.
    fn left_turned(&self, xi: f64) -> Complex64 {
        if self.law.rate.is_infinite() {
            return Complex64::new(0.0, 0.0);
        }
        let ratio = (-Complex64::new(self.law.rate, xi) * self.law.step).exp();
        self.law.masses[0] * ratio / (1.0 - ratio)
    }
}

/// e^{iu} − 1 − iu.
fn turn_minus_linear(u: f64) -> Complex64 {
    let half = (0.5 * u).sin();
    let imaginary = if u.abs() < 0.5 {
        let square = u * u;
        let series = [272.0, 210.0, 156.0, 110.0, 72.0, 42.0, 20.0];
        let inner = series.iter().fold(1.0, |inner, n| 1.0 - square / n * inner);
        -u * square / 6.0 * inner
    } else {
        u.sin() - u
    };
    Complex64::new(-2.0 * half * half, imaginary)
}

#[cfg(test)]
mod tests {
    use crate::{Activation, DepthLaw, LayerLaw};

    /// Against an integral over the mixture of chi laws with mpmath, and the normal law's 2√(2/π).
    #[test]
    fn third_absolute_moments() {
        for (width, exact) in [(16, 1.987_619_5), (1 << 40, 1.595_769_1)] {
            let layer = LayerLaw::new(Activation::Relu, width).unwrap();
            let found = DepthLaw::new(&layer, 1.0, 1).unwrap().step_roughness();
            approx::assert_relative_eq!(found, exact, max_relative = 1e-3);
        }
    }
}
