//! T15, any activation: the gain that keeps a moment of the root-mean-square in one layer, and what a
//! second layer makes of it.

use crate::activation::Activation;
use crate::error::Result;
use crate::gain::{LevelLaw, Nonlinearity};
use crate::layer_law::LayerLaw;
use crate::simulate::NonlinearNetwork;
use crate::stats::location::MeanEstimate;
use crate::theorems::check::Check;
use crate::theorems::claim::{Alternative, Claim, Compared};
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series};
use crate::theorems::sample::{self, Design};
use crate::theorems::section::{ChecksAndFigures, Section, each, no_tables};
use crate::theorems::settings::{Progress, Settings};

pub const SECTION: Section = Section {
    title: "Any activation",
    statement: "A layer of $d$ units of any activation $phi$, weights $N(0, g^2\\/n)$ for $n$ inputs, no biases; $r$ is the root-mean-square of the input, $0 < s <= 2$, \
$ R_s (tau) = EE[(1/d sum_(i <= d) phi(tau z_i)^2)^(s\\/2)]^(1\\/s) , quad z_i tilde N(0, 1) \"independent\". $ The root-mean-square of the output has the moment $R_s (g r)^s$: \
it is kept exactly by a gain $g$ with $R_s (g r) = r$. For homogeneous units $g = sqrt(d) sigma(s, d)$ whatever $r$ is, at $s = 2$ it does not depend on $d$. \
The map $r -> R_s (g r)$ has the slope $dif log R_s \\/ dif log tau$ on the logarithmic scale: where its size is below 1, repeating the map brings small deviations from $r$ back, above 1 it drives them away. Beyond one layer the moment is in general not kept; it is where $phi$ is homogeneous.",
    reason: "Given the input, the pre-activations are independent and $N(0, (g r)^2)$. The next layer sees a random level.",
    run,
    tables: no_tables,
    percent_of_time: 2.0,
};

/// Units of a layer.
const WIDTH: usize = 8;

/// The order that a gain keeps.
const ORDER: f64 = 1.0;

/// Layers of the figure's networks, and their width.
const DEPTH: usize = 20;
const WIDE: usize = 64;

/// What is taken where a framework has no gain for an activation: ReLU's.
const RELU_S: f64 = std::f64::consts::SQRT_2;

/// Difference of log τ from which a slope is taken.
const SMALL: f64 = 1e-4;

fn run(settings: &Settings, progress: &Progress) -> Result<ChecksAndFigures> {
    use Nonlinearity::{Elu, Gelu, Mish, Relu, Selu, Sigmoid, Silu, Softplus, Tanh};
    let elu = Elu { alpha: 1.0 };
    let one = [
        (Gelu, 1.0),
        (Silu, 1.0),
        (Tanh, 0.5),
        (elu, 1.0),
        (Selu, 1.0),
        (Mish, 1.0),
        (Softplus, 1.0),
        (Sigmoid, 0.55),
    ];
    let two = [(Gelu, 1.0), (Tanh, 0.5), (Relu, 1.0)];
    let mut checks = each(one, |(nonlinearity, level)| {
        one_layer(nonlinearity, level, settings, progress)
    })?;
    checks.extend(each(two, |(nonlinearity, level)| {
        two_layers(nonlinearity, level, settings, progress)
    })?);
    for (nonlinearity, level) in [(Gelu, 1.0), (Tanh, 0.5), (Selu, 1.0)] {
        checks.push(slope(nonlinearity, level)?);
    }
    for activation in [
        Activation::Linear,
        Activation::Relu,
        Activation::LeakyRelu { slope: 0.25 },
    ] {
        checks.push(homogeneous(activation)?);
    }
    Ok((checks, vec![figure(settings, progress)?]))
}

/// The last levels of so many networks.
fn draw(
    network: &NonlinearNetwork,
    settings: &Settings,
    experiment: &str,
    count: u64,
    progress: &Progress,
) -> Vec<Vec<f64>> {
    let experiment = format!("T15 {experiment}");
    let layers = network.depth() as u64;
    let draw = |seed, trajectory| network.levels(seed, trajectory);
    sample::drawn(settings, &experiment, (count, layers), progress, draw)
}

/// A gain that is in use, and its name.
fn usual(nonlinearity: Nonlinearity) -> (f64, &'static str) {
    match nonlinearity.framework_gain() {
        Some(gain) => (gain, "the gain that PyTorch has"),
        None => (RELU_S, "ReLU's gain √2"),
    }
}

/// What the z test of a level's moment is designed and judged by: its mean and second moment if the
/// theorem holds, and the mean for the wrong gain.
struct Moments {
    mean: f64,
    square: f64,
    wrong: f64,
}

