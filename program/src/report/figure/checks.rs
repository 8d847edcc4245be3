//! All checks of a theorem in one figure: how far each estimate lies from its prediction, and how
//! far its control's, a row for each quantity.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::output::{Artifact, csv};
use crate::report::ReportError;
use crate::report::figure::style::{COLORS, FONT, GRID, INK, SIZE, TEXT, UNIT};
use crate::report::figure::{Root, drawn, files_of};
use isomoment::stats::location::critical_z;
use isomoment::theorems::check::SINGLE_LEVEL;
use isomoment::theorems::{Check, Evidence, Findings, Verdict, color};

/// Standard errors that are still told apart.
const FARTHEST: f64 = 38.0;

/// Where the axis goes from nearly linear to nearly logarithmic, in standard errors.
const LINEAR: f64 = 1.5;

const TICKS: [f64; 9] = [-30.0, -10.0, -3.0, -1.0, 0.0, 1.0, 3.0, 10.0, 30.0];

const FAILING: RGBColor = RGBColor(190, 0, 30);

/// Letters of a quantity on one line.
const LINE: usize = 42;
const LINE_HEIGHT: i32 = TEXT as i32 * 7 / 8;
const ROW_ROOM: i32 = 8 * UNIT as i32;
const LEFT: i32 = 290 * UNIT as i32;
const RIGHT: i32 = 12 * UNIT as i32;
const TOP: i32 = 6 * UNIT as i32;
const BOTTOM: i32 = 46 * UNIT as i32;

/// The figure's name.
pub fn name(findings: &Findings) -> String {
    format!("{}-checks", findings.theorem.to_string().to_lowercase())
}

/// PNG, CSV (columns case, quantity, deviation, control_deviation, verdict) and SVG.
///
/// # Errors
/// [`ReportError`] when the figure cannot be drawn.
pub fn files(findings: &Findings, verdicts: &[Verdict]) -> Result<[Artifact; 3], ReportError> {
    let rows = Quantity::of(findings, verdicts);
    let height = rows.iter().map(Quantity::height).sum::<i32>() + TOP + BOTTOM;
    let name = name(findings);
    let svg = drawn(&name, (SIZE.0, height as u32), |root| draw(root, &rows))?;
    let cells = rows.iter().flat_map(|row| {
        row.marks.iter().map(|mark| {
            [
                mark.case.to_owned(),
                row.name.to_owned(),
                mark.deviation.to_string(),
                mark.control.to_string(),
                format!("{:?}", mark.verdict).to_lowercase(),
            ]
        })
    });
    let header = [
        "case",
        "quantity",
        "deviation",
        "control_deviation",
        "verdict",
    ];
    files_of(&name, svg, csv::text(header, cells))
}

/// The checks of one quantity.
struct Quantity<'a> {
    name: &'a str,
    marks: Vec<Deviation<'a>>,
}

/// One check and its control, in standard errors; where they are no means, the normal deviates of
/// the same p-values. Of a computation, error over bound, in units of the level's deviate, so that
/// the bound is where a test would reject.
struct Deviation<'a> {
    case: &'a str,
    deviation: f64,
    control: f64,
    computed: bool,
    verdict: Verdict,
}

impl<'a> Quantity<'a> {
    fn of(findings: &'a Findings, verdicts: &[Verdict]) -> Vec<Self> {
        let mut rows: Vec<Self> = Vec::new();
        for (check, &verdict) in findings.checks.iter().zip(verdicts) {
            let mark = Deviation::new(check, verdict);
            match rows.iter_mut().find(|row| row.name == check.quantity) {
                Some(row) => row.marks.push(mark),
                None => rows.push(Self {
                    name: &check.quantity,
                    marks: vec![mark],
                }),
            }
        }
        rows
    }

    /// The quantity, with how often it was checked, on one or two lines.
    fn lines(&self) -> Vec<String> {
        let text = format!("{} ({})", self.name, self.marks.len());
        if text.chars().count() <= LINE {
            return vec![text];
        }
        let middle = text.len() / 2;
        let spaces = text.match_indices(' ').map(|(at, _)| at);
        match spaces.min_by_key(|at| at.abs_diff(middle)) {
            Some(at) => vec![text[..at].into(), text[at + 1..].into()],
            None => vec![text],
        }
    }

    fn height(&self) -> i32 {
        self.lines().len() as i32 * LINE_HEIGHT + ROW_ROOM
    }
}

