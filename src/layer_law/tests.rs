//! One layer's law on its nodes against its moments, which come from another integral.

use num_complex::Complex64;

use crate::activation::SlopeLaw;
use crate::layer_law::density::orthogonal::between_edges;
use crate::layer_law::integral::excess;
use crate::layer_law::{LayerLaw, LogDensity, Route, Weights, large_width, route};
use crate::{Activation, Dropout};

/// Moments of the nodes against those of the law.
fn assert_moments(law: &LayerLaw) {
    for off in moment_errors(law) {
        assert!(off.abs() < 1e-12, "{law:?}: {off:e}");
    }
}

/// Relative errors of mean, variance, third moment and second moment of Q.
fn moment_errors(law: &LayerLaw) -> [f64; 4] {
    let density = law.log_density().unwrap();
    let cumulants = law.log_cumulants();
    let sum = |f: &dyn Fn(f64) -> f64| -> f64 {
        let nodes = density.nodes.iter().zip(&density.masses);
        let beyond = (1..4000).map(|i| {
            let distance = density.step * f64::from(i);
            let mass = (-density.rate * distance).exp();
            density.masses[0] * mass * f(density.nodes[0] - distance)
        });
        nodes.map(|(&x, mass)| mass * f(x)).sum::<f64>() + beyond.sum::<f64>()
    };
    let mean = sum(&|x| x);
    let variance = sum(&|x| (x - mean).powi(2));
    let third = sum(&|x| (x - mean).powi(3));
    let center = 0.5 * law.mean().ln() + law.gain.ln();
    let moment = sum(&|x| (2.0 * x).exp()) * (2.0 * center).exp() * law.survival.probability();
    let deviation = cumulants.variance.sqrt();
    // the center is rounded to a double
    let rounding = 4e-16 * center.abs().max(1.0) / deviation;
    [
        (((mean - (cumulants.mean - center)) / deviation).abs() - rounding).max(0.0),
        variance / cumulants.variance - 1.0,
        (third - cumulants.third) / deviation.powi(3),
        moment / law.moment(2.0).unwrap() - 1.0,
    ]
}

#[test]
fn a_lattice_has_the_moments_of_gaussian_layers() {
    let leaky = |slope| Activation::LeakyRelu { slope };
    let cases = [
        (Activation::Linear, 1.0),
        (Activation::Relu, 1.0),
        (leaky(0.01), 1.0),
        (leaky(1e-8), 1.0),
        (leaky(-3.0), 0.5),
        (Activation::Relu, 0.1),
        (Activation::RRELU_DEFAULT, 0.9),
        (
            Activation::RandomizedLeakyRelu {
                lower: -0.5,
                upper: 2.0,
            },
            1.0,
        ),
    ];
    for (activation, keep) in cases {
        for width in [1, 2, 3, 10, 64, 1000, 100_000, 1 << 40] {
            let dropout = Dropout::inverted(keep).unwrap();
            let law = LayerLaw::with_dropout(activation, dropout, width).unwrap();
            assert_moments(&law);
        }
    }
}

#[test]
fn a_lattice_has_the_moments_of_wide_orthogonal_layers() {
    let leaky = |slope| Activation::LeakyRelu { slope };
    let cases = [
        (Activation::Relu, 1.0, 1),
        (leaky(0.01), 1.0, 1),
        (leaky(0.5), 1.0, 1),
        (leaky(-3.0), 1.0, 1),
        (Activation::Linear, 1.0, 2),
        (Activation::Linear, 0.5, 1),
        (Activation::Relu, 0.9, 3),
        (Activation::Relu, 1.0, 3),
        (Activation::Relu, 0.9, 1),
        (leaky(0.5), 1.0, 3),
        (Activation::RRELU_DEFAULT, 0.9, 1),
        (Activation::RRELU_DEFAULT, 1.0, 1),
    ];
    for (activation, keep, wider) in cases {
        for width in [70, 100, 1000, 100_000, 1 << 40] {
            let dropout = Dropout::inverted(keep).unwrap();
            let law = LayerLaw::with_dropout(activation, dropout, width).unwrap();
            let law = law.with_weights(Weights::Orthogonal);
            let law = law.with_fan_in(wider * width).unwrap();
            assert_moments(&law);
        }
    }
}

