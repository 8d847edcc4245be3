//! What `train` can do beside its defaults: biases, the width of a layer, schedules, data sets with
//! other names and labels; and that the defaults' bits are those of the records.

use std::path::Path;

use crate::common::training::{refused, run};
use isomoment::simulate::streams::trajectory_stream;
use isomoment::{Activation, Dropout, Scheme};
use isomoment_cli::train::{
    Architecture, Augment, Bias, Draw, Ends, Init, Network, Pixels, Recipe, Rule, Schedule, Split,
    Start, WidthOf, fit_biased_starts, fit_starts, start, train,
};

const DIGITS: Ends = Ends {
    inputs: 64,
    classes: 10,
};

const LEAKY: Activation = Activation::LeakyRelu { slope: 0.01 };

/// What the program wrote before it knew biases, schedules and the rest (commit 808b19f).
const EPOCHS: &str = "\
width,depth,scheme,network,epoch,train_loss,train_accuracy,test_loss,test_accuracy
8,4,fractional:1,0,1,2.410497150270743,0.12943632567849686,2.2776098732048564,0.16111111111111112
8,4,fractional:1,0,2,2.2526586585937207,0.13778705636743216,2.241685453881644,0.16111111111111112
8,4,fractional:1,1,1,2.4271817492827794,0.08211551844119694,2.297499955649656,0.1361111111111111
8,4,fractional:1,1,2,2.26230617653475,0.1454418928322895,2.170558873739304,0.23055555555555557
8,4,he,0,1,2.374657584481346,0.12874043145441894,2.270623217372286,0.19722222222222222
8,4,he,0,2,2.2551626644596308,0.15309672929714682,2.2320311047976165,0.20277777777777778
8,4,he,1,1,2.3893143043285976,0.09464161447459986,2.2976511601279954,0.15555555555555556
8,4,he,1,2,2.2755780085212156,0.12595685455810718,2.196959180813037,0.19722222222222222
";

const SETTING: &str = r#"{
  "setting": {
    "data": "UCI digits",
    "units": "Leaky ReLU (a = 0.01)",
    "depth": 4,
    "width": 8,
    "optimizer": "Sgd",
    "rate": 0.01,
    "batch": 32,
    "epochs": 2,
    "seed": 1
  },
  "trained": {
    "width": 8,
    "depth": 4,
    "scheme": "he",
    "network": 1,
    "epochs": [
"#;

/// Bit for bit where matrix products have one rounding, as where the records were made; elsewhere to
/// the products' error.
#[test]
fn the_defaults_are_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let options = "--init fractional:1,he --depth 4 --width 8 --epochs 2 --networks 2";
    assert!(run(folder.path(), options).status.success());
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("networks/8x4-he-1.json").starts_with(SETTING));
    let epochs = read("epochs.csv");
    assert_eq!(epochs.lines().count(), EPOCHS.lines().count());
    for (line, then) in epochs.lines().zip(EPOCHS.lines()).skip(1) {
        for (number, was) in line.split(',').zip(then.split(',')).skip(3) {
            let [number, was]: [f64; 2] = [number, was].map(|x| x.parse().unwrap());
            assert!((number - was).abs() < 1e-3, "{line} was {then}");
        }
    }
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("fma") {
        assert_eq!(epochs, EPOCHS);
    }
    // the whole start of a network's chain: its weights' and image's log-norm
    let first = "8,4,fractional:1,0,-1.70815976510138";
    assert!(
        read("initial.csv")
            .lines()
            .nth(1)
            .unwrap()
            .starts_with(&first[..30])
    );
}

/// Uniform on ±1/√fan_in, layer by layer, the same for every scheme, and no weight's number changed.
#[test]
fn biases_are_drawn_beside_the_weights() {
    let architecture = Architecture::new(3, 64, LEAKY, Dropout::NONE);
    let ends = Ends {
        inputs: 400,
        classes: 10,
    };
    let drawn = |scheme: Scheme, bias: Option<Bias>| {
        let mut network =
            Network::new(&architecture, scheme, ends, &mut trajectory_stream(5, 0)).unwrap();
        if let Some(bias) = bias {
            network.draw_biases(bias, &mut trajectory_stream(5, 1));
        }
        network
    };
    let (plain, framework) = (
        drawn(Scheme::He, None),
        drawn(Scheme::He, Some(Bias::Framework)),
    );
    assert!(plain.biases.iter().flatten().all(|&b| b == 0.0));
    assert_eq!(plain.weights, framework.weights);
    assert_eq!(
        framework.biases,
        drawn(Scheme::Glorot, Some(Bias::Framework)).biases
    );
    for (biases, end) in framework.biases.iter().zip([0.05_f32, 0.125, 0.125]) {
        let largest = biases.iter().fold(0.0_f32, |a, b| a.max(b.abs()));
        // that 64 of them (10 in the last layer) all miss the outer 40 %: 6e-15, 0.006
        assert!(largest <= end && largest > 0.6 * end, "{largest} {end}");
        assert!(biases.iter().any(|&b| b < 0.0) && biases.iter().any(|&b| b > 0.0));
    }
    let normal = drawn(Scheme::He, Some(Bias::Normal(0.5)));
    let squares: f32 = normal.biases.iter().flatten().map(|b| b * b).sum();
    // χ² of 138 degrees: mean 138, deviation 16.6
    assert!((squares / 0.25 - 138.0).abs() < 66.0, "{squares}");
}

