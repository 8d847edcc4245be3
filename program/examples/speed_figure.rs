//! Draws the measurements of `benches/simulation.py --csv FILE` beside that file:
//! `cargo run --release --example speed_figure -- reports/speed-of-simulation.csv`.

use std::error::Error;
use std::path::Path;

use isomoment::theorems::{Figure, Mark, Series};
use isomoment_cli::report::{figure_files, write_all};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name the CSV file")?;
    let path = Path::new(&path);
    let mut rows = Vec::new();
    for row in csv::Reader::from_path(path)?.deserialize() {
        let row: (String, f64, Option<f64>, usize, f64) = row?;
        rows.push(row);
    }
    // at every width the longest run
    let curve = |name: &str| -> Vec<(f64, f64, f64)> {
        let mut points: Vec<(f64, f64, f64)> = Vec::new();
        let of_name = rows.iter().filter(|r| r.0 == name && r.3 == 1);
        for row in of_name.filter(|r| r.1 <= 1024.0) {
            if points.iter().any(|p| p.0 == row.1) {
                continue;
            }
            points.push((row.1, row.4, 0.0));
        }
        points
    };
    let mut series = Vec::new();
    let names = [
        ("NumPy float64", "NumPy, f64", Mark::Line, 1),
        ("NumPy float32", "NumPy, f32", Mark::Dashed, 1),
        ("PyTorch float64", "PyTorch, f64", Mark::Line, 3),
        ("PyTorch float32", "PyTorch, f32", Mark::Dashed, 3),
        ("network f64", "isomoment, f64", Mark::Line, 0),
        ("network f32", "isomoment, f32", Mark::Dashed, 0),
    ];
    for (name, label, mark, color) in names {
        let points = curve(name);
        if !points.is_empty() {
            series.push(Series {
                label: label.into(),
                mark,
                color,
                points,
            });
        }
    }
    for (name, label, mark) in [
        ("normals f64", "normals alone, f64", Mark::Line),
        ("normals f32", "normals alone, f32", Mark::Dashed),
    ] {
        let cost = rows.iter().find(|r| r.0 == name).ok_or("no normals")?.4;
        series.push(Series {
            label: label.into(),
            mark,
            color: 2,
            points: vec![(16.0, cost, 0.0), (1024.0, cost, 0.0)],
        });
    }
    let figure = Figure {
        name: "speed-of-simulation",
        x_label: "width d".into(),
        y_label: "nanoseconds per weight, one core".into(),
        categories: Vec::new(),
        x_log: true,
        y_log: true,
        series,
        caption: String::new(),
    };
    let levels = [
        ("network f64", "network", 0),
        ("preactivation", "preactivation", 1),
        ("radial", "radial", 2),
    ];
    let series = levels.map(|(name, label, color)| {
        let of_layer = |p: (f64, f64, f64)| {
            let weights = if name == "network f64" {
                p.0 * p.0
            } else {
                1.0
            };
            (p.0, p.1 * weights / 1000.0, 0.0)
        };
        Series {
            label: label.into(),
            mark: Mark::Line,
            color,
            points: curve(name).into_iter().map(of_layer).collect(),
        }
    });
    let layers = Figure {
        name: "speed-of-levels",
        y_label: "microseconds per layer, one core".into(),
        series: series.into(),
        ..figure.clone()
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    for figure in [figure, layers] {
        let [png, _, svg] = figure_files(&figure)?;
        write_all(folder, &[png, svg])?;
    }
    Ok(())
}
