//! The law of log(‖x_k‖/‖x₀‖) against independent values, and against itself.

mod few_units;

use approx::{assert_abs_diff_eq, assert_relative_eq};
use isomoment::{Activation, DepthLaw, Dropout, Error, LayerLaw, Weights};

/// The lines of a table below its first, which must be so many.
fn lines(table: &str, count: usize) -> impl Iterator<Item = &str> {
    let lines = table.lines().skip(1);
    assert_eq!(lines.clone().count(), count);
    lines
}

struct Row {
    name: String,
    law: DepthLaw,
    x: f64,
    cdf: f64,
    survival: f64,
}

fn rows() -> Vec<Row> {
    lines(include_str!("../data/depth.csv"), 115)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let number = |i: usize| cells[i].parse::<f64>().unwrap();
            let activation = match cells[0] {
                "linear" => Activation::Linear,
                "relu" => Activation::Relu,
                other => panic!("{other}"),
            };
            let layer = LayerLaw::new(activation, cells[2].parse().unwrap()).unwrap();
            Row {
                name: line.to_owned(),
                law: DepthLaw::new(&layer, number(4), cells[3].parse().unwrap()).unwrap(),
                x: number(5),
                cdf: number(6),
                survival: number(7),
            }
        })
        .collect()
}

fn orthogonal(activation: Activation, dropout: Dropout, width: u64) -> LayerLaw {
    let layer = LayerLaw::with_dropout(activation, dropout, width).unwrap();
    layer.with_weights(Weights::Orthogonal)
}

/// Absolute and relative errors in both tails, where units can die, too.
#[test]
fn tails_to_thirty_digits_below_one() {
    let (mut absolute, mut relative) = (0.0_f64, 0.0_f64);
    for row in rows() {
        for (value, exact) in [
            (row.law.cdf(row.x).unwrap(), row.cdf),
            (row.law.survival_function(row.x).unwrap(), row.survival),
        ] {
            let off = (value - exact).abs();
            absolute = absolute.max(off);
            assert!(off < 1e-13, "{}: {value:e} for {exact:e}", row.name);
            if exact > 1e-30 {
                relative = relative.max(off / exact);
                assert!(off < 1e-9 * exact, "{}: {value:e} for {exact:e}", row.name);
            }
        }
    }
    println!("largest error: {absolute:.1e} absolute, {relative:.1e} relative");
}

/// Orthogonal weights: one layer is a mixture of beta laws, several come from products of gamma
/// functions.
#[test]
fn orthogonal_weights() {
    let (mut absolute, mut relative) = (0.0_f64, 0.0_f64);
    for line in lines(include_str!("../data/depth_orthogonal.csv"), 27) {
        let number = |i: usize| line.split(',').nth(i).unwrap().parse::<f64>().unwrap();
        let layer = LayerLaw::new(Activation::Relu, number(0) as u64).unwrap();
        let layer = layer.with_weights(Weights::Orthogonal);
        let law = DepthLaw::new(&layer, 1.0, number(1) as u64).unwrap();
        for (value, exact) in [
            (law.cdf(number(2)).unwrap(), number(3)),
            (law.survival_function(number(2)).unwrap(), number(4)),
        ] {
            let off = (value - exact).abs();
            absolute = absolute.max(off);
            relative = relative.max(off / exact);
            assert!(off < 1e-13, "{line}: {value:e}");
            assert!(off < 1e-9 * exact, "{line}: {value:e}");
        }
    }
    println!("largest error: {absolute:.1e} absolute, {relative:.1e} relative");
}

