//! Series: lines, points with intervals, bands, steps.

use plotters::prelude::*;
use plotters::style::text_anchor;

use crate::report::figure::axis::Axis;
use crate::report::figure::style::{COLORS, FONT, Panel, TEXT, UNIT};
use isomoment::theorems::{Mark, Series};

type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Draws one series on a panel with these axes.
pub fn draw(panel: &mut Panel, series: &Series, x_axis: &Axis, y_axis: &Axis) -> Drawn {
    let color = COLORS[series.color % COLORS.len()];
    let visible: Vec<(f64, f64)> = series
        .points
        .iter()
        .map(|p| (x_axis.map(p.0), y_axis.map(p.1)))
        .filter(|p| (y_axis.low..=y_axis.high).contains(&p.1))
        .collect();
    match series.mark {
        Mark::Line => {
            panel.draw_series(LineSeries::new(visible, color.stroke_width(2 * UNIT)))?;
        }
        Mark::Path => {
            panel.draw_series(LineSeries::new(visible, color.mix(0.3).stroke_width(UNIT)))?;
        }
        Mark::Dashed => {
            let stroke = color.stroke_width(2 * UNIT);
            panel.draw_series(DashedLineSeries::new(visible, 9 * UNIT, 6 * UNIT, stroke))?;
        }
        Mark::Points | Mark::Interval => {
            let bars = intervals(series, x_axis, y_axis).into_iter();
            panel.draw_series(bars.map(|b| PathElement::new(b, color.stroke_width(UNIT))))?;
            let dots = visible.iter().filter(|_| series.mark == Mark::Points);
            panel.draw_series(dots.map(|&p| Circle::new(p, 3 * UNIT, color.filled())))?;
        }
        Mark::Steps => {
            // here the third number is the bin's width
            let bars = series.points.iter().map(|p| {
                let corners = [(p.0, 0.0), (p.0 + p.2, p.1)];
                Rectangle::new(corners, color.mix(0.25).filled())
            });
            panel.draw_series(bars)?;
        }
        Mark::Band => {
            let outline = outline(series, x_axis, y_axis);
            panel.draw_series([Polygon::new(outline, color.mix(0.18).filled())])?;
        }
        Mark::Note => {
            let pos = text_anchor::Pos::new(text_anchor::HPos::Center, text_anchor::VPos::Center);
            let style = (FONT, TEXT).into_font().color(&color).pos(pos);
            let text = |&point| Text::new(series.label.clone(), point, style.clone());
            panel.draw_series(visible.iter().map(text))?;
        }
    }
    Ok(())
}

/// Lower and upper end of each point's interval, inside the panel.
fn intervals(series: &Series, x_axis: &Axis, y_axis: &Axis) -> Vec<Vec<(f64, f64)>> {
    let ends = |p: &(f64, f64, f64)| {
        let x = x_axis.map(p.0);
        let low = y_axis.map(p.1 - p.2).max(y_axis.low);
        vec![(x, low), (x, y_axis.map(p.1 + p.2).min(y_axis.high))]
    };
    series.points.iter().map(ends).collect()
}

/// A band's outline: its upper side, and its lower one back.
fn outline(series: &Series, x_axis: &Axis, y_axis: &Axis) -> Vec<(f64, f64)> {
    let side = |sign: f64| {
        let points = series.points.iter();
        points.map(move |p| (x_axis.map(p.0), y_axis.map(p.1 + sign * p.2)))
    };
    // the logarithm of a negative end is none
    let inside = |y: f64| {
        if y.is_nan() {
            y_axis.low
        } else {
            y.max(y_axis.low)
        }
    };
    let around = side(1.0).chain(side(-1.0).rev());
    around.map(|(x, y)| (x, inside(y))).collect()
}
