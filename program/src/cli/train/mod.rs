//! `isomoment train`: the training experiment.

mod data;
mod preset;
mod tables;

use std::path::PathBuf;

use clap::ValueEnum;

use crate::cli::activation::Named;
use crate::cli::law_args::{LawArgs, Units};
use crate::cli::outcome::{Outcome, Refusal, print};
use crate::cli::progress::Bar;
use crate::cli::run_args::thread_pool;
use crate::train::{
    Architecture, Augment, Bias, Convolution, Experiment, Init, Labels, Pixels, Recipe, Rule,
    Schedule, TrainProgress, WidthOf,
};
use data::{DataOptions, load};
use isomoment::activation::{Activation, Dropout};
use isomoment::layer_law::Weights;
use preset::{Preset, Settings};
use tables::table;

const EXAMPLES: &str = "Examples:
  isomoment train                                           ten epochs on the embedded digits
  isomoment train --preset paper-mnist-relu --data mnist --output training
  isomoment train --init fractional:0.5,fractional:1,he --width 16,32 --depth 20,50 --networks 10

An interrupted experiment goes on where it stopped: the same command finds the finished networks in --output.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Descent {
    Sgd,
    Momentum,
    Adam,
    /// One layer after the other, the last one first, each step from the gradient where those before
    /// have left the network: block layer decomposition (Palagi & Seccia 2020) of minibatches; order
    /// and step are this program's reading
    BlockLayer,
}

/// How units change while a network is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Training {
    Plain,
    /// For so many epochs.
    Cooperative(usize),
}