/// One unit: log‖x_k‖ is that of a linear unit plus log a for every negative sign.
#[test]
fn a_leaky_unit_is_a_mixture_of_linear_ones() {
    let linear =
        |depth| DepthLaw::new(&LayerLaw::new(Activation::Linear, 1).unwrap(), 1.3, depth).unwrap();
    for slope in [0.5, -0.01, 1e-8, 3.0] {
        let layer = LayerLaw::new(Activation::LeakyRelu { slope }, 1).unwrap();
        let shift = slope.abs().ln();
        for x in [-30.0, -4.0, -0.3, 1.0, 2.5] {
            let one = linear(1);
            let exact = 0.5 * (one.cdf(x).unwrap() + one.cdf(x - shift).unwrap());
            let law = DepthLaw::new(&layer, 1.3, 1).unwrap();
            assert_abs_diff_eq!(law.cdf(x).unwrap(), exact, epsilon = 1e-13);
            let two = linear(2);
            let at = |times: f64| two.cdf(x - times * shift).unwrap();
            let exact = 0.25 * at(0.0) + 0.5 * at(1.0) + 0.25 * at(2.0);
            let law = DepthLaw::new(&layer, 1.3, 2).unwrap();
            assert_abs_diff_eq!(law.cdf(x).unwrap(), exact, epsilon = 1e-13);
        }
    }
}

/// One unit of RReLU: averaged over its slope by the midpoint rule, whose error is of second order.
#[test]
fn a_randomized_unit_is_a_mixture_of_leaky_ones() {
    let activation = Activation::RRELU_DEFAULT;
    let law = DepthLaw::new(&LayerLaw::new(activation, 1).unwrap(), 1.0, 1).unwrap();
    let linear = DepthLaw::new(&LayerLaw::new(Activation::Linear, 1).unwrap(), 1.0, 1).unwrap();
    for x in [-3.0, -1.0, 0.2, 0.9] {
        let mean = |points: u32| -> f64 {
            let slope = |i: u32| {
                1.0 / 8.0 + (1.0 / 3.0 - 1.0 / 8.0) * (f64::from(i) + 0.5) / f64::from(points)
            };
            let sum: f64 = (0..points)
                .map(|i| linear.cdf(x - slope(i).ln()).unwrap())
                .sum();
            sum / f64::from(points)
        };
        // Richardson's extrapolation
        let slopes = (4.0 * mean(40) - mean(20)) / 3.0;
        let exact = 0.5 * (linear.cdf(x).unwrap() + slopes);
        assert_abs_diff_eq!(law.cdf(x).unwrap(), exact, epsilon = 1e-7);
    }
}

fn layers() -> Vec<LayerLaw> {
    let dropout = Dropout::inverted(0.8).unwrap();
    [
        (Activation::Linear, 3),
        (Activation::Relu, 16),
        (Activation::LeakyRelu { slope: 0.2 }, 64),
        (Activation::RRELU_DEFAULT, 8),
    ]
    .into_iter()
    .flat_map(|(activation, width)| {
        [Dropout::NONE, dropout].map(|d| LayerLaw::with_dropout(activation, d, width).unwrap())
    })
    .collect()
}

#[test]
fn quantiles_invert_the_distribution_and_the_density_is_its_derivative() {
    for layer in layers() {
        for depth in [1, 20, 1_000_000] {
            let law = DepthLaw::preserving(&layer, 1.0, depth).unwrap();
            let (_, variance) = law.moments();
            for p in [1e-9, 0.01, 0.5, 0.999] {
                let x = law.quantile(p).unwrap();
                let off = (law.cdf(x).unwrap() - p).abs();
                assert!(
                    off < 1e-9 * p + 1e-13,
                    "{layer:?}, depth {depth}, p = {p}: {off:e}"
                );
                let h = 1e-3 * variance.sqrt();
                let cdf = |x: f64| law.cdf(x).unwrap();
                let above = |x: f64| law.survival_function(x).unwrap();
                let rise = if p < 0.5 {
                    cdf(x + h) - cdf(x - h)
                } else {
                    above(x - h) - above(x + h)
                };
                let density = law.density(x).unwrap();
                // the difference of two probabilities is known to 1e-14
                assert_relative_eq!(
                    density,
                    rise / (2.0 * h),
                    max_relative = 2e-4,
                    epsilon = 2e-14 / h
                );
            }
        }
    }
}

