//! Weight ensembles and initialization schemes.

use approx::assert_relative_eq;
use isomoment::{Activation, Dropout, LayerLaw, LayerShape, Scheme, Weights};

const RELU: Activation = Activation::Relu;

/// Mean of f(B) for two Leaky ReLU units on the circle: B = c₁cos²θ + c₂sin²θ, by
/// the trapezoidal rule, which is exact to the last digits for a smooth periodic function.
fn circle_mean(a: f64, f: impl Fn(f64) -> f64) -> f64 {
    const POINTS: u32 = 400;
    let mixed: f64 = (0..POINTS)
        .map(|i| {
            let angle = std::f64::consts::PI * f64::from(i) / f64::from(POINTS);
            f(angle.cos().powi(2) + (a * angle.sin()).powi(2))
        })
        .sum();
    0.25 * (f(1.0) + f(a * a)) + 0.5 * mixed / f64::from(POINTS)
}

#[test]
fn orthogonal_weights_of_width_two() {
    for a in [0.3, -0.8, 0.99] {
        let activation = Activation::LeakyRelu { slope: a };
        let law = LayerLaw::new(activation, 2)
            .unwrap()
            .with_weights(Weights::Orthogonal);
        for s in [0.2, 1.0, 2.0, 5.0] {
            let exact = circle_mean(a, |b| b.powf(0.5 * s));
            assert_relative_eq!(law.moment(s).unwrap(), exact, max_relative = 1e-14);
            assert_relative_eq!(
                law.scale(s).unwrap(),
                exact.powf(-1.0 / s),
                max_relative = 4e-15
            );
        }
        let mean = circle_mean(a, |b| 0.5 * b.ln());
        let variance = circle_mean(a, |b| (0.5 * b.ln() - mean).powi(2));
        let cumulants = law.log_cumulants();
        assert_relative_eq!(cumulants.mean, mean, max_relative = 1e-13);
        // a difference of two variances: absolute
        assert_relative_eq!(
            cumulants.variance,
            variance,
            epsilon = 2e-15,
            max_relative = 1e-13
        );
    }
}

#[test]
fn an_orthogonal_matrix_keeps_every_norm() {
    let law = LayerLaw::new(Activation::Linear, 17)
        .unwrap()
        .with_weights(Weights::Orthogonal);
    let cumulants = law.log_cumulants();
    assert_eq!((law.scale(0.7), law.moment(3.0)), (Ok(1.0), Ok(1.0)));
    assert_eq!(
        (cumulants.mean, cumulants.variance, cumulants.third),
        (0.0, 0.0, 0.0)
    );
    // at s = 2, He's rule without the width: 1/E[c]
    let relu = LayerLaw::new(RELU, 17)
        .unwrap()
        .with_weights(Weights::Orthogonal);
    assert_relative_eq!(
        relu.scale(2.0).unwrap(),
        2.0_f64.sqrt(),
        max_relative = 4e-15
    );
}

#[test]
fn schemes_are_their_formulas() {
    let shape = LayerShape {
        fan_in: 100,
        fan_out: 50,
    };
    let std = |scheme: Scheme| {
        scheme
            .standard_deviation(RELU, Dropout::NONE, shape)
            .unwrap()
    };
    assert_relative_eq!(std(Scheme::He), 0.02_f64.sqrt(), max_relative = 4e-15);
    assert_relative_eq!(std(Scheme::LeCun), 0.1);
    assert_relative_eq!(std(Scheme::Glorot), (2.0_f64 / 150.0).sqrt());
    let walk = (2.0_f64 / 100.0).sqrt() * (1.2_f64 / 97.6).exp();
    assert_relative_eq!(std(Scheme::RandomWalk), walk, max_relative = 4e-15);
    assert_relative_eq!(
        std(Scheme::Fractional(2.0)),
        std(Scheme::He),
        max_relative = 4e-15
    );
    let square = LayerLaw::new(RELU, 50).unwrap();
    assert_relative_eq!(
        std(Scheme::Fractional(1.0)),
        square.scale(1.0).unwrap() * 0.5_f64.sqrt()
    );
    assert_relative_eq!(
        std(Scheme::Lyapunov),
        square.lyapunov_scale().unwrap() * 0.5_f64.sqrt()
    );
    // σ² = 2/d + 10(2−s)/(4d²) at a = 0
    let published = (2.0 / 50.0 + 2.5 / 2500.0) * 0.5;
    assert_relative_eq!(
        std(Scheme::Published(1.0)).powi(2),
        published,
        max_relative = 1e-14
    );
}

