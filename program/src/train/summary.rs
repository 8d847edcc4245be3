//! What an experiment says: spread, intervals, failures, and differences to He's rule.

use rand::RngExt;
use serde::Serialize;

use crate::train::trained::{Epoch, Trained};
use isomoment::Result;
use isomoment::simulate::streams::trajectory_stream;
use isomoment::stats::location::critical_z;
use isomoment::stats::multiplicity::holm_adjusted;
use isomoment::stats::proportion::interval;

/// Resamples of the bootstrap, and sign patterns of the permutation test where not all are tried.
const RESAMPLES: usize = 20_000;

/// Up to so many pairs all sign patterns are tried.
const ALL_SIGNS: usize = 20;

/// A network with a test accuracy of at most twice chance has failed to train: 0.2 of ten classes.
pub fn failed(accuracy: f64, classes: usize) -> bool {
    accuracy <= 2.0 / classes as f64
}

/// A mean over networks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Standard deviation of the networks.
    pub deviation: f64,
    /// 95 % bootstrap interval of the mean.
    pub interval: (f64, f64),
}

impl Estimate {
    fn new(values: &[f64]) -> Self {
        let (mean, deviation) = mean_and_deviation(values);
        Self {
            mean,
            deviation,
            interval: bootstrap(values),
        }
    }
}

/// Final results of one scheme's networks of one shape.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SchemeSummary {
    /// Units of the hidden layers.
    pub width: usize,
    /// Layers.
    pub depth: usize,
    /// The scheme.
    pub scheme: String,
    /// How many networks.
    pub networks: usize,
    /// Final test accuracy.
    pub test_accuracy: Estimate,
    /// The last epoch's training accuracy.
    pub train_accuracy: Estimate,
    /// Final test loss; one that is not finite counts as ln 10 (of ten classes), that of a guess.
    pub test_loss: Estimate,
    /// Training loss of the last epoch, likewise.
    pub train_loss: Estimate,
    /// Share of networks whose final test accuracy is at most twice chance, 0.2 of ten classes.
    pub failed: f64,
    /// Clopper and Pearson's 95 % interval of that share.
    pub failed_interval: (f64, f64),
    /// Median number of epochs until the training loss is below 0.5; `None` when half of the
    /// networks never got there.
    pub epochs_to_half: Option<usize>,
}

/// A scheme's networks against those of He's rule, pair by pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Units of the hidden layers.
    pub width: usize,
    /// Layers.
    pub depth: usize,
    /// The scheme.
    pub scheme: String,
    /// What is compared.
    pub quantity: &'static str,
    /// Number of pairs.
    pub pairs: usize,
    /// Mean difference, this scheme less He's rule.
    pub difference: f64,
    /// Its 95 % bootstrap interval.
    pub interval: (f64, f64),
    /// Its standard error.
    pub standard_error: f64,
    /// Two-sided permutation test of the signs, before correction.
    pub p_value: f64,
    /// The same after Holm's correction over all comparisons.
    pub adjusted: f64,
}

impl Comparison {
    /// The smallest true difference that a two-sided test at this level finds with probability 0.8,
    /// by the normal approximation: (z_{1−level/2} + z_{0.8}) standard errors.
    ///
    /// # Errors
    /// [`isomoment::Error::Domain`] unless 0 < level < 1.
    pub fn detectable(&self, level: f64) -> Result<f64> {
        // P(Z > z) = 0.2 on one side
        Ok((critical_z(level)? + critical_z(2.0 * 0.2)?) * self.standard_error)
    }
}

/// A number of an epoch, given the number of classes.
type Value = fn(&Epoch, usize) -> f64;

/// A shape and a scheme.
type Group<'a> = (usize, usize, &'a str);

/// The networks of each shape and scheme, in the order of their first network.
fn groups(trained: &[Trained]) -> Vec<(Group<'_>, Vec<&Trained>)> {
    let mut groups: Vec<(Group, Vec<&Trained>)> = Vec::new();
    for network in trained {
        let key = (network.width, network.depth, network.scheme.as_str());
        match groups.iter_mut().find(|(group, _)| *group == key) {
            Some((_, networks)) => networks.push(network),
            None => groups.push((key, vec![network])),
        }
    }
    groups
}

