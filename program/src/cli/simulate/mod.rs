//! `isomoment simulate` and `isomoment merge`: paths of networks, in parts that survive an interruption.

mod deliver;
mod limits;
pub mod merge;
mod part;
mod run_spec;
mod statistics;

use std::fs::{File, TryLockError};
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::cli::listing::Listing;
use crate::cli::progress::Bar;
use crate::cli::run_args::thread_pool;
use crate::cli::{Outcome, Refusal, print};
use deliver::Form;
use isomoment::simulate::{self, Simulator};
use part::{Header, Part, PartWriter, UNFINISHED, refusal};
use run_spec::SpecArgs;
use statistics::{CHUNK, Statistics};

const EXAMPLES: &str = "Examples:
  isomoment simulate --activation relu --moment 1 --width 64 --depth 50 --trajectories 2000
  isomoment simulate --activation relu --moment 1 --widths 784,64,64,10 --output paths.csv
  isomoment simulate --activation relu --moment 1 --width 64 --depth 50 --shard 1/2 --output a.part
  isomoment merge a.part b.part --output paths.npz

A run with --output that was interrupted continues where it was when it is started again.";

/// Bytes of a part, and seconds of work that an interruption may lose.
const PART_BYTES: f64 = 64e6;
const PART_SECONDS: f64 = 20.0;

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

/// The I-th of N shares.
#[derive(Debug, Clone, Copy)]
struct Shard {
    index: u64,
    count: u64,
}

impl std::str::FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (index, count) = text.split_once('/').ok_or("it must be of the form 1/4")?;
        let parse = |part: &str| part.parse().map_err(|_| "it must be of the form 1/4");
        let (index, count) = (parse(index)?, parse(count)?);
        if (1..=count).contains(&index) {
            Ok(Self { index, count })
        } else {
            Err("the share must be from 1 to the number of shares")
        }
    }
}

impl Shard {
    /// Its part of the trajectories.
    fn range(self, trajectories: u64) -> Range<u64> {
        let cut = |index: u64| {
            let product = u128::from(trajectories) * u128::from(index);
            (product / u128::from(self.count)) as u64
        };
        cut(self.index - 1)..cut(self.index)
    }
}

pub fn run(args: &Args) -> Outcome {
    let simulator = args.spec.simulator()?;
    let pool = thread_pool(args.threads)?;
    let threads = pool.current_num_threads();
    let trajectories = args.spec.trajectories;
    let range = args
        .shard
        .map_or(0..trajectories, |shard| shard.range(trajectories));
    let form = args.output.as_deref().map(Form::of).transpose()?;
    if args.shard.is_some() != (form == Some(Form::Part)) {
        return Err(Refusal(
            "--shard goes with an --output that ends in .part, and only there".into(),
        ));
    }
    limits::check(
        &simulator,
        range.end - range.start,
        threads,
        args.output.as_deref(),
    )?;
    let work = Work {
        simulator: &simulator,
        seed: args.spec.seed,
    };
    let statistics = match (&args.output, form) {
        (Some(path), Some(form)) => {
            let header = Header {
                version: env!("CARGO_PKG_VERSION").into(),
                arguments: args.spec.canonical()?,
                first: range.start,
                count: range.end - range.start,
                row: row_length(&simulator) as u64,
            };
            pool.install(|| work.write(path, form, &header))?
        }
        _ => pool.install(|| work.summarize(range)),
    };
    show(&args.spec, &statistics, &simulator, args.format)
}

/// Prints the summary; as a table with a line that says of what.
fn show(
    spec: &SpecArgs,
    statistics: &Statistics,
    simulator: &Simulator,
    format: Listing,
) -> Outcome {
    let mut text = String::new();
    if format == Listing::Table {
        text += &spec.describe()?;
        text += "\nlog-norms log(‖x_k‖/‖x₀‖) given survival\n\n";
    }
    print(&(text + &statistics.show(simulator, format)?))
}

/// Numbers that one trajectory is recorded by.
fn row_length(simulator: &Simulator) -> usize {
    let inputs = simulator.model().inputs();
    simulator.record().as_slice().len() * inputs * (inputs + 1) / 2
}

struct Work<'a> {
    simulator: &'a Simulator,
    seed: u64,
}

