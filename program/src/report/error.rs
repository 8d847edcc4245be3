//! Why a report cannot be made.

use std::fmt;

/// Something that went wrong while making a figure or the document.
#[derive(Debug, thiserror::Error)]
#[error("{stage}: {reason}")]
pub struct ReportError {
    stage: &'static str,
    reason: String,
}

impl ReportError {
    pub(super) fn new(stage: &'static str, reason: impl fmt::Display) -> Self {
        Self {
            stage,
            reason: reason.to_string(),
        }
    }
}
