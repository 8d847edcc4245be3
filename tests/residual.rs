//! Residual blocks: every row of tests/data/residual.csv, and real blocks with drawn weights.

use std::sync::OnceLock;

use isomoment::residual::ManyBlocks;
use isomoment::{Activation, Dropout, LayerLaw, ResidualLaw, Weights};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

struct Row {
    block: ResidualLaw,
    s: f64,
    moment: f64,
    skip: f64,
    mean_log: f64,
    var_log: f64,
}

fn rows() -> &'static [(String, Row)] {
    static ROWS: OnceLock<Vec<(String, Row)>> = OnceLock::new();
    ROWS.get_or_init(read)
}

fn read() -> Vec<(String, Row)> {
    let table = include_str!("data/residual.csv");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |i: usize| -> f64 { cells[i].parse().unwrap() };
        let activation = match cells[0] {
            "linear" => Activation::Linear,
            _ => Activation::Relu,
        };
        let dropout = Dropout::inverted(number(1)).unwrap();
        let hidden =
            LayerLaw::with_dropout(activation, dropout, cells[2].parse().unwrap()).unwrap();
        let row = Row {
            block: ResidualLaw::new(&hidden, number(4), cells[3].parse().unwrap()).unwrap(),
            s: number(5),
            moment: number(6),
            skip: number(7),
            mean_log: number(8),
            var_log: number(9),
        };
        (line.to_owned(), row)
    };
    table.lines().skip(1).map(row).collect()
}

/// The largest error over the rows must not exceed `allowed`.
fn check(allowed: f64, error: impl Fn(&Row) -> f64) {
    let rows = rows();
    assert_eq!(rows.len(), 390);
    let worst = rows.iter().map(|(line, row)| (error(row), line));
    let (error, line) = worst.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    println!("worst error {error:.2e} at {line}");
    assert!(error <= allowed, "{error:e} at {line}");
}

#[test]
fn moments_of_the_table() {
    check(5e-14, |row| {
        (row.block.moment(row.s).unwrap() / row.moment - 1.0).abs()
    });
}

#[test]
fn skip_scales_of_the_table() {
    check(1e-14, |row| {
        (row.block.scale(row.s).unwrap() / row.skip - 1.0).abs()
    });
}

#[test]
fn log_cumulants_of_the_table() {
    check(1e-14, |row| {
        // they do not depend on s
        if row.s != 0.5 {
            return 0.0;
        }
        let found = row.block.log_cumulants();
        let mean = (found.mean - row.mean_log).abs();
        mean.max((found.variance / row.var_log - 1.0).abs())
    });
}

/// Standard normals by Box and Muller.
fn normals(rng: &mut ChaCha8Rng, count: usize) -> Vec<f64> {
    let one = |_| {
        let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    };
    (0..count).map(one).collect()
}

fn product(matrix: &[f64], x: &[f64]) -> Vec<f64> {
    let dot = |row: &[f64]| row.iter().zip(x).map(|(a, b)| a * b).sum();
    matrix.chunks(x.len()).map(dot).collect()
}

fn squared_norm(x: &[f64]) -> f64 {
    x.iter().map(|a| a * a).sum()
}

/// x + scale·W₂φ(W₁x·before), both matrices drawn, φ Leaky ReLU.
fn block(
    rng: &mut ChaCha8Rng,
    x: &[f64],
    hidden: usize,
    slope: f64,
    [before, scale]: [f64; 2],
) -> Vec<f64> {
    let first = normals(rng, hidden * x.len());
    let second = normals(rng, hidden * x.len());
    let units = product(&first, x).into_iter().map(|z| {
        let z = before * z;
        if z > 0.0 { z } else { slope * z }
    });
    let branch = product(&second, &units.collect::<Vec<_>>());
    x.iter().zip(branch).map(|(a, b)| a + scale * b).collect()
}

/// How many standard errors the mean of the values is away from `exact`.
fn deviations(values: &[f64], exact: f64) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean - exact) / (variance / n).sqrt()
}