/// Orthogonal layers with edges of all kinds, square and wide, and their laws on nodes between the
/// edges.
fn layers_with_edges() -> Vec<(LayerLaw, LogDensity)> {
    let leaky = |slope| Activation::LeakyRelu { slope };
    let rrelu = |lower, upper| Activation::RandomizedLeakyRelu { lower, upper };
    let cases = [
        (Activation::Relu, 1.0, 0),
        (Activation::Relu, 0.5, 1),
        (leaky(0.01), 1.0, 0),
        (leaky(0.5), 1.0, 100),
        (leaky(0.9), 1.0, 0),
        (leaky(-3.0), 1.0, 1),
        (leaky(0.1), 0.9, 0),
        (leaky(0.1), 0.9, 800),
        (Activation::Linear, 1.0, 3),
        (Activation::Linear, 0.5, 0),
        (Activation::Linear, 0.99, 0),
        (Activation::RRELU_DEFAULT, 1.0, 0),
        (Activation::RRELU_DEFAULT, 0.9, 2),
        (rrelu(-0.5, 0.2), 1.0, 0),
        (rrelu(0.0, 1.0), 1.0, 0),
        (rrelu(0.3, 1.9), 0.8, 1),
    ];
    let mut layers = Vec::new();
    for (activation, keep, more) in cases {
        for width in [1, 2, 3, 8, 33, 200] {
            let dropout = Dropout::inverted(keep).unwrap();
            let law = LayerLaw::with_dropout(activation, dropout, width).unwrap();
            let law = law.with_weights(Weights::Orthogonal);
            let law = law.with_fan_in(width + more).unwrap();
            let nodes = law.with_transform(|transform| {
                between_edges::log_density(transform, law.fan_in() as f64, 1.0)
            });
            let density = nodes.unwrap();
            layers.push((law, density));
        }
    }
    layers
}

/// Against the law's integrals. Those are differences of Gaussian and chi-square ones, whose
/// rounding is that of a cumulant of Gaussian weights.
#[test]
fn nodes_between_edges_have_the_moments_of_the_law() {
    for (law, _) in layers_with_edges() {
        let variance = law.log_cumulants().variance;
        if variance < 1e-15 {
            continue;
        }
        let gaussian = 0.5 / law.fan_in() as f64;
        let rounding = (gaussian / variance).max(1.0);
        let allowed = [1e-13, 1e-13, 1e-12, 1e-13].map(|x| x * rounding.powf(1.5));
        for (off, allowed) in moment_errors(&law).into_iter().zip(allowed) {
            assert!(off.abs() < allowed, "{law:?}: {off:e}");
        }
    }
}

/// E e^{r(X − its largest value)} from the nodes.
fn transform(law: &LogDensity, r: Complex64, top: f64) -> Complex64 {
    let pairs = law.nodes.iter().zip(&law.masses);
    let sum: Complex64 = pairs.map(|(x, m)| m * (r * (x - top)).exp()).sum();
    if law.rate.is_infinite() {
        return sum;
    }
    let ratio = (-(law.rate + r) * law.step).exp();
    sum + law.masses[0] * (r * (law.nodes[0] - top)).exp() * ratio / (1.0 - ratio)
}

#[test]
fn the_parts_of_the_edges_add_up_to_the_transform() {
    for (layer, law) in layers_with_edges() {
        let edges = law.edges.as_ref().unwrap();
        let top = edges.positions()[0];
        for (tilt, allowed) in [(0.0, 1e-12), (-0.6, 1e-12), (7.0, 1e-12), (100.0, 1e-11)] {
            let r = Complex64::new(tilt, 2.0 * edges.lowest_power());
            let parts = edges.parts(r).into_iter().zip(edges.positions());
            let sum: Complex64 = parts.map(|(a, x)| a * (r * (x - top)).exp()).sum();
            let off = (sum - transform(&law, r, top)).norm();
            let whole = transform(&law, Complex64::from(tilt), top).re;
            assert!(off < allowed * whole, "{layer:?} at {r}: {:e}", off / whole);
        }
    }
}

