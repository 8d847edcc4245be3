//! T7, heavy tails: moments above s explode and those below vanish; with biases the stationary norm
//! has tail index s.

use crate::activation::Activation;
use crate::depth::DepthLaw;
use crate::error::Result;
use crate::simulate::{Level, Record, Simulator};
use crate::stats::location::{MeanEstimate, normal_cdf, power, two_sided};
use crate::stats::tail::{TailIndex, hill, moment_estimator, threshold};
use crate::theorems::case::{ACTIVATIONS, Case};
use crate::theorems::check::{Check, SINGLE_LEVEL, Source};
use crate::theorems::claim::{Alternative, Claim, Tested};
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series, order_label};
use crate::theorems::sample::{Design, PATH_DEPTH, powers};
use crate::theorems::section::{ChecksAndFigures, Section, no_tables};
use crate::theorems::settings::{Progress, Settings};
use crate::theorems::tilted_network::{DEPTH, DeepMoment};

pub const SECTION: Section = Section {
    title: "Heavy tails",
    statement: "$Lambda(r) = r log sigma + log EE[Q^(r\\/2); Q > 0]$ is convex with $Lambda(s) = 0$ at $sigma = sigma(s, d)$, and $EE norm(x_k)^r = norm(x_0)^r e^(k Lambda(r))$: \
moments of order $r > s$ explode, those of order $r < s$ vanish. With biases $b_k ~ cal(N)(0, sigma_b^2 I)$ the network has a stationary law whose norm has tail index $s$, \
$ PP(norm(x_infinity) > t) ~ C t^(-s), $ at $s = 2$ for He's rule too. For any scale at which the norm shrinks, the index $kappa$ solves $Lambda(kappa) = 0$.",
    reason: "$norm(x_k)^2 = (sigma^2 norm(x_(k-1))^2 + sigma_b^2) Q_k$ is a random affine recursion on the half-line with independent coefficients; \
$sigma^2 Q$ has a density, $EE (sigma^2 Q)^(s\\/2) = 1$ and $EE (sigma^2 Q)^(s\\/2) log^+ Q < infinity$, which are the conditions of Kesten's and Goldie's theorem. \
Large outputs come from the rare stretches of layers that all amplify.",
    run,
    tables: no_tables,
    percent_of_time: 25.0,
};

/// Narrow layers forget their start soon.
pub(super) const WIDTH: usize = 3;

/// Layers after which the law is taken as stationary, for indices of 1 and more; for smaller ones
/// more in inverse proportion, as the norm drifts back more slowly. What is left of the start's
/// r-th moment is e^{kΛ(r)}, at σ(1, 3) and the r where that is least 0.0025 for linear units and
/// below 3e-6 for all others.
const BURN_IN: f64 = 250.0;

/// Networks of real matrices, at effort 1, and those of which only the norm is drawn.
const NETWORKS: f64 = 60_000.0;
const CHAINS: f64 = 120_000.0;

/// Fewest of the largest values that an estimate uses: so many tell the indices 1 and 2 apart, so
/// many 1 and 1.5, both with a power above 0.9999. A sample has fifty times as many.
const LEAST: usize = 800;
const LEAST_OF_CHAINS: usize = 1400;

/// Networks of real matrices in a control.
const CONTROLS: f64 = 50.0 * LEAST as f64;

/// Orders in the figures.
const SHOWN: [f64; 3] = [0.5, 1.0, 2.0];

const OTHER_SCALE: &str = "a network of that scale";
const CONSTANT: &str = "a constant moment of order r";
const KEEPING: &str = "network that keeps the r-th moment";

