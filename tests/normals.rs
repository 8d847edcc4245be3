//! The vectorised source of normal numbers: is it normal, to the tails, and independent across
//! lanes and time?
//!
//! The default tests take 4·10⁶ numbers; `cargo test --release normals:: -- --ignored` takes
//! 10⁸.

use isomoment::simulate::numbers::{Normals, Real};
use isomoment::simulate::streams::trajectory_stream;
use isomoment::stats::goodness::{anderson_darling, kolmogorov_smirnov};
use isomoment::stats::location::two_sided;
use isomoment::stats::proportion;
use statrs::distribution::{ContinuousCDF, Normal};

/// Level of one test; there are about 40 in each precision.
const LEVEL: f64 = 1e-5;

fn sample<F: Real>(size: usize, seed: u64) -> Vec<f64> {
    let mut numbers = vec![F::zero(); size];
    Normals::<F>::new(&mut trajectory_stream(seed, 0)).fill(&mut numbers);
    numbers.into_iter().map(F::double).collect()
}

/// Complaints about a sample that should be N(0,1) and independent.
fn complaints(sample: &[f64]) -> Vec<String> {
    let n = sample.len() as f64;
    let mut found = Vec::new();
    let mut check = |name: String, p: f64| {
        if p < LEVEL {
            found.push(format!("{name}: p = {p:e}"));
        }
    };
    // E z^j = (j−1)!! for even j, and Var z^j = (2j−1)!! − (E z^j)²
    let double_factorial = |j: i32| (1..=j).rev().step_by(2).map(f64::from).product::<f64>();
    for j in 1..=8 {
        let expected = if j % 2 == 0 {
            double_factorial(j - 1)
        } else {
            0.0
        };
        let variance = double_factorial(2 * j - 1) - expected * expected;
        let mean = sample.iter().map(|z| z.powi(j)).sum::<f64>() / n;
        check(
            format!("moment {j}"),
            two_sided((mean - expected) / (variance / n).sqrt()),
        );
    }
    let normal = Normal::standard();
    check(
        "Anderson–Darling".into(),
        anderson_darling(sample, |z| normal.cdf(z), |z| normal.sf(z))
            .unwrap()
            .p_value,
    );
    check(
        "Kolmogorov–Smirnov".into(),
        kolmogorov_smirnov(sample, |z| normal.cdf(z))
            .unwrap()
            .p_value,
    );
    for edge in 1..=6 {
        let share = 2.0 * normal.sf(f64::from(edge));
        let count = sample.iter().filter(|z| z.abs() > f64::from(edge)).count();
        check(
            format!("beyond {edge} σ"),
            proportion::p_value(count as u64, n as u64, share).unwrap(),
        );
    }
    // neighbours, the two of a pair (half a block apart), lanes, blocks; of the numbers and of
    // their squares
    for lag in [1, 2, 15, 16, 17, 32, 255, 256, 257, 512] {
        let pairs = || sample.iter().zip(&sample[lag..]);
        let products: f64 = pairs().map(|(a, b)| a * b).sum();
        check(
            format!("correlation at lag {lag}"),
            two_sided(products / n.sqrt()),
        );
        let squares: f64 = pairs().map(|(a, b)| (a * a - 1.0) * (b * b - 1.0)).sum();
        check(
            format!("correlation of squares at lag {lag}"),
            two_sided(squares / (4.0 * n).sqrt()),
        );
    }
    // no lane differs from the others
    for lane in 0..16 {
        let of_lane = || sample.iter().skip(lane).step_by(16);
        let count = of_lane().count() as f64;
        check(
            format!("mean of lane {lane}"),
            two_sided(of_lane().sum::<f64>() / count.sqrt()),
        );
        let excess: f64 = of_lane().map(|z| z * z - 1.0).sum();
        check(
            format!("variance of lane {lane}"),
            two_sided(excess / (2.0 * count).sqrt()),
        );
    }
    found
}

fn assert_normal<F: Real>(size: usize) {
    let found = complaints(&sample::<F>(size, 11));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn doubles_are_normal_and_independent() {
    assert_normal::<f64>(1 << 22);
}

#[test]
fn singles_are_normal_and_independent() {
    assert_normal::<f32>(1 << 22);
}

#[test]
#[ignore = "takes a minute and 2 GiB"]
fn a_hundred_million_doubles_are_normal_and_independent() {
    assert_normal::<f64>(100_000_000);
}

#[test]
#[ignore = "takes a minute and 2 GiB"]
fn a_hundred_million_singles_are_normal_and_independent() {
    assert_normal::<f32>(100_000_000);
}

/// The tests see a sample that is wrong in any of these ways.
#[test]
fn wrong_samples_are_noticed() {
    let good = sample::<f64>(1 << 22, 12);
    let wrong: [(&str, Vec<f64>); 5] = [
        ("scale", good.iter().map(|z| 1.003 * z).collect()),
        ("mean", good.iter().map(|z| z + 0.003).collect()),
        (
            "no tails",
            good.iter().map(|z| z.clamp(-3.9, 3.9)).collect(),
        ),
        ("pairs of one radius", {
            let mut pairs = good.clone();
            for chunk in pairs.chunks_exact_mut(512) {
                let (first, second) = chunk.split_at_mut(256);
                // partners keep their signs: dependence without correlation
                for (a, b) in first.iter().zip(second) {
                    *b = b.signum() * a.abs();
                }
            }
            pairs
        }),
        ("a lane repeats another", {
            let mut lanes = good.clone();
            for chunk in lanes.chunks_exact_mut(16) {
                chunk[3] = chunk[2];
            }
            lanes
        }),
    ];
    for (name, sample) in wrong {
        assert!(!complaints(&sample).is_empty(), "{name}: unnoticed");
    }
}

/// Streams of neighbouring trajectories and seeds are uncorrelated.
#[test]
fn streams_are_independent() {
    let draw = |seed, trajectory| {
        let mut numbers = vec![0.0; 100_000];
        Normals::<f64>::new(&mut trajectory_stream(seed, trajectory)).fill(&mut numbers);
        numbers
    };
    let first = draw(5, 8);
    for other in [draw(5, 9), draw(6, 8), draw(5, 8 + (1 << 32))] {
        let products: f64 = first.iter().zip(&other).map(|(a, b)| a * b).sum();
        let p = two_sided(products / (first.len() as f64).sqrt());
        assert!(p > LEVEL, "{p}");
    }
}
