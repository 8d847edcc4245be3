//! Layers with α-stable weights: every row of tests/data/stable.csv, the Gaussian and the Cauchy
//! case by other routes, and what holds between the numbers.

use isomoment::{Activation, Dropout, Error, LayerLaw, StableLaw};
use proptest::prelude::{any, prop_assert, proptest};

const ACTIVATIONS: [Activation; 8] = [
    Activation::Linear,
    Activation::Relu,
    Activation::LeakyRelu { slope: 0.01 },
    Activation::LeakyRelu { slope: -2.0 },
    Activation::LeakyRelu { slope: 1e-60 },
    Activation::RRELU_DEFAULT,
    Activation::RandomizedLeakyRelu {
        lower: -0.1,
        upper: 0.4,
    },
    Activation::RandomizedLeakyRelu {
        lower: 0.3,
        upper: 0.30001,
    },
];

fn relative(found: f64, exact: f64) -> f64 {
    (found / exact - 1.0).abs()
}

#[test]
fn reference_values() {
    let mut worst = [(0.0, ""); 5];
    let mut rows = 0;
    for line in include_str!("data/stable.csv").lines().skip(1) {
        rows += 1;
        let cells: Vec<&str> = line.split(',').collect();
        let number = |i: usize| -> f64 { cells[i].parse().unwrap() };
        let activation = match cells[1] {
            "linear" => Activation::Linear,
            "relu" => Activation::Relu,
            "leaky" => Activation::LeakyRelu { slope: -0.2 },
            _ => Activation::RRELU_DEFAULT,
        };
        let dropout = Dropout::plain(number(2)).unwrap();
        let width = cells[3].parse().unwrap();
        let law = StableLaw::with_dropout(number(0), activation, dropout, width).unwrap();
        let cumulants = law.log_cumulants();
        let deviation = number(8).sqrt();
        // ε^{−1/s} of rare survival at small s is no double
        let scale = match law.scale(number(4)) {
            Ok(scale) => relative(scale, number(6)),
            Err(Error::Range { .. }) if number(6) == f64::INFINITY => 0.0,
            Err(error) => panic!("{error} at {line}"),
        };
        let errors = [
            relative(law.moment(number(4)).unwrap(), number(5)),
            scale,
            (cumulants.mean - number(7)).abs() / number(7).abs().max(1.0),
            relative(cumulants.variance, number(8)),
            (cumulants.third - number(9)).abs() / deviation.powi(3),
        ];
        for (worst, error) in worst.iter_mut().zip(errors) {
            if error > worst.0 {
                *worst = (error, line);
            }
        }
    }
    println!("worst errors: {worst:#?}");
    assert_eq!(rows, 672);
    for (found, allowed) in worst.iter().zip([2e-14, 3e-14, 2e-14, 1e-13, 2e-9]) {
        assert!(found.0 < allowed, "{found:?}");
    }
}

/// γ = σ/√2 at α = 2, of the law that knows χ² and the transform (1+2t)^{−1/2}.
#[test]
fn gaussian_weights() {
    for activation in ACTIVATIONS {
        for keep in [1.0, 0.5, 1e-3] {
            for width in [1, 2, 3, 8, 64, 1000, 1_000_000, 1_000_000_000_000] {
                let dropout = Dropout::inverted(keep).unwrap();
                let gaussian = LayerLaw::with_dropout(activation, dropout, width).unwrap();
                let law = StableLaw::with_dropout(2.0, activation, dropout, width).unwrap();
                let context = format!("{activation}, keep {keep}, width {width}");
                for s in [0.05, 0.3, 1.0, 1.5, 1.99, 2.0] {
                    let sigma = gaussian.scale(s).unwrap();
                    let error = relative(law.scale(s).unwrap() * 2.0_f64.sqrt(), sigma);
                    assert!(error < 1e-13, "{context}, s = {s}: {error:e}");
                    let error = relative(
                        law.moment(s).unwrap(),
                        gaussian.moment(s).unwrap() * 2.0_f64.powf(0.5 * s),
                    );
                    assert!(error < 1e-13, "{context}, s = {s}: moment {error:e}");
                }
                let (found, exact) = (law.log_cumulants(), gaussian.log_cumulants());
                let error = found.mean - exact.mean - 0.5 * 2.0_f64.ln();
                assert!(
                    error.abs() < 5e-14 * exact.mean.abs().max(1.0),
                    "{context}: {error:e}"
                );
                let error = relative(found.variance, exact.variance);
                assert!(error < 1e-11, "{context}: variance {error:e}");
                assert_eq!(law.dead_probability(), gaussian.dead_probability());
            }
        }
    }
}