/// The formulas of the released code and of Sussillo & Abbott, worked out by hand for each
/// activation.
#[test]
fn published_and_random_walk_scales_of_each_activation() {
    let std = |scheme: Scheme, activation, width| {
        let shape = LayerShape::square(width);
        let std = scheme.standard_deviation(activation, Dropout::NONE, shape);
        std.unwrap()
    };
    let leaky = Activation::LeakyRelu { slope: 0.01 };
    for (scheme, activation, width, expected) in [
        (
            Scheme::Published(1.0),
            Activation::Linear,
            64,
            0.125_487_331_282_882_9,
        ),
        (
            Scheme::RandomWalk,
            Activation::Linear,
            64,
            0.125_980_387_150_805_98,
        ),
        // σ² = 2/64 + 5·1.2/(2·64²)
        (Scheme::Published(0.8), RELU, 64, 0.178_836_299_097_806_2),
        // σ² = 2/(1.0001·64) + 9.9981/(4.0006·64²)
        (Scheme::Published(1.0), leaky, 64, 0.178_485_347_820_376_45),
        (Scheme::RandomWalk, RELU, 64, 0.180_254_158_577_287_55),
        (Scheme::RandomWalk, leaky, 64, 0.180_245_146_545_255_47),
        // √2·e^{1.2/3.6}/√n at one and three inputs, and e^{1/2} at one
        (Scheme::RandomWalk, RELU, 1, 1.973_694_019_373_153),
        (Scheme::RandomWalk, RELU, 3, 1.139_512_773_383_044_3),
        // a slope of ±1 changes no norm
        (
            Scheme::RandomWalk,
            Activation::LeakyRelu { slope: -1.0 },
            64,
            0.125_980_387_150_805_98,
        ),
        (
            Scheme::RandomWalk,
            Activation::Linear,
            1,
            1.648_721_270_700_128_2,
        ),
        (
            Scheme::Published(1.0),
            Activation::Linear,
            1,
            1.224_744_871_391_589,
        ),
    ] {
        let found = std(scheme, activation, width);
        assert_relative_eq!(found, expected, max_relative = 1e-14);
    }
    // of the exact scale at s = 1 the linear formula is 1.5e-5 short
    let exact = std(Scheme::Fractional(1.0), Activation::Linear, 64);
    let off = std(Scheme::Published(1.0), Activation::Linear, 64) / exact - 1.0;
    assert!((off + 1.5e-5).abs() < 0.05e-5, "{off:e}");
}

#[test]
fn schemes_refuse_what_they_do_not_cover() {
    let refuse = |scheme: Scheme, activation, fan_in| {
        let shape = LayerShape { fan_in, fan_out: 4 };
        scheme
            .standard_deviation(activation, Dropout::NONE, shape)
            .unwrap_err()
            .to_string()
    };
    assert!(refuse(Scheme::He, RELU, 0).starts_with("fan_in is 0"));
    assert!(
        refuse(Scheme::Published(1.0), Activation::RRELU_DEFAULT, 4)
            .starts_with("activation is RReLU")
    );
    assert!(refuse(Scheme::Published(3.0), RELU, 4).starts_with("s is 3.0"));
    assert!(refuse(Scheme::Fractional(-1.0), RELU, 4).starts_with("s is -1.0"));
}