fn starts(architecture: &Architecture, init: Init, data: &Split, networks: u64) -> Vec<Start> {
    let one = |network| start(architecture, init, data, Draw { seed: 3, network }).unwrap();
    (0..networks).map(one).collect()
}

/// With biases, before training: real images through real matrices against the chain of norms, also
/// where units die, slopes and masks are drawn, the last layer is linear, and d is fan-in.
#[test]
fn real_images_follow_the_chain_where_there_are_biases() {
    let digits = Split::digits(Pixels::SYMMETRIC);
    let masks = Dropout::inverted(0.9).unwrap();
    let cases = [
        (
            Activation::Relu,
            Dropout::NONE,
            "published:0.8",
            Bias::Framework,
        ),
        (Activation::Linear, Dropout::NONE, "glorot", Bias::Framework),
        (Activation::RRELU_DEFAULT, masks, "he", Bias::Normal(0.3)),
    ];
    for (activation, dropout, init, bias) in cases {
        let init: Init = init.parse().unwrap();
        let architecture = Architecture {
            bias,
            width_of: WidthOf::FanIn,
            activation_last: activation != Activation::RRELU_DEFAULT,
            ..Architecture::new(8, 6, activation, dropout)
        };
        let seen = starts(&architecture, init, &digits, 500);
        let fits = fit_biased_starts(&seen, &architecture, init, &digits, 3).unwrap();
        assert_eq!(fits.len(), 2);
        for fit in fits {
            assert!(fit.p_value > 1e-3 && fit.control_p_value < 1e-6, "{fit:?}");
        }
        // other biases than those that were drawn are told
        let other = Architecture {
            bias: Bias::Normal(0.6),
            ..architecture.clone()
        };
        let fits = fit_biased_starts(&seen, &other, init, &digits, 3).unwrap();
        assert!(fits.iter().all(|fit| fit.p_value < 1e-6), "{fits:?}");
        let error = fit_starts(&seen, &architecture, init, DIGITS).unwrap_err();
        assert!(error.to_string().starts_with("bias is "), "{error}");
    }
    // without biases the chain is the sum that has an exact law
    let architecture = Architecture::new(4, 10, Activation::Relu, Dropout::NONE);
    let seen = starts(&architecture, Scheme::He.into(), &digits, 500);
    let chain = fit_biased_starts(&seen, &architecture, Scheme::He, &digits, 3).unwrap();
    let exact = fit_starts(&seen, &architecture, Scheme::He, DIGITS).unwrap();
    for (chain, exact) in chain.iter().zip(&exact) {
        let off = [
            chain.predicted.0 - exact.predicted.0,
            chain.predicted.1 - exact.predicted.1,
        ];
        // 99 500 draws: standard errors of 0.003 and 0.002 where the deviation is 1
        assert!(off.iter().all(|x| x.abs() < 0.015), "{chain:?} {exact:?}");
        assert_eq!(chain.networks, exact.networks);
    }
}

