//! The estimators of a tail index on samples whose index is known.

use isomoment::stats::tail::{hill, moment_estimator, threshold};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Logarithms of a sample, descending.
fn logs(size: usize, seed: u64, quantile: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut logs: Vec<f64> = (0..size).map(|_| quantile(rng.random()).ln()).collect();
    logs.sort_by(|a, b| b.total_cmp(a));
    logs
}

#[test]
fn power_laws_have_their_index() {
    for (index, seed) in [(0.5, 1), (1.0, 2), (2.0, 3), (4.0, 4)] {
        let pareto = logs(40_000, seed, |u| (1.0 - u).powf(-1.0 / index));
        let used = threshold(&pareto, 200).unwrap();
        for estimate in [
            hill(&pareto, used).unwrap(),
            moment_estimator(&pareto, used).unwrap(),
        ] {
            assert!(estimate.z(index).abs() < 4.0, "{index}: {estimate:?}");
            assert!(estimate.z(4.0 * index).abs() > 4.0, "{index}: {estimate:?}");
            let (low, high) = estimate.interval(4.0);
            assert!(low < index && index < high);
        }
    }
    // Cauchy: index 1, but not a pure power
    let cauchy = logs(40_000, 5, |u| {
        (std::f64::consts::FRAC_PI_2 * u).tan().max(1e-300)
    });
    let estimate = hill(&cauchy, threshold(&cauchy, 200).unwrap()).unwrap();
    assert!(estimate.z(1.0).abs() < 4.0, "{estimate:?}");
}

/// Standard errors are what the estimates scatter by.
#[test]
fn the_standard_errors_are_right() {
    let runs = 300;
    let (mut hills, mut moments) = (0.0, 0.0);
    for seed in 0..runs {
        let pareto = logs(4000, 100 + seed, |u| (1.0 - u).powf(-0.5));
        hills += hill(&pareto, 400).unwrap().z(2.0).powi(2);
        moments += moment_estimator(&pareto, 400).unwrap().z(2.0).powi(2);
    }
    // mean squares of 300 standard normal numbers scatter by 0.08
    for mean in [hills / runs as f64, moments / runs as f64] {
        assert!((0.7..1.4).contains(&mean), "{mean}");
    }
}

/// A light tail has no index: the moment estimator does not call it heavy.
#[test]
fn a_light_tail_is_seen() {
    let exponential = logs(40_000, 6, |u| 1.0 - (1.0 - u).ln());
    let estimate = moment_estimator(&exponential, 800).unwrap();
    assert!(estimate.index.abs() > 8.0, "{estimate:?}");
}

/// The threshold stays in the tail when the body is another law.
#[test]
fn the_threshold_avoids_the_body() {
    // index 1 beyond 10⁴ of 10⁶ values, index 4 below
    let mixed = logs(1_000_000, 7, |u| {
        let tail = 1.0 - u;
        if tail < 2e-3 {
            2e-3_f64.powf(-0.25) * (2e-3 / tail)
        } else {
            tail.powf(-0.25)
        }
    });
    let used = threshold(&mixed, 200).unwrap();
    assert!(used < 2500, "{used}");
    assert!(hill(&mixed, used).unwrap().z(1.0).abs() < 4.0);
}
