//! Cumulants of the log-norm of one layer.

/// Cumulants of ½ log Q given Q > 0.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LogCumulants {
    /// E[½ log Q | Q > 0].
    pub mean: f64,
    /// Var[½ log Q | Q > 0].
    pub variance: f64,
    /// Third cumulant of ½ log Q given Q > 0.
    pub third: f64,
}
