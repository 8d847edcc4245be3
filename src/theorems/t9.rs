//! T9, dropout: the other theorems with the mask in the law of the units.

use crate::activation::{Activation, Dropout};
use crate::depth::DepthLaw;
use crate::error::Result;
use crate::layer_law::{LayerLaw, Weights};
use crate::simulate::Path;
use crate::theorems::case::{ACTIVATIONS, Case};
use crate::theorems::check::Check;
use crate::theorems::claim::{Claim, Compared};
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series, order_label};
use crate::theorems::section::{ChecksAndFigures, Section, each, no_tables};
use crate::theorems::settings::{Progress, Settings};
use crate::theorems::tilted_network::{DEPTH, DROPPED_DEPTH};
use crate::theorems::{t1, t3, t4, t5, t6, t7, t8};

pub const SECTION: Section = Section {
    title: "Dropout",
    statement: "Let every unit be kept with probability $q$, independently, and then scaled by $1\\/q$. Everything said in T1 to T8 holds with $c_i$ replaced by $c_i xi_i\\/q^2$, $xi_i$ the mask: \
$sigma(s, d)$, $mu$, $v$ and $kappa$ are those of the thinned sum $Q$. At $s = 2$ the mask multiplies the variance of the weights by $q$. \
A layer dies with probability at least $(1 - q)^d$, whatever the activation.",
    reason: "The mask is independent of everything else and acts on each unit by itself, so $Q$ is still a sum of independent terms, now zero with probability $1 - q$: \
the proofs use that and its density. Dead layers become possible for every activation.",
    run,
    tables: no_tables,
    percent_of_time: 18.0,
};

const WIDTH: usize = 16;
const KEEPS: [f64; 2] = [0.5, 0.9];

fn run(settings: &Settings, progress: &Progress) -> Result<ChecksAndFigures> {
    let mut checks = Vec::new();
    for keep in KEEPS {
        let each_activation = |a| of_units(a, keep, settings, progress);
        checks.extend(each(ACTIVATIONS, each_activation)?.concat());
        checks.extend(whole_networks(keep, settings, progress)?);
    }
    // with q = 0.5 every activation dies soon in a narrow network
    checks.extend(each(ACTIVATIONS, |activation| {
        let (case, fewer) = (case(activation, 0.5, 4)?, case(activation, 0.5, 3)?);
        t5::death_times(&case, &fewer, settings, progress)
    })?);
    // one table for each quantity, in the order in which they come first
    let quantities: Vec<String> = checks.iter().map(|check| check.quantity.clone()).collect();
    checks.sort_by_key(|check| quantities.iter().position(|q| *q == check.quantity));
    Ok((checks, vec![figure(settings, progress)?]))
}

/// What is checked for each activation.
fn of_units(
    activation: Activation,
    keep: f64,
    settings: &Settings,
    progress: &Progress,
) -> Result<Vec<Check>> {
    let (wide, case) = (
        case(activation, keep, t3::LARGE)?,
        case(activation, keep, WIDTH)?,
    );
    let mut checks = vec![
        second_moment(&case)?,
        t1::one_layer(&case, 1.0, &LayerLaw::scale, settings, progress)?,
        t3::next_order(&wide, 1.0)?,
        t4::decreasing(&case)?,
        t4::small_order(&case)?,
        t5::growth_rate(&case, 1.0, settings, progress)?,
    ];
    let laws = t6::whole_law(&case, 1.0, settings, progress)?;
    checks.extend(laws.into_iter().take(1));
    let share = &t8::SHARES[..1];
    checks.extend(t8::small_outputs(
        &case, 1.0, 50, share, settings, progress,
    )?);
    Ok(checks)
}