/// Blocks with real matrices, started in a direction that is no coordinate's nor uniform; the
/// control, the law of twice the branch, must be seen to be wrong.
#[test]
fn real_blocks_have_the_law() {
    let mut rng = ChaCha8Rng::seed_from_u64(22);
    for (hidden, width, slope, beta) in [(8, 8, 0.0, 0.5), (5, 3, 0.2, 0.7), (4, 1, -0.5, 0.4)] {
        let sigmas = [0.4, 0.3];
        let activation = Activation::LeakyRelu { slope };
        let layer = LayerLaw::new(activation, hidden as u64).unwrap();
        let branch = (beta * sigmas[0] * sigmas[1] * 2.0_f64).powi(2);
        let law = |branch| ResidualLaw::new(&layer, branch, width as u64).unwrap();
        let x: Vec<f64> = (0..width).map(|i| 1.0 + i as f64).collect();
        let logs: Vec<f64> = (0..40_000)
            .map(|_| {
                let scales = [2.0 * sigmas[0], beta * sigmas[1]];
                let out = block(&mut rng, &x, hidden, slope, scales);
                0.5 * (squared_norm(&out) / squared_norm(&x)).ln()
            })
            .collect();
        for s in [0.5, 1.0, 2.0] {
            let powers: Vec<f64> = logs.iter().map(|x| (s * x).exp()).collect();
            let off = |law: ResidualLaw| deviations(&powers, law.moment(s).unwrap());
            assert!(
                off(law(branch)).abs() < 4.0,
                "{hidden} {width}: {}",
                off(law(branch))
            );
            // at width 1 the moment of order 1 hardly depends on a small branch
            assert!(width == 1 && s < 2.0 || off(law(2.0 * branch)).abs() > 6.0);
        }
        let cumulants = law(branch).log_cumulants();
        assert!(deviations(&logs, cumulants.mean).abs() < 4.0);
        let squares: Vec<f64> = logs.iter().map(|x| (x - cumulants.mean).powi(2)).collect();
        assert!(deviations(&squares, cumulants.variance).abs() < 4.0);
        let doubled = law(2.0 * branch).log_cumulants();
        assert!(deviations(&squares, doubled.variance).abs() > 6.0);
    }
}

/// Three pre-normalised blocks with real matrices are one block of the theory.
#[test]
fn real_pre_normalised_blocks_have_the_law() {
    let mut rng = ChaCha8Rng::seed_from_u64(23);
    let (hidden, width, tau) = (4_usize, 3_usize, 0.2);
    let layer = LayerLaw::new(Activation::Relu, hidden as u64).unwrap();
    let law = |blocks| {
        ResidualLaw::pre_normalised(&layer, tau * tau, width as u64, blocks, 14_f64.sqrt()).unwrap()
    };
    let ratios: Vec<f64> = (0..40_000)
        .map(|_| {
            let mut x = vec![1.0, 2.0, 3.0];
            for _ in 0..3 {
                let before = (width as f64 / squared_norm(&x)).sqrt();
                x = block(&mut rng, &x, hidden, 0.0, [before, tau]);
            }
            (squared_norm(&x) / 14.0).sqrt()
        })
        .collect();
    assert!(deviations(&ratios, law(3).moment(1.0).unwrap()).abs() < 4.0);
    assert!(deviations(&ratios, law(4).moment(1.0).unwrap()).abs() > 6.0);
    let squares: Vec<f64> = ratios.iter().map(|r| r * r).collect();
    assert!(deviations(&squares, law(3).moment(2.0).unwrap()).abs() < 4.0);
}

/// The typical norm grows without a skip scale, at width 2 exponentially little; at width 1 it
/// shrinks for small branches, and some branch keeps E‖x‖^½.
#[test]
fn growth_by_width() {
    let layer = LayerLaw::new(Activation::LeakyRelu { slope: 0.1 }, 32).unwrap();
    let block = |branch, width| ResidualLaw::new(&layer, branch, width).unwrap();
    for branch in [1e-3, 1e-2, 1.0, 100.0] {
        for width in [2, 3, 8, 1000] {
            assert!(
                block(branch, width).log_cumulants().mean > 0.0,
                "{branch} {width}"
            );
            assert!(block(branch, width).log_growth(1.0).unwrap() < 0.0);
        }
    }
    assert!(block(1e-3, 2).log_cumulants().mean < 1e-6);
    assert!(block(1e-3, 1).log_cumulants().mean < 0.0);
    assert!(block(1e-3, 1).moment(0.5).unwrap() < 1.0);
    assert!(block(100.0, 1).moment(0.5).unwrap() > 1.0);
    // |1 + rg| is convex in r: from s = 1 on nothing is kept
    assert!(block(0.1, 1).moment(1.0).unwrap() > 1.0);
}

/// E log R = E E₁(1/2r²) at width 2, a second route: log‖x‖ is harmonic in the plane.
#[test]
fn width_two_by_the_exponential_integral() {
    // E₁ by Gauss's continued fraction, from x = 1 on
    let e1 = |x: f64| {
        (1..200).rev().fold(0.0, |tail, k| {
            let k = f64::from(k);
            k / (1.0 + k / (x + tail))
        })
    };
    let e1 = |x: f64| (-x).exp() / (x + e1(x));
    assert!((e1(1.0) - 0.219_383_934_395_520_27).abs() < 1e-12);
    // wide enough hidden layers have one r²
    let layer = LayerLaw::new(Activation::Linear, 1 << 50).unwrap();
    let branch = 0.3 / layer.moment(2.0).unwrap();
    let found = ResidualLaw::new(&layer, branch, 2)
        .unwrap()
        .log_cumulants()
        .mean;
    assert!((2.0 * found - e1(1.0 / 0.6)).abs() < 1e-14, "{found}");
}

