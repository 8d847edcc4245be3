//! Proved digits: the intervals contain the reference values, rounding is right, and a
//! planted error in the discretization bound is seen (unit test in the module).

use isomoment::Activation;
use isomoment::layer_law::certified::{ExactLayer, Rational};

fn decimal(text: &str) -> Rational {
    Rational::parse(text).unwrap()
}

/// Whether `short` is `long` correctly rounded: both without exponent, `long` with more digits.
fn agrees(short: &str, long: &str) -> bool {
    let digits = |text: &str| -> String {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.trim_start_matches('0').to_owned()
    };
    let (short, long) = (digits(short), digits(long));
    // in two numbers of at most 30 digits, the second rounded half up by its next digit
    let number = |text: &str| text.parse::<u128>().unwrap();
    !short.is_empty()
        && (0..short.len()).step_by(30).all(|start| {
            let end = (start + 30).min(short.len());
            let last = end == short.len();
            let round = last && long.len() > end && long.as_bytes()[end] >= b'5';
            number(&short[start..end]) == number(&long[start..end]) + u128::from(round)
        })
}

/// The layer of a row of a table: activation,slope,lower,upper,keep,width,…
fn layer(cells: &[&str], number: impl Fn(&str) -> Rational) -> ExactLayer {
    let (keep, width) = (number(cells[4]), cells[5].parse().unwrap());
    let fixed = |slope| ExactLayer::new(slope, keep.clone(), true, width);
    match cells[0] {
        "linear" => fixed(decimal("1")),
        "relu" => fixed(decimal("0")),
        "leaky_relu" => fixed(number(cells[1])),
        "rrelu" => {
            let bounds = [number(cells[2]), number(cells[3])];
            let [lower, upper] = bounds;
            ExactLayer::randomized(lower, upper, keep.clone(), true, width)
        }
        other => panic!("{other}"),
    }
    .unwrap()
}

/// A table's decimal, in which 0.3333333333333333 stands for 1/3.
fn meant(text: &str) -> Rational {
    decimal(if text == "0.3333333333333333" {
        "1/3"
    } else {
        text
    })
}

/// The exact value of the double that a text denotes.
fn of_double(text: &str) -> Rational {
    let value: f64 = text.parse().unwrap();
    decimal(
        format!("{value:.1100}")
            .trim_end_matches('0')
            .trim_end_matches('.'),
    )
}

fn significand(text: &str) -> &str {
    text.split('e').next().unwrap()
}

/// Whether `short` is `long` rounded.
fn assert_digits(short: &str, long: &str, line: &str) {
    let number = |text: &str| text.parse::<f64>().unwrap();
    assert!(
        agrees(significand(short), significand(long)),
        "{short} at {line}"
    );
    approx::assert_relative_eq!(number(short), number(long), max_relative = 1e-14);
}

/// Every `step`-th line of a table below its first, which must be so many.
fn lines(table: &str, count: usize, step: usize) -> impl Iterator<Item = &str> {
    let lines = table.lines().skip(1);
    assert_eq!(lines.clone().count(), count);
    lines.step_by(step)
}

#[test]
fn reference_moments_and_scales() {
    // every seventh row: activations, widths, slopes, masks and orders all occur
    for line in lines(include_str!("data/moments.csv"), 1008, 7) {
        let cells: Vec<&str> = line.split(',').collect();
        let (layer, s) = (layer(&cells, meant), decimal(cells[6]));
        assert_digits(&layer.moment(&s, 24).unwrap(), cells[7], line);
        assert_digits(&layer.scale(&s, 24).unwrap(), cells[8], line);
    }
}

#[test]
fn reference_logs() {
    for line in lines(include_str!("data/logs.csv"), 144, 2) {
        let cells: Vec<&str> = line.split(',').collect();
        let constants = layer(&cells, meant).constants(None, 22).unwrap();
        assert_digits(&constants.mean_log, cells[7], line);
        assert_digits(&constants.var_log, cells[8], line);
        let alive = 1.0 - cells[6].parse::<f64>().unwrap();
        let found: f64 = constants.moment.parse().unwrap();
        approx::assert_abs_diff_eq!(found, alive, epsilon = 1e-15);
    }
}

