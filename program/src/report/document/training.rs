//! T10's section: a claim about data, from the records of two experiments.

use std::fmt::Write;

use crate::output::number::signed;
use crate::report::document::markup::{compact, escape};
use crate::report::document::parts::{write_figures, write_pointers};
use crate::report::training::{COMMAND, DEEP_COMMAND, TrainingRecord};
use crate::train::{Comparison, SchemeSummary, StartFit};

pub fn write(training: &TrainingRecord, out: &mut String) -> std::fmt::Result {
    let networks = training.summaries.iter().map(|s| s.networks).max();
    writeln!(out, "= T10: Training <T10>\n")?;
    writeln!(
        out,
        "#statement[The paper @paper reports that networks initialised with $sigma(s, d)$ train and generalise better. This is a claim about data, and no theorem. Its experiment, repeated: \
         MNIST @mnist scaled to $[-1, 1]$, 20 layers of width 64, Leaky ReLU with slope 0.01 after every layer, stochastic gradient descent with learning rate 0.01 and batches of 128, 30 epochs, cross-entropy, \
         {} networks for each scheme, which share their random numbers pair by pair.]\n",
        networks.unwrap_or(0)
    )?;
    writeln!(out, "*Verdict.* {}\n", escape(&training.verdict()))?;
    let tables = ["t10-start", "t10-results", "t10-differences", "t10-deep"];
    write_pointers(&training.figures, &tables, out)?;
    writeln!(
        out,
        "Before training the networks follow the exact law on real data as on any other: the law of $norm(x_k)$ does not depend on the input (@eq-layer), and a rectangular layer has the law of its number of outputs. \
         A network counts as failed when its test accuracy is at most 0.2 in the end; the loss of one that diverged counts as $ln 10$, that of a guess. Intervals are bootstrap intervals of the mean; p-values are of all \
         permutations of the signs of the paired differences, corrected by Holm's rule @holm over all rows of both experiments' own tables. \
         The records are kept with the program; they were made by\n\n#command(\"{COMMAND}\")\n\n#command(\"{DEEP_COMMAND}\")\n"
    )?;
    write_starts(&training.starts, out)?;
    let caption = "Final results by shape (width × depth) and scheme: means over the networks with their 95 % intervals, accuracies in per cent; median number of epochs until the training loss is below 0.5; networks that failed, in per cent. `results.json` has the standard deviations.";
    write_summaries("t10-results", caption, &training.summaries, out)?;
    let caption = "Differences to He's rule, network by network, in the paper's setting.";
    write_comparisons("t10-differences", caption, &training.comparisons, out)?;
    write_figures(&training.figures, "(Seed 1.)", out)?;
    writeln!(
        out,
        "*Narrower and deeper.* {}\n",
        escape(&training.deep_verdict())
    )?;
    let caption = "Narrower and deeper networks after 10 epochs; columns as in @tab-t10-results.";
    write_summaries("t10-deep", caption, &training.deep_summaries, out)?;
    let telling = training.deep_comparisons.iter();
    let telling: Vec<Comparison> = telling.filter(|c| c.adjusted <= 0.05).cloned().collect();
    if telling.is_empty() {
        return Ok(());
    }
    let caption = "Differences to He's rule in narrower and deeper networks that are significant at level 0.05 after correction.";
    write_comparisons("t10-deep-differences", caption, &telling, out)
}

fn write_starts(starts: &[StartFit], out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "#numbered(\"t10-start\", [MNIST images through networks before training: $log(norm(x_19)\\/norm(x_0))$ behind the hidden layers, and $log(norm(x_20)\\/norm(x_19))$ of the last layer, with 10 units, against the exact law \
         (Kolmogorov–Smirnov). Negative control: layers with a quarter more units.], numbers(7,"
    )?;
    writeln!(
        out,
        "  [*scheme*], [*layers*], [*n*], [*predicted mean, sd*], [*observed mean, 95 %*], [*p*], [*control p*],"
    )?;
    for f in starts {
        writeln!(
            out,
            "  [{}], [{}], [{}], [{}, {:.4}], [{} ± {:.4}], [{}], [{}],",
            escape(&f.scheme),
            f.layers,
            f.networks,
            signed(f.predicted.0, 4),
            f.predicted.1,
            signed(f.observed.0, 4),
            1.96 * f.observed.1,
            compact(f.p_value),
            compact(f.control_p_value)
        )?;
    }
    writeln!(out, "))\n")
}

fn shape(width: usize, depth: usize) -> String {
    format!("{width} × {depth}")
}

fn write_summaries(
    name: &str,
    caption: &str,
    summaries: &[SchemeSummary],
    out: &mut String,
) -> std::fmt::Result {
    let long = summaries.len() > 26;
    writeln!(
        out,
        "#numbered(\"{name}\", long: {long}, [{caption}], numbers(8,"
    )?;
    writeln!(
        out,
        "  [*shape*], [*scheme*], [*test accuracy*], [*train accuracy*], [*test loss*], [*train loss*], [*epochs*], [*failed*],"
    )?;
    for s in summaries {
        let share = |mean: f64, (low, high): (f64, f64), decimals: usize| {
            let [mean, low, high] = [mean, low, high].map(|x| format!("{:.decimals$}", 100.0 * x));
            format!("[{mean} ({low}–{high})], ")
        };
        write!(
            out,
            "  [{}], [{}], ",
            shape(s.width, s.depth),
            escape(&s.scheme)
        )?;
        for e in [&s.test_accuracy, &s.train_accuracy] {
            out.push_str(&share(e.mean, e.interval, 1));
        }
        for e in [&s.test_loss, &s.train_loss] {
            let (low, high) = e.interval;
            write!(out, "[{:.3} ({low:.3}–{high:.3})], ", e.mean)?;
        }
        let epochs = s.epochs_to_half.map_or("–".into(), |e| e.to_string());
        writeln!(out, "[{epochs}], {}", share(s.failed, s.failed_interval, 0))?;
    }
    writeln!(out, "))\n")
}

fn write_comparisons(
    name: &str,
    caption: &str,
    comparisons: &[Comparison],
    out: &mut String,
) -> std::fmt::Result {
    let long = comparisons.len() > 14;
    writeln!(
        out,
        "#numbered(\"{name}\", long: {long}, [{caption}], numbers(6,"
    )?;
    writeln!(
        out,
        "  [*shape*], [*scheme*], [*quantity*], [*difference, 95 %*], [*p*], [*corrected*],"
    )?;
    for c in comparisons {
        writeln!(
            out,
            "  [{}], [{}], [{}], [{} ({} to {})], [{}], [{}],",
            shape(c.width, c.depth),
            escape(&c.scheme),
            c.quantity,
            signed(c.difference, 4),
            signed(c.interval.0, 4),
            signed(c.interval.1, 4),
            compact(c.p_value),
            compact(c.adjusted)
        )?;
    }
    writeln!(out, "))\n")
}