/// At a million layers the law is normal up to its skewness, of order 1/√k.
#[test]
fn a_million_layers() {
    let normal = |z: f64| 0.5 * special_erfc(-z / std::f64::consts::SQRT_2);
    for layer in layers() {
        let law = DepthLaw::preserving(&layer, 1.0, 1_000_000).unwrap();
        let (mean, variance) = law.moments();
        let cumulants = layer.log_cumulants();
        let skewness = cumulants.third / (cumulants.variance.powf(1.5) * 1e3);
        for z in [-2.0_f64, -0.5, 0.7, 1.5] {
            let phi = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
            let edgeworth = normal(z) - skewness / 6.0 * (z * z - 1.0) * phi;
            let found = law.cdf(mean + z * variance.sqrt()).unwrap();
            assert_abs_diff_eq!(found, edgeworth, epsilon = 2e-6);
            assert!((found - edgeworth).abs() < 0.05 * (found - normal(z)).abs() + 2e-6);
        }
    }
}

fn special_erfc(x: f64) -> f64 {
    use special::Error as _;
    x.compl_error()
}

/// At σ(s,d) the moment of order s is constant: the tail index is s, found from the density alone.
#[test]
fn the_tail_index_of_a_preserving_scale_is_its_moment() {
    for layer in layers() {
        for s in [0.5, 1.0, 2.0, 3.0] {
            let law = DepthLaw::preserving(&layer, s, 1).unwrap();
            assert_relative_eq!(law.tail_index().unwrap(), s, max_relative = 1e-11);
        }
    }
    let linear = LayerLaw::new(Activation::Linear, 4).unwrap();
    assert!(
        DepthLaw::new(&linear, 2.0, 1)
            .unwrap()
            .tail_index()
            .is_err()
    );
}

#[test]
fn deaths_are_counted() {
    let layer = LayerLaw::new(Activation::Relu, 2).unwrap();
    let law = DepthLaw::preserving(&layer, 1.0, 3).unwrap();
    assert_relative_eq!(
        law.survival_probability(),
        0.75_f64.powi(3),
        max_relative = 1e-15
    );
    assert_relative_eq!(
        law.below(0.0).unwrap(),
        1.0 - 0.75_f64.powi(3),
        max_relative = 1e-15
    );
    let below =
        law.dead_probability() + law.survival_probability() * law.cdf(0.5_f64.ln()).unwrap();
    assert_relative_eq!(law.below(0.5).unwrap(), below);
    assert_eq!(law.below(f64::INFINITY), Ok(1.0));
}

#[test]
fn bad_arguments_are_refused() {
    let layer = LayerLaw::new(Activation::Relu, 2).unwrap();
    assert!(DepthLaw::new(&layer, 0.0, 3).is_err());
    assert!(DepthLaw::new(&layer, f64::NAN, 3).is_err());
    assert!(DepthLaw::new(&layer, 1.0, 0).is_err());
    let law = DepthLaw::new(&layer, 1.0, 3).unwrap();
    assert!(law.cdf(f64::NAN).is_err() && law.below(-1.0).is_err());
    assert!(law.quantile(0.0).is_err() && law.quantile(1.0).is_err());
    assert_eq!(law.cdf(f64::INFINITY), Ok(1.0));
    assert_eq!(law.cdf(f64::NEG_INFINITY), Ok(0.0));
}

#[test]
fn the_table_is_the_law() {
    let mut worst = 0.0_f64;
    for layer in layers() {
        for depth in [1, 2, 7, 60, 20_000] {
            let law = DepthLaw::preserving(&layer, 1.0, depth).unwrap();
            let table = law.table().unwrap();
            let (mean, variance) = law.moments();
            for i in 0..10 {
                let x = mean + variance.sqrt() * (f64::from(i) * 1.431 - 7.0);
                worst = worst.max((table.cdf(x) - law.cdf(x).unwrap()).abs());
                let density = law.density(x).unwrap();
                let off = (table.density(x) - density).abs() * variance.sqrt();
                assert!(off < 3e-4, "{:?} {depth} {x}: {off}", layer.activation());
            }
            assert_eq!(
                (table.cdf(f64::NEG_INFINITY), table.cdf(f64::INFINITY)),
                (0.0, 1.0)
            );
        }
    }
    println!("largest error {worst:e}");
    assert!(worst < 1e-9, "{worst:e}");
}

