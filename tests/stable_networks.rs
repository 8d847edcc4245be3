//! Networks with α-stable weights: the numbers, the two levels against each other, and both against
//! the one-layer law; each test sees that something near is wrong.

use isomoment::simulate::numbers::Stables;
use isomoment::simulate::streams::trajectory_stream;
use isomoment::simulate::{Layer, Level, Model, Path, Plan, Simulator, simulate};
use isomoment::stats::goodness::{kolmogorov_smirnov, two_sample};
use isomoment::stats::location::two_sided;
use isomoment::{Activation, Dropout, StableLaw, Weights};
use statrs::distribution::{ContinuousCDF, Normal};

/// Level of a single test; there are about 100.
const LEVEL: f64 = 1e-5;

const ACTIVATIONS: [Activation; 4] = [
    Activation::Linear,
    Activation::Relu,
    Activation::LeakyRelu { slope: -0.5 },
    Activation::RandomizedLeakyRelu {
        lower: 0.1,
        upper: 0.9,
    },
];

fn sample(alpha: f64, seed: u64) -> Vec<f64> {
    let mut numbers = vec![0.0; 400_000];
    let mut stables = Stables::new(alpha, &mut trajectory_stream(seed, 0)).unwrap();
    stables.fill(&mut numbers);
    numbers
}

/// p-value of the mean of these values, against this expectation.
fn mean_p(values: impl Iterator<Item = f64> + Clone, expected: f64) -> f64 {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let variance = values.map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    two_sided((mean - expected) / (variance / n).sqrt())
}

/// E cos tz = e^{−|t|^α}, E sin tz = 0, and neighbours are independent: E cos t(z₁ + z₂).
#[test]
fn numbers_have_the_characteristic_function() {
    for (seed, alpha) in (1..).zip([0.3, 0.6, 0.95, 1.0, 1.05, 1.5, 1.9, 2.0]) {
        let numbers = sample(alpha, seed);
        for t in [0.1_f64, 0.5, 1.0, 2.0, 5.0] {
            let cosines = numbers.iter().map(|z| (t * z).cos());
            let right = mean_p(cosines.clone(), (-t.powf(alpha)).exp());
            assert!(right > LEVEL, "alpha {alpha}, t {t}: {right:e}");
            let odd = mean_p(numbers.iter().map(|z| (t * z).sin()), 0.0);
            assert!(odd > LEVEL, "alpha {alpha}, t {t}: sine {odd:e}");
            let pairs = numbers
                .chunks_exact(2)
                .map(|pair| (t * (pair[0] + pair[1])).cos());
            let p = mean_p(pairs, (-2.0 * t.powf(alpha)).exp());
            assert!(p > LEVEL, "alpha {alpha}, t {t}: pairs {p:e}");
        }
        let cosines = numbers.iter().map(|z| (0.5 * z).cos());
        let wrong = mean_p(cosines, (-0.5_f64.powf(alpha + 0.03)).exp());
        assert!(wrong < LEVEL, "alpha {alpha}: {wrong:e}");
    }
}

#[test]
fn cauchy_and_normal_numbers() {
    let cauchy = sample(1.0, 31);
    let law = |x: f64| 0.5 + x.atan() / std::f64::consts::PI;
    assert!(kolmogorov_smirnov(&cauchy, law).unwrap().p_value > LEVEL);
    assert!(
        kolmogorov_smirnov(&cauchy, |x| law(1.03 * x))
            .unwrap()
            .p_value
            < LEVEL
    );
    let normal = Normal::new(0.0, 2.0_f64.sqrt()).unwrap();
    let gaussian = sample(2.0, 32);
    assert!(
        kolmogorov_smirnov(&gaussian, |x| normal.cdf(x))
            .unwrap()
            .p_value
            > LEVEL
    );
}

fn paths(model: &Model, level: Level, seed: u64) -> Vec<Path> {
    let simulator = Simulator::new(model.clone(), level).unwrap();
    let plan = Plan {
        seed,
        trajectories: 20_000,
    };
    simulate(&simulator, plan, |_| ())
}

fn last(paths: &[Path]) -> Vec<f64> {
    paths.iter().map(|p| *p.log_norms.last().unwrap()).collect()
}

/// Layers of several shapes.
fn model(activation: Activation, dropout: Dropout, alpha: f64, scale: f64) -> Model {
    let layer = |fan_in, fan_out| Layer {
        fan_in,
        fan_out,
        scale,
    };
    let layers = vec![layer(7, 12), layer(12, 5), layer(5, 9), layer(9, 9)];
    let model = Model::layered(activation, dropout, layers).unwrap();
    model.with_stable_weights(alpha).unwrap()
}

