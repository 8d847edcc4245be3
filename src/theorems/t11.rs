//! T11, gradients: backwards through a network a gradient's norm has the law that a signal's has
//! forwards.

use crate::activation::{Activation, Dropout};
use crate::depth::{DepthLaw, DepthTable};
use crate::error::Result;
use crate::layer_law::{LayerLaw, Weights};
use crate::simulate::{Cotangent, Gradients, Layer, Model};
use crate::stats::location::MeanEstimate;
use crate::theorems::case::{ACTIVATIONS, Case};
use crate::theorems::check::Check;
use crate::theorems::claim::{Alternative, Claim, Compared, HES_RULE, Tested};
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series, order_label};
use crate::theorems::sample::{self, Design, PATH_DEPTH};
use crate::theorems::section::{ChecksAndFigures, Section, no_tables};
use crate::theorems::settings::{Progress, Settings};
use crate::theorems::t8;

pub const SECTION: Section = Section {
    title: "Gradients",
    statement: "Let $J = D_k W_k dots.c D_1 W_1$ be the Jacobian of the network at $x_0 != 0$, without biases. For a fixed $v$, \
$norm(J v)\\/norm(v)$ has the law of $norm(x_k)\\/norm(x_0)$. For a row vector $u$ uniform on the sphere and independent of the network $norm(u J)^2$ is a product of independent factors, \
of which that of a layer with $n$ inputs and $d$ units is distributed as $ sigma^2 (chi_n^2)/(chi_d^2) Q , quad chi_n^2 \"independent of\" Q\\/chi_d^2, quad chi_d^2 = sum_i z_i^2 \"of the\" z_i \"in\" Q : $ \
in square layers it is $sigma^2 Q$, and what T1 to T9 say of networks without biases holds for gradients with the same constants. Else $EE norm(g)^s$ is kept at \
$sigma(s, d) (EE[(chi_d^2)^(s\\/2)]\\/EE[(chi_n^2)^(s\\/2)])^(1\\/s)$, and that of its root-mean-square at $sqrt(n\\/d)$ times that, at $s = 2$ He's rule of fan-out.",
    reason: "Multiply row $i$ of $W_j$ and column $i$ of $W_(j+1)$ by independent random signs: the weights' law does not change, and the slopes become independent of the weights (Hanin & Nica for ReLU). \
$W_j$ then turns $u D_j$ into a vector with a uniform direction and the squared length $sigma^2 norm(u D_j)^2 chi_n^2$.",
    run,
    tables: no_tables,
    percent_of_time: 3.0,
};

const WIDTH: usize = 16;

/// The order that the scale keeps.
const ORDER: f64 = 1.0;

/// Layers of the networks whose whole law is tested.
const DEPTH: usize = 50;

/// Inputs of the rectangular layers, whose units are [`WIDTH`].
const FAN_IN: usize = 24;

fn run(settings: &Settings, progress: &Progress) -> Result<ChecksAndFigures> {
    let case = |activation| Case::new(activation, WIDTH);
    let [linear, relu, leaky, rrelu] = ACTIVATIONS.map(case);
    let [linear, relu, leaky, rrelu] = &[linear?, relu?, leaky?, rrelu?];
    let dropout = Dropout::inverted(0.8)?;
    let masked = &Case::with(Activation::Relu, dropout, Weights::Gaussian, WIDTH)?;
    let mut checks = Vec::new();
    // few of a kind: Holm's rule has room for 400 tests in a run at the level of a single one
    for case in [linear, leaky, rrelu, masked] {
        checks.push(one_layer(case, Way::Gradient, settings, progress)?);
    }
    checks.push(one_layer(relu, Way::Tangent, settings, progress)?);
    for case in [relu, leaky] {
        checks.push(coordinate(case, settings, progress)?);
    }
    for case in [linear, masked] {
        checks.push(rectangular(case, settings, progress)?);
    }
    for case in [relu, rrelu] {
        checks.push(whole_law(case, settings, progress)?);
    }
    for case in [relu, leaky] {
        checks.push(dominates(case, settings, progress)?);
    }
    for case in [linear, relu, leaky, rrelu] {
        checks.push(backward_scale(case)?);
    }
    Ok((checks, vec![figure(settings, progress)?]))
}

