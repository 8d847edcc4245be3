//! Axes: ranges, ticks and what stands at them.

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

use crate::output::number::short;
use isomoment::theorems::{Figure, Mark};

/// One axis: its range in drawing coordinates (decades on a logarithmic one) and its ticks.
pub struct Axis {
    pub low: f64,
    pub high: f64,
    log: bool,
    pub ticks: Vec<f64>,
    /// What stands at 1, 2, … instead of numbers.
    names: Vec<String>,
}

impl Axis {
    pub fn new(figure: &Figure, log: bool, value: impl Fn(&(f64, f64, f64)) -> (f64, f64)) -> Self {
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
    pub fn of_names(names: &[String]) -> Self {
        let count = names.len() as f64;
        Self {
            names: names.to_vec(),
            low: 0.5,
            high: count + 0.5,
            log: false,
            ticks: (1..=names.len()).map(|i| i as f64).collect(),
        }
    }

    pub fn scale(&self) -> Scale {
        Scale {
            low: self.low,
            high: self.high,
            ticks: self.ticks.clone(),
        }
    }

    pub fn map(&self, value: f64) -> f64 {
        if self.log { value.log10() } else { value }
    }

    pub fn tick(&self, value: f64) -> String {
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

/// From so many decades on a logarithmic axis is marked by decades only.
const FEW_DECADES: f64 = 2.6;

/// On an axis shorter than this every digit is marked.
const SHORT: f64 = 0.7;

/// Decades, at most nine of them, or 1, 2, 5 or every digit within them where they are few; as
/// logarithms.
fn log_ticks(low: f64, high: f64) -> Vec<f64> {
    let stride = ((high - low) / 9.0).ceil().max(1.0) as usize;
    let digits: &[f64] = if high - low >= FEW_DECADES {
        &[1.0]
    } else if high - low >= SHORT {
        &[1.0, 2.0, 5.0]
    } else {
        &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
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

/// A range with ticks of its own: plotters' are round numbers of what it is given, also of
/// logarithms.
pub struct Scale {
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
