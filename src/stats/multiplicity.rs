//! Error rate over many tests.

/// Holm's step-down rule: which hypotheses are rejected so that the chance of
/// any false rejection is at most `level`, whatever the dependence.
///
/// Holm, S. (1979), A simple sequentially rejective multiple test procedure.
///
/// ```
/// use isomoment::stats::multiplicity::holm;
/// assert_eq!(holm(&[0.01, 0.04, 0.03, 0.005], 0.05), [true, false, false, true]);
/// ```
pub fn holm(p_values: &[f64], level: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut rejected = vec![false; p_values.len()];
    for (rank, &index) in order.iter().enumerate() {
        if p_values[index] > level / (p_values.len() - rank) as f64 {
            break;
        }
        rejected[index] = true;
    }
    rejected
}

/// Holm's adjusted p-values: each is at most the level exactly when [`holm`] rejects at it.
///
/// ```
/// use isomoment::stats::multiplicity::holm_adjusted;
/// assert_eq!(holm_adjusted(&[0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
/// ```
pub fn holm_adjusted(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, &index) in order.iter().enumerate() {
        largest = largest.max(p_values[index] * (p_values.len() - rank) as f64);
        adjusted[index] = largest.min(1.0);
    }
    adjusted
}
