//! The picture of a diagnosis: the log-norm by depth, exact.

use std::path::Path;

use crate::output::{self, Artifact};
use crate::report::ReportError;
use crate::report::figure::figure_files;
use isomoment::diagnosis::Diagnosis;
use isomoment::theorems::{Figure, Mark, Series, color};

/// Depths at which the law is drawn, at most.
const POINTS: u64 = 24;

/// Draws the median and the middle 90 % of the root-mean-square by depth, the typical gradient where
/// it is another, and the share `epsilon` and its reciprocal, to a PNG or an SVG by the file's name.
///
/// # Errors
/// [`ReportError`] for another ending, a depth at which the law has no value, and a file that cannot
/// be written.
pub fn draw(found: &Diagnosis, title: &str, epsilon: f64, path: &Path) -> Result<(), ReportError> {
    let wrong = || ReportError::new("picture", "its name must end in .png or .svg");
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or("");
    let name = path
        .file_name()
        .and_then(|n| n.to_str())
        .ok_or_else(wrong)?;
    if !matches!(ending, "png" | "svg") {
        return Err(wrong());
    }
    let figure = figure(found, title, epsilon).map_err(|e| ReportError::new("picture", e))?;
    let files = figure_files(&figure)?;
    let of_ending = files.into_iter().find(|file| file.name.ends_with(ending));
    let bytes = of_ending.ok_or_else(wrong)?.bytes;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    output::write_all(folder, &[Artifact::new(name, bytes)])
        .map_err(|e| ReportError::new("picture", e))
}

/// Of decimal logarithms, as at depth no double may hold the factor.
fn figure(found: &Diagnosis, title: &str, epsilon: f64) -> isomoment::Result<Figure> {
    let decades = |log: f64| log / std::f64::consts::LN_10;
    let depth = found.law().depth();
    let count = depth.min(POINTS);
    let mut depths: Vec<u64> = (1..=count).map(|i| i * depth / count).collect();
    depths.dedup();
    let start = (0.0, 0.0, 0.0);
    let (mut band, mut median) = (vec![start], vec![start]);
    for k in depths {
        let (low, middle, high) = found.at_depth(k)?.band(0.9)?;
        let x = k as f64;
        band.push((x, decades(0.5 * (low + high)), decades(high - low) / 2.0));
        median.push((x, decades(middle), 0.0));
    }
    let end = depth as f64;
    let mut series = vec![
        Series::new(Mark::Band, color::EXACT, band),
        Series::new(Mark::Line, color::EXACT, median).labelled("signal: median, 90 %"),
    ];
    let level = |log: f64, name: &str| {
        Series::exact(Mark::Dashed, color::LIMIT, [(0.0, log), (end, log)]).labelled(name)
    };
    if let Some(rate) = found.backward().filter(|rate| *rate != found.forward()) {
        let typical = [(0.0, 0.0), (end, decades(rate.growth * end))];
        let line = Series::exact(Mark::Dashed, color::SIMULATED, typical);
        series.push(line.labelled("gradient: typical"));
    }
    series.push(level(epsilon.log10(), "vanished"));
    series.push(level(-epsilon.log10(), "exploded"));
    let (x, y) = ("layers k", "log₁₀ of the root-mean-square over the input's");
    Ok(Figure::new("diagnosis", x, y, series).with_caption(title))
}
