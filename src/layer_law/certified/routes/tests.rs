use super::*;
use crate::layer_law::certified::finite_sum::Chain;

/// The interval on a grid whose step is `stretch` times the right one contains the
/// value that a much finer computation gives.
fn contains(layer: &ExactLayer, s: &Rational, stretch: f64) -> bool {
    let truth = layer.plain_moment_on(&layer.grid(60), s);
    let grid = Grid::stretched(20, layer.width, layer.lost_bits(), stretch);
    let found = layer.plain_moment_on(&grid, s);
    let off = arithmetic::size(truth.center() - found.center());
    off <= *found.radius()
}

fn number(text: &str) -> Rational {
    Rational::parse(text).unwrap()
}

#[test]
fn a_planted_error_in_the_discretization_bound_is_caught() {
    let s = number("0.7");
    let one = number("1");
    let layers = [
        ExactLayer::relu(1).unwrap(),
        ExactLayer::relu(64).unwrap(),
        ExactLayer::new(number("0.1"), number("0.9"), true, 5).unwrap(),
        ExactLayer::randomized(number("1/8"), number("1/3"), one.clone(), true, 3).unwrap(),
        ExactLayer::randomized(number("-1/8"), number("1/3"), one, true, 3).unwrap(),
    ];
    for layer in layers {
        assert!(contains(&layer, &s, 1.0), "{layer:?}");
        // a bound that allows a step 2.5 times too long
        assert!(!contains(&layer, &s, 2.5), "{layer:?}");
    }
}

/// Distance of two intervals, in units of the sum of their radii: they meet up to 1.
fn apart(one: &Ball, other: &Ball) -> f64 {
    let off = arithmetic::size(one.center() - other.center());
    let radii = one.radius() + other.radius();
    (off / radii).to_f64().value()
}

fn sums() -> Vec<(ExactLayer, FiniteSum)> {
    let one = number("1");
    let mut layers = Vec::new();
    for width in [1, 2, 3, 5, 8, 64, 65, 300] {
        for slope in ["1", "0"] {
            for keep in ["1", "9/10", "1/2", "1/1000", "999999/1000000", "1e-40"] {
                let slope = number(slope);
                let layer = ExactLayer::new(slope, number(keep), false, width).unwrap();
                layers.push(layer);
            }
        }
    }
    let wide = ExactLayer::new(one.clone(), one, true, 1_000_000_000_000).unwrap();
    layers.push(wide);
    for i in 0..10 {
        let turned = layers[9 * i].clone().with_weights(Weights::Orthogonal);
        let fan_in = turned.width + i as u64;
        layers.push(turned.with_fan_in(fan_in).unwrap());
    }
    let with_sum = |layer: ExactLayer| (layer.clone(), layer.finite_sum().unwrap());
    layers.into_iter().map(with_sum).collect()
}

#[test]
fn both_routes_agree_and_are_as_narrow_as_asked() {
    for (place, (layer, sum)) in sums().into_iter().enumerate() {
        let digits = [12, 30, 80][place % 3];
        let s = number(["0.7", "1", "1/1000", "2", "3", "1.23456789012345678901"][place % 6]);
        let found = sum.moment(&s, digits).value();
        let integral = layer.plain_moment_on(&layer.grid(digits), &s);
        assert!(apart(&found, &integral) <= 1.0, "{layer:?}, s = {s}");
        assert!(
            found.digits() >= digits as f64,
            "{layer:?}: {}",
            found.digits()
        );
        if layer.is_constant() {
            continue;
        }
        let found = sum.log_moments(digits);
        let integral = layer.log_moments_on(&layer.grid(digits));
        for (found, integral) in found.iter().zip(&integral) {
            assert!(apart(found, integral) <= 1.0, "{layer:?}");
        }
        assert!(
            found[0].digits() >= digits as f64 - 3.0,
            "{layer:?}: {}",
            found[0].digits()
        );
    }
}

#[test]
fn one_unit_is_what_the_integral_says() {
    let slopes = |text: &str| match text.split_once(':') {
        None => (number(text), number(text)),
        Some((lower, upper)) => (number(lower), number(upper)),
    };
    for (place, text) in [
        "0.01",
        "-3",
        "1e-30",
        "1/8:1/3",
        "-1/8:1/3",
        "0:1/4",
        "-2:0",
        "-1/3:-1/8",
        "1:1.001",
    ]
    .into_iter()
    .enumerate()
    {
        let (lower, upper) = slopes(text);
        let keep = number(["1", "0.3"][place % 2]);
        let layer = ExactLayer::randomized(lower, upper, keep, false, 1).unwrap();
        let layer = match place % 3 {
            0 => layer
                .with_weights(Weights::Orthogonal)
                .with_fan_in(3)
                .unwrap(),
            _ => layer,
        };
        let s = number(["0.7", "1", "2.9"][place % 3]);
        let grid = layer.grid(25);
        let found = layer.moment_of_one_unit(&s, 40);
        let integral = layer.plain_moment_on(&grid, &s);
        assert!(apart(&found, &integral) <= 1.0, "{text}");
        assert!(found.digits() > 33.0, "{text}: {}", found.digits());
        // the law of c for another order
        let near = one_unit::mean_power(&layer.slope, &number("0.700001"), 160);
        let wrong =
            found
                .times(&near)
                .over(&one_unit::mean_power(&layer.slope, &number("0.7"), 160));
        assert!(apart(&wrong, &integral) > 1.0, "{text}");
        let logs = layer.log_moments_on(&grid);
        let found = layer.log_moments_of_one_unit(40);
        for (found, integral) in found.iter().zip(&logs) {
            assert!(apart(found, integral) <= 1.0, "{text}");
        }
    }
}