/// Another integral in another program, at the edges of the domain: slopes next to 0, ±1 and each
/// other and of both signs, rare survival, width 1 to 10¹².
#[test]
fn edges_of_the_domain() {
    for line in lines(include_str!("data/edges.csv"), 396, 3) {
        let cells: Vec<&str> = line.split(',').collect();
        let (layer, s) = (layer(&cells, of_double), of_double(cells[6]));
        let constants = layer.constants(Some(&s), 18).unwrap();
        assert_digits(&constants.moment, cells[7], line);
        // the table writes what no double holds as a power of ten all the same
        if cells[8].parse::<f64>().unwrap().is_finite() {
            assert_digits(&constants.scale, cells[8], line);
        }
        assert_digits(&constants.mean_log, cells[10], line);
        assert_digits(&constants.var_log, cells[11], line);
    }
}

#[test]
fn more_digits_continue_fewer() {
    let layer = ExactLayer::relu(64).unwrap();
    let s = decimal("1");
    let short = layer.scale(&s, 30).unwrap();
    let long = layer.scale(&s, 300).unwrap();
    assert_eq!(long.trim_start_matches("0.").len(), 300);
    assert!(agrees(&short, &long), "{short} {long}");
}

#[test]
fn closed_forms_in_many_digits() {
    // d = 1, s = 1: E|z| = √(2/π), and half of it with ReLU
    let root = "0.797884560802865355879892119868763736951717262329869315331851659";
    let one = decimal("1");
    let linear = ExactLayer::new(decimal("1"), one.clone(), true, 1).unwrap();
    assert!(agrees(&linear.moment(&one, 55).unwrap(), root));
    // s = 2: the mean squared slope, at 10¹² units
    let wide = ExactLayer::new(decimal("0.5"), one, true, 1_000_000_000_000).unwrap();
    let mean = wide.moment(&decimal("2"), 40).unwrap();
    assert!(mean.starts_with("625000000000.0000000"), "{mean}");
}

#[test]
fn a_value_half_way_between_two_decimals_is_refused_and_does_not_hang() {
    // d = 5, s = 2: the moment is 2.5
    let layer = ExactLayer::relu(5).unwrap();
    let two = decimal("2");
    assert!(layer.moment(&two, 1).is_err());
    assert_eq!(layer.moment(&two, 3).unwrap(), "2.50");
}

#[test]
fn survival_that_lies_half_way_between_two_decimals_is_rounded_up() {
    // 1 − 2⁻¹⁶ = 0.9999847412109375 and 1 − 0.55² = 0.6975
    let alive = |keep: &str, width, digits| {
        let layer = ExactLayer::new(decimal("0"), decimal(keep), true, width).unwrap();
        layer.constants(None, digits).unwrap().moment
    };
    assert_eq!(alive("1", 16, 15), "0.999984741210938");
    assert_eq!(alive("1", 16, 16), "0.9999847412109375");
    assert_eq!(alive("0.9", 2, 3), "0.698");
    assert_eq!(alive("0.9", 2, 4), "0.6975");
    assert!(alive("1e-100", 1000, 20).starts_with("5.0000000000000000000e-98"));
    assert_eq!(alive("1", 1 << 50, 5), "1.0000");
}

#[test]
fn bad_arguments_are_refused() {
    let layer = ExactLayer::relu(4).unwrap();
    for (s, digits, word) in [
        ("0", 10, "s is 0"),
        ("4", 10, "s is 4"),
        ("1", 0, "digits is 0"),
        ("1", 1001, "digits is 1001"),
    ] {
        let error = layer.scale(&decimal(s), digits).unwrap_err().to_string();
        assert!(error.starts_with(word), "{error}");
    }
    assert!(ExactLayer::new(decimal("0"), decimal("1.1"), true, 4).is_err());
    assert!(ExactLayer::new(decimal("0"), decimal("1"), true, 0).is_err());
    for text in ["", "1/0", "nan", "1e999", "--1", "."] {
        assert_eq!(Rational::parse(text), None, "{text}");
    }
}

