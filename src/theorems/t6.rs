//! T6, log-normality: (log(‖x_k‖/‖x₀‖) − kμ)/√(kv) → N(0,1), given survival, and the exact law at
//! finite depth.

use statrs::distribution::{Continuous, ContinuousCDF, Normal};

use crate::activation::Activation;
use crate::depth::{DepthLaw, DepthTable};
use crate::error::Result;
use crate::layer_law::Weights;
use crate::simulate::Path;
use crate::stats::edf_law::{anderson_darling_tail, cramer_von_mises_tail};
use crate::stats::goodness::{
    Fit, anderson_darling, cramer_von_mises, cramer_von_mises_power, kolmogorov_smirnov,
    kolmogorov_smirnov_power,
};
use crate::stats::location::{MeanEstimate, normal_cdf, power};
use crate::theorems::case::{Case, ORTHOGONAL_WIDTHS, cases, orthogonal_cases};
use crate::theorems::check::{Check, SINGLE_LEVEL};
use crate::theorems::claim::{Alternative, Claim, Compared, HES_RULE, Tested};
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series};
use crate::theorems::section::{ChecksAndFigures, Section, each, no_tables};
use crate::theorems::settings::{Progress, Settings};

pub const SECTION: Section = Section {
    title: "Log-normality",
    statement: "Given survival, with $v = 1/4 op(\"Var\")[log Q | Q > 0]$, \
$ (log (norm(x_k)\\/norm(x_0)) - k mu) / sqrt(k v) -> cal(N)(0, 1) $ \
in distribution. The largest difference of the two distribution functions is $abs(gamma_1) phi(0)\\/(6 sqrt(k)) + o(1\\/sqrt(k))$ with $gamma_1 = kappa_3\\/v^(3\\/2)$, \
the skewness of one step, and at most $0.4748 rho\\/sqrt(k)$ at every depth, $rho = EE abs(Y - EE Y)^3\\/v^(3\\/2)$, $Y = 1/2 log Q$ given survival. At every finite depth the law is that of a sum of $k$ independent copies of $log sigma + 1/2 log Q$, which is computed.",
    reason: "A sum of $k$ independent, identically distributed steps with finite third moment: the central \
limit theorem, with the Berry–Esseen rate. The steps' law has a density, so Cramér's condition and Edgeworth's expansion hold. \
The exact law at depth $k$ comes from Fourier inversion of the $k$-th power of one step's characteristic function, to an error of $2 dot.c 10^(-9)$ in the table that the tests use.",
    run,
    tables: no_tables,
    percent_of_time: 17.0,
};

const WIDTHS: [usize; 2] = [16, 32];
const ORDERS: [f64; 2] = [0.5, 1.0];
const DEPTH: usize = 64;

/// Networks: the least power is then above 0.9999 for every statistic and case, by far but for
/// orthogonal weights at width 64.
const PATHS: f64 = 2500.0;

/// Networks of Haar matrices, which take longer to draw.
const ORTHOGONAL_PATHS: f64 = 1300.0;

fn run(settings: &Settings, progress: &Progress) -> Result<ChecksAndFigures> {
    let (gaussian, orthogonal) = (cases(&WIDTHS)?, orthogonal_cases(&ORTHOGONAL_WIDTHS)?);
    let of_order = |(case, s): (&Case, f64)| whole_law(case, s, settings, progress);
    let with_orders = gaussian.iter().flat_map(|case| ORDERS.map(|s| (case, s)));
    let mut checks = each(
        with_orders.chain(orthogonal.iter().map(|case| (case, 1.0))),
        of_order,
    )?
    .concat();
    // one table for each statistic
    checks.sort_by(|a, b| b.quantity.cmp(&a.quantity));
    checks.extend(each(&gaussian, |case| spread(case, settings, progress))?);
    let narrow = cases(&WIDTHS[..1])?;
    checks.extend(each(&narrow, distance_to_normal)?);
    checks.extend(each(&narrow, berry_esseen)?);
    let figures: [&(dyn Fn() -> Result<Figure> + Sync); 3] = [
        &|| histogram(settings, progress),
        &|| quantiles(settings, progress),
        &convergence,
    ];
    Ok((checks, each(figures, |figure| figure())?))
}

/// Log-norms at [`DEPTH`] of surviving networks that are scaled by σ(`used`, d).
fn log_norms(
    case: &Case,
    experiment: &str,
    used: f64,
    settings: &Settings,
    progress: &Progress,
) -> Result<Vec<f64>> {
    let paths = match case.weights {
        Weights::Gaussian => PATHS,
        Weights::Orthogonal => ORTHOGONAL_PATHS,
    };
    let count = settings.count(paths);
    let name = format!("T6 {experiment} {used}");
    let paths = case.paths(
        settings,
        &name,
        case.law.scale(used)?,
        count,
        DEPTH,
        progress,
    )?;
    let alive = paths.iter().filter(|path| !path.died());
    Ok(alive.map(last).collect())
}

