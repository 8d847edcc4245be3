//! The work of a run: batches of paths, for whoever takes them.

use std::ops::Range;

use rayon::prelude::*;

use crate::simulate::runs::error::RunError;
use crate::simulate::runs::statistics::CHUNK;
use crate::simulate::runs::watch::{Meter, Watch};
use crate::simulate::{Path, Plan, Simulator};

/// What is simulated, from which seed and how often.
#[derive(Debug, Clone)]
pub struct Work {
    pub simulator: Simulator,
    pub plan: Plan,
}

impl Work {
    /// Doubles that one trajectory is recorded by.
    pub fn numbers_per_trajectory(&self) -> usize {
        let inputs = self.simulator.model().inputs();
        let products = if self.simulator.has_gradient() { 2 } else { 0 };
        self.simulator.record().as_slice().len() * (inputs * (inputs + 1) / 2 + products)
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
        let depth = self.simulator.model().depth() as u64;
        let mut first = range.start;
        while first < range.end {
            // batches end at multiples of the statistics' chunks
            let end = ((first + size) / CHUNK * CHUNK).min(range.end);
            let paths: Option<Vec<Path>> = (first..end)
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

    pub fn meter<'a>(&self, watch: &'a Watch<'a>, trajectories: u64) -> Meter<'a> {
        let depth = self.simulator.model().depth() as u64;
        watch.meter(trajectories.saturating_mul(depth))
    }
}