fn run(settings: &Settings, progress: &Progress) -> Result<ChecksAndFigures> {
    let mut checks = Vec::new();
    let mut deep = Vec::new();
    for activation in ACTIVATIONS {
        let case = Case::new(activation, 16)?;
        for r in [0.5, 1.5] {
            checks.push(other_moment(&case, r, settings, progress)?);
            deep.push(other_moment_at_depth(&case, r, DEPTH, settings, progress)?);
        }
    }
    checks.extend(deep);
    let mut indices = Vec::new();
    for activation in ACTIVATIONS {
        let case = Case::new(activation, WIDTH)?;
        indices.extend(index_of_matrices(&case, settings, progress)?);
    }
    let case = Case::new(Activation::Relu, WIDTH)?;
    let networks = Networks {
        case: &case,
        level: Level::Radial,
        count: CHAINS,
        least: LEAST_OF_CHAINS,
        settings,
        progress,
    };
    let of_order = |s: f64| networks.stationary(&format!("radial {s}"), case.law.scale(s)?);
    let (half, one, more, he) = (
        of_order(0.5)?,
        of_order(1.0)?,
        of_order(1.5)?,
        of_order(2.0)?,
    );
    let lighter = 0.97 * case.law.scale(2.0)?;
    let kappa = DepthLaw::new(&case.law, lighter, 1)?.tail_index()?;
    let lightest = networks.stationary("radial lighter", lighter)?;
    let one_layer = networks.after(1, "one layer", lighter)?;
    let light = "outputs of one layer: a light tail";
    // another scale's sample: He's for small indices, that of s = 1 for the others
    for (name, index, sample, (control, wrong)) in [
        ("s = 0.5", 0.5, &half, (OTHER_SCALE, &he)),
        ("s = 1.5", 1.5, &more, (OTHER_SCALE, &one)),
        ("s = 2 (He)", 2.0, &he, (OTHER_SCALE, &one)),
        ("0.97 of He's scale", kappa, &lightest, (light, &one_layer)),
    ] {
        let tail = Tail {
            case: format!("{}, {name}, norms alone", case.name()),
            index,
            least: LEAST_OF_CHAINS,
            source: Source::Norms,
        };
        indices.extend(tail.checks(sample, control, wrong)?);
    }
    // one table for each estimator
    indices.sort_by(|a, b| a.quantity.cmp(&b.quantity));
    checks.extend(indices);
    let shown = [half, one, he];
    Ok((checks, vec![survival_figure(&shown), hill_figure(&shown)?]))
}

/// The tail index of networks with biases at σ(1, d), every weight drawn, is 1; the control, of
/// real matrices too, is scaled by He's rule.
pub(super) fn index_of_matrices(
    case: &Case,
    settings: &Settings,
    progress: &Progress,
) -> Result<Vec<Check>> {
    let sample = |experiment: &str, s: f64, count: f64| -> Result<Vec<f64>> {
        let networks = Networks {
            case,
            level: Level::Network,
            count,
            least: LEAST,
            settings,
            progress,
        };
        networks.stationary(experiment, case.law.scale(s)?)
    };
    let tail = Tail {
        case: format!("{}, s = 1, real matrices", case.name()),
        index: 1.0,
        least: LEAST,
        source: Source::Matrices,
    };
    let found = sample("network", 1.0, NETWORKS)?;
    let wrong = sample("control", 2.0, CONTROLS)?;
    tail.checks(&found, OTHER_SCALE, &wrong)
}

/// E(‖x_k‖/‖x_{k−1}‖)^r = e^{Λ(r)} ≠ 1 at σ(1, d); the control is a network whose r-th moment is
/// constant.
pub(super) fn other_moment(
    case: &Case,
    r: f64,
    settings: &Settings,
    progress: &Progress,
) -> Result<Check> {
    let scale = case.law.scale(1.0)?;
    let predicted = scale.powf(r) * case.law.moment(r)?;
    let second = scale.powf(2.0 * r) * case.law.moment(2.0 * r)?;
    let design = Design {
        effect: predicted - 1.0,
        deviation: (second - predicted * predicted).sqrt(),
        spread: 1.0 / predicted,
    };
    let count = design.paths(settings)?;
    let estimate = |experiment: &str, scale: f64| -> Result<MeanEstimate> {
        let name = format!("T7 {experiment} {r}");
        let paths = case.paths(settings, &name, scale, count, PATH_DEPTH, progress)?;
        MeanEstimate::from_sample(powers(&paths, r))
    };
    let found = estimate("moment", scale)?;
    let wrong = estimate("moment control", case.law.scale(r)?)?;
    let claim = Claim::new(
        format!("{}, s = 1, r = {r}", case.name()),
        "mean of (‖xₖ‖/‖xₖ₋₁‖)ʳ",
        predicted,
    );
    let alternative = Alternative {
        name: CONSTANT.into(),
        value: 1.0,
        power: design.power(found.size)?,
    };
    Ok(claim.of_mean(&found, alternative, KEEPING, &wrong))
}

