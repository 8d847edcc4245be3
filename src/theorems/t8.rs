//! T8, small outputs avoided: P(‖x_k‖ ≤ ε‖x₀‖) is smaller for smaller s, by an amount the law at
//! finite depth gives.

use crate::activation::Activation;
use crate::depth::DepthLaw;
use crate::error::Result;
use crate::simulate::Path;
use crate::stats::goodness::{kolmogorov_smirnov_power, two_sample};
use crate::stats::location::sample_size;
use crate::theorems::case::{Case, ORTHOGONAL_WIDTHS, cases, orthogonal_cases};
use crate::theorems::check::{Check, SINGLE_LEVEL, WANTED_POWER};
use crate::theorems::claim::{Alternative, Claim, HES_RULE, Share, Tested};
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series, order_label};
use crate::theorems::section::{ChecksAndFigures, Section, each};
use crate::theorems::settings::{Progress, Settings};
use crate::theorems::table::{Notation, Table};

pub const SECTION: Section = Section {
    title: "Small outputs avoided",
    statement: "For $s_1 < s_2$ and every depth $k$, $norm(x_k)$ under $sigma(s_1, d)$ stochastically dominates \
$norm(x_k)$ under $sigma(s_2, d)$: for every $epsilon > 0$, $ PP_(s_1)(norm(x_k) <= epsilon norm(x_0)) <= PP_(s_2)(norm(x_k) <= epsilon norm(x_0)), $ \
strictly where the weights are Gaussian; $s_2 = 2$ is He's rule. The same holds of any two scales $sigma_1 > sigma_2$, so of LeCun's and Glorot's where they are smaller. Each side is $1 - PP(Q > 0)^k + PP(Q > 0)^k F_k (log epsilon - k log sigma)$ with $F_k$ the exact law of the sum of $1\\/2 log Q_j$ given survival.",
    reason: "The same weights before scaling serve both networks, and the norm is proportional to $sigma^k$, with \
$sigma(s_1, d) > sigma(s_2, d)$ (T4). $F_k$ is the law of a sum of independent steps, computed by Fourier inversion; the two sides differ by \
$PP(Q > 0)^k$ times $F_k$ between two points $k log(sigma(s_1, d)\\/sigma(s_2, d))$ apart.",
    run,
    tables,
    percent_of_time: 14.0,
};

const WIDTH: usize = 16;
const DEPTH: usize = 50;
const ORDERS: [f64; 2] = [0.5, 1.0];

/// Shares ε of the input at [`DEPTH`].
pub(super) const SHARES: [f64; 2] = [0.1, 0.01];

/// Smaller shares, in narrower and deeper networks, where they occur: a millionth of the input is
/// left with a probability of 7e-5 (linear) to 0.55 (ReLU).
const NARROW: usize = 8;
const DEEP: usize = 100;
const SMALL_SHARES: [f64; 4] = [1e-3, 1e-4, 1e-5, 1e-6];

/// Fewest networks, where few would have the power: the share should also be seen to be right, to a
/// standard error of at most 0.016.
const LEAST: u64 = 1000;

/// Networks whose whole laws are compared: the least distance, 0.24 for linear units, is 3.6 times
/// the distance at which the test rejects.
const PATHS: f64 = 3000.0;

/// Sample sizes come from a normal approximation, the power that is stated is exact: with 1 in this
/// place the least would be 0.99998, below the wanted one.
const MARGIN: f64 = 1.3;

fn run(settings: &Settings, progress: &Progress) -> Result<ChecksAndFigures> {
    let (gaussian, narrow) = (cases(&[WIDTH])?, cases(&[NARROW])?);
    let orthogonal = orthogonal_cases(&ORTHOGONAL_WIDTHS)?;
    let mut of: Vec<(&Case, f64, usize, &[f64])> = Vec::new();
    for case in &gaussian {
        of.extend(ORDERS.map(|s| (case, s, DEPTH, &SHARES[..])));
    }
    of.extend(
        narrow
            .iter()
            .map(|case| (case, 1.0, DEEP, &SMALL_SHARES[..])),
    );
    of.extend(orthogonal.iter().map(|case| (case, 1.0, DEPTH, &[0.3][..])));
    let mut checks = each(of, |(case, s, depth, shares)| {
        small_outputs(case, s, depth, shares, settings, progress)
    })?
    .concat();
    // one table for each ε
    checks.sort_by(|a, b| b.quantity.cmp(&a.quantity));
    checks.extend(each(&gaussian, |case| dominates(case, settings, progress))?);
    Ok((checks, vec![figure(settings, progress)?]))
}

