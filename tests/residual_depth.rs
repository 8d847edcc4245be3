//! The law at depth of residual blocks.

use isomoment::{Activation, DepthLaw, LayerLaw, ResidualLaw, StepLaw};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use special::Error as _;

fn block(activation: Activation, hidden: u64, width: u64, growth: f64) -> ResidualLaw {
    let layer = LayerLaw::new(activation, hidden).unwrap();
    let branch = growth / layer.moment(2.0).unwrap() / width as f64;
    ResidualLaw::new(&layer, branch, width).unwrap()
}

fn normal_cdf(x: f64) -> f64 {
    0.5 * (-x * std::f64::consts::FRAC_1_SQRT_2).compl_error()
}

/// With many hidden units r is a number, and ‖e + rz‖ has elementary laws for d = 1 and 3.
#[test]
fn one_block_in_closed_form() {
    for r in [0.05_f64, 0.5, 2.0] {
        for width in [1, 3] {
            let wide = block(Activation::Linear, 1 << 50, width, width as f64 * r * r);
            let law = DepthLaw::new(&wide, 1.0, 1).unwrap();
            for x in [-3.0, -0.2, 0.0, 0.1, 1.0, 2.5_f64] {
                let n = x.exp();
                let (near, far) = ((n - 1.0) / r, (n + 1.0) / r);
                let mut exact = normal_cdf(near) - normal_cdf(-far);
                if width == 3 {
                    let density = |y: f64| (-0.5 * y * y).exp() / std::f64::consts::TAU.sqrt();
                    exact -= r * (density(near) - density(far));
                }
                let found = law.cdf(x).unwrap();
                assert!(
                    (found - exact).abs() < 1e-11,
                    "{r} {width} {x}: {found} {exact}"
                );
            }
        }
    }
}

/// The moments' own route, an integral over the transform: at the skip scale of order s the tail
/// index is s, and the mean growth of the lattice is that of the law.
#[test]
fn the_lattice_has_the_moments() {
    for (activation, hidden, width, growth) in [
        (Activation::Relu, 64, 64, 0.25),
        (Activation::Relu, 256, 8, 1.0),
        (Activation::Linear, 40, 2, 0.5),
        (Activation::LeakyRelu { slope: 0.3 }, 64, 1, 0.5),
        (Activation::Relu, 100, 500, 4.0),
    ] {
        let block = block(activation, hidden, width, growth);
        for s in [0.5, 4.0] {
            let deep = DepthLaw::preserving(&block, s, 10).unwrap();
            let index = deep.tail_index().unwrap();
            assert!(
                (index / s - 1.0).abs() < 1e-10,
                "{hidden} {width} {growth}: {s} {index}"
            );
        }
    }
}

/// Blocks with real matrices: shares of networks below the law's quantiles, and the law of another
/// depth as the control.
#[test]
fn real_networks_have_the_law() {
    let (hidden, width, depth, networks) = (24, 4, 5, 6000);
    let slope = 0.4;
    let block = block(
        Activation::LeakyRelu { slope },
        hidden as u64,
        width as u64,
        0.5,
    );
    let tau = block.branch().sqrt();
    let mut rng = ChaCha8Rng::seed_from_u64(24);
    let mut normal = || -> f64 {
        let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    };
    let mut logs: Vec<f64> = Vec::new();
    for _ in 0..networks {
        let mut x = vec![0.5; width];
        for _ in 0..depth {
            let mut branch = vec![0.0; width];
            for _ in 0..hidden {
                let z: f64 = x.iter().map(|a| a * normal()).sum();
                let unit = tau * if z > 0.0 { z } else { slope * z };
                branch.iter_mut().for_each(|b| *b += unit * normal());
            }
            x.iter_mut().zip(branch).for_each(|(a, b)| *a += b);
        }
        logs.push(0.5 * x.iter().map(|a| a * a).sum::<f64>().ln());
    }
    let law = DepthLaw::new(&block, 1.0, depth).unwrap();
    let other = law.with_depth(depth + 1).unwrap();
    let mut seen_wrong = false;
    for probability in [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98] {
        let off = |law: &DepthLaw| {
            let x = law.quantile(probability).unwrap();
            assert!((law.cdf(x).unwrap() - probability).abs() < 1e-11);
            let below = logs.iter().filter(|&&log| log <= x).count() as f64;
            let n = f64::from(networks);
            (below / n - probability) / (probability * (1.0 - probability) / n).sqrt()
        };
        assert!(off(&law).abs() < 4.0, "{probability}: {}", off(&law));
        seen_wrong |= off(&other).abs() > 8.0;
    }
    assert!(seen_wrong);
    let below = logs.iter().filter(|log| **log <= 0.0).count() as f64 / f64::from(networks);
    assert!((below - law.below(1.0).unwrap()).abs() < 0.03);
    assert_eq!(law.dead_probability(), 0.0);
}

/// Few hidden units make blocks that hardly change their input: refused, not computed wrongly.
#[test]
fn what_no_lattice_resolves_is_refused() {
    for (activation, hidden) in [(Activation::Relu, 8), (Activation::Linear, 2)] {
        let block = block(activation, hidden, 8, 0.5);
        let error = DepthLaw::new(&block, 1.0, 3).unwrap_err().to_string();
        assert!(
            error.starts_with("the law of one block would need"),
            "{error}"
        );
        assert!(error.contains(&StepLaw::name(&block)), "{error}");
    }
}

/// In a block much wider than its hidden layer R is nearly 1 + dr²: the lattice in ½ log Q is finer
/// than that of the hidden units alone. With theirs the distribution function is a staircase.
#[test]
fn a_block_wider_than_its_hidden_layer() {
    let (hidden, growth) = (1000, 1.0);
    let layer = LayerLaw::new(Activation::Linear, hidden).unwrap();
    let units = DepthLaw::new(&layer, 1.0, 1).unwrap();
    let wide = block(Activation::Linear, hidden, 1_000_000, growth);
    let law = DepthLaw::new(&wide, 1.0, 1).unwrap();
    for probability in [0.01, 0.2, 0.3, 0.45, 0.5, 0.55, 0.7, 0.9, 0.99] {
        let x = law.quantile(probability).unwrap();
        let q = hidden as f64 * (2.0 * x).exp_m1() / growth;
        let found = units.cdf(0.5 * q.ln()).unwrap();
        assert!((found - probability).abs() < 1e-3, "{probability}: {found}");
    }
}
