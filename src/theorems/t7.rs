//! T7, heavy tails: moments above s explode and those below vanish; with biases the stationary norm has tail index s.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::activation::Activation;
use crate::depth::DepthLaw;
use crate::error::Result;
use crate::simulate::{Level, Record, Simulator};
use crate::stats::location::{MeanEstimate, power, sample_size, two_sided};
use crate::stats::tail::{TailIndex, hill, moment_estimator, threshold};
use crate::theorems::case::{ACTIVATIONS, Case};
use crate::theorems::check::{Check, SINGLE_LEVEL, WANTED_POWER};
use crate::theorems::claim::{Alternative, Claim, Tested};
use crate::theorems::figure::{Figure, Mark, Series, order_label};
use crate::theorems::sample::{PATH_DEPTH, path_count, powers};
use crate::theorems::section::{ChecksAndFigures, Section, no_tables};
use crate::theorems::settings::{Progress, Settings};

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
    percent_of_time: 35.0,
};

/// Narrow layers forget their start soon.
pub(super) const WIDTH: usize = 3;

/// Layers after which the law is taken as stationary, for indices of 1 and more; for smaller ones more in inverse proportion,
/// as the norm drifts back more slowly.
const BURN_IN: f64 = 250.0;

const NETWORKS: f64 = 60_000.0;

/// Orders in the figures.
const SHOWN: [f64; 3] = [0.5, 1.0, 2.0];

const OTHER_SCALE: &str = "a network of that scale";

/// Fewest of the largest values that an estimate uses.
const LEAST: usize = 800;

fn run(settings: &Settings, progress: &Progress) -> Result<ChecksAndFigures> {
    let mut checks = Vec::new();
    for activation in ACTIVATIONS {
        let case = Case::new(activation, 16)?;
        for r in [0.5, 1.5] {
            checks.push(other_moment(&case, r, settings, progress)?);
        }
    }
    let mut indices = Vec::new();
    for activation in ACTIVATIONS {
        let case = Case::new(activation, WIDTH)?;
        indices.extend(index_of_matrices(&case, settings, progress)?);
    }
    let case = Case::new(Activation::Relu, WIDTH)?;
    let lighter = 0.97 * case.law.scale(2.0)?;
    let kappa = DepthLaw::new(&case.law, lighter, 1)?.tail_index()?;
    let networks = Networks {
        case: &case,
        level: Level::Radial,
        count: 2.0 * NETWORKS,
        settings,
        progress,
    };
    let mut samples = Vec::new();
    for s in [0.5, 1.0, 1.5, 2.0] {
        let name = if s == 2.0 {
            "s = 2 (He)".into()
        } else {
            format!("s = {s}")
        };
        samples.push((
            name,
            s,
            networks.stationary(&format!("radial {s}"), case.law.scale(s)?)?,
        ));
    }
    let light = networks.after(1, "one layer", lighter)?;
    let lightest = networks.stationary("radial lighter", lighter)?;
    samples.push(("0.97 of He's scale".into(), kappa, lightest));
    for (name, index, sample) in &samples {
        // another scale's sample: He's for small indices, that of s = 1 for the others
        let control = match index {
            1.0 => continue,
            0.5 => (OTHER_SCALE, samples[3].2.as_slice()),
            1.5 | 2.0 => (OTHER_SCALE, samples[1].2.as_slice()),
            _ => ("outputs of one layer: a light tail", light.as_slice()),
        };
        let what = format!("{name}, norms alone");
        indices.extend(tail_checks(&case, &what, *index, sample, control));
    }
    // one table for each estimator
    indices.sort_by(|a, b| a.quantity.cmp(&b.quantity));
    checks.extend(indices);
    samples.retain(|(_, index, _)| SHOWN.contains(index));
    let shown: Vec<Vec<f64>> = samples.into_iter().map(|(.., sample)| sample).collect();
    Ok((checks, vec![survival_figure(&shown), hill_figure(&shown)]))
}

