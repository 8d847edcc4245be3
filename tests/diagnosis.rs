//! What a scale does to signals and gradients, against networks drawn weight by weight and against
//! what is known exactly.

use isomoment::diagnosis::Diagnosis;
use isomoment::layer_law::Weights;
use isomoment::{Activation, DepthLaw, Dropout, LayerLaw, LayerShape, Scheme};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A normal number, by Box and Muller.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (random.random(), random.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// log of what a layer n → m of Leaky ReLU (slope a) makes of the root-mean-square of a signal, and
/// of a gradient that arrives in a uniform direction.
fn factors(random: &mut ChaCha8Rng, (n, m): (usize, usize), std: f64, slope: f64) -> (f64, f64) {
    let x: Vec<f64> = (0..n).map(|_| normal(random)).collect();
    let w: Vec<Vec<f64>> = (0..m)
        .map(|_| (0..n).map(|_| std * normal(random)).collect())
        .collect();
    let u: Vec<f64> = (0..m).map(|_| normal(random)).collect();
    let z: Vec<f64> = w
        .iter()
        .map(|row| row.iter().zip(&x).map(|(w, x)| w * x).sum())
        .collect();
    let slopes: Vec<f64> = z
        .iter()
        .map(|z| if *z > 0.0 { 1.0 } else { slope })
        .collect();
    let rms = |v: &[f64]| (v.iter().map(|x| x * x).sum::<f64>() / v.len() as f64).sqrt();
    let out: Vec<f64> = z.iter().zip(&slopes).map(|(z, s)| z * s).collect();
    let back: Vec<f64> = (0..n)
        .map(|j| (0..m).map(|i| w[i][j] * slopes[i] * u[i]).sum())
        .collect();
    ((rms(&out) / rms(&x)).ln(), (rms(&back) / rms(&u)).ln())
}

#[test]
fn signals_and_gradients_of_drawn_networks() {
    let (slope, std, networks) = (0.3, 0.5, 40_000);
    let random = &mut ChaCha8Rng::seed_from_u64(1);
    for shape in [(5, 5), (3, 9), (9, 3), (1, 4)] {
        let (n, m) = shape;
        let layer = LayerLaw::new(Activation::LeakyRelu { slope }, m as u64).unwrap();
        let layer = layer.with_fan_in(n as u64).unwrap();
        let found = Diagnosis::new(&layer, std, 1).unwrap();
        let rates = [found.forward(), found.backward().unwrap()];
        let drawn: Vec<(f64, f64)> = (0..networks)
            .map(|_| factors(random, shape, std, slope))
            .collect();
        let columns: [Vec<f64>; 2] = [
            drawn.iter().map(|d| d.0).collect(),
            drawn.iter().map(|d| d.1).collect(),
        ];
        for (rate, column) in rates.iter().zip(&columns) {
            let count = networks as f64;
            let mean = column.iter().sum::<f64>() / count;
            let square = |x: &f64| (x - mean).powi(2);
            let variance = column.iter().map(square).sum::<f64>() / count;
            let fourth = column.iter().map(|x| square(x).powi(2)).sum::<f64>() / count;
            let error = (mean - rate.growth) / (rate.variance / count).sqrt();
            assert!(
                error.abs() < 4.5,
                "{shape:?}: mean off by {error} standard errors"
            );
            let error =
                (variance - rate.variance) / ((fourth - variance * variance) / count).sqrt();
            assert!(
                error.abs() < 4.5,
                "{shape:?}: variance off by {error} standard errors"
            );
        }
        // the test would notice the forward rate in the place of the backward one
        if n != m {
            let apart = (rates[0].growth - rates[1].growth).abs();
            assert!(apart > 20.0 * (rates[1].variance / networks as f64).sqrt());
        }
    }
}

#[test]
fn scales_of_a_moment_are_known_by_it() {
    for s in [0.5, 1.0, 1.7] {
        let layer = LayerLaw::new(Activation::Relu, 32).unwrap();
        let found = Diagnosis::new(&layer, layer.scale(s).unwrap(), 20).unwrap();
        approx::assert_relative_eq!(found.preserved_order().unwrap(), s, max_relative = 1e-10);
        let law = DepthLaw::preserving(&layer, s, 20).unwrap();
        let (below, above) = found.beyond(0.1).unwrap();
        approx::assert_relative_eq!(below, law.below(0.1).unwrap(), max_relative = 1e-9);
        let beyond = law.survival_probability() * law.survival_function(10_f64.ln()).unwrap();
        approx::assert_relative_eq!(above, beyond, max_relative = 1e-9);
    }
    // a typical signal that grows keeps no moment
    let layer = LayerLaw::new(Activation::Linear, 8).unwrap();
    let growing = Diagnosis::new(&layer, 0.5, 3).unwrap();
    assert_eq!(growing.preserved_order(), None);
    assert_eq!(growing.forward().layers_to(1e-6), None);
    // the frameworks' default: variance 1/(3n), E‖x‖² falls by 6 a layer for ReLU
    let std = Scheme::FrameworkDefault;
    let std = std
        .standard_deviation(Activation::Relu, Dropout::NONE, LayerShape::square(64))
        .unwrap();
    assert_eq!(std, 1.0 / 192_f64.sqrt());
}

#[test]
fn orthogonal_weights_and_bad_arguments() {
    let layer = LayerLaw::new(Activation::Linear, 8)
        .unwrap()
        .with_weights(Weights::Orthogonal);
    // entries of variance 1/8: an isometry
    let found = Diagnosis::new(&layer, 0.125_f64.sqrt(), 5).unwrap();
    assert!(found.forward().growth.abs() < 1e-15 && found.forward().variance == 0.0);
    let wide = layer.clone().with_fan_in(16).unwrap();
    assert_eq!(Diagnosis::new(&wide, 0.1, 5).unwrap().backward(), None);
    for (std, depth) in [
        (0.0, 5),
        (f64::NAN, 5),
        (-1.0, 5),
        (f64::INFINITY, 5),
        (0.1, 0),
    ] {
        assert!(Diagnosis::new(&layer, std, depth).is_err());
    }
    assert!(found.beyond(0.0).is_err() && found.band(1.0).is_err());
}