fn last(path: &Path) -> f64 {
    path.log_norm(DEPTH)
}

fn table(case: &Case, s: f64) -> Result<DepthTable> {
    DepthLaw::preserving(&case.law, s, DEPTH as u64)?.table()
}

/// A test of a sample against the exact law.
type Statistic<'a> = &'a dyn Fn(&[f64]) -> Result<Fit>;

/// The log-norm's law against the exact one by three statistics; the control is scaled by He's
/// rule.
pub(super) fn whole_law(
    case: &Case,
    s: f64,
    settings: &Settings,
    progress: &Progress,
) -> Result<Vec<Check>> {
    let (exact, he) = (table(case, s)?, table(case, 2.0)?);
    let sample = log_norms(case, &format!("law {s}"), s, settings, progress)?;
    let control = log_norms(case, &format!("control {s}"), 2.0, settings, progress)?;
    let distance = exact.largest_difference(&he);
    let square = exact.mean_square_difference(&he);
    let n = sample.len();
    let cdf = |x: f64| exact.cdf(x);
    let cvm_power = |tail: &dyn Fn(f64) -> f64, per: f64| {
        cramer_von_mises_power(n, square, critical(tail) / per, SINGLE_LEVEL)
    };
    let tests: [(&str, Statistic, f64, f64); 3] = [
        (
            "Kolmogorov–Smirnov distance to the exact law",
            &|sample| kolmogorov_smirnov(sample, cdf),
            distance,
            kolmogorov_smirnov_power(n, distance, SINGLE_LEVEL)?,
        ),
        (
            "Cramér–von Mises statistic over n",
            &|sample| cramer_von_mises(sample, cdf),
            square,
            cvm_power(&cramer_von_mises_tail, 1.0)?,
        ),
        (
            // its weight 1/(F(1−F)) is at least 4: it is at least 4 times Cramér and von Mises's
            "Anderson–Darling statistic over n",
            &|sample| anderson_darling(sample, cdf, |x| 1.0 - cdf(x)),
            4.0 * square,
            cvm_power(&anderson_darling_tail, 4.0)?,
        ),
    ];
    let checks = tests.map(|(quantity, test, alternative_value, power)| {
        let tested = |sample: &[f64]| -> Result<Tested> {
            let (fit, n) = (test(sample)?, sample.len());
            let per = if quantity.ends_with("over n") { n } else { 1 };
            Ok(Tested::fit(fit, fit.statistic / per as f64, n as u64))
        };
        let (found, wrong) = (tested(&sample)?, tested(&control)?);
        let case = format!("{}, s = {s}, k = {DEPTH}", case.name());
        let alternative = Alternative {
            name: HES_RULE.into(),
            value: alternative_value,
            power,
        };
        Ok(Claim::new(case, quantity, 0.0).tested(found, alternative, HES_RULE, wrong))
    });
    checks.into_iter().collect()
}

