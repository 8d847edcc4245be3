//! The levels of simulation against one another and against the exact law: each reduction
//! must have the law of the level above it, and a reduction that is 3 % off must be seen.

use isomoment::simulate::{Layer, Level, Model, Path, Plan, Record, Simulator, simulate};
use isomoment::stats::goodness::{chi_square, kolmogorov_smirnov, two_sample};
use isomoment::stats::location::MeanEstimate;
use isomoment::{Activation, DepthLaw, Dropout, LayerLaw, Weights};

const ACTIVATIONS: [Activation; 4] = [
    Activation::Linear,
    Activation::Relu,
    Activation::LeakyRelu { slope: -0.5 },
    Activation::RandomizedLeakyRelu {
        lower: 0.1,
        upper: 0.9,
    },
];

/// Paths of a sample.
const PATHS: u64 = 20_000;

/// Level of a single comparison: there are about 200.
const LEVEL: f64 = 1e-5;

fn paths(model: &Model, level: Level, seed: u64) -> Vec<Path> {
    let simulator = Simulator::new(model.clone(), level).unwrap();
    let depth = model.depth();
    let simulator = simulator.with_record(Record::layers(vec![depth], depth).unwrap());
    let plan = Plan {
        seed,
        trajectories: PATHS,
    };
    simulate(&simulator, plan, |_| ())
}

fn log_norms(paths: &[Path]) -> Vec<f64> {
    paths.iter().map(|p| p.log_norms[0]).collect()
}

/// Layers of several shapes, and of one.
fn shapes(scale: f64) -> [Vec<Layer>; 2] {
    let layer = |fan_in, fan_out| Layer {
        fan_in,
        fan_out,
        scale,
    };
    let list = vec![layer(7, 12), layer(12, 5), layer(5, 9), layer(9, 9)];
    [list, vec![layer(10, 10); 4]]
}

