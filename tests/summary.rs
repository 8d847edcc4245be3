//! One-pass statistics against the same computed from the whole sample, however it is divided.

use isomoment::stats::summary::Summary;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A skewed sample far from 0, with some dead values.
fn sample(size: usize) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    (0..size)
        .map(|_| {
            let u: f64 = rng.random();
            if u < 0.1 {
                f64::NEG_INFINITY
            } else {
                -1e4 - (rng.random::<f64>()).ln() * 3.0
            }
        })
        .collect()
}

fn summary(values: &[f64]) -> Summary {
    let mut summary = Summary::default();
    values.iter().for_each(|&value| summary.add(value));
    summary
}

#[test]
fn one_pass_and_two_agree() {
    let values = sample(20_000);
    let found = summary(&values);
    let mut alive: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
    alive.sort_by(f64::total_cmp);
    let n = alive.len() as f64;
    let mean = alive.iter().sum::<f64>() / n;
    let central = |j: i32| alive.iter().map(|v| (v - mean).powi(j)).sum::<f64>() / n;
    assert_eq!(found.alive(), alive.len() as u64);
    assert_eq!(found.count(), 20_000);
    assert!((found.mean() - mean).abs() < 1e-9);
    assert!((found.variance() / (central(2) * n / (n - 1.0)) - 1.0).abs() < 1e-9);
    assert!((found.skewness() - central(3) / central(2).powf(1.5)).abs() < 1e-6);
    let kurtosis = central(4) / central(2).powi(2) - 3.0;
    assert!((found.excess_kurtosis() - kurtosis).abs() < 1e-6);
    for p in [0.001, 0.05, 0.5, 0.95, 0.999] {
        let exact = alive[(p * n).ceil() as usize - 1];
        assert!((found.quantile(p) - exact).abs() < 0.0051, "{p}");
    }
    assert_eq!(found.smallest(), &alive[..512]);
    let largest: Vec<f64> = alive.iter().rev().take(512).copied().collect();
    assert_eq!(found.largest(), largest);
}

#[test]
fn parts_make_the_whole() {
    let values = sample(5000);
    let whole = summary(&values);
    for size in [1, 7, 640, 4999] {
        let mut merged = Summary::default();
        values
            .chunks(size)
            .for_each(|part| merged.merge(&summary(part)));
        assert_eq!(
            (merged.count(), merged.dead()),
            (whole.count(), whole.dead())
        );
        assert_eq!(merged.largest(), whole.largest());
        assert_eq!(merged.smallest(), whole.smallest());
        for p in [0.01, 0.5, 0.99] {
            assert_eq!(merged.quantile(p), whole.quantile(p));
        }
        assert!((merged.mean() - whole.mean()).abs() < 1e-9);
        assert!((merged.variance() / whole.variance() - 1.0).abs() < 1e-9);
        assert!((merged.skewness() - whole.skewness()).abs() < 1e-6);
    }
}

#[test]
fn nothing_has_no_statistics() {
    for values in [&[][..], &[f64::NEG_INFINITY], &[1.0], &[2.0, 2.0]] {
        let found = summary(values);
        assert_eq!(found.mean().is_nan(), found.alive() == 0);
        assert_eq!(found.variance().is_nan(), found.alive() < 2);
        assert!(found.skewness().is_nan() && found.excess_kurtosis().is_nan());
        assert_eq!(found.quantile(0.5).is_nan(), found.alive() == 0);
    }
}