impl Work<'_> {
    /// Only the statistics.
    fn summarize(&self, range: Range<u64>) -> Statistics {
        let mut statistics = Statistics::new(self.simulator);
        let bar = self.bar(&range);
        self.batches(range, &bar, |paths| {
            statistics.add_paths(&paths);
            Ok(())
        })
        .expect("statistics accept every path");
        bar.finish();
        statistics
    }

    /// Simulates the parts that are missing, then makes the output of all.
    fn write(&self, path: &Path, form: Form, header: &Header) -> Result<Statistics, Refusal> {
        let folder = folder_of_parts(path);
        let created = std::fs::create_dir_all(&folder);
        created.map_err(|e| refusal(&folder, &e))?;
        let _lock = lock(&folder)?;
        let mut parts = finished_parts(&folder, header)?;
        let missing = missing(&parts, header.range());
        let bar = self.bar(&(0..missing.iter().map(|r| r.end - r.start).sum()));
        let seconds = self
            .simulator
            .level()
            .seconds_per_path(self.simulator.model());
        let bytes = 8.0 * header.row as f64;
        let most = (PART_BYTES / bytes).min(PART_SECONDS / seconds).max(1.0) as u64;
        for gap in missing {
            let mut first = gap.start;
            while first < gap.end {
                let part = Header {
                    first,
                    count: most.min(gap.end - first),
                    ..header.clone()
                };
                let name = folder.join(format!("{first:020}.part"));
                let mut writer = PartWriter::create(&name, &part)?;
                self.batches(part.range(), &bar, |paths| {
                    for path in paths {
                        writer.push(path.log_norms.into_iter().chain(path.cosines))?;
                    }
                    Ok(())
                })
                .and_then(|()| writer.finish())
                .map_err(|Refusal(reason)| {
                    Refusal(format!(
                        "{reason}; the finished parts are kept in {}: run the same command again to go on",
                        folder.display()
                    ))
                })?;
                first += part.count;
                parts.push(Part {
                    path: name,
                    header: part,
                });
            }
        }
        bar.finish();
        parts.sort_by_key(|part| part.header.first);
        if parts.is_empty() {
            // a share of nothing is a part without trajectories
            let name = folder.join("empty.part");
            PartWriter::create(&name, header)?.finish()?;
            parts.push(Part::open(&name)?);
        }
        let statistics = deliver_all(&parts, self.simulator, path, form)?;
        std::fs::remove_dir_all(&folder).map_err(|e| refusal(&folder, &e))?;
        Ok(statistics)
    }

    /// The range's paths, in order, a batch at a time.
    fn batches(
        &self,
        range: Range<u64>,
        bar: &Bar,
        mut take: impl FnMut(Vec<simulate::Path>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let size = batch_size(self.simulator);
        let depth = self.simulator.model().depth() as u64;
        let mut first = range.start;
        while first < range.end {
            // batches end at multiples of the statistics' chunks
            let end = ((first + size) / CHUNK * CHUNK).min(range.end);
            let paths = (first..end)
                .into_par_iter()
                .map(|trajectory| {
                    let path = self.simulator.path(self.seed, trajectory);
                    bar.add(depth);
                    path
                })
                .collect();
            take(paths)?;
            first = end;
        }
        Ok(())
    }

    fn bar(&self, range: &Range<u64>) -> Bar {
        let depth = self.simulator.model().depth() as u64;
        Bar::start(
            "simulating",
            "layers",
            (range.end - range.start).saturating_mul(depth),
        )
    }
}

/// Trajectories simulated at once: so many that the threads are busy, and of no more than about 256 MB.
fn batch_size(simulator: &Simulator) -> u64 {
    let most = 32e6 / row_length(simulator) as f64;
    (most as u64).clamp(CHUNK, 8192)
}

/// Where the parts of an output are until it is finished.
fn folder_of_parts(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".parts");
    PathBuf::from(name)
}

/// Name of the file that a run locks while it writes parts.
const LOCK: &str = "lock";

/// Keeps a second run away from the folder until the file is dropped.
fn lock(folder: &Path) -> Result<File, Refusal> {
    let path = folder.join(LOCK);
    let file = File::create(&path).map_err(|e| refusal(&path, &e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Refusal(format!(
            "another run is writing its parts to {}",
            folder.display()
        ))),
        Err(TryLockError::Error(error)) => Err(refusal(&path, &error)),
    }
}

/// The parts that an interrupted run has left; those of another run are refused, unfinished files removed.
fn finished_parts(folder: &Path, header: &Header) -> Result<Vec<Part>, Refusal> {
    let mut parts = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| refusal(folder, &e))? {
        let path = entry.map_err(|e| refusal(folder, &e))?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
        if name.is_some_and(|name| name.starts_with(UNFINISHED)) {
            std::fs::remove_file(&path).map_err(|e| refusal(&path, &e))?;
            continue;
        }
        if path.ends_with(LOCK) {
            continue;
        }
        let part = Part::open(&path)?;
        let range = part.header.range();
        if !part.header.same_run(header)
            || range.start < header.first
            || range.end > header.range().end
        {
            return Err(Refusal(format!(
                "{} holds parts of a run with other arguments; finish that run, remove the folder, or choose another --output",
                folder.display()
            )));
        }
        parts.push(part);
    }
    parts.sort_by_key(|part| part.header.first);
    Ok(parts)
}

/// What the parts leave open of the range.
fn missing(parts: &[Part], range: Range<u64>) -> Vec<Range<u64>> {
    let mut gaps = Vec::new();
    let mut next = range.start;
    for part in parts {
        if part.header.first > next {
            gaps.push(next..part.header.first);
        }
        next = next.max(part.header.range().end);
    }
    if next < range.end {
        gaps.push(next..range.end);
    }
    gaps
}

/// Writes the output and forms the statistics on the way.
fn deliver_all(
    parts: &[Part],
    simulator: &Simulator,
    path: &Path,
    form: Form,
) -> Result<Statistics, Refusal> {
    deliver::write(parts, simulator, path, form)?;
    let mut statistics = Statistics::new(simulator);
    let mut chunk = statistics.emptied();
    for part in parts {
        part.read(|trajectory, row| {
            statistics.add_row(&mut chunk, trajectory, row);
            Ok(())
        })?;
    }
    statistics.merge(&chunk);
    Ok(statistics)
}