/// The share of networks with ‖x_k‖ ≤ ε‖x₀‖ against its exact probability, for each ε; the control
/// is scaled by He's rule.
pub(super) fn small_outputs(
    case: &Case,
    s: f64,
    depth: usize,
    shares: &[f64],
    settings: &Settings,
    progress: &Progress,
) -> Result<Vec<Check>> {
    let law = DepthLaw::preserving(&case.law, s, depth as u64)?;
    let he = DepthLaw::preserving(&case.law, 2.0, depth as u64)?;
    let mut expected = Vec::new();
    let mut needed: u64 = 0;
    for &epsilon in shares {
        let (p, other) = (law.below(epsilon)?, he.below(epsilon)?);
        let deviation = |p: f64| (p * (1.0 - p)).sqrt();
        let spread = deviation(other) / deviation(p);
        let wanted = sample_size(other - p, deviation(p), spread, SINGLE_LEVEL, WANTED_POWER)?;
        needed = needed.max(wanted);
        expected.push((epsilon, p, other));
    }
    let count = settings.count(needed.max(LEAST) as f64 * MARGIN);
    let paths = |experiment: &str, used: f64| {
        let name = format!("T8 {experiment} {s}");
        case.paths(
            settings,
            &name,
            case.law.scale(used)?,
            count,
            depth,
            progress,
        )
    };
    let (sample, control) = (paths("check", s)?, paths("control", 2.0)?);
    let check = |(epsilon, p, other): (f64, f64, f64)| {
        let case = format!("{}, s = {s}, k = {depth}", case.name());
        let claim = Claim::new(case, format!("P(‖xₖ‖ ≤ {epsilon}·‖x₀‖)"), p);
        let share = |paths: &[Path]| Share {
            found: small(paths, epsilon, depth),
            of: count,
        };
        claim.of_share(share(&sample), other, share(&control))
    };
    expected.into_iter().map(check).collect()
}

/// ‖x_k‖ under σ(1, d) has the law of ‖x_k‖ under He's rule times (σ(1, d)/σ(2, d))^k, which is
/// above 1: it dominates, and by that much.
pub(super) fn dominates(case: &Case, settings: &Settings, progress: &Progress) -> Result<Check> {
    let count = settings.count(PATHS);
    let last = |experiment: &str, s: f64| -> Result<Vec<f64>> {
        let name = format!("T8 whole {experiment}");
        let paths = case.paths(settings, &name, case.law.scale(s)?, count, DEPTH, progress)?;
        Ok(paths.iter().map(|path| path.log_norm(DEPTH)).collect())
    };
    let quantity = "distance of the law of ‖xₖ‖ to He's rule's, raised by the ratio of the scales";
    raised(case, DEPTH, quantity, last)
}

/// The law of a log-norm after so many layers under σ(1, d) is that under He's rule moved by
/// k log(σ(1, d)/σ(2, d)). Two samples of real networks, that under He's rule moved; in the control
/// both are scaled by He's rule. The law at finite depth is not used, but for the power.
/// `last` draws a sample, given the experiment's name and the order of the scale.
pub(super) fn raised(
    case: &Case,
    depth: usize,
    quantity: &str,
    last: impl Fn(&str, f64) -> Result<Vec<f64>>,
) -> Result<Check> {
    let factor = case.law.scale(1.0)? / case.law.scale(2.0)?;
    let raised: Vec<f64> = last("he", 2.0)?
        .iter()
        .map(|log| log + depth as f64 * factor.ln())
        .collect();
    let test = |sample: &[f64]| -> Result<Tested> {
        let fit = two_sample(sample, &raised)?;
        Ok(Tested::fit(fit, fit.statistic, sample.len() as u64))
    };
    let (found, wrong) = (test(&last("first", 1.0)?)?, test(&last("control", 2.0)?)?);
    let table = |s: f64| -> Result<_> { DepthLaw::preserving(&case.law, s, depth as u64)?.table() };
    let distance = table(1.0)?.largest_difference(&table(2.0)?);
    let claim = Claim::new(
        format!("{}, s = 1, k = {depth}", case.name()),
        quantity,
        0.0,
    );
    let alternative = Alternative {
        name: HES_RULE.into(),
        value: distance,
        // two samples of n have the resolution of one of n/2
        power: kolmogorov_smirnov_power(raised.len() / 2, distance, SINGLE_LEVEL)?,
    };
    Ok(claim.tested(found, alternative, HES_RULE, wrong))
}

