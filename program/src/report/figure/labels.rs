//! Labels beside their series.

use plotters::prelude::RGBColor;

use crate::report::figure::axis::Axis;
use crate::report::figure::style::{COLORS, Panel, TEXT, UNIT};
use isomoment::theorems::{Figure, Mark};

/// A line that ends this far left of the margin has its label inside the panel.
const INSIDE: i32 = 110 * UNIT as i32;

/// A label, its left end in the drawing's units.
pub struct Label {
    pub text: String,
    pub x: i32,
    pub y: i32,
    pub color: RGBColor,
}

/// Labels at the right end of their series, moved apart where they would overlap.
pub fn placed(panel: &Panel, figure: &Figure, x_axis: &Axis, y_axis: &Axis) -> Vec<Label> {
    const SPACING: i32 = (TEXT + 2 * UNIT) as i32;
    let right = panel.backend_coord(&(x_axis.high, y_axis.low)).0;
    let mut labels: Vec<Label> = figure
        .series
        .iter()
        .filter(|s| !s.label.is_empty() && s.mark != Mark::Note)
        .filter_map(|s| {
            let visible =
                |p: &&(f64, f64, f64)| (y_axis.low..=y_axis.high).contains(&y_axis.map(p.1));
            // a bell-shaped curve is labelled at its top, others at their end
            let end = s.points.iter().rfind(visible)?;
            let (x, y) = panel.backend_coord(&(x_axis.map(end.0), y_axis.map(end.1)));
            // beside a line that ends inside the panel, else in the margin
            let x = if x < right - INSIDE { x } else { right };
            Some(Label {
                text: s.label.clone(),
                x,
                y,
                color: COLORS[s.color % COLORS.len()],
            })
        })
        .collect();
    labels.sort_by_key(|l| l.y);
    let bottom = panel.backend_coord(&(x_axis.high, y_axis.low)).1;
    // upwards from the bottom, so that nothing is pushed below the axis
    let mut limit = bottom + SPACING / 2;
    for label in labels.iter_mut().rev().filter(|label| label.x == right) {
        label.y = label.y.min(limit - SPACING / 2);
        limit = label.y - SPACING / 2;
    }
    // and back from the top, where many lines end there
    limit = panel.backend_coord(&(x_axis.high, y_axis.high)).1 - SPACING / 2;
    for label in labels.iter_mut().filter(|label| label.x == right) {
        label.y = label.y.max(limit + SPACING / 2);
        limit = label.y + SPACING / 2;
    }
    labels
}