/// E|z|^s of one linear unit is a product of gamma functions, whatever α is.
#[test]
fn one_unit() {
    use statrs::function::gamma::gamma;
    for alpha in [0.3, 0.5, 1.0, 1.3, 1.8, 1.999, 2.0 - 1e-12] {
        let law = StableLaw::new(alpha, Activation::Linear, 1).unwrap();
        for share in [0.01, 0.3, 0.6, 0.9, 0.99, 0.999_999] {
            let s: f64 = share * alpha;
            let front = s.exp2() / std::f64::consts::PI.sqrt();
            let rest = (alpha - s) / alpha;
            let below = gamma(1.0 - 0.5 * s) * rest;
            let exact = front * gamma(0.5 + 0.5 * s) * gamma(1.0 + rest) / below;
            let error = relative(law.moment(s).unwrap(), exact);
            assert!(error < 1e-12, "alpha {alpha}, s {s}: {error:e}");
        }
    }
}

/// α = 1 from the Cauchy density alone: E[Q^p; Q>0] = (p/Γ(1−p)) ∫ (1 − L) t^{−p−1} dt, with sums
/// over the density for L.
#[test]
fn cauchy_weights() {
    let complement = |t: f64| -> f64 {
        let terms = (-500..1000).map(|j| {
            let x = (0.1 * f64::from(j)).exp();
            -(-t * x).exp_m1() * x / (1.0 + x * x)
        });
        0.2 / std::f64::consts::PI * terms.sum::<f64>()
    };
    let points: Vec<(f64, f64)> = (-400..450)
        .map(|k| {
            let u = 0.2 * f64::from(k);
            (u, complement(u.exp()))
        })
        .collect();
    let front = 0.5 / std::f64::consts::PI.sqrt();
    for width in [1, 3, 64, 10_000] {
        let units = f64::from(width);
        for (activation, alive) in [(Activation::Linear, 1.0), (Activation::Relu, 0.5)] {
            let survival = 1.0 - (1.0_f64 - alive).powf(units);
            let terms = points.iter().map(|&(u, a)| {
                // P(Q=0) − L + 1 − P(Q=0)
                let below = -(units * (-alive * a).ln_1p()).exp_m1();
                below * (-0.5 * u).exp()
            });
            let sum: f64 = terms.sum();
            // beyond the last point 1 − L is P(Q>0)
            let moment = front * 0.2 * sum + front * survival * 2.0 * (-45.0_f64 + 0.05).exp();
            let law = StableLaw::new(1.0, activation, width as u64).unwrap();
            let error = relative(law.moment(0.5).unwrap(), moment);
            assert!(error < 1e-12, "{activation}, width {width}: {error:e}");
        }
    }
}

/// As α → 2 everything tends to the Gaussian case, at the rate of 2 − α.
#[test]
fn towards_the_gaussian_case() {
    for activation in ACTIVATIONS {
        for width in [1, 16, 4096, 1_000_000_000_000] {
            let value = |alpha: f64| {
                let law = StableLaw::new(alpha, activation, width).unwrap();
                let cumulants = law.log_cumulants();
                [
                    law.scale(1.0).unwrap().ln(),
                    cumulants.mean,
                    cumulants.variance,
                ]
            };
            let limit = value(2.0);
            let slope = |gap: f64| {
                let near = value(2.0 - gap);
                [0, 1, 2].map(|i| (near[i] - limit[i]) / gap)
            };
            let (far, near) = (slope(1e-4), slope(1e-6));
            for i in 0..3 {
                let change = (far[i] - near[i]).abs() / (1.0 + near[i].abs());
                assert!(
                    change < 0.05,
                    "{activation}, {width}, {i}: {far:?} {near:?}"
                );
            }
            let nearest = value(2.0 - 1e-9);
            for i in 0..3 {
                let error = nearest[i] - limit[i] - 1e-9 * near[i];
                assert!(
                    error.abs() < 1e-13 * limit[i].abs().max(1.0),
                    "{activation}, {width}, {i}: {error:e}"
                );
            }
        }
    }
}

