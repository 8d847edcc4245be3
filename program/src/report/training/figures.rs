//! T10's figures.

use crate::report::training::designed::{Cell, Designed, LOSS, SCHEMES};
use crate::report::training::released::{Preset, test_area};
use crate::report::training::scheme_label;
use crate::train::{Architecture, Ends, SchemeSummary, Start, StartLaws, Trained};
use isomoment::Result;
use isomoment::init::Scheme;
use isomoment::theorems::{Figure, Mark, Series, color};

/// A scheme's colour, by its name in the records.
fn color_of(scheme: &str) -> usize {
    let scheme = scheme.trim_end_matches("-relu").parse::<Scheme>();
    scheme.map_or(color::LIMIT, color::of_scheme)
}

/// Log-norms of images behind the hidden layers before training: exact laws and samples.
pub fn initial(
    starts: &[Start],
    architecture: &Architecture,
    summaries: &[SchemeSummary],
    ends: Ends,
) -> Result<Figure> {
    let finite = starts.iter().map(|s| s.hidden).filter(|x| x.is_finite());
    let (first, last) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
        (low.min(x), high.max(x))
    });
    let mut series = Vec::new();
    for (place, summary) in summaries.iter().enumerate() {
        let scheme: Scheme = summary.scheme.parse()?;
        let color = color::of_scheme(scheme);
        let laws = StartLaws::new(architecture, scheme, ends)?;
        let Some(law) = laws.hidden else { continue };
        let table = law.table()?;
        let points = (0..=400).map(|i| {
            let x = first + (last - first) * f64::from(i) / 400.0;
            (x, table.cdf(x))
        });
        series
            .push(Series::exact(Mark::Line, color, points).labelled(scheme_label(&summary.scheme)));
        let own = starts.iter().filter(|s| s.scheme == summary.scheme);
        let mut sample: Vec<f64> = own.map(|s| s.hidden).collect();
        sample.sort_by(f64::total_cmp);
        let n = sample.len();
        // every scheme at other shares, so that neighbours do not hide each other
        let shares = (1..10).map(|i| (10 * i - 5 + 2 * place).min(95) * n / 100);
        let counts: Vec<(f64, u64, u64)> = shares
            .map(|below| (sample[below], below as u64, n as u64))
            .collect();
        series.extend(Series::shares(color, &counts)?);
    }
    let x_label = "log(‖x₁₉‖ / ‖x₀‖) before training";
    let figure = Figure::new("t10-initial", x_label, "distribution function", series);
    Ok(figure.with_caption(
        format!(
            "MNIST images through the 19 hidden layers of the paper's network before training: the rectangular first layer, from 784 pixels, and 18 square ones. Lines: exact law. \
             Points: {} networks for each scheme, with Clopper and Pearson's 95 % intervals. The schemes differ by less than the networks of one scheme, but for Glorot's.",
            starts.len() / summaries.len().max(1)
        ),
    ))
}

/// Every network's area under the log of the test loss, side by side for each scheme.
pub fn areas(preset: &Preset, name: &'static str) -> Figure {
    let series = preset
        .schemes()
        .into_iter()
        .enumerate()
        .map(|(at, scheme)| {
            let own = preset.trained.iter().filter(|t| t.scheme == scheme);
            // side by side, so that equal ones are seen
            let place = |network: u64| (at + 1) as f64 + 0.03 * (network as f64 - 9.5);
            let points = own.filter_map(|t| Some((place(t.network), test_area(t)?)));
            Series::exact(Mark::Points, color_of(scheme), points)
        });
    let y_label = "mean of ln(test loss) over the epochs";
    Figure::new(name, "initial scale", y_label, series.collect())
        .with_categories(preset.schemes().map(scheme_label).to_vec())
        .with_caption(format!(
            "{} units on MNIST, in the settings of the released code: the area under the log of the test loss, a point for each network; networks with the same place in their group share their random numbers. A guess has ln(ln 10) = 0.83.",
            preset.units
        ))
}

