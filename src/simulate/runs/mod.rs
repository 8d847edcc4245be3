//! Runs: simulations of any length, divided, interrupted and put together again without a bit's
//! difference.
//!
//! A [`Run`] is [`Networks`] of some kind, a seed and a number of trajectories. [`Run::summarize`] keeps the
//! [`Statistics`] alone; [`Run::write`] also writes every path, part by part: what is finished when
//! it is interrupted (or cancelled, [`Watch`]) is found when the same run is started again. A
//! [`Shard`] is a run's share for one of several machines; [`merge`] puts the shards' parts
//! together. Statistics and files have the same bits however a run was divided.

mod description;
mod error;
mod folder;
mod kinds;
mod merge;
mod networks;
mod output;
mod part;
mod run;
mod shard;
mod statistics;
mod watch;
mod work;

pub use error::RunError;
pub use folder::folder_of_parts;
pub use merge::{Merged, merge};
pub use networks::{Networks, Prediction};
pub use output::PathsFormat;
pub use run::Run;
pub use shard::Shard;
pub use statistics::{LayerStatistics, MomentStatistics, ProductStatistics, Statistics};
pub use watch::{Progress, Watch};
