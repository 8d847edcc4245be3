//! The work of a run: batches of paths, for whoever takes them.

use std::ops::Range;
use std::sync::Arc;

use crate::cores::on_all_cores;
use crate::simulate::runs::Networks;
use crate::simulate::runs::error::RunError;
use crate::simulate::runs::statistics::CHUNK;
use crate::simulate::runs::watch::{Meter, Watch};
use crate::simulate::{Path, Plan, Record};

/// What is simulated, which of its layers are recorded, from which seed and how often.
#[derive(Debug, Clone)]
pub struct Work {
    pub networks: Arc<dyn Networks>,
    pub record: Record,
    /// Order s of the moments E(‖x_k‖/‖x₀‖)^s that are estimated.
    pub order: Option<f64>,
    pub plan: Plan,
}

impl Work {
    /// Doubles that one trajectory is recorded by.
    pub fn numbers_per_trajectory(&self) -> usize {
        let inputs = self.networks.inputs();
        let products = if self.networks.has_gradient() { 2 } else { 0 };
        self.record.as_slice().len() * (inputs * (inputs + 1) / 2 + products)
    }

    /// Trajectories simulated at once.
    pub fn batch(&self) -> u64 {
        let most = 32e6 / self.numbers_per_trajectory() as f64;
        (most as u64).clamp(CHUNK, 8192)
    }

    /// The range's paths, in order, a batch at a time.
    pub fn batches(
        &self,
        range: Range<u64>,
        meter: &Meter,
        mut take: impl FnMut(Vec<Path>) -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        let size = self.batch();
        let depth = self.networks.depth() as u64;
        let mut first = range.start;
        while first < range.end {
            // batches end at multiples of the statistics' chunks
            let end = ((first + size) / CHUNK * CHUNK).min(range.end);
            let paths = on_all_cores((end - first) as usize, |index| {
                if meter.is_cancelled() {
                    return None;
                }
                let trajectory = first + index as u64;
                let path = self.networks.draw(&self.record, self.plan.seed, trajectory);
                meter.add(depth);
                Some(path)
            });
            let paths: Option<Vec<Path>> = paths.into_iter().collect();
            take(paths.ok_or(RunError::Cancelled)?)?;
            first = end;
        }
        Ok(())
    }

    pub fn meter<'a>(&self, watch: &'a Watch<'a>, trajectories: u64) -> Meter<'a> {
        let depth = self.networks.depth() as u64;
        watch.meter(trajectories.saturating_mul(depth))
    }
}