impl<'a> Deviation<'a> {
    fn new(check: &'a Check, verdict: Verdict) -> Self {
        let signed = |p: f64, observed: f64| deviate(p).copysign(observed - check.predicted);
        let limit = deviate(SINGLE_LEVEL);
        let (deviation, control) = match check.evidence {
            Evidence::Statistical { p_value, .. } => (
                signed(p_value, check.observed),
                signed(check.control.score, check.control.observed),
            ),
            Evidence::Numerical { error, bound } => {
                let of_bound = |error: f64| limit * share_of_bound(error, bound);
                (of_bound(error), of_bound(check.control.score))
            }
        };
        Self {
            case: &check.case,
            deviation: deviation.clamp(-FARTHEST, FARTHEST),
            control: control.clamp(-FARTHEST, FARTHEST),
            computed: matches!(check.evidence, Evidence::Numerical { .. }),
            verdict,
        }
    }
}

/// The z of a two-sided p-value, up to [`FARTHEST`]; 0 for a p-value of 1.
fn deviate(p: f64) -> f64 {
    if p >= 1.0 {
        return 0.0;
    }
    critical_z(p).map_or(FARTHEST, |z| z.min(FARTHEST))
}

/// An error over its bound, which passes up to 1. Where a ratio has to stay below 1 by a hair's
/// breadth, that breadth over how far below it stays.
fn share_of_bound(error: f64, bound: f64) -> f64 {
    let breadth = 1.0 - bound;
    if breadth > 0.0 && breadth < 1e-6 {
        return if error < 1.0 {
            breadth / (1.0 - error)
        } else {
            f64::INFINITY
        };
    }
    error / bound
}

/// Where so many standard errors are drawn.
fn place(deviation: f64) -> i32 {
    let share = (deviation / LINEAR).asinh() / (1.08 * FARTHEST / LINEAR).asinh();
    let (low, high) = (LEFT, SIZE.0 as i32 - RIGHT);
    low + (0.5 * (share + 1.0) * f64::from(high - low)).round() as i32
}

fn draw(root: &Root, rows: &[Quantity]) -> Result<(), Box<dyn std::error::Error>> {
    let text = |size: u32, h: HPos| {
        (FONT, size)
            .into_font()
            .color(&INK)
            .pos(Pos::new(h, VPos::Center))
    };
    let bottom = TOP + rows.iter().map(Quantity::height).sum::<i32>();
    let limit = deviate(SINGLE_LEVEL);
    let band = [(place(-limit), TOP), (place(limit), bottom)];
    root.draw(&Rectangle::new(
        band,
        COLORS[color::SIMULATED].mix(0.12).filled(),
    ))?;
    for tick in TICKS {
        let x = place(tick);
        root.draw(&PathElement::new(
            [(x, TOP), (x, bottom)],
            GRID.stroke_width(UNIT),
        ))?;
        let label = crate::output::number::short(tick);
        let below = (x, bottom + 12 * UNIT as i32);
        root.draw(&Text::new(label, below, text(TEXT, HPos::Center)))?;
    }
    let axis = "standard errors from the prediction";
    let below = (place(0.0), bottom + 33 * UNIT as i32);
    root.draw(&Text::new(axis, below, text(TEXT, HPos::Center)))?;
    let mut y = TOP;
    for row in rows {
        let middle = y + row.height() / 2;
        let lines = row.lines();
        let first = middle - (lines.len() as i32 - 1) * LINE_HEIGHT / 2;
        for (i, line) in lines.into_iter().enumerate() {
            let end = (LEFT - 12 * UNIT as i32, first + i as i32 * LINE_HEIGHT);
            root.draw(&Text::new(line, end, text(TEXT, HPos::Right)))?;
        }
        draw_marks(root, row, middle)?;
        y += row.height();
        if y < bottom {
            let ends = [(LEFT, y), (SIZE.0 as i32 - RIGHT, y)];
            root.draw(&PathElement::new(ends, GRID.stroke_width(UNIT)))?;
        }
    }
    Ok(())
}

fn draw_marks(root: &Root, row: &Quantity, middle: i32) -> Result<(), Box<dyn std::error::Error>> {
    let size = 3 * UNIT as i32;
    let room = f64::from(row.height() - 9 * UNIT as i32);
    for (i, mark) in row.marks.iter().enumerate() {
        // golden steps: neighbours of a row lie apart
        let share = (0.618_034 * i as f64 + 0.5).fract() - 0.5;
        let y = middle + (share * room).round() as i32;
        let fails = mark.verdict == Verdict::Fails;
        let blue = if fails {
            FAILING
        } else {
            COLORS[color::SIMULATED]
        };
        let x = place(mark.deviation);
        if mark.computed {
            let corners = [(x - size, y - size), (x + size, y + size)];
            root.draw(&Rectangle::new(corners, blue.filled()))?;
        } else {
            root.draw(&Circle::new((x, y), size, blue.filled()))?;
        }
        let blind = mark.verdict == Verdict::Blind;
        let grey = if blind { FAILING } else { COLORS[color::LIMIT] };
        root.draw(&Cross::new(
            (place(mark.control), y),
            size,
            grey.stroke_width(UNIT),
        ))?;
    }
    Ok(())
}
