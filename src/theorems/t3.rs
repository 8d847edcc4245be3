//! T3, large width: σ(s,d)² = (1/(d m))·[1 + (2−s)w/(4m²d) + O(d⁻²)].

use crate::activation::{Activation, Dropout};
use crate::error::Result;
use crate::init::{LayerShape, Scheme};
use crate::layer_law::LayerLaw;
use crate::stats::location::two_sided;
use crate::theorems::case::{ACTIVATIONS, Case, cases};
use crate::theorems::check::Check;
use crate::theorems::claim::{Alternative, Claim, Compared, Tested};
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series};
use crate::theorems::sample::{Design, PATH_DEPTH, relative_scale};
use crate::theorems::section::{ChecksAndFigures, Section};
use crate::theorems::settings::{Progress, Settings};
use crate::theorems::table::{Notation, Table};

pub const SECTION: Section = Section {
    title: "Large width",
    statement: "With $m = EE c$ and $w = 3 EE c^2 - m^2$, \
$ sigma(s, d)^2 = 1/(d m) [1 + ((2 - s) w)/(4 m^2 d) + g_2/d^2 + O(d^(-3))] , $ \
with an explicit $g_2$ from the third cumulant of $c z^2$. The formula in the authors' released code for Leaky ReLU \
agrees with it only to first order in $a^2$.",
    reason: "$Q$ is a sum of $d$ independent terms, so the central moments of $Q\\/EE Q$ of order $n$ \
fall like $d^(-ceil(n\\/2))$; expanding $EE[(Q\\/EE Q)^(s\\/2)]$ in them gives the series. \
The error from the chance that all units are dead is exponentially small.",
    run,
    tables,
    percent_of_time: 1.0,
};

const WIDTHS: [usize; 2] = [32, 64];

/// Where the 1/d² term is seen, and the next one is not.
pub(super) const LARGE: usize = 4096;

const ORDERS: [f64; 2] = [0.5, 1.0];

/// The slope at which the published formula is put to the test.
const PUBLISHED_SLOPE: f64 = 0.5;

fn run(settings: &Settings, progress: &Progress) -> Result<ChecksAndFigures> {
    let mut checks = Vec::new();
    for activation in ACTIVATIONS {
        for s in ORDERS {
            checks.push(next_order(&Case::new(activation, LARGE)?, s)?);
        }
    }
    for case in cases(&WIDTHS)? {
        for s in ORDERS {
            let he = ("He's rule", case.law.scale(2.0)?);
            checks.push(estimated_scale(&case, s, he, settings, progress)?);
        }
    }
    let slope = PUBLISHED_SLOPE;
    let case = Case::new(Activation::LeakyRelu { slope }, WIDTHS[0])?;
    for s in ORDERS {
        let published = (
            "the published formula",
            published_scale(slope, s, case.law.width())?,
        );
        checks.push(estimated_scale(&case, s, published, settings, progress)?);
    }
    Ok((checks, vec![figure()?]))
}

/// σ of the large-width formula in the authors' released code for Leaky ReLU.
fn published_scale(slope: f64, s: f64, width: u64) -> Result<f64> {
    let activation = Activation::LeakyRelu { slope };
    Scheme::Published(s).standard_deviation(activation, Dropout::NONE, LayerShape::square(width))
}

/// σ(1, d) of Leaky ReLU beside its approximations, by slope and width.
fn tables() -> Result<Vec<Table>> {
    let mut rows = Vec::new();
    for slope in [0.01, 0.1, 0.25, 0.5, 0.75, 1.0] {
        for width in [16, 64, 256, 1024] {
            let law = LayerLaw::new(Activation::LeakyRelu { slope }, width)?;
            let exact = law.scale(1.0)?;
            let expansion = law.large_width(1.0)?;
            let off = |approximate: f64| 100.0 * (approximate / exact - 1.0);
            rows.push(vec![
                slope,
                width as f64,
                exact,
                off(law.scale(2.0)?),
                off(published_scale(slope, 1.0, width)?),
                off(expansion.scale(width, 1)),
                off(expansion.scale(width, 2)),
            ]);
        }
    }
    let columns = [
        ("a", Notation::Plain),
        ("d", Notation::Plain),
        ("σ(1,d)", Notation::Decimals),
        ("He, %", Notation::Short),
        ("published, %", Notation::Short),
        ("with 1/d, %", Notation::Short),
        ("with 1/d², %", Notation::Short),
    ];
    Ok(vec![Table {
        name: "t3-approximations",
        caption: "The exact σ(1,d) of Leaky ReLU with slope a, and by how many per cent its approximations are off: He's rule, the formula in the \
                  authors' released code, and the large-width expansion with one and two terms. The published formula is good for small slopes; at \
                  a = 1 it is further off than He's rule."
            .into(),
        columns: columns.map(|(heading, notation)| (heading.into(), notation)).into(),
        rows,
    }])
}