/// Mean test loss by epoch, geometric, with the 95 % band of its logarithm's mean.
pub fn test_losses(preset: &Preset, name: &'static str) -> Figure {
    let (mut bands, mut lines) = (Vec::new(), Vec::new());
    for scheme in preset.schemes() {
        let color = color_of(scheme);
        let own: Vec<&Trained> = preset
            .trained
            .iter()
            .filter(|t| t.scheme == scheme)
            .collect();
        let epochs = own.iter().map(|t| t.epochs.len()).min().unwrap_or(0);
        let n = own.len() as f64;
        let line: Vec<(f64, f64, f64)> = (0..epochs)
            .map(|epoch| {
                let logs = || {
                    own.iter()
                        .map(|t| t.epochs[epoch].bounded_test_loss(t.classes).ln())
                };
                let mean = logs().sum::<f64>() / n;
                let variance = logs().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
                ((epoch + 1) as f64, mean, 1.96 * (variance / n).sqrt())
            })
            .collect();
        let means = line.iter().map(|&(x, y, _)| (x, y));
        lines.push(Series::exact(Mark::Line, color, means).labelled(scheme_label(scheme)));
        bands.push(Series::new(Mark::Band, color, line));
    }
    bands.append(&mut lines);
    Figure::new(name, "epoch", "mean of ln(test loss)", bands).with_caption(format!(
        "{} units on MNIST, in the settings of the released code: ln of the test loss by epoch, mean over the networks of each scheme with its 95 % band. No network is left out; one that diverged counts with the loss of a guess, ln 10, here 0.83.",
        preset.units
    ))
}

/// The designed experiment: differences to He's rule by cell, for one size of batches.
pub fn where_it_matters(designed: &Designed, batch: usize, name: &'static str) -> Figure {
    let cells = || designed.cells.iter().filter(|cell| cell.batch == batch);
    let mut series = Vec::new();
    for (place, scheme) in SCHEMES.into_iter().enumerate() {
        let points = cells().enumerate().map(|(at, cell)| {
            let found = designed.of(cell, scheme, LOSS);
            let half = 1.96 * found.deviation / (found.pairs as f64).sqrt();
            let x = (at + 1) as f64 + 0.2 * (place as f64 - 0.5);
            (x, found.difference, half)
        });
        let points = Series::new(Mark::Points, color_of(scheme), points);
        series.push(points.labelled(scheme_label(scheme)));
    }
    let ends = [0.5, cells().count() as f64 + 0.5].map(|x| (x, 0.0));
    series.push(Series::exact(Mark::Line, color_of("he"), ends).labelled("He"));
    let x_label = "width × depth";
    let y_label = "ln(test loss) less He's";
    Figure::new(name, x_label, y_label, series)
        .with_categories(cells().map(Cell::shape).collect())
        .with_caption(format!(
            "The designed experiment, batches of {batch}: mean difference of ln(test loss) to He's rule over {} pairs of networks, each scheme at its own best learning rate, with 95 % intervals; below 0 the scheme is better.",
            designed.comparisons.first().map_or(0, |c| c.pairs)
        ))
}

/// The share of networks that train against s, 0 for the Lyapunov scale, a line for each shape.
pub fn share_that_trains(summaries: &[SchemeSummary]) -> Result<Figure> {
    let order = |scheme: &str| match scheme {
        "lyapunov" => 0.0,
        "he" => 2.0,
        other => other
            .rsplit(':')
            .next()
            .and_then(|s| s.parse().ok())
            .unwrap_or(f64::NAN),
    };
    let mut shapes: Vec<(usize, usize)> = summaries.iter().map(|s| (s.width, s.depth)).collect();
    shapes.dedup();
    let mut series = Vec::new();
    for (place, (width, depth)) in shapes.into_iter().enumerate() {
        // a colour for each depth, a mark for each width
        let color = color::STEPS[place / 2 % color::STEPS.len()];
        let own = summaries
            .iter()
            .filter(|s| (s.width, s.depth) == (width, depth));
        let mut line: Vec<(f64, f64)> = Vec::new();
        let mut counts = Vec::new();
        for s in own {
            // side by side, so that intervals are told apart
            let x = order(&s.scheme) + 0.025 * (place as f64 - 2.5);
            let trained = ((1.0 - s.failed) * s.networks as f64).round() as u64;
            line.push((x, 1.0 - s.failed));
            counts.push((x, trained, s.networks as u64));
        }
        line.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mark = if width == 16 {
            Mark::Dashed
        } else {
            Mark::Line
        };
        let line = Series::exact(mark, color, line);
        series.push(line.labelled(format!("d = {width}, k = {depth}")));
        series.extend(Series::shares(color, &counts)?);
    }
    let x_label = "moment order s kept constant (0: Lyapunov scale, 2: He)";
    let y_label = "share of networks that train";
    let figure = Figure::new("t10-share-that-trains", x_label, y_label, series);
    Ok(figure.with_caption(
        format!(
            "Narrower and deeper: share of networks whose test accuracy exceeds 0.2 after 10 epochs of MNIST, against the moment order that the initial scale keeps, \
             with Clopper and Pearson's 95 % intervals; {} networks for each scale and shape. Dashed: width 16; full: width 32.",
            summaries.first().map_or(0, |s| s.networks)
        ),
    ))
}