/// P(‖x_k‖ ≤ ε‖x₀‖) by depth, ε and scale, exact.
fn tables() -> Result<Vec<Table>> {
    let layer = Case::new(Activation::Relu, WIDTH)?.law;
    let orders = [0.5, 1.0, 1.5, 2.0];
    let laws = orders.map(|s| DepthLaw::preserving(&layer, s, 1));
    let mut rows = Vec::new();
    for depth in [10, 20, 50, 100] {
        for exponent in [1, 2, 3, 4, 6] {
            let epsilon = 10_f64.powi(-exponent);
            let mut row = vec![depth as f64, epsilon];
            for law in &laws {
                row.push(law.clone()?.with_depth(depth)?.below(epsilon)?);
            }
            rows.push(row);
        }
    }
    let mut columns = vec![("k".into(), Notation::Plain), ("ε".into(), Notation::Plain)];
    columns.extend(orders.map(|s| (order_label(s), Notation::Short)));
    Ok(vec![Table {
        name: "t8-probabilities",
        caption: format!(
            "The exact probability that the output of k ReLU layers of width {WIDTH} is at most ε times its input, death included \
             (P(Q = 0) = 1.5e-5 a layer), by the moment order that the scale preserves."
        ),
        columns,
        rows,
    }])
}

/// How many networks are dead or have ‖x_k‖ ≤ ε‖x₀‖ after `depth` layers.
fn small(paths: &[Path], epsilon: f64, depth: usize) -> u64 {
    let is_small = |path: &&Path| path.log_norm(depth) <= epsilon.ln();
    paths.iter().filter(is_small).count() as u64
}

/// P(‖x_k‖ ≤ 0.01‖x₀‖) against depth: exact lines, simulated points.
fn figure(settings: &Settings, progress: &Progress) -> Result<Figure> {
    const EPSILON: f64 = 0.01;
    const DEEPEST: usize = 100;
    let case = Case::new(Activation::Relu, WIDTH)?;
    let count = settings.count(800.0);
    let mut series = Vec::new();
    for s in [0.5, 1.0, 1.5, 2.0] {
        let color = color::of_order(s);
        let law = DepthLaw::preserving(&case.law, s, 1)?;
        let exact = each((4..=DEEPEST).step_by(4), |depth| {
            let probability = law.with_depth(depth as u64)?.below(EPSILON)?;
            Ok((depth as f64, probability))
        })?;
        let name = format!("T8 figure {s}");
        let scale = case.law.scale(s)?;
        let paths = case.paths(settings, &name, scale, count, DEEPEST, progress)?;
        let points = (20..=DEEPEST).step_by(20).map(|depth| {
            let share = small(&paths, EPSILON, depth) as f64 / count as f64;
            let half = 1.96 * (share * (1.0 - share) / count as f64).sqrt();
            (depth as f64, share, half)
        });
        series.push(Series::exact(Mark::Line, color, exact).labelled(order_label(s)));
        series.push(Series::new(Mark::Points, color, points));
    }
    let figure = Figure::new("t8-small-outputs", "depth k", "P(‖xₖ‖ ≤ ‖x₀‖/100)", series);
    Ok(figure.with_caption(format!(
        "How often the output of a ReLU network of width {WIDTH} falls below a hundredth of its input: the exact \
         probability (lines) and the share among {count} networks of real matrices (points, 95 % intervals), for \
         scales that keep the moment of order s. Of 100 layers He's rule loses nine networks in ten, σ(1, 16) half of them."
    )))
}
