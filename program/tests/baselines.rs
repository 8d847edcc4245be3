//! The neighbours of the paper's scheme as `train` has them: AutoInit, LSUV, cooperative training, block
//! layer decomposition, and weights as frameworks draw them.

use crate::common::training::{refused, run};
use approx::assert_relative_eq;
use isomoment::simulate::streams::{experiment_seed, trajectory_stream};
use isomoment::{Activation, Dropout, LayerLaw, Scheme};
use isomoment_cli::train::{
    Architecture, Augment, COOPERATING, Draw, Ends, Init, Network, Pixels, Recipe, Rule, Schedule,
    Split, Trained, train,
};
use ndarray::ArrayView2;

const DIGITS: Ends = Ends {
    inputs: 64,
    classes: 10,
};

const DRAW: Draw = Draw {
    seed: 1,
    network: 0,
};

fn recipe(rule: Rule, batch: usize, epochs: usize) -> Recipe {
    Recipe {
        rule,
        rate: 0.05,
        schedule: Schedule::Constant,
        weight_decay: 0.0,
        augment: Augment::default(),
        batch,
        epochs,
    }
}

fn trained(architecture: &Architecture, recipe: &Recipe) -> Trained {
    let data = Split::digits(Pixels::SYMMETRIC);
    train(architecture, recipe, Scheme::He, &data, DRAW, &|_| ()).unwrap()
}

/// The first layer by the data's mean square, those behind it He's; truncated weights of just that
/// variance.
#[test]
fn autoinit_is_hes_rule_behind_the_first_layer() {
    let data = Split::digits(Pixels::SYMMETRIC);
    let autoinit = "autoinit".parse::<Init>().unwrap().on(&data);
    let architecture = Architecture::new(4, 32, Activation::Relu, Dropout::NONE);
    let found = architecture.deviations(autoinit, DIGITS).unwrap();
    let squares: f64 = data
        .train
        .inputs
        .iter()
        .map(|&x| f64::from(x).powi(2))
        .sum();
    assert_relative_eq!(
        found[0],
        squares.recip().sqrt() * (1437.0_f64).sqrt(),
        max_relative = 1e-12
    );
    let he = architecture.deviations(Scheme::He, DIGITS).unwrap();
    for (found, he) in found[1..].iter().zip(&he[1..]) {
        assert_relative_eq!(*found, *he, max_relative = 1e-14);
    }
    assert!((found[0] / he[0] - 1.0).abs() > 0.1);
    let network = Network::new(
        &architecture,
        autoinit,
        DIGITS,
        &mut trajectory_stream(2, 0),
    )
    .unwrap();
    for (weights, sigma) in network.weights.iter().zip(&found) {
        let largest = weights.iter().fold(0.0_f32, |a, w| a.max(w.abs()));
        assert!(f64::from(largest) <= 2.0 / 0.8796 * sigma);
        let squares: f64 = weights.iter().map(|&w| f64::from(w).powi(2)).sum();
        // the deviation of the mean of n squares is at most √(2/n)
        let n = weights.len() as f64;
        assert!((squares / (n * sigma * sigma) - 1.0).abs() < 4.0 * (2.0 / n).sqrt());
    }
    // with half of the units dropped its estimate lets E‖x‖² grow by 1.19 in every layer
    let masks = Dropout::inverted(0.5).unwrap();
    let dropped = Architecture::new(4, 32, Activation::Relu, masks);
    let sigma = dropped.deviations(autoinit, DIGITS).unwrap()[1];
    let law = LayerLaw::with_dropout(Activation::Relu, masks, 32).unwrap();
    let growth = sigma * sigma * law.moment(2.0).unwrap();
    assert!((growth - 1.1893).abs() < 1e-4, "{growth}");
}

/// Truncation that is not corrected: 0.7737 of E‖x‖² in every layer, 2.7e-6 of it behind fifty.
#[test]
fn uncorrected_truncation_shrinks_every_layer() {
    let architecture = Architecture::new(50, 64, Activation::Relu, Dropout::NONE);
    let ends = Ends {
        inputs: 64,
        classes: 64,
    };
    let law = LayerLaw::new(Activation::Relu, 64).unwrap();
    let left = |name: &str| -> f64 {
        let init: Init = name.parse().unwrap();
        let deviations = architecture.deviations(init, ends).unwrap();
        let second = law.moment(2.0).unwrap();
        deviations
            .iter()
            .map(|sigma| sigma * sigma * second)
            .product()
    };
    assert_relative_eq!(left("he"), 1.0, max_relative = 1e-12);
    assert_relative_eq!(left("he-truncated-corrected"), 1.0, max_relative = 1e-12);
    assert!(
        (left("he-truncated") / 2.68e-6 - 1.0).abs() < 0.01,
        "{}",
        left("he-truncated")
    );
}

