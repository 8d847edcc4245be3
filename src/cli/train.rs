//! `isomoment train`: the training experiment.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::cli::law_args::{Kind, LawArgs, Units};
use crate::cli::number::Number;
use crate::cli::progress::Bar;
use crate::cli::run_args::thread_pool;
use crate::cli::{Outcome, Refusal, print};
use crate::init::Scheme;
use crate::report::{Artifact, prepare, write_all};
use crate::train::{
    Architecture, Comparison, Recipe, Rule, Split, Summary, Trained, compare, summarize, train,
    write_epochs,
};

const EXAMPLES: &str = "Examples:
  isomoment train                                           ten epochs on the embedded digits
  isomoment train --preset paper-mnist --data mnist --output training
  isomoment train --init fractional:0.5,fractional:1,he --width 16 --depth 50 --networks 10

An interrupted experiment goes on where it stopped: the same command finds the finished networks in --output.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Preset {
    /// Gürbüzbalaban & Hu (2021): 20 layers, width 64, Leaky ReLU 0.01, SGD 0.01, batch 128, 30 epochs, 20 networks
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
    init: Vec<Named>,
    #[command(flatten)]
    units: LawArgs,
    /// Layers, the one to the classes included [default: 20]
    #[arg(long, value_name = "K")]
    depth: Option<usize>,
    /// Units of a layer [default: 64]
    #[arg(long, value_name = "D")]
    width: Option<usize>,
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
    /// Folder for epochs.csv, training.json and the finished networks
    #[arg(long, value_name = "DIR", default_value = "training")]
    output: PathBuf,
}

/// A scheme and how it was called.
#[derive(Debug, Clone, PartialEq)]
struct Named {
    name: String,
    scheme: Scheme,
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (rule, order) = match text.split_once(':') {
            Some((rule, order)) => (rule, Some(order)),
            None => (text, None),
        };
        let scheme = match (rule, order) {
            ("fractional" | "published", Some(order)) => {
                let order = order.parse::<Number>().map_err(|e| e.to_string())?.value;
                match rule {
                    "fractional" => Scheme::Fractional(order),
                    _ => Scheme::Published(order),
                }
            }
            ("lyapunov", None) => Scheme::Lyapunov,
            ("he", None) => Scheme::He,
            ("glorot", None) => Scheme::Glorot,
            ("lecun", None) => Scheme::LeCun,
            ("random-walk", None) => Scheme::RandomWalk,
            _ => {
                let all = "fractional:S, published:S, lyapunov, he, glorot, lecun or random-walk";
                return Err(format!("it must be {all}"));
            }
        };
        Ok(Self {
            name: text.to_owned(),
            scheme,
        })
    }
}

/// Everything that decides a network's bits, but its scheme and number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Setting {
    data: String,
    units: String,
    depth: usize,
    width: usize,
    optimizer: String,
    rate: f32,
    batch: usize,
    epochs: usize,
    seed: u64,
}

/// A finished network as it is kept.
#[derive(Serialize, Deserialize)]
struct Checkpoint {
    setting: Setting,
    trained: Trained,
}

#[derive(Serialize)]
struct Results<'a> {
    schema: u32,
    program: &'static str,
    setting: &'a Setting,
    summaries: &'a [Summary],
    comparisons: &'a [Comparison],
}

/// Version of training.json.
const SCHEMA: u32 = 1;

