//! Which parameter of a model gets what, what a seed determines, and errors.

use burn::module::{Module, Param};
use burn::nn::attention::{MultiHeadAttention, MultiHeadAttentionConfig};
use burn::nn::conv::{Conv1d, Conv1dConfig, Conv2d, Conv2dConfig};
use burn::nn::conv::{ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::transformer::{PositionWiseFeedForward, PositionWiseFeedForwardConfig};
use burn::nn::{
    BatchNorm, BatchNormConfig, Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear,
    LinearConfig, LinearLayout, Lstm, LstmConfig, PRelu, PReluConfig, SwiGlu, SwiGluConfig,
};
use burn::tensor::{DType, Device, Tensor};
use isomoment::stats::goodness::kolmogorov_smirnov;
use isomoment::stats::location::normal_cdf;
use isomoment::{Activation, Dropout, LayerLaw, Scheme};
use isomoment_burn::{Error, Outcome, Reason, Rule, Scales};

#[derive(Module, Debug)]
struct Model {
    stem: Conv2d,
    batch_norm: BatchNorm,
    up: ConvTranspose2d,
    words: Embedding,
    blocks: Vec<Linear>,
    norm: LayerNorm,
    attention: MultiHeadAttention,
    forward: PositionWiseFeedForward,
    lstm: Lstm,
    gated: SwiGlu,
    slope: PRelu,
    own: Param<Tensor<2>>,
    head: (Linear, Conv1d),
}

fn model(device: &Device) -> Model {
    let linear = LinearConfig::new(8, 6);
    Model {
        stem: Conv2dConfig::new([4, 8], [3, 3])
            .with_groups(4)
            .init(device),
        batch_norm: BatchNormConfig::new(8).init(device),
        up: ConvTranspose2dConfig::new([4, 6], [3, 3]).init(device),
        words: EmbeddingConfig::new(10, 7).init(device),
        blocks: vec![linear.init(device), linear.init(device)],
        norm: LayerNormConfig::new(6).init(device),
        attention: MultiHeadAttentionConfig::new(8, 2).init(device),
        forward: PositionWiseFeedForwardConfig::new(8, 12).init(device),
        lstm: LstmConfig::new(7, 5, true).init(device),
        gated: SwiGluConfig::new(7, 5).init(device),
        slope: PReluConfig::new().init(device),
        own: Param::from_tensor(Tensor::ones([3, 2], device)),
        head: (linear.init(device), Conv1dConfig::new(4, 6, 5).init(device)),
    }
}

fn relu() -> Scales {
    Scales::new(Scheme::Fractional(1.0), Activation::Relu)
}

fn told() -> Scales {
    relu()
        .with("stem", Rule::new().groups(4))
        .with("up", Rule::new().transposed(&[1, 2]))
        .with("head.0", Rule::new().activation(Activation::Linear))
}

fn sigma(activation: Activation, units: u64) -> f64 {
    let law = LayerLaw::new(activation, units).unwrap();
    law.scale(1.0).unwrap()
}

/// Every float parameter's path and numbers.
fn numbers(model: &impl Module) -> Vec<(String, Vec<f64>)> {
    #[derive(Default)]
    struct Visitor(Vec<String>, Vec<(String, Vec<f64>)>);
    impl burn::module::ModuleVisitor for Visitor {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.0.push(name.into());
        }
        fn exit_module(&mut self, _: &str, _: &str) {
            self.0.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let data = param.val().into_data().convert::<f64>();
            self.1.push((self.0.join("."), data.try_to_vec().unwrap()));
        }
    }
    let mut visitor = Visitor::default();
    model.visit(&mut visitor);
    visitor.1
}