/// Where units can die a steep left tail ends in a slow one: the table must not reach into it.
#[test]
fn the_table_keeps_out_of_slow_tails() {
    let kept = Dropout::inverted(0.8).unwrap();
    for layer in [
        LayerLaw::new(Activation::Relu, 64).unwrap(),
        LayerLaw::new(Activation::Relu, 32).unwrap(),
        orthogonal(Activation::Relu, Dropout::NONE, 64),
        orthogonal(Activation::Relu, Dropout::NONE, 5),
        orthogonal(Activation::RRELU_DEFAULT, kept, 8),
    ] {
        let law = DepthLaw::preserving(&layer, 1.0, 64).unwrap();
        let (mean, variance) = law.moments();
        let table = law.table().unwrap();
        for i in 0..40 {
            let x = mean + variance.sqrt() * (f64::from(i) * 1.431 - 50.0);
            assert_abs_diff_eq!(table.cdf(x), law.cdf(x).unwrap(), epsilon = 1e-9);
        }
    }
}

/// A few layers whose units can die: far left the table's weights magnify roundings.
#[test]
fn the_table_is_the_law_in_far_left_tails() {
    let mut worst = (0.0_f64, String::new());
    for width in [2, 16, 64] {
        let layer = LayerLaw::new(Activation::Relu, width).unwrap();
        for depth in [1, 2, 6, 30] {
            let law = DepthLaw::preserving(&layer, 1.0, depth).unwrap();
            let (mean, variance) = law.moments();
            let table = law.table().unwrap();
            for i in 0..30 {
                let deviations = f64::from(i) * 3.43 - 98.0;
                let x = mean + variance.sqrt() * deviations;
                let off = (table.cdf(x) - law.cdf(x).unwrap()).abs();
                if off > worst.0 {
                    worst = (off, format!("width {width}, depth {depth}, {deviations}"));
                }
            }
        }
    }
    println!("largest error {worst:?}");
    assert!(worst.0 < 2e-9, "{worst:?}");
}

/// A keep probability at the end of its domain: where no route has digits an error, never NaN.
#[test]
fn no_digits_are_an_error() {
    let dropout = Dropout::inverted(1e-100).unwrap();
    let layer = LayerLaw::with_dropout(Activation::Linear, dropout, 2).unwrap();
    let layer = layer.with_weights(Weights::Orthogonal);
    let law = DepthLaw::preserving(&layer, 1.4, 4).unwrap();
    for x in [-1.0, 0.0, 1.0, 650.0, 652.0, 653.0, 700.0] {
        for value in [law.cdf(x), law.survival_function(x), law.density(x)] {
            match value {
                Ok(value) => assert!(value >= 0.0 && value.is_finite(), "{value} at {x}"),
                Err(error) => assert!(matches!(error, Error::Unresolved { .. }), "{error}"),
            }
        }
    }
}

/// A slope whose square underflows made the edges' integrals of 10⁵ times as many steps: a minute.
#[test]
fn slopes_with_squares_that_underflow_take_no_longer_than_others() {
    let law = |lower: f64| {
        let upper = 0.0171;
        let units = Activation::RandomizedLeakyRelu { lower, upper };
        let layer = LayerLaw::new(units, 3)
            .unwrap()
            .with_weights(Weights::Orthogonal);
        DepthLaw::preserving(&layer, 0.335, 5).unwrap()
    };
    let zero = law(0.0).cdf(-0.6).unwrap();
    for lower in [5e-324, 1e-300, 1e-160, -1e-300] {
        assert_eq!(law(lower).cdf(-0.6).unwrap(), zero, "{lower:e}");
    }
}
