//! Who watches a run: told how far it is, able to stop it.

use std::sync::atomic::{AtomicBool, Ordering};

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Layers finished since the last call.
    pub layers: u64,
    /// Layers of the whole work, those that an earlier run finished not counted.
    pub total: u64,
}

/// What a run is watched by.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Called, from any thread, when a trajectory is finished.
    pub progress: &'a (dyn Fn(Progress) + Sync),
    /// Once it is true the run stops, before its next trajectory.
    pub cancelled: &'a AtomicBool,
}

static NEVER: AtomicBool = AtomicBool::new(false);

impl<'a> Watch<'a> {
    /// Nobody watches.
    pub fn none() -> Watch<'static> {
        Watch::progress(&|_| ())
    }

    /// Told of progress; nobody stops it.
    pub fn progress(progress: &'a (dyn Fn(Progress) + Sync)) -> Self {
        Self {
            progress,
            cancelled: &NEVER,
        }
    }

    pub(super) fn meter(&'a self, total: u64) -> Meter<'a> {
        Meter { watch: self, total }
    }
}

/// A watch that knows how much there is to do.
pub(super) struct Meter<'a> {
    watch: &'a Watch<'a>,
    total: u64,
}

impl Meter<'_> {
    pub(super) fn add(&self, layers: u64) {
        let total = self.total;
        (self.watch.progress)(Progress { layers, total });
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.watch.cancelled.load(Ordering::Relaxed)
    }
}
