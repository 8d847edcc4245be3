//! Charts drawn as SVG by plotters, in one visual language: thin grey grid, no
//! frame, colours safe for colour-blind readers, labels beside the lines.

use std::sync::LazyLock;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font, text_anchor};
use resvg::usvg::fontdb;

use crate::report::ReportError;
use crate::theorems::{Chart, Mark, Series};

const FONT: &str = "Libertinus Serif";
/// Drawing units per point of the design: plotters rounds coordinates to whole
/// units, and only small units leave lines straight.
const UNIT: u32 = 4;
const SIZE: (u32, u32) = (800 * UNIT, 480 * UNIT);
/// Room on the right for the labels of the lines.
const LABEL_MARGIN: u32 = 150 * UNIT;
const TEXT: u32 = 19 * UNIT;
const INK: RGBColor = RGBColor(40, 40, 40);
const GRID: RGBColor = RGBColor(225, 225, 225);

/// Okabe and Ito's palette, the order chosen to differ in lightness as well.
const COLORS: [RGBColor; 4] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 128, 96),
    RGBColor(160, 90, 150),
];

type Panel<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// The regular Libertinus Serif among the embedded fonts, known to plotters from here on.
static FONT_READY: LazyLock<bool> = LazyLock::new(|| {
    typst_assets::fonts().any(|data| {
        is_libertinus_regular(data) && register_font(FONT, FontStyle::Normal, data).is_ok()
    })
});

fn is_libertinus_regular(data: &[u8]) -> bool {
    let mut database = fontdb::Database::new();
    database.load_font_data(data.to_vec());
    database.faces().any(|face| {
        face.families.iter().any(|family| family.0 == FONT)
            && face.style == fontdb::Style::Normal
            && face.weight == fontdb::Weight::NORMAL
    })
}

/// The chart as an SVG document.
pub fn svg(chart: &Chart) -> Result<String, ReportError> {
    if !*FONT_READY {
        return Err(ReportError::new("figure", "the embedded font is missing"));
    }
    let mut text = String::new();
    draw(chart, &mut text).map_err(|e| ReportError::new(chart.name, e))?;
    Ok(text)
}

fn draw(chart: &Chart, text: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(text, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let x_axis = Axis::new(chart, chart.x_log, |p| (p.0, 0.0));
    let y_axis = Axis::new(chart, chart.y_log, |p| (p.1, p.2));
    let mut panel = ChartBuilder::on(&root)
        .margin_top(16 * UNIT)
        .margin_left(8 * UNIT)
        .margin_right(LABEL_MARGIN)
        .x_label_area_size(52 * UNIT)
        .y_label_area_size(72 * UNIT)
        .build_cartesian_2d(x_axis.low..x_axis.high, y_axis.low..y_axis.high)?;
    let style = (FONT, TEXT).into_font().color(&INK);
    panel
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID.stroke_width(UNIT))
        .set_all_tick_mark_size(5 * UNIT)
        .axis_style(INK.stroke_width(UNIT))
        .label_style(style.clone())
        .axis_desc_style((FONT, TEXT + 2 * UNIT).into_font().color(&INK))
        .x_desc(&chart.x_label)
        .y_desc(&chart.y_label)
        .x_labels(x_axis.ticks)
        .y_labels(y_axis.ticks)
        .x_label_formatter(&|v| x_axis.tick(*v))
        .y_label_formatter(&|v| y_axis.tick(*v))
        .draw()?;
    for series in &chart.series {
        draw_series(&mut panel, series, &x_axis, &y_axis)?;
    }
    let pos = text_anchor::Pos::new(text_anchor::HPos::Left, text_anchor::VPos::Center);
    for (label, x, y, color) in placed_labels(&panel, chart, &x_axis, &y_axis) {
        let style = (FONT, TEXT).into_font().color(&color).pos(pos);
        root.draw(&Text::new(label, (x + 10 * UNIT as i32, y), style))?;
    }
    root.present()?;
    Ok(())
}

