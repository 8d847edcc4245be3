//! `isomoment train`: the training experiment.

mod tables;

use std::path::PathBuf;

use clap::ValueEnum;

use crate::cli::law_args::{Kind, LawArgs, Units};
use crate::cli::outcome::{Outcome, Refusal, print};
use crate::cli::progress::Bar;
use crate::cli::run_args::thread_pool;
use crate::train::{Architecture, Experiment, Recipe, Rule, Split, TrainProgress};
use isomoment::init::Scheme;
use isomoment::layer_law::Weights;
use tables::table;

const EXAMPLES: &str = "Examples:
  isomoment train                                           ten epochs on the embedded digits
  isomoment train --preset paper-mnist --data mnist --output training
  isomoment train --init fractional:0.5,fractional:1,he --width 16,32 --depth 20,50 --networks 10

An interrupted experiment goes on where it stopped: the same command finds the finished networks in --output.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Preset {
    /// Gürbüzbalaban & Hu (2021): 20 layers, width 64, Leaky ReLU 0.01, SGD 0.01, batch 128, 30
    /// epochs, 20 networks
    PaperMnist,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Descent {
    Sgd,
    Momentum,
    Adam,
}

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Folder with MNIST's four IDX files, gzip or not [default: the embedded 1797 UCI digits]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Settings of a published experiment; options given beside it change it
    #[arg(long, value_name = "NAME")]
    preset: Option<Preset>,
    /// Initial scales: fractional:S, published:S, lyapunov, he, glorot, lecun, random-walk
    #[arg(
        long,
        value_name = "SCHEME",
        value_delimiter = ',',
        default_value = "fractional:1,he,glorot,random-walk"
    )]
    init: Vec<Scheme>,
    #[command(flatten)]
    units: LawArgs,
    /// Layers, the one to the classes included
    #[arg(
        long,
        value_name = "K[,K…]",
        value_delimiter = ',',
        default_value = "20"
    )]
    depth: Vec<usize>,
    /// Units of a hidden layer; every width with every depth
    #[arg(
        long,
        value_name = "D[,D…]",
        value_delimiter = ',',
        default_value = "64"
    )]
    width: Vec<usize>,
    /// Optimizer [default: sgd]
    #[arg(long, value_name = "RULE")]
    optimizer: Option<Descent>,
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
    /// Examples in a batch [default: 128; 32 on the embedded digits]
    #[arg(long, value_name = "N")]
    batch: Option<usize>,
    /// Epochs [default: 10; 30 in the preset]
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// Networks of each scheme [default: 5; 20 in the preset]
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
    print(&table(&outcome))
}

/// The experiment that the arguments describe.
fn experiment(args: &Args) -> Result<Experiment, Refusal> {
    let networks = args.networks.unwrap_or(args.preset.map_or(5, |_| 20));
    if !(1..=100_000).contains(&networks) {
        return Err(Refusal(format!(
            "--networks is {networks}; it must be from 1 to 100000"
        )));
    }
    let (data, data_name) = load(args)?;
    let units = units(args)?;
    let mut architectures = Vec::new();
    for &depth in &args.depth {
        for &width in &args.width {
            architectures.push(Architecture {
                depth,
                width,
                activation: units.activation(),
                dropout: units.dropout()?,
            });
        }
    }
    Ok(Experiment {
        data,
        data_name,
        units: units.describe(),
        architectures,
        schemes: args.init.clone(),
        recipe: recipe(args)?,
        networks,
        seed: args.seed,
    })
}

/// The units: Leaky ReLU with slope 0.01 unless an activation is given.
fn units(args: &Args) -> Result<Units, Refusal> {
    let mut given = args.units.clone();
    given.activation.get_or_insert(Kind::LeakyRelu);
    let units = given.units()?;
    if units.weights != Weights::Gaussian {
        return Err(Refusal(
            "--weights is orthogonal; it must be gaussian in train".into(),
        ));
    }
    Ok(units)
}

fn recipe(args: &Args) -> Result<Recipe, Refusal> {
    let paper = args.preset == Some(Preset::PaperMnist);
    let rule = match args.optimizer.unwrap_or(Descent::Sgd) {
        Descent::Sgd => Rule::Sgd,
        Descent::Momentum => Rule::Momentum(args.momentum),
        Descent::Adam => Rule::Adam,
    };
    let recipe = Recipe {
        rule,
        rate: args.rate.unwrap_or(0.01),
        batch: args.batch.unwrap_or(if args.data.is_none() && !paper {
            32
        } else {
            128
        }),
        epochs: args.epochs.unwrap_or(if paper { 30 } else { 10 }),
    };
    let positive = |x: f32| x > 0.0 && x.is_finite();
    if !positive(recipe.rate) {
        return Err(Refusal(format!(
            "--rate is {}; it must be positive and finite",
            recipe.rate
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

/// The data and its name, by which a checkpoint knows it.
fn load(args: &Args) -> Result<(Split, String), Refusal> {
    let Some(folder) = &args.data else {
        return Ok((Split::digits(), "UCI digits".into()));
    };
    let read = |name: &str| -> Result<Vec<u8>, Refusal> {
        let plain = folder.join(name);
        let zipped = folder.join(format!("{name}.gz"));
        let path = if plain.exists() { plain } else { zipped };
        std::fs::read(&path).map_err(|e| Refusal(format!("--data: {}: {e}", path.display())))
    };
    let [a, b, c, d] = [
        read("train-images-idx3-ubyte")?,
        read("train-labels-idx1-ubyte")?,
        read("t10k-images-idx3-ubyte")?,
        read("t10k-labels-idx1-ubyte")?,
    ];
    let split = Split::from_idx(&a, &b, &c, &d)
        .map_err(|e| Refusal(format!("--data {}: {e}", folder.display())))?;
    let sizes = (
        split.train.len(),
        split.test.len(),
        split.train.inputs_per_row,
    );
    Ok((
        split,
        format!(
            "IDX, {} + {} images of {} pixels",
            sizes.0, sizes.1, sizes.2
        ),
    ))
}
