//! Any layer, any order, any depth: a finite value or a typed error, never NaN, never a panic. The
//! fuzzer's own time limit sees what hangs.
#![no_main]

use isomoment::{Activation, DepthLaw, Dropout, LayerLaw, LayerShape, Scheme, Weights};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, arbitrary::Arbitrary)]
struct Input {
    kind: u8,
    slopes: [f64; 2],
    keep: f64,
    inverted: bool,
    orthogonal: bool,
    fan_in: u64,
    width: u64,
    depth: u64,
    s: f64,
    x: f64,
}

fuzz_target!(|input: Input| {
    let [lower, upper] = input.slopes;
    let activation = match input.kind % 4 {
        0 => Activation::Linear,
        1 => Activation::Relu,
        2 => Activation::LeakyRelu { slope: lower },
        _ => Activation::RandomizedLeakyRelu { lower, upper },
    };
    let dropout = if input.inverted {
        Dropout::inverted(input.keep)
    } else {
        Dropout::plain(input.keep)
    };
    let dropout = dropout.unwrap_or(Dropout::NONE);
    let shape = LayerShape {
        fan_in: input.fan_in,
        fan_out: input.width,
    };
    for scheme in [
        Scheme::Fractional(input.s),
        Scheme::Published(input.s),
        Scheme::He,
        Scheme::RandomWalk,
    ] {
        if let Ok(std) = scheme.standard_deviation(activation, dropout, shape) {
            assert!(std.is_finite() && std > 0.0);
        }
    }
    let Ok(law) = LayerLaw::with_dropout(activation, dropout, input.width) else {
        return;
    };
    let law = if input.orthogonal {
        law.with_weights(Weights::Orthogonal)
    } else {
        law
    };
    let Ok(law) = law.with_fan_in(input.fan_in) else {
        return;
    };
    for value in [
        law.scale(input.s),
        law.moment(input.s),
        law.log_growth(input.s),
        law.lyapunov_scale(),
    ] {
        assert!(value.is_err() || value.is_ok_and(f64::is_finite));
    }
    let cumulants = law.log_cumulants();
    assert!(
        cumulants.mean.is_finite() && cumulants.variance.is_finite() && cumulants.third.is_finite()
    );
    if let Ok(deep) = DepthLaw::preserving(&law, input.s, input.depth) {
        for value in [
            deep.cdf(input.x),
            deep.survival_function(input.x),
            deep.below(input.x),
        ] {
            assert!(value.is_err() || value.is_ok_and(|p| (0.0..=1.0).contains(&p)));
        }
    }
});