/// E[(χ²_n)^{s/2}].
fn chi_moment(units: usize, s: f64) -> Result<f64> {
    LayerLaw::new(Activation::Linear, units as u64)?.moment(s)
}

/// Which product is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Gradient,
    Tangent,
}

/// The products of so many networks that are alive, each drawn weight by weight.
fn drawn(
    (model, cotangent): (&Model, Cotangent),
    settings: &Settings,
    experiment: &str,
    count: u64,
    progress: &Progress,
) -> Result<Vec<Gradients>> {
    let experiment = format!("T11 {experiment}");
    let layers = 3 * model.depth() as u64;
    let draw = |seed, trajectory| Gradients::draw(model, cotangent, seed, trajectory);
    let all = sample::drawn(settings, &experiment, (count, layers), progress, draw);
    let mut all: Vec<Gradients> = all.into_iter().collect::<Result<_>>()?;
    all.retain(|one| one.signal.last() != Some(&f64::NEG_INFINITY));
    Ok(all)
}

/// The s-th powers of every layer's factor.
fn powers(networks: &[Gradients], way: Way) -> impl Iterator<Item = f64> {
    networks.iter().flat_map(move |network| {
        let norms = match way {
            Way::Gradient => &network.gradient,
            Way::Tangent => &network.tangent,
        };
        let before = std::iter::once(&0.0).chain(norms);
        norms
            .iter()
            .zip(before)
            .map(|(now, before)| (ORDER * (now - before)).exp())
    })
}

/// Given that its layer is alive a factor's s-th moment is 1/P(Q > 0) at σ(s, d).
fn one_layer(case: &Case, way: Way, settings: &Settings, progress: &Progress) -> Result<Check> {
    let s = ORDER;
    let (right, he) = (case.law.scale(s)?, case.law.scale(2.0)?);
    let predicted = 1.0 / (1.0 - case.law.dead_probability());
    let factor = (he / right).powf(s);
    let design = Design {
        effect: predicted * (factor - 1.0),
        deviation: (right.powf(2.0 * s) * case.law.moment(2.0 * s)? * predicted
            - predicted.powi(2))
        .sqrt(),
        spread: factor,
    };
    let count = design.paths(settings)?;
    let (quantity, name) = match way {
        Way::Gradient => ("mean of (‖Jᵀu‖ over one layer)ˢ, u uniform", "gradient"),
        Way::Tangent => ("mean of (‖J v‖ over one layer)ˢ, v fixed", "tangent"),
    };
    let estimate = |experiment: &str, scale: f64| -> Result<MeanEstimate> {
        let model = case.model(scale, PATH_DEPTH)?;
        let name = format!("{name} {experiment} {}", case.name());
        let asked = (&model, Cotangent::Uniform);
        let networks = drawn(asked, settings, &name, count, progress)?;
        MeanEstimate::from_sample(powers(&networks, way))
    };
    let (found, wrong) = (estimate("check", right)?, estimate("control", he)?);
    let alternative = Alternative {
        name: HES_RULE.into(),
        value: predicted * factor,
        power: design.power(found.size)?,
    };
    let claim = Claim::new(format!("{}, s = {s}", case.name()), quantity, predicted);
    Ok(claim.of_mean(&found, alternative, HES_RULE, &wrong))
}

/// E[c^{s/2}]: of one unit, E[Q^{s/2}] over E|z|^s.
fn slope_moment(case: &Case, s: f64) -> Result<f64> {
    let unit = LayerLaw::with_dropout(case.activation, case.dropout, 1)?;
    Ok(unit.moment(s)? / chi_moment(1, s)?)
}

