//! T10's figures.

use crate::report::training::scheme_label;
use crate::train::{Architecture, Ends, Epoch, SchemeSummary, Start, StartLaws, Trained};
use isomoment::Result;
use isomoment::init::Scheme;
use isomoment::theorems::{Figure, Mark, Series, color};

/// A scheme's colour, by its name in the records.
fn color_of(scheme: &str) -> usize {
    let scheme = scheme.parse::<Scheme>();
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

pub fn training_loss(trained: &[Trained], summaries: &[SchemeSummary]) -> Figure {
    by_epoch(
        trained,
        summaries,
        "t10-training-loss",
        "training loss",
        |epoch| epoch.bounded_train_loss(10),
    )
}

pub fn test_error(trained: &[Trained], summaries: &[SchemeSummary]) -> Figure {
    let error = |e: &Epoch| 1.0 - e.test_accuracy;
    by_epoch(trained, summaries, "t10-test-error", "test error", error)
}

fn by_epoch(
    trained: &[Trained],
    summaries: &[SchemeSummary],
    name: &'static str,
    what: &str,
    value: fn(&Epoch) -> f64,
) -> Figure {
    let (mut bands, mut lines) = (Vec::new(), Vec::new());
    let mut left_out = 0;
    for summary in summaries {
        let color = color_of(&summary.scheme);
        let own = || trained.iter().filter(|t| t.scheme == summary.scheme);
        let finite = |t: &&Trained| t.epochs.iter().all(|e| e.train_loss.is_finite());
        let networks: Vec<&Trained> = own().filter(finite).collect();
        left_out += own().count() - networks.len();
        let epochs = networks.iter().map(|t| t.epochs.len()).min().unwrap_or(0);
        let n = networks.len() as f64;
        let line: Vec<(f64, f64, f64)> = (0..epochs)
            .map(|epoch| {
                let values = || networks.iter().map(|t| value(&t.epochs[epoch]));
                let mean = values().sum::<f64>() / n;
                let variance = values().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
                ((epoch + 1) as f64, mean, 1.96 * (variance / n).sqrt())
            })
            .collect();
        let means = line.iter().map(|&(x, y, _)| (x, y));
        lines.push(Series::exact(Mark::Line, color, means).labelled(scheme_label(&summary.scheme)));
        bands.push(Series::new(Mark::Band, color, line));
    }
    bands.append(&mut lines);
    Figure::new(name, "epoch", what, bands).with_log_y().with_caption(
        format!(
            "Mean {what} by epoch over the networks of each scheme, with the 95 % band of the mean: the paper's network on MNIST. Networks that diverged are left out here, and only here: {left_out} of {}.",
            trained.len()
        ),
    )
}

/// Every network's final test error, side by side for each scheme.
pub fn final_errors(trained: &[Trained], summaries: &[SchemeSummary]) -> Figure {
    let series = summaries.iter().enumerate().map(|(place, summary)| {
        let networks = trained.iter().filter(|t| t.scheme == summary.scheme);
        let last = networks.filter_map(|t| Some((t.network, 1.0 - t.epochs.last()?.test_accuracy)));
        // side by side, so that equal ones are seen
        let place = |network: u64| (place + 1) as f64 + 0.03 * (network as f64 - 9.5);
        let points = last.map(|(network, error)| (place(network), error));
        Series::exact(Mark::Points, color_of(&summary.scheme), points)
    });
    let y_label = "test error after the last epoch";
    Figure::new("t10-final-error", "initial scale", y_label, series.collect())
        .with_log_y()
        .with_categories(summaries.iter().map(|s| scheme_label(&s.scheme)).collect())
        .with_caption("Share of wrong answers on the test set after the last epoch, a point for each network; networks with the same place in their group share their random numbers. A network that diverged is wrong everywhere.")
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