/// s and a little more.
fn beside(s: &Rational) -> Rational {
    let (over, under) = (IBig::from(1), IBig::from(10).pow(10));
    let above = s.numerator() * &under + s.denominator() * over;
    Rational::quotient(above, s.denominator() * under)
}

#[test]
fn leaky_layers_are_what_the_integral_says() {
    let slopes = ["0.01", "-0.2", "1/2", "-3", "50", "0.9", "1e-12"];
    let orders = ["0.7", "1", "2", "3", "1/3", "2.999", "1e-6", "1/2"];
    let keeps = ["1", "0.7", "1", "1/20"];
    let mut count = 0;
    for (i, slope) in slopes.into_iter().enumerate() {
        for (j, width) in [2, 3, 4, 5, 7, 12, 30, 61, 200].into_iter().enumerate() {
            let keep = if width < 31 { keeps[(i + j) % 4] } else { "1" };
            let layer = ExactLayer::new(number(slope), number(keep), false, width).unwrap();
            let layer = match (2 * i + j) % 4 {
                0 => layer.with_weights(Weights::Orthogonal),
                _ => layer,
            };
            let s = number(orders[(i + 2 * j) % 8]);
            let grid = layer.grid(25);
            let (leaky, steep) = layer.leaky().unwrap();
            let sum = |s: &Rational| {
                let moment = leaky.moment(s, 30).value();
                match steep {
                    true => moment.over(&exact(&leaky.slope, 200).power(&exact(s, 200))),
                    false => moment,
                }
            };
            let integral = layer.plain_moment_on(&grid, &s);
            let found = sum(&s);
            assert!(apart(&found, &integral) <= 1.0, "{layer:?}, s = {s}");
            assert!(
                found.digits() > 29.0,
                "{layer:?}, s = {s}: {}",
                found.digits()
            );
            let wrong = sum(&beside(&s));
            assert!(apart(&wrong, &integral) > 1.0, "{layer:?}, s = {s}");
            let logs = layer.log_moments_on(&grid);
            let [mean, variance] = leaky.log_moments(30);
            let log = exact(&leaky.slope, 200).ln();
            let mean = match steep {
                true => mean.minus(&log).minus(&log),
                false => mean,
            };
            for (found, integral) in [&mean, &variance].into_iter().zip(&logs) {
                assert!(apart(found, integral) <= 1.0, "{layer:?}");
                assert!(found.digits() > 24.0, "{layer:?}: {}", found.digits());
            }
            count += 1;
        }
    }
    assert_eq!(count, 63);
}

#[test]
fn a_term_that_is_missing_is_seen() {
    let s = number("0.7");
    let mut seen = 0;
    for (layer, sum) in sums() {
        if layer.width > 300 || layer.weights == Weights::Orthogonal {
            continue;
        }
        let grid = layer.grid(60);
        let integral = layer.plain_moment_on(&grid, &s);
        let logs = layer.log_moments_on(&grid);
        for n in sum.considerable(1e-40) {
            let wrong = sum.moment_altered(&s, 60, |chain| chain.without(n)).value();
            assert!(apart(&wrong, &integral) > 1.0, "{layer:?} without {n}");
            // one term alone is its own mean
            if layer.width > 1 && !(layer.keep.is_one() && layer.is_linear()) {
                let wrong = sum.log_moments_altered(60, |chain| chain.without(n));
                assert!(apart(&wrong[0], &logs[0]) > 1.0, "{layer:?} without {n}");
                assert!(apart(&wrong[1], &logs[1]) > 1.0, "{layer:?} without {n}");
            }
            seen += 1;
        }
    }
    assert!(seen > 500, "{seen}");
}

#[test]
fn a_parity_that_is_missing_is_seen() {
    let s = number("0.7");
    for (layer, sum) in sums() {
        if layer.width == 1 || layer.keep.is_one() && layer.is_linear() {
            continue;
        }
        let integral = layer.plain_moment_on(&layer.grid(60), &s);
        for parity in 0..2 {
            let only = |chain: Chain| chain.only_of_parity(parity);
            let wrong = sum.moment_altered(&s, 60, only).value();
            assert!(apart(&wrong, &integral) > 1.0, "{layer:?}");
        }
    }
}

#[test]
fn the_interval_is_as_narrow_as_asked() {
    let s = number("1");
    for (width, digits) in [(1, 10), (64, 40), (1 << 53, 25)] {
        let layer = ExactLayer::relu(width).unwrap();
        let found = layer.moment_of_order(&s, digits).value().digits();
        assert!(found >= digits as f64 - 1.0, "width {width}: {found}");
    }
}
