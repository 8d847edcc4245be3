//! T2, classical limits: at s = 2 the scale is LeCun's, He's and its extensions.

use crate::activation::Activation;
use crate::error::Result;
use crate::layer_law::LayerLaw;
use crate::stats::location::MeanEstimate;
use crate::theorems::case::{ACTIVATIONS, Case, cases};
use crate::theorems::check::Check;
use crate::theorems::claim::{Alternative, Claim, Compared};
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series};
use crate::theorems::sample::{Design, PATH_DEPTH, powers, relative_scales};
use crate::theorems::section::{ChecksAndFigures, Section, no_tables};
use crate::theorems::settings::{Progress, Settings};

pub const SECTION: Section = Section {
    title: "Classical limits",
    statement: "At $s = 2$ the scale $sigma(2, d)^2$ is $1\\/d$ for linear units (LeCun), \
$2\\/d$ for ReLU (He), $2\\/((1 + a^2) d)$ for Leaky ReLU of slope $a$, and \
$2\\/((1 + (l^2 + l u + u^2)\\/3) d)$ for randomized slopes on $[l, u]$. Dropout multiplies it by the keep probability.",
    reason: "$EE Q = d thin EE c$, and $EE c$ is the mean squared slope of a unit whose \
pre-activation has a symmetric law: one half from each side.",
    run,
    tables: no_tables,
    percent_of_time: 0.2,
};

const WIDTHS: [usize; 2] = [16, 64];

/// A classical rule made for another activation.
const WRONG_RULE: &str = "another activation's rule (LeCun's for ReLU, else He's)";

fn run(settings: &Settings, progress: &Progress) -> Result<ChecksAndFigures> {
    let mut checks = Vec::new();
    for activation in ACTIVATIONS {
        checks.push(formula(activation)?);
    }
    for case in cases(&WIDTHS)? {
        checks.push(second_moment(&case, settings, progress)?);
    }
    Ok((checks, vec![figure(settings, progress)?]))
}

/// The textbook variance times d.
fn classical(activation: Activation) -> f64 {
    match activation {
        Activation::Linear => 1.0,
        Activation::Relu => 2.0,
        Activation::LeakyRelu { slope: a } => 2.0 / (1.0 + a * a),
        Activation::RandomizedLeakyRelu { lower: l, upper: u } => {
            2.0 / (1.0 + (l * l + l * u + u * u) / 3.0)
        }
    }
}

/// The variance times d of [`WRONG_RULE`].
fn wrong_rule(activation: Activation) -> f64 {
    match activation {
        Activation::Relu => 1.0,
        _ => 2.0,
    }
}

/// The integral at s = 2 against the textbook formula, widths 1 to 10¹². The control's order is a
/// little smaller: its scale is another one in narrow layers only.
fn formula(activation: Activation) -> Result<Check> {
    let classical = classical(activation);
    let compare = |s: f64| {
        Compared::worst((0..=12).map(|exponent| {
            let width = 10_u64.pow(exponent);
            let scale = LayerLaw::new(activation, width)?.scale(s)?;
            let observed = scale.powi(2) * width as f64;
            Ok(Compared {
                observed,
                error: (observed / classical - 1.0).abs(),
            })
        }))
    };
    let claim = Claim::new(
        format!("{activation}, d = 1 to 1e12"),
        "weight variance in units of 1/d",
        classical,
    );
    // a few units in the last place of the integral
    let bound = 1e-14;
    Ok(claim.compared(
        compare(2.0)?,
        bound,
        "the scale of order 1.99",
        compare(1.99)?,
    ))
}

/// E(‖x_k‖/‖x_{k−1}‖)² = 1 on real matrices at the classical scale.
fn second_moment(case: &Case, settings: &Settings, progress: &Progress) -> Result<Check> {
    let d = case.width as f64;
    let scale = (classical(case.activation) / d).sqrt();
    let wrong = wrong_rule(case.activation);
    let factor = wrong / classical(case.activation);
    let deviation = (scale.powi(4) * fourth_moment(case) - 1.0).sqrt();
    let design = Design {
        effect: factor - 1.0,
        deviation,
        spread: factor,
    };
    let count = design.paths(settings)?;
    let estimate = |experiment: &str, scale: f64| -> Result<MeanEstimate> {
        let paths = case.paths(settings, experiment, scale, count, PATH_DEPTH, progress)?;
        MeanEstimate::from_sample(powers(&paths, 2.0))
    };
    let found = estimate("T2 check", scale)?;
    let control = estimate("T2 control", (wrong / d).sqrt())?;
    let claim = Claim::new(
        format!("{}, s = 2", case.name()),
        "mean of (‖xₖ‖/‖xₖ₋₁‖)²",
        1.0,
    );
    let scaled_wrong = format!("network scaled by {WRONG_RULE}");
    let alternative = Alternative {
        name: scaled_wrong.clone(),
        value: factor,
        power: design.power(found.size)?,
    };
    Ok(claim.of_mean(&found, alternative, scaled_wrong, &control))
}

/// E Q² = d(d−1)·E c² + 3d·E c².
fn fourth_moment(case: &Case) -> f64 {
    let d = case.width as f64;
    let mean = 1.0 / classical(case.activation);
    let square = 0.5
        + 0.5
            * match case.activation {
                Activation::Linear => 1.0,
                Activation::Relu => 0.0,
                Activation::LeakyRelu { slope } => slope.powi(4),
                Activation::RandomizedLeakyRelu { lower: l, upper: u } => {
                    (u.powi(5) - l.powi(5)) / (5.0 * (u - l))
                }
            };
    d * (d - 1.0) * mean * mean + 3.0 * d * square
}

/// σ(s,d)/σ(2,d) against s.
fn figure(settings: &Settings, progress: &Progress) -> Result<Figure> {
    let mut series = Vec::new();
    for (color, width) in color::STEPS.into_iter().zip([4, 16, 64]) {
        let case = Case::new(Activation::Relu, width)?;
        let he = case.law.scale(2.0)?;
        let curve = (8..=80).map(|i| {
            let s = f64::from(i) / 40.0;
            Ok((s, case.law.scale(s)? / he))
        });
        let curve = curve.collect::<Result<Vec<_>>>()?;
        series.push(Series::exact(Mark::Line, color, curve).labelled(format!("d = {width}")));
        let count = settings.count(400.0);
        let paths = case.paths(settings, "T2 figure", he, count, PATH_DEPTH, progress)?;
        let estimated = relative_scales(&paths, &[0.5, 1.0, 1.5, 2.0])?;
        series.push(Series::new(Mark::Points, color, estimated));
    }
    let (x_label, y_label) = ("moment order s", "σ(s, d) / σ(2, d)");
    let figure = Figure::new("t2-scale-against-order", x_label, y_label, series);
    Ok(figure.with_caption(
        "The exact scale relative to He's, ReLU. Lines: exact. Points: estimated from real \
         matrices, with 95 % intervals. At s = 2 every curve meets 1; the smaller s and the \
         width, the larger the weights.",
    ))
}