pub fn run(args: &Args) -> Outcome {
    let (data, data_name) = load(args)?;
    let units = units(args)?;
    let architecture = Architecture {
        depth: args.depth.unwrap_or(20),
        width: args.width.unwrap_or(64),
        activation: units.activation(),
        dropout: units.dropout()?,
    };
    let (recipe, setting) = recipe(args, &architecture, data_name, &units)?;
    for named in &args.init {
        // refused before anything is trained
        architecture.deviations(named.scheme, data.train.inputs_per_row, data.classes)?;
    }
    let networks = args.networks.unwrap_or(args.preset.map_or(5, |_| 20));
    if !(1..=100_000).contains(&networks) {
        return Err(Refusal(format!(
            "--networks is {networks}; it must be from 1 to 100000"
        )));
    }
    let folder = args.output.join("networks");
    prepare(&folder)?;
    let jobs: Vec<(&Named, u64)> = (0..networks)
        .flat_map(|network| args.init.iter().map(move |named| (named, network)))
        .collect();
    let bar = Bar::start("training", "epochs", (jobs.len() * recipe.epochs) as u64);
    let one = |&(named, network): &(&Named, u64)| -> Result<Trained, Refusal> {
        let file = format!("{}-{network}.json", named.name.replace([':', '/'], "-"));
        if let Some(trained) = finished(&folder.join(&file), &setting, named, network)? {
            bar.add(recipe.epochs as u64);
            return Ok(trained);
        }
        let scheme = (named.name.as_str(), named.scheme);
        let tell = |epoch: &crate::train::Epoch| {
            bar.say(format!(
                "{}, loss {:.3}, test {:.1} %",
                named.name,
                epoch.train_loss,
                100.0 * epoch.test_accuracy
            ));
            bar.add(1);
        };
        let trained = train(
            &architecture,
            &recipe,
            scheme,
            &data,
            (setting.seed, network),
            &tell,
        )?;
        let checkpoint = Checkpoint {
            setting: setting.clone(),
            trained,
        };
        let bytes = serde_json::to_vec_pretty(&checkpoint)?;
        write_all(&folder, &[Artifact { name: file, bytes }])?;
        Ok(checkpoint.trained)
    };
    let pool = thread_pool(args.threads)?;
    let trained: Result<Vec<Trained>, Refusal> =
        pool.install(|| jobs.par_iter().map(one).collect());
    bar.finish();
    let trained = trained?;
    let summaries = summarize(&trained);
    let comparisons = compare(&trained, "he");
    let results = Results {
        schema: SCHEMA,
        program: concat!("isomoment ", env!("CARGO_PKG_VERSION")),
        setting: &setting,
        summaries: &summaries,
        comparisons: &comparisons,
    };
    let files = [
        ("epochs.csv", write_epochs(&trained).into_bytes()),
        ("training.json", serde_json::to_vec_pretty(&results)?),
    ];
    let files = files.map(|(name, bytes)| Artifact {
        name: name.into(),
        bytes,
    });
    write_all(&args.output, &files)?;
    print(&table(&summaries, &comparisons))
}

/// The units: Leaky ReLU with slope 0.01 unless an activation is given.
fn units(args: &Args) -> Result<Units, Refusal> {
    if args.units.activation.is_some() {
        return args.units.units();
    }
    let mut units = args.units.clone();
    units.activation = Some(Kind::LeakyRelu);
    units.units()
}

fn recipe(
    args: &Args,
    architecture: &Architecture,
    data: String,
    units: &Units,
) -> Result<(Recipe, Setting), Refusal> {
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
    let setting = Setting {
        data,
        units: units.describe(),
        depth: architecture.depth,
        width: architecture.width,
        optimizer: format!("{rule:?}"),
        rate: recipe.rate,
        batch: recipe.batch,
        epochs: recipe.epochs,
        seed: args.seed,
    };
    Ok((recipe, setting))
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

/// A network that an earlier run of the same setting finished.
fn finished(
    path: &Path,
    setting: &Setting,
    named: &Named,
    network: u64,
) -> Result<Option<Trained>, Refusal> {
    let Ok(bytes) = std::fs::read(path) else {
        return Ok(None);
    };
    let other = || {
        Refusal(format!(
            "{} is of another experiment; give another --output",
            path.display()
        ))
    };
    let checkpoint: Checkpoint = serde_json::from_slice(&bytes).map_err(|_| other())?;
    let trained = checkpoint.trained;
    if checkpoint.setting != *setting || trained.scheme != named.name || trained.network != network
    {
        return Err(other());
    }
    Ok(Some(trained))
}

fn table(summaries: &[Summary], comparisons: &[Comparison]) -> String {
    let mut text = format!(
        "{:<16} {:>8} {:>24} {:>9} {:>11} {:>11} {:>7} {:>14}\n",
        "scheme",
        "networks",
        "test accuracy, 95 %",
        "sd",
        "train loss",
        "test loss",
        "failed",
        "epochs to 0.5"
    );
    for s in summaries {
        let percent = |x: f64| format!("{:.2}", 100.0 * x);
        let interval = format!(
            "{} ({} to {})",
            percent(s.test_accuracy.0),
            percent(s.test_interval.0),
            percent(s.test_interval.1)
        );
        let epochs = s.epochs_to_half.map_or("never".into(), |e| e.to_string());
        text += &format!(
            "{:<16} {:>8} {:>24} {:>9} {:>11.4} {:>11.4} {:>6.0}% {:>14}\n",
            s.scheme,
            s.networks,
            interval,
            percent(s.test_accuracy.1),
            s.train_loss,
            s.test_loss,
            100.0 * s.failed,
            epochs
        );
    }
    if !comparisons.is_empty() {
        text += "\nagainst he, pair by pair (permutation test, Holm over all rows):\n";
    }
    for c in comparisons {
        text += &format!(
            "{:<16} {:<14} {:>+9.4} ({:+.4} to {:+.4})  p = {:.2e}, corrected {:.2e}\n",
            c.scheme, c.quantity, c.difference, c.interval.0, c.interval.1, c.p_value, c.adjusted
        );
    }
    text
}
