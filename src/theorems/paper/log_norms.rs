//! Figures 2, 5 and 6: the law of the log-norm and of the norm of the output.

use crate::activation::{Activation, Dropout};
use crate::depth::{DepthLaw, DepthTable};
use crate::error::Result;
use crate::init::{LayerShape, Scheme};
use crate::simulate::{Level, Record, Simulator};
use crate::stats::location::{MeanEstimate, normal_cdf};
use crate::theorems::case::Case;
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series, order_label};
use crate::theorems::paper::input::{self, InputLaw};
use crate::theorems::paper::{Redrawn, WIDTH};
use crate::theorems::settings::{Progress, Settings};

/// Layers of the networks.
const DEPTH: usize = 100;

/// Networks in each of the paper's samples.
const NETWORKS: usize = 100;

/// The orders that are compared.
const ORDERS: [f64; 2] = [2.0, 1.0];

/// The activations and the names of their panels (density and distribution of the log-norm, density of
/// the norm), in the paper's order.
const PANELS: [(Activation, [&str; 3]); 3] = [
    (
        Activation::Relu,
        [
            "paper-2-density-relu",
            "paper-2-distribution-relu",
            "paper-6-relu",
        ],
    ),
    (
        Activation::Linear,
        [
            "paper-5-density-linear",
            "paper-5-distribution-linear",
            "paper-6-linear",
        ],
    ),
    (
        Activation::LeakyRelu { slope: 0.01 },
        [
            "paper-5-density-leaky-relu",
            "paper-5-distribution-leaky-relu",
            "paper-6-leaky-relu",
        ],
    ),
];

/// The outputs of networks of one activation and scale.
pub struct Outputs {
    order: f64,
    /// log‖x_k‖ of the networks.
    logs: Vec<f64>,
    /// The law of log(‖x_k‖/‖x₀‖).
    law: DepthTable,
    /// σ, exact.
    scale: f64,
    /// The notebook's σ, of the large-width formula.
    published: f64,
}

/// Of every activation and order, in the order of [`PANELS`].
pub fn simulated(settings: &Settings, progress: &Progress) -> Result<Vec<Outputs>> {
    // 10 000 at standard effort
    let count = settings.count(4000.0);
    let mut all = Vec::new();
    for (activation, _) in PANELS {
        let case = Case::new(activation, WIDTH)?;
        for order in ORDERS {
            let scale = case.law.scale(order)?;
            let simulator = Simulator::new(case.model(scale, DEPTH)?, Level::Network)?
                .with_record(Record::layers(vec![DEPTH], DEPTH)?);
            let name = format!("paper 2 {order}");
            let paths = case.draw(settings, &name, &simulator, count, progress);
            let inputs = input::drawn(settings, &format!("{name} {activation}"), count, progress)?;
            let logs = paths.iter().zip(inputs).map(|(p, x)| x + p.log_norm(1));
            let square = LayerShape::square(WIDTH as u64);
            let published =
                Scheme::Published(order).standard_deviation(activation, Dropout::NONE, square)?;
            all.push(Outputs {
                order,
                logs: logs.collect(),
                law: DepthLaw::new(&case.law, scale, DEPTH as u64)?.table()?,
                scale,
                published,
            });
        }
    }
    Ok(all)
}

/// A sample smoothed as seaborn's `kdeplot` does by default: a normal density around each value,
/// of Scott's width, n^(−1/5) standard deviations.
struct Smoothed<'a> {
    sample: &'a [f64],
    bandwidth: f64,
}

impl<'a> Smoothed<'a> {
    fn new(sample: &'a [f64]) -> Result<Self> {
        let n = sample.len() as f64;
        let deviation =
            MeanEstimate::from_sample(sample.iter().copied())?.standard_error * n.sqrt();
        Ok(Self {
            sample,
            bandwidth: n.powf(-0.2) * deviation,
        })
    }

    fn average(&self, x: f64, kernel: impl Fn(f64) -> f64) -> f64 {
        let at = self.sample.iter().map(|v| kernel((x - v) / self.bandwidth));
        at.sum::<f64>() / self.sample.len() as f64
    }

