//! T5, almost-sure limit: log‖xₖ‖/k → μ < 0, and narrow ReLU networks die at a geometric time.

use crate::activation::Activation;
use crate::depth::DepthLaw;
use crate::error::Result;
use crate::simulate::Path;
use crate::stats::goodness::{chi_square, chi_square_power};
use crate::stats::location::MeanEstimate;
use crate::theorems::case::{Case, cases, orthogonal_cases};
use crate::theorems::check::{Check, SINGLE_LEVEL};
use crate::theorems::claim::{Alternative, Claim, HES_RULE, Share, Tested};
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series};
use crate::theorems::sample::{Design, PATH_DEPTH};
use crate::theorems::section::{ChecksAndFigures, Section, each, no_tables};
use crate::theorems::settings::{Progress, Settings};

pub const SECTION: Section = Section {
    title: "Almost-sure limit",
    statement: "At $sigma(s, d)$ the process $norm(x_k)^s$ is a non-negative martingale: it converges almost surely to a finite limit, and the limit is 0, although its expectation never moves. \
When units cannot die, almost surely \
$ 1/k log (norm(x_k))/(norm(x_0)) -> mu = log sigma(s, d) + 1/2 EE[log Q | Q > 0] < 0 . $ \
When they can, with $epsilon = PP(Q > 0) < 1$, the network dies, $x_k = 0$, at a layer that is geometric with parameter $1 - epsilon$ (ReLU: $2^(-d)$), and given survival to layer $k$ the same quotient tends to $mu$ in probability: \
$PP(abs(1\\/k log(norm(x_k)\\/norm(x_0)) - mu) > delta | x_k != 0) -> 0$ for every $delta > 0$. \
At every depth the exact law of the log-norm gives the band that the quotient leaves with a stated probability; it narrows like $1\\/sqrt(k)$.",
    reason: "The log-norm is a random walk with independent steps $log sigma + 1/2 log Q_k$, so the law \
of large numbers gives the rate; Jensen's inequality, strict as $Q$ is not constant, gives \
$s mu < -log PP(Q > 0)$. A ReLU layer without dropout is dead exactly when all $d$ pre-activations are negative.",
    run,
    tables: no_tables,
    percent_of_time: 6.0,
};

const WIDTHS: [usize; 2] = [16, 64];
const ORDERS: [f64; 2] = [0.5, 1.0];

fn run(settings: &Settings, progress: &Progress) -> Result<ChecksAndFigures> {
    let (gaussian, orthogonal) = (cases(&WIDTHS)?, orthogonal_cases(&WIDTHS[..1])?);
    let with_orders = gaussian.iter().flat_map(|case| ORDERS.map(|s| (case, s)));
    let with_orders = with_orders.chain(orthogonal.iter().map(|case| (case, 1.0)));
    let mut checks = each(with_orders, |(case, s)| {
        growth_rate(case, s, settings, progress)
    })?;
    let narrow = cases(&WIDTHS[..1])?;
    checks.extend(each(&narrow, |case| inside_band(case, settings, progress))?);
    for width in [3, 4] {
        let [case, narrower] = [width, width - 1].map(|width| Case::new(Activation::Relu, width));
        checks.push(death_times(&case?, &narrower?, settings, progress)?);
    }
    Ok((checks, vec![figure(settings, progress)?]))
}