/// The released code's σ in each layer of its network, worked out from its formulas.
#[test]
fn the_width_of_a_layer_is_fan_in_where_asked() {
    let mnist = Ends {
        inputs: 784,
        classes: 10,
    };
    let code = Architecture {
        width_of: WidthOf::FanIn,
        ..Architecture::new(20, 64, Activation::Relu, Dropout::NONE)
    };
    let published: Init = "published:0.8".parse().unwrap();
    let found = code.deviations(published, mnist).unwrap();
    let std = |fan: f64| (2.0 / fan + 5.0 * (2.0 - 0.8) / (2.0 * fan * fan)).sqrt();
    assert!((found[0] / std(784.0) - 1.0).abs() < 1e-14);
    assert!(
        found[1..]
            .iter()
            .all(|sigma| (sigma / std(64.0) - 1.0).abs() < 1e-14)
    );
    // the exact scale likewise, and not where a rule names its fans
    let exact: Init = "fractional:0.8".parse().unwrap();
    let last = code.deviations(exact, mnist).unwrap()[19];
    let square = Scheme::Fractional(0.8);
    let shape = isomoment::LayerShape::square(64);
    let square = square.standard_deviation(Activation::Relu, Dropout::NONE, shape);
    assert_eq!(last, square.unwrap());
    let ours = Architecture::new(20, 64, Activation::Relu, Dropout::NONE);
    for rule in ["he", "glorot", "lecun", "random-walk", "framework-default"] {
        let rule: Init = rule.parse().unwrap();
        assert_eq!(code.deviations(rule, mnist), ours.deviations(rule, mnist));
    }
    // √2 whatever the slope, as kaiming_normal_(nonlinearity='leaky_relu') has it by default
    let leaky = Architecture {
        activation: LEAKY,
        ..code
    };
    let relu_gain = leaky
        .deviations("he-relu".parse::<Init>().unwrap(), mnist)
        .unwrap();
    assert!((relu_gain[5] - (2.0_f64 / 64.0).sqrt()).abs() < 1e-15);
    let walk = leaky.deviations("random-walk-relu".parse::<Init>().unwrap(), mnist);
    assert!((walk.unwrap()[5] - 0.180_254_158_577_287_55).abs() < 1e-15);
}

/// A linear last layer is scaled as one, and passes negative numbers on.
#[test]
fn the_last_layer_is_linear_where_asked() {
    let relu = Architecture::new(2, 16, Activation::Relu, Dropout::NONE);
    let linear = Architecture {
        activation_last: false,
        ..relu.clone()
    };
    let [with, without] = [&relu, &linear].map(|a| a.deviations(Scheme::He, DIGITS).unwrap());
    assert_eq!(with[0], without[0]);
    assert!((with[1] / without[1] - 2.0_f64.sqrt()).abs() < 1e-15);
    let digits = Split::digits(Pixels::SYMMETRIC);
    let rows = ndarray::ArrayView2::from_shape((50, 64), &digits.train.inputs[..3200]).unwrap();
    let least = |architecture: &Architecture| {
        let stream = &mut trajectory_stream(5, 0);
        let mut network = Network::new(architecture, Scheme::He, DIGITS, stream).unwrap();
        let outputs = network.forward(rows, None);
        outputs.iter().fold(f32::INFINITY, |a, &b| a.min(b))
    };
    assert_eq!(least(&relu), 0.0);
    assert!(least(&linear) < -0.5);
}

/// A rate that falls to nothing after the first epoch leaves the network as it is.
#[test]
fn the_schedule_sets_the_rate_of_each_epoch() {
    let data = Split::digits(Pixels {
        low: 0.0,
        high: 1.0,
    });
    assert!(data.train.inputs.iter().all(|x| (0.0..=1.0).contains(x)));
    let architecture = Architecture::new(3, 16, LEAKY, Dropout::NONE);
    let losses = |schedule: &str, weight_decay| {
        let recipe = Recipe {
            rule: Rule::Sgd,
            rate: 0.05,
            schedule: schedule.parse::<Schedule>().unwrap(),
            weight_decay,
            augment: Augment::default(),
            batch: 32,
            epochs: 2,
        };
        let draw = Draw {
            seed: 1,
            network: 0,
        };
        let trained = train(&architecture, &recipe, Scheme::He, &data, draw, &|_| ()).unwrap();
        [trained.epochs[0].test_loss, trained.epochs[1].test_loss]
    };
    let [first, second] = losses("multistep:1:1e-30", 0.0);
    assert_eq!(first, second);
    let [same, better] = losses("constant", 0.0);
    assert!(same == first && better < first);
    // λη = 1: every step forgets all weights
    let [forgotten, _] = losses("constant", 20.0);
    assert!((forgotten - 10.0_f64.ln()).abs() < 0.1, "{forgotten}");
}