#[test]
fn every_reduction_has_the_law_of_the_level_above() {
    let dropouts = [
        Dropout::NONE,
        Dropout::inverted(0.7).unwrap(),
        Dropout::plain(0.7).unwrap(),
    ];
    for (index, activation) in ACTIVATIONS.into_iter().enumerate() {
        for dropout in dropouts {
            for weights in [Weights::Gaussian, Weights::Orthogonal] {
                for bias in [0.0, 0.4] {
                    for shape in 0..2 {
                        let model = |scale: f64, bias: f64| {
                            let layers = shapes(scale)[shape].clone();
                            let model = Model::layered(activation, dropout, layers).unwrap();
                            model.with_weights(weights).with_bias(bias).unwrap()
                        };
                        let seed = 10 * index as u64;
                        let network =
                            log_norms(&paths(&model(0.4, bias), Level::Network, seed + 1));
                        let single =
                            log_norms(&paths(&model(0.4, bias), Level::NetworkSingle, seed + 2));
                        let pre =
                            log_norms(&paths(&model(0.4, bias), Level::Preactivation, seed + 3));
                        let radial = log_norms(&paths(&model(0.4, bias), Level::Radial, seed + 4));
                        let case = format!("{activation} {dropout:?} {weights:?} {bias} {shape}");
                        let pairs = [
                            ("f32", &network, &single),
                            ("preactivation", &network, &pre),
                            ("radial", &pre, &radial),
                        ];
                        let isometry = activation == Activation::Linear
                            && dropout == Dropout::NONE
                            && weights == Weights::Orthogonal
                            && bias == 0.0;
                        if isometry && shape == 1 {
                            // no randomness is left to compare: every norm is 0.4⁴
                            for sample in [&network, &single, &pre, &radial] {
                                let expected = 4.0 * 0.4_f64.ln();
                                assert!(sample.iter().all(|l| (l - expected).abs() < 1e-5));
                            }
                            continue;
                        }
                        for (name, above, below) in pairs {
                            let fit = two_sample(above, below).unwrap();
                            assert!(fit.p_value > LEVEL, "{case}: {name} {fit:?}");
                        }
                        let wrong =
                            log_norms(&paths(&model(0.412, 1.03 * bias), Level::Radial, seed + 5));
                        let p = two_sample(&pre, &wrong).unwrap().p_value;
                        assert!(p < LEVEL, "{case}: 3 % unseen, p = {p}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_level_has_the_exact_law() {
    let (width, depth, scale) = (6, 8, 0.5);
    for activation in ACTIVATIONS {
        let model = |scale| Model::square(activation, Dropout::NONE, width, scale, depth).unwrap();
        let law = LayerLaw::new(activation, width as u64).unwrap();
        let exact = DepthLaw::new(&law, scale, depth as u64).unwrap();
        let exact = exact.table().unwrap();
        let fit = |level, scale| {
            let all = log_norms(&paths(&model(scale), level, 77));
            let alive: Vec<f64> = all.into_iter().filter(|l| l.is_finite()).collect();
            kolmogorov_smirnov(&alive, |x| exact.cdf(x))
                .unwrap()
                .p_value
        };
        for level in [
            Level::Network,
            Level::NetworkSingle,
            Level::Preactivation,
            Level::Radial,
        ] {
            let p = fit(level, scale);
            assert!(p > LEVEL, "{activation} {level:?}: {p}");
        }
        assert!(fit(Level::Radial, 0.51) < LEVEL, "{activation}");
    }
}

/// Few orthogonal units, whose law has atoms and singular edges: counts between its quantiles,
/// atoms counted below them.
#[test]
fn few_orthogonal_units_have_the_exact_law() {
    let (width, depth) = (3, 2);
    for (activation, keep) in ACTIVATIONS.iter().zip([0.7, 1.0, 0.7, 1.0]) {
        let dropout = Dropout::inverted(keep).unwrap();
        let model = Model::square(*activation, dropout, width, 0.9, depth).unwrap();
        let model = model.with_weights(Weights::Orthogonal);
        let layer = LayerLaw::with_dropout(*activation, dropout, width as u64).unwrap();
        let layer = layer.with_weights(Weights::Orthogonal);
        let all = log_norms(&paths(&model, Level::Network, 5));
        let alive: Vec<f64> = all.into_iter().filter(|l| l.is_finite()).collect();
        let fit = |scale: f64| {
            let law = DepthLaw::new(&layer, scale, depth as u64).unwrap();
            let cuts = (1..6).map(|i| law.quantile(f64::from(i) / 6.0).unwrap());
            let mut cuts: Vec<f64> = cuts.collect();
            // an atom at the top of the law leaves nothing above it
            cuts.dedup();
            cuts.retain(|&cut| law.survival_function(cut).unwrap() > 0.0);
            let (mut counts, mut probabilities) = (Vec::new(), Vec::new());
            let (mut before, mut counted) = (0.0, 0);
            for &cut in cuts.iter().chain(&[f64::INFINITY]) {
                let below = law.cdf(cut).unwrap();
                let count = alive.iter().filter(|&&x| x <= cut + 1e-9).count();
                counts.push(count - counted);
                probabilities.push(below - before);
                (before, counted) = (below, count);
            }
            chi_square(&counts, &probabilities).unwrap().p_value
        };
        let name = format!("{activation}, q = {keep}");
        assert!(fit(0.9) > LEVEL, "{name}: {}", fit(0.9));
        assert!(fit(0.93) < LEVEL, "{name}");
    }
}

/// Inputs that go through the same weights: the cosines have one law at both levels, and
/// after one wide ReLU layer the mean that the arc-cosine kernel predicts.
///
/// Cho, Y. & Saul, L. K. (2009), Kernel methods for deep learning.
#[test]
fn inputs_through_the_same_weights_are_correlated_as_they_should_be() {
    for activation in ACTIVATIONS {
        for weights in [Weights::Gaussian, Weights::Orthogonal] {
            let model = |cosine| {
                let model = Model::square(activation, Dropout::NONE, 8, 0.5, 3).unwrap();
                let model = model.with_weights(weights).with_bias(0.2).unwrap();
                model.with_inputs(3, cosine).unwrap()
            };
            let last = |paths: &[Path], pair: usize| -> Vec<f64> {
                paths.iter().map(|p| p.cosines[pair]).collect()
            };
            let network = paths(&model(0.5), Level::Network, 1);
            let pre = paths(&model(0.5), Level::Preactivation, 2);
            let wrong = paths(&model(0.3), Level::Preactivation, 3);
            for pair in 0..3 {
                let p = two_sample(&last(&network, pair), &last(&pre, pair))
                    .unwrap()
                    .p_value;
                assert!(p > LEVEL, "{activation} {weights:?}: {p}");
                let p = two_sample(&last(&network, pair), &last(&wrong, pair))
                    .unwrap()
                    .p_value;
                assert!(p < LEVEL, "{activation} {weights:?}: {p}");
            }
            assert!(
                network
                    .iter()
                    .flat_map(|p| &p.cosines)
                    .all(|c| c.abs() <= 1.0 + 1e-12)
            );
        }
    }
    let (width, cosine) = (2000, 0.3_f64);
    let model = Model::square(Activation::Relu, Dropout::NONE, width, 1.0, 1).unwrap();
    let simulator = Simulator::new(model.with_inputs(2, cosine).unwrap(), Level::Network).unwrap();
    let plan = Plan {
        seed: 4,
        trajectories: 200,
    };
    let found = MeanEstimate::from_sample(
        simulate(&simulator, plan, |_| ())
            .iter()
            .map(|p| p.cosines[0]),
    )
    .unwrap();
    let angle = cosine.acos();
    let kernel = (angle.sin() + (std::f64::consts::PI - angle) * cosine) / std::f64::consts::PI;
    // a ratio of means over 2000 units is off by about 1/width
    assert!(
        (found.mean - kernel).abs() < 4.0 * found.standard_error + 1e-3,
        "{found:?} {kernel}"
    );
    assert!((found.mean - cosine).abs() > 0.1);
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    let model =
        Model::square(ACTIVATIONS[3], Dropout::inverted(0.8).unwrap(), 20, 0.4, 30).unwrap();
    for level in [
        Level::Network,
        Level::NetworkSingle,
        Level::Preactivation,
        Level::Radial,
    ] {
        let simulator = Simulator::new(model.clone(), level).unwrap();
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let plan = Plan {
                seed: 9,
                trajectories: 50,
            };
            pool.install(|| simulate(&simulator, plan, |_| ()))
        };
        let one = run(1);
        assert_eq!(one, run(2));
        assert_eq!(one, run(7));
        // any part of the run is the same as in the whole
        assert_eq!(one[31], simulator.path(9, 31));
        assert_ne!(one[31], simulator.path(10, 31));
    }
}

/// A seed means the same next year: the values that these streams gave when they were fixed.
#[test]
fn values_are_stable() {
    let pinned: [(Level, [f64; 2]); 4] = [
        (Level::Network, [0.5548557525260024, 0.020647500553070963]),
        (
            Level::NetworkSingle,
            [-0.40748733049983854, -0.11195363778066181],
        ),
        (
            Level::Preactivation,
            [-0.25920080538684975, -2.65831670897433],
        ),
        (Level::Radial, [-0.44764709611131526, -1.3616845512915412]),
    ];
    let dropout = Dropout::inverted(0.9).unwrap();
    let model = Model::square(ACTIVATIONS[3], dropout, 5, 0.5, 7).unwrap();
    for (level, values) in pinned {
        let path = Simulator::new(model.clone(), level).unwrap().path(42, 3);
        let found = [path.log_norms[0], path.log_norms[6]];
        for (found, value) in found.into_iter().zip(values) {
            // logarithms and square roots of other systems may differ in the last digit
            assert!(
                (found - value).abs() < 1e-6,
                "{level:?}: {found:?}, pinned {value:?}"
            );
        }
    }
}

/// 100 000 layers that shrink or grow by the factor 10 each neither underflow nor overflow.
#[test]
fn great_depth_keeps_its_digits() {
    let depth = 100_000;
    for (level, scale) in [
        (Level::Network, 0.01),
        (Level::NetworkSingle, 30.0),
        (Level::Preactivation, 0.01),
        (Level::Radial, 30.0),
    ] {
        let model = Model::square(Activation::Linear, Dropout::NONE, 4, scale, depth).unwrap();
        let law = LayerLaw::new(Activation::Linear, 4).unwrap();
        let cumulants = law.log_cumulants();
        let path = Simulator::new(model, level).unwrap().path(1, 0);
        let k = depth as f64;
        let z = (path.log_norm(depth) - k * (scale.ln() + cumulants.mean))
            / (k * cumulants.variance).sqrt();
        assert!(z.abs() < 4.5, "{level:?}: {z}");
    }
}