/// E‖x_k‖^r = e^{kΛ(r)} at σ(1, d) and a depth, by tilted networks; the control is a network whose
/// r-th moment is constant.
pub(super) fn other_moment_at_depth(
    case: &Case,
    r: f64,
    depth: usize,
    settings: &Settings,
    progress: &Progress,
) -> Result<Check> {
    let scale = case.law.scale(1.0)?;
    let predicted = (scale.powf(r) * case.law.moment(r)?).powi(depth as i32);
    let estimate = |experiment: &str, scale: f64| {
        let name = format!("T7 {experiment} {r}");
        let moment = DeepMoment {
            order: r,
            scale,
            depth,
        };
        moment.estimate(case, &name, settings, progress)
    };
    let found = estimate("deep", scale)?;
    let wrong = estimate("deep control", case.law.scale(r)?)?;
    let claim = Claim::new(
        format!("{}, s = 1, r = {r}, k = {depth}", case.name()),
        "mean of ‖xₖ‖ʳ by tilted networks",
        predicted,
    );
    // the standard error comes from the sample: a scale multiplies all its values alike
    let shift = (1.0 - predicted) / found.standard_error;
    let alternative = Alternative {
        name: CONSTANT.into(),
        value: 1.0,
        power: power(shift, 1.0 / predicted, SINGLE_LEVEL)?,
    };
    let claim = claim.from(Source::TiltedMatrices);
    Ok(claim.of_mean(&found, alternative, KEEPING, &wrong))
}

/// Independent networks with biases, of which the last layer's norm is kept.
struct Networks<'a> {
    case: &'a Case,
    level: Level,
    /// How many at effort 1.
    count: f64,
    /// Fewest of the largest values that an estimate uses: at no effort fewer networks than that
    /// asks for.
    least: usize,
    settings: &'a Settings,
    progress: &'a Progress<'a>,
}

impl Networks<'_> {
    /// Log-norms, descending, when they have become stationary.
    fn stationary(&self, experiment: &str, scale: f64) -> Result<Vec<f64>> {
        let index = DepthLaw::new(&self.case.law, scale, 1)?.tail_index()?;
        self.after((BURN_IN / index.min(1.0)) as usize, experiment, scale)
    }

    /// Log-norms, descending, after `depth` layers.
    fn after(&self, depth: usize, experiment: &str, scale: f64) -> Result<Vec<f64>> {
        let model = self.case.model(scale, depth)?.with_bias(1.0)?;
        let record = Record::layers(vec![depth], depth)?;
        let simulator = Simulator::new(model, self.level)?.with_record(record);
        let name = format!("T7 {experiment}");
        let count = self.settings.count(self.count).max(50 * self.least as u64);
        let paths = self
            .case
            .draw(self.settings, &name, &simulator, count, self.progress);
        let mut logs: Vec<f64> = paths.iter().map(|path| path.log_norms[0]).collect();
        logs.sort_by(|a, b| b.total_cmp(a));
        Ok(logs)
    }
}

/// A tail whose index is predicted.
struct Tail {
    case: String,
    index: f64,
    /// Fewest of the largest values that are used.
    least: usize,
    source: Source,
}

impl Tail {
    /// Two estimators of the index, above an automatically chosen threshold; the control is a
    /// sample with another index. Both are descending logarithms.
    fn checks(&self, sample: &[f64], control: &str, wrong: &[f64]) -> Result<Vec<Check>> {
        let thresholds = (
            threshold(sample, self.least)?,
            threshold(wrong, self.least)?,
        );
        let estimates = [
            (
                "tail index, Hill",
                hill(sample, thresholds.0)?,
                hill(wrong, thresholds.1)?,
            ),
            (
                "tail index, moment estimator",
                moment_estimator(sample, thresholds.0)?,
                moment_estimator(wrong, thresholds.1)?,
            ),
        ];
        let check = |(quantity, found, wrong): (&str, TailIndex, TailIndex)| {
            let claim = Claim::new(self.case.clone(), quantity, self.index).from(self.source);
            let found_tested = self.tested(&found);
            let alternative = self.alternative(&found)?;
            Ok(claim.tested(found_tested, alternative, control, self.tested(&wrong)))
        };
        estimates.into_iter().map(check).collect()
    }

    fn tested(&self, estimate: &TailIndex) -> Tested {
        Tested {
            observed: estimate.index,
            observations: estimate.used as u64,
            standard_error: Some(estimate.index * estimate.relative_error),
            p_value: two_sided(estimate.z(self.index)),
            uniform: true,
        }
    }

