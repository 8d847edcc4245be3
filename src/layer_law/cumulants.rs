//! Cumulants of the log-norm of one layer.

/// Variance and third cumulant of a variable, from its first three moments.
pub(crate) fn cumulants_of([m1, m2, m3]: [f64; 3]) -> (f64, f64) {
    (m2 - m1 * m1, m3 - 3.0 * m1 * m2 + 2.0 * m1 * m1 * m1)
}

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