/// While units cooperate the network is one of their mean; when that is over it is one of ReLU.
#[test]
fn cooperation_ends_after_its_epochs() {
    let relu = Architecture::new(4, 16, Activation::Relu, Dropout::NONE);
    let together = |epochs| Architecture {
        cooperative: epochs,
        ..relu.clone()
    };
    let mean = Architecture {
        activation: COOPERATING,
        ..relu.clone()
    };
    let recipe = recipe(Rule::Sgd, 32, 3);
    let of_mean = trained(&mean, &recipe);
    let always = trained(&together(3), &recipe);
    let switched = trained(&together(2), &recipe);
    assert_eq!(always.epochs, of_mean.epochs);
    assert_eq!(switched.epochs[..2], of_mean.epochs[..2]);
    assert_ne!(switched.epochs[2], of_mean.epochs[2]);
    assert_ne!(switched.epochs[0], trained(&relu, &recipe).epochs[0]);
    // the mean of the members, at any number
    let members = [0.0, 0.01, 0.25].map(|slope| Activation::LeakyRelu { slope }.apply(-3.0, 0.0));
    let mean = members.iter().sum::<f64>() / 3.0;
    assert_relative_eq!(COOPERATING.apply(-3.0, 0.0), mean, max_relative = 1e-15);
}

/// One step on the whole training set, done by hand: the last layer first, each gradient from the
/// network that the step before left.
#[test]
fn block_layer_steps_one_layer_at_a_time() {
    let data = Split::digits(Pixels::SYMMETRIC);
    let architecture = Architecture::new(3, 16, Activation::Relu, Dropout::NONE);
    let found = trained(&architecture, &recipe(Rule::BlockLayer, 1437, 1)).epochs[0];
    let stream = &mut trajectory_stream(experiment_seed(1, "weights"), 0);
    let mut network = Network::new(&architecture, Scheme::He, DIGITS, stream).unwrap();
    let inputs = ArrayView2::from_shape((1437, 64), &data.train.inputs).unwrap();
    for k in [2, 1, 0] {
        network.forward(inputs, None);
        let gradients = network.backward(&data.train.labels);
        network.weights[k].scaled_add(-0.05, &gradients.weights[k]);
        network.biases[k].scaled_add(-0.05, &gradients.biases[k]);
    }
    let test = ArrayView2::from_shape((360, 64), &data.test.inputs).unwrap();
    network.forward(test, None);
    let loss = network.score(&data.test.labels).0 / 360.0;
    assert!((found.test_loss - loss).abs() < 1e-5, "{found:?} {loss}");
    // no step of gradient descent: all layers at once
    let descent = trained(&architecture, &recipe(Rule::Sgd, 1437, 1)).epochs[0];
    assert!(
        (descent.test_loss - loss).abs() > 1e-4,
        "{descent:?} {loss}"
    );
    // which it is where there is one layer
    let one = Architecture::new(1, 16, Activation::Linear, Dropout::NONE);
    let [a, b] =
        [Rule::Sgd, Rule::BlockLayer].map(|rule| trained(&one, &recipe(rule, 32, 2)).epochs);
    assert_eq!(a, b);
}

/// Every baseline through the program, resumed to the same bits; LSUV has no law before training.
#[test]
fn baselines_run_and_resume() {
    let [whole, resumed] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let options = "--activation relu --init autoinit,lsuv,he-uniform,he --depth 4 --width 12 --epochs 2 \
                   --networks 2 --training cooperative:1 --optimizer block-layer";
    let first = run(whole.path(), &format!("{options} --threads 1"));
    assert!(first.status.success(), "{first:?}");
    assert!(run(resumed.path(), options).status.success());
    std::fs::remove_file(resumed.path().join("networks/12x4-lsuv-1.json")).unwrap();
    std::fs::remove_file(resumed.path().join("networks/12x4-autoinit-0.json")).unwrap();
    assert_eq!(run(resumed.path(), options).stdout, first.stdout);
    for file in ["epochs.csv", "initial.csv", "training.json"] {
        let read = |folder: &tempfile::TempDir| std::fs::read(folder.path().join(file)).unwrap();
        assert!(read(&whole) == read(&resumed), "{file} differs");
    }
    let text = String::from_utf8_lossy(&first.stdout);
    let (laws, results) = text.split_once("test accuracy").unwrap();
    assert!(
        laws.contains("autoinit") && !laws.contains("lsuv") && results.contains("lsuv"),
        "{text}"
    );
    let kept = std::fs::read_to_string(resumed.path().join("networks/12x4-lsuv-1.json")).unwrap();
    assert!(
        kept.contains("--training cooperative:1") && kept.contains("BlockLayer"),
        "{kept}"
    );
    let other = run(resumed.path(), &options.replace("cooperative:1", "plain"));
    assert_eq!(other.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&other.stderr).contains("another experiment"));
}

#[test]
fn what_does_not_go_together_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (options, message) in [
        (
            "--training cooperative:0 --activation relu",
            "cooperative:EPOCHS",
        ),
        ("--training together", "cooperative:EPOCHS"),
        (
            "--training cooperative",
            "relu where training is cooperative",
        ),
        (
            "--optimizer block-layer --keep 0.9",
            "--optimizer is block-layer",
        ),
        (
            "--optimizer block-layer --activation rrelu",
            "--optimizer is block-layer",
        ),
        (
            "--init autoinit --convolutions 4x3",
            "autoinit; it must be another one behind convolutions",
        ),
        (
            "--init autoinit --keep 0.5 --dropout plain",
            "--keep is 0.5; it must be 1, or masks",
        ),
        ("--init lsuv-uniform", "init is lsuv-uniform"),
    ] {
        refused(folder.path(), options, message);
    }
}
