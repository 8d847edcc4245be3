//! T4, order: σ(s,d) strictly decreases in s; as s → 0 it tends to the Lyapunov scale, or diverges where units can die.

use crate::activation::Activation;
use crate::error::Result;
use crate::layer_law::{LayerLaw, Weights};
use crate::stats::location::{MeanEstimate, power, sample_size};
use crate::theorems::check::{Check, Control, Evidence, SINGLE_LEVEL, WANTED_POWER};
use crate::theorems::figure::{Figure, Mark, Series};
use crate::theorems::sample::{
    ACTIVATIONS, Case, Outcome, PATH_DEPTH, Progress, Settings, cases, order_label,
    orthogonal_cases, path_count, relative_scales,
};
use crate::theorems::table::{Notation, Table};

pub const STATEMENT: &str = "$sigma(s, d)$ strictly decreases in $s$. With $epsilon = PP(Q > 0)$, \
$ sigma(s, d) epsilon^(1\\/s) -> sigma_0 = exp(-EE[1/2 log Q | Q > 0]) quad (s -> 0): $ \
it tends to the Lyapunov scale $sigma_0$ when units cannot die, and diverges like $epsilon^(-1\\/s)$ when they can. At $sigma_0$ the typical output keeps its size: \
$EE[log norm(x_k) - log norm(x_(k-1)) | x_k != 0] = 0$.";

pub const REASON: &str = "$s |-> EE[Q^(s\\/2)]^(1\\/s)$ is the $L^s$ norm of $sqrt(Q)$, which strictly increases as $Q$ is not constant (Lyapunov's inequality). \
The limit is the derivative at 0 of the cumulant generating function of $1/2 log Q$ given survival.";

const WIDTHS: [usize; 2] = [4, 16];

/// Orders at which the order is checked.
const GRID: [f64; 9] = [0.01, 0.05, 0.1, 0.3, 0.6, 1.0, 1.4, 1.8, 2.0];

pub fn run(settings: &Settings, progress: &Progress) -> Result<Outcome> {
    let (mut order, mut limit, mut typical) = (Vec::new(), Vec::new(), Vec::new());
    for case in cases(&WIDTHS)? {
        order.push(decreasing(&case)?);
        limit.push(small_order(&case)?);
    }
    for case in cases(&WIDTHS[1..])?
        .into_iter()
        .chain(orthogonal_cases(WIDTHS[1])?)
    {
        typical.push(lyapunov(&case, settings, progress)?);
    }
    let checks = order.into_iter().chain(limit).chain(typical).collect();
    Ok((
        checks,
        vec![figure(settings, progress)?, phases(settings, progress)?],
    ))
}

/// The Lyapunov scale and the drift that other scales have, Gaussian weights beside orthogonal ones.
pub fn tables() -> Result<Vec<Table>> {
    let slope = 0.01;
    let mut rows = Vec::new();
    for width in [16_u32, 64, 256, 1024] {
        let mut row = vec![f64::from(width)];
        for weights in [Weights::Gaussian, Weights::Orthogonal] {
            let law = LayerLaw::new(Activation::LeakyRelu { slope }, u64::from(width))?;
            let law = law.with_weights(weights);
            row.extend([
                law.lyapunov_scale()?,
                law.log_growth(1.0)?,
                law.log_growth(2.0)?,
                law.log_cumulants().variance,
            ]);
        }
        rows.push(row);
    }
    let block = [
        ("σ₀", Notation::Decimals),
        ("μ, s = 1", Notation::Short),
        ("μ, He", Notation::Short),
        ("v", Notation::Short),
    ];
    let columns = std::iter::once(("d", Notation::Plain))
        .chain(block)
        .chain(block);
    Ok(vec![Table {
        name: "t4-lyapunov",
        caption: format!(
            "Leaky ReLU with slope {slope}, Gaussian weights (left) and orthogonal ones (right): the Lyapunov scale σ₀, at which the typical norm keeps its size \
             (for orthogonal weights the choice of Kogler, Schwarz & Kittle, 2026), and the drift μ of the log-norm and its variance v in each layer at σ(1,d) and under He's rule. Orthogonal \
             weights take 1/(2d) away from v: the drift is smaller, and the choice of s matters less."
        ),
        columns: columns
            .map(|(heading, notation)| (heading.into(), notation))
            .collect(),
        rows,
    }])
}

