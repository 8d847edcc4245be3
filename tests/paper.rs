//! The paper's figures, redrawn: what is drawn as exact is the law of what is drawn as simulated.

use isomoment::theorems::paper::{Redrawn, redrawn};
use isomoment::theorems::{Figure, Mark, Series, Settings};

/// y of a line at x, between its points.
fn at(line: &Series, x: f64) -> f64 {
    let right = line.points.partition_point(|p| p.0 < x);
    let right = right.clamp(1, line.points.len() - 1);
    let ((x0, y0, _), (x1, y1, _)) = (line.points[right - 1], line.points[right]);
    y0 + (y1 - y0) * (x - x0) / (x1 - x0)
}

fn of_mark(figure: &Figure, mark: Mark) -> Vec<&Series> {
    figure.series.iter().filter(|s| s.mark == mark).collect()
}

fn panel<'a>(all: &'a [Redrawn], name: &str) -> &'a Figure {
    let mut panels = all.iter().flat_map(|redrawn| &redrawn.panels);
    panels.find(|panel| panel.name == name).unwrap()
}

#[test]
fn every_figure_is_drawn_and_simulated_distributions_are_the_exact_ones() {
    let settings = Settings {
        seed: 3,
        effort: 0.25,
    };
    let all = redrawn(&settings, &|_| ()).unwrap();
    let originals: Vec<&str> = all.iter().map(|redrawn| redrawn.original).collect();
    let expected = [
        "Figure 1, left",
        "Figure 1, right",
        "Figures 2 and 5",
        "Figure 4",
        "Figure 6",
    ];
    assert_eq!(originals, expected);
    assert_eq!(all.iter().map(|r| r.panels.len()).sum::<usize>(), 15);

    // Kolmogorov's limit: 1.95/√n is exceeded in one sample of a thousand
    let bound = 1.95 / 1000_f64.sqrt();
    for name in ["relu", "linear", "leaky-relu"] {
        let figure = if name == "relu" { 2 } else { 5 };
        let figure = panel(&all, &format!("paper-{figure}-distribution-{name}"));
        let lines = of_mark(figure, Mark::Line);
        let shares = of_mark(figure, Mark::Points);
        let largest = |line: &Series, shares: &Series| {
            let off = shares.points.iter().map(|p| (p.1 - at(line, p.0)).abs());
            off.fold(0.0, f64::max)
        };
        assert_eq!((lines.len(), shares.len()), (2, 2));
        for i in 0..2 {
            assert!(largest(lines[i], shares[i]) < bound, "{name} {i}");
            // the other scale's law is not that of the sample
            assert!(largest(lines[1 - i], shares[i]) > 2.0 * bound, "{name} {i}");
        }
    }

    // densities integrate to the distribution functions
    let density = of_mark(panel(&all, "paper-2-density-relu"), Mark::Line)[0];
    let distribution = of_mark(panel(&all, "paper-2-distribution-relu"), Mark::Line)[0];
    let cells = density.points.windows(2);
    let mass: f64 = cells
        .map(|c| 0.5 * (c[1].0 - c[0].0) * (c[0].1 + c[1].1))
        .sum();
    let last = distribution.points.len() - 1;
    let between = distribution.points[last].1 - distribution.points[0].1;
    assert!((mass - between).abs() < 2e-3, "{mass} {between}");

    // beyond s the exact moments leave the sample's far behind; below it they do not
    let moments = panel(&all, "paper-1-moments");
    let (lines, points) = (of_mark(moments, Mark::Line), of_mark(moments, Mark::Points));
    for (line, sample) in lines.iter().zip(points) {
        assert!(line.points[20].1 > 30.0 * sample.points[20].1);
    }
}
