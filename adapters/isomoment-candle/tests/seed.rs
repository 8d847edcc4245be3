//! Draws from a seed: what they depend on, and their law. All of it is the same in every run.

use std::collections::HashMap;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{ConvTranspose1dConfig, LSTMConfig, VarBuilder, VarMap};
use isomoment::stats::goodness::kolmogorov_smirnov;
use isomoment::stats::location::normal_cdf;
use isomoment::{Activation, Scheme};
use isomoment_candle::{Rule, Scales};

fn relu() -> Scales {
    Scales::new(Scheme::Fractional(1.0), Activation::Relu)
}

type Step = fn(VarBuilder) -> Result<()>;

const PARTS: [(&str, Step); 5] = [
    ("first", |vb| candle_nn::linear(30, 20, vb).map(drop)),
    ("second", |vb| candle_nn::linear(30, 20, vb).map(drop)),
    ("words", |vb| candle_nn::embedding(30, 20, vb).map(drop)),
    ("norm", |vb| candle_nn::layer_norm(20, 1e-5, vb).map(drop)),
    ("lstm", |vb| {
        candle_nn::lstm(30, 20, LSTMConfig::default(), vb).map(drop)
    }),
];

/// All variables of the parts, made in this order.
fn model(scales: &Scales, order: &[usize], dtype: DType) -> Result<HashMap<String, Vec<f64>>> {
    let variables = VarMap::new();
    let vb = scales.var_builder(&variables, dtype, &Device::Cpu);
    for &part in order {
        let (name, build) = PARTS[part];
        build(vb.pp(name))?;
    }
    let variables = variables.data().lock().unwrap();
    let values = variables.iter().map(|(name, variable)| {
        assert_eq!(variable.dtype(), dtype);
        let flat = variable.as_tensor().flatten_all()?.to_dtype(DType::F64)?;
        Ok((name.clone(), flat.to_vec1()?))
    });
    values.collect()
}

#[test]
fn seed_and_name_determine_every_variable_and_the_order_does_not() -> Result<()> {
    let forwards = model(&relu().seed(7), &[0, 1, 2, 3, 4], DType::F32)?;
    let backwards = model(&relu().seed(7), &[4, 3, 2, 1, 0], DType::F32)?;
    assert_eq!(forwards.len(), 11);
    assert_eq!(forwards, backwards);
    let alone = model(&relu().seed(7), &[1], DType::F32)?;
    assert_eq!(alone["second.weight"], forwards["second.weight"]);
    assert_ne!(forwards["first.weight"], forwards["second.weight"]);

    let other = model(&relu().seed(8), &[0, 1, 2, 3, 4], DType::F32)?;
    let random = [
        "first.weight",
        "second.weight",
        "words.weight",
        "lstm.weight_ih_l0",
        "lstm.weight_hh_l0",
    ];
    for name in random {
        assert_ne!(other[name], forwards[name], "{name}");
    }
    let unseeded = || model(&relu(), &[0], DType::F32);
    assert_ne!(unseeded()?["first.weight"], unseeded()?["first.weight"]);
    Ok(())
}

#[test]
fn the_scale_multiplies_the_same_numbers() -> Result<()> {
    let (relu, linear) = (
        relu().seed(7),
        Scales::new(Scheme::Fractional(1.0), Activation::Linear),
    );
    let linear = linear.seed(7);
    let (a, b) = (
        model(&relu, &[0], DType::F64)?,
        model(&linear, &[0], DType::F64)?,
    );
    let std = |scales: &Scales| scales.layers()[0].std.unwrap();
    let ratio = std(&relu) / std(&linear);
    assert!(ratio > 1.4); // ReLU halves the second moment
    for (a, b) in a["first.weight"].iter().zip(&b["first.weight"]) {
        assert!((a / b / ratio - 1.0).abs() < 1e-14);
    }
    Ok(())
}

#[test]
fn a_precision_rounds_the_same_model() -> Result<()> {
    let order = [0, 1, 2, 3, 4];
    let double = model(&relu().seed(7), &order, DType::F64)?;
    for (dtype, rounding) in [
        (DType::F32, 2.0_f64.powi(-24)),
        (DType::BF16, 2.0_f64.powi(-8)),
    ] {
        let rounded = model(&relu().seed(7), &order, dtype)?;
        for (name, values) in &double {
            for (exact, value) in values.iter().zip(&rounded[name]) {
                assert!((value - exact).abs() <= rounding * exact.abs(), "{name}");
            }
        }
    }
    Ok(())
}

/// Kolmogorov and Smirnov's p-value of 6000 numbers of this law. A scale that is 10 % off (distance 0.023
/// for normal numbers) is found with probability 0.99 (of 2000 samples) at the level 0.01 that is used here.
fn fits(numbers: &[f64], cdf: impl Fn(f64) -> f64) -> bool {
    assert_eq!(numbers.len(), 6000);
    kolmogorov_smirnov(numbers, cdf).unwrap().p_value > 0.01
}

#[test]
fn seeded_numbers_have_their_laws() -> Result<()> {
    let scales = relu().seed(7).with("own", Rule::leave_alone());
    let vb = scales.var_builder(&VarMap::new(), DType::F32, &Device::Cpu);
    let flat = |t: &Tensor| t.flatten_all()?.to_dtype(DType::F64)?.to_vec1::<f64>();
    let normal = |std: f64| move |w: f64| normal_cdf(w / std);
    let uniform = |bound: f64| move |w: f64| (0.5 + 0.5 * w / bound).clamp(0.0, 1.0);

    let weight = flat(candle_nn::linear(100, 60, vb.pp("a"))?.weight())?;
    let std = scales.layers()[0].std.unwrap();
    assert!(fits(&weight, normal(std)));
    assert!(!fits(&weight, normal(1.1 * std)));

    // candle's own laws of what is left alone
    let words = flat(candle_nn::embedding(100, 60, vb.pp("words"))?.embeddings())?;
    assert!(fits(&words, normal(1.0)));
    let own = flat(candle_nn::linear(100, 60, vb.pp("own"))?.weight())?;
    assert!(fits(&own, normal(0.02_f64.sqrt())));
    candle_nn::lstm(100, 15, LSTMConfig::default(), vb.pp("lstm"))?;
    let gates = flat(&vb.get_unchecked("lstm.weight_ih_l0")?)?;
    assert!(fits(&gates, uniform(0.06_f64.sqrt())));
    let config = ConvTranspose1dConfig::default();
    let up = candle_nn::conv_transpose1d(60, 20, 5, config, vb.pp("own.up"))?;
    assert!(fits(&flat(up.weight())?, uniform(0.1)));
    Ok(())
}