    fn density(&self, x: f64) -> f64 {
        let normal = |z: f64| (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
        self.average(x, normal) / self.bandwidth
    }

    fn cdf(&self, x: f64) -> f64 {
        self.average(x, normal_cdf)
    }
}

/// As many of a sample as the paper has, or all.
fn first(sample: &[f64]) -> &[f64] {
    &sample[..NETWORKS.min(sample.len())]
}

/// So many equal steps.
fn grid((low, high): (f64, f64), steps: u32) -> impl Iterator<Item = f64> {
    (0..=steps).map(move |i| low + (high - low) * f64::from(i) / f64::from(steps))
}

/// A histogram of the part of a sample between two ends: centres, densities, widths of the bins.
fn histogram(sample: &[f64], ends: (f64, f64), bins: usize) -> Vec<(f64, f64, f64)> {
    let width = (ends.1 - ends.0) / bins as f64;
    let mut counts = vec![0_u64; bins];
    for x in sample {
        let bin = (x - ends.0) / width;
        if (0.0..bins as f64).contains(&bin) {
            counts[bin as usize] += 1;
        }
    }
    let per_count = 1.0 / (sample.len() as f64 * width);
    let bar = |(i, count): (usize, &u64)| {
        let centre = ends.0 + (i as f64 + 0.5) * width;
        (centre, *count as f64 * per_count, width)
    };
    counts.iter().enumerate().map(bar).collect()
}

/// The largest distance between a sample's distribution function and the law's.
fn distance(input: &InputLaw, outputs: &Outputs) -> f64 {
    let mut sorted = outputs.logs.clone();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let at = sorted.iter().enumerate().map(|(i, x)| {
        let cdf = input.cdf(&outputs.law, *x);
        (cdf - i as f64 / n).max((i + 1) as f64 / n - cdf)
    });
    at.fold(0.0, f64::max)
}

/// Density and distribution function of the log-norm.
pub fn laws(outputs: &[Outputs]) -> Result<Redrawn> {
    let input = InputLaw::new()?;
    let mut panels = Vec::new();
    for (pair, (activation, [density, distribution, _])) in by_activation(outputs).zip(PANELS) {
        let ends = range(pair);
        let (mut densities, mut distributions) = (Vec::new(), Vec::new());
        for one in pair {
            let color = color::of_order(one.order);
            let few = Smoothed::new(first(&one.logs))?;
            densities.push(Series::new(
                Mark::Steps,
                color,
                histogram(&one.logs, ends, 60),
            ));
            densities.push(one.line(ends, |x| input.density(&one.law, x)));
            densities.push(one.dashed(ends, |x| few.density(x)));
            distributions.push(one.line(ends, |x| input.cdf(&one.law, x)));
            distributions.push(one.dashed(ends, |x| few.cdf(x)));
            let total = one.logs.len() as u64;
            let below = |x: f64| one.logs.iter().filter(|log| **log <= x).count() as u64;
            let shares: Vec<_> = grid(ends, 16).map(|x| (x, below(x), total)).collect();
            distributions.extend(Series::shares(color, &shares)?);
        }
        let name = "log‖x₁₀₀‖";
        panels.push(
            Figure::new(density, name, "density", densities)
                .with_caption(format!("density, {activation}")),
        );
        panels.push(
            Figure::new(distribution, name, "distribution function", distributions)
                .with_caption(format!("distribution, {activation}")),
        );
    }
    let networks = outputs[0].logs.len();
    let distances = outputs.iter().map(|one| distance(&input, one));
    let largest = distances.fold(0.0, f64::max);
    // P(√n D > 1.628) = 0.01 in Kolmogorov's limit
    let seen = 1.628 / (networks as f64).sqrt();
    // how far one scale moves the log-norms beyond another
    let moved = |scale: f64, from: f64| DEPTH as f64 * (scale / from).ln();
    let off = |one: &Outputs| moved(one.published, one.scale).abs();
    let shifts: Vec<String> = by_activation(outputs)
        .map(|pair| format!("{:.2}", moved(pair[1].published, pair[0].published)))
        .collect();
    Ok(Redrawn {
        original: "Figures 2 and 5",
        title: "the law of the log-norm",
        name: "paper-2-and-5",
        panels: panels.into_iter().map(Figure::at_half_width).collect(),
        caption: format!(
            "log‖x₁₀₀‖ of networks of width {WIDTH} whose input has standard normal entries, at He's scale and at σ(1, {WIDTH}). Lines: exact. Steps and points: {networks} networks of real matrices, with 95 % intervals. \
             Dashed: {NETWORKS} of these, smoothed as in the paper's figures. The largest distance between a simulated distribution function and its exact one is {largest:.4}; {seen:.4} is exceeded in one sample of a hundred."
        ),
        note: format!(
            "The notebooks smooth {NETWORKS} networks with seaborn's default width, which spreads the density and cannot show its tails. Both curves of a panel start from the same seeds there, so that one is the other, moved to the right by {} ({}); here \
             the samples are independent. They take σ from the large-width formula, which moves the log-norms at depth {DEPTH} by at most {:.3}.",
            shifts.join(", "),
            "ReLU, linear, Leaky ReLU",
            outputs.iter().map(off).fold(0.0, f64::max)
        ),
    })
}

/// Density of the norm.
pub fn norms(outputs: &[Outputs]) -> Result<Redrawn> {
    let input = InputLaw::new()?;
    let (mut panels, mut negative) = (Vec::new(), Vec::new());
    for (pair, (activation, [_, _, name])) in by_activation(outputs).zip(PANELS) {
        let mut series = Vec::new();
        // nine tenths of the wider law, and what smoothing puts below 0
        let mut logs = pair[1].logs.clone();
        logs.sort_by(f64::total_cmp);
        let most = logs[logs.len() * 9 / 10].exp();
        for one in pair {
            let norms: Vec<f64> = one.logs.iter().map(|log| log.exp()).collect();
            let few = Smoothed::new(first(&norms))?;
            let density = |r: f64| input.density(&one.law, r.ln()) / r;
            series.push(one.line((1e-3 * most, most), density));
            series.push(one.dashed((-0.2 * most, most), |r| few.density(r)));
            negative.push(100.0 * few.cdf(0.0));
        }
        panels.push(
            Figure::new(name, "‖x₁₀₀‖", "density", series).with_caption(activation.to_string()),
        );
    }
    let (low, high) = ends(&negative);
    Ok(Redrawn {
        original: "Figure 6",
        title: "the law of the norm",
        name: "paper-6",
        panels: panels.into_iter().map(Figure::at_half_width).collect(),
        caption: format!(
            "Density of the norm itself, at He's scale and at σ(1, {WIDTH}), up to the 90th percentile of the latter. Lines: exact. Dashed: {NETWORKS} networks of real matrices, smoothed as in the paper's figure."
        ),
        note: format!(
            "The norm is nearly log-normal: its exact density rises steeply from 0, is highest at small norms and has a long tail. Smoothing with one width for all of it hides that: between {low:.0} and {high:.0} % of the smoothed curves' mass lies at negative norms."
        ),
    })
}

/// The outputs of each activation, He's scale first.
fn by_activation(outputs: &[Outputs]) -> impl Iterator<Item = &[Outputs]> {
    outputs.chunks_exact(ORDERS.len())
}

fn ends<'a>(values: impl IntoIterator<Item = &'a f64>) -> (f64, f64) {
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    let wider = |(low, high): (f64, f64), x: &f64| (low.min(*x), high.max(*x));
    values.into_iter().fold(start, wider)
}

