//! T1, moment preservation: E‖x_k‖^s = ‖x₀‖^s for all k exactly when σ = σ(s,d).

use crate::activation::Activation;
use crate::error::Result;
use crate::layer_law::LayerLaw;
use crate::simulate::Path;
use crate::stats::location::{MeanEstimate, power, two_sided};
use crate::theorems::case::{Case, cases, orthogonal_cases};
use crate::theorems::check::{Check, SINGLE_LEVEL, Source};
use crate::theorems::claim::{Alternative, Claim, HES_RULE, Tested};
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series};
use crate::theorems::sample::{Design, PATH_DEPTH, powers};
use crate::theorems::section::{ChecksAndFigures, Section, no_tables};
use crate::theorems::settings::{Progress, Settings};
use crate::theorems::tilted_network::{DEPTH, DeepMoment};

pub const SECTION: Section = Section {
    title: "Moment preservation",
    statement: "Let $x_k = phi(W_k x_(k-1))$ with independent Gaussian weights of \
standard deviation $sigma$. Then $EE norm(x_k)^s = norm(x_0)^s$ for every $k$ if and only if \
$ sigma = sigma(s, d) = EE[Q^(s\\/2)]^(-1\\/s), quad Q = sum_(i=1)^d c_i z_i^2 . $",
    reason: "Given $x$, the vector $W x$ is Gaussian with covariance $sigma^2 norm(x)^2 I$, so \
$norm(x_k)^2 = sigma^2 norm(x_(k-1))^2 Q_k$ with independent copies $Q_k$ of one law. Moments multiply \
from layer to layer. An average of $norm(x_k)^s$ at great depth has no useful variance; what is tested is the \
factor of one layer, $EE (norm(x_k)\\/norm(x_(k-1)))^s = 1$, that successive factors are uncorrelated, and the moment at depth 50 by exponentially tilted importance sampling: \
networks whose weights are drawn from a law under which large outputs are as frequent as they count, each weighted by its likelihood ratio.",
    run,
    tables: no_tables,
    percent_of_time: 4.0,
};

/// The scale of networks whose moment of this order is tested, given their one-layer law.
pub type ScaleOf<'a> = dyn Fn(&LayerLaw, f64) -> Result<f64> + 'a;

const WIDTHS: [usize; 2] = [16, 64];
const ORDERS: [f64; 2] = [0.5, 1.0];

fn run(settings: &Settings, progress: &Progress) -> Result<ChecksAndFigures> {
    scaled_by(&LayerLaw::scale, settings, progress)
}

/// The same with networks of the scale that is given for a layer and the order of the moment under
/// test, instead of the one that keeps that moment.
pub fn scaled_by(
    scale: &ScaleOf,
    settings: &Settings,
    progress: &Progress,
) -> Result<ChecksAndFigures> {
    let mut checks = Vec::new();
    for case in cases(&WIDTHS)? {
        for s in ORDERS {
            checks.push(one_layer(&case, s, scale, settings, progress)?);
        }
    }
    for case in orthogonal_cases(&WIDTHS[..1])? {
        checks.push(one_layer(&case, 1.0, scale, settings, progress)?);
    }
    for case in cases(&WIDTHS[..1])? {
        checks.push(independence(&case, settings, progress)?);
    }
    for case in cases(&WIDTHS[..1])? {
        checks.push(at_depth(&case, scale, DEPTH, settings, progress)?);
    }
    Ok((checks, vec![figure(settings, progress)?]))
}

/// E (‖x_k‖/‖x_{k−1}‖)^s = 1 at σ(s,d), against He's rule for the same activation (s = 2). The
/// networks have the scale that is given: σ(s,d) unless the check is to fail.
pub(super) fn one_layer(
    case: &Case,
    s: f64,
    scale: &ScaleOf,
    settings: &Settings,
    progress: &Progress,
) -> Result<Check> {
    let right = case.law.scale(s)?;
    let he = case.law.scale(2.0)?;
    let used = scale(&case.law, s)?;
    // at scale(s) the ratio's s-th power has mean 1 and second moment σ^{2s} E[Q^s]
    let deviation = (right.powf(2.0 * s) * case.law.moment(2.0 * s)? - 1.0).sqrt();
    let factor = (he / right).powf(s);
    let design = Design {
        effect: factor - 1.0,
        deviation,
        spread: factor,
    };
    let count = design.paths(settings)?;
    let estimate = |experiment: &str, scale: f64| -> Result<MeanEstimate> {
        let name = format!("T1 {experiment} {s}");
        let paths = case.paths(settings, &name, scale, count, PATH_DEPTH, progress)?;
        MeanEstimate::from_sample(powers(&paths, s))
    };
    let found = estimate("check", used)?;
    let wrong = estimate("control", he)?;
    let claim = Claim::new(
        format!("{}, s = {s}", case.name()),
        "mean of (‖xₖ‖/‖xₖ₋₁‖)ˢ",
        1.0,
    );
    let alternative = Alternative {
        name: HES_RULE.into(),
        value: factor,
        power: design.power(found.size)?,
    };
    Ok(claim.of_mean(&found, alternative, HES_RULE, &wrong))
}