/// The x with tail(x) at the level of a single test.
fn critical(tail: &dyn Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.1, 100.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if tail(middle) > SINGLE_LEVEL {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The variance of the log-norm, about the sample's own mean, is kv; the control has a quarter
/// fewer units, and a variance that is larger by about a third.
fn spread(case: &Case, settings: &Settings, progress: &Progress) -> Result<Check> {
    let s = 1.0;
    let narrower = Case::new(case.activation, 3 * case.width / 4)?;
    let step = case.law.log_cumulants().variance;
    let estimate = |case: &Case, experiment: &str| -> Result<MeanEstimate> {
        let sample = log_norms(case, experiment, s, settings, progress)?;
        let mean = MeanEstimate::from_sample(sample.iter().copied())?.mean;
        // the mean was estimated: n/(n−1)
        let unbiased = sample.len() as f64 / (sample.len() as f64 - 1.0);
        let over_kv = |x: &f64| unbiased * (x - mean).powi(2) / (DEPTH as f64 * step);
        MeanEstimate::from_sample(sample.iter().map(over_kv))
    };
    let found = estimate(case, "spread")?;
    let wrong = estimate(&narrower, "spread control")?;
    let ratio = narrower.law.log_cumulants().variance / step;
    // squares of nearly normal numbers have a deviation of √2 times their mean
    let shift = (ratio - 1.0) / (2.0 / found.size as f64).sqrt();
    let claim = Claim::new(
        format!("{}, s = {s}, k = {DEPTH}", case.name()),
        "variance of the log-norm over kv",
        1.0,
    );
    let fewer = "network with a quarter fewer units";
    let alternative = Alternative {
        name: fewer.into(),
        value: ratio,
        power: power(shift, ratio, SINGLE_LEVEL)?,
    };
    Ok(claim.of_mean(&found, alternative, fewer, &wrong))
}

/// Largest distance to the normal law of a law at depth k that is centred and scaled as another
/// one.
fn normal_distance(step: &DepthLaw, standard: &DepthLaw, depth: u64) -> Result<f64> {
    let table = step.with_depth(depth)?.table()?;
    let (mean, variance) = standard.with_depth(depth)?.moments();
    let off = |i: i32| {
        let z = f64::from(i) / 200.0;
        (table.cdf(mean + variance.sqrt() * z) - normal_cdf(z)).abs()
    };
    Ok((-1000..=1000).map(off).fold(0.0, f64::max))
}

/// √k times the largest distance to the normal law tends to |γ₁|φ(0)/6.
fn edgeworth_coefficient(case: &Case) -> f64 {
    let cumulants = case.law.log_cumulants();
    let skewness = cumulants.third / cumulants.variance.powf(1.5);
    skewness.abs() * Normal::standard().pdf(0.0) / 6.0
}

/// The distance to the normal law falls as the Edgeworth coefficient over √k; the control has one
/// unit more, and a coefficient that is some per cent smaller.
fn distance_to_normal(case: &Case) -> Result<Check> {
    const DEEP: u64 = 4096;
    let predicted = edgeworth_coefficient(case);
    let compare = |case: &Case| -> Result<Compared> {
        let step = DepthLaw::preserving(&case.law, 1.0, 1)?;
        let observed = (DEEP as f64).sqrt() * normal_distance(&step, &step, DEEP)?;
        Ok(Compared {
            observed,
            error: (observed / predicted - 1.0).abs(),
        })
    };
    let wider = Case::new(case.activation, case.width + 1)?;
    let claim = Claim::new(
        format!("{}, s = 1, k = {DEEP}", case.name()),
        "√k times the distance of the exact law to the normal law",
        predicted,
    );
    // the next term is O(1/k) of this one: 2/k for ReLU at width 16, less for the others (this
    // check)
    let bound = 4.0 / DEEP as f64;
    let planted = "layers with one unit more";
    Ok(claim.compared(compare(case)?, bound, planted, compare(&wider)?))
}

/// Berry and Esseen's bound at every depth tried. It is proved, and 13 to 32 times as large as what
/// it bounds: the check would see a computed law that is far off, such as that of its control,
/// whose drift is He's rule's. At depth 1 that one is within the bound too.
fn berry_esseen(case: &Case) -> Result<Check> {
    let step = DepthLaw::preserving(&case.law, 1.0, 1)?;
    let he = DepthLaw::preserving(&case.law, 2.0, 1)?;
    let bound = 0.4748 * step.step_roughness();
    let compare = |law: &DepthLaw| {
        let all = each([1, 2, 4, 16, 64, 256, 1024], |depth: u64| {
            let observed = (depth as f64).sqrt() * normal_distance(law, &step, depth)?;
            Ok(Compared {
                observed,
                error: observed / bound,
            })
        })?;
        Compared::worst(all.into_iter().map(Ok))
    };
    let claim = Claim::new(
        format!("{}, s = 1, k = 1 to 1024", case.name()),
        "largest √k times the distance, below Berry and Esseen's 0.4748 ρ",
        bound,
    );
    let planted = "the law under He's rule, centred as if it were this one";
    Ok(claim.compared(compare(&step)?, 1.0, planted, compare(&he)?))
}

/// Histogram of the standardized log-norm with the exact density and the normal one.
fn histogram(settings: &Settings, progress: &Progress) -> Result<Figure> {
    const HALF_BINS: i32 = 20;
    const BIN: f64 = 0.2;
    let case = Case::new(Activation::Relu, 16)?;
    let law = DepthLaw::preserving(&case.law, 1.0, DEPTH as u64)?;
    let (mean, deviation) = (law.moments().0, law.moments().1.sqrt());
    let table = law.table()?;
    let sample: Vec<f64> = log_norms(&case, "figure", 1.0, settings, progress)?
        .iter()
        .map(|x| (x - mean) / deviation)
        .collect();
    let steps = (-HALF_BINS..HALF_BINS).map(|bin| {
        let left = f64::from(bin) * BIN;
        let inside = |z: &&f64| (left..left + BIN).contains(*z);
        let count = sample.iter().filter(inside).count() as f64;
        (left, count / sample.len() as f64 / BIN, BIN)
    });
    let curve = |density: &dyn Fn(f64) -> f64| -> Vec<(f64, f64)> {
        (-80..=80)
            .map(|i| f64::from(i) / 20.0)
            .map(|z| (z, density(z)))
            .collect()
    };
    let normal = Normal::standard();
    let limit = curve(&|z| normal.pdf(z));
    let exact = curve(&|z| deviation * table.density(mean + deviation * z));
    let series = vec![
        Series::new(Mark::Steps, color::SIMULATED, steps).labelled("simulated"),
        Series::exact(Mark::Dashed, color::LIMIT, limit).labelled("normal limit"),
        Series::exact(Mark::Line, color::EXACT, exact).labelled("exact"),
    ];
    let (x_label, y_label) = ("(log‖xₖ‖ − kμ)/√(kv)", "density");
    let figure = Figure::new("t6-log-normality", x_label, y_label, series);
    Ok(figure.with_caption(format!(
        "The standardized log-norm of {} networks of real matrices (ReLU, width 16, depth {DEPTH}, σ(1, 16)): \
         the exact density at this depth lies over the histogram, and the normal limit a little beside it.",
        sample.len()
    )))
}

/// Sample quantiles of the log-norm less the exact ones, and where the normal law's would be.
fn quantiles(settings: &Settings, progress: &Progress) -> Result<Figure> {
    let case = Case::new(Activation::Relu, 16)?;
    let law = DepthLaw::preserving(&case.law, 1.0, DEPTH as u64)?;
    let (mean, deviation) = (law.moments().0, law.moments().1.sqrt());
    let table = law.table()?;
    let mut sample = log_norms(&case, "figure", 1.0, settings, progress)?;
    sample.sort_by(f64::total_cmp);
    let n = sample.len() as f64;
    let normal = Normal::standard();
    let mut points = Vec::new();
    let mut limit = Vec::new();
    for i in 1..40 {
        let p = 0.5 + 0.499 * ((f64::from(i) - 20.0) / 20.0 * 1.2).tanh() / 1.2_f64.tanh();
        let exact = law.quantile(p)?;
        let z = (exact - mean) / deviation;
        let found = sample[((p * n) as usize).min(sample.len() - 1)];
        // standard error of a quantile
        let error = (p * (1.0 - p) / n).sqrt() / (table.density(exact) * deviation);
        points.push((z, (found - exact) / deviation, 1.96 * error));
        limit.push((z, normal.inverse_cdf(p) - z));
    }
    let ends = [limit[0].0, limit[limit.len() - 1].0];
    let series = vec![
        Series::exact(Mark::Line, color::EXACT, ends.map(|z| (z, 0.0))).labelled("exact law"),
        Series::exact(Mark::Dashed, color::LIMIT, limit).labelled("normal limit"),
        Series::new(Mark::Points, color::SIMULATED, points).labelled("simulated"),
    ];
    let x_label = "exact quantile of (log‖xₖ‖ − kμ)/√(kv)";
    let y_label = "difference to the exact quantile";
    let figure = Figure::new("t6-quantiles", x_label, y_label, series);
    Ok(figure.with_caption(format!(
        "Quantiles of the same {} log-norms (ReLU, width 16, depth {DEPTH}) less the exact ones, with 95 % intervals: \
         they lie on the exact law. The dashed curve is where a normal sample would lie.",
        sample.len()
    )))
}

/// Distance to the normal law against depth, exact, with the Edgeworth coefficient's line.
fn convergence() -> Result<Figure> {
    let mut series = Vec::new();
    for activation in [
        Activation::Relu,
        Activation::LeakyRelu { slope: 0.25 },
        Activation::Linear,
    ] {
        let color = color::of_activation(activation);
        let case = Case::new(activation, 16)?;
        let coefficient = edgeworth_coefficient(&case);
        let depths: Vec<u64> = (0..=12).map(|j| 1 << j).collect();
        let step = DepthLaw::preserving(&case.law, 1.0, 1)?;
        let points = each(depths.iter().copied(), |depth| {
            Ok((depth as f64, normal_distance(&step, &step, depth)?))
        })?;
        let distances = Series::exact(Mark::Points, color, points);
        series.push(distances.labelled(activation.to_string()));
        let predicted = |&k: &u64| (k as f64, coefficient / (k as f64).sqrt());
        let rate = depths.iter().map(predicted);
        series.push(Series::exact(Mark::Dashed, color, rate));
    }
    let (x_label, y_label) = ("depth k", "distance to the normal law");
    let figure = Figure::new("t6-convergence", x_label, y_label, series);
    Ok(figure.with_log_x().with_log_y().with_caption(
        "Largest difference between the exact distribution function of the standardized log-norm (width 16) and the normal one. \
         Dashed: |γ₁|φ(0)/(6√k), predicted from one layer's skewness alone.",
    ))
}