/// The largest ratio of σ at successive orders is below 1; backwards it is not.
pub(super) fn decreasing(case: &Case) -> Result<Check> {
    let scales: Vec<f64> = GRID
        .iter()
        .map(|&s| case.law.scale(s))
        .collect::<Result<_>>()?;
    let ratios = |list: &[f64]| list.windows(2).map(|p| p[1] / p[0]).fold(0.0, f64::max);
    let observed = ratios(&scales);
    let backwards: Vec<f64> = scales.iter().rev().copied().collect();
    let wrong = ratios(&backwards);
    Ok(Check {
        case: format!("{}, s = 0.01 to 2", case.name()),
        quantity: "largest σ(s′, d)/σ(s, d) with s < s′, below 1".into(),
        predicted: 1.0,
        observed,
        evidence: Evidence::Numerical {
            error: observed,
            bound: 1.0 - 1e-12,
        },
        control: Control {
            name: "the orders backwards".into(),
            observed: wrong,
            score: wrong,
            rejected: wrong > 1.0 - 1e-12,
        },
    })
}

/// σ(s,d)·P(Q>0)^{1/s} at s = 10⁻³ is within the linear term of the Lyapunov scale.
pub(super) fn small_order(case: &Case) -> Result<Check> {
    let s = 1e-3;
    let lyapunov = case.law.lyapunov_scale()?;
    // in logarithms: for ReLU σ itself is beyond any double
    let conditional = |s: f64| -> Result<f64> {
        let mean = case.law.log_cumulants().mean;
        Ok(case.law.log_growth(s)? - mean + case.law.log_alive_probability() / s)
    };
    let observed = conditional(s)?.exp();
    // log E[Q^{s/2}|Q>0]/s = mean + s·variance/2 + …
    let slope = 0.5 * case.law.log_cumulants().variance;
    let error = |value: f64| (value / lyapunov).ln() + s * slope;
    let bound = 1e-6;
    let he = case.law.scale(2.0)?;
    Ok(Check {
        case: format!("{}, s = {s}", case.name()),
        quantity: "σ(s, d)·P(Q > 0)^(1/s)".into(),
        predicted: lyapunov * (-s * slope).exp(),
        observed,
        evidence: Evidence::Numerical {
            error: error(observed).abs(),
            bound,
        },
        control: Control {
            name: "He's scale as the limit".into(),
            observed: he,
            score: error(he).abs(),
            rejected: error(he).abs() > bound,
        },
    })
}

/// At the Lyapunov scale the mean log-increment is 0 given survival; the control is scaled by σ(1, d).
pub(super) fn lyapunov(case: &Case, settings: &Settings, progress: &Progress) -> Result<Check> {
    let deviation = case.law.log_cumulants().variance.sqrt();
    let (right, other) = (case.law.lyapunov_scale()?, case.law.scale(1.0)?);
    let shift = (other / right).ln();
    let layers = sample_size(shift, deviation, 1.0, SINGLE_LEVEL, WANTED_POWER);
    let count = (path_count(layers) as f64 * settings.effort).ceil() as u64;
    let estimate = |experiment: &str, scale: f64| -> Result<MeanEstimate> {
        let name = format!("T4 {experiment}");
        let paths = case.paths(settings, &name, scale, count, PATH_DEPTH, progress)?;
        Ok(MeanEstimate::from_sample(
            paths.iter().flat_map(|p| p.increments()),
        ))
    };
    let (found, wrong) = (estimate("check", right)?, estimate("control", other)?);
    Ok(Check {
        case: format!("{}, s = 0", case.name()),
        quantity: "mean of log(‖xₖ‖/‖xₖ₋₁‖) at the Lyapunov scale".into(),
        predicted: 0.0,
        observed: found.mean,
        evidence: Evidence::Statistical {
            observations: found.size as u64,
            standard_error: Some(found.standard_error),
            p_value: found.p_value(0.0),
            uniform: true,
            alternative: "network scaled by σ(1, d)".into(),
            alternative_value: shift,
            power: power(
                shift / deviation * (found.size as f64).sqrt(),
                1.0,
                SINGLE_LEVEL,
            ),
        },
        control: Control {
            name: "network scaled by σ(1, d)".into(),
            observed: wrong.mean,
            score: wrong.p_value(0.0),
            rejected: wrong.p_value(0.0) <= SINGLE_LEVEL,
        },
    })
}

