//! Figures drawn as SVG by plotters, in one visual language: thin grey grid, no
//! frame, colours safe for colour-blind readers, labels beside the lines.

use std::sync::LazyLock;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font, text_anchor};
use resvg::usvg::fontdb;

use crate::report::ReportError;
use isomoment::theorems::{Figure, Mark, Series};

const FONT: &str = "Libertinus Serif";
/// For viewers that do not have it.
const FALLBACKS: &str = "Libertinus Serif, Linux Libertine, Times New Roman, Times, serif";
/// Drawing units per point of the design: plotters rounds coordinates to whole
/// units, and only small units leave lines straight.
const UNIT: u32 = 4;
const SIZE: (u32, u32) = (820 * UNIT, 480 * UNIT);
/// Room on the right for the labels of the lines.
const LABEL_MARGIN: u32 = 182 * UNIT;
const TEXT: u32 = 22 * UNIT;
const INK: RGBColor = RGBColor(40, 40, 40);
const GRID: RGBColor = RGBColor(225, 225, 225);

/// Okabe and Ito's palette, the order chosen to differ in lightness as well.
const COLORS: [RGBColor; 5] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 128, 96),
    RGBColor(160, 90, 150),
    RGBColor(90, 90, 90),
];

/// A range with ticks of its own: plotters' are round numbers of what it is given, also of logarithms.
struct Scale {
    low: f64,
    high: f64,
    ticks: Vec<f64>,
}

impl Ranged for Scale {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        let share = (value - self.low) / (self.high - self.low);
        start + (share * f64::from(end - start)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.low..self.high
    }
}

type Panel<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Scale, Scale>>;

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

/// The figure as an SVG document.
pub fn svg(figure: &Figure) -> Result<String, ReportError> {
    if !*FONT_READY {
        return Err(ReportError::new("figure", "the embedded font is missing"));
    }
    let mut text = String::new();
    draw(figure, &mut text).map_err(|e| ReportError::new(figure.name, e))?;
    Ok(text.replace(
        &format!("font-family=\"{FONT}\""),
        &format!("font-family=\"{FALLBACKS}\""),
    ))
}

fn draw(figure: &Figure, text: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(text, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let x_axis = if figure.categories.is_empty() {
        Axis::new(figure, figure.x_log, |p| (p.0, 0.0))
    } else {
        Axis::of_names(&figure.categories)
    };
    let y_axis = Axis::new(figure, figure.y_log, |p| (p.1, p.2));
    let mut panel = ChartBuilder::on(&root)
        .margin_top(16 * UNIT)
        .margin_left(8 * UNIT)
        .margin_right(LABEL_MARGIN)
        .x_label_area_size(58 * UNIT)
        .y_label_area_size(84 * UNIT)
        .build_cartesian_2d(x_axis.scale(), y_axis.scale())?;
    let style = (FONT, TEXT).into_font().color(&INK);
    panel
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID.stroke_width(UNIT))
        .set_all_tick_mark_size(5 * UNIT)
        .axis_style(INK.stroke_width(UNIT))
        .label_style(style.clone())
        .axis_desc_style((FONT, TEXT + 2 * UNIT).into_font().color(&INK))
        .x_desc(&figure.x_label)
        .y_desc(&figure.y_label)
        .x_labels(x_axis.ticks.len())
        .y_labels(y_axis.ticks.len())
        .x_label_formatter(&|v| x_axis.tick(*v))
        .y_label_formatter(&|v| y_axis.tick(*v))
        .draw()?;
    for series in &figure.series {
        draw_series(&mut panel, series, &x_axis, &y_axis)?;
    }
    let pos = text_anchor::Pos::new(text_anchor::HPos::Left, text_anchor::VPos::Center);
    for (label, x, y, color) in placed_labels(&panel, figure, &x_axis, &y_axis) {
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
        Mark::Points | Mark::Interval => {
            let ends = |p: &(f64, f64, f64)| {
                let x = x_axis.map(p.0);
                let low = y_axis.map(p.1 - p.2).max(y_axis.low);
                vec![(x, low), (x, y_axis.map(p.1 + p.2).min(y_axis.high))]
            };
            let bars = series.points.iter().map(ends);
            panel.draw_series(bars.map(|b| PathElement::new(b, color.stroke_width(UNIT))))?;
            let dots = line.iter().filter(|_| series.mark == Mark::Points);
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
            let side = |sign: f64| {
                let points = series.points.iter();
                points.map(move |p| (x_axis.map(p.0), y_axis.map(p.1 + sign * p.2)))
            };
            let outline: Vec<(f64, f64)> = side(1.0)
                .chain(side(-1.0).rev())
                .map(|(x, y)| {
                    (
                        x,
                        if y.is_nan() {
                            y_axis.low
                        } else {
                            y.max(y_axis.low)
                        },
                    )
                })
                .collect();
            panel.draw_series([Polygon::new(outline, color.mix(0.18).filled())])?;
        }
        Mark::Note => {
            let pos = text_anchor::Pos::new(text_anchor::HPos::Center, text_anchor::VPos::Center);
            let style = (FONT, TEXT).into_font().color(&color).pos(pos);
            let text = |&point| Text::new(series.label.clone(), point, style.clone());
            panel.draw_series(line.iter().map(text))?;
        }
    }
    Ok(())
}

/// A line that ends this far left of the margin has its label inside the panel.
const INSIDE: i32 = 110 * UNIT as i32;