/// A data set of sixty examples with these labels, of 2×2 pixels.
fn write_set(folder: &Path, names: [&str; 4], labels: std::ops::RangeInclusive<u8>) {
    let labels: Vec<u8> = labels.cycle().take(60).collect();
    let mut images = vec![0, 0, 8, 3, 0, 0, 0, 60, 0, 0, 0, 2, 0, 0, 0, 2];
    images.extend((0..240_u32).map(|i| (i * 37 % 256) as u8));
    let mut file = vec![0, 0, 8, 1, 0, 0, 0, 60];
    file.extend(&labels);
    for (name, bytes) in names.iter().zip([&images, &file, &images, &file]) {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

/// EMNIST's letters: 26 classes from 1, a name in front, a dot for the hyphen.
#[test]
fn letters_have_twenty_six_classes() {
    let [data, output, second] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let names = [
        "emnist-letters-train-images.idx3-ubyte",
        "emnist-letters-train-labels-idx1-ubyte",
        "emnist-letters-test-images.idx3-ubyte",
        "emnist-letters-test-labels.idx1-ubyte",
    ];
    write_set(data.path(), names, 1..=26);
    let given = format!(
        "--data {} --depth 2 --width 4 --epochs 1 --networks 1 --init he",
        data.path().display()
    );
    refused(
        output.path(),
        &given,
        "labels is 10; it must be from 0 to 9",
    );
    let letters = run(
        output.path(),
        &format!("{given} --labels 1-26 --pixels 0,1"),
    );
    assert!(letters.status.success(), "{letters:?}");
    let kept = std::fs::read_to_string(output.path().join("networks/4x2-he-0.json")).unwrap();
    for part in ["\"--pixels 0,1\"", "\"--labels 1-26\"", "\"classes\": 26"] {
        assert!(kept.contains(part), "{kept}");
    }
    refused(
        second.path(),
        &format!("{given} --labels 1-25"),
        "labels is 26; it must be from 1 to 25",
    );
    refused(
        second.path(),
        "--labels 1-26",
        "--labels is 1-26; it must be 0-9 on the embedded digits",
    );
    // other options, another experiment
    refused(
        output.path(),
        &format!("{given} --labels 0-26 --pixels 0,1"),
        "another experiment",
    );
    std::fs::write(
        data.path().join("emnist-digits-train-images-idx3-ubyte"),
        [],
    )
    .unwrap();
    refused(
        second.path(),
        &format!("{given} --labels 1-26"),
        "keep the files of one data set in a folder",
    );
}

/// Every option enters the fingerprint; a resumed run has the bits of a whole one.
#[test]
fn new_options_are_resumed_or_refused() {
    let [whole, resumed] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let plain = "--init he,glorot-uniform --depth 3 --width 8 --epochs 2 --networks 2";
    let options = format!(
        "{plain} --bias framework --width-of fan-in --schedule step:1:0.5 --weight-decay 1e-3"
    );
    let first = run(whole.path(), &format!("{options} --threads 1"));
    assert!(first.status.success(), "{first:?}");
    assert!(run(resumed.path(), &options).status.success());
    std::fs::remove_file(resumed.path().join("networks/8x3-glorot-uniform-1.json")).unwrap();
    assert_eq!(run(resumed.path(), &options).stdout, first.stdout);
    for file in ["epochs.csv", "initial.csv", "training.json"] {
        let read = |folder: &tempfile::TempDir| std::fs::read(folder.path().join(file)).unwrap();
        assert!(read(&whole) == read(&resumed), "{file} differs");
    }
    for left_out in [
        "--bias framework",
        "--width-of fan-in",
        "--schedule step:1:0.5",
        "--weight-decay 1e-3",
    ] {
        refused(
            resumed.path(),
            &options.replace(left_out, ""),
            "another experiment",
        );
    }
    for more in ["--activation-last no", "--pixels 0,1"] {
        refused(
            resumed.path(),
            &format!("{options} {more}"),
            "another experiment",
        );
    }
}

#[test]
fn bad_options_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for (options, message) in [
        ("--bias some", "bias is some; it must be zero, framework"),
        ("--bias normal:-1", "bias is normal:-1"),
        ("--bias normal:NaN", "bias is normal:NaN"),
        ("--width-of fan", "--width-of"),
        ("--weight-decay -1", "--weight-decay is -1"),
        ("--weight-decay NaN", "--weight-decay is NaN"),
        ("--schedule cosine", "schedule is cosine"),
        ("--schedule step:0:0.1", "schedule is step:0:0.1"),
        ("--pixels 1,0", "pixels is 1,0"),
        ("--pixels NaN,1", "pixels is NaN,1"),
        ("--labels 5-5", "labels is 5-5"),
        ("--labels 0-300", "labels is 0-300"),
        ("--activation-last maybe", "--activation-last"),
        ("--preset paper-imagenet", "paper-imagenet"),
        ("--init glorot-relu", "init is glorot-relu"),
        ("--init he-uniform-uniform", "init is he-uniform-uniform"),
    ] {
        refused(folder.path(), options, message);
    }
}