/// Whatever the hidden width, E R = 1 + dτ²E Q, and the moments of a wide law are near its powers.
#[test]
fn extremes() {
    for (hidden, width) in [(1, 1), (1 << 53, 1), (1, 1 << 53), (1 << 53, 1 << 53)] {
        for branch in [1e-100, 1e-16, 1.0, 1e50] {
            let layer = LayerLaw::new(Activation::Relu, hidden).unwrap();
            let block = ResidualLaw::new(&layer, branch, width).unwrap();
            let mean = 1.0 + width as f64 * branch * layer.moment(2.0).unwrap();
            approx::assert_relative_eq!(block.moment(2.0).unwrap(), mean, max_relative = 1e-14);
            let mut last = 0.0;
            for s in [0.01, 0.5, 1.0, 2.0, 2.9, 3.1, 4.0, 6.0, 8.0] {
                let norm = block.scale(s).unwrap().recip();
                assert!(
                    norm >= last * (1.0 - 1e-14),
                    "{hidden} {width} {branch} {s}"
                );
                last = norm;
            }
            assert!(block.log_cumulants().variance > 0.0);
        }
    }
}

/// The two routes for moments, below and above s = 3, join.
#[test]
fn routes_join() {
    for width in [1, 2, 8, 1000] {
        for branch in [1e-6, 1e-2, 1.0, 1e4] {
            let layer = LayerLaw::new(Activation::Relu, 8).unwrap();
            let block = ResidualLaw::new(&layer, branch, width).unwrap();
            let below = block.moment(3.0).unwrap();
            let above = block.moment(3.0 * (1.0 + 1e-15)).unwrap();
            approx::assert_relative_eq!(below, above, max_relative = 1e-13);
        }
    }
}

/// L (exact − limit) tends to the correction, and not to its negative.
#[test]
fn many_blocks_to_second_order() {
    for (activation, width, s) in [
        (Activation::Relu, 8, 1.0),
        (Activation::Relu, 1, 0.5),
        (Activation::Linear, 3, 5.0),
        (
            Activation::RandomizedLeakyRelu {
                lower: 0.1,
                upper: 0.3,
            },
            8,
            4.0,
        ),
    ] {
        let layer = LayerLaw::new(activation, 16).unwrap();
        let ManyBlocks {
            exponent,
            correction,
        } = ResidualLaw::new(&layer, 0.01, width)
            .unwrap()
            .many_blocks(s)
            .unwrap();
        let blocks = 1000.0;
        let part = ResidualLaw::new(&layer, 0.01 / blocks, width).unwrap();
        let exact = s * blocks * -part.scale(s).unwrap().ln();
        let first = blocks * (exact - exponent);
        approx::assert_relative_eq!(first, correction, max_relative = 0.01);
    }
}

#[test]
fn refusals_name_the_argument() {
    let layer = LayerLaw::new(Activation::Relu, 8).unwrap();
    let text = |law: isomoment::Result<ResidualLaw>| law.unwrap_err().to_string();
    for branch in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e101] {
        assert!(text(ResidualLaw::new(&layer, branch, 8)).starts_with("branch is"));
    }
    assert!(text(ResidualLaw::new(&layer, 1.0, 0)).starts_with("width is 0"));
    let orthogonal = layer.clone().with_weights(Weights::Orthogonal);
    assert!(text(ResidualLaw::new(&orthogonal, 1.0, 8)).starts_with("weights is orthogonal"));
    assert!(text(ResidualLaw::pre_normalised(&layer, 1.0, 8, 0, 1.0)).starts_with("blocks is 0"));
    assert!(text(ResidualLaw::pre_normalised(&layer, 1.0, 8, 3, 0.0)).starts_with("norm is 0.0"));
    let block = ResidualLaw::new(&layer, 1.0, 8).unwrap();
    for s in [0.0, -1.0, 8.1, f64::NAN] {
        assert!(block.moment(s).unwrap_err().to_string().starts_with("s is"));
        assert!(block.scale(s).is_err() && block.log_growth(s).is_err());
        assert!(block.many_blocks(s).is_err());
    }
    let large = ResidualLaw::new(&layer, 1e99, 1 << 53).unwrap();
    assert!(
        large
            .moment(8.0)
            .unwrap_err()
            .to_string()
            .starts_with("the moment overflows")
    );
}
