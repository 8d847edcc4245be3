//! `isomoment simulate` and `isomoment merge`: arguments into a run, a run's summary into text.

mod convolution;
mod limits;
pub mod merge;
mod nonlinear;
mod run_spec;
mod summary;

use std::path::PathBuf;

use isomoment::simulate::runs::{PathsFormat, Progress, Run, Shard, Statistics, Watch};

use crate::cli::listing::Listing;
use crate::cli::outcome::{Outcome, Refusal, print};
use crate::cli::progress::Bar;
use crate::cli::run_args::thread_pool;
use run_spec::SpecArgs;

const EXAMPLES: &str = "Examples:
  isomoment simulate --activation relu --moment 1 --width 64 --depth 50 --trajectories 2000
  isomoment simulate --activation relu --moment 1 --widths 784,64,64,10 --output paths.csv
  isomoment simulate --activation relu --moment 1 --width 64 --depth 50 --shard 1/2 --output a.part
  isomoment simulate --activation relu --moment 1 --width 64 --depth 50 --gradient
  isomoment simulate --residual --branch 1e-4 --hidden 64 --activation relu --width 64 --depth 20
  isomoment simulate --activation gelu --moment 1 --rms 1 --width 64 --depth 20
  isomoment simulate --convolution 2d --channels 8 --size 8 --activation relu --moment 1 --depth 10
  isomoment simulate --weights stable --alpha 1.5 --activation relu --moment 1 --width 64 --depth 50
  isomoment merge a.part b.part --output paths.npz

A run with --output that was interrupted continues where it was when it is started again.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// Write every path to this file, .csv or .npz; a shard to a .part
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Simulate the I-th of N shares only
    #[arg(long, value_name = "I/N", requires = "output")]
    shard: Option<Shard>,
    /// Number of threads [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Form of the summary
    #[arg(long, default_value = "table")]
    format: Listing,
}

pub fn run(args: &Args) -> Outcome {
    let run = args.spec.run()?;
    let pool = thread_pool(args.threads)?;
    let shard = args.shard.unwrap_or(Shard::WHOLE);
    let format = args.output.as_deref().map(PathsFormat::of).transpose()?;
    if args.shard.is_some() != (format == Some(PathsFormat::Part)) {
        return Err(Refusal(
            "--shard goes with an --output that ends in .part, and only there".into(),
        ));
    }
    let threads = pool.current_num_threads();
    limits::check(&run, shard, threads, args.output.as_deref())?;
    let bar = Bar::start("simulating", "layers", 0);
    let progress = |progress: Progress| bar.add_of(progress.layers, progress.total);
    let watch = Watch::progress(&progress);
    let statistics = pool.install(|| match (&args.output, format) {
        (Some(path), Some(format)) => run.write(shard, path, format, &watch),
        _ => run.summarize(shard, &watch),
    })?;
    bar.finish();
    let shown = show(&run, &statistics, args.format)?;
    match (args.spec.moments()?, args.format) {
        (Some(moments), Listing::Table) => print(&moments),
        _ => Ok(shown),
    }
}

/// Prints the summary; as a table with a line that says of what.
fn show(run: &Run, statistics: &Statistics, format: Listing) -> Outcome {
    let rows = statistics.rows(run)?;
    let mut text = String::new();
    if format == Listing::Table {
        text += run.title();
        text += "\nlog-norms log(‖x_k‖/‖x₀‖) given survival";
        if run.networks().has_gradient() {
            text += "; tangent: log‖J_k v‖; gradient: log‖Jᵀu‖ of the last k layers, k being the column layer";
        }
        if let Some(order) = run.order() {
            text += &format!("; moment: mean of (‖x_k‖/‖x₀‖)^{order}, dead networks included");
            text += "\nwhere s times the log-norm's sd is above about 1, a few networks carry that mean: it and its error mislead";
            for prediction in run.networks().predictions() {
                if !summary::is_predicted(&rows, prediction.name) {
                    continue;
                }
                let name = prediction.name.replace('_', " ");
                text += &format!("\n{name}: {}", prediction.meaning);
            }
        }
        text += "\n\n";
    }
    print(&(text + &summary::show(&rows, format)?))
}