/// σ(s,d) over the Lyapunov scale against s: exact, and estimated from networks at that scale.
fn figure(settings: &Settings, progress: &Progress) -> Result<Figure> {
    let count = (400.0 * settings.effort).ceil() as u64;
    let mut series = Vec::new();
    for (color, activation) in ACTIVATIONS.into_iter().enumerate() {
        let case = Case::new(activation, 8)?;
        let lyapunov = case.law.lyapunov_scale()?;
        let mut points = Vec::new();
        for i in 0..=60 {
            let s = 0.01 * 200_f64.powf(f64::from(i) / 60.0);
            points.push((s, case.law.scale(s)? / lyapunov, 0.0));
        }
        series.push(Series {
            label: activation.to_string(),
            mark: Mark::Line,
            color,
            points,
        });
        let paths = case.paths(settings, "T4 figure", lyapunov, count, PATH_DEPTH, progress)?;
        series.push(Series {
            label: String::new(),
            mark: Mark::Points,
            color,
            points: relative_scales(&paths, &[0.05, 0.2, 0.5, 1.0, 2.0]),
        });
    }
    Ok(Figure {
        name: "t4-order",
        x_label: "moment order s".into(),
        y_label: "σ(s, 8) over the Lyapunov scale".into(),
        categories: Vec::new(),
        x_log: true,
        y_log: false,
        series,
        caption: format!(
            "The scale that keeps E‖x‖ˢ over the one that keeps E log‖x‖ given survival, width 8. Lines: exact. Points: estimated from {count} networks of {PATH_DEPTH} \
             real matrices, with 95 % intervals. It decreases in s for every activation and tends to 1 \
             as s → 0 where units cannot die; the ReLU layer, dead with probability 1/256, turns upwards at the smallest orders."
        ),
    })
}

/// What networks of a width and a scale do: vanish, vanish but for rare huge outputs, or explode. The scale is drawn as d(σ²/σ(2,d)² − 1), which
/// tends to a constant for each order and for the Lyapunov scale.
fn phases(settings: &Settings, progress: &Progress) -> Result<Figure> {
    let activation = Activation::LeakyRelu { slope: 0.01 };
    let count = (1000.0 * settings.effort).ceil() as u64;
    let above_he = |width: f64, scale: f64, he: f64| width * ((scale / he).powi(2) - 1.0);
    let line = |scale: &dyn Fn(&LayerLaw) -> Result<f64>| -> Result<Vec<(f64, f64, f64)>> {
        let widths = (12..=36).map(|i| 2_f64.powf(f64::from(i) / 4.0).round());
        let point = |width: f64| {
            let law = LayerLaw::new(activation, width as u64)?;
            Ok((width, above_he(width, scale(&law)?, law.scale(2.0)?), 0.0))
        };
        widths.map(point).collect()
    };
    let mut series = Vec::new();
    for (color, s) in [2.0, 1.5, 1.0, 0.5].into_iter().enumerate() {
        series.push(Series {
            label: order_label(s),
            mark: Mark::Dashed,
            color,
            points: line(&|law| law.scale(s))?,
        });
    }
    series.push(Series {
        label: "Lyapunov".into(),
        mark: Mark::Line,
        color: 4,
        points: line(&LayerLaw::lyapunov_scale)?,
    });
    let mut simulated = Vec::new();
    for width in [8, 12, 16, 24, 32, 48, 64] {
        let case = Case::new(activation, width)?;
        let he = case.law.scale(2.0)?;
        let paths = case.paths(settings, "T4 phases", he, count, PATH_DEPTH, progress)?;
        // the drift of log‖x‖ at He's scale is log(σ_He/σ₀)
        let drift = MeanEstimate::from_sample(paths.iter().flat_map(|p| p.increments()));
        let width = width as f64;
        let value = above_he(width, (-drift.mean).exp(), 1.0);
        let slope = 2.0 * (value + width);
        simulated.push((width, value, 1.96 * slope * drift.standard_error));
    }
    series.push(Series {
        label: String::new(),
        mark: Mark::Points,
        color: 4,
        points: simulated,
    });
    for (note, height) in [
        ("almost every output explodes", 3.6),
        ("outputs vanish, high moments explode", 1.56),
        ("outputs vanish, and their mean square", -0.5),
    ] {
        series.push(Series {
            label: note.into(),
            mark: Mark::Note,
            color: 4,
            points: vec![(120.0, height, 0.0)],
        });
    }
    Ok(Figure {
        name: "t4-phases",
        x_label: "width d".into(),
        y_label: "d (σ² / σ(2, d)² − 1)".into(),
        categories: Vec::new(),
        x_log: true,
        y_log: false,
        series,
        caption: format!(
            "Phases of deep networks by width and scale, {activation}; He's rule is at 0. Above the Lyapunov line (grey) almost every output explodes, below it \
             almost every output vanishes. On the line of s (dashed) E‖x‖ˢ is constant: moments of a higher order explode, those of a lower one vanish. Lines: exact. Points: the Lyapunov \
             scale estimated from {count} networks of {PATH_DEPTH} real matrices at He's scale, with 95 % intervals."
        ),
    })
}