/// What takes longer, for one activation: T1 at depth, T4 at the Lyapunov scale, T5's band, T7's
/// moments and tail, T8's dominance.
fn whole_networks(keep: f64, settings: &Settings, progress: &Progress) -> Result<Vec<Check>> {
    let activation = Activation::LeakyRelu { slope: 0.25 };
    let narrow = case(activation, keep, t7::WIDTH)?;
    let case = case(activation, keep, WIDTH)?;
    let depth = match keep {
        0.5 => DROPPED_DEPTH,
        _ => DEPTH,
    };
    let mut checks = vec![
        t1::at_depth(&case, &LayerLaw::scale, depth, settings, progress)?,
        t4::lyapunov(&case, settings, progress)?,
        t5::inside_band(&case, settings, progress)?,
        t7::other_moment(&case, 0.5, settings, progress)?,
        t7::other_moment(&case, 1.5, settings, progress)?,
        t7::other_moment_at_depth(&case, 0.5, depth, settings, progress)?,
        t7::other_moment_at_depth(&case, 1.5, depth, settings, progress)?,
        t8::dominates(&case, settings, progress)?,
    ];
    checks.extend(t7::index_of_matrices(&narrow, settings, progress)?);
    Ok(checks)
}

fn case(activation: Activation, keep: f64, width: usize) -> Result<Case> {
    Case::with(
        activation,
        Dropout::inverted(keep)?,
        Weights::Gaussian,
        width,
    )
}

/// T2 with dropout: at s = 2 the weights' variance is q times that without, at widths 1 to 10¹².
/// The control's order is a little smaller: its ratio is another one in narrow layers only.
fn second_moment(case: &Case) -> Result<Check> {
    let keep = case.dropout.keep();
    let compare = |s: f64| {
        Compared::worst([0, 1, 3, 6, 12].map(|exponent| {
            let width = 10_u64.pow(exponent);
            let with = LayerLaw::with_dropout(case.activation, case.dropout, width)?.scale(s)?;
            let without = LayerLaw::new(case.activation, width)?.scale(s)?;
            let observed = (with / without).powi(2);
            Ok(Compared {
                observed,
                error: (observed / keep - 1.0).abs(),
            })
        }))
    };
    let claim = Claim::new(
        format!("{}, q = {keep}, s = 2, d = 1 to 1e12", case.activation),
        "weight variance over that without dropout",
        keep,
    );
    // a few units in the last place of two integrals
    let bound = 1e-14;
    Ok(claim.compared(compare(2.0)?, bound, "scales of order 1.99", compare(1.99)?))
}

/// P(‖x_50‖ ≤ 0.01‖x₀‖) against the keep probability, exact and simulated.
fn figure(settings: &Settings, progress: &Progress) -> Result<Figure> {
    const DEPTH: usize = 50;
    let count = settings.count(400.0);
    let mut series = Vec::new();
    for s in [0.5, 1.0, 2.0] {
        let color = color::of_order(s);
        let mut points = Vec::new();
        for i in 0..=25 {
            let keep = 0.5 + 0.02 * f64::from(i);
            let case = case(Activation::Relu, keep, 32)?;
            let law = DepthLaw::preserving(&case.law, s, DEPTH as u64)?;
            points.push((keep, law.below(0.01)?));
        }
        series.push(Series::exact(Mark::Line, color, points).labelled(order_label(s)));
        let mut simulated = Vec::new();
        for keep in [0.5, 0.6, 0.75, 0.9, 1.0] {
            let case = case(Activation::Relu, keep, 32)?;
            let name = format!("T9 figure {s}");
            let scale = case.law.scale(s)?;
            let paths = case.paths(settings, &name, scale, count, DEPTH, progress)?;
            let small = |path: &&Path| path.log_norm(DEPTH) <= 0.01_f64.ln();
            let below = paths.iter().filter(small).count() as u64;
            simulated.push((keep, below, count));
        }
        series.extend(Series::shares(color, &simulated)?);
    }
    let (x_label, y_label) = ("keep probability q", "P(‖x₅₀‖ ≤ ‖x₀‖/100)");
    let figure = Figure::new("t9-dropout", x_label, y_label, series);
    Ok(figure.with_caption(format!(
        "How often the output of {DEPTH} ReLU layers of width 32 falls below a hundredth of the input, against the keep probability, death included. Lines: exact. \
         Points: {count} networks of real matrices each, with Clopper and Pearson's 95 % intervals. \
         Dropout makes the signal's fluctuations larger, and the choice of s matters more."
    )))
}