/// Where the series in 1/d takes over, and far beyond, it is the integral, to full relative
/// accuracy, for every kind of slope.
#[test]
fn the_series_of_wide_layers_is_the_integral() {
    let relu = Activation::Relu;
    let laws = [
        (relu, 1.0),
        (relu, 0.01),
        (relu, 1e-4),
        (Activation::Linear, 0.5),
        (Activation::LeakyRelu { slope: 0.25 }, 1.0),
        (Activation::LeakyRelu { slope: -0.9 }, 0.8),
        (Activation::LeakyRelu { slope: 30.0 }, 1.0),
        (Activation::RRELU_DEFAULT, 1.0),
        (Activation::RRELU_DEFAULT, 0.1),
    ];
    let mut widest = 0.0_f64;
    for (activation, keep) in laws {
        let dropout = Dropout::inverted(keep).unwrap();
        let slopes = SlopeLaw::new(activation, dropout);
        let variance = large_width::relative_variance(&slopes, 1.0);
        for from in [300.0, 1000.0, 3850.0, 64e3, 1e9] {
            let width = (from * variance).ceil();
            let law = LayerLaw::with_dropout(activation, dropout, width as u64).unwrap();
            let Route::Integral(transform) = &law.route else {
                panic!("no integral")
            };
            for p in [0.0, 1e-3, 0.25, 0.5, 0.9, 1.2, 1.5] {
                let series = large_width::log_power_mean(&slopes, width, p).unwrap();
                let integral = excess::fine_log_power_mean(transform, p);
                let off = (series / integral - 1.0).abs();
                assert!(
                    off < 4e-15,
                    "{activation} {keep} {from} {p}: {series} {integral}"
                );
                widest = widest.max(off);
            }
        }
        let below = (299.0 * variance).floor();
        assert_eq!(large_width::log_power_mean(&slopes, below, 0.5), None);
    }
    println!("largest relative difference {widest:.1e}");
}

/// The sum over the alive units is the integral, where few of them are alive and where the series
/// takes over, for every order.
#[test]
fn the_sum_over_alive_units_is_the_integral() {
    let (relu, linear) = (Activation::Relu, Activation::Linear);
    let keeps = [1.0, 0.9, 0.3, 0.01, 1e-4, 1e-9, 1.0 - 1e-9];
    let orders = [
        0.0, 1e-300, 1e-9, 1e-3, 0.25, 0.5, 0.9, 1.2, 1.5, 2.0, 3.3, 4.0,
    ];
    let mut widest = 0.0_f64;
    for (activation, keep) in keeps.iter().flat_map(|&q| [(relu, q), (linear, q)]) {
        if (activation, keep) == (linear, 1.0) {
            continue;
        }
        for alive in [1e-3_f64, 0.5, 1.0, 3.0, 10.0, 23.0, 80.0, 400.0, 750.0] {
            let width = (alive / keep).ceil() as u64;
            let dropout = Dropout::inverted(keep).unwrap();
            let law = LayerLaw::with_dropout(activation, dropout, width).unwrap();
            let Route::Integral(transform) = &law.route else {
                panic!("no integral")
            };
            let units = transform.alive_units().unwrap();
            for p in orders {
                let sum = units.log_power_mean(p);
                let integral = route::fine_integral(transform, p);
                let off = (sum - integral).abs() / integral.abs().max(1.0);
                assert!(
                    off < 4e-15,
                    "{activation} {keep} {width} {p}: {sum} {integral}"
                );
                widest = widest.max(off);
            }
        }
    }
    println!("largest difference {widest:.1e}");
}
