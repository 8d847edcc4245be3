//! Properties that hold for every layer, on random input.

use std::time::{Duration, Instant};

use isomoment::{Activation, DepthLaw, Dropout, Error, LayerLaw, Weights};
use proptest::prelude::*;

fn activation() -> impl Strategy<Value = Activation> {
    prop_oneof![
        Just(Activation::Linear),
        Just(Activation::Relu),
        (-100.0..100.0).prop_map(|slope| Activation::LeakyRelu { slope }),
        (-2.0..2.0, 0.0..2.0).prop_map(|(lower, range)| Activation::RandomizedLeakyRelu {
            lower,
            upper: lower + range,
        }),
    ]
}

fn dropout() -> impl Strategy<Value = Dropout> {
    prop_oneof![
        Just(Dropout::NONE),
        (0.01..1.0).prop_map(|q| Dropout::inverted(q).unwrap()),
        (0.01..1.0).prop_map(|q| Dropout::plain(q).unwrap()),
    ]
}

fn width() -> impl Strategy<Value = u64> {
    prop_oneof![
        1..20_u64,
        1..5000_u64,
        Just(1_000_000),
        Just(1_000_000_000_000)
    ]
}

/// Any double: subnormal, infinite, NaN, and more often what lies in or at the edge of the domains.
fn number() -> impl Strategy<Value = f64> {
    let edges = vec![
        0.0,
        1.0,
        -1.0,
        2.0,
        8.0,
        3.0,
        1e-100,
        1e100,
        1e-8,
        1e-300,
        f64::EPSILON,
    ];
    let edge = prop::sample::select(edges);
    prop_oneof![
        prop::num::f64::ANY,
        -3.0..3.0,
        0.0..1.0,
        edge.clone(),
        edge.clone().prop_map(f64::next_up),
        edge.prop_map(f64::next_down),
    ]
}

/// Any integer, more often one that is a width or a depth.
fn anything() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), width(), Just(1 << 53), 1..4_u64]
}

fn any_activation(kind: u8, x: f64, y: f64) -> Activation {
    match kind {
        0 => Activation::Linear,
        1 => Activation::Relu,
        2 => Activation::LeakyRelu { slope: x },
        _ => Activation::RandomizedLeakyRelu { lower: x, upper: y },
    }
}

fn close(a: f64, b: f64, tolerance: f64) -> Result<(), TestCaseError> {
    let error = ((a - b) / b).abs();
    prop_assert!(error <= tolerance, "{a} against {b}: {error:e}");
    Ok(())
}

