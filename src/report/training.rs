//! T10: the paper's training experiment, from the record of a run of `isomoment train --preset paper-mnist` that is kept in
//! data/paper-mnist, as it takes longer than a report may.

use crate::error::Result;
use crate::theorems::{Chart, Mark, Series};
use crate::train::{Comparison, Epoch, Summary, Trained, compare, read_epochs, summarize};

/// The record, and the command that makes it.
const RECORD: &str = include_str!("../../data/paper-mnist/epochs.csv");
pub const COMMAND: &str = "isomoment train --preset paper-mnist --data mnist --init fractional:1,published:1,he,glorot,random-walk";

/// The level of the verdict, after Holm's correction.
const LEVEL: f64 = 0.05;

/// What the experiment found.
pub struct Experiment {
    pub summaries: Vec<Summary>,
    pub comparisons: Vec<Comparison>,
    pub charts: Vec<Chart>,
}

impl Experiment {
    pub fn recorded() -> Result<Self> {
        let trained = read_epochs(RECORD)?;
        let summaries = summarize(&trained);
        Ok(Self {
            comparisons: compare(&trained, "he"),
            charts: vec![
                by_epoch(
                    &trained,
                    &summaries,
                    "t10-training-loss",
                    "training loss",
                    Epoch::bounded_train_loss,
                ),
                by_epoch(&trained, &summaries, "t10-test-error", "test error", |e| {
                    1.0 - e.test_accuracy
                }),
                final_errors(&trained, &summaries),
            ],
            summaries,
        })
    }

    /// What the data say of the claim that σ(1, d) trains better than the other scales, in one paragraph.
    pub fn verdict(&self) -> String {
        let sentences = self.comparisons.iter().filter(|c| c.scheme == "fractional:1").map(|c| {
            let better = (c.difference > 0.0) == (c.quantity == "test accuracy");
            let found = match (c.adjusted <= LEVEL, better) {
                (true, true) => "better than He's rule",
                (true, false) => "worse than He's rule",
                (false, _) => "not distinguishable from He's rule",
            };
            format!(
                "In {} σ(1, d) is {found}: difference {:+.4}, 95 % interval {:+.4} to {:+.4}, p = {:.2} after correction.",
                c.quantity, c.difference, c.interval.0, c.interval.1, c.adjusted
            )
        });
        sentences.collect::<Vec<_>>().join(" ")
    }
}

fn by_epoch(
    trained: &[Trained],
    summaries: &[Summary],
    name: &'static str,
    what: &str,
    value: fn(&Epoch) -> f64,
) -> Chart {
    let mut series = Vec::new();
    for (color, summary) in summaries.iter().enumerate() {
        let networks: Vec<&Trained> = trained
            .iter()
            .filter(|t| t.scheme == summary.scheme)
            .collect();
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
        let every_fifth = line.iter().skip(4).step_by(5).copied().collect();
        let bare = line.iter().map(|&(x, y, _)| (x, y, 0.0)).collect();
        series.push(Series {
            label: summary.scheme.clone(),
            mark: Mark::Line,
            color,
            points: bare,
        });
        series.push(Series {
            label: String::new(),
            mark: Mark::Points,
            color,
            points: every_fifth,
        });
    }
    Chart {
        name,
        x_label: "epoch".into(),
        y_label: what.into(),
        x_log: false,
        y_log: true,
        series,
        caption: format!(
            "Mean {what} by epoch over the networks of each scheme, with 95 % intervals of the mean every fifth epoch: the paper's network on MNIST."
        ),
    }
}

/// Every network's final test error against its scheme's number.
fn final_errors(trained: &[Trained], summaries: &[Summary]) -> Chart {
    let series = summaries.iter().enumerate().map(|(color, summary)| {
        let networks = trained.iter().filter(|t| t.scheme == summary.scheme);
        let last = networks.filter_map(|t| Some((t.network, 1.0 - t.epochs.last()?.test_accuracy)));
        // side by side, so that equal ones are seen
        let place = |network: u64| (color + 1) as f64 + 0.02 * (network as f64 - 9.5);
        Series {
            label: String::new(),
            mark: Mark::Points,
            color,
            points: last
                .map(|(network, error)| (place(network), error, 0.0))
                .collect(),
        }
    });
    let names = summaries.iter().enumerate();
    let names = names.map(|(i, summary)| format!("{} {}", i + 1, summary.scheme));
    Chart {
        name: "t10-final-error",
        x_label: names.collect::<Vec<_>>().join(", "),
        y_label: "test error after the last epoch".into(),
        x_log: false,
        y_log: true,
        series: series.collect(),
        caption: "Share of wrong answers on the test set after the last epoch, a point for each network, side by side for each scheme; networks with the same place share their random numbers. A network that diverged is wrong everywhere.".into(),
    }
}
