//! A run in words that another program can read: everything that decides its numbers.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::simulate::runs::kinds::Kind;
use crate::simulate::runs::work::Work;
use crate::simulate::{Plan, Record};

/// What decides a run's numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Description {
    networks: Kind,
    /// Recorded layers; all of them if there is no list.
    record: Option<Vec<usize>>,
    /// Order of the moments that are estimated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order: Option<f64>,
    seed: u64,
    pub(super) trajectories: u64,
}

impl Description {
    pub(super) fn of(work: &Work) -> Self {
        let record = work.record.as_slice();
        Self {
            networks: work.networks.describe(),
            record: (record.len() < work.networks.depth()).then(|| record.to_vec()),
            order: work.order,
            seed: work.plan.seed,
            trajectories: work.plan.trajectories,
        }
    }

    /// The work that is described.
    pub(super) fn work(&self) -> Result<Work> {
        let networks = self.networks.networks()?;
        let depth = networks.depth();
        let record = match &self.record {
            Some(layers) => Record::layers(layers.clone(), depth)?,
            None => Record::all(depth),
        };
        let plan = Plan {
            seed: self.seed,
            trajectories: self.trajectories,
        };
        Ok(Work {
            networks,
            record,
            order: self.order,
            plan,
        })
    }
}
