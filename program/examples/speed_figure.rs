//! Draws the measurements of `benches/simulation.py --csv FILE` beside that file:
//! `cargo run --release --example speed_figure -- reports/speed-of-simulation.csv`.

use std::error::Error;
use std::path::Path;

use isomoment::theorems::{Figure, Mark, Series};
use isomoment_cli::output::write_all;
use isomoment_cli::report::figure_files;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name the CSV file")?;
    let path = Path::new(&path);
    let mut rows = Vec::new();
    for row in csv::Reader::from_path(path)?.deserialize() {
        let row: (String, f64, Option<f64>, usize, f64) = row?;
        rows.push(row);
    }
    // at every width the longest run
    let curve = |name: &str| -> Vec<(f64, f64)> {
        let mut points: Vec<(f64, f64)> = Vec::new();
        let of_name = rows.iter().filter(|r| r.0 == name && r.3 == 1);
        for row in of_name.filter(|r| r.1 <= 1024.0) {
            if !points.iter().any(|p| p.0 == row.1) {
                points.push((row.1, row.4));
            }
        }
        points
    };
    let names = [
        ("NumPy float64", "NumPy, f64", Mark::Line, 1),
        ("NumPy float32", "NumPy, f32", Mark::Dashed, 1),
        ("PyTorch float64", "PyTorch, f64", Mark::Line, 3),
        ("PyTorch float32", "PyTorch, f32", Mark::Dashed, 3),
        ("network f64", "isomoment, f64", Mark::Line, 0),
        ("network f32", "isomoment, f32", Mark::Dashed, 0),
    ];
    let measured = names
        .map(|(name, label, mark, color)| Series::exact(mark, color, curve(name)).labelled(label));
    let mut series: Vec<Series> = measured
        .into_iter()
        .filter(|s| !s.points.is_empty())
        .collect();
    for (name, label, mark) in [
        ("normals f64", "normals alone, f64", Mark::Line),
        ("normals f32", "normals alone, f32", Mark::Dashed),
    ] {
        let cost = rows.iter().find(|r| r.0 == name).ok_or("no normals")?.4;
        series.push(Series::exact(mark, 2, [(16.0, cost), (1024.0, cost)]).labelled(label));
    }
    let per_weight = "nanoseconds per weight, one core";
    let figure = Figure::new("speed-of-simulation", "width d", per_weight, series);
    let levels = [
        ("network f64", "network", 0),
        ("preactivation", "preactivation", 1),
        ("radial", "radial", 2),
    ];
    let series = levels.map(|(name, label, color)| {
        let of_layer = |(width, cost): (f64, f64)| {
            let weights = if name == "network f64" {
                width * width
            } else {
                1.0
            };
            (width, cost * weights / 1000.0)
        };
        Series::exact(Mark::Line, color, curve(name).into_iter().map(of_layer)).labelled(label)
    });
    let per_layer = "microseconds per layer, one core";
    let layers = Figure::new("speed-of-levels", "width d", per_layer, series.into());
    let folder = path.parent().unwrap_or(Path::new("."));
    for figure in [figure, layers] {
        let [png, _, svg] = figure_files(&figure.with_log_x().with_log_y())?;
        write_all(folder, &[png, svg])?;
    }
    Ok(())
}