/// `plain`, `cooperative` or `cooperative:EPOCHS`.
fn training(text: &str) -> Result<Training, String> {
    let epochs = match text.split_once(':') {
        None if text == "plain" => return Ok(Training::Plain),
        None if text == "cooperative" => Some(5),
        Some(("cooperative", epochs)) => epochs.parse().ok(),
        _ => None,
    };
    match epochs {
        Some(epochs @ 1..=1_000_000) => Ok(Training::Cooperative(epochs)),
        _ => Err("it must be plain, cooperative or cooperative:EPOCHS, from 1 to 1000000".into()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Dimension {
    FanIn,
    FanOut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Answer {
    Yes,
    No,
}

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Folder with four IDX files, as MNIST's, gzip or not, or with the six binary files of CIFAR-10
    /// [default: the embedded 1797 UCI digits]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Grey images with a black border up to 32x32 pixels, in three equal channels: a stand-in for
    /// CIFAR-10, which it is called in all output
    #[arg(long)]
    stand_in: bool,
    /// Settings of a published experiment; options given beside it change it
    #[arg(long, value_name = "NAME")]
    preset: Option<Preset>,
    /// Smallest and largest label of the files [default: 0-9]; 1-26 for EMNIST's letters
    #[arg(long, value_name = "FIRST-LAST", allow_hyphen_values = true)]
    labels: Option<Labels>,
    /// The numbers that black and white become [default: -1,1]
    #[arg(long, value_name = "LOW,HIGH", allow_hyphen_values = true)]
    pixels: Option<Pixels>,
    /// Initial scales: fractional:S, published:S, lyapunov, he, glorot, lecun, random-walk,
    /// framework-default, backward:S, balanced:S; he-relu and random-walk-relu have the gain of ReLU;
    /// with -uniform, -truncated or -truncated-corrected, weights are not normal; autoinit (variances
    /// from the data and Gaussian integrals), lsuv (orthonormal, scaled on 128 training images)
    /// [default: fractional:1,he,glorot,random-walk]
    #[arg(long, value_name = "SCHEME", value_delimiter = ',')]
    init: Vec<Init>,
    /// Biases before training: zero, framework (uniform on ±1/√fan-in) or normal:SD [default: zero]
    #[arg(long, value_name = "LAW")]
    bias: Option<Bias>,
    /// Which dimension of a layer is the d of fractional, published, lyapunov, backward, balanced
    /// [default: fan-out]
    #[arg(long, value_name = "DIMENSION")]
    width_of: Option<Dimension>,
    #[command(flatten)]
    units: LawArgs,
    /// Convolutions in front of the layers, CHANNELSxSIDE: no padding, stride 1, each with ReLU and 2x2
    /// max-pooling, drawn as PyTorch draws them whatever the scheme [default: none]
    #[arg(long, value_name = "CxK[,CxK…]", value_delimiter = ',')]
    convolutions: Vec<Convolution>,
    /// How training images are moved: none, flip, crop:N or flip,crop:N, N black pixels around, out of
    /// which the size is cut [default: none]
    #[arg(long, value_name = "MOVES")]
    augment: Option<Augment>,
    /// Whether the last layer has the units of the others, too; else it is linear, and scaled as such
    #[arg(long, value_name = "yes|no", default_value = "yes")]
    activation_last: Answer,
    /// Layers, the one to the classes included [default: 20]
    #[arg(long, value_name = "K[,K…]", value_delimiter = ',')]
    depth: Vec<usize>,
    /// Units of a hidden layer; every width with every depth [default: 64]
    #[arg(long, value_name = "D[,D…]", value_delimiter = ',')]
    width: Vec<usize>,
    /// Optimizer [default: sgd]
    #[arg(long, value_name = "RULE")]
    optimizer: Option<Descent>,
    /// plain, or cooperative:EPOCHS (Singh, Varshney & Namboodiri 2020): so many epochs, 5 if not
    /// given, with the mean of ReLU and Leaky ReLU 0.01 and 0.25 as units, then ReLU; members, mean and
    /// number are this program's reading
    #[arg(long, value_name = "HOW", value_parser = training, default_value = "plain")]
    training: Training,
    /// Momentum of --optimizer momentum
    #[arg(
        long,
        value_name = "BETA",
        default_value_t = 0.9,
        allow_negative_numbers = true
    )]
    momentum: f32,
    /// Learning rate [default: 0.01]
    #[arg(long, value_name = "ETA", allow_negative_numbers = true)]
    rate: Option<f32>,
    /// How the rate falls: constant, step:EPOCHS:FACTOR or multistep:EPOCH,EPOCH,…:FACTOR
    /// [default: constant]
    #[arg(long, value_name = "SCHEDULE")]
    schedule: Option<Schedule>,
    /// Weight decay λ: λw is added to the gradient of every weight and bias [default: 0]
    #[arg(long, value_name = "LAMBDA", allow_negative_numbers = true)]
    weight_decay: Option<f32>,
    /// Examples in a batch [default: 128; 32 on the embedded digits]
    #[arg(long, value_name = "N")]
    batch: Option<usize>,
    /// Epochs [default: 10]
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// Networks of each scheme [default: 5]
    #[arg(long, value_name = "N", alias = "seeds")]
    networks: Option<u64>,
    /// Seed: the same seed gives the same numbers on any number of cores
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Number of threads [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Folder for epochs.csv, initial.csv, training.json and the finished networks
    #[arg(long, value_name = "DIR", default_value = "training")]
    output: PathBuf,
}

pub fn run(args: &Args) -> Outcome {
    let experiment = experiment(args)?;
    let pool = thread_pool(args.threads)?;
    let bar = Bar::start("training", "epochs", experiment.epochs());
    let tell = |progress: TrainProgress| match progress {
        TrainProgress::Found => bar.add(experiment.recipe.epochs as u64),
        TrainProgress::Epoch(scheme, epoch) => {
            bar.say(format!(
                "{scheme}, loss {:.3}, test {:.1} %",
                epoch.train_loss,
                100.0 * epoch.test_accuracy
            ));
            bar.add(1);
        }
    };
    let outcome = pool.install(|| experiment.run(&args.output, &tell))?;
    bar.finish();
    print(&table(&outcome, &experiment.data_name))
}

/// The experiment that the arguments describe.
fn experiment(args: &Args) -> Result<Experiment, Refusal> {
    let settings = Settings::of(args.preset, args.data.is_none());
    let plan = plan(args, &settings)?;
    let options = DataOptions {
        pixels: args.pixels.unwrap_or(settings.pixels),
        labels: args.labels.clone().unwrap_or(Labels::DIGITS),
        stand_in: args.stand_in,
        cifar_preset: args.preset.and_then(Preset::of_cifar),
    };
    let (data, data_name) = load(args.data.as_deref(), &options)?;
    Ok(Experiment {
        data,
        data_name,
        data_options: options.others(),
        units: plan.units.describe(),
        architectures: plan.architectures,
        schemes: plan.schemes,
        recipe: plan.recipe,
        networks: plan.networks,
        seed: args.seed,
    })
}

/// An experiment without its data.
#[derive(Debug)]
struct Plan {
    units: Units,
    architectures: Vec<Architecture>,
    schemes: Vec<Init>,
    recipe: Recipe,
    networks: u64,
}

fn plan(args: &Args, settings: &Settings) -> Result<Plan, Refusal> {
    let networks = args.networks.unwrap_or(settings.networks);
    if !(1..=100_000).contains(&networks) {
        return Err(Refusal(format!(
            "--networks is {networks}; it must be from 1 to 100000"
        )));
    }
    let units = units(args, settings)?;
    let mut architectures = Vec::new();
    for depth in or(&args.depth, &[settings.depth]) {
        for width in or(&args.width, &[settings.width]) {
            architectures.push(Architecture {
                convolutions: or(&args.convolutions, &settings.convolutions),
                cooperative: match args.training {
                    Training::Plain => 0,
                    Training::Cooperative(epochs) => epochs,
                },
                activation_last: args.activation_last == Answer::Yes,
                bias: args.bias.unwrap_or(settings.bias),
                width_of: match args.width_of {
                    None => settings.width_of,
                    Some(Dimension::FanIn) => WidthOf::FanIn,
                    Some(Dimension::FanOut) => WidthOf::FanOut,
                },
                ..Architecture::new(depth, width, units.activation(), units.dropout()?)
            });
        }
    }
    let schemes = match &args.init[..] {
        [] => settings
            .init
            .split(',')
            .map(str::parse)
            .collect::<isomoment::Result<_>>()?,
        given => given.to_vec(),
    };
    let recipe = recipe(args, settings)?;
    let noisy = units.dropout()? != Dropout::NONE
        || matches!(units.activation(), Activation::RandomizedLeakyRelu { .. });
    if recipe.rule == Rule::BlockLayer && noisy {
        return Err(Refusal(
            "--optimizer is block-layer; it must be another one with dropout or rrelu, which draw anew"
                .into(),
        ));
    }
    Ok(Plan {
        units,
        architectures,
        schemes,
        recipe,
        networks,
    })
}

/// What is given, or what is usual.
fn or<T: Clone>(given: &[T], usual: &[T]) -> Vec<T> {
    match given {
        [] => usual.to_vec(),
        given => given.to_vec(),
    }
}

/// The units: the preset's, or Leaky ReLU with slope 0.01, unless an activation is given.
fn units(args: &Args, settings: &Settings) -> Result<Units, Refusal> {
    let mut given = args.units.clone();
    let preset = Named::Homogeneous(settings.activation);
    given.activation.get_or_insert(preset);
    let units = given.units()?;
    if units.weights != Weights::Gaussian {
        return Err(Refusal(
            "--weights is orthogonal; it must be gaussian in train".into(),
        ));
    }
    Ok(units)
}

fn recipe(args: &Args, settings: &Settings) -> Result<Recipe, Refusal> {
    let rule = match args.optimizer.unwrap_or(Descent::Sgd) {
        Descent::Sgd => Rule::Sgd,
        Descent::Momentum => Rule::Momentum(args.momentum),
        Descent::Adam => Rule::Adam,
        Descent::BlockLayer => Rule::BlockLayer,
    };
    let recipe = Recipe {
        rule,
        rate: args.rate.unwrap_or(settings.rate),
        schedule: args.schedule.clone().unwrap_or(settings.schedule.clone()),
        weight_decay: args.weight_decay.unwrap_or(settings.weight_decay),
        augment: args.augment.unwrap_or(settings.augment),
        batch: args.batch.unwrap_or(settings.batch),
        epochs: args.epochs.unwrap_or(settings.epochs),
    };
    let positive = |x: f32| x > 0.0 && x.is_finite();
    if !positive(recipe.rate) {
        return Err(Refusal(format!(
            "--rate is {}; it must be positive and finite",
            recipe.rate
        )));
    }
    if !(recipe.weight_decay >= 0.0 && recipe.weight_decay <= 1e6) {
        return Err(Refusal(format!(
            "--weight-decay is {}; it must be from 0 to 1e6",
            recipe.weight_decay
        )));
    }
    if !(0.0..1.0).contains(&args.momentum) {
        return Err(Refusal(format!(
            "--momentum is {}; it must be at least 0 and below 1",
            args.momentum
        )));
    }
    for (name, value) in [("batch", recipe.batch), ("epochs", recipe.epochs)] {
        if !(1..=1_000_000).contains(&value) {
            return Err(Refusal(format!(
                "--{name} is {value}; it must be from 1 to 1000000"
            )));
        }
    }
    Ok(recipe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    /// Everything that the options settle, in words.
    fn resolved(options: &str) -> String {
        let line = Line::parse_from(format!("train {options}").split_whitespace());
        let settings = Settings::of(line.args.preset, line.args.data.is_none());
        let plan = plan(&line.args, &settings).unwrap();
        let [a] = &plan.architectures[..] else {
            panic!("one architecture")
        };
        let schemes: Vec<String> = plan.schemes.iter().map(Init::to_string).collect();
        let r = plan.recipe;
        let front: Vec<String> = a.convolutions.iter().map(Convolution::to_string).collect();
        let front = match a.convolutions.is_empty() && r.augment == Augment::default() {
            true => String::new(),
            false => format!("; convolutions {}, moves {}", front.join(" "), r.augment),
        };
        format!(
            "{}; {} layers of {}, last {}; {}; bias {}, d {:?}; {:?} {} {}, decay {}; batch {}, {} epochs, {} networks; pixels {}{front}",
            plan.units.describe(),
            a.depth,
            a.width,
            a.activation_last,
            schemes.join(" "),
            a.bias,
            a.width_of,
            r.rule,
            r.rate,
            r.schedule,
            r.weight_decay,
            r.batch,
            r.epochs,
            plan.networks,
            line.args.pixels.unwrap_or(settings.pixels),
        )
    }

    /// The released code's settings, read from it.
    #[test]
    fn presets_are_the_released_code() {
        let (data, plain) = ("--data mnist", "Sgd 0.01 constant, decay 0");
        assert_eq!(
            resolved(&format!("--preset paper-mnist-linear {data}")),
            "linear; 30 layers of 64, last true; published:1 he glorot random-walk; bias framework, d FanIn; \
             Sgd 0.001 constant, decay 0; batch 128, 30 epochs, 20 networks; pixels 0,1"
        );
        assert_eq!(
            resolved(&format!("--preset paper-mnist-relu {data}")),
            format!(
                "ReLU; 20 layers of 64, last true; published:0.8 he glorot random-walk; bias framework, d FanIn; \
                 {plain}; batch 128, 30 epochs, 20 networks; pixels -1,1"
            )
        );
        assert_eq!(
            resolved(&format!("--preset paper-mnist-leaky-relu {data}")),
            format!(
                "Leaky ReLU (a = 0.01); 20 layers of 64, last true; published:1 he-relu glorot random-walk-relu; \
                 bias framework, d FanIn; {plain}; batch 128, 30 epochs, 20 networks; pixels -1,1"
            )
        );
        let cifar = "bias framework, d FanIn; Sgd 0.01 multistep:32,62,92,122,152,182:0.1, decay 0.0001; \
                     batch 512, 50 epochs, 10 networks; pixels -1,1; convolutions 6x5 16x5, moves flip,crop:4";
        for (preset, units, schemes) in [
            ("linear", "linear", "published:1 he glorot random-walk"),
            ("relu", "ReLU", "published:0.8 he glorot random-walk"),
            (
                "leaky-relu",
                "Leaky ReLU (a = 0.01)",
                "published:1 he-relu glorot",
            ),
        ] {
            assert_eq!(
                resolved(&format!("--preset paper-cifar10-{preset} {data}")),
                format!("{units}; 20 layers of 64, last true; {schemes}; {cifar}")
            );
        }
        assert_eq!(
            resolved(&format!("--preset paper-mnist {data}")),
            format!(
                "Leaky ReLU (a = 0.01); 20 layers of 64, last true; fractional:1 he glorot random-walk; \
                 bias zero, d FanOut; {plain}; batch 128, 30 epochs, 20 networks; pixels -1,1"
            )
        );
        assert_eq!(
            resolved(data),
            format!(
                "Leaky ReLU (a = 0.01); 20 layers of 64, last true; fractional:1 he glorot random-walk; \
                 bias zero, d FanOut; {plain}; batch 128, 10 epochs, 5 networks; pixels -1,1"
            )
        );
    }

    /// Options given beside a preset win.
    #[test]
    fn options_change_a_preset() {
        assert_eq!(
            resolved(
                "--preset paper-mnist-linear --activation relu --init he --depth 3 --width 8 --bias normal:0.1 \
                 --width-of fan-out --rate 0.5 --schedule step:30:0.1 --weight-decay 1e-4 --batch 7 --epochs 2 \
                 --networks 4 --pixels -0.5,2 --activation-last no --optimizer adam"
            ),
            "ReLU; 3 layers of 8, last false; he; bias normal:0.1, d FanOut; Adam 0.5 step:30:0.1, decay 0.0001; \
             batch 7, 2 epochs, 4 networks; pixels -0.5,2"
        );
    }
}
