//! Few orthogonal units: laws with atoms and singular edges.

use approx::{assert_abs_diff_eq, assert_relative_eq};
use isomoment::{Activation, DepthLaw, Dropout, LayerLaw};

use super::{lines, orthogonal};

/// Few orthogonal units: laws with atoms and singular edges, one to sixty layers, both tails to
/// 1e-30.
#[test]
fn few_orthogonal_units() {
    let (mut absolute, mut relative) = (0.0_f64, 0.0_f64);
    let mut last: Option<(String, DepthLaw)> = None;
    for line in lines(include_str!("../data/depth_few_units.csv"), 290) {
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
