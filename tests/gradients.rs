//! Gradients beside the forward pass: their statistics against the backward law, at each level, and the
//! levels against one another.

use isomoment::simulate::runs::{LayerStatistics, Run, Shard, Watch};
use isomoment::simulate::{Layer, Level, Model, Path, Plan, Simulator, simulate};
use isomoment::stats::goodness::{kolmogorov_smirnov, two_sample};
use isomoment::stats::location::power;
use isomoment::{Activation, DepthLaw, Dropout, LayerLaw};

const ACTIVATIONS: [Activation; 3] = [
    Activation::Relu,
    Activation::LeakyRelu { slope: -0.5 },
    Activation::RandomizedLeakyRelu {
        lower: 0.1,
        upper: 0.9,
    },
];

const LEVELS: [Level; 4] = [
    Level::Network,
    Level::NetworkSingle,
    Level::Preactivation,
    Level::Radial,
];

/// Level of a single comparison: there are about 150.
const LEVEL: f64 = 1e-5;

/// Standard errors that it allows.
const MOST: f64 = 4.4;

const PATHS: u64 = 20_000;

fn masks() -> Dropout {
    Dropout::inverted(0.7).unwrap()
}

fn model(activation: Activation, widths: &[usize], scale: f64) -> Model {
    let layer = |pair: &[usize]| Layer {
        fan_in: pair[0],
        fan_out: pair[1],
        scale,
    };
    let layers = widths.windows(2).map(layer).collect();
    Model::layered(activation, masks(), layers).unwrap()
}

fn simulator(model: Model, level: Level) -> Simulator {
    Simulator::new(model, level)
        .unwrap()
        .with_gradient()
        .unwrap()
}

fn plan(seed: u64) -> Plan {
    Plan {
        seed,
        trajectories: PATHS,
    }
}

fn rows(simulator: Simulator, seed: u64) -> Vec<LayerStatistics> {
    let run = Run::new(simulator, plan(seed)).unwrap();
    let statistics = run.summarize(Shard::WHOLE, &Watch::none()).unwrap();
    statistics.rows(&run).unwrap()
}

/// Means and deviations in layers of several shapes. The control is the law of a network without masks:
/// what a way back that ignores the forward pass's masks would follow.
#[test]
fn statistics_follow_the_backward_law() {
    let widths = [12, 20, 8, 10];
    for activation in ACTIVATIONS {
        for level in LEVELS {
            let model = model(activation, &widths, 0.4);
            let unmasked = |back: usize| -> f64 {
                let pairs = widths.windows(2).rev().take(back);
                let growth = pairs.map(|pair| {
                    let law = LayerLaw::new(activation, pair[1] as u64).unwrap();
                    let law = law.with_fan_in(pair[0] as u64).unwrap();
                    0.4_f64.ln() + law.backward_log_cumulants().unwrap().mean
                });
                growth.sum()
            };
            for row in rows(simulator(model, level), 3) {
                let case = format!("{activation} {level:?} {}", row.layer);
                for (name, found) in [("tangent", row.tangent), ("gradient", row.gradient)] {
                    let found = found.unwrap();
                    let exact = found.exact.unwrap();
                    let deviation = exact.variance.sqrt();
                    let count = (found.alive as f64).sqrt();
                    let z = (found.mean.unwrap() - exact.mean) / (deviation / count);
                    assert!(z.abs() < MOST, "{case} {name}: {z}");
                    // a log-norm's excess kurtosis is below 4 here
                    let z = (found.standard_deviation.unwrap() / deviation - 1.0) * count
                        / f64::sqrt(6.0 / 4.0);
                    assert!(z.abs() < MOST, "{case} {name}: deviation {z}");
                }
                let gradient = row.gradient.unwrap();
                let (exact, count) = (gradient.exact.unwrap(), gradient.alive as f64);
                let (wrong, error) = (unmasked(row.layer), (exact.variance / count).sqrt());
                let z = (gradient.mean.unwrap() - wrong) / error;
                let power = power((exact.mean - wrong).abs() / error, 1.0, LEVEL).unwrap();
                assert!(power > 0.999, "{case}: {power}");
                assert!(z.abs() > MOST, "{case}: no masks unseen, {z}");
            }
        }
    }
}

/// Signal, tangent and gradient of one network belong together, at the levels `Preactivation` and `Radial`
/// as of real matrices. The control takes the gradient of another network.
#[test]
fn the_levels_have_one_joint_law() {
    let levels = [Level::Preactivation, Level::Radial];
    for (activation, level) in ACTIVATIONS.iter().flat_map(|a| levels.map(|l| (*a, l))) {
        let widths = [6; 5];
        let drawn = |level, seed| -> Vec<Path> {
            let paths = simulate(
                &simulator(model(activation, &widths, 0.5), level),
                plan(seed),
                |_| (),
            );
            paths.into_iter().filter(|path| !path.died()).collect()
        };
        let (network, other) = (drawn(Level::Network, 1), drawn(level, 2));
        let signal = |path: &Path| path.log_norms[3];
        let tangent = |path: &Path| path.tangents[3];
        let gradient = |path: &Path| path.gradients[3];
        let early = |path: &Path| path.gradients[1];
        type Of<'a> = &'a dyn Fn(&Path) -> f64;
        let pairs: [(&str, Of, Of); 4] = [
            ("signal", &gradient, &signal),
            ("tangent", &gradient, &tangent),
            ("both", &tangent, &signal),
            ("half way", &early, &signal),
        ];
        for (name, one, two) in pairs {
            for sign in [1.0, -1.0] {
                let sums = |paths: &[Path]| -> Vec<f64> {
                    paths
                        .iter()
                        .map(|path| one(path) + sign * two(path))
                        .collect()
                };
                let p = two_sample(&sums(&network), &sums(&other)).unwrap().p_value;
                assert!(p > LEVEL, "{activation} {level:?} {name} {sign}: {p}");
                let apart: Vec<f64> = other
                    .iter()
                    .zip(other.iter().skip(1))
                    .map(|(a, b)| one(a) + sign * two(b))
                    .collect();
                let p = two_sample(&sums(&network), &apart).unwrap().p_value;
                assert!(p < LEVEL, "{activation} {name} {sign}: apart unseen, {p}");
            }
        }
    }
}

/// The whole law of log‖Jᵀu‖ at depth is that of a signal; 2 % in the scale are seen.
#[test]
fn the_law_at_depth_is_the_signal_s() {
    let (width, depth) = (6, 12);
    for activation in ACTIVATIONS {
        let layer = LayerLaw::with_dropout(activation, masks(), width as u64).unwrap();
        let table = |scale| {
            let law = DepthLaw::new(&layer, scale, depth as u64).unwrap();
            law.table().unwrap()
        };
        let (right, wrong) = (table(0.5), table(0.51));
        for level in LEVELS {
            let model = model(activation, &vec![width; depth + 1], 0.5);
            let paths = simulate(&simulator(model, level), plan(4), |_| ());
            let last: Vec<f64> = paths.iter().map(|path| path.gradients[depth - 1]).collect();
            let alive: Vec<f64> = last.into_iter().filter(|l| l.is_finite()).collect();
            let p = |law: &isomoment::depth::DepthTable| {
                kolmogorov_smirnov(&alive, |x| law.cdf(x)).unwrap().p_value
            };
            assert!(p(&right) > LEVEL, "{activation} {level:?}: {}", p(&right));
            assert!(p(&wrong) < LEVEL, "{activation} {level:?}: 2 % unseen");
        }
    }
}