/// One unit of two inputs, orthogonal: one coordinate of a point on the circle.
#[test]
fn orthogonal_weights_of_a_rectangular_layer() {
    let a = 0.3_f64;
    let law = LayerLaw::new(Activation::LeakyRelu { slope: a }, 1)
        .unwrap()
        .with_weights(Weights::Orthogonal)
        .with_fan_in(2)
        .unwrap();
    for s in [2.0, 4.0, 6.0] {
        // the trapezoidal rule is exact for these trigonometric polynomials
        let coordinate = |points: u32| -> f64 {
            let angle = |i| std::f64::consts::PI * f64::from(i) / f64::from(points);
            (0..points)
                .map(|i| angle(i).cos().abs().powf(s))
                .sum::<f64>()
                / f64::from(points)
        };
        let exact = 0.5 * (1.0 + a.powf(s)) * coordinate(50);
        assert_relative_eq!(law.moment(s).unwrap(), exact, max_relative = 4e-15);
    }
    // E log|cos θ| = −log 2
    let mean = 0.5 * a.ln() - 2.0_f64.ln();
    assert_relative_eq!(law.log_cumulants().mean, mean, max_relative = 4e-15);
    // more outputs than inputs: as the square layer of that width
    let square = LayerLaw::new(RELU, 7)
        .unwrap()
        .with_weights(Weights::Orthogonal);
    let tall = square.clone().with_fan_in(3).unwrap();
    assert_eq!(tall.scale(1.0), square.scale(1.0));
    assert!(square.with_fan_in(0).is_err());
}

/// Every scheme is read from the name that it has; also at orders whose decimals are long.
#[test]
fn names_of_schemes_are_read_back() {
    let plain = [
        Scheme::Lyapunov,
        Scheme::He,
        Scheme::LeCun,
        Scheme::Glorot,
        Scheme::RandomWalk,
    ];
    let orders = [0.5, 1.0 / 3.0, 1e-7, 2.0];
    let with_order = orders.map(Scheme::Fractional).into_iter();
    let published = orders.map(Scheme::Published).into_iter();
    let backward = orders.map(Scheme::Backward).into_iter();
    let balanced = orders.map(Scheme::Balanced).into_iter();
    let ordered = with_order.chain(published).chain(backward).chain(balanced);
    for scheme in plain.into_iter().chain(ordered) {
        assert_eq!(scheme.to_string().parse(), Ok(scheme));
    }
}

/// At s = 2 the schemes of signals and gradients are He's two rules; in square layers all three are
/// one; between them lies their compromise, and the gradient's moment is that of its chi-squares.
#[test]
fn backward_and_balanced_schemes() {
    let shape = LayerShape {
        fan_in: 24,
        fan_out: 7,
    };
    let std = |scheme: Scheme, shape| {
        scheme
            .standard_deviation(RELU, Dropout::NONE, shape)
            .unwrap()
    };
    let he_fan_out = (2.0_f64 / 7.0).sqrt();
    assert_relative_eq!(
        std(Scheme::Backward(2.0), shape),
        he_fan_out,
        max_relative = 4e-15
    );
    let square = LayerShape::square(9);
    for s in [0.3, 1.0, 2.0] {
        let forward = std(Scheme::Fractional(s), square);
        assert_relative_eq!(
            std(Scheme::Backward(s), square),
            forward,
            max_relative = 4e-15
        );
        assert_relative_eq!(
            std(Scheme::Balanced(s), square),
            forward,
            max_relative = 4e-15
        );
        let product = std(Scheme::Fractional(s), shape) * std(Scheme::Backward(s), shape);
        assert_relative_eq!(
            std(Scheme::Balanced(s), shape),
            product.sqrt(),
            max_relative = 4e-15
        );
        // E of a gradient's factor of one layer, per component, by the closed forms of the moments
        let moment =
            |activation, width| LayerLaw::new(activation, width).unwrap().moment(s).unwrap();
        let q = moment(RELU, 7) * moment(Activation::Linear, 24) / moment(Activation::Linear, 7);
        let per_component = (7.0_f64 / 24.0).powf(0.5 * s);
        let kept = std(Scheme::Backward(s), shape).powf(s) * q * per_component;
        assert_relative_eq!(kept, 1.0, max_relative = 1e-13);
    }
}