/// Every shape's and scheme's final results; networks without an epoch are left out.
pub fn summarize(trained: &[Trained]) -> Vec<SchemeSummary> {
    let summary = |((width, depth, scheme), networks): (Group, Vec<&Trained>)| {
        let last = |value: Value| -> Vec<f64> {
            networks
                .iter()
                .filter_map(|t| Some(value(t.epochs.last()?, t.classes)))
                .collect()
        };
        let test = last(|e, _| e.test_accuracy);
        let has_failed = |t: &&&Trained| {
            let last = t.epochs.last();
            last.is_some_and(|e| failed(e.test_accuracy, t.classes))
        };
        let failed = networks.iter().filter(has_failed).count();
        let mut reached: Vec<usize> = networks
            .iter()
            .map(|t| {
                let at = t.epochs.iter().position(|e| e.train_loss < 0.5);
                at.map_or(usize::MAX, |epoch| epoch + 1)
            })
            .collect();
        reached.sort_unstable();
        let median = reached.get(networks.len() / 2).copied();
        SchemeSummary {
            width,
            depth,
            scheme: scheme.to_owned(),
            networks: networks.len(),
            test_accuracy: Estimate::new(&test),
            train_accuracy: Estimate::new(&last(|e, _| e.train_accuracy)),
            test_loss: Estimate::new(&last(Epoch::bounded_test_loss)),
            train_loss: Estimate::new(&last(Epoch::bounded_train_loss)),
            failed: failed as f64 / test.len() as f64,
            failed_interval: interval(failed as u64, test.len() as u64, 0.95)
                .expect("failed networks are among these"),
            epochs_to_half: median.filter(|&epochs| epochs < usize::MAX),
        }
    };
    groups(trained).into_iter().map(summary).collect()
}

/// Every scheme against `reference` at each shape: final test accuracy, last training loss, and the
/// share of networks that train.
///
/// Holm's correction is over all of them.
pub fn compare(trained: &[Trained], reference: &str) -> Vec<Comparison> {
    let quantities: [(&'static str, Value); 3] = [
        ("test accuracy", |e, _| e.test_accuracy),
        ("training loss", Epoch::bounded_train_loss),
        ("share that trains", |e, classes| {
            f64::from(u8::from(!failed(e.test_accuracy, classes)))
        }),
    ];
    let groups = groups(trained);
    let mut comparisons = Vec::new();
    for (quantity, value) in quantities {
        for ((width, depth, scheme), networks) in &groups {
            let shape_and_reference = (*width, *depth, reference);
            let base = groups.iter().find(|(g, _)| *g == shape_and_reference);
            let Some((_, base)) = base.filter(|_| *scheme != reference) else {
                continue;
            };
            let pair = |network: &&Trained| {
                let twin = base.iter().find(|t| t.network == network.network)?;
                let last = |t: &Trained| Some(value(t.epochs.last()?, t.classes));
                Some(last(network)? - last(twin)?)
            };
            let differences: Vec<f64> = networks.iter().filter_map(pair).collect();
            if differences.is_empty() {
                continue;
            }
            let (difference, deviation) = mean_and_deviation(&differences);
            comparisons.push(Comparison {
                width: *width,
                depth: *depth,
                scheme: (*scheme).to_owned(),
                quantity,
                pairs: differences.len(),
                difference,
                interval: bootstrap(&differences),
                standard_error: deviation / (differences.len() as f64).sqrt(),
                p_value: sign_permutation(&differences),
                adjusted: f64::NAN,
            });
        }
    }
    let p_values: Vec<f64> = comparisons.iter().map(|c| c.p_value).collect();
    for (comparison, adjusted) in comparisons.iter_mut().zip(holm_adjusted(&p_values)) {
        comparison.adjusted = adjusted;
    }
    comparisons
}

pub(super) fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0).max(1.0)).sqrt())
}

/// Percentile bootstrap of the mean at 95 %, from a fixed stream.
pub(super) fn bootstrap(values: &[f64]) -> (f64, f64) {
    let stream = &mut trajectory_stream(0x0b00, 0);
    let n = values.len();
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            (0..n)
                .map(|_| values[stream.random_range(0..n)])
                .sum::<f64>()
                / n as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    (means[RESAMPLES / 40], means[RESAMPLES - RESAMPLES / 40 - 1])
}

