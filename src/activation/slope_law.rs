//! The law of c, the squared slope of one unit, scaled so that its largest value is 1.

use crate::activation::{Activation, Dropout};

/// Relative difference of two edges that are one.
const SAME: f64 = 1e-14;

/// A bound of a uniform slope that is so small a share of the other counts as 0: the slope lies
/// between it and 0 with that probability, and its square must not underflow.
const NEGLIGIBLE: f64 = 1e-100;

/// Whether two squared slopes are one but for rounding.
pub(crate) fn same_slope(a: f64, b: f64) -> bool {
    (a - b).abs() <= 2.0 * SAME * b
}

/// Bounds of a slope that is uniform on an interval, and that event's probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct UniformSlope {
    pub lower: f64,
    pub upper: f64,
    pub weight: f64,
}

impl UniformSlope {
    /// The intervals over which |A| runs, with the density 1/(u−l) on each.
    pub fn magnitudes(&self) -> impl Iterator<Item = (f64, f64)> {
        let (l, u) = (self.lower, self.upper);
        let parts = if l * u < 0.0 {
            [(0.0, u), (0.0, -l)]
        } else {
            let (a, b) = (l.abs(), u.abs());
            [(a.min(b), a.max(b)), (0.0, 0.0)]
        };
        parts.into_iter().filter(|(a, b)| b > a)
    }

    /// (2k+1) E[A^{2k}] for k = 1, 2, …: u^{2k} + u^{2k−1}l + … + l^{2k}, the quotient of
    /// u^{2k+1} − l^{2k+1} and u − l without its cancellation.
    pub fn power_sums(self) -> impl Iterator<Item = f64> {
        let (upper, lower) = (self.upper * self.upper, self.lower * self.lower);
        // the two terms that u² times the sum before lacks
        let (mut sum, mut last) = (1.0, self.lower * (self.upper + self.lower));
        std::iter::repeat_with(move || {
            sum = sum * upper + last;
            last *= lower;
            sum
        })
    }

    /// E A² given that the slope is the uniform one.
    pub fn mean_square(self) -> f64 {
        (self.upper * self.upper + self.lower * (self.upper + self.lower)) / 3.0
    }
}

/// c is `scale` times: 0 with probability 1 − alive_probability, each of the atoms with its
/// weight, and the square of the uniform slope with its weight. The largest
/// value is 1, so that no square overflows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SlopeLaw {
    /// (value, weight), the first value being 1 unless a slope exceeds 1.
    atoms: [(f64, f64); 2],
    uniform: Option<UniformSlope>,
    /// P(c > 0).
    alive_probability: f64,
    /// Square root of the factor taken out of c.
    gain: f64,
}

impl SlopeLaw {
    /// The law for an activation (already validated) under a dropout mask.
    pub fn new(activation: Activation, dropout: Dropout) -> Self {
        let q = dropout.keep();
        let half = 0.5 * q;
        let mut law = Self {
            atoms: [(1.0, q), (0.0, 0.0)],
            uniform: None,
            alive_probability: q,
            gain: dropout.gain(),
        };
        match activation {
            Activation::Linear => {}
            Activation::LeakyRelu { slope } if slope.abs() == 1.0 => {}
            Activation::Relu => law.make_relu(half),
            Activation::LeakyRelu { slope: 0.0 } => law.make_relu(half),
            Activation::LeakyRelu { slope } => law.make_leaky(slope, half),
            Activation::RandomizedLeakyRelu { lower, upper } if lower == upper => {
                return Self::new(Activation::LeakyRelu { slope: lower }, dropout);
            }
            Activation::RandomizedLeakyRelu { lower, upper } => {
                let largest = lower.abs().max(upper.abs()).max(1.0);
                law.atoms = [(1.0 / (largest * largest), half), (0.0, 0.0)];
                let least = NEGLIGIBLE * lower.abs().max(upper.abs());
                let bound = |x: f64| if x.abs() < least { 0.0 } else { x / largest };
                law.uniform = Some(UniformSlope {
                    lower: bound(lower),
                    upper: bound(upper),
                    weight: half,
                });
                law.gain *= largest;
            }
        }
        law
    }