/// Mean of log(‖x_k‖/‖x_{k−1}‖) given survival against μ.
pub(super) fn growth_rate(
    case: &Case,
    s: f64,
    settings: &Settings,
    progress: &Progress,
) -> Result<Check> {
    let mu = case.law.log_growth(s)?;
    let deviation = case.law.log_cumulants().variance.sqrt();
    let he = case.law.scale(2.0)?;
    let [design, to_see_he] = [mu, (he / case.law.scale(s)?).ln()].map(|effect| Design {
        effect,
        deviation,
        spread: 1.0,
    });
    let count = design.paths(settings)?.max(to_see_he.paths(settings)?);
    let estimate = |experiment: &str, scale: f64| -> Result<MeanEstimate> {
        let name = format!("T5 {experiment} {s}");
        let paths = case.paths(settings, &name, scale, count, PATH_DEPTH, progress)?;
        MeanEstimate::from_sample(paths.iter().flat_map(Path::increments))
    };
    let found = estimate("check", case.law.scale(s)?)?;
    let wrong = estimate("control", he)?;
    let claim = Claim::new(
        format!("{}, s = {s}", case.name()),
        "mean of log(‖xₖ‖/‖xₖ₋₁‖)",
        mu,
    );
    let alternative = Alternative {
        name: "the typical output keeps its size".into(),
        value: 0.0,
        power: design.power(found.size)?,
    };
    Ok(claim.of_mean(&found, alternative, HES_RULE, &wrong))
}

/// The share of surviving networks whose log‖x_k‖/k is within the exact law's central 90 % around
/// μ.
pub(super) fn inside_band(case: &Case, settings: &Settings, progress: &Progress) -> Result<Check> {
    const DEPTH: usize = 100;
    let s = 1.0;
    let law = DepthLaw::preserving(&case.law, s, DEPTH as u64)?;
    let he = DepthLaw::preserving(&case.law, 2.0, DEPTH as u64)?;
    let [low, high] = [law.quantile(0.05)?, law.quantile(0.95)?];
    let share = |law: &DepthLaw| -> Result<f64> { Ok(law.cdf(high)? - law.cdf(low)?) };
    // the share under He's rule, at most 0.78, is 17 standard errors from 0.9 and more
    let count = settings.count(2000.0);
    let observe = |experiment: &str, scale: f64| -> Result<Share> {
        let paths = case.paths(settings, experiment, scale, count, DEPTH, progress)?;
        let alive = paths.iter().filter(|path| !path.died());
        let norms: Vec<f64> = alive.map(|path| path.log_norm(DEPTH)).collect();
        let found = norms.iter().filter(|x| (low..=high).contains(*x)).count();
        Ok(Share {
            found: found as u64,
            of: norms.len() as u64,
        })
    };
    let found = observe("T5 band", case.law.scale(s)?)?;
    let wrong = observe("T5 band control", case.law.scale(2.0)?)?;
    let claim = Claim::new(
        format!("{}, s = {s}, k = {DEPTH}", case.name()),
        "share with log‖xₖ‖/k in the exact 90 % band around μ",
        share(&law)?,
    );
    claim.of_share(found, share(&he)?, wrong)
}

/// The layer at which a narrow network dies against the geometric law.
pub(super) fn death_times(
    case: &Case,
    narrower: &Case,
    settings: &Settings,
    progress: &Progress,
) -> Result<Check> {
    // about 400 in each of ten cells
    let count = settings.count(4000.0);
    let edges = cell_edges(case.law.dead_probability());
    let test = |case: &Case, null: &[f64]| -> Result<Tested> {
        let depth = *edges.last().expect("at least one cell");
        let scale = case.law.scale(1.0)?;
        let paths = case.paths(settings, "T5 deaths", scale, count, depth, progress)?;
        let counts = count_deaths(&paths, &edges);
        let dead = count as f64 - counts[edges.len()] as f64;
        let at_risk: usize = paths
            .iter()
            .map(|p| p.lifetime() + usize::from(p.died()))
            .sum();
        let rate = dead / at_risk as f64;
        Ok(Tested::fit(chi_square(&counts, null)?, rate, count))
    };
    let null = cell_probabilities(case.law.dead_probability(), &edges);
    let alternative = cell_probabilities(narrower.law.dead_probability(), &edges);
    let (found, wrong) = (test(case, &null)?, test(narrower, &null)?);
    let claim = Claim::new(
        format!("{}, s = 1", case.name()),
        "rate of death, by the law of the layer at which it comes",
        case.law.dead_probability(),
    );
    let alternative = Alternative {
        name: "one unit fewer".into(),
        value: narrower.law.dead_probability(),
        power: chi_square_power(count as usize, &null, &alternative, SINGLE_LEVEL)?,
    };
    Ok(claim.tested(found, alternative, "network with one unit fewer", wrong))
}

