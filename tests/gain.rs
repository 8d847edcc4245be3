//! Gains of any activation against values of another program and against homogeneous layers.

use isomoment::activation::Activation;
use isomoment::gain::{Gain, LevelLaw, Nonlinearity};
use isomoment::{Dropout, LayerLaw};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Gains, relative.
const GAIN_BOUND: f64 = 3e-14;

/// Stabilities, absolute.
const STABILITY_BOUND: f64 = 2e-14;

fn named(name: &str) -> Nonlinearity {
    let mut all = Nonlinearity::ALL.into_iter();
    all.find(|one| one.name() == name).unwrap()
}

#[test]
fn gains_are_those_of_another_program() {
    let table = include_str!("data/gain.csv");
    assert_eq!(table.lines().skip(1).count(), 85);
    let (mut worst_gain, mut worst_stability) = (0.0_f64, 0.0_f64);
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |i: usize| cells[i].parse::<f64>().unwrap();
        let law = LevelLaw::new(named(cells[0]), number(2) as u64).unwrap();
        let found = law.gain(number(1), number(3)).unwrap();
        let gain = (found.gain / number(4) - 1.0).abs();
        let stability = (found.stability - number(5)).abs();
        println!("{line}: {gain:.1e} {stability:.1e}");
        assert!(gain < GAIN_BOUND, "{line}: {found:?}");
        assert!(stability < STABILITY_BOUND, "{line}: {found:?}");
        worst_gain = worst_gain.max(gain);
        worst_stability = worst_stability.max(stability);
    }
    println!("gains within {worst_gain:.1e}, stabilities within {worst_stability:.1e}");
    // a bound that is never approached says nothing
    assert!(worst_gain > 0.02 * GAIN_BOUND && worst_stability > 0.02 * STABILITY_BOUND);
}

#[test]
fn homogeneous_units_have_the_gain_of_the_layer_at_every_level() {
    let mut worst = 0.0_f64;
    for (nonlinearity, activation) in [
        (Nonlinearity::Relu, Activation::Relu),
        (
            Nonlinearity::LeakyRelu { slope: 0.01 },
            Activation::LeakyRelu { slope: 0.01 },
        ),
        (
            Nonlinearity::LeakyRelu { slope: -0.5 },
            Activation::LeakyRelu { slope: -0.5 },
        ),
    ] {
        for width in [1, 2, 3, 8, 64, 1000, 1_000_000, 1 << 53] {
            let law = LevelLaw::new(nonlinearity, width).unwrap();
            let layer = LayerLaw::with_dropout(activation, Dropout::NONE, width).unwrap();
            for s in [0.1, 0.5, 1.0, 1.9, 2.0] {
                let exact = (width as f64).sqrt() * layer.scale(s).unwrap();
                for level in [1e-5, 1.0, 30.0] {
                    let Gain { gain, stability } = law.gain(s, level).unwrap();
                    let case = format!("{nonlinearity}, {width}, {s}, {level}");
                    worst = worst.max((gain / exact - 1.0).abs());
                    assert!((gain / exact - 1.0).abs() < 1e-13, "{case}: {gain} {exact}");
                    assert!((stability - 1.0).abs() < 1e-13, "{case}: {stability}");
                }
            }
        }
    }
    println!("within {worst:.1e}");
}