#[test]
fn every_parameter_gets_its_scale_or_zero_or_stays() {
    let before = model(&Device::default());
    let (after, report) = told().seed(7).redraw(before.clone()).unwrap();
    use Activation::{Linear, Relu};
    let drawn = [
        // path, activation, units, fan-in
        ("stem.weight", Relu, 2, 9.0),
        ("up.weight", Relu, 6, 18.0),
        ("blocks.0.weight", Relu, 6, 8.0),
        ("blocks.1.weight", Relu, 6, 8.0),
        ("attention.query.weight", Linear, 8, 8.0),
        ("attention.key.weight", Linear, 8, 8.0),
        ("attention.value.weight", Linear, 8, 8.0),
        ("attention.output.weight", Linear, 8, 8.0),
        ("forward.linear_inner.weight", Relu, 12, 8.0),
        ("forward.linear_outer.weight", Linear, 8, 12.0),
        ("head.0.weight", Linear, 6, 8.0),
        ("head.1.weight", Relu, 6, 20.0),
    ];
    let (before, after) = (numbers(&before), numbers(&after));
    assert_eq!(report.parameters.len(), before.len());
    let (mut weights, mut biases, mut alone) = (0, 0, 0);
    for ((parameter, (path, old)), (_, new)) in report.parameters.iter().zip(before).zip(after) {
        assert_eq!(parameter.path, path);
        match &parameter.outcome {
            Outcome::Drawn { units, std } => {
                let row = drawn.iter().find(|row| row.0 == path);
                let &(_, activation, right, fan_in) = row.expect(&path);
                let std_right = sigma(activation, right) * (right as f64 / fan_in).sqrt();
                assert_eq!(*units, right, "{path}");
                assert!((std / std_right - 1.0).abs() < 1e-14, "{path}");
                assert!(old.iter().zip(&new).all(|(a, b)| a != b), "{path}");
                weights += 1;
            }
            Outcome::Zeroed => {
                assert!(
                    path.ends_with(".bias") && new.iter().all(|&b| b == 0.0),
                    "{path}"
                );
                biases += 1;
            }
            Outcome::LeftAlone(reason) => {
                let gate = path.starts_with("lstm.") || path.starts_with("gated.");
                let right = if gate { Reason::Gate } else { Reason::Module };
                assert_eq!((*reason, old), (right, new), "{path}");
                alone += 1;
            }
            other => panic!("{path}: {other}"),
        }
    }
    // left alone: the norms, BatchNorm's running ones too, embedding, slope, own, LSTM's 4 × 4 and
    // SwiGLU's two without biases
    assert_eq!(
        (weights, biases, alone),
        (drawn.len(), drawn.len(), 2 + 4 + 3 + 16 + 2)
    );
    let text = report.to_string();
    assert_eq!(text.lines().count(), report.parameters.len());
    assert!(text.contains("norm.gamma"), "{text}");
}

#[test]
fn rules_by_path() {
    let dropout = Dropout::inverted(0.5).unwrap();
    let none = Rule::new().dropout(Dropout::NONE);
    let device = Device::default();
    let layers: Vec<_> = (0..12)
        .map(|_| LinearConfig::new(8, 8).init(&device))
        .collect();
    let scales = relu()
        .dropout(dropout)
        .with("1", none.activation(Activation::Linear))
        .with("2", Rule::leave_alone())
        .with("2.bias", none);
    let (_, report) = scales.redraw(layers).unwrap();
    let std = |path: &str| match report.outcome(path) {
        Some(Outcome::Drawn { std, .. }) => *std,
        other => panic!("{path}: {other:?}"),
    };
    let law = LayerLaw::with_dropout(Activation::Relu, dropout, 8).unwrap();
    assert_eq!(std("0.weight"), law.scale(1.0).unwrap());
    assert_eq!(std("10.weight"), std("0.weight"));
    assert_eq!(std("1.weight"), sigma(Activation::Linear, 8));
    let alone = Some(&Outcome::LeftAlone(Reason::Rule));
    assert_eq!(report.outcome("2.weight"), alone);
    assert_eq!(report.outcome("2.bias"), alone);
    assert_eq!(report.outcome("12.weight"), None);
}

#[test]
fn errors_name_the_parameter_and_the_way_out() {
    let fails = |scales: Scales| scales.redraw(model(&Device::default())).unwrap_err();
    let error = fails(relu());
    assert!(matches!(&error, Error::Parameter { path, source, .. }
        if path == "up.weight" && **source == Error::Stride));
    let text = error.to_string();
    assert!(
        text.starts_with("up.weight of shape [4, 6, 3, 3]: the stride of"),
        "{text}"
    );
    let error = fails(told().with("up", Rule::new().transposed(&[4, 4]))).to_string();
    assert!(
        error.contains("stride is 16; it must be from 1 to the number of taps"),
        "{error}"
    );
    let error = fails(told().with("head", Rule::new().groups(4))).to_string();
    assert!(
        error.starts_with("head.0.weight of shape [8, 6]: groups is 4"),
        "{error}"
    );
    let error = fails(told().with("head", Rule::new().transposed(&[1])));
    assert!(matches!(error, Error::Parameter { source, .. } if *source == Error::NotTransposed));
    assert_eq!(
        fails(told().with("haed", Rule::new())),
        Error::Unused("haed".into())
    );
    let error = fails(Scales::new(Scheme::Glorot, Activation::Relu)).to_string();
    assert!(
        error.contains("scheme is glorot; it must be fractional:S"),
        "{error}"
    );
    let linear = Scales::new(Scheme::Fractional(-50.0), Activation::Linear);
    assert!(fails(linear).to_string().contains(": s is -50"));
}