/// Successive layers' factors are uncorrelated.
fn independence(case: &Case, settings: &Settings, progress: &Progress) -> Result<Check> {
    let s = 1.0;
    let scale = case.law.scale(s)?;
    // 7200 pairs: a correlation of 0.2 is 17 standard errors
    let count = settings.count(400.0);
    let paths = case.paths(settings, "T1 pairs", scale, count, PATH_DEPTH, progress)?;
    let found = correlation(&paths, |increments, k| (s * increments[k]).exp());
    // products over two layers that share one are dependent: half their variance is common
    let wrong = correlation(&paths, |increments, k| {
        let next = increments.get(k + 1).unwrap_or(&0.0);
        (s * (increments[k] + next)).exp()
    });
    let claim = Claim::new(
        format!("{}, s = {s}", case.name()),
        "correlation of successive factors",
        0.0,
    );
    let correlated = 0.2;
    let alternative = Alternative {
        name: "correlated factors".into(),
        value: correlated,
        power: power(
            correlated * (found.observations as f64).sqrt(),
            1.0,
            SINGLE_LEVEL,
        )?,
    };
    let overlapping = "factors over two layers that overlap in one";
    Ok(claim.tested(found, alternative, overlapping, wrong))
}

/// E‖x_k‖ = ‖x₀‖ at a depth, by importance sampling of whole networks: a plain average has no
/// useful variance. The networks have the scale that is given.
pub(super) fn at_depth(
    case: &Case,
    scale: &ScaleOf,
    depth: usize,
    settings: &Settings,
    progress: &Progress,
) -> Result<Check> {
    let s = 1.0;
    let (right, he) = (case.law.scale(s)?, case.law.scale(2.0)?);
    let estimate = |experiment: &str, scale: f64| {
        let moment = DeepMoment {
            order: s,
            scale,
            depth,
        };
        moment.estimate(case, experiment, settings, progress)
    };
    let found = estimate("T1 deep check", scale(&case.law, s)?)?;
    let wrong = estimate("T1 deep control", he)?;
    let claim = Claim::new(
        format!("{}, s = {s}, k = {depth}", case.name()),
        "mean of ‖xₖ‖ˢ by tilted networks",
        1.0,
    )
    .from(Source::TiltedMatrices);
    let factor = (he / right).powf(s * depth as f64);
    let alternative = Alternative {
        name: HES_RULE.into(),
        value: factor,
        // the standard error comes from the sample: a scale multiplies all its values alike
        power: power((factor - 1.0) / found.standard_error, factor, SINGLE_LEVEL)?,
    };
    Ok(claim.of_mean(&found, alternative, HES_RULE, &wrong))
}

/// Pooled lag-1 correlation of a statistic along the paths, against 0: there it has a standard
/// error of 1/√n for n pairs.
fn correlation(paths: &[Path], statistic: impl Fn(&[f64], usize) -> f64) -> Tested {
    let pairs: Vec<(f64, f64)> = paths
        .iter()
        .flat_map(|path| {
            let increments: Vec<f64> = path.increments().collect();
            let last = increments.len().saturating_sub(1);
            let statistic = &statistic;
            (1..last).map(move |k| (statistic(&increments, k - 1), statistic(&increments, k)))
        })
        .collect();
    let n = pairs.len() as f64;
    let mean = pairs.iter().map(|p| p.0 + p.1).sum::<f64>() / (2.0 * n);
    let covariance: f64 = pairs.iter().map(|p| (p.0 - mean) * (p.1 - mean)).sum();
    let variance: f64 = pairs
        .iter()
        .map(|p| (p.0 - mean).powi(2) + (p.1 - mean).powi(2))
        .sum();
    let observed = 2.0 * covariance / variance;
    Tested {
        observed,
        observations: pairs.len() as u64,
        standard_error: Some(1.0 / n.sqrt()),
        p_value: two_sided(observed * n.sqrt()),
        uniform: true,
    }
}

/// E‖x_k‖^r across depth in a network scaled to preserve r = 1.
fn figure(settings: &Settings, progress: &Progress) -> Result<Figure> {
    let case = Case::new(Activation::Relu, 16)?;
    let scale = case.law.scale(1.0)?;
    let count = settings.count(4000.0);
    let paths = case.paths(settings, "T1 figure", scale, count, PATH_DEPTH, progress)?;
    let mut series = Vec::new();
    for r in [0.5, 1.0, 1.5] {
        let color = color::of_order(r);
        let factor = scale.powf(r) * case.law.moment(r)?;
        let exact = (0..=PATH_DEPTH).map(|k| (k as f64, factor.powi(k as i32)));
        series.push(Series::exact(Mark::Line, color, exact).labelled(format!("r = {r}")));
        let simulated = (1..=PATH_DEPTH).map(|k| {
            let norms = paths.iter().map(|path| (r * path.log_norm(k)).exp());
            let estimate = MeanEstimate::from_sample(norms)?;
            Ok((k as f64, estimate.mean, 1.96 * estimate.standard_error))
        });
        let simulated: Vec<_> = simulated.collect::<Result<_>>()?;
        series.push(Series::new(Mark::Points, color, simulated));
    }
    let figure = Figure::new("t1-moments-across-depth", "layer k", "E‖xₖ‖ʳ", series);
    Ok(figure.with_caption(format!(
        "Moments of the output norm across depth, ReLU, width 16, weights scaled by σ(1, 16). \
         Lines: exact. Points: {count} networks of real matrices, with 95 % intervals. The first \
         moment stays at 1; lower moments vanish, higher ones grow."
    )))
}