proptest! {
    #[test]
    fn scale_decreases_in_the_order(
        a in activation(), q in dropout(), d in width(), s in 0.05..2.0, step in 0.01..1.0
    ) {
        let law = LayerLaw::with_dropout(a, q, d).unwrap();
        let (low, high) = (law.scale(s).unwrap(), law.scale(s + step).unwrap());
        // at 10¹² units the difference is below a double's resolution
        let slack = if d > 1_000_000 { 4e-15 } else { 0.0 };
        prop_assert!(low > high * (1.0 - slack), "{low} at {s}, {high} at {}", s + step);
    }

    #[test]
    fn orders_together_and_one_by_one_are_the_same_doubles(
        a in activation(), q in dropout(), d in width(),
        orders in prop::collection::vec(0.001..3.0, 0..12), orthogonal in any::<bool>()
    ) {
        let weights = if orthogonal { Weights::Orthogonal } else { Weights::Gaussian };
        let law = LayerLaw::with_dropout(a, q, d).unwrap().with_weights(weights);
        let one_by_one = |f: &dyn Fn(f64) -> Result<f64, Error>| {
            orders.iter().map(|&s| f(s)).collect::<Result<Vec<_>, _>>()
        };
        prop_assert_eq!(law.scales(&orders), one_by_one(&|s| law.scale(s)));
        prop_assert_eq!(law.moments(&orders), one_by_one(&|s| law.moment(s)));
    }

    #[test]
    fn the_scale_tends_to_the_lyapunov_scale(a in activation(), q in dropout(), d in width()) {
        const S: f64 = 1e-3;
        let law = LayerLaw::with_dropout(a, q, d).unwrap();
        let log_alive = (-law.dead_probability()).ln_1p();
        // where ε^{−1/s} leaves the doubles there is nothing to compare
        prop_assume!(-log_alive / S < 500.0);
        let ratio = (law.scale(S).unwrap() / law.lyapunov_scale().unwrap()).ln() + log_alive / S;
        let cumulants = law.log_cumulants();
        // log σ(s) = −E Y − s v/2 − s² κ₃/6 − …
        let expansion = -0.5 * S * cumulants.variance - S * S / 6.0 * cumulants.third;
        let rest = S.powi(3) * (1.0 + cumulants.variance).powi(2) * 10.0 + 1e-12;
        prop_assert!((ratio - expansion).abs() < rest, "{ratio:e} against {expansion:e}");
    }

    #[test]
    fn scaling_the_output_divides_the_scale(
        a in activation(), keep in 0.01..1.0, d in width(), s in 0.05..2.0
    ) {
        let inverted = LayerLaw::with_dropout(a, Dropout::inverted(keep).unwrap(), d).unwrap();
        let plain = LayerLaw::with_dropout(a, Dropout::plain(keep).unwrap(), d).unwrap();
        close(inverted.scale(s).unwrap(), plain.scale(s).unwrap() * keep, 1e-15)?;
        close(inverted.moment(s).unwrap(), plain.moment(s).unwrap() * keep.powf(-s), 4e-15)?;
    }

    #[test]
    fn the_sign_of_the_slope_does_not_matter(slope in -100.0..100.0, d in width(), s in 0.05..2.0) {
        let scale = |slope| LayerLaw::new(Activation::LeakyRelu { slope }, d)?.scale(s);
        prop_assert_eq!(scale(slope), scale(-slope));
    }

    #[test]
    fn special_slopes_are_other_activations(q in dropout(), d in width(), s in 0.05..2.0, a in 0.1..3.0) {
        let scale = |activation| LayerLaw::with_dropout(activation, q, d).unwrap().scale(s).unwrap();
        prop_assert_eq!(scale(Activation::LeakyRelu { slope: 1.0 }), scale(Activation::Linear));
        prop_assert_eq!(scale(Activation::LeakyRelu { slope: 0.0 }), scale(Activation::Relu));
        let constant = Activation::RandomizedLeakyRelu { lower: a, upper: a };
        prop_assert_eq!(scale(constant), scale(Activation::LeakyRelu { slope: a }));
        // and the laws are continuous there, so these are no special cases of another value
        close(scale(Activation::LeakyRelu { slope: 1.0 - 1e-9 }), scale(Activation::Linear), 2e-9)?;
        let narrow = Activation::RandomizedLeakyRelu { lower: a, upper: a + 1e-9 };
        close(scale(narrow), scale(constant), 2e-9)?;
    }

    #[test]
    fn keeping_every_unit_is_no_dropout(a in activation(), d in width(), s in 0.05..2.0) {
        let all = LayerLaw::with_dropout(a, Dropout::inverted(1.0).unwrap(), d).unwrap();
        let none = LayerLaw::new(a, d).unwrap();
        prop_assert_eq!(all.scale(s), none.scale(s));
        prop_assert_eq!(all.log_cumulants(), none.log_cumulants());
    }

    #[test]
    fn the_second_moment_is_the_mean_squared_slope(a in activation(), q in dropout(), d in width()) {
        let mean_square = match a {
            Activation::Linear => 1.0,
            Activation::Relu => 0.5,
            Activation::LeakyRelu { slope } => 0.5 + 0.5 * slope * slope,
            Activation::RandomizedLeakyRelu { lower: l, upper: u } => 0.5 + (l * l + l * u + u * u) / 6.0,
            _ => unreachable!(),
        };
        let law = LayerLaw::with_dropout(a, q, d).unwrap();
        let exact = d as f64 * q.keep() * mean_square * q.gain().powi(2);
        close(law.moment(2.0).unwrap(), exact, 4e-15)?;
        close(law.scale(2.0).unwrap(), exact.powf(-0.5), 4e-15)?;
    }

    #[test]
    fn the_typical_output_vanishes_where_units_cannot_die(a in activation(), d in width(), s in 0.05..2.0) {
        let law = LayerLaw::new(a, d).unwrap();
        let bound = -(-law.dead_probability()).ln_1p() / s;
        prop_assert!(law.log_growth(s).unwrap() < bound + 1e-300);
    }

    #[test]
    fn any_input_gives_a_finite_value_or_an_error_in_bounded_time(
        kind in 0..4_u8, x in number(), y in number(), q in number(), s in number(), d in anything()
    ) {
        let a = any_activation(kind, x, y);
        let started = Instant::now();
        for mask in [Dropout::inverted(q), Dropout::plain(q), Ok(Dropout::NONE)].into_iter().flatten() {
            let Ok(law) = LayerLaw::with_dropout(a, mask, d) else { continue };
            for value in [law.scale(s), law.moment(s), law.log_growth(s), law.lyapunov_scale()].into_iter().flatten() {
                prop_assert!(value.is_finite());
            }
            let cumulants = law.log_cumulants();
            prop_assert!(cumulants.mean.is_finite() && cumulants.variance.is_finite() && cumulants.third.is_finite());
            prop_assert!((0.0..=1.0).contains(&law.dead_probability()));
            prop_assert!(law.log_dead_probability() <= 0.0);
        }
        // usually 0.1 ms
        prop_assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }
}