/// From one unit of the last layer: the first factor has that unit's slope instead of the mean of
/// all. The control starts from a uniform direction.
fn coordinate(case: &Case, settings: &Settings, progress: &Progress) -> Result<Check> {
    let s = ORDER;
    let scale = case.law.scale(s)?;
    let alive = 1.0 - case.law.dead_probability();
    let moment = |s: f64| -> Result<f64> {
        Ok(scale.powf(s) * slope_moment(case, s)? * chi_moment(WIDTH, s)? / alive)
    };
    let (predicted, uniform) = (moment(s)?, 1.0 / alive);
    let design = Design {
        effect: uniform - predicted,
        deviation: (moment(2.0 * s)? - predicted.powi(2)).sqrt(),
        spread: 1.0,
    };
    // one observation in each network
    let count = PATH_DEPTH as u64 * design.paths(settings)?;
    let model = case.model(scale, 1)?;
    let estimate = |experiment: &str, cotangent: Cotangent| -> Result<MeanEstimate> {
        let name = format!("coordinate {experiment} {}", case.name());
        let networks = drawn((&model, cotangent), settings, &name, count, progress)?;
        MeanEstimate::from_sample(powers(&networks, Way::Gradient))
    };
    let found = estimate("check", Cotangent::Coordinate)?;
    let wrong = estimate("control", Cotangent::Uniform)?;
    let a_uniform_direction = "u uniform on the sphere";
    let alternative = Alternative {
        name: a_uniform_direction.into(),
        value: uniform,
        power: design.power(found.size)?,
    };
    let claim = Claim::new(
        format!("{}, s = {s}", case.name()),
        "mean of (‖Jᵀu‖ over one layer)ˢ, u one unit",
        predicted,
    );
    Ok(claim.of_mean(&found, alternative, a_uniform_direction, &wrong))
}

/// More inputs than units: at the backward scale the gradient's moment is kept, at the signal's it
/// is not.
fn rectangular(case: &Case, settings: &Settings, progress: &Progress) -> Result<Check> {
    let s = ORDER;
    let (backward, forward) = (
        case.law
            .clone()
            .with_fan_in(FAN_IN as u64)?
            .backward_scale(s)?,
        case.law.scale(s)?,
    );
    let predicted = 1.0 / (1.0 - case.law.dead_probability());
    let square =
        case.law.moment(2.0 * s)? * chi_moment(FAN_IN, 2.0 * s)? / chi_moment(WIDTH, 2.0 * s)?;
    let factor = (forward / backward).powf(s);
    let design = Design {
        effect: predicted * (factor - 1.0),
        deviation: (backward.powf(2.0 * s) * square * predicted - predicted.powi(2)).sqrt(),
        spread: factor,
    };
    let count = PATH_DEPTH as u64 * design.paths(settings)?;
    let estimate = |experiment: &str, scale: f64| -> Result<MeanEstimate> {
        let layer = Layer {
            fan_in: FAN_IN,
            fan_out: WIDTH,
            scale,
        };
        let model = Model::layered(case.activation, case.dropout, vec![layer])?;
        let name = format!("rectangular {experiment} {}", case.name());
        let asked = (&model, Cotangent::Uniform);
        let networks = drawn(asked, settings, &name, count, progress)?;
        MeanEstimate::from_sample(powers(&networks, Way::Gradient))
    };
    let (found, wrong) = (estimate("check", backward)?, estimate("control", forward)?);
    let the_signal_s = "the scale that keeps the signal's moment";
    let alternative = Alternative {
        name: the_signal_s.into(),
        value: predicted * factor,
        power: design.power(found.size)?,
    };
    let claim = Claim::new(
        format!("{}, {FAN_IN} inputs, s = {s}", case.name()),
        "mean of (‖Jᵀu‖ over one layer)ˢ, u uniform",
        predicted,
    );
    Ok(claim.of_mean(&found, alternative, the_signal_s, &wrong))
}

/// σ_b^s E[Q^{s/2}] E[(χ²_n)^{s/2}]/E[(χ²_d)^{s/2}] = 1, from the moments; the control is the scale
/// that keeps the signal's.
fn backward_scale(case: &Case) -> Result<Check> {
    let s = ORDER;
    let factor = case.law.moment(s)? * chi_moment(FAN_IN, s)? / chi_moment(WIDTH, s)?;
    let compare = |scale: f64| {
        let observed = scale.powf(s) * factor;
        Compared {
            observed,
            error: (observed - 1.0).abs(),
        }
    };
    let law = case.law.clone().with_fan_in(FAN_IN as u64)?;
    let (right, wrong) = (compare(law.backward_scale(s)?), compare(case.law.scale(s)?));
    let claim = Claim::new(
        format!("{}, {FAN_IN} inputs, s = {s}", case.name()),
        "E‖g‖ˢ after one layer backwards over that before",
        1.0,
    );
    // rounding of four moments and a power
    Ok(claim.compared(
        right,
        1e-13,
        "the scale that keeps the signal's moment",
        wrong,
    ))
}

