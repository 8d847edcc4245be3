//! What a run of the theorems is asked to do.

/// What a run is asked to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Seed of the run.
    pub seed: u64,
    /// Sample sizes are this multiple of those that give the wanted power.
    pub effort: f64,
}

impl Settings {
    /// The multiples of the sample sizes that have a name.
    pub const EFFORTS: [(&'static str, f64); 3] =
        [("quick", 1.0), ("standard", 2.5), ("thorough", 16.0)];

    /// The name of the effort, where it has one.
    pub fn effort_name(&self) -> Option<&'static str> {
        let named = Self::EFFORTS
            .iter()
            .find(|(_, effort)| *effort == self.effort);
        named.map(|(name, _)| *name)
    }

    /// A sample size at this effort.
    pub(super) fn count(&self, size: f64) -> u64 {
        (size * self.effort).ceil() as u64
    }
}

/// Called with a number of finished layers.
pub type Progress<'a> = dyn Fn(u64) + Sync + 'a;
