//! Figure 1, left: moments of one component of the output.

use crate::activation::Activation;
use crate::cores::on_all_cores;
use crate::error::Result;
use crate::layer_law::LayerLaw;
use crate::simulate::numbers::Normals;
use crate::simulate::streams::{experiment_seed, trajectory_stream};
use crate::simulate::{Level, Record, Simulator};
use crate::theorems::case::Case;
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series, order_label};
use crate::theorems::paper::{Redrawn, WIDTH, input};
use crate::theorems::settings::{Progress, Settings};

/// Layers of the networks.
const DEPTH: usize = 500;

/// Networks whose components make one sample.
const NETWORKS: u64 = 500;

/// Samples that show how far one of them is from the next.
const SAMPLES: u64 = 100;

/// The orders that the weights keep.
const ORDERS: [f64; 3] = [1.0, 1.5, 2.0];

/// α = 1, 1.1, …, 3.
const ALPHAS: usize = 21;

fn alpha(index: usize) -> f64 {
    1.0 + 0.1 * index as f64
}

/// (E x^α)^{1/α} of one component x of the last layer's output, exactly:
/// E‖x₀‖^α · (σ^α E Q^{α/2})^{k−1} · σ^α E max(z, 0)^α.
fn exact(law: &LayerLaw, scale: f64, alpha: f64) -> Result<f64> {
    let layers = (DEPTH - 1) as f64;
    let log_step = alpha * scale.ln() + law.moment(alpha)?.ln();
    let normal = LayerLaw::new(Activation::Linear, 1)?.moment(alpha)?;
    let last = alpha * scale.ln() + (0.5 * normal).ln();
    let log_moment = input::vector()?.moment(alpha)?.ln() + layers * log_step + last;
    Ok((log_moment / alpha).exp())
}

/// Σᵢ xᵢ^α over the components of one network's output, for every α. The last layer's
/// pre-activations are drawn given the norm of the layer before it.
fn sums_of_powers(log_norm: f64, scale: f64, normals: &[f64]) -> [f64; ALPHAS] {
    let factor = log_norm.exp() * scale;
    let mut sums = [0.0; ALPHAS];
    for z in normals.iter().filter(|z| **z > 0.0) {
        let component = factor * z;
        let (mut power, step) = (component, component.powf(0.1));
        for sum in &mut sums {
            *sum += power;
            power *= step;
        }
    }
    sums
}

/// The sample's (mean x^α)^{1/α} for every α, for each of `samples` samples.
fn sampled(
    settings: &Settings,
    (s, scale): (f64, f64),
    (level, samples): (Level, u64),
    progress: &Progress,
) -> Result<Vec<[f64; ALPHAS]>> {
    let case = Case::new(Activation::Relu, WIDTH)?;
    let before_last = DEPTH - 1;
    let simulator = Simulator::new(case.model(scale, before_last)?, level)?
        .with_record(Record::layers(vec![before_last], before_last)?);
    let name = format!("paper 1 {s} {level:?}");
    let count = samples * NETWORKS;
    let paths = case.draw(settings, &name, &simulator, count, progress);
    let inputs = input::drawn(settings, &name, count, progress)?;
    let seed = experiment_seed(settings.seed, &format!("{name} last layer"));
    let sums = on_all_cores(count as usize, |i| {
        let mut normals = [0.0; WIDTH];
        Normals::new(&mut trajectory_stream(seed, i as u64)).fill(&mut normals);
        let log_norm = inputs[i] + paths[i].log_norm(1);
        sums_of_powers(log_norm, scale, &normals)
    });
    let moments = sums.chunks(NETWORKS as usize).map(|networks| {
        let components = (NETWORKS as usize * WIDTH) as f64;
        std::array::from_fn(|j| {
            let sum: f64 = networks.iter().map(|sums| sums[j]).sum();
            (sum / components).powf(1.0 / alpha(j))
        })
    });
    Ok(moments.collect())
}