fn draw_series(
    panel: &mut Panel,
    series: &Series,
    x_axis: &Axis,
    y_axis: &Axis,
) -> Result<(), Box<dyn std::error::Error>> {
    let color = COLORS[series.color % COLORS.len()];
    let line: Vec<(f64, f64)> = series
        .points
        .iter()
        .map(|p| (x_axis.map(p.0), y_axis.map(p.1)))
        .filter(|p| (y_axis.low..=y_axis.high).contains(&p.1))
        .collect();
    match series.mark {
        Mark::Line => {
            panel.draw_series(LineSeries::new(line, color.stroke_width(2 * UNIT)))?;
        }
        Mark::Path => {
            panel.draw_series(LineSeries::new(line, color.mix(0.3).stroke_width(UNIT)))?;
        }
        Mark::Dashed => {
            panel.draw_series(DashedLineSeries::new(
                line,
                9 * UNIT,
                6 * UNIT,
                color.stroke_width(2 * UNIT),
            ))?;
        }
        Mark::Points => {
            let ends = |p: &(f64, f64, f64)| {
                let x = x_axis.map(p.0);
                let low = y_axis.map(p.1 - p.2).max(y_axis.low);
                vec![(x, low), (x, y_axis.map(p.1 + p.2).min(y_axis.high))]
            };
            let bars = series.points.iter().map(ends);
            panel.draw_series(bars.map(|b| PathElement::new(b, color.stroke_width(UNIT))))?;
            let dots = line
                .iter()
                .map(|&p| Circle::new(p, 3 * UNIT, color.filled()));
            panel.draw_series(dots)?;
        }
        Mark::Steps => {
            // here the third number is the bin's width
            let bars = series.points.iter().map(|p| {
                let corners = [(p.0, 0.0), (p.0 + p.2, p.1)];
                Rectangle::new(corners, color.mix(0.25).filled())
            });
            panel.draw_series(bars)?;
        }
    }
    Ok(())
}

/// Labels at the right end of their series, moved apart where they would overlap.
fn placed_labels(
    panel: &Panel,
    chart: &Chart,
    x_axis: &Axis,
    y_axis: &Axis,
) -> Vec<(String, i32, i32, RGBColor)> {
    const SPACING: i32 = (TEXT + 2 * UNIT) as i32;
    let right = panel.backend_coord(&(x_axis.high, y_axis.low)).0;
    let mut labels: Vec<(String, i32, i32, RGBColor)> = chart
        .series
        .iter()
        .filter(|s| !s.label.is_empty())
        .filter_map(|s| {
            let visible =
                |p: &&(f64, f64, f64)| (y_axis.low..=y_axis.high).contains(&y_axis.map(p.1));
            // a bell-shaped curve is labelled at its top, others at their end
            let end = s.points.iter().rfind(visible)?;
            let y = panel.backend_coord(&(x_axis.high, y_axis.map(end.1))).1;
            let color = COLORS[s.color % COLORS.len()];
            Some((s.label.clone(), right, y, color))
        })
        .collect();
    labels.sort_by_key(|l| l.2);
    let bottom = panel.backend_coord(&(x_axis.high, y_axis.low)).1;
    // upwards from the bottom, so that nothing is pushed below the axis
    let mut limit = bottom + SPACING / 2;
    for label in labels.iter_mut().rev() {
        label.2 = label.2.min(limit - SPACING / 2);
        limit = label.2 - SPACING / 2;
    }
    labels
}

/// One axis: its range in drawing coordinates (decades on a logarithmic one) and its ticks.
struct Axis {
    low: f64,
    high: f64,
    log: bool,
    ticks: usize,
}

impl Axis {
    fn new(chart: &Chart, log: bool, value: impl Fn(&(f64, f64, f64)) -> (f64, f64)) -> Self {
        let mut low = f64::INFINITY;
        let mut high = f64::NEG_INFINITY;
        for series in &chart.series {
            for point in &series.points {
                let (center, half) = value(point);
                let half = if series.mark == Mark::Points {
                    half
                } else {
                    0.0
                };
                for end in [center - half, center + half] {
                    let end = if log { end.log10() } else { end };
                    if end.is_finite() {
                        low = low.min(end);
                        high = high.max(end);
                    }
                }
            }
        }
        if log {
            low = low.floor();
            high = high.ceil();
        } else if low > 0.0 && low < 0.3 * high {
            low = 0.0;
        }
        let room = if log { 0.0 } else { 0.04 * (high - low) };
        let low = if low == 0.0 { 0.0 } else { low - room };
        let ticks = if log { (high - low) as usize + 1 } else { 7 };
        Self {
            low,
            high: high + room,
            log,
            ticks,
        }
    }

    fn map(&self, value: f64) -> f64 {
        if self.log { value.log10() } else { value }
    }

    fn tick(&self, value: f64) -> String {
        if self.log {
            if (value - value.round()).abs() > 1e-9 {
                return String::new();
            }
            return format!("10{}", superscript(value.round() as i32));
        }
        let text = format!("{:.3}", value);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        if text == "-0" {
            "0".into()
        } else {
            text.replace('-', "−")
        }
    }
}

fn superscript(number: i32) -> String {
    let digit = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        c => char::from_u32(0x2070 + c as u32 - '0' as u32).unwrap_or(c),
    };
    number.to_string().chars().map(digit).collect()
}
