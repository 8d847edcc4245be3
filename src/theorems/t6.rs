//! T6, log-normality: (log(‖x_k‖/‖x₀‖) − kμ)/√(kv) → N(0,1), given survival.

use statrs::distribution::{Continuous, ContinuousCDF, Normal};

use crate::activation::Activation;
use crate::error::Result;
use crate::layer_law::LayerLaw;
use crate::stats::goodness::{kolmogorov_smirnov, kolmogorov_smirnov_power};
use crate::stats::location::{MeanEstimate, power};
use crate::theorems::chart::{Chart, Mark, Series};
use crate::theorems::check::{Check, Control, Evidence, SINGLE_LEVEL};
use crate::theorems::sample::{Case, Outcome, Progress, Settings, cases};

pub const STATEMENT: &str = "Given survival, with $v = 1/4 op(\"Var\")[log Q | Q > 0]$, \
$ (log (norm(x_k)\\/norm(x_0)) - k mu) / sqrt(k v) -> cal(N)(0, 1) $ \
in distribution, with Edgeworth's correction $-gamma_k (z^2 - 1) phi(z)\\/6$ to the normal cdf, \
$gamma_k$ the skewness $kappa_3\\/(v^(3\\/2) sqrt(k))$.";

pub const REASON: &str = "A sum of $k$ independent, identically distributed steps with finite third moment: the central \
limit theorem, with the Berry–Esseen rate. The steps' law has a density, so Cramér's condition and Edgeworth's expansion hold. \
The test uses the corrected cdf, whose error at this depth is far below what the sample resolves.";

const WIDTHS: [usize; 2] = [16, 32];
const ORDERS: [f64; 2] = [0.5, 1.0];
const DEPTH: usize = 64;
const PATHS: f64 = 1500.0;

pub fn run(settings: &Settings, progress: &Progress) -> Result<Outcome> {
    let (mut checks, mut spreads) = (Vec::new(), Vec::new());
    for case in cases(&WIDTHS)? {
        for s in ORDERS {
            let sample = standardized(&case, s, s, settings, progress)?;
            let control = standardized(&case, s, 2.0, settings, progress)?;
            checks.push(whole_law(&case, s, &sample, &control)?);
            spreads.push(spread(&case, s, &sample)?);
        }
    }
    checks.append(&mut spreads);
    Ok((checks, vec![chart(settings, progress)?]))
}

/// (log-norm − kμ(s))/√(kv) of surviving networks scaled by σ(`used`, d).
fn standardized(
    case: &Case,
    s: f64,
    used: f64,
    settings: &Settings,
    progress: &Progress,
) -> Result<Vec<f64>> {
    let count = (PATHS * settings.effort).ceil() as u64;
    let name = format!("T6 {s} {used}");
    let scale = case.law.scale(used)?;
    let paths = case.paths(settings, &name, scale, count, DEPTH, progress)?;
    let k = DEPTH as f64;
    let mean = k * case.law.log_growth(s)?;
    let deviation = (k * case.law.log_cumulants().variance).sqrt();
    Ok(paths
        .iter()
        .filter(|path| !path.died())
        .map(|path| (path.log_norm(DEPTH) - mean) / deviation)
        .collect())
}

/// Skewness of the log-norm at [`DEPTH`].
fn skewness(law: &LayerLaw) -> f64 {
    let cumulants = law.log_cumulants();
    cumulants.third / cumulants.variance.powf(1.5) / (DEPTH as f64).sqrt()
}

fn edgeworth_cdf(z: f64, skewness: f64) -> f64 {
    let normal = Normal::standard();
    normal.cdf(z) - skewness / 6.0 * (z * z - 1.0) * normal.pdf(z)
}

