//! Networks of real matrices drawn from exponentially tilted weights: importance sampling of
//! E‖x_k‖^s at great depth.
//!
//! A plain average of ‖x_k‖^s is carried by networks that hardly ever occur. Here each layer's
//! weights are drawn with density e^{cQ}/E e^{cQ} relative to N(0, σ²), Q = ‖φ(Wx)‖²/(σ‖x‖)², so
//! that large outputs occur as often as they count, and the average of ‖x_k‖^s ∏ E e^{cQ}/e^{cQ_j}
//! has the same mean (proofs-notes/T1.md). The tilt acts on W x/‖x‖ alone: each unit's side of 0
//! and slope, or its being dropped, have probability in proportion to (1−2ca²)^{−1/2}, and its
//! weights' part along x that standard deviation.

use rand::RngExt;

use crate::activation::{Activation, Dropout};
use crate::cores::on_all_cores;
use crate::error::Result;
use crate::simulate::numbers::Normals;
use crate::simulate::streams::{Stream, experiment_seed, trajectory_stream};
use crate::stats::location::MeanEstimate;
use crate::theorems::case::Case;
use crate::theorems::settings::{Progress, Settings};

/// Layers of a tilted network: so many that a moment which is off by a little in each is far off.
pub const DEPTH: usize = 50;

/// The same with half of the units dropped, where a layer varies more.
pub const DROPPED_DEPTH: usize = 20;

/// Networks at effort 1. At width 16 and these depths what is averaged has a standard deviation of
/// 0.16 to 1.5 times its mean; the mean's skewness is then at most 0.05, and its z test what it
/// says. (Measured on the cases of T1, T7 and T9; half the units dropped and 50 layers gave 4.1.)
const COUNT: f64 = 10_000.0;

/// Which moment of networks of which scale and depth is estimated.
#[derive(Clone, Copy)]
pub struct DeepMoment {
    pub order: f64,
    pub scale: f64,
    pub depth: usize,
}

impl DeepMoment {
    /// E‖x_k‖^s, ‖x₀‖ = 1, from networks drawn by the seed of an experiment.
    pub fn estimate(
        self,
        case: &Case,
        experiment: &str,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<MeanEstimate> {
        let tilt = Tilt::for_order(case.activation, case.dropout, case.width, self.order);
        let seed = experiment_seed(settings.seed, &format!("{experiment} {}", case.name()));
        let weighted = on_all_cores(settings.count(COUNT) as usize, |network| {
            let log = tilt.log_weighted_power(self, seed, network as u64);
            progress(self.depth as u64);
            log.exp()
        });
        MeanEstimate::from_sample(weighted)
    }
}

/// Weights of `width` units tilted by e^{cQ}.
struct Tilt {
    activation: Activation,
    dropout: Dropout,
    width: usize,
    c: f64,
    /// E e^{cy²} for one unit's output y.
    unit_mean: f64,
}

impl Tilt {
    /// The tilt under which Q^{s/2} e^{−cQ} is flat at the mean of Q: c = s/(2 E_c Q).
    fn for_order(activation: Activation, dropout: Dropout, width: usize, s: f64) -> Self {
        let (keep, gain) = (dropout.keep(), dropout.gain());
        let unit = |c: f64| 1.0 - keep + keep * unit_mean(activation, c * gain * gain);
        let mut c = 0.0;
        for _ in 0..100 {
            let h = 1e-5 / width as f64;
            let mean = width as f64 * (unit(c + h).ln() - unit(c - h).ln()) / (2.0 * h);
            c = 0.5 * s / mean;
        }
        Self {
            activation,
            dropout,
            width,
            c,
            unit_mean: unit(c),
        }
    }

    /// log of ‖x_k‖^s ∏ E e^{cQ}/e^{cQ_j} for one network of this depth and scale σ, ‖x₀‖ = 1; its
    /// exponential has mean E‖x_k‖^s.
    fn log_weighted_power(&self, moment: DeepMoment, seed: u64, trajectory: u64) -> f64 {
        let DeepMoment {
            order,
            scale,
            depth,
        } = moment;
        let stream = &mut trajectory_stream(seed, trajectory);
        let mut normals = Normals::<f64>::new(stream);
        let mut x = vec![(self.width as f64).sqrt().recip(); self.width];
        let mut weights = vec![0.0; self.width];
        let mut log = 0.0;
        for _ in 0..depth {
            let mut output = Vec::with_capacity(self.width);
            for _ in 0..self.width {
                normals.fill(&mut weights);
                if stream.random::<f64>() * self.unit_mean < 1.0 - self.dropout.keep() {
                    output.push(0.0);
                    continue;
                }
                let slope = self.tilt_row(&mut weights, &x, stream);
                let preactivation: f64 = weights.iter().zip(&x).map(|(w, x)| w * x).sum();
                let bent = if preactivation < 0.0 {
                    slope * preactivation
                } else {
                    preactivation
                };
                output.push(self.dropout.gain() * bent);
            }
            // the input has norm 1, the weights a deviation of 1 before the tilt
            let q: f64 = output.iter().map(|y| y * y).sum();
            log += order * (scale.ln() + 0.5 * q.ln());
            log += self.width as f64 * self.unit_mean.ln() - self.c * q;
            let norm = q.sqrt();
            if norm == 0.0 {
                return f64::NEG_INFINITY;
            }
            x = output.into_iter().map(|y| y / norm).collect();
        }
        log
    }

