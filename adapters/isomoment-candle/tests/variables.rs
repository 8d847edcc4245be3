//! Which variable gets what, the standard deviations' values, and errors.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{ConvTranspose1dConfig, Init, LSTMConfig, VarBuilder, VarMap};
use isomoment::{Activation, Dropout, LayerLaw, Scheme};
use isomoment_candle::{Rule, Scales, init};

fn builder(scales: &Scales) -> (VarMap, VarBuilder<'static>) {
    let variables = VarMap::new();
    let vb = scales.var_builder(&variables, DType::F32, &Device::Cpu);
    (variables, vb)
}

fn relu() -> Scales {
    Scales::new(Scheme::Fractional(1.0), Activation::Relu)
}

fn stdev(scheme: Scheme, rule: Rule, dims: &[usize]) -> f64 {
    match init(scheme, Activation::Relu, rule, dims) {
        Ok(Init::Randn { mean: 0.0, stdev }) => stdev,
        other => panic!("{other:?}"),
    }
}

#[test]
fn values_of_the_layouts() {
    let sigma = |d: u64| {
        LayerLaw::new(Activation::Relu, d)
            .unwrap()
            .scale(1.0)
            .unwrap()
    };
    let fractional = Scheme::Fractional(1.0);
    let cases = [
        // dims, rule, units, fan-in: the table of layouts
        (&[5, 4][..], Rule::new(), 5, 4.0),
        (&[6, 4, 3, 3], Rule::new(), 6, 36.0),
        (&[8, 1, 3, 3], Rule::new().groups(4), 2, 9.0),
        (&[4, 6, 3, 3], Rule::new().transposed(&[2, 2]), 6, 9.0),
        (
            &[4, 2, 3, 3],
            Rule::new().groups(4).transposed(&[1, 1]),
            2,
            9.0,
        ),
        (&[4, 6, 3, 3], Rule::new().transposed(&[1, 2]), 6, 18.0),
    ];
    for (dims, rule, units, fan_in) in cases {
        let right = sigma(units) * (units as f64 / fan_in).sqrt();
        let std = stdev(fractional, rule, dims);
        assert!(
            (std / right - 1.0).abs() < 1e-14,
            "{dims:?}: {std}, not {right}"
        );
    }
    let he = stdev(Scheme::He, Rule::new(), &[7, 50]);
    assert!((he - 0.2).abs() < 1e-15);
    let lyapunov = LayerLaw::new(Activation::Relu, 50)
        .unwrap()
        .lyapunov_scale()
        .unwrap();
    assert!((stdev(Scheme::Lyapunov, Rule::new(), &[50, 50]) / lyapunov - 1.0).abs() < 1e-14);
}