#[test]
fn seed_and_path_determine_the_weights() {
    let device = Device::default();
    let drawn = |scales: Scales| numbers(&scales.redraw(model(&device)).unwrap().0);
    let chosen = |all: Vec<(String, Vec<f64>)>, start: &str| -> Vec<_> {
        all.into_iter()
            .filter(|(path, _)| path.starts_with(start))
            .collect()
    };
    let all = drawn(told().seed(7));
    for part in ["stem", "up", "blocks", "attention", "head"] {
        let here = chosen(all.clone(), part);
        assert_eq!(here, chosen(drawn(told().seed(7)), part));
        assert_ne!(here, chosen(drawn(told().seed(8)), part));
        assert_ne!(here, chosen(drawn(told()), part));
    }
    let blocks = chosen(all, "blocks");
    assert_ne!(blocks[0].1, blocks[2].1);

    // alone, and in the other layout: the same numbers
    #[derive(Module, Debug)]
    struct Part {
        blocks: Vec<Linear>,
    }
    let config = LinearConfig::new(8, 6).with_layout(LinearLayout::Col);
    let part = Part {
        blocks: vec![config.init(&device)],
    };
    let (part, _) = relu().seed(7).redraw(part).unwrap();
    assert_eq!(numbers(&part)[..], blocks[..2]);
}

#[test]
fn drawn_weights_have_their_law() {
    let device = Device::default();
    device.seed(3);
    for scales in [relu().seed(7), relu()] {
        let layer = LinearConfig::new(100, 60).init(&device);
        let (layer, report) = scales.redraw(layer).unwrap();
        let Some(&Outcome::Drawn { std, .. }) = report.outcome("weight") else {
            panic!("{report}");
        };
        // 6000 numbers: a scale that is 10 % off is found with probability 0.99 (of 2000 samples)
        let fits = |std: f64| {
            let fit = kolmogorov_smirnov(&numbers(&layer)[0].1, |w| normal_cdf(w / std));
            fit.unwrap().p_value > 0.01
        };
        assert!(fits(std) && !fits(1.1 * std));
    }
}

#[test]
fn tied_parameters_stay_tied() {
    let layer = LinearConfig::new(8, 8).init(&Device::default());
    let (layers, report) = relu().redraw(vec![layer.clone(), layer]).unwrap();
    let tied = Some(&Outcome::Tied("0.weight".into()));
    assert_eq!(report.outcome("1.weight"), tied);
    let numbers = numbers(&layers);
    assert_eq!(numbers[0].1, numbers[2].1);
}

#[test]
fn gradients_freezing_precision_and_ids_stay() {
    let device = Device::default().autodiff();
    let config = LinearConfig::new(8, 6);
    let layers = vec![config.init(&device), config.init(&device).no_grad()];
    let ids: Vec<_> = layers.iter().map(|layer| layer.weight.id).collect();
    for scales in [relu().seed(7), relu()] {
        let (layers, _) = scales.redraw(layers.clone()).unwrap();
        let trained: Vec<_> = layers
            .iter()
            .map(|layer| layer.weight.is_require_grad())
            .collect();
        assert_eq!(trained, [true, false]);
        assert_eq!(
            ids,
            layers
                .iter()
                .map(|layer| layer.weight.id)
                .collect::<Vec<_>>()
        );
        let loss = layers[0].forward(Tensor::<2>::ones([1, 8], &device)).sum();
        let gradients = loss.backward();
        assert!(layers[0].weight.grad(&gradients).is_some());
        assert!(layers[0].bias.as_ref().unwrap().grad(&gradients).is_some());

        let mut layer = config.init(&Device::default());
        layer.weight = layer.weight.map(|weight| weight.cast(DType::F64));
        let (layer, _) = scales.redraw(layer).unwrap();
        assert_eq!(layer.weight.dtype(), DType::F64);
    }
}
