//! T2, classical limits: at s = 2 the scale is LeCun's, He's and its extensions.

use crate::activation::Activation;
use crate::error::Result;
use crate::layer_law::LayerLaw;
use crate::stats::location::{MeanEstimate, power, sample_size};
use crate::theorems::check::{Check, Control, Evidence, SINGLE_LEVEL, WANTED_POWER};
use crate::theorems::figure::{Figure, Mark, Series};
use crate::theorems::sample::{
    ACTIVATIONS, Case, Outcome, PATH_DEPTH, Progress, Settings, cases, path_count, powers,
    relative_scales,
};

pub const STATEMENT: &str = "At $s = 2$ the scale $sigma(2, d)^2$ is $1\\/d$ for linear units (LeCun), \
$2\\/d$ for ReLU (He), $2\\/((1 + a^2) d)$ for Leaky ReLU of slope $a$, and \
$2\\/((1 + (l^2 + l u + u^2)\\/3) d)$ for randomized slopes on $[l, u]$. Dropout multiplies it by the keep probability.";

pub const REASON: &str = "$EE Q = d thin EE c$, and $EE c$ is the mean squared slope of a unit whose \
pre-activation has a symmetric law: one half from each side.";

const WIDTHS: [usize; 2] = [16, 64];

/// A classical rule made for another activation.
const WRONG_RULE: &str = "another activation's rule (LeCun's for ReLU, else He's)";

pub fn run(settings: &Settings, progress: &Progress) -> Result<Outcome> {
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

/// The integral at s = 2 against the textbook formula, widths 1 to 10¹².
fn formula(activation: Activation) -> Result<Check> {
    let mut largest: f64 = 0.0;
    let mut observed = 0.0;
    for exponent in 0..=12 {
        let width = 10_u64.pow(exponent);
        observed = LayerLaw::new(activation, width)?.scale(2.0)?.powi(2) * width as f64;
        largest = largest.max((observed / classical(activation) - 1.0).abs());
    }
    let bound = 1e-14;
    let wrong = wrong_rule(activation);
    let score = (observed / wrong - 1.0).abs();
    Ok(Check {
        case: format!("{activation}, d = 1 to 1e12"),
        quantity: "weight variance in units of 1/d".into(),
        predicted: classical(activation),
        observed,
        evidence: Evidence::Numerical {
            error: largest,
            bound,
        },
        control: Control {
            name: format!("against {WRONG_RULE}"),
            observed: wrong,
            score,
            rejected: score > bound,
        },
    })
}

/// E(‖x_k‖/‖x_{k−1}‖)² = 1 on real matrices at the classical scale.
fn second_moment(case: &Case, settings: &Settings, progress: &Progress) -> Result<Check> {
    let d = case.width as f64;
    let scale = (classical(case.activation) / d).sqrt();
    let wrong = wrong_rule(case.activation);
    let factor = wrong / classical(case.activation);
    let deviation = (scale.powi(4) * fourth_moment(case) - 1.0).sqrt();
    let layers = sample_size(factor - 1.0, deviation, factor, SINGLE_LEVEL, WANTED_POWER);
    let count = (path_count(layers) as f64 * settings.effort).ceil() as u64;
    let estimate = |experiment: &str, scale: f64| -> Result<MeanEstimate> {
        let paths = case.paths(settings, experiment, scale, count, PATH_DEPTH, progress)?;
        Ok(MeanEstimate::from_sample(powers(&paths, 2.0)))
    };
    let found = estimate("T2 check", scale)?;
    let control = estimate("T2 control", (wrong / d).sqrt())?;
    let shift = (factor - 1.0) / (deviation / (found.size as f64).sqrt());
    Ok(Check {
        case: format!("{}, s = 2", case.name()),
        quantity: "mean of (‖xₖ‖/‖xₖ₋₁‖)²".into(),
        predicted: 1.0,
        observed: found.mean,
        evidence: Evidence::Statistical {
            observations: found.size as u64,
            standard_error: Some(found.standard_error),
            p_value: found.p_value(1.0),
            uniform: true,
            alternative: format!("network scaled by {WRONG_RULE}"),
            alternative_value: factor,
            power: power(shift, factor, SINGLE_LEVEL),
        },
        control: Control {
            name: format!("network scaled by {WRONG_RULE}"),
            observed: control.mean,
            score: control.p_value(1.0),
            rejected: control.p_value(1.0) <= SINGLE_LEVEL,
        },
    })
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
    for (color, width) in [4, 16, 64].into_iter().enumerate() {
        let case = Case::new(Activation::Relu, width)?;
        let he = case.law.scale(2.0)?;
        let curve = (8..=80).map(|i| {
            let s = f64::from(i) / 40.0;
            Ok((s, case.law.scale(s)? / he, 0.0))
        });
        series.push(Series {
            label: format!("d = {width}"),
            mark: Mark::Line,
            color,
            points: curve.collect::<Result<_>>()?,
        });
        let count = (400.0 * settings.effort).ceil() as u64;
        let paths = case.paths(settings, "T2 figure", he, count, PATH_DEPTH, progress)?;
        series.push(Series {
            label: String::new(),
            mark: Mark::Points,
            color,
            points: relative_scales(&paths, &[0.5, 1.0, 1.5, 2.0]),
        });
    }
    Ok(Figure {
        name: "t2-scale-against-order",
        x_label: "moment order s".into(),
        y_label: "σ(s, d) / σ(2, d)".into(),
        categories: Vec::new(),
        x_log: false,
        y_log: false,
        series,
        caption:
            "The exact scale relative to He's, ReLU. Lines: exact. Points: estimated from real \
             matrices, with 95 % intervals. At s = 2 every curve meets 1; the smaller s and the \
             width, the larger the weights."
                .into(),
    })
}
