//! Every constant by two routes inside the library: the integral against the closed forms.

use isomoment::layer_law::closed_form;
use isomoment::{Activation, Dropout, LayerLaw};

const ACTIVATIONS: [Activation; 6] = [
    Activation::Linear,
    Activation::Relu,
    Activation::LeakyRelu { slope: 0.1 },
    Activation::LeakyRelu { slope: 0.3 },
    Activation::LeakyRelu { slope: -0.75 },
    Activation::LeakyRelu { slope: 0.999 },
];

fn cases() -> impl Iterator<Item = (Activation, Dropout, u64)> {
    ACTIVATIONS.into_iter().flat_map(|activation| {
        let masks = [
            (Dropout::NONE, 200),
            (Dropout::inverted(0.8).unwrap(), 12),
            (Dropout::plain(0.25).unwrap(), 12),
        ];
        masks.into_iter().flat_map(move |(dropout, largest)| {
            [1, 2, 3, 5, 12, 40, 200]
                .into_iter()
                .filter(move |d| *d <= largest)
                .map(move |d| (activation, dropout, d))
        })
    })
}

#[test]
fn moments_agree() {
    for (activation, dropout, width) in cases() {
        let law = LayerLaw::with_dropout(activation, dropout, width).unwrap();
        for s in [
            0.03, 0.7, 1.0, 1.3, 1.999, 2.0, 2.9, 3.1, 4.0, 5.5, 7.0, 8.0,
        ] {
            let sum = closed_form::moment(activation, dropout, width, 0.5 * s)
                .unwrap()
                .unwrap();
            let integral = law.moment(s).unwrap();
            approx::assert_relative_eq!(integral, sum, max_relative = 1e-13);
        }
    }
}

#[test]
fn log_moments_agree() {
    for (activation, dropout, width) in cases() {
        let law = LayerLaw::with_dropout(activation, dropout, width).unwrap();
        let (mean, variance) = closed_form::log_moments(activation, dropout, width)
            .unwrap()
            .unwrap();
        let cumulants = law.log_cumulants();
        approx::assert_relative_eq!(cumulants.mean, mean, max_relative = 1e-13, epsilon = 1e-13);
        approx::assert_relative_eq!(cumulants.variance, variance, max_relative = 2e-12);
    }
}

#[test]
fn randomized_slopes_have_no_closed_form_but_a_narrow_range_is_leaky() {
    let none = closed_form::moment(Activation::RRELU_DEFAULT, Dropout::NONE, 8, 0.5);
    assert_eq!(none, Ok(None));
    // E[Q^p] differs from the one at the midpoint by O((u−l)²)
    let narrow = Activation::RandomizedLeakyRelu {
        lower: 0.3 - 1e-9,
        upper: 0.3 + 1e-9,
    };
    let leaky = closed_form::moment(Activation::LeakyRelu { slope: 0.3 }, Dropout::NONE, 8, 0.5);
    let value = LayerLaw::new(narrow, 8).unwrap().moment(1.0).unwrap();
    approx::assert_relative_eq!(value, leaky.unwrap().unwrap(), max_relative = 2e-15);
}

#[test]
fn closed_forms_refuse_what_they_cannot_sum() {
    let relu = |width, p| closed_form::moment(Activation::Relu, Dropout::NONE, width, p);
    let message = |result: isomoment::Result<Option<f64>>| result.unwrap_err().to_string();
    for width in [0, (1 << 53) + 1, u64::MAX] {
        assert!(message(relu(width, 0.5)).starts_with("width is"));
        let logs = closed_form::log_moments(Activation::Relu, Dropout::NONE, width);
        assert!(logs.unwrap_err().to_string().starts_with("width is"));
    }
    for p in [f64::NAN, f64::INFINITY, -1e-300, 4.1] {
        assert!(message(relu(3, p)).starts_with("p is"));
    }
    assert!(message(relu(1 << 53, 0.5)).contains("too many terms"));
    // a slope whose series does not end
    let tiny = Activation::LeakyRelu { slope: 1e-9 };
    assert!(message(closed_form::moment(tiny, Dropout::NONE, 4, 0.5)).contains("too many terms"));
    // linear units have one term at any width
    let wide = closed_form::moment(Activation::Linear, Dropout::NONE, 1 << 53, 1.0);
    assert_eq!(wide, Ok(Some((1_u64 << 53) as f64)));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(40))]

    /// Any arguments: finite numbers or an error, in bounded time: 27 calls, each at most as long
    /// as ten times 2·10⁷ divisions, the terms that one call may sum.
    #[test]
    fn closed_forms_are_total(
        slope in proptest::num::f64::ANY, small in -1.0..=1.0_f64, moderate in proptest::bool::ANY,
        keep in proptest::num::f64::ANY, p in proptest::num::f64::ANY, share in 0.0..=4.0_f64,
        width in proptest::num::u64::ANY, shift in 0..64_u32,
    ) {
        let started = std::time::Instant::now();
        let slope = if moderate { small } else { slope };
        let activations = [Activation::Linear, Activation::Relu, Activation::LeakyRelu { slope }];
        let masks = [Some(Dropout::NONE), Dropout::inverted(keep).ok(), Dropout::plain(0.5).ok()];
        let width = width >> shift;
        for activation in activations {
            for dropout in masks.into_iter().flatten() {
                for p in [p, share] {
                    if let Ok(value) = closed_form::moment(activation, dropout, width, p) {
                        proptest::prop_assert!(value.unwrap().is_finite());
                    }
                }
                if let Ok(logs) = closed_form::log_moments(activation, dropout, width) {
                    let (mean, variance) = logs.unwrap();
                    proptest::prop_assert!(mean.is_finite() && variance.is_finite(), "{mean} {variance}");
                }
            }
        }
        let elapsed = started.elapsed();
        // on a busy machine the measure is as slow as what it measures
        if elapsed.as_secs() >= 5 {
            let allowed = 27 * 10 * time_of_divisions(20_000_000);
            proptest::prop_assert!(elapsed < allowed, "{elapsed:?} of {allowed:?}");
        }
    }
}

/// How long so many divisions take, each of which waits for the one before.
fn time_of_divisions(count: u32) -> std::time::Duration {
    let started = std::time::Instant::now();
    let product = (1..=count).fold(1.0, |x, k| std::hint::black_box(x / f64::from(k) + 1.0));
    assert!(product.is_finite());
    started.elapsed()
}