/// The test that the mean level of networks of these layers, whose last one counts, is predicted; the
/// control has a gain that is in use in all of them.
fn mean_level(
    claim: Claim,
    (nonlinearity, level): (Nonlinearity, f64),
    layers: &[(usize, f64)],
    moments: &Moments,
    settings: &Settings,
    progress: &Progress,
) -> Result<Check> {
    let (wrong_gain, wrong_name) = usual(nonlinearity);
    let design = Design {
        effect: moments.wrong - moments.mean,
        deviation: (moments.square - moments.mean.powi(2)).sqrt(),
        spread: (moments.wrong / moments.mean).max(1.0),
    };
    let count = design.networks(settings, 2000)?;
    let usual: Vec<_> = layers
        .iter()
        .map(|&(width, _)| (width, wrong_gain))
        .collect();
    let estimate = |experiment: &str, layers: &[(usize, f64)]| -> Result<MeanEstimate> {
        let network = NonlinearNetwork::new(nonlinearity, WIDTH, layers, level)?;
        let name = format!("{} {experiment}", claim.case);
        let levels = draw(&network, settings, &name, count, progress);
        MeanEstimate::from_sample(
            levels
                .iter()
                .filter_map(|l| l.last().map(|x| x.powf(ORDER))),
        )
    };
    let (found, wrong) = (estimate("check", layers)?, estimate("control", &usual)?);
    let alternative = Alternative {
        name: wrong_name.into(),
        value: moments.wrong,
        power: design.power(count as usize)?,
    };
    Ok(claim.of_mean(&found, alternative, wrong_name, &wrong))
}

/// At its gain one layer keeps the moment at the level.
fn one_layer(
    nonlinearity: Nonlinearity,
    level: f64,
    settings: &Settings,
    progress: &Progress,
) -> Result<Check> {
    let s = ORDER;
    let law = LevelLaw::new(nonlinearity, WIDTH as u64)?;
    let gain = law.gain(s, level)?.gain;
    let moments = Moments {
        mean: level.powf(s),
        square: law.level(2.0 * s, gain * level)?.powf(2.0 * s),
        wrong: law.level(s, usual(nonlinearity).0 * level)?.powf(s),
    };
    let claim = Claim::new(
        format!("{nonlinearity}, d = {WIDTH}, r = {level}, s = {s}"),
        "mean of rmsˢ after one layer",
        moments.mean,
    );
    let layers = [(WIDTH, gain)];
    mean_level(
        claim,
        (nonlinearity, level),
        &layers,
        &moments,
        settings,
        progress,
    )
}

/// After a layer of one unit, whose level is |φ(g r z)|, a second of [`WIDTH`] units, each with its
/// gain: the moment is E R_s(g′|φ(grz)|)^s, and r^s for homogeneous units only.
fn two_layers(
    nonlinearity: Nonlinearity,
    level: f64,
    settings: &Settings,
    progress: &Progress,
) -> Result<Check> {
    let s = ORDER;
    let law = LevelLaw::new(nonlinearity, WIDTH as u64)?;
    let first_gain = LevelLaw::new(nonlinearity, 1)?.gain(s, level)?.gain;
    let second_gain = law.gain(s, level)?.gain;
    let moment = |order: f64, first_gain: f64, second_gain: f64| {
        normal_mean(|z| {
            let first = nonlinearity.apply(first_gain * level * z).abs();
            // below the library's range, where nothing is left of the mean
            Ok(match second_gain * first > 1e-11 {
                true => law.level(order, second_gain * first)?.powf(order),
                false => 0.0,
            })
        })
    };
    let (wrong_gain, _) = usual(nonlinearity);
    let moments = Moments {
        mean: moment(s, first_gain, second_gain)?,
        square: moment(2.0 * s, first_gain, second_gain)?,
        wrong: moment(s, wrong_gain, wrong_gain)?,
    };
    let claim = Claim::new(
        format!("{nonlinearity}, widths 1 and {WIDTH}, r = {level}, s = {s}"),
        "mean of rmsˢ after two layers",
        moments.mean,
    );
    let layers = [(1, first_gain), (WIDTH, second_gain)];
    mean_level(
        claim,
        (nonlinearity, level),
        &layers,
        &moments,
        settings,
        progress,
    )
}

/// E f(z), z ~ N(0,1), f smooth on either side of 0: Simpson's rule from 0 to 8 both ways, to 1e-7 for
/// the functions here (steps half as long change it by less).
fn normal_mean(f: impl Fn(f64) -> Result<f64>) -> Result<f64> {
    let (intervals, end) = (160, 8.0);
    let step = end / f64::from(intervals);
    let mut sum = 0.0;
    for i in 0..=intervals {
        let z = step * f64::from(i);
        let weight = match i {
            0 => 1.0,
            i if i == intervals => 1.0,
            i if i % 2 == 1 => 4.0,
            _ => 2.0,
        };
        // the values at either side's end
        let near = z.max(1e-9);
        sum += weight * (f(near)? + f(-near)?) * (-0.5 * z * z).exp();
    }
    Ok(sum * step / 3.0 / (2.0 * std::f64::consts::PI).sqrt())
}