#[test]
fn drawn_weights_have_that_deviation_and_biases_are_zero() -> Result<()> {
    let scales = relu();
    let (variables, vb) = builder(&scales);
    let layer = candle_nn::linear(400, 200, vb.pp("a"))?;
    let expected = scales.layers()[0].std.unwrap();
    let (mean, square) = (
        layer.weight().mean_all()?,
        layer.weight().sqr()?.mean_all()?,
    );
    let n = 80_000.0_f64;
    // 5 standard errors of a normal sample's mean and mean square: false alarms in 10⁻⁶ of the runs
    assert!(f64::from(mean.to_scalar::<f32>()?).abs() < 5.0 * expected / n.sqrt());
    let ratio = f64::from(square.to_scalar::<f32>()?) / (expected * expected);
    assert!((ratio - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
    assert_eq!(layer.bias().unwrap().to_vec1::<f32>()?, [0.0; 200]);
    // a second builder on the same map finds what is there
    let again = candle_nn::linear(
        400,
        200,
        relu()
            .var_builder(&variables, DType::F32, &Device::Cpu)
            .pp("a"),
    )?;
    let difference = (again.weight() - layer.weight())?.abs()?.max_all()?;
    assert_eq!(difference.to_scalar::<f32>()?, 0.0);
    Ok(())
}

#[test]
fn embeddings_norms_and_gates_stay_candles_own() -> Result<()> {
    let scales = relu();
    let (_, vb) = builder(&scales);
    candle_nn::embedding(10, 7, vb.pp("words"))?;
    candle_nn::layer_norm(7, 1e-5, vb.pp("norm"))?;
    candle_nn::lstm(7, 5, LSTMConfig::default(), vb.pp("lstm"))?;
    candle_nn::prelu(None, vb.pp("prelu"))?;
    let layers = scales.layers();
    assert_eq!(layers.len(), 8);
    for layer in layers {
        assert_eq!(layer.std, None, "{}", layer.name);
    }
    Ok(())
}

#[test]
fn rules_by_name() -> Result<()> {
    let dropout = Dropout::inverted(0.5).unwrap();
    let scales = relu()
        .dropout(dropout)
        .with(
            "head",
            Rule::new()
                .activation(Activation::Linear)
                .dropout(Dropout::NONE),
        )
        .with("head.2", Rule::leave_alone())
        .with("heads", Rule::new().groups(3));
    let (_, vb) = builder(&scales);
    for name in ["body", "head.1", "head.2", "head.22"] {
        candle_nn::linear(8, 8, vb.pp(name))?;
    }
    let std = |law: LayerLaw| Some(law.scale(1.0).unwrap());
    let layers = scales.layers();
    let of = |name: &str| layers.iter().find(|layer| layer.name == name).unwrap().std;
    let body = LayerLaw::with_dropout(Activation::Relu, dropout, 8).unwrap();
    let linear = std(LayerLaw::new(Activation::Linear, 8).unwrap());
    assert_eq!(of("body.weight"), std(body));
    assert_eq!(of("head.1.weight"), linear);
    assert_eq!(of("head.22.weight"), linear);
    assert_eq!((of("head.2.weight"), of("head.2.bias")), (None, None));
    assert_eq!(of("head.1.bias"), Some(0.0));
    assert_eq!(scales.unused(), ["heads"]);
    Ok(())
}

#[test]
fn errors_name_the_variable_and_the_way_out() {
    let fails = |scales: Scales, build: &dyn Fn(VarBuilder) -> Result<()>| {
        let (variables, vb) = builder(&scales);
        let error = build(vb).unwrap_err().to_string();
        assert!(variables.all_vars().is_empty());
        error.lines().next().unwrap().to_owned()
    };
    let up = |vb: VarBuilder| {
        let cfg = ConvTranspose1dConfig::default();
        candle_nn::conv_transpose1d(4, 6, 3, cfg, vb.pp("up")).map(|_| ())
    };
    let linear = |vb: VarBuilder| candle_nn::linear(4, 6, vb.pp("a")).map(|_| ());
    let error = fails(relu(), &up);
    assert!(
        error.starts_with("up.weight of shape [4, 6, 3]: "),
        "{error}"
    );
    assert!(error.contains("Rule::new().transposed"), "{error}");
    let error = fails(relu().with("up", Rule::new().transposed(&[4])), &up);
    assert!(
        error.contains("stride is 4; it must be from 1 to the number of taps"),
        "{error}"
    );
    let error = fails(relu().with("a", Rule::new().groups(4)), &linear);
    assert!(
        error.contains("groups is 4; it must be a divisor"),
        "{error}"
    );
    let error = fails(relu().with("a", Rule::new().groups(0)), &linear);
    assert!(error.starts_with("a.weight of shape [6, 4]: "), "{error}");
    let error = fails(Scales::new(Scheme::Glorot, Activation::Relu), &linear);
    assert!(
        error.contains("scheme is glorot; it must be fractional:S"),
        "{error}"
    );
    let error = fails(
        Scales::new(Scheme::Fractional(-50.0), Activation::Linear),
        &linear,
    );
    assert!(
        error.starts_with("a.weight of shape [6, 4]: s is -50"),
        "{error}"
    );
    let error = init(Scheme::He, Activation::Relu, Rule::new(), &[3])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("dims has 1 entries; it must have at least 2"),
        "{error}"
    );
    let alone = init(Scheme::He, Activation::Relu, Rule::leave_alone(), &[3, 3]);
    assert!(alone.is_err());
}

#[test]
fn a_left_alone_transposed_convolution_and_get_unchecked() -> Result<()> {
    let scales = relu().with("up", Rule::leave_alone());
    let (_, vb) = builder(&scales);
    let layer =
        candle_nn::conv_transpose1d(4, 6, 3, ConvTranspose1dConfig::default(), vb.pp("up"))?;
    let found: Tensor = vb.get_unchecked("up.weight")?;
    assert_eq!(found.dims(), layer.weight().dims());
    assert!(vb.contains_tensor("up.bias") && !vb.contains_tensor("down.bias"));
    assert!(vb.get_unchecked("down.bias").is_err());
    Ok(())
}