/// The tail index of networks with biases at σ(1, d), every weight drawn, is 1; the control is scaled by He's rule.
pub(super) fn index_of_matrices(
    case: &Case,
    settings: &Settings,
    progress: &Progress,
) -> Result<Vec<Check>> {
    let sample = |experiment: &str, s: f64, level: Level| -> Result<Vec<f64>> {
        let networks = Networks {
            case,
            level,
            count: NETWORKS,
            settings,
            progress,
        };
        networks.stationary(experiment, case.law.scale(s)?)
    };
    Ok(tail_checks(
        case,
        "s = 1, real matrices",
        1.0,
        &sample("network", 1.0, Level::Network)?,
        (OTHER_SCALE, &sample("control", 2.0, Level::Radial)?),
    ))
}

/// E(‖x_k‖/‖x_{k−1}‖)^r = e^{Λ(r)} ≠ 1 at σ(1, d); the control is a network whose r-th moment is constant.
pub(super) fn other_moment(
    case: &Case,
    r: f64,
    settings: &Settings,
    progress: &Progress,
) -> Result<Check> {
    let scale = case.law.scale(1.0)?;
    let predicted = scale.powf(r) * case.law.moment(r)?;
    let second = scale.powf(2.0 * r) * case.law.moment(2.0 * r)?;
    let deviation = (second - predicted * predicted).sqrt();
    let spread = 1.0 / predicted;
    let layers = sample_size(
        predicted - 1.0,
        deviation,
        spread,
        SINGLE_LEVEL,
        WANTED_POWER,
    );
    let count = settings.count(path_count(layers) as f64);
    let estimate = |experiment: &str, scale: f64| -> Result<MeanEstimate> {
        let name = format!("T7 {experiment} {r}");
        let paths = case.paths(settings, &name, scale, count, PATH_DEPTH, progress)?;
        Ok(MeanEstimate::from_sample(powers(&paths, r)))
    };
    let found = estimate("moment", scale)?;
    let wrong = estimate("moment control", case.law.scale(r)?)?;
    let shift = (predicted - 1.0) / (deviation / (found.size as f64).sqrt());
    let claim = Claim::new(
        format!("{}, s = 1, r = {r}", case.name()),
        "mean of (‖xₖ‖/‖xₖ₋₁‖)ʳ",
        predicted,
    );
    let alternative = Alternative {
        name: "a constant moment of order r".into(),
        value: 1.0,
        power: power(shift, spread, SINGLE_LEVEL),
    };
    let keeping = "network that keeps the r-th moment";
    Ok(claim.of_mean(&found, alternative, keeping, &wrong))
}

/// Independent networks with biases, of which the last layer's norm is kept.
struct Networks<'a> {
    case: &'a Case,
    level: Level,
    /// How many at effort 1.
    count: f64,
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
        let count = self.settings.count(self.count).max(50 * LEAST as u64);
        let name = format!("T7 {experiment}");
        let paths = self
            .case
            .draw(self.settings, &name, &simulator, count, self.progress);
        let mut logs: Vec<f64> = paths.iter().map(|path| path.log_norms[0]).collect();
        logs.sort_by(|a, b| b.total_cmp(a));
        Ok(logs)
    }
}