proptest! {
    // one law at depth takes milliseconds to build
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_depth_gives_probabilities_or_an_error_in_bounded_time(
        kind in 0..4_u8, x in number(), y in number(), q in number(), s in number(), d in anything(), k in anything(),
        at in number()
    ) {
        let a = any_activation(kind, x, y);
        let mask = Dropout::inverted(q).unwrap_or(Dropout::NONE);
        let started = Instant::now();
        let law = LayerLaw::with_dropout(a, mask, d).and_then(|law| DepthLaw::preserving(&law, s, k));
        if let Ok(law) = law {
            gives_probabilities(&law, at)?;
        }
        // usually 10 ms
        prop_assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Where the law has atoms and singular edges.
    #[test]
    fn few_orthogonal_units_give_probabilities_or_an_error_in_bounded_time(
        kind in 0..4_u8, x in number(), y in number(), q in number(), s in 0.01..2.0, d in prop_oneof![1..6_u64, 1..300_u64],
        more in prop_oneof![Just(0), 0..4_u64, 0..2000_u64], k in prop_oneof![1..40_u64, anything()],
        at in prop_oneof![Just(0.0), -3.0..0.5, number()]
    ) {
        let a = any_activation(kind, x, y);
        let mask = Dropout::inverted(q).unwrap_or(Dropout::NONE);
        let started = Instant::now();
        let law = LayerLaw::with_dropout(a, mask, d).and_then(|law| law.with_weights(Weights::Orthogonal).with_fan_in(d + more));
        if let Ok(law) = law.and_then(|law| DepthLaw::preserving(&law, s, k)) {
            gives_probabilities(&law, at)?;
            if let Ok(x) = law.quantile(0.4) {
                prop_assert!(x.is_finite());
            }
        }
        // usually 100 ms, next to the ends of the domain some seconds
        prop_assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    }
}

fn gives_probabilities(law: &DepthLaw, at: f64) -> Result<(), TestCaseError> {
    let values = [law.cdf(at), law.survival_function(at), law.below(at.abs())];
    for value in values.into_iter().flatten() {
        prop_assert!((0.0..=1.0).contains(&value), "{value}");
    }
    let density = law.density(at).unwrap_or(0.0);
    prop_assert!(density >= 0.0 && density.is_finite());
    let _ = law.tail_index();
    Ok(())
}

#[test]
fn bad_arguments_are_named() {
    let law = LayerLaw::new(Activation::Relu, 4).unwrap();
    for s in [0.0, -1.0, f64::NAN, f64::INFINITY, 8.1] {
        let error = law.scale(s).unwrap_err();
        assert!(error.to_string().starts_with("s is "), "{error}");
    }
    let of = |activation| LayerLaw::new(activation, 4).unwrap_err().to_string();
    assert!(of(Activation::LeakyRelu { slope: f64::NAN }).starts_with("slope is NaN"));
    let crossed = Activation::RandomizedLeakyRelu {
        lower: 0.5,
        upper: 0.25,
    };
    assert!(of(crossed).starts_with("lower is 0.5"));
    assert!(matches!(
        LayerLaw::new(Activation::Relu, 0),
        Err(Error::Domain { .. })
    ));
    assert!(
        Dropout::inverted(1.5)
            .unwrap_err()
            .to_string()
            .starts_with("keep is 1.5")
    );
    // ε^{−1/s} beyond the doubles is an error of its own
    let error = LayerLaw::new(Activation::Relu, 1)
        .unwrap()
        .scale(5e-4)
        .unwrap_err();
    assert!(error.to_string().contains("overflows"), "{error}");
}