/// Whole laws after four layers: real matrices against pre-activations, and those against other
/// pre-activations at a scale that is 10 % off.
#[test]
fn both_levels_have_one_law() {
    let dropouts = [Dropout::NONE, Dropout::inverted(0.7).unwrap()];
    for (index, activation) in (1..).zip(ACTIVATIONS) {
        for dropout in dropouts {
            for alpha in [0.5, 1.5, 2.0] {
                let of = |level, scale, seed| {
                    last(&paths(
                        &model(activation, dropout, alpha, scale),
                        level,
                        seed,
                    ))
                };
                let network = of(Level::Network, 0.3, 10 * index);
                let pre = of(Level::Preactivation, 0.3, 10 * index + 1);
                let case = format!("{activation}, {dropout:?}, alpha {alpha}");
                let fit = two_sample(&network, &pre).unwrap();
                assert!(fit.p_value > LEVEL, "{case}: {fit:?}");
                let wrong = of(Level::Preactivation, 0.33, 10 * index + 2);
                let p = two_sample(&pre, &wrong).unwrap().p_value;
                // the log-norm at alpha = ½ spreads over 14 and more, and 4·log 1.1 is 0.4
                assert!(alpha < 1.0 || p < LEVEL, "{case}: 10 % unseen, p = {p}");
            }
        }
    }
}

/// One layer of real matrices: mean and variance of the log-norm, the share of dead outputs, and
/// E‖x‖^s at γ(s; α, d), s < α/2, where the scale of infinite width is seen to be wrong.
#[test]
fn real_matrices_have_the_one_layer_law() {
    for (index, activation) in (1..).zip(ACTIVATIONS) {
        for alpha in [0.5, 1.2, 1.8] {
            let (width, s) = (4, 0.4 * alpha);
            let law = StableLaw::new(alpha, activation, width).unwrap();
            let cumulants = law.log_cumulants();
            let logs = |scale: f64| {
                let model = Model::square(activation, Dropout::NONE, 4, scale, 1).unwrap();
                let model = model.with_stable_weights(alpha).unwrap();
                last(&paths(&model, Level::Network, 100 + index))
            };
            let all = logs(1.0);
            let alive: Vec<f64> = all.iter().copied().filter(|x| x.is_finite()).collect();
            let case = format!("{activation}, alpha {alpha}");
            let deaths = all.iter().map(|x| f64::from(u8::from(x.is_infinite())));
            if law.dead_probability() > 0.0 {
                let p = mean_p(deaths, law.dead_probability());
                assert!(p > LEVEL, "{case}: deaths {p:e}");
            } else {
                assert_eq!(alive.len(), all.len());
            }
            let p = mean_p(alive.iter().copied(), cumulants.mean);
            assert!(p > LEVEL, "{case}: mean {p:e}");
            let p = mean_p(alive.iter().map(|x| x + 0.05), cumulants.mean);
            assert!(alpha < 1.0 || p < LEVEL, "{case}: a mean 0.05 off, {p:e}");
            let squares = alive.iter().map(|x| (x - cumulants.mean).powi(2));
            let p = mean_p(squares.clone(), cumulants.variance);
            assert!(p > LEVEL, "{case}: variance {p:e}");
            assert!(mean_p(squares, 1.2 * cumulants.variance) < LEVEL, "{case}");
            let powers = |scale: f64| {
                let logs = logs(scale);
                logs.into_iter().map(|x| (s * x).exp()).collect::<Vec<_>>()
            };
            let p = mean_p(powers(law.scale(s).unwrap()).into_iter(), 1.0);
            assert!(p > LEVEL, "{case}: moment {p:e}");
            let wide = powers(law.infinite_width_scale().unwrap());
            assert!(mean_p(wide.into_iter(), 1.0) < LEVEL, "{case}");
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let model = model(ACTIVATIONS[3], Dropout::inverted(0.7).unwrap(), 1.3, 0.3);
    for level in [Level::Network, Level::Preactivation] {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap().install(|| paths(&model, level, 3))
        };
        assert!(on(1) == on(5));
    }
}

#[test]
fn what_is_not_drawn_is_refused() {
    let plain = Model::square(Activation::Relu, Dropout::NONE, 8, 0.1, 3).unwrap();
    for alpha in [0.29, 2.1, f64::NAN] {
        assert!(plain.clone().with_stable_weights(alpha).is_err());
    }
    let stable = plain.with_stable_weights(1.5).unwrap();
    let refused = |model: &Model, level, argument: &str| {
        let error = Simulator::new(model.clone(), level).unwrap_err();
        assert!(error.to_string().starts_with(argument), "{error}");
    };
    refused(&stable, Level::Radial, "level is radial");
    refused(&stable, Level::NetworkSingle, "level is network in f32");
    refused(
        &stable.clone().with_bias(0.1).unwrap(),
        Level::Network,
        "bias is 0.1",
    );
    refused(
        &stable.clone().with_inputs(2, 0.5).unwrap(),
        Level::Network,
        "inputs is 2",
    );
    refused(
        &stable.clone().with_weights(Weights::Orthogonal),
        Level::Network,
        "weights is orthogonal",
    );
    assert!(stable.law(stable.layers()[0]).is_err());
}
