//! The law of log(‖x_k‖/‖x₀‖) against independent values, and against itself.

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
    lines(include_str!("data/depth.csv"), 115)
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
    for line in lines(include_str!("data/depth_orthogonal.csv"), 27) {
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

/// Few orthogonal units: laws with atoms and singular edges, one to sixty layers, both tails to
/// 1e-30.
#[test]
fn few_orthogonal_units() {
    let (mut absolute, mut relative) = (0.0_f64, 0.0_f64);
    let mut last: Option<(String, DepthLaw)> = None;
    for line in lines(include_str!("data/depth_few_units.csv"), 290) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |i: usize| cells[i].parse::<f64>().unwrap();
        let name = cells[..8].join(",");
        if last.as_ref().is_none_or(|(known, _)| *known != name) {
            let activation = match cells[0] {
                "linear" => Activation::Linear,
                "relu" => Activation::Relu,
                "leaky-relu" => Activation::LeakyRelu { slope: number(1) },
                "rrelu" => Activation::RandomizedLeakyRelu {
                    lower: number(2),
                    upper: number(3),
                },
                other => panic!("{other}"),
            };
            let dropout = Dropout::plain(number(4)).unwrap();
            let layer = orthogonal(activation, dropout, number(5) as u64);
            let layer = layer.with_fan_in(number(6) as u64).unwrap();
            let law = DepthLaw::new(&layer, 1.0, number(7) as u64).unwrap();
            last = Some((name, law));
        }
        let (_, law) = last.as_ref().unwrap();
        for (value, exact) in [
            (law.cdf(number(8)).unwrap(), number(9)),
            (law.survival_function(number(8)).unwrap(), number(10)),
        ] {
            let off = (value - exact).abs();
            absolute = absolute.max(off);
            relative = relative.max(off / exact);
            assert!(off < 1e-12, "{line}: {value:e}");
            assert!(off < 1e-9 * exact, "{line}: {value:e}");
        }
    }
    println!("largest error: {absolute:.1e} absolute, {relative:.1e} relative");
}

fn orthogonal(activation: Activation, dropout: Dropout, width: u64) -> LayerLaw {
    let layer = LayerLaw::with_dropout(activation, dropout, width).unwrap();
    layer.with_weights(Weights::Orthogonal)
}

/// Few orthogonal units, the values of one unit's slope, and the chance that all units have that
/// one, if it has any.
fn few_units() -> Vec<(LayerLaw, Vec<(f64, f64)>)> {
    let kept = Dropout::plain(0.9).unwrap();
    let half = 0.5_f64;
    vec![
        (
            orthogonal(Activation::Relu, Dropout::NONE, 2),
            vec![(1.0, 1.0 / 3.0)],
        ),
        (
            orthogonal(Activation::LeakyRelu { slope: 0.3 }, Dropout::NONE, 3),
            vec![(1.0, half.powi(3)), (0.3, half.powi(3))],
        ),
        (
            orthogonal(Activation::LeakyRelu { slope: -0.1 }, kept, 4),
            [1.0, 0.1]
                .map(|a| (a, 0.45_f64.powi(4) / (1.0 - 1e-4)))
                .to_vec(),
        ),
        (
            orthogonal(Activation::RRELU_DEFAULT, Dropout::NONE, 2),
            vec![(1.0, 0.25), (1.0 / 3.0, 0.0), (0.125, 0.0)],
        ),
        (
            orthogonal(Activation::RRELU_DEFAULT, kept, 3),
            vec![
                (1.0, 0.45_f64.powi(3) / 0.999),
                (1.0 / 3.0, 0.0),
                (0.125, 0.0),
            ],
        ),
        (
            orthogonal(Activation::Linear, Dropout::NONE, 5)
                .with_fan_in(7)
                .unwrap(),
            vec![(1.0, 0.0)],
        ),
    ]
}

/// P(S ≤ x) of two laws' sum: the integral of one's distribution function against the other's
/// density, and atoms.
fn convolved(
    first: &DepthLaw,
    second: &DepthLaw,
    (edges, atoms): (&[f64], &[(f64, f64)]),
    x: f64,
) -> f64 {
    let lowest = second.quantile(1e-14).unwrap();
    let mut breaks: Vec<f64> = edges.iter().flat_map(|&e| [e, x - e]).collect();
    breaks.extend([lowest, 2.0 * lowest]);
    for a in edges {
        breaks.extend(edges.iter().map(|b| x - a - b));
    }
    breaks.retain(|&b| b >= lowest && b <= edges[0]);
    breaks.sort_by(f64::total_cmp);
    breaks.dedup_by(|a, b| (*a - *b).abs() < 1e-12);
    let mut sum = 0.0;
    for pair in breaks.windows(2) {
        // the double-exponential rule: both ends may be singular
        const STEP: f64 = 0.125;
        for i in -24..=24 {
            let w = STEP * f64::from(i);
            let u = std::f64::consts::PI * w.sinh();
            let (right, left) = (1.0 / (1.0 + (-u).exp()), 1.0 / (1.0 + u.exp()));
            let at = pair[0] + (pair[1] - pair[0]) * right;
            let weight = STEP * (pair[1] - pair[0]) * right * left;
            let weight = weight * std::f64::consts::PI * w.cosh();
            // an end of the interval at the end of the law
            if weight < 1e-13 {
                continue;
            }
            sum += weight * second.density(at).unwrap() * first.cdf(x - at).unwrap();
        }
    }
    let at_atoms = atoms
        .iter()
        .map(|(at, chance)| chance * first.cdf(x - at).unwrap());
    sum + at_atoms.sum::<f64>()
}

