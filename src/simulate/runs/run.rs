//! [`Run`]: what is simulated, and what is made of it.

use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::limits::check_positive;
use crate::simulate::runs::description::Description;
use crate::simulate::runs::error::RunError;
use crate::simulate::runs::folder;
use crate::simulate::runs::networks::Networks;
use crate::simulate::runs::output::PathsFormat;
use crate::simulate::runs::part::Header;
use crate::simulate::runs::shard::Shard;
use crate::simulate::runs::statistics::Statistics;
use crate::simulate::runs::watch::Watch;
use crate::simulate::runs::work::Work;
use crate::simulate::{Plan, Record};

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
/// let rows = |statistics: &isomoment::simulate::runs::Statistics| statistics.rows(&run);
/// assert_eq!(rows(&merged.statistics)?, rows(&whole)?);
/// # Ok::<(), isomoment::simulate::runs::RunError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Run {
    work: Work,
    title: String,
}

impl Run {
    /// A run of the plan's trajectories. It records the layers that the networks do.
    ///
    /// # Errors
    /// [`Error::Domain`] for no trajectories.
    pub fn new(networks: impl Networks + 'static, plan: Plan) -> Result<Self> {
        let record = networks.recorded();
        let networks = Arc::new(networks);
        Self::of(Work {
            networks,
            record,
            order: None,
            plan,
        })
    }

    pub(super) fn of(work: Work) -> Result<Self> {
        if work.plan.trajectories == 0 {
            return Err(Error::domain("trajectories", 0, "at least 1"));
        }
        Ok(Self {
            work,
            title: String::new(),
        })
    }

    /// The same run with other layers recorded.
    #[must_use]
    pub fn recording(mut self, record: Record) -> Self {
        self.work.record = record;
        self
    }

    /// The same run with estimates of the moments E(‖x_k‖/‖x₀‖)^s of the first input.
    ///
    /// # Errors
    /// [`Error::Domain`] unless s is positive and finite.
    pub fn with_order(mut self, s: f64) -> Result<Self> {
        check_positive("s", s)?;
        self.work.order = Some(s);
        Ok(self)
    }

    /// The order of the moments that are estimated, if any are.
    pub fn order(&self) -> Option<f64> {
        self.work.order
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

    pub(super) fn work(&self) -> &Work {
        &self.work
    }

    /// What is simulated.
    pub fn networks(&self) -> &dyn Networks {
        &*self.work.networks
    }

    /// Its seed and number of trajectories.
    pub fn plan(&self) -> Plan {
        self.work.plan
    }

    /// Doubles that one trajectory is recorded by: a log-norm for each recorded layer and input, a
    /// cosine for each recorded layer and pair of inputs, and with gradients two more for each recorded
    /// layer.
    pub fn numbers_per_trajectory(&self) -> usize {
        self.work.numbers_per_trajectory()
    }

    /// Trajectories simulated at once: so many that the threads are busy, and of no more than about
    /// 256 MB.
    pub fn batch(&self) -> u64 {
        self.work.batch()
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
        let range = shard.of(self.work.plan.trajectories);
        let meter = self.work.meter(watch, range.end - range.start);
        let mut statistics = Statistics::new(&self.work);
        self.work.batches(range, &meter, |paths| {
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
    /// [`folder_of_parts`]: crate::simulate::runs::folder_of_parts
    /// [`merge`]: crate::simulate::runs::merge
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
        let range = shard.of(self.work.plan.trajectories);
        let header = Header {
            version: env!("CARGO_PKG_VERSION").into(),
            title: self.title.clone(),
            run: Description::of(&self.work),
            first: range.start,
            count: range.end - range.start,
            row: self.numbers_per_trajectory() as u64,
        };
        folder::write(&self.work, &header, (path, format), watch)
    }
}
