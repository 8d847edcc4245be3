//! Figures drawn as SVG by plotters, in one visual language: thin grey grid, no frame, colours safe
//! for colour-blind readers, labels beside the lines.

mod axis;
pub mod checks;
mod labels;
mod series;
mod style;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor;

use crate::output::{Artifact, csv};
use crate::report::{ReportError, raster};
use axis::Axis;
use isomoment::theorems::Figure;
use style::{
    FALLBACKS, FONT, FONT_READY, GRID, INK, LABEL_MARGIN, PANEL_LABEL_MARGIN, PANEL_SIZE, SIZE,
    TEXT, UNIT,
};

type Root<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A figure's files: PNG, CSV (columns series, mark, x, y, half_interval; for histograms the last
/// is the bin's width) and SVG.
///
/// # Errors
/// [`ReportError`] when the figure cannot be drawn.
pub fn figure_files(figure: &Figure) -> Result<[Artifact; 3], ReportError> {
    let size = match figure.half_width {
        true => PANEL_SIZE,
        false => SIZE,
    };
    let svg = drawn(figure.name, size, |root| draw(figure, root))?;
    files_of(figure.name, svg, numbers(figure))
}

/// The files of a figure that is drawn.
fn files_of(name: &str, svg: String, numbers: String) -> Result<[Artifact; 3], ReportError> {
    Ok([
        Artifact::new(format!("{name}.png"), raster::png(&svg)?),
        Artifact::new(format!("{name}.csv"), numbers),
        Artifact::new(format!("{name}.svg"), svg),
    ])
}

fn numbers(figure: &Figure) -> String {
    let rows = figure.series.iter().flat_map(|series| {
        let mark = format!("{:?}", series.mark).to_lowercase();
        series.points.iter().map(move |(x, y, half)| {
            [
                series.label.clone(),
                mark.clone(),
                format!("{x:?}"),
                format!("{y:?}"),
                format!("{half:?}"),
            ]
        })
    });
    csv::text(["series", "mark", "x", "y", "half_interval"], rows)
}

/// What is drawn, as an SVG document of this size.
fn drawn(
    name: &str,
    size: (u32, u32),
    draw: impl FnOnce(&Root) -> Result<(), Box<dyn std::error::Error>>,
) -> Result<String, ReportError> {
    if !*FONT_READY {
        return Err(ReportError::new("figure", "the embedded font is missing"));
    }
    let fail = |reason: Box<dyn std::error::Error>| {
        ReportError::new("figure", format!("{name}: {reason}"))
    };
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, size).into_drawing_area();
        root.fill(&WHITE).map_err(|e| fail(e.into()))?;
        draw(&root).map_err(fail)?;
        root.present().map_err(|e| fail(e.into()))?;
    }
    let family = |names: &str| format!("font-family=\"{names}\"");
    Ok(text.replace(&family(FONT), &family(FALLBACKS)))
}

fn draw(figure: &Figure, root: &Root) -> Result<(), Box<dyn std::error::Error>> {
    let x_axis = if figure.categories.is_empty() {
        Axis::new(figure, figure.x_log, |p| (p.0, 0.0))
    } else {
        Axis::of_names(&figure.categories)
    };
    let y_axis = Axis::new(figure, figure.y_log, |p| (p.1, p.2));
    let label_margin = match figure.half_width {
        true => PANEL_LABEL_MARGIN,
        false => LABEL_MARGIN,
    };
    let mut panel = ChartBuilder::on(root)
        .margin_top(16 * UNIT)
        .margin_left(8 * UNIT)
        .margin_right(label_margin)
        .x_label_area_size(44 * UNIT)
        .y_label_area_size(64 * UNIT)
        .build_cartesian_2d(x_axis.scale(), y_axis.scale())?;
    let style = (FONT, TEXT).into_font().color(&INK);
    panel
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID.stroke_width(UNIT))
        .set_all_tick_mark_size(5 * UNIT)
        .axis_style(INK.stroke_width(UNIT))
        .label_style(style.clone())
        .axis_desc_style((FONT, TEXT + UNIT).into_font().color(&INK))
        .x_desc(&figure.x_label)
        .y_desc(&figure.y_label)
        .x_labels(x_axis.ticks.len())
        .y_labels(y_axis.ticks.len())
        .x_label_formatter(&|v| x_axis.tick(*v))
        .y_label_formatter(&|v| y_axis.tick(*v))
        .draw()?;
    for one in &figure.series {
        series::draw(&mut panel, one, &x_axis, &y_axis)?;
    }
    let pos = text_anchor::Pos::new(text_anchor::HPos::Left, text_anchor::VPos::Center);
    for label in labels::placed(&panel, figure, &x_axis, &y_axis) {
        let style = (FONT, TEXT).into_font().color(&label.color).pos(pos);
        let left = (label.x + 10 * UNIT as i32, label.y);
        root.draw(&Text::new(label.text, left, style))?;
    }
    Ok(())
}