    /// Turns a row of independent normal weights into a tilted one of a unit that is kept; its
    /// slope for negative values.
    fn tilt_row(&self, row: &mut [f64], x: &[f64], stream: &mut Stream) -> f64 {
        let along: f64 = row.iter().zip(x).map(|(w, x)| w * x).sum();
        // given that the unit is kept
        let keep = self.dropout.keep();
        let kept = (self.unit_mean - (1.0 - keep)) / keep;
        let positive = 0.5 * self.stretch(1.0) / kept;
        let (sign, slope, stretch) = if stream.random::<f64>() < positive {
            (1.0, 0.0, self.stretch(1.0))
        } else {
            let slope = self.negative_slope(stream);
            (-1.0, slope, self.stretch(slope))
        };
        let wanted = sign * along.abs() * stretch;
        for (w, x) in row.iter_mut().zip(x) {
            *w += (wanted - along) * x;
        }
        slope
    }

    /// The slope of a unit on its negative side, tilted: by rejection.
    fn negative_slope(&self, stream: &mut Stream) -> f64 {
        let most = self
            .stretch(self.activation.negative_slope(0.0))
            .max(self.stretch(self.activation.negative_slope(1.0)));
        loop {
            let slope = self.activation.negative_slope(stream.random());
            if stream.random::<f64>() * most <= self.stretch(slope) {
                return slope;
            }
        }
    }

    /// (1−2ca²)^{−1/2}, a with the mask's factor: what a unit of slope a weighs, and the deviation
    /// of its tilted pre-activation.
    fn stretch(&self, slope: f64) -> f64 {
        let slope = self.dropout.gain() * slope;
        (1.0 - 2.0 * self.c * slope * slope).sqrt().recip()
    }
}

/// E e^{cφ(z)²}, z ~ N(0,1), c < 1/2 over the largest squared slope.
fn unit_mean(activation: Activation, c: f64) -> f64 {
    let at = |slope: f64| (1.0 - 2.0 * c * slope * slope).sqrt().recip();
    let negative = match activation {
        Activation::Linear => at(1.0),
        Activation::Relu => 1.0,
        Activation::LeakyRelu { slope } => at(slope),
        Activation::RandomizedLeakyRelu { lower, upper } if lower < upper && c > 0.0 => {
            let root = (2.0 * c).sqrt();
            ((upper * root).asin() - (lower * root).asin()) / ((upper - lower) * root)
        }
        // at c ≤ 0 only the first step of the iteration for c asks, which needs no more
        Activation::RandomizedLeakyRelu { lower, upper } => {
            at(((lower * lower + lower * upper + upper * upper) / 3.0).sqrt())
        }
    };
    0.5 * (at(1.0) + negative)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At depth 1 the average is σ^s E Q^{s/2}, also for a scale that preserves nothing.
    #[test]
    fn one_layer_has_the_exact_moment() {
        for activation in [
            Activation::Linear,
            Activation::Relu,
            Activation::LeakyRelu { slope: -0.5 },
            Activation::RRELU_DEFAULT,
        ] {
            for dropout in [
                Dropout::NONE,
                Dropout::inverted(0.7).unwrap(),
                Dropout::plain(0.7).unwrap(),
            ] {
                let law = crate::LayerLaw::with_dropout(activation, dropout, 5).unwrap();
                let tilt = Tilt::for_order(activation, dropout, 5, 1.5);
                let moment = DeepMoment {
                    order: 1.5,
                    scale: 0.7,
                    depth: 1,
                };
                let powers = (0..40_000).map(|i| tilt.log_weighted_power(moment, 3, i).exp());
                let found = MeanEstimate::from_sample(powers).unwrap();
                let exact = 0.7_f64.powf(1.5) * law.moment(1.5).unwrap();
                assert!(
                    found.z(exact).abs() < 4.0,
                    "{activation}: {found:?}, exact {exact}"
                );
                assert!(
                    found.standard_error < 3e-3 * exact,
                    "{activation}: {found:?}"
                );
            }
        }
    }
}