/// Labels at the right end of their series, moved apart where they would overlap.
fn placed_labels(
    panel: &Panel,
    figure: &Figure,
    x_axis: &Axis,
    y_axis: &Axis,
) -> Vec<(String, i32, i32, RGBColor)> {
    const SPACING: i32 = (TEXT + 2 * UNIT) as i32;
    let right = panel.backend_coord(&(x_axis.high, y_axis.low)).0;
    let mut labels: Vec<(String, i32, i32, RGBColor)> = figure
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
            let color = COLORS[s.color % COLORS.len()];
            Some((s.label.clone(), x, y, color))
        })
        .collect();
    labels.sort_by_key(|l| l.2);
    let bottom = panel.backend_coord(&(x_axis.high, y_axis.low)).1;
    // upwards from the bottom, so that nothing is pushed below the axis
    let mut limit = bottom + SPACING / 2;
    for label in labels.iter_mut().rev().filter(|label| label.1 == right) {
        label.2 = label.2.min(limit - SPACING / 2);
        limit = label.2 - SPACING / 2;
    }
    // and back from the top, where many lines end there
    limit = panel.backend_coord(&(x_axis.high, y_axis.high)).1 - SPACING / 2;
    for label in labels.iter_mut().filter(|label| label.1 == right) {
        label.2 = label.2.max(limit + SPACING / 2);
        limit = label.2 + SPACING / 2;
    }
    labels
}

/// One axis: its range in drawing coordinates (decades on a logarithmic one) and its ticks.
struct Axis {
    low: f64,
    high: f64,
    log: bool,
    ticks: Vec<f64>,
    /// What stands at 1, 2, … instead of numbers.
    names: Vec<String>,
}

impl Axis {
    fn new(figure: &Figure, log: bool, value: impl Fn(&(f64, f64, f64)) -> (f64, f64)) -> Self {
        let mut low = f64::INFINITY;
        let mut high = f64::NEG_INFINITY;
        for series in &figure.series {
            for point in &series.points {
                let (center, half) = value(point);
                let half = match series.mark {
                    Mark::Points | Mark::Interval | Mark::Band => half,
                    _ => 0.0,
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
        if !log && low > 0.0 && low < 0.3 * high {
            low = 0.0;
        }
        let room = 0.04 * (high - low);
        let low = if low == 0.0 && !log { 0.0 } else { low - room };
        let high = high + room;
        let ticks = if log {
            log_ticks(low, high)
        } else {
            round_ticks(low, high)
        };
        Self {
            names: Vec::new(),
            low,
            high,
            log,
            ticks,
        }
    }

    /// An axis of names at 1, 2, …
    fn of_names(names: &[String]) -> Self {
        let count = names.len() as f64;
        Self {
            names: names.to_vec(),
            low: 0.5,
            high: count + 0.5,
            log: false,
            ticks: (1..=names.len()).map(|i| i as f64).collect(),
        }
    }

    fn scale(&self) -> Scale {
        Scale {
            low: self.low,
            high: self.high,
            ticks: self.ticks.clone(),
        }
    }

    fn map(&self, value: f64) -> f64 {
        if self.log { value.log10() } else { value }
    }

    fn tick(&self, value: f64) -> String {
        if !self.names.is_empty() {
            let name = self.names.get((value - 1.0).round() as usize);
            return name.cloned().unwrap_or_default();
        }
        if self.log {
            let exponent = value.floor();
            let digit = 10_f64.powf(value - exponent).round();
            let decades = self.high - self.low >= FEW_DECADES;
            if decades || !(-3.0..=4.0).contains(&exponent) {
                let (digit, exponent) = if digit == 10.0 {
                    (1.0, exponent + 1.0)
                } else {
                    (digit, exponent)
                };
                let power = format!("10{}", superscript(exponent as i32));
                return if digit == 1.0 {
                    power
                } else {
                    format!("{digit}·{power}")
                };
            }
            return short(10_f64.powf(value));
        }
        short(value)
    }
}

/// At most four decimals, with a true minus sign.
fn short(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".into()
    } else {
        text.replace('-', "−")
    }
}

/// From so many decades on a logarithmic axis is marked by decades only.
const FEW_DECADES: f64 = 2.6;

/// Decades, at most nine of them, or 1, 2, 5 within them where they are few; as logarithms.
fn log_ticks(low: f64, high: f64) -> Vec<f64> {
    let stride = ((high - low) / 9.0).ceil().max(1.0) as usize;
    let digits: &[f64] = if high - low >= FEW_DECADES {
        &[1.0]
    } else {
        &[1.0, 2.0, 5.0]
    };
    (low.floor() as i32..=high.ceil() as i32)
        .step_by(stride)
        .flat_map(|decade| digits.iter().map(move |d| f64::from(decade) + d.log10()))
        .filter(|tick| (low..=high).contains(tick))
        .collect()
}

/// Multiples of 1, 2 or 5 times a power of ten, five to nine of them.
fn round_ticks(low: f64, high: f64) -> Vec<f64> {
    let rough = (high - low) / 8.0;
    let power = 10_f64.powf(rough.log10().floor());
    let multiples = [1.0, 2.0, 5.0, 10.0];
    let step = power
        * multiples
            .into_iter()
            .find(|m| m * power >= rough)
            .unwrap_or(10.0);
    (((low / step).ceil() as i64)..=((high / step).floor() as i64))
        .map(|i| i as f64 * step)
        .collect()
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