/// (C_α d log d)^{−1/α}/γ for linear units, α = 1.5, s = 1, and the expansion's error.
#[test]
fn infinite_width() {
    let table = [
        (16, 2.21, 1.2e-2),
        (256, 1.70, 1.6e-3),
        (4096, 1.50, 6e-4),
        (1_000_000, 1.33, 2e-4),
        (1_000_000_000, 1.23, 1e-4),
    ];
    for (width, ratio, allowed) in table {
        let law = StableLaw::new(1.5, Activation::Linear, width).unwrap();
        let gamma = law.scale(1.0).unwrap();
        let found = law.infinite_width_scale().unwrap() / gamma;
        println!(
            "{width}: {found:.4} {:.2e}",
            law.scale_expansion(1.0).unwrap() / gamma - 1.0
        );
        assert!((found - ratio).abs() < 0.005, "{width}: {found}");
        let error = relative(law.scale_expansion(1.0).unwrap(), gamma);
        assert!(error < allowed, "{width}: {error:e}");
    }
}

#[test]
fn refusals() {
    let law = StableLaw::new(1.5, Activation::Relu, 64).unwrap();
    let infinite = "s is 1.5; it must be above 0 and below alpha = 1.5: from there on the moment \
                    is infinite";
    assert_eq!(law.scale(1.5).unwrap_err().to_string(), infinite);
    for s in [0.0, -1.0, 1.6, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            law.scale(s),
            Err(Error::Domain { argument: "s", .. })
        ));
        assert!(matches!(
            law.moment(s),
            Err(Error::Domain { argument: "s", .. })
        ));
        assert!(law.log_growth(s).is_err() && law.scale_expansion(s).is_err());
    }
    for alpha in [0.0, 0.29, 2.000001, f64::NAN] {
        let error = StableLaw::new(alpha, Activation::Relu, 64).unwrap_err();
        let message = format!("alpha is {alpha:?}; it must be a number from 0.3 to 2");
        assert_eq!(error.to_string(), message);
    }
    assert!(StableLaw::new(1.0, Activation::Relu, 0).is_err());
    assert!(
        StableLaw::new(2.0, Activation::Relu, 64)
            .unwrap()
            .infinite_width_scale()
            .is_err()
    );
    assert!(
        StableLaw::new(1.0, Activation::Relu, 1)
            .unwrap()
            .infinite_width_scale()
            .is_err()
    );
    assert!(
        StableLaw::new(0.3, Activation::Linear, 1)
            .unwrap()
            .scale_expansion(0.1)
            .is_err()
    );
}

fn activation(kind: u8, slope: f64, other: f64) -> Activation {
    match kind % 4 {
        0 => Activation::Linear,
        1 => Activation::Relu,
        2 => Activation::LeakyRelu { slope },
        _ => Activation::RandomizedLeakyRelu {
            lower: slope.min(other),
            upper: slope.max(other),
        },
    }
}

proptest! {
    /// γ falls in s towards the Lyapunov scale's side and in d, and rates and variances have their
    /// signs.
    #[test]
    fn order_in_s(
        alpha in 0.3_f64..2.0,
        kind in any::<u8>(),
        slope in -2.0_f64..2.0,
        other in -2.0_f64..2.0,
        log_width in 0.0_f64..30.0,
        shares in (0.001_f64..0.999, 0.001_f64..0.999),
    ) {
        let activation = activation(kind, slope, other);
        let law = StableLaw::new(alpha, activation, log_width.exp() as u64).unwrap();
        let (low, high) = (shares.0.min(shares.1), shares.0.max(shares.1));
        let (first, second) = (low * alpha, high * alpha);
        let cumulants = law.log_cumulants();
        prop_assert!(cumulants.variance > 0.0 && cumulants.mean.is_finite());
        if let (Ok(a), Ok(b)) = (law.scale(first), law.scale(second)) {
            prop_assert!(a >= b * (1.0 - 1e-13), "{a} {b}");
            let power = law.moment(second).unwrap();
            prop_assert!((power.powf(-1.0 / second) / b - 1.0).abs() < 1e-11);
            if law.dead_probability() < 1e-300 {
                prop_assert!(law.lyapunov_scale().unwrap() >= a * (1.0 - 1e-13));
                prop_assert!(law.log_growth(first).unwrap() <= 1e-14);
            }
        }
    }
}