/// Kolmogorov–Smirnov against the Edgeworth-corrected normal law.
fn whole_law(case: &Case, s: f64, sample: &[f64], control: &[f64]) -> Result<Check> {
    let skewness = skewness(&case.law);
    let found = kolmogorov_smirnov(sample, |z| edgeworth_cdf(z, skewness));
    let wrong = kolmogorov_smirnov(control, |z| edgeworth_cdf(z, skewness));
    // He's scale moves the standardized law by this much; the cdfs then differ most half way
    let step = (case.law.scale(2.0)? / case.law.scale(s)?).ln();
    let shift = step.abs() * (DEPTH as f64 / case.law.log_cumulants().variance).sqrt();
    let distance = 2.0 * Normal::standard().cdf(0.5 * shift) - 1.0;
    Ok(Check {
        case: format!(
            "{}, d = {}, s = {s}, k = {DEPTH}",
            case.activation, case.width
        ),
        quantity: "Kolmogorov–Smirnov distance of the standardized log-norm".into(),
        predicted: 0.0,
        observed: found.statistic,
        evidence: Evidence::Statistical {
            observations: sample.len() as u64,
            standard_error: None,
            p_value: found.p_value,
            alternative: "network scaled by He's rule".into(),
            alternative_value: distance,
            power: kolmogorov_smirnov_power(sample.len(), distance, SINGLE_LEVEL),
        },
        control: Control {
            name: "network scaled by He's rule".into(),
            observed: wrong.statistic,
            score: wrong.p_value,
            rejected: wrong.p_value <= SINGLE_LEVEL,
        },
    })
}

/// Mean square of the standardized log-norm is 1; the control uses the variance of another activation.
fn spread(case: &Case, s: f64, sample: &[f64]) -> Result<Check> {
    let estimate = MeanEstimate::from_sample(sample.iter().map(|z| z * z));
    let other = match case.activation {
        Activation::Linear => Activation::Relu,
        _ => Activation::Linear,
    };
    let variance = case.law.log_cumulants().variance;
    let other_law = LayerLaw::new(other, case.law.width())?;
    let ratio = other_law.log_cumulants().variance / variance;
    // under the alternative the squares have mean and deviation `ratio` times as large
    let shift = (ratio - 1.0) / (2.0 / sample.len() as f64).sqrt();
    Ok(Check {
        case: format!(
            "{}, d = {}, s = {s}, k = {DEPTH}",
            case.activation, case.width
        ),
        quantity: "variance of the log-norm over kv".into(),
        predicted: 1.0,
        observed: estimate.mean,
        evidence: Evidence::Statistical {
            observations: estimate.size as u64,
            standard_error: Some(estimate.standard_error),
            p_value: estimate.p_value(1.0),
            alternative: "the variance of linear units (of ReLU, for linear ones)".into(),
            alternative_value: ratio,
            power: power(shift / ratio, 1.0, SINGLE_LEVEL),
        },
        control: Control {
            name: "against that variance".into(),
            observed: estimate.mean / ratio,
            score: estimate.p_value(ratio),
            rejected: estimate.p_value(ratio) <= SINGLE_LEVEL,
        },
    })
}

/// Histogram of the standardized log-norm with the normal density and its correction.
fn chart(settings: &Settings, progress: &Progress) -> Result<Chart> {
    const HALF_BINS: i32 = 20;
    const BIN: f64 = 0.2;
    let case = Case::new(Activation::Relu, 16)?;
    let sample = standardized(&case, 1.0, 1.0, settings, progress)?;
    let skewness = skewness(&case.law);
    let steps = (-HALF_BINS..HALF_BINS).map(|bin| {
        let left = f64::from(bin) * BIN;
        let inside = |z: &&f64| (left..left + BIN).contains(*z);
        let count = sample.iter().filter(inside).count() as f64;
        (left, count / sample.len() as f64 / BIN, BIN)
    });
    let curve = |density: &dyn Fn(f64) -> f64| {
        (-80..=80)
            .map(|i| (f64::from(i) / 20.0, density(f64::from(i) / 20.0), 0.0))
            .collect()
    };
    let normal = Normal::standard();
    let series = vec![
        Series {
            label: "simulated".into(),
            mark: Mark::Steps,
            color: 0,
            points: steps.collect(),
        },
        Series {
            label: "normal limit".into(),
            mark: Mark::Dashed,
            color: 1,
            points: curve(&|z| normal.pdf(z)),
        },
        Series {
            label: "with skewness".into(),
            mark: Mark::Line,
            color: 2,
            points: curve(&|z| normal.pdf(z) * (1.0 + skewness / 6.0 * (z * z * z - 3.0 * z))),
        },
    ];
    Ok(Chart {
        name: "t6-log-normality",
        x_label: "(log‖xₖ‖ − kμ)/√(kv)".into(),
        y_label: "density".into(),
        x_log: false,
        y_log: false,
        series,
        caption: format!(
            "The standardized log-norm of {} networks of real matrices (ReLU, width 16, depth {DEPTH}, \
             σ(1, 16)), the normal limit, and the normal density corrected for the predicted skewness \
             {skewness:.3}.",
            sample.len()
        ),
    })
}
