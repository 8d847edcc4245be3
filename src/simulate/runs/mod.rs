//! Runs: simulations of any length, divided, interrupted and put together again without a bit's
//! difference.
//!
//! A [`Run`] is a simulator, a seed and a number of trajectories. [`Run::summarize`] keeps the
//! [`Statistics`] alone; [`Run::write`] also writes every path, part by part: what is finished when
//! it is interrupted (or cancelled, [`Watch`]) is found when the same run is started again. A
//! [`Shard`] is a run's share for one of several machines; [`merge`] puts the shards' parts
//! together. Statistics and files have the same bits however a run was divided.

mod description;
mod folder;
mod merge;
mod output;
mod part;
mod shard;
mod statistics;
mod watch;

pub use folder::folder_of_parts;
pub use merge::{Merged, merge};
pub use output::PathsFormat;
pub use shard::Shard;
pub use statistics::{LayerStatistics, Statistics};
pub use watch::{Progress, Watch};

use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::simulate::{Path as Trajectory, Plan, Simulator};
use description::Description;
use part::Header;
use statistics::CHUNK;
use watch::Meter;

/// Why a run stopped, or could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// An argument lies outside its range.
    #[error(transparent)]
    Refused(#[from] Error),
    /// A file cannot be read or written, or is not what it should be.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Parts that do not make up the run.
    #[error("{0}")]
    Parts(String),
    /// [`Watch::cancelled`] was set.
    #[error("the run was cancelled")]
    Cancelled,
    /// A run with an output stopped; it can go on.
    #[error("{cause}; the finished parts are kept in {}: start the same run again to go on", folder.display())]
    Interrupted {
        /// Why it stopped.
        cause: Box<RunError>,
        /// Where its finished parts are.
        folder: PathBuf,
    },
}