pub fn redrawn(settings: &Settings, progress: &Progress) -> Result<Redrawn> {
    let law = LayerLaw::new(Activation::Relu, WIDTH as u64)?;
    let mut series = Vec::new();
    let mut short = Vec::new();
    for s in ORDERS {
        let (scale, color) = (law.scale(s)?, color::of_order(s));
        let curve: Result<Vec<(f64, f64)>> = (0..ALPHAS)
            .map(|j| Ok((alpha(j), exact(&law, scale, alpha(j))?)))
            .collect();
        let curve = curve?;
        let repeats = sampled(settings, (s, scale), (Level::Radial, SAMPLES), progress)?;
        let band = (0..ALPHAS).map(|j| {
            let mut values: Vec<f64> = repeats.iter().map(|moments| moments[j]).collect();
            values.sort_by(f64::total_cmp);
            let cut = values.len() / 20;
            let (low, high) = (values[cut], values[values.len() - 1 - cut]);
            (alpha(j), 0.5 * (low + high), 0.5 * (high - low))
        });
        let band: Vec<(f64, f64, f64)> = band.collect();
        let one = sampled(settings, (s, scale), (Level::Network, 1), progress)?;
        let points = one[0].iter().enumerate().map(|(j, m)| (alpha(j), *m));
        let last = ALPHAS - 1;
        short.push(format!("{:.0}", curve[last].1 / one[0][last]));
        series.push(Series::new(Mark::Band, color, band));
        series.push(Series::exact(Mark::Line, color, curve).labelled(order_label(s)));
        series.push(Series::exact(Mark::Points, color, points));
    }
    let figure = Figure::new("paper-1-moments", "α", "(E x^α)^(1/α)", series);
    // σ of the large-width formula, as the notebook has it
    let factor = |s: f64| (1.0 + 1.25 * (2.0 - s) / WIDTH as f64).powf(0.5 * DEPTH as f64);
    Ok(Redrawn {
        original: "Figure 1, left",
        title: "moments of a component of the output",
        name: "paper-1-left",
        panels: vec![figure.with_log_y()],
        caption: format!(
            "(E x^α)^(1/α) of one component x of the output against α: ReLU, width {WIDTH}, {DEPTH} layers, inputs with standard normal entries. Lines: exact. Points: the components of {NETWORKS} networks of real matrices, the last layer drawn \
             given its input's norm. Bands: between the 5th and the 95th percentile of {SAMPLES} such samples, of norms alone. At α = s the exact value does not depend on depth; beyond it explodes, before it vanishes."
        ),
        note: format!(
            "Moments above s grow exponentially with depth, and a sample of {NETWORKS} networks cannot show it: at α = 3 the exact values are {} times those of the points (s = 1, 1.5 and 2). The sample's curves look alike for every s because they are: the notebook \
             starts each curve from the same seeds, so that its three curves are one sample, multiplied by 1 for s = 2, by {:.1} for s = 1.5 and by {:.0} for s = 1. The vertical axis, called α-th moment there, is the moment to the power 1/α.",
            short.join(", "),
            factor(1.5),
            factor(1.0)
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_powers_is_that_of_the_components() {
        let normals = [0.5, -1.0, 2.0];
        let sums = sums_of_powers(0.3, 0.7, &normals);
        let factor = 0.3_f64.exp() * 0.7;
        for (j, sum) in sums.iter().enumerate() {
            let direct = (factor * 0.5).powf(alpha(j)) + (factor * 2.0).powf(alpha(j));
            approx::assert_relative_eq!(*sum, direct, max_relative = 1e-13);
        }
    }

    #[test]
    fn the_second_moment_at_hes_scale_is_that_of_the_input() {
        // E‖x_k‖² = E‖x₀‖² = d, shared by d components
        let law = LayerLaw::new(Activation::Relu, WIDTH as u64).unwrap();
        let moment = exact(&law, law.scale(2.0).unwrap(), 2.0).unwrap();
        approx::assert_relative_eq!(moment, 1.0, max_relative = 1e-12);
    }
}