/// The stability is the slope of log R, from a difference quotient; it is not 1.
fn slope(nonlinearity: Nonlinearity, level: f64) -> Result<Check> {
    let s = ORDER;
    let law = LevelLaw::new(nonlinearity, WIDTH as u64)?;
    let found = law.gain(s, level)?;
    let at =
        |shift: f64| -> Result<f64> { Ok(law.level(s, found.gain * level * shift.exp())?.ln()) };
    let quotient = (at(SMALL)? - at(-SMALL)?) / (2.0 * SMALL);
    let compare = |stability: f64| Compared {
        observed: stability,
        error: (stability - quotient).abs(),
    };
    let claim = Claim::new(
        format!("{nonlinearity}, d = {WIDTH}, r = {level}, s = {s}"),
        "slope of log R at the gain, and its difference quotient",
        quotient,
    );
    // the third derivative times the difference's square, and rounding over it
    let (right, wrong) = (compare(found.stability), compare(1.0));
    Ok(claim.compared(right, 1e-7, "the slope of homogeneous units, 1", wrong))
}

/// The gain of homogeneous units is √d σ(s, d), from two integrals; the control is that of s = 2.
fn homogeneous(activation: Activation) -> Result<Check> {
    let (s, level) = (ORDER, 3.0);
    let width = WIDTH as u64;
    let law = match activation {
        Activation::LeakyRelu { slope } => LevelLaw::new(Nonlinearity::LeakyRelu { slope }, width)?,
        Activation::Relu => LevelLaw::new(Nonlinearity::Relu, width)?,
        _ => LevelLaw::of_function(|y| y, &[], width)?,
    };
    let predicted = (width as f64).sqrt() * LayerLaw::new(activation, width)?.scale(s)?;
    let compare = |gain: f64| Compared {
        observed: gain,
        error: (gain / predicted - 1.0).abs(),
    };
    let claim = Claim::new(
        format!("{activation}, d = {WIDTH}, r = {level}, s = {s}"),
        "gain, and √d σ(s, d)",
        predicted,
    );
    let (right, wrong) = (law.gain(s, level)?.gain, law.gain(2.0, level)?.gain);
    Ok(claim.compared(compare(right), 1e-12, "the gain of s = 2", compare(wrong)))
}

/// Typical levels by depth, from four starting levels: one activation that brings them back, one that
/// drives them away.
fn figure(settings: &Settings, progress: &Progress) -> Result<Figure> {
    let count = settings.count(200.0);
    let mut series = Vec::new();
    for (nonlinearity, color) in [
        (Nonlinearity::Tanh, color::STEPS[0]),
        (Nonlinearity::Gelu, color::STEPS[2]),
    ] {
        let law = LevelLaw::new(nonlinearity, WIDE as u64)?;
        let middle = 0.5;
        let gain = law.gain(ORDER, middle)?.gain;
        let layers = [(WIDE, gain); DEPTH];
        for (index, start) in [0.3, 0.45, 0.6, 0.9].into_iter().enumerate() {
            let mut level = start;
            let mut map = vec![(0.0, start)];
            for k in 1..=DEPTH {
                level = law.level(ORDER, gain * level)?;
                map.push((k as f64, level));
            }
            let mut line = Series::exact(Mark::Line, color, map);
            if index == 3 {
                line = line.labelled(nonlinearity.to_string());
            }
            series.push(line);
            let network = NonlinearNetwork::new(nonlinearity, WIDE, &layers, start)?;
            let name = format!("figure {nonlinearity} {start}");
            let networks = draw(&network, settings, &name, count, progress);
            let mut points = Vec::with_capacity(DEPTH);
            for k in 0..DEPTH {
                let levels = networks.iter().map(|levels| levels[k].powf(ORDER));
                let estimate = MeanEstimate::from_sample(levels)?;
                points.push((
                    k as f64 + 1.0,
                    estimate.mean,
                    1.96 * estimate.standard_error,
                ));
            }
            series.push(Series::new(Mark::Points, color, points));
        }
    }
    let (x, y) = ("layers k", "root-mean-square of the outputs");
    Ok(Figure::new("t15-levels", x, y, series).with_log_y().with_caption(format!(
        "Levels by depth at the gain that keeps the first moment at the level ½ in one layer, width {WIDE}: tanh, whose slope is below 1, and GELU, whose slope is above. \
Lines: the map r ↦ R(g r) again and again, which leaves out that levels are random. Points: mean level of {count} networks of real matrices each, with 95 % intervals."
    )))
}