/// P(|Σ ±dᵢ| ≥ |Σ dᵢ|) under random signs: exact up to [`ALL_SIGNS`] pairs, else from a fixed
/// stream with the observed pattern counted.
fn sign_permutation(differences: &[f64]) -> f64 {
    let observed = differences.iter().sum::<f64>().abs() * (1.0 - 1e-12);
    let n = differences.len();
    if n <= ALL_SIGNS {
        return extreme_signs(differences, 0.0, observed) as f64 / (1_u64 << n) as f64;
    }
    let stream = &mut trajectory_stream(0x516e, 0);
    let extreme = |_: &usize| {
        let flipped = differences
            .iter()
            .map(|d| if stream.random() { *d } else { -d });
        flipped.sum::<f64>().abs() >= observed
    };
    let as_extreme = (0..RESAMPLES).filter(extreme).count();
    (as_extreme + 1) as f64 / (RESAMPLES + 1) as f64
}

/// How many sign patterns give |sum ± d₁ ± … ± dₙ| ≥ least.
fn extreme_signs(differences: &[f64], sum: f64, least: f64) -> u64 {
    match differences {
        [] => u64::from(sum.abs() >= least),
        [first, rest @ ..] => {
            extreme_signs(rest, sum + first, least) + extreme_signs(rest, sum - first, least)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permutations_of_few_signs_are_all_tried() {
        // only all plus and all minus are as extreme
        assert_eq!(sign_permutation(&[1.0, 2.0, 3.0, 4.0]), 2.0 / 16.0);
        assert_eq!(sign_permutation(&[1.0, -1.0]), 1.0);
        assert_eq!(sign_permutation(&[0.3; 20]), 2.0_f64.powi(-19));
        let many = [0.3; 30];
        assert!(sign_permutation(&many) < 2e-4);
        // 5 and 1 discordant pairs: McNemar's exact test, 2·P(X ≤ 1), X ~ Bin(6, ½)
        let shares = [1.0, 0.0, 1.0, 1.0, -1.0, 0.0, 1.0, 1.0];
        assert_eq!(sign_permutation(&shares), 2.0 * 7.0 / 64.0);
    }

    /// A diverged network counts as a failure with the loss of a guess, and spoils no statistic.
    #[test]
    fn a_diverged_network_is_counted() {
        let network = |scheme: &str, network, loss, accuracy| Trained {
            width: 8,
            depth: 3,
            scheme: scheme.into(),
            network,
            classes: 10,
            epochs: vec![Epoch {
                train_loss: loss,
                train_accuracy: accuracy,
                test_loss: loss,
                test_accuracy: accuracy,
            }],
        };
        let trained = [
            network("he", 0, 0.1, 0.9),
            network("he", 1, 0.2, 0.9),
            network("glorot", 0, 0.1, 0.9),
            network("glorot", 1, f64::NAN, 0.0),
        ];
        let kept = serde_json::to_string(&trained[3]).unwrap();
        let back: Trained = serde_json::from_str(&kept).unwrap();
        assert!(back.epochs[0].train_loss.is_nan());
        let summary = &summarize(&trained)[1];
        assert_eq!(summary.failed, 0.5);
        assert!((summary.train_loss.mean - 0.5 * (0.1 + std::f64::consts::LN_10)).abs() < 1e-12);
        for comparison in compare(&trained, "he") {
            assert!(comparison.difference.is_finite() && comparison.p_value == 1.0);
        }
    }

    /// 2.8 standard errors at level 0.05.
    #[test]
    fn a_detectable_difference_is_found_in_four_of_five_experiments() {
        let values: Vec<f64> = (0..25).map(f64::from).collect();
        let (_, deviation) = mean_and_deviation(&values);
        let comparison = Comparison {
            width: 8,
            depth: 3,
            scheme: "he".into(),
            quantity: "test accuracy",
            pairs: 25,
            difference: 0.0,
            interval: (0.0, 0.0),
            standard_error: deviation / 5.0,
            p_value: 1.0,
            adjusted: 1.0,
        };
        let least = comparison.detectable(0.05).unwrap() / comparison.standard_error;
        assert!((least - 2.8016).abs() < 1e-4, "{least}");
        assert!(comparison.detectable(0.01).unwrap() > comparison.detectable(0.05).unwrap());
    }

    #[test]
    fn the_bootstrap_covers_about_a_standard_error() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let (low, high) = bootstrap(&values);
        // standard error of the mean: 2.9
        assert!(
            (low - 43.8).abs() < 0.5 && (high - 55.2).abs() < 0.5,
            "{low} {high}"
        );
    }
}