    /// The index of another scale, and the power that the smallest number of values has to see it.
    fn alternative(&self, estimate: &TailIndex) -> Result<Alternative> {
        let other = if self.index <= 1.0 { 2.0 } else { 1.0 };
        let error = |index: f64| estimate.relative_error_at(index, self.least);
        // z at the level of a test is about inverse indices
        let shift = (self.index / other - 1.0) / error(self.index);
        let spread = error(other) * self.index / other / error(self.index);
        Ok(Alternative {
            name: "the index of another scale: 2 (He), or 1 where more than 1 is predicted".into(),
            value: other,
            power: power(shift, spread, SINGLE_LEVEL)?,
        })
    }
}

/// P(‖x_∞‖ > t) on logarithmic axes, with lines of slope −s and a light-tailed control.
fn survival_figure(samples: &[Vec<f64>; 3]) -> Figure {
    let mut series = Vec::new();
    let mut total = 0;
    for (s, logs) in SHOWN.into_iter().zip(samples) {
        let color = color::of_order(s);
        let n = logs.len() as f64;
        total = logs.len();
        // counts spaced evenly on the logarithmic axis
        let ranks =
            (2..=24).map(|i| (n.powf(f64::from(i) / 24.0) as usize).clamp(3, logs.len() - 1));
        let points = ranks
            .map(|rank| {
                let share = rank as f64 / n;
                (logs[rank].exp(), share, 1.96 * share / (rank as f64).sqrt())
            })
            .filter(|p| p.1 < 0.9);
        // through the point that one in a hundred networks exceeds
        let rank = (0.01 * n) as usize;
        let anchor = logs[rank];
        let far = logs[3];
        let line = [anchor - 2.0 / s, far].map(|l| (l.exp(), 0.01 * (-s * (l - anchor)).exp()));
        series.push(Series::exact(Mark::Dashed, color, line).labelled(order_label(s)));
        series.push(Series::new(Mark::Points, color, points));
    }
    let light = Series::exact(Mark::Line, color::LIMIT, light_tailed(total));
    series.push(light.labelled("light tail"));
    let figure = Figure::new("t7-heavy-tails", "t", "P(‖x∞‖ > t)", series);
    figure.with_log_x().with_log_y().with_caption(format!(
        "Survival function of the stationary norm with biases N(0, 1), ReLU, width {WIDTH}, {total} networks each (95 % intervals). \
         Dashed: lines of slope −s through the point that 1 % exceed. For comparison the norm of three normal numbers, which has no heavy tail."
    ))
}

/// P(‖z‖ > t) for z ~ N(0, I) in three dimensions, down to one in `total`.
fn light_tailed(total: usize) -> Vec<(f64, f64)> {
    (0..200)
        .map(|i| 0.3 + 0.04 * f64::from(i))
        .map(|t| {
            let density = (-0.5 * t * t).exp() * (2.0 / std::f64::consts::PI).sqrt();
            (t, 2.0 * normal_cdf(-t) + t * density)
        })
        .filter(|p| p.1 > 3.0 / total as f64)
        .collect()
}

/// Hill's estimate against the number of largest values that it uses.
fn hill_figure(samples: &[Vec<f64>; 3]) -> Result<Figure> {
    let mut series = Vec::new();
    let mut chosen = Vec::new();
    for (s, logs) in SHOWN.into_iter().zip(samples) {
        let color = color::of_order(s);
        chosen.push(threshold(logs, LEAST_OF_CHAINS)?.to_string());
        let used = (0..24)
            .map(|i| (50.0 * (0.05 * logs.len() as f64 / 50.0).powf(f64::from(i) / 23.0)) as usize);
        let points: Vec<(f64, f64, f64)> = used
            .map(|used| {
                let estimate = hill(logs, used)?;
                let (low, high) = estimate.interval(1.96);
                Ok((used as f64, estimate.index, 0.5 * (high - low)))
            })
            .collect::<Result<_>>()?;
        let ends = [points[0].0, points[points.len() - 1].0];
        let exact = Series::exact(Mark::Line, color, ends.map(|x| (x, s)));
        series.push(exact.labelled(order_label(s)));
        series.push(Series::new(Mark::Points, color, points));
    }
    let (x_label, y_label) = ("number of largest values used", "estimated tail index");
    let figure = Figure::new("t7-hill", x_label, y_label, series);
    Ok(figure.with_log_x().with_caption(format!(
        "Hill's estimate of the tail index for the same samples, with 95 % intervals, and the exact index s (lines). \
         The automatic thresholds use the {} largest values.",
        chosen.join(", ")
    )))
}