/// d²·(σ²dm − 1 − first/d) at a large width, [`LARGE`], against the second coefficient. The control
/// is the scale of an order nearby, which another 1/d term belongs to.
pub(super) fn next_order(case: &Case, s: f64) -> Result<Check> {
    let expansion = case.law.large_width(s)?;
    let d = case.width as f64;
    let compare = |order: f64| -> Result<Compared> {
        let exact = case.law.scale(order)?.powi(2) * d * expansion.mean_slope;
        let observed = d * d * (exact - 1.0 - expansion.first / d);
        Ok(Compared {
            observed,
            error: (observed - expansion.second).abs(),
        })
    };
    // what is left is third/d, and the third coefficient is of the second's size cubed at most
    let bound = 4.0 * (1.0 + expansion.first.abs()).powi(3) / d;
    let claim = Claim::new(
        format!("{}, s = {s}", case.name()),
        "coefficient of 1/d²: d² times what the 1/d term leaves",
        expansion.second,
    );
    let near = s + 0.001;
    let planted = format!("the scale of order {near}");
    Ok(claim.compared(compare(s)?, bound, planted, compare(near)?))
}

/// σ estimated from real matrices against the expansion, in units of (1/(dm))^½;
/// `rival` is a wrong scale that the test must tell apart.
fn estimated_scale(
    case: &Case,
    s: f64,
    rival: (&str, f64),
    settings: &Settings,
    progress: &Progress,
) -> Result<Check> {
    let expansion = case.law.large_width(s)?;
    let right = case.law.scale(s)?;
    let unit = expansion.scale(case.law.width(), 0);
    let predicted = expansion.scale(case.law.width(), 2) / unit;
    let deviation = (right.powf(2.0 * s) * case.law.moment(2.0 * s)? - 1.0).sqrt() / s;
    let effect = (rival.1 / right).ln();
    let design = Design {
        effect,
        deviation,
        spread: 1.0,
    };
    let count = design.paths(settings)?;
    let name = format!("T3 {s} {}", rival.0);
    let paths = case.paths(settings, &name, unit, count, PATH_DEPTH, progress)?;
    let (observed, standard_error, size) = relative_scale(&paths, s)?;
    let test_against = |value: f64| Tested {
        observed,
        observations: size as u64,
        standard_error: Some(standard_error),
        p_value: two_sided((observed - value) / standard_error),
        uniform: true,
    };
    let claim = Claim::new(
        format!("{}, s = {s}", case.name()),
        "scale in units of 1/√(dm), from real matrices",
        predicted,
    );
    let alternative = Alternative {
        name: format!("{} instead", rival.0),
        value: rival.1 / unit,
        power: design.power(size)?,
    };
    let (found, wrong) = (test_against(predicted), test_against(rival.1 / unit));
    Ok(claim.tested(found, alternative, format!("against {}", rival.0), wrong))
}

/// Relative error of approximations of σ(1,d) against width.
fn figure() -> Result<Figure> {
    let slope = PUBLISHED_SLOPE;
    let widths: Vec<u64> = (4..=40)
        .map(|i| 2_f64.powf(f64::from(i) / 2.0) as u64)
        .collect();
    let curve = |label: &str, mark, color, approximate: &dyn Fn(&LayerLaw) -> Result<f64>| {
        let points = widths.iter().map(|&width| {
            let law = LayerLaw::new(Activation::LeakyRelu { slope }, width)?;
            let error = (approximate(&law)? / law.scale(1.0)? - 1.0).abs();
            Ok((width as f64, error))
        });
        // below this the difference of two doubles says nothing
        let seen = points.filter(|p| p.as_ref().map_or(true, |p| p.1 > 1e-14));
        let seen = seen.collect::<Result<Vec<_>>>()?;
        Ok::<_, crate::Error>(Series::exact(mark, color, seen).labelled(label))
    };
    let order = |n: usize| move |law: &LayerLaw| Ok(law.large_width(1.0)?.scale(law.width(), n));
    let series = vec![
        curve("He", Mark::Line, color::HE, &order(0))?,
        curve("published", Mark::Dashed, color::PUBLISHED, &|law| {
            published_scale(slope, 1.0, law.width())
        })?,
        curve("with 1/d", Mark::Line, color::STEPS[1], &order(1))?,
        curve("with 1/d²", Mark::Line, color::STEPS[2], &order(2))?,
    ];
    let (x_label, y_label) = ("width d", "relative error of σ(1, d)");
    let figure = Figure::new("t3-large-width", x_label, y_label, series);
    Ok(figure.with_log_x().with_log_y().with_caption(
        "Relative error of approximations to σ(1, d), Leaky ReLU with slope 0.5, against the \
         exact scale. Each correct term of the expansion gains one power of the width; the \
         published formula's 1/d term is right only to first order in a², so it stays parallel to He's rule.",
    ))
}