/// A function of the user's, the same by name, and its breakpoints.
type Own = (Nonlinearity, fn(f64) -> f64, &'static [f64]);

#[test]
fn own_functions_are_as_good_as_named_ones() {
    let own: [Own; 4] = [
        (Nonlinearity::Tanh, f64::tanh, &[]),
        (Nonlinearity::Silu, |y| y / (1.0 + (-y).exp()), &[]),
        (Nonlinearity::Relu, |y| y.max(0.0), &[]),
        (Nonlinearity::Softplus, |y| y.exp().ln_1p(), &[]),
    ];
    for (nonlinearity, function, breakpoints) in own {
        for (s, width) in [(0.5, 2), (1.0, 64), (2.0, 5)] {
            let named = LevelLaw::new(nonlinearity, width).unwrap();
            let named = named.gain(s, 0.8).unwrap();
            let own = LevelLaw::of_function(function, breakpoints, width).unwrap();
            let own = own.gain(s, 0.8).unwrap();
            assert!(
                (named.gain / own.gain - 1.0).abs() < 1e-12,
                "{nonlinearity}"
            );
        }
    }
}

#[test]
fn kinks_and_zeros_away_from_0() {
    // E of a shifted ReLU squared: with b = −1/τ, τ²[(1 + b²)(1 − Φ(b)) − b n(b)]
    let law = LevelLaw::of_function(|y| (y + 1.0).max(0.0), &[-1.0], 3).unwrap();
    let tau = 0.7_f64;
    let b = -1.0 / tau;
    let density = (-0.5 * b * b).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let upper = 1.0 - 0.076_563_725_509_834_77; // Φ(1/0.7)
    let exact = tau * ((1.0 + b * b) * upper - b * density).sqrt();
    let found = law.level(2.0, tau).unwrap();
    assert!((found / exact - 1.0).abs() < 1e-14, "{found} {exact}");
    // units that die and revive as τ grows: the exponent is the difference quotient
    let level = |tau: f64| law.level(0.5, tau).unwrap().ln();
    let gain = law.gain(0.5, 1.2).unwrap();
    let (tau, h) = (1.2 * gain.gain, 1e-4_f64);
    let quotient = (level(tau * h.exp()) - level(tau * (-h).exp())) / (2.0 * h);
    assert!(
        (quotient - gain.stability).abs() < 1e-8,
        "{quotient} {gain:?}"
    );
}

#[test]
fn a_function_that_is_rough_between_its_breakpoints_is_refused() {
    let step = |y: f64| if y > 0.3 { 1.0 } else { 0.1 };
    let rough = LevelLaw::of_function(step, &[], 4).unwrap();
    let refusal = rough.gain(1.0, 0.5).unwrap_err().to_string();
    assert!(refusal.contains("not smooth"), "{refusal}");
    let told = LevelLaw::of_function(step, &[0.3], 4).unwrap();
    assert!(told.gain(1.0, 0.5).is_ok());
    let fast = LevelLaw::of_function(|y| y * y.exp().exp(), &[], 4).unwrap();
    assert!(fast.gain(1.0, 1.0).is_err());
    let hole = LevelLaw::of_function(f64::ln, &[], 4).unwrap();
    assert!(hole.gain(1.0, 1.0).unwrap_err().to_string().contains("NaN"));
}

#[test]
fn bounded_activations_have_largest_and_smallest_levels() {
    let message = |nonlinearity, width, s, level| {
        let law = LevelLaw::new(nonlinearity, width).unwrap();
        law.gains(s, level).unwrap_err().to_string()
    };
    for (nonlinearity, s, level, bound) in [
        (Nonlinearity::Tanh, 1.0, 1.5, "below 1,"),
        // half of the units are at 1
        (Nonlinearity::Sigmoid, 2.0, 0.8, "below 0.707107"),
        (Nonlinearity::Sigmoid, 2.0, 0.4, "above 0.5"),
        (Nonlinearity::Softplus, 2.0, 0.6, "above 0.693147"),
    ] {
        let refusal = message(nonlinearity, 64, s, level);
        assert!(refusal.contains(bound), "{refusal}");
    }
    let law = LevelLaw::new(Nonlinearity::Tanh, 64).unwrap();
    for (s, level) in [
        (0.0, 1.0),
        (2.1, 1.0),
        (f64::NAN, 1.0),
        (1.0, 0.0),
        (1.0, f64::NAN),
    ] {
        assert!(law.gain(s, level).is_err(), "{s} {level}");
    }
    assert!(LevelLaw::new(Nonlinearity::Tanh, 0).is_err());
    assert!(LevelLaw::new(Nonlinearity::Elu { alpha: f64::NAN }, 1).is_err());
    assert!(LevelLaw::of_function(f64::tanh, &[f64::NAN], 1).is_err());
}

#[test]
fn all_gains_are_found() {
    // the moment of order 0.1 falls from that of log 2 before it rises
    let law = LevelLaw::new(Nonlinearity::Softplus, 1).unwrap();
    let gains = law.gains(0.1, 0.685).unwrap();
    assert_eq!(gains.len(), 2);
    assert!(gains[0].gain < gains[1].gain);
    assert!(gains[0].stability < 0.0 && gains[1].stability > 0.0);
    for gain in &gains {
        let level = law.level(0.1, 0.685 * gain.gain).unwrap();
        assert!((level - 0.685).abs() < 1e-14);
    }
    // a wave: R rises and falls; each crossing of the level is one
    let wave = LevelLaw::of_function(|y| y * (-y * y).exp(), &[], 16).unwrap();
    let gains = wave.gains(2.0, 0.15).unwrap();
    assert_eq!(gains.len(), 2);
    assert!(gains[0].stability > 0.0 && gains[1].stability < 0.0);
    // R² = τ²/(1 + 4τ²)^{3/2}, at most 3^{−3/2}/2 at τ² = 1/2: two gains just below its peak
    let gains = wave.gains(2.0, 0.3102).unwrap();
    assert_eq!(gains.len(), 2);
    for gain in gains {
        let square = (0.3102 * gain.gain).powi(2);
        let level = (square / (1.0 + 4.0 * square).powf(1.5)).sqrt();
        assert!((level - 0.3102).abs() < 1e-14, "{gain:?}");
    }
    let refusal = wave.gains(2.0, 0.3103).unwrap_err().to_string();
    assert!(refusal.contains("below 0.310202, the largest"), "{refusal}");
}

#[test]
fn a_difference_quotient_gives_the_stability() {
    for nonlinearity in Nonlinearity::ALL {
        for (s, width, level) in [(0.3, 1, 0.8), (0.5, 2, 0.8), (1.0, 8, 0.8), (1.9, 300, 0.8)] {
            let law = LevelLaw::new(nonlinearity, width).unwrap();
            let Ok(gains) = law.gains(s, level) else {
                assert_eq!(nonlinearity, Nonlinearity::Sigmoid, "{s} {width}");
                continue;
            };
            for gain in gains {
                let (tau, h) = (level * gain.gain, 1e-4_f64);
                let log = |tau: f64| law.level(s, tau).unwrap().ln();
                let quotient = (log(tau * h.exp()) - log(tau * (-h).exp())) / (2.0 * h);
                let case = format!("{nonlinearity}, {s}, {width}: {quotient} {gain:?}");
                assert!((quotient - gain.stability).abs() < 1e-8, "{case}");
            }
        }
    }
}

/// The mean of (rms of φ(W x)/r)^s over matrices W of standard deviation g/√n, in standard errors
/// from 1; every weight is drawn, and x is the same fixed vector of the level r.
fn errors_from_one(nonlinearity: Nonlinearity, [s, r, gain]: [f64; 3], width: usize) -> f64 {
    const INPUTS: usize = 6;
    const MATRICES: usize = 40_000;
    let shape: Vec<f64> = (1..=INPUTS).map(|k| k as f64 - 2.2).collect();
    let square: f64 = shape.iter().map(|x| x * x).sum();
    let size = r / (square / INPUTS as f64).sqrt();
    let x: Vec<f64> = shape.iter().map(|x| x * size).collect();
    let sigma = gain / (INPUTS as f64).sqrt();
    let mut rng = ChaCha8Rng::seed_from_u64(15);
    let mut weight = || {
        let (u, angle): (f64, f64) = (rng.random(), rng.random());
        sigma * (-2.0 * (1.0 - u).ln()).sqrt() * (2.0 * std::f64::consts::PI * angle).cos()
    };
    let mut moment = || {
        let squares = (0..width).map(|_| {
            let product: f64 = x.iter().map(|x| weight() * x).sum();
            nonlinearity.apply(product).powi(2)
        });
        let rms = (squares.sum::<f64>() / width as f64).sqrt();
        (rms / r).powf(s)
    };
    let values: Vec<f64> = (0..MATRICES).map(|_| moment()).collect();
    let mean = values.iter().sum::<f64>() / MATRICES as f64;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    let error = squares.sqrt() / MATRICES as f64;
    (mean - 1.0) / error
}

#[test]
fn drawn_matrices_keep_the_moment_at_the_gain_and_not_at_the_framework_s() {
    for (nonlinearity, width, s, level) in [
        (Nonlinearity::Gelu, 4, 0.5, 0.5),
        (Nonlinearity::Tanh, 3, 1.0, 0.4),
        (Nonlinearity::Selu, 8, 1.0, 1.0),
        (Nonlinearity::Softplus, 2, 1.5, 0.9),
    ] {
        let law = LevelLaw::new(nonlinearity, width).unwrap();
        let gain = law.gain(s, level).unwrap().gain;
        let at = |gain: f64| errors_from_one(nonlinearity, [s, level, gain], width as usize);
        let ours = at(gain);
        assert!(ours.abs() < 4.0, "{nonlinearity}: {ours} standard errors");
        // 1 where PyTorch has none; 5 % off is seen too
        let framework = nonlinearity.framework_gain().unwrap_or(1.0);
        for wrong in [framework, 1.05 * gain, gain / 1.05] {
            let theirs = at(wrong);
            assert!(theirs.abs() > 5.0, "{nonlinearity}, {wrong}: {theirs}");
        }
    }
}
