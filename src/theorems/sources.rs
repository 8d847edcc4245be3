//! What the checks of a run rest on, counted.

use std::fmt;

use crate::theorems::check::{Check, Source};

/// How many checks have which [`Source`].
///
/// ```
/// use isomoment::theorems::{Settings, Sources, Theorem};
/// let findings = Theorem::T2.run(&Settings { seed: 1, effort: 1.0 }, &|_| ())?;
/// let sources = Sources::of(&findings.checks);
/// assert_eq!((sources.matrices, sources.computations), (8, 4));
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sources {
    /// On networks of real matrices.
    pub matrices: usize,
    /// On networks of real matrices with tilted weights.
    pub tilted_matrices: usize,
    /// On norms alone.
    pub norms: usize,
    /// Computations compared.
    pub computations: usize,
}

impl Sources {
    /// Counts them.
    pub fn of<'a>(checks: impl IntoIterator<Item = &'a Check>) -> Self {
        let mut sources = Self::default();
        for check in checks {
            *match check.source {
                Source::Matrices => &mut sources.matrices,
                Source::TiltedMatrices => &mut sources.tilted_matrices,
                Source::Norms => &mut sources.norms,
                Source::Computation => &mut sources.computations,
            } += 1;
        }
        sources
    }

    /// All of them.
    pub fn total(&self) -> usize {
        self.matrices + self.tilted_matrices + self.norms + self.computations
    }
}

/// In words: what a sentence about all checks must say of them.
impl fmt::Display for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} checks: {} are statistical tests on networks of real matrices, {} on such networks \
             with tilted weights, {} on norms alone, and {} compare two computations",
            self.total(),
            self.matrices,
            self.tilted_matrices,
            self.norms,
            self.computations
        )
    }
}