#[test]
fn two_layers_of_few_units_are_the_convolution_of_one() {
    // two atoms; three edges, an atom and deaths
    for (layer, slopes) in few_units().into_iter().skip(1).step_by(3) {
        let one = DepthLaw::new(&layer, 1.0, 1).unwrap();
        let two = one.with_depth(2).unwrap();
        let edges: Vec<f64> = slopes.iter().map(|(a, _)| a.ln()).collect();
        let atoms: Vec<(f64, f64)> = slopes.iter().map(|(a, chance)| (a.ln(), *chance)).collect();
        let x = two.quantile(0.62).unwrap() + 0.0123;
        let sum = convolved(&one, &one, (&edges, &atoms), x);
        // the square root's end is cut off at 1e-13 of an interval
        assert_abs_diff_eq!(two.cdf(x).unwrap(), sum, epsilon = 3e-7);
    }
}

/// At an atom the distribution function has the jump, and the quantiles of all probabilities in it
/// are the atom.
#[test]
fn atoms() {
    for (layer, slopes) in few_units() {
        for depth in [1, 2, 3] {
            let law = DepthLaw::new(&layer, 1.7, depth).unwrap();
            for (slope, chance) in &slopes {
                let at = f64::from(depth as u32) * (1.7_f64.ln() + slope.ln());
                let mass = chance.powi(depth as i32);
                let jump = law.cdf(at).unwrap() - law.cdf(at - 1e-13).unwrap();
                // beside an edge the density can be as large as the reciprocal root of the distance
                assert_abs_diff_eq!(jump, mass, epsilon = 3e-7);
                if *chance > 0.0 {
                    let p = law.cdf(at).unwrap() - 0.4 * mass;
                    assert_abs_diff_eq!(law.quantile(p).unwrap(), at, epsilon = 1e-13);
                }
            }
            let top = f64::from(depth as u32) * 1.7_f64.ln();
            assert_eq!(law.survival_function(top), Ok(0.0));
            assert_eq!(law.density(top + 0.01), Ok(0.0));
        }
    }
}

#[test]
fn quantiles_and_densities_of_few_units() {
    for (layer, _) in few_units() {
        for depth in [1, 4, 1000] {
            let law = DepthLaw::preserving(&layer, 1.0, depth).unwrap();
            for p in [1e-6, 0.3, 0.77] {
                let x = law.quantile(p).unwrap();
                let (reached, before) = (law.cdf(x).unwrap(), law.cdf(x - 1e-10).unwrap());
                assert!(
                    reached > p * (1.0 - 1e-9) - 1e-13 && before < p * (1.0 + 1e-9),
                    "{layer:?}, depth {depth}, p = {p}: {before} to {reached} at {x}"
                );
                let (x, h) = (x + 0.003, 1e-4);
                let rise = law.cdf(x + h).unwrap() - law.cdf(x - h).unwrap();
                let density = law.density(x).unwrap();
                assert_relative_eq!(
                    density,
                    rise / (2.0 * h),
                    max_relative = 2e-3,
                    epsilon = 1e-9
                );
            }
        }
    }
}

/// Orthogonal layers that multiply every norm by the same factor, or by one of two.
#[test]
fn constant_and_binomial_laws() {
    let linear = orthogonal(Activation::Linear, Dropout::NONE, 10);
    let law = DepthLaw::new(&linear, 0.9, 50).unwrap();
    let at = 50.0 * 0.9_f64.ln();
    assert_eq!(law.cdf(at), Ok(1.0));
    assert_eq!(law.survival_function(at - 1e-9), Ok(1.0));
    assert_relative_eq!(law.quantile(0.3).unwrap(), at, max_relative = 1e-15);
    assert_eq!(law.density(at), Ok(0.0));
    assert_eq!(law.step_roughness(), f64::INFINITY);
    assert!(law.table().is_err());

    // nearly all units kept: too many layers of atoms are an error, not a long wait
    let kept = Dropout::inverted(1.0_f64.next_down()).unwrap();
    let law = DepthLaw::new(&orthogonal(Activation::Linear, kept, 4), 1.0, 1 << 40).unwrap();
    assert!(law.cdf(-0.1).is_err() && law.quantile(0.5).is_err());

    // a slope that is 1 but for rounding
    let slope = 1.0_f64.next_down();
    let nearly = orthogonal(Activation::LeakyRelu { slope }, Dropout::NONE, 17);
    let law = DepthLaw::new(&nearly, 1.0, 9).unwrap();
    assert_eq!([law.cdf(-1e-9), law.cdf(1e-9)], [Ok(0.0), Ok(1.0)]);

    // one leaky unit: S = M log a with M ~ Bin(k, ½); exact tails from mpmath
    let one = orthogonal(Activation::LeakyRelu { slope: 0.5 }, Dropout::NONE, 1);
    let unit = 0.5_f64.ln();
    for (depth, low, tail) in [
        (3_u64, 2.0, 0.5),
        (100, 60.0, 0.028_443_966_820_490_396),
        (100, 95.0, 6.261_622_562_692_68e-23),
        (1_000_000, 501_000.0, 0.022_804_149_932_691_04),
        (1_000_000, 505_000.0, 7.690_777_521_953_676e-24),
    ] {
        let law = DepthLaw::new(&one, 1.0, depth).unwrap();
        let found = law.cdf(low * unit).unwrap();
        assert_relative_eq!(found, tail, max_relative = 1e-11);
        let x = law.quantile(tail * 1.000_001).unwrap();
        let expected = if tail == 0.5 { 1.0 } else { low - 1.0 };
        assert_relative_eq!(x, expected * unit, max_relative = 1e-12);
    }
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
