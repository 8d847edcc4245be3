//! T4, order: σ(s,d) strictly decreases in s; as s → 0 it tends to the Lyapunov scale, or diverges
//! where units can die.

use crate::activation::Activation;
use crate::error::Result;
use crate::layer_law::{LayerLaw, Weights};
use crate::stats::location::MeanEstimate;
use crate::theorems::case::{ACTIVATIONS, Case, cases, orthogonal_cases};
use crate::theorems::check::Check;
use crate::theorems::claim::{Alternative, Claim, Compared};
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series, order_label};
use crate::theorems::sample::{Design, PATH_DEPTH, relative_scales};
use crate::theorems::section::{ChecksAndFigures, Section};
use crate::theorems::settings::{Progress, Settings};
use crate::theorems::table::{Notation, Table};

pub const SECTION: Section = Section {
    title: "Order in s",
    statement: "$sigma(s, d)$ strictly decreases in $s$. With $epsilon = PP(Q > 0)$, \
$ sigma(s, d) epsilon^(1\\/s) -> sigma_0 = exp(-EE[1/2 log Q | Q > 0]) quad (s -> 0): $ \
it tends to the Lyapunov scale $sigma_0$ when units cannot die, and diverges like $epsilon^(-1\\/s)$ when they can. At $sigma_0$ the typical output keeps its size: \
$EE[log norm(x_k) - log norm(x_(k-1)) | x_k != 0] = 0$.",
    reason: "$s |-> EE[Q^(s\\/2)]^(1\\/s)$ is the $L^s$ norm of $sqrt(Q)$, which strictly increases as $Q$ is not constant (Lyapunov's inequality). \
The limit is the derivative at 0 of the cumulant generating function of $1/2 log Q$ given survival.",
    run,
    tables,
    percent_of_time: 0.3,
};

const WIDTHS: [usize; 2] = [4, 16];

/// Orders at which the order is checked.
const GRID: [f64; 9] = [0.01, 0.05, 0.1, 0.3, 0.6, 1.0, 1.4, 1.8, 2.0];

fn run(settings: &Settings, progress: &Progress) -> Result<ChecksAndFigures> {
    let (mut order, mut limit, mut typical) = (Vec::new(), Vec::new(), Vec::new());
    for case in cases(&WIDTHS)? {
        order.push(decreasing(&case)?);
        limit.push(small_order(&case)?);
    }
    for case in cases(&WIDTHS[1..])?
        .into_iter()
        .chain(orthogonal_cases(&WIDTHS[1..])?)
    {
        typical.push(lyapunov(&case, settings, progress)?);
    }
    let checks = order.into_iter().chain(limit).chain(typical).collect();
    Ok((
        checks,
        vec![figure(settings, progress)?, phases(settings, progress)?],
    ))
}