/// From the least to the largest log-norm.
fn range(outputs: &[Outputs]) -> (f64, f64) {
    ends(outputs.iter().flat_map(|one| &one.logs))
}

impl Outputs {
    fn line(&self, ends: (f64, f64), value: impl Fn(f64) -> f64) -> Series {
        self.curve(Mark::Line, ends, value)
            .labelled(order_label(self.order))
    }

    fn dashed(&self, ends: (f64, f64), value: impl Fn(f64) -> f64) -> Series {
        self.curve(Mark::Dashed, ends, value)
    }

    fn curve(&self, mark: Mark, ends: (f64, f64), value: impl Fn(f64) -> f64) -> Series {
        let points = grid(ends, 200).map(|x| (x, value(x)));
        Series::exact(mark, color::of_order(self.order), points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smoothed_sample_is_a_law_of_scott_s_width() {
        let sample = [0.0, 1.0, 3.0];
        let smoothed = Smoothed::new(&sample).unwrap();
        let deviation = (7.0_f64 / 3.0).sqrt();
        approx::assert_relative_eq!(
            smoothed.bandwidth,
            deviation * 3.0_f64.powf(-0.2),
            max_relative = 1e-14
        );
        let mass: f64 = grid((-15.0, 18.0), 3300)
            .map(|x| 0.01 * smoothed.density(x))
            .sum();
        approx::assert_relative_eq!(mass, 1.0, max_relative = 1e-12);
        approx::assert_relative_eq!(smoothed.cdf(50.0), 1.0, max_relative = 1e-14);
    }

    #[test]
    fn a_histogram_counts_what_lies_between_its_ends() {
        let bars = histogram(&[0.1, 0.2, 0.9, 2.0], (0.0, 1.0), 2);
        assert_eq!(bars, [(0.25, 1.0, 0.5), (0.75, 0.5, 0.5)]);
    }
}