/// The two ensembles and rectangular layers, against the doubles, which come from another integral.
#[test]
fn orthogonal_and_rectangular_layers_agree_with_the_doubles() {
    use isomoment::{LayerLaw, Weights};
    let s = decimal("0.7");
    for (slope, width, fan_in) in [("0", 9, 9), ("0.25", 3, 5), ("0.25", 40, 7), ("1", 4, 6)] {
        let exact = ExactLayer::new(decimal(slope), decimal("1"), true, width).unwrap();
        let exact = exact
            .with_weights(Weights::Orthogonal)
            .with_fan_in(fan_in)
            .unwrap();
        let activation = Activation::LeakyRelu {
            slope: slope.parse().unwrap(),
        };
        let law = LayerLaw::new(activation, width).unwrap();
        let law = law
            .with_weights(Weights::Orthogonal)
            .with_fan_in(fan_in)
            .unwrap();
        let constants = exact.constants(Some(&s), 20).unwrap();
        let log = law.log_cumulants();
        for (digits, double) in [
            (&constants.moment, law.moment(0.7).unwrap()),
            (&constants.scale, law.scale(0.7).unwrap()),
            (&constants.mean_log, log.mean),
            (&constants.var_log, log.variance),
            (&constants.growth, law.log_growth(0.7).unwrap()),
        ] {
            let digits: f64 = digits.parse().unwrap();
            approx::assert_relative_eq!(digits, double, max_relative = 1e-13, epsilon = 1e-15);
        }
    }
}

/// The exact value of a double.
fn exact(x: f64) -> Rational {
    of_double(&format!("{x:?}"))
}

/// The layer with an inverted mask whose parameters are these doubles.
fn exact_layer(activation: Activation, keep: f64, width: u64) -> ExactLayer {
    let keep = exact(keep);
    let fixed = |slope| ExactLayer::new(slope, keep.clone(), true, width);
    match activation {
        Activation::Linear => fixed(decimal("1")),
        Activation::Relu => fixed(decimal("0")),
        Activation::LeakyRelu { slope } => fixed(exact(slope)),
        Activation::RandomizedLeakyRelu { lower, upper } => {
            ExactLayer::randomized(exact(lower), exact(upper), keep, true, width)
        }
        other => panic!("{other}"),
    }
    .unwrap()
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(40))]

    /// Any layer, by two integrals in two arithmetics, and in bounded time.
    #[test]
    fn random_layers_agree_with_the_doubles(
        kind in 0..4, slope in extreme(), range in extreme(), keep in -6.0..0.0_f64, s in order(),
        d in width(),
        orthogonal in proptest::bool::ANY
    ) {
        use isomoment::{Dropout, LayerLaw, Weights};
        let started = std::time::Instant::now();
        let keep = 10.0_f64.powf(keep);
        let (lower, upper) = (slope.min(range), slope.max(range));
        let activation = match kind {
            0 => Activation::Relu,
            1 => Activation::Linear,
            2 => Activation::LeakyRelu { slope },
            _ => Activation::RandomizedLeakyRelu { lower, upper },
        };
        let layer = exact_layer(activation, keep, d);
        let weights = if orthogonal { Weights::Orthogonal } else { Weights::Gaussian };
        let law = LayerLaw::with_dropout(activation, Dropout::inverted(keep).unwrap(), d).unwrap();
        let (law, layer) = (law.with_weights(weights), layer.with_weights(weights));
        let constants = layer.constants(Some(&exact(s)), 16).unwrap();
        let close = |digits: &str, value: f64, tolerance: f64| {
            let digits: f64 = digits.parse().unwrap();
            (digits - value).abs() <= tolerance * value.abs().max(digits.abs())
        };
        proptest::prop_assert!(close(&constants.moment, law.moment(s).unwrap(), 4e-15), "{constants:?} {law:?}");
        if let Ok(scale) = law.scale(s) {
            proptest::prop_assert!(close(&constants.scale, scale, 4e-15), "{constants:?} {law:?}");
        }
        let lyapunov = layer.lyapunov_scale(16).unwrap();
        proptest::prop_assert!(close(&lyapunov, law.lyapunov_scale().unwrap(), 4e-15), "{lyapunov} {law:?}");
        let cumulants = law.log_cumulants();
        let off = constants.mean_log.parse::<f64>().unwrap() - cumulants.mean;
        proptest::prop_assert!(off.abs() <= 4e-15 * cumulants.mean.abs().max(1.0), "{constants:?} {law:?}");
        // a difference of variances for orthogonal weights
        if !orthogonal {
            proptest::prop_assert!(close(&constants.var_log, cumulants.variance, 1e-13), "{constants:?} {law:?}");
        }
        proptest::prop_assert!(started.elapsed().as_secs() < 20);
    }
}