/// Two estimators of the tail index, above an automatically chosen threshold.
fn tail_checks(
    case: &Case,
    what: &str,
    index: f64,
    sample: &[f64],
    (control_name, control): (&str, &[f64]),
) -> Vec<Check> {
    type Estimator = fn(&[f64], usize) -> TailIndex;
    let estimators: [(&str, Estimator); 2] = [
        ("tail index, Hill", hill),
        ("tail index, moment estimator", moment_estimator),
    ];
    let check = |(quantity, estimator): (&str, Estimator)| {
        let found = estimator(sample, threshold(sample, LEAST));
        let wrong = estimator(control, threshold(control, LEAST));
        // the control's index is 2 where the check's is at most 1, and 1 where it is above
        let other = if index <= 1.0 { 2.0 } else { 1.0 };
        // the power that the smallest number of values would have
        let n = LEAST as f64;
        let error = |kappa: f64| match quantity {
            "tail index, Hill" => 1.0 / n.sqrt(),
            _ => ((1.0 + kappa.powi(-2)) / n).sqrt() * kappa,
        };
        // z at the level of a test is about inverse indices
        let shift = (index / other - 1.0).abs() / error(index);
        let spread = error(other) * index / other / error(index);
        let tested = |estimate: TailIndex| Tested {
            observed: estimate.index,
            observations: estimate.used as u64,
            standard_error: Some(estimate.index * estimate.relative_error),
            p_value: two_sided(estimate.z(index)),
            uniform: true,
        };
        let alternative = Alternative {
            name: "the index of another scale: 2 (He), or 1 where more than 1 is predicted".into(),
            value: other,
            power: power(shift, spread, SINGLE_LEVEL),
        };
        let claim = Claim::new(format!("{}, {what}", case.name()), quantity, index);
        claim.tested(tested(found), alternative, control_name, tested(wrong))
    };
    estimators.map(check).into()
}

/// P(‖x_∞‖ > t) on logarithmic axes, with lines of slope −s and a light-tailed control.
fn survival_figure(samples: &[Vec<f64>]) -> Figure {
    let mut series = Vec::new();
    let mut total = 0;
    for (color, (s, logs)) in SHOWN.into_iter().zip(samples).enumerate() {
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
    let light = Series::exact(Mark::Line, 3, light_tailed(total));
    series.push(light.labelled("light tail"));
    let figure = Figure::new("t7-heavy-tails", "t", "P(‖x∞‖ > t)", series);
    figure.with_log_x().with_log_y().with_caption(format!(
        "Survival function of the stationary norm with biases N(0, 1), ReLU, width {WIDTH}, {total} networks each (95 % intervals). \
         Dashed: lines of slope −s through the point that 1 % exceed. For comparison the norm of three normal numbers, which has no heavy tail."
    ))
}

/// P(‖z‖ > t) for z ~ N(0, I) in three dimensions, down to one in `total`.
fn light_tailed(total: usize) -> Vec<(f64, f64)> {
    let normal = Normal::standard();
    (0..200)
        .map(|i| 0.3 + 0.04 * f64::from(i))
        .map(|t| {
            let density = (-0.5 * t * t).exp() * (2.0 / std::f64::consts::PI).sqrt();
            (t, 2.0 * normal.sf(t) + t * density)
        })
        .filter(|p| p.1 > 3.0 / total as f64)
        .collect()
}

/// Hill's estimate against the number of largest values that it uses.
fn hill_figure(samples: &[Vec<f64>]) -> Figure {
    let mut series = Vec::new();
    let mut chosen = Vec::new();
    for (color, (s, logs)) in SHOWN.into_iter().zip(samples).enumerate() {
        chosen.push(threshold(logs, LEAST).to_string());
        let used = (0..24)
            .map(|i| (50.0 * (0.05 * logs.len() as f64 / 50.0).powf(f64::from(i) / 23.0)) as usize);
        let points: Vec<(f64, f64, f64)> = used
            .map(|used| {
                let estimate = hill(logs, used);
                let (low, high) = estimate.interval(1.96);
                (used as f64, estimate.index, 0.5 * (high - low))
            })
            .collect();
        let ends = [points[0].0, points[points.len() - 1].0];
        let exact = Series::exact(Mark::Line, color, ends.map(|x| (x, s)));
        series.push(exact.labelled(order_label(s)));
        series.push(Series::new(Mark::Points, color, points));
    }
    let (x_label, y_label) = ("number of largest values used", "estimated tail index");
    let figure = Figure::new("t7-hill", x_label, y_label, series);
    figure.with_log_x().with_caption(format!(
        "Hill's estimate of the tail index for the same samples, with 95 % intervals, and the exact index s (lines). \
         The automatic thresholds use the {} largest values.",
        chosen.join(", ")
    ))
}