impl RunError {
    fn file(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::File {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// What is simulated, how often, and from which seed.
///
/// ```
/// use isomoment::simulate::runs::{PathsFormat, Run, Shard, Watch, merge};
/// use isomoment::simulate::{Level, Model, Plan, Simulator};
/// use isomoment::{Activation, Dropout, LayerLaw};
///
/// let sigma = LayerLaw::new(Activation::Relu, 16)?.scale(1.0)?;
/// let model = Model::square(Activation::Relu, Dropout::NONE, 16, sigma, 10)?;
/// let plan = Plan { seed: 1, trajectories: 100 };
/// let run = Run::new(Simulator::new(model, Level::Radial)?, plan)?;
/// let whole = run.summarize(Shard::WHOLE, &Watch::none())?;
///
/// let folder = tempfile::tempdir().unwrap();
/// let parts = [1, 2].map(|i| folder.path().join(format!("{i}.part")));
/// for (i, part) in parts.iter().enumerate() {
///     let shard = Shard::new(i as u64 + 1, 2)?;
///     run.write(shard, part, PathsFormat::Part, &Watch::none())?;
/// }
/// let output = folder.path().join("paths.csv");
/// let merged = merge(&parts, &output, PathsFormat::Csv)?;
/// let rows = |statistics: &isomoment::simulate::runs::Statistics| statistics.rows(run.simulator());
/// assert_eq!(rows(&merged.statistics)?, rows(&whole)?);
/// # Ok::<(), isomoment::simulate::runs::RunError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Run {
    simulator: Simulator,
    plan: Plan,
    title: String,
}

impl Run {
    /// A run of the plan's trajectories.
    ///
    /// # Errors
    /// [`Error::Domain`] for no trajectories.
    pub fn new(simulator: Simulator, plan: Plan) -> Result<Self> {
        if plan.trajectories == 0 {
            return Err(Error::domain("trajectories", 0, "at least 1"));
        }
        Ok(Self {
            simulator,
            plan,
            title: String::new(),
        })
    }

    /// The same run under a name of its own, which its parts and NPZ files repeat.
    #[must_use]
    pub fn titled(mut self, title: String) -> Self {
        self.title = title;
        self
    }

    /// What the caller calls it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What is simulated.
    pub fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    /// Its seed and number of trajectories.
    pub fn plan(&self) -> Plan {
        self.plan
    }

    /// Doubles that one trajectory is recorded by: a log-norm for each recorded layer and input, a
    /// cosine for each recorded layer and pair of inputs.
    pub fn numbers_per_trajectory(&self) -> usize {
        let inputs = self.simulator.model().inputs();
        self.simulator.record().as_slice().len() * inputs * (inputs + 1) / 2
    }

    /// Trajectories simulated at once: so many that the threads are busy, and of no more than about
    /// 256 MB.
    pub fn batch(&self) -> u64 {
        let most = 32e6 / self.numbers_per_trajectory() as f64;
        (most as u64).clamp(CHUNK, 8192)
    }

    /// The statistics of a shard, on the threads of the current pool.
    ///
    /// # Errors
    /// [`RunError::Cancelled`].
    pub fn summarize(
        &self,
        shard: Shard,
        watch: &Watch,
    ) -> std::result::Result<Statistics, RunError> {
        let range = shard.of(self.plan.trajectories);
        let meter = self.meter(watch, range.end - range.start);
        let mut statistics = Statistics::new(&self.simulator);
        self.batches(range, &meter, |paths| {
            statistics.add_paths(&paths);
            Ok(())
        })?;
        Ok(statistics)
    }

    /// Simulates a shard, on the threads of the current pool, and writes every path to a file.
    ///
    /// While it works it keeps finished parts in [`folder_of_parts`]; a run that finds parts of
    /// itself there goes on from them. The file appears whole or not at all; the folder is then
    /// removed. A shard of several is written as [`PathsFormat::Part`], for [`merge`].
    ///
    /// # Errors
    /// [`RunError`]: a format that does not go with the shard, a file that cannot be written, parts
    /// of another run in the folder, another process that is writing there, or cancellation.
    pub fn write(
        &self,
        shard: Shard,
        path: &Path,
        format: PathsFormat,
        watch: &Watch,
    ) -> std::result::Result<Statistics, RunError> {
        if !shard.is_whole() && format != PathsFormat::Part {
            let allowed = "a .part where a shard is simulated";
            return Err(Error::domain("output", path.display(), allowed).into());
        }
        let range = shard.of(self.plan.trajectories);
        let header = self.header(range.start, range.end - range.start);
        folder::write(self, &header, (path, format), watch)
    }

    /// What a part of it says of itself.
    fn header(&self, first: u64, count: u64) -> Header {
        Header {
            version: env!("CARGO_PKG_VERSION").into(),
            title: self.title.clone(),
            run: Description::of(self),
            first,
            count,
            row: self.numbers_per_trajectory() as u64,
        }
    }

    /// The range's paths, in order, a batch at a time.
    fn batches(
        &self,
        range: Range<u64>,
        meter: &Meter,
        mut take: impl FnMut(Vec<Trajectory>) -> std::result::Result<(), RunError>,
    ) -> std::result::Result<(), RunError> {
        let size = self.batch();
        let depth = self.simulator.model().depth() as u64;
        let mut first = range.start;
        while first < range.end {
            // batches end at multiples of the statistics' chunks
            let end = ((first + size) / CHUNK * CHUNK).min(range.end);
            let paths: Option<Vec<Trajectory>> = (first..end)
                .into_par_iter()
                .map(|trajectory| {
                    if meter.is_cancelled() {
                        return None;
                    }
                    let path = self.simulator.path(self.plan.seed, trajectory);
                    meter.add(depth);
                    Some(path)
                })
                .collect();
            take(paths.ok_or(RunError::Cancelled)?)?;
            first = end;
        }
        Ok(())
    }

    fn meter<'a>(&self, watch: &'a Watch<'a>, trajectories: u64) -> Meter<'a> {
        let depth = self.simulator.model().depth() as u64;
        watch.meter(trajectories.saturating_mul(depth))
    }
}