    fn make_relu(&mut self, half: f64) {
        self.atoms = [(1.0, half), (0.0, 0.0)];
        self.alive_probability = half;
    }

    fn make_leaky(&mut self, slope: f64, half: f64) {
        let size = slope.abs();
        let smaller = if size > 1.0 { 1.0 / size } else { size };
        self.atoms = [(1.0, half), (smaller * smaller, half)];
        if size > 1.0 {
            self.gain *= size;
        }
    }

    /// (value, weight) of each atom.
    pub fn atoms(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.atoms.iter().copied().filter(|atom| atom.1 > 0.0)
    }

    /// The part of the law that is not atoms.
    pub fn uniform(&self) -> Option<UniformSlope> {
        self.uniform
    }

    /// P(c > 0).
    pub fn alive_probability(&self) -> f64 {
        self.alive_probability
    }

    /// The square root of the factor taken out of c: the norm of a layer's output scales with it.
    pub fn gain(&self) -> f64 {
        self.gain
    }

    /// E c of the scaled law.
    pub fn mean(&self) -> f64 {
        let atoms: f64 = self.atoms().map(|(c, weight)| weight * c).sum();
        atoms + self.uniform.map_or(0.0, |u| u.weight * u.mean_square())
    }

    /// 1, E c, E c², …, E c^{N−1} of the scaled law.
    pub fn moments<const N: usize>(&self) -> [f64; N] {
        let mut moments = [0.0; N];
        moments[0] = 1.0;
        for (c, weight) in self.atoms() {
            let mut power = weight;
            for moment in moments.iter_mut().skip(1) {
                power *= c;
                *moment += power;
            }
        }
        if let Some(u) = self.uniform {
            let later = moments.iter_mut().enumerate().skip(1);
            for ((k, moment), sum) in later.zip(u.power_sums()) {
                *moment += u.weight * sum / (2 * k + 1) as f64;
            }
        }
        moments
    }

    /// Whether c is the constant 1, so that Q is a chi-square.
    pub fn is_constant(&self) -> bool {
        self.uniform.is_none() && self.atoms[0].0 == 1.0 && self.atoms[0].1 == 1.0
    }

    /// The largest lower bound of the positive values of c: 0 when slopes come arbitrarily close to
    /// 0.
    pub fn infimum(&self) -> f64 {
        let uniform = self.uniform.map_or(1.0, |u| {
            if u.lower * u.upper <= 0.0 {
                return 0.0;
            }
            let smallest = u.lower.abs().min(u.upper.abs());
            smallest * smallest
        });
        self.atoms().map(|(c, _)| c).fold(uniform, f64::min)
    }

    /// The same law but for rounding, without atoms or ends of intervals that differ by no more.
    pub fn merged(&self) -> Self {
        let mut law = self.clone();
        if let Some(u) = self.uniform
            && u.lower * u.upper > 0.0
            && same_slope(u.lower * u.lower, u.upper * u.upper)
        {
            law.uniform = None;
            law.atoms[1] = (u.upper * u.upper, u.weight);
        }
        let [first, second] = law.atoms;
        if second.1 > 0.0 && same_slope(second.0, first.0) {
            law.atoms = [(first.0, first.1 + second.1), (0.0, 0.0)];
        }
        law
    }

    /// The distinct positive values of c at which its law has an atom or ends, the largest first:
    /// there the law of Q is singular when the weights are orthogonal.
    pub fn edges(&self) -> Vec<f64> {
        let ends = self.uniform.map_or([0.0; 2], |u| [u.lower, u.upper]);
        let squares = ends.map(|end| end * end);
        let mut edges: Vec<f64> = self.atoms().map(|(c, _)| c).chain(squares).collect();
        edges.retain(|&c| c > 0.0);
        edges.sort_by(|a, b| b.total_cmp(a));
        edges.dedup_by(|b, a| *b >= *a * (1.0 - SAME));
        edges
    }

    /// The smallest of the atoms and of the uniform slope's mean square.
    pub fn smallest_mean(&self) -> f64 {
        let uniform = self.uniform.map_or(1.0, UniformSlope::mean_square);
        self.atoms().map(|(c, _)| c).fold(uniform, f64::min)
    }
}