/// The Lyapunov scale and the drift that other scales have, Gaussian weights beside orthogonal
/// ones.
fn tables() -> Result<Vec<Table>> {
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

/// The largest ratio of σ at successive orders is below 1. The control is the layer that the
/// theorem excludes: where Q is constant, one σ keeps the moments of all orders.
pub(super) fn decreasing(case: &Case) -> Result<Check> {
    let compare = |law: &LayerLaw| {
        Compared::worst(GRID.windows(2).map(|orders| {
            let ratio = law.scale(orders[1])? / law.scale(orders[0])?;
            Ok(Compared {
                observed: ratio,
                error: ratio,
            })
        }))
    };
    let constant = LayerLaw::new(Activation::Linear, case.law.width())?;
    let constant = constant.with_weights(Weights::Orthogonal);
    let (found, wrong) = (compare(&case.law)?, compare(&constant)?);
    let claim = Claim::new(
        format!("{}, s = 0.01 to 2", case.name()),
        "largest σ(s′, d)/σ(s, d) with s < s′, below 1",
        1.0,
    );
    // scales are right to 1e-14: what is nearer to 1 is not seen to decrease
    let bound = 1.0 - 1e-12;
    let excluded = "linear units, orthogonal weights: Q is constant";
    Ok(claim.compared(found, bound, excluded, wrong))
}

/// σ(s,d)·P(Q>0)^{1/s} at s = 10⁻³ is the Lyapunov scale but for its term of first order in s. The
/// control is the scale of order 2s, where that term is another one.
pub(super) fn small_order(case: &Case) -> Result<Check> {
    let s = 1e-3;
    let lyapunov = case.law.lyapunov_scale()?;
    // in logarithms: for ReLU σ itself is beyond any double
    let conditional = |s: f64| -> Result<f64> {
        let mean = case.law.log_cumulants().mean;
        Ok(case.law.log_growth(s)? - mean + case.law.log_survival_probability() / s)
    };
    // log E[Q^{s/2}|Q>0]/s = mean + s·variance/2 + s²·third/6 + …
    let cumulants = case.law.log_cumulants();
    let slope = 0.5 * cumulants.variance;
    let compare = |order: f64| -> Result<Compared> {
        let observed = conditional(order)?.exp();
        Ok(Compared {
            observed,
            error: ((observed / lyapunov).ln() + s * slope).abs(),
        })
    };
    // twice what the next term leaves, and rounding
    let bound = s * s * cumulants.third.abs() / 3.0 + 1e-12;
    let claim = Claim::new(
        format!("{}, s = {s}", case.name()),
        "σ(s, d)·P(Q > 0)^(1/s), predicted σ₀·e^(−sv/2)",
        lyapunov * (-s * slope).exp(),
    );
    let planted = format!("the scale of order {}", 2.0 * s);
    Ok(claim.compared(compare(s)?, bound, planted, compare(2.0 * s)?))
}

/// At the Lyapunov scale the mean log-increment is 0 given survival; the control is scaled by
/// σ(1, d).
pub(super) fn lyapunov(case: &Case, settings: &Settings, progress: &Progress) -> Result<Check> {
    let deviation = case.law.log_cumulants().variance.sqrt();
    let (right, other) = (case.law.lyapunov_scale()?, case.law.scale(1.0)?);
    let shift = (other / right).ln();
    let design = Design {
        effect: shift,
        deviation,
        spread: 1.0,
    };
    let count = design.paths(settings)?;
    let estimate = |experiment: &str, scale: f64| -> Result<MeanEstimate> {
        let name = format!("T4 {experiment}");
        let paths = case.paths(settings, &name, scale, count, PATH_DEPTH, progress)?;
        MeanEstimate::from_sample(paths.iter().flat_map(|p| p.increments()))
    };
    let (found, wrong) = (estimate("check", right)?, estimate("control", other)?);
    let claim = Claim::new(
        format!("{}, s = 0", case.name()),
        "mean of log(‖xₖ‖/‖xₖ₋₁‖) at the Lyapunov scale",
        0.0,
    );
    let scaled_wrong = "network scaled by σ(1, d)";
    let alternative = Alternative {
        name: scaled_wrong.into(),
        value: shift,
        power: design.power(found.size)?,
    };
    Ok(claim.of_mean(&found, alternative, scaled_wrong, &wrong))
}

/// σ(s,d) over the Lyapunov scale against s: exact, and estimated from networks at that scale.
fn figure(settings: &Settings, progress: &Progress) -> Result<Figure> {
    let count = settings.count(400.0);
    let mut series = Vec::new();
    for activation in ACTIVATIONS {
        let color = color::of_activation(activation);
        let case = Case::new(activation, 8)?;
        let lyapunov = case.law.lyapunov_scale()?;
        let mut points = Vec::new();
        for i in 0..=60 {
            let s = 0.01 * 200_f64.powf(f64::from(i) / 60.0);
            points.push((s, case.law.scale(s)? / lyapunov));
        }
        let exact = Series::exact(Mark::Line, color, points);
        series.push(exact.labelled(activation.to_string()));
        let paths = case.paths(settings, "T4 figure", lyapunov, count, PATH_DEPTH, progress)?;
        let estimated = relative_scales(&paths, &[0.05, 0.2, 0.5, 1.0, 2.0])?;
        series.push(Series::new(Mark::Points, color, estimated));
    }
    let (x_label, y_label) = ("moment order s", "σ(s, 8) over the Lyapunov scale");
    let figure = Figure::new("t4-order", x_label, y_label, series).with_log_x();
    Ok(figure.with_caption(format!(
        "The scale that keeps E‖x‖ˢ over the one that keeps E log‖x‖ given survival, width 8. Lines: exact. Points: estimated from {count} networks of {PATH_DEPTH} \
         real matrices, with 95 % intervals. It decreases in s for every activation and tends to 1 \
         as s → 0 where units cannot die; the ReLU layer, dead with probability 1/256, turns upwards at the smallest orders."
    )))
}

/// What networks of a width and a scale do: vanish, vanish but for rare huge outputs, or explode.
/// The scale is drawn as d(σ²/σ(2,d)² − 1), which tends to a constant for each order and for the
/// Lyapunov scale.
fn phases(settings: &Settings, progress: &Progress) -> Result<Figure> {
    let activation = Activation::LeakyRelu { slope: 0.01 };
    let count = settings.count(1000.0);
    let above_he = |width: f64, scale: f64, he: f64| width * ((scale / he).powi(2) - 1.0);
    let line = |scale: &dyn Fn(&LayerLaw) -> Result<f64>| -> Result<Vec<(f64, f64)>> {
        let widths = (12..=36).map(|i| 2_f64.powf(f64::from(i) / 4.0).round());
        let point = |width: f64| {
            let law = LayerLaw::new(activation, width as u64)?;
            Ok((width, above_he(width, scale(&law)?, law.scale(2.0)?)))
        };
        widths.map(point).collect()
    };
    let mut series = Vec::new();
    for s in [2.0, 1.5, 1.0, 0.5] {
        let exact = Series::exact(Mark::Dashed, color::of_order(s), line(&|law| law.scale(s))?);
        series.push(exact.labelled(order_label(s)));
    }
    let exact = Series::exact(
        Mark::Line,
        color::LYAPUNOV,
        line(&LayerLaw::lyapunov_scale)?,
    );
    series.push(exact.labelled("Lyapunov"));
    let mut simulated = Vec::new();
    for width in [8, 12, 16, 24, 32, 48, 64] {
        let case = Case::new(activation, width)?;
        let he = case.law.scale(2.0)?;
        let paths = case.paths(settings, "T4 phases", he, count, PATH_DEPTH, progress)?;
        // the drift of log‖x‖ at He's scale is log(σ_He/σ₀)
        let drift = MeanEstimate::from_sample(paths.iter().flat_map(|p| p.increments()))?;
        let width = width as f64;
        let value = above_he(width, (-drift.mean).exp(), 1.0);
        let slope = 2.0 * (value + width);
        simulated.push((width, value, 1.96 * slope * drift.standard_error));
    }
    series.push(Series::new(Mark::Points, color::LYAPUNOV, simulated));
    for (note, height) in [
        ("almost every output explodes", 3.6),
        ("outputs vanish, high moments explode", 1.56),
        ("outputs vanish, and their mean square", -0.5),
    ] {
        series.push(Series::exact(Mark::Note, color::LIMIT, [(120.0, height)]).labelled(note));
    }
    let figure = Figure::new("t4-phases", "width d", "d (σ² / σ(2, d)² − 1)", series);
    Ok(figure.with_log_x().with_caption(format!(
        "Phases of deep networks by width and scale, {activation}; He's rule is at 0. Above the Lyapunov line (full) almost every output explodes, below it \
         almost every output vanishes. On the line of s (dashed) E‖x‖ˢ is constant: moments of a higher order explode, those of a lower one vanish. Lines: exact. Points: the Lyapunov \
         scale estimated from {count} networks of {PATH_DEPTH} real matrices at He's scale, with 95 % intervals."
    )))
}
