//! Figure 1, right, and Figure 4: σ(s, d) of ReLU units against width and order.

use crate::activation::Activation;
use crate::error::Result;
use crate::layer_law::LayerLaw;
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series, order_label};
use crate::theorems::paper::Redrawn;

/// The orders of Figure 1, right, and of the last panel of Figure 4.
const ORDERS: [f64; 3] = [0.5, 1.0, 1.5];

/// Widths of these panels.
const WIDTHS: std::ops::RangeInclusive<u64> = 30..=89;

/// The order that the curve labelled s = 2 of Figure 4 is computed with.
const MISLABELLED: f64 = 0.1;

fn relu(width: u64) -> Result<LayerLaw> {
    LayerLaw::new(Activation::Relu, width)
}

/// (d, a number of its law) for every width.
fn by_width(
    widths: impl Iterator<Item = u64>,
    value: impl Fn(&LayerLaw) -> Result<f64>,
) -> Result<Vec<(f64, f64)>> {
    widths
        .map(|width| Ok((width as f64, value(&relu(width)?)?)))
        .collect()
}

/// σ² − 2/d against d.
pub fn differences() -> Result<Redrawn> {
    let (mut differences, mut relative) = (Vec::new(), Vec::new());
    let mut slopes = Vec::new();
    for s in ORDERS {
        let first = 1.25 * (2.0 - s);
        let second = relu(1)?.large_width(s)?.second;
        let exact = by_width(WIDTHS, |law| {
            Ok(law.scale(s)?.powi(2) - 2.0 / law.width() as f64)
        })?;
        let term = |d: f64| 2.0 * first / (d * d);
        let (color, label) = (color::of_order(s), order_label(s));
        let (start, end) = (exact[0], exact[exact.len() - 1]);
        slopes.push((end.1 / start.1).ln() / (end.0 / start.0).ln());
        differences.push(Series::exact(Mark::Line, color, exact.clone()).labelled(&label));
        let limit = exact.iter().map(|&(d, _)| (d, term(d)));
        differences.push(Series::exact(Mark::Dashed, color, limit));
        let over = exact.iter().map(|&(d, y)| (d, y / term(d)));
        relative.push(Series::exact(Mark::Line, color, over).labelled(&label));
        let next = exact.iter().map(|&(d, _)| (d, 1.0 + second / (first * d)));
        relative.push(Series::exact(Mark::Dashed, color, next));
    }
    let panels = vec![
        Figure::new("paper-1-difference", "width d", "σ² − 2/d", differences)
            .with_log_x()
            .with_log_y()
            .with_caption("both axes logarithmic, as in the paper"),
        Figure::new(
            "paper-1-next-order",
            "width d",
            "over 5(2 − s)/(2d²)",
            relative,
        )
        .with_caption("the same over its first term"),
    ];
    let caption = format!(
        "How far σ(s, d)² of ReLU units lies above He's 2/d. Left: exact (lines) and the term 5(2 − s)/(2d²) alone, of slope −2 (dashed). Right: exact over that term, and 1 + g₂/(g₁d), the next order \
         (dashed). From d = 30 to 89 the exact curves fall with mean slopes {:.3}, {:.3} and {:.3}.",
        slopes[0], slopes[1], slopes[2]
    );
    Ok(Redrawn {
        original: "Figure 1, right",
        title: "the large-width term",
        name: "paper-1-right",
        panels: panels.into_iter().map(Figure::at_half_width).collect(),
        caption,
        note: "The notebook takes σ from the exact sum here, and the curves are right. A slope of −2 is the limit; at these widths the next order bends them by a few per cent.".into(),
    })
}

/// log σ against d, σ against s, σ − √(2/d) against d.
pub fn by_width_and_order() -> Result<Redrawn> {
    let mut scales = Vec::new();
    for s in [0.5, 1.0, 1.5, 2.0] {
        let points = by_width(1..=30, |law| law.scale(s))?;
        scales.push(Series::exact(Mark::Line, color::of_order(s), points).labelled(order_label(s)));
    }
    let points = by_width(1..=30, |law| law.scale(MISLABELLED))?;
    let small = Series::exact(Mark::Dashed, color::LYAPUNOV, points);
    scales.push(small.labelled(format!("s = {MISLABELLED}")));

    let mut orders = Vec::new();
    for (width, color) in [30, 40, 50].into_iter().zip(color::STEPS) {
        let law = relu(width)?;
        let grid = (1..=200).map(|i| 0.01 * f64::from(i));
        let points: Result<Vec<(f64, f64)>> = grid.map(|s| Ok((s, law.scale(s)?))).collect();
        orders.push(Series::exact(Mark::Line, color, points?).labelled(format!("d = {width}")));
    }

    let mut above = Vec::new();
    for s in ORDERS {
        let he = |d: f64| (2.0 / d).sqrt();
        let exact = by_width(WIDTHS, |law| Ok(law.scale(s)? - he(law.width() as f64)))?;
        let limit = exact
            .iter()
            .map(|&(d, _)| (d, he(d) * 0.625 * (2.0 - s) / d));
        let color = color::of_order(s);
        above.push(Series::exact(
            Mark::Dashed,
            color,
            limit.collect::<Vec<_>>(),
        ));
        above.push(Series::exact(Mark::Line, color, exact).labelled(order_label(s)));
    }
    let panels = vec![
        Figure::new("paper-4-widths", "width d", "σ(s, d)", scales)
            .with_log_y()
            .with_caption("σ against the width, logarithmic"),
        Figure::new("paper-4-orders", "moment order s", "σ(s, d)", orders)
            .with_caption("σ against the order"),
        Figure::new("paper-4-above-he", "width d", "σ − √(2/d)", above)
            .with_log_x()
            .with_log_y()
            .with_caption("above He's scale, both axes logarithmic"),
    ];
    let wrong = relu(30)?.scale(MISLABELLED)? / relu(30)?.scale(2.0)?;
    Ok(Redrawn {
        original: "Figure 4",
        title: "the scale against width and order",
        name: "paper-4",
        panels: panels.into_iter().map(Figure::at_half_width).collect(),
        caption: "σ(s, d) of ReLU units, exact. Dashed, above: s = 0.1; below: √(2/d)·5(2 − s)/(8d), of slope −3/2.".into(),
        note: format!(
            "Three labels differ from what the notebook computes. The curve called s = 2 of the first panel is computed with s = {MISLABELLED}: it lies highest, while He's scale, s = 2, lies lowest (at d = 30 by a factor of {wrong:.3}). \
             The horizontal axis of that panel counts from 0 and shows d − 1; that of the second shows s − 0.01. The curves themselves are right."
        ),
    })
}