/// Last layers of about ten cells of equal probability under the geometric law.
fn cell_edges(death: f64) -> Vec<usize> {
    let mut edges: Vec<usize> = (1..10)
        .map(|i| ((1.0 - f64::from(i) / 10.0).ln() / (1.0 - death).ln()).ceil() as usize)
        .collect();
    edges.dedup();
    edges
}

/// Probabilities of dying in each cell, and of outliving them all.
fn cell_probabilities(death: f64, edges: &[usize]) -> Vec<f64> {
    let survival = |k: usize| (1.0 - death).powi(k as i32);
    let mut previous = 0;
    let mut cells: Vec<f64> = edges
        .iter()
        .map(|&edge| {
            let mass = survival(previous) - survival(edge);
            previous = edge;
            mass
        })
        .collect();
    cells.push(survival(previous));
    cells
}

fn count_deaths(paths: &[Path], edges: &[usize]) -> Vec<usize> {
    let mut counts = vec![0; edges.len() + 1];
    for path in paths {
        let layer = path.lifetime() + 1;
        let cell = if path.died() {
            edges.partition_point(|&edge| edge < layer)
        } else {
            edges.len()
        };
        counts[cell] += 1;
    }
    counts
}

/// Sample paths of the log-norm with kμ, in a network whose first moment is constant.
fn figure(settings: &Settings, progress: &Progress) -> Result<Figure> {
    const DEPTH: usize = 300;
    const SHOWN: usize = 40;
    let case = Case::new(Activation::Relu, 16)?;
    let scale = case.law.scale(1.0)?;
    let paths = case.paths(settings, "T5 figure", scale, SHOWN as u64, DEPTH, progress)?;
    let to_decades = std::f64::consts::LOG10_E;
    let mut series: Vec<Series> = paths
        .iter()
        .map(|path| {
            let alive = &path.log_norms[..path.lifetime()];
            let walk = alive
                .iter()
                .enumerate()
                .map(|(k, l)| ((k + 1) as f64, to_decades * l));
            let walk = std::iter::once((0.0, 0.0)).chain(walk);
            Series::exact(Mark::Path, color::SIMULATED, walk)
        })
        .collect();
    let one = DepthLaw::preserving(&case.law, 1.0, 1)?;
    let depths = (20..=DEPTH).step_by(20);
    let quantiles = [0.5, 0.05, 0.95].map(|p| {
        each(depths.clone(), |k| {
            let quantile = one.with_depth(k as u64)?.quantile(p)?;
            Ok((k as f64, to_decades * quantile))
        })
    });
    let labels = ["exact median", "exact 90 % band", ""];
    let marks = [Mark::Line, Mark::Dashed, Mark::Dashed];
    let mean = Series::exact(Mark::Dashed, color::ONE, [(0.0, 0.0), (DEPTH as f64, 0.0)]);
    series.push(mean.labelled("log of the mean: 0"));
    for ((label, mark), points) in labels.into_iter().zip(marks).zip(quantiles) {
        series.push(Series::exact(mark, color::EXACT, points?).labelled(label));
    }
    let deepest = one.with_depth(DEPTH as u64)?;
    let median = deepest.quantile(0.5)?.exp();
    let above = deepest.survival_probability() * deepest.survival_function(0.0)?;
    let figure = Figure::new("t5-sample-paths", "layer k", "log₁₀ ‖xₖ‖", series);
    Ok(figure.with_caption(format!(
        "{SHOWN} networks of real matrices (ReLU, width 16, σ(1, 16)): the expectation of ‖xₖ‖ is 1 at every layer \
         (green), and almost every path vanishes. Black: exact median and 90 % band given survival; after \
         {DEPTH} layers half of the networks are below {median:.0e}, and P(‖xₖ‖ ≥ 1) is {above:.0e}. The few that grow carry the mean."
    )))
}
