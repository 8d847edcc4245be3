//! Why a run stops.

use std::path::{Path, PathBuf};

use crate::error::Error;

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
    /// [`Watch::cancelled`](crate::simulate::runs::Watch::cancelled) was set.
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
    pub(super) fn file(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::File {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}