/// Layers whose σ, moment or Lyapunov scale was off by more than 4e-15: the integral's change of variable
/// came too near to the first singularity (RReLU with one slope far above the others; with the step of
/// today the third and fourth by 3e-14), or log σ was large, and the logarithm of a pair of doubles, or
/// what the integral's terms have in common, was rounded (the last four).
#[test]
fn extreme_layers_agree_with_the_doubles() {
    use isomoment::{Dropout, LayerLaw};
    let rrelu = |lower, upper| Activation::RandomizedLeakyRelu { lower, upper };
    let leaky = |slope| Activation::LeakyRelu { slope };
    let cases = [
        (
            rrelu(0.05925038047730987, 41.46965499426993),
            2.5846558907590456e-6,
            9,
            1.4701968349927286,
        ),
        (
            rrelu(-0.07910918719731573, 7.006890694035166),
            5.966019386876075e-3,
            4,
            2.6245120416495236,
        ),
        (
            rrelu(-0.0005561898561776602, 335.3815579954371),
            1.0,
            1,
            0.0798200598404272,
        ),
        (
            rrelu(-1.0, 5.474074304677734),
            0.0014888185129081429,
            1,
            0.01,
        ),
        (
            rrelu(-6.186842743010844e-28, 2.023964150562136e-33),
            1.4728624364687673e-6,
            1,
            0.03412541040239077,
        ),
        (leaky(-1.098760247066732e-33), 1.0, 1, 0.01160525183195619),
        (
            leaky(-1.0812661699848854e-37),
            0.20039641119442,
            12,
            0.00013316921662796243,
        ),
        (
            rrelu(-6.563785338061895e-36, 3.2647066367757998e-40),
            0.48713992455037475,
            4,
            2.3172778664211937,
        ),
        (
            Activation::Linear,
            0.02550733140396103,
            46,
            0.0006582446213181234,
        ),
        (
            Activation::Relu,
            0.24669981809397346,
            14,
            0.000244925969357375,
        ),
    ];
    for (activation, keep, width, s) in cases {
        let layer = exact_layer(activation, keep, width);
        let constants = layer.constants(Some(&exact(s)), 17).unwrap();
        let dropout = Dropout::inverted(keep).unwrap();
        let law = LayerLaw::with_dropout(activation, dropout, width).unwrap();
        for (digits, value) in [
            (constants.scale, law.scale(s).unwrap()),
            (constants.moment, law.moment(s).unwrap()),
            (
                layer.lyapunov_scale(17).unwrap(),
                law.lyapunov_scale().unwrap(),
            ),
        ] {
            let digits: f64 = digits.parse().unwrap();
            approx::assert_relative_eq!(digits, value, max_relative = 4e-15, epsilon = 0.0);
        }
    }
}

/// s from 1e-4 to 3.
fn order() -> impl proptest::strategy::Strategy<Value = f64> {
    use proptest::prelude::*;
    let small = (-4.0..-2.0_f64).prop_map(|exponent| 10.0_f64.powf(exponent));
    prop_oneof![0.01..3.0_f64, small]
}

/// Magnitudes from 1e-40 to 1e3, more often moderate ones.
fn extreme() -> impl proptest::strategy::Strategy<Value = f64> {
    use proptest::prelude::*;
    let sign = proptest::bool::ANY.prop_map(|negative| if negative { -1.0 } else { 1.0 });
    let moderate = (-3.0..0.5_f64).boxed();
    let exponent = prop_oneof![moderate.clone(), moderate, -9.0..2.0_f64, -40.0..3.0_f64];
    (sign, exponent).prop_map(|(sign, exponent)| sign * 10.0_f64.powf(exponent))
}

fn width() -> impl proptest::strategy::Strategy<Value = u64> {
    use proptest::prelude::*;
    prop_oneof![1..6_u64, 1..200_u64, Just(100_000), Just(1_000_000_000_000)]
}