/// log‖Jᵀu‖ of networks of [`DEPTH`] layers.
fn log_gradients(
    case: &Case,
    (experiment, order): (&str, f64),
    count: f64,
    settings: &Settings,
    progress: &Progress,
) -> Result<Vec<f64>> {
    let model = case.model(case.law.scale(order)?, DEPTH)?;
    let name = format!("law {experiment} {order} {}", case.name());
    let asked = (&model, Cotangent::Uniform);
    let networks = drawn(asked, settings, &name, settings.count(count), progress)?;
    Ok(networks.iter().map(|one| one.gradient[DEPTH - 1]).collect())
}

fn table(case: &Case, order: f64) -> Result<DepthTable> {
    DepthLaw::preserving(&case.law, order, DEPTH as u64)?.table()
}

/// The law of log‖Jᵀu‖ is that of the log-norm of a signal.
fn whole_law(case: &Case, settings: &Settings, progress: &Progress) -> Result<Check> {
    let (exact, he) = (table(case, ORDER)?, table(case, 2.0)?);
    let tested = |experiment: &str, order: f64| -> Result<Tested> {
        let sample = log_gradients(case, (experiment, order), 1000.0, settings, progress)?;
        Tested::law(&sample, &exact)
    };
    let (found, wrong) = (tested("check", ORDER)?, tested("control", 2.0)?);
    let alternative = Alternative::law(HES_RULE, &exact, &he, found.observations)?;
    let claim = Claim::new(
        format!("{}, s = {ORDER}, k = {DEPTH}", case.name()),
        "Kolmogorov–Smirnov distance of log‖Jᵀu‖ to the signal's exact law",
        0.0,
    );
    Ok(claim.tested(found, alternative, HES_RULE, wrong))
}

/// ‖Jᵀu‖ under σ(1, d) has the law of that under He's rule times (σ(1, d)/σ(2, d))^k: T8 for gradients.
fn dominates(case: &Case, settings: &Settings, progress: &Progress) -> Result<Check> {
    let sample = |experiment: &str, order: f64| {
        let experiment = format!("dominance {experiment}");
        log_gradients(case, (&experiment, order), 3000.0, settings, progress)
    };
    let quantity = "distance of the law of ‖Jᵀu‖ to He's rule's, raised by the ratio of the scales";
    t8::raised(case, DEPTH, quantity, sample)
}

/// Distribution functions of log‖Jᵀu‖, simulated, on those of the log-norm of a signal, exact.
fn figure(settings: &Settings, progress: &Progress) -> Result<Figure> {
    let case = Case::new(Activation::Relu, WIDTH)?;
    let mut series = Vec::new();
    let mut count = 0;
    for order in [2.0, ORDER] {
        let (law, color) = (table(&case, order)?, color::of_order(order));
        let sample = log_gradients(&case, ("figure", order), 1000.0, settings, progress)?;
        count = sample.len();
        let line = (0..=160).map(|i| -12.0 + 0.1 * f64::from(i));
        let line = line.map(|x| (x, law.cdf(x)));
        series.push(Series::exact(Mark::Line, color, line).labelled(order_label(order)));
        let below = |x: f64| sample.iter().filter(|log| **log <= x).count() as u64;
        let shares: Vec<(f64, u64, u64)> = (-12..=4)
            .map(|x| (f64::from(x), below(f64::from(x)), sample.len() as u64))
            .collect();
        series.extend(Series::shares(color, &shares)?);
    }
    let (x, y) = ("log‖Jᵀu‖, or log(‖x₅₀‖/‖x₀‖)", "distribution function");
    Ok(Figure::new("t11-gradients", x, y, series).with_caption(format!(
        "The norm of a gradient after {DEPTH} layers backwards: ReLU, width {WIDTH}. Lines: the exact law of a signal's norm after {DEPTH} layers forwards. Points: gradients through {count} networks of real matrices, with 95 % intervals."
    )))
}
