//! T10's section and its part of the appendix: a claim about data, from the records of two
//! experiments.

use std::fmt::Write;

use crate::output::number::{decimals_of_error, fixed, short, signed};
use crate::report::document::markup::{escape, p_value};
use crate::report::document::parts::{and, in_body, write_figure};
use crate::report::training::{
    COMMAND, DEEP_COMMAND, EpochTimes, LEVEL, TrainingRecord, scheme_label,
};
use crate::train::{Comparison, SchemeSummary, StartFit};
use isomoment::stats::location::MeanEstimate;

type Written = Result<(), Box<dyn std::error::Error>>;

pub fn write(training: &TrainingRecord, out: &mut String) -> Written {
    let networks = training.summaries.iter().map(|s| s.networks).max();
    writeln!(out, "= T10: Training <T10>\n")?;
    writeln!(
        out,
        "#statement[The paper @paper reports that networks initialised with $sigma(s, d)$ train and generalise better. This is a claim about data, and no theorem. The paper's experiment, repeated without its code's biases, at one order and one learning rate: \
         MNIST @mnist scaled to $[-1, 1]$, 20 layers of width 64, Leaky ReLU with slope 0.01 after every layer, stochastic gradient descent with learning rate 0.01 and batches of 128, 30 epochs, cross-entropy, \
         {} networks for each scheme, which share their random numbers pair by pair.]\n",
        networks.unwrap_or(0)
    )?;
    let verdict = if training.supported() {
        "holds"
    } else {
        "unsupported"
    };
    writeln!(
        out,
        "#verdict-line(\"{verdict}\")[{}]\n",
        escape(&training.verdict())
    )?;
    write_power(training, out)?;
    for figure in &training.figures {
        if figure.name == "t10-share-that-trains" {
            writeln!(
                out,
                "*Narrower and deeper.* {} The rows are in @tab-t10-deep.\n",
                escape(&training.deep_verdict())
            )?;
        }
        if in_body(figure) {
            write_figure(figure, out)?;
        }
    }
    writeln!(
        out,
        "*Before training* the networks follow the exact law on real data as on any other (@tab-t10-start): the law of $norm(x_k)$ does not depend on the input (@eq-layer), and a rectangular layer has the law of its number of outputs.\n"
    )?;
    write_cost(&training.times, out)?;
    Ok(())
}

/// What differences the experiment could have seen.
fn write_power(training: &TrainingRecord, out: &mut String) -> Written {
    let strictest = LEVEL / training.comparisons.len().max(1) as f64;
    let least = |level| -> isomoment::Result<String> {
        let parts = training.claimed().map(|c| {
            let least = c.detectable(level)?;
            Ok(match c.quantity {
                "test accuracy" => {
                    format!(
                        "{} percentage points in test accuracy",
                        fixed(100.0 * least, 2)
                    )
                }
                other => format!("{} in {other}", fixed(least, 4)),
            })
        });
        Ok(and(&parts.collect::<isomoment::Result<Vec<_>>>()?))
    };
    writeln!(
        out,
        "*What it could have seen.* With {} pairs of networks a true difference to He's rule is found with probability 0.8 when it is at least {}, at level {LEVEL} before correction; \
         at the strictest level of Holm's correction, {}, when it is at least {}. Smaller gains, gains in earlier epochs and in other settings are not excluded.\n",
        training.claimed().map(|c| c.pairs).max().unwrap_or(0),
        least(LEVEL)?,
        short(strictest),
        least(strictest)?
    )?;
    Ok(())
}

/// The claim of no extra cost.
fn write_cost(times: &EpochTimes, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "*Cost.* $sigma(1, d)$ is computed once, before training, and the training loop is the same for every scheme. An epoch takes {} with $sigma(1, d)$ and {} with He's rule: CPU time on one core, {} runs of {} epochs in turn, mean and standard error, on the 1437 images of 64 pixels that come with the program (`tools/epoch_time.py`). Whatever they differ by is no cost of computing $sigma(1, d)$.\n",
        milliseconds(&times.fractional),
        milliseconds(&times.he),
        times.runs,
        times.epochs
    )
}

fn milliseconds(time: &MeanEstimate) -> String {
    let [mean, error] = [time.mean, time.standard_error].map(|seconds| 1000.0 * seconds);
    let decimals = decimals_of_error(error);
    format!("{} ± {} ms", fixed(mean, decimals), fixed(error, decimals))
}

/// Everything else that the experiments say.
pub fn write_appendix(training: &TrainingRecord, out: &mut String) -> Written {
    writeln!(out, "= Training in numbers <rows-T10>\n")?;
    writeln!(
        out,
        "A network counts as failed when its test accuracy is at most 0.2 in the end; the loss of one that diverged counts as $ln 10$, that of a guess. Intervals are bootstrap intervals of the mean. Raw p-values are of all \
         permutations of the signs of the paired differences; corrected ones are Holm's @holm, over all rows of both experiments' own tables. \
         The records are kept with the program; they were made by\n\n#command(\"{COMMAND}\")\n\n#command(\"{DEEP_COMMAND}\")\n"
    )?;
    write_starts(&training.starts, out)?;
    for figure in training.figures.iter().filter(|figure| !in_body(figure)) {
        write_figure(figure, out)?;
    }
    let caption = "Final results by shape (width × depth) and scheme: means over the networks with their 95 % intervals, accuracies in per cent; median number of epochs until the training loss is below 0.5; networks that failed, in per cent. `results.json` has the standard deviations.";
    write_summaries("t10-results", caption, &training.summaries, out)?;
    let caption = "Differences to He's rule, network by network, in the paper's experiment (without its code's biases); _found_: the smallest true difference found with probability 0.8 at level 0.05 before correction.";
    write_comparisons("t10-differences", caption, &training.comparisons, out)?;
    let caption = "Narrower and deeper networks after 10 epochs; columns as in @tab-t10-results.";
    write_summaries("t10-deep", caption, &training.deep_summaries, out)?;
    let telling = training.deep_comparisons.iter();
    let telling: Vec<Comparison> = telling.filter(|c| c.adjusted <= LEVEL).cloned().collect();
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
         (Kolmogorov–Smirnov). Control: layers with a quarter more units.], named(7,"
    )?;
    writeln!(
        out,
        "  [*scheme*], [*layers*], [*n*], [*predicted mean, sd*], [*observed mean, 95 %*], [*p*], [*control p*],"
    )?;
    for f in starts {
        writeln!(
            out,
            "  [{}], [{}], [{}], [{}, {:.3}], [{} ± {:.3}], [{}], [{}],",
            escape(&scheme_label(&f.scheme)),
            f.layers,
            f.networks,
            signed(f.predicted.0, 3),
            f.predicted.1,
            signed(f.observed.0, 3),
            1.96 * f.observed.1,
            p_value(f.p_value),
            p_value(f.control_p_value)
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
    writeln!(out, "#numbered(\"{name}\", [{caption}], named(8,")?;
    writeln!(
        out,
        "  [*scheme*], [*shape*], [*test accuracy*], [*train accuracy*], [*test loss*], [*train loss*], [*epochs*], [*failed*],"
    )?;
    for s in summaries {
        let share = |mean: f64, (low, high): (f64, f64), decimals: usize| {
            let [mean, low, high] = [mean, low, high].map(|x| format!("{:.decimals$}", 100.0 * x));
            format!("[{mean} ({low}–{high})], ")
        };
        write!(
            out,
            "  [{}], [{}], ",
            escape(&scheme_label(&s.scheme)),
            shape(s.width, s.depth)
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
) -> Written {
    writeln!(out, "#numbered(\"{name}\", [{caption}], named(7,")?;
    writeln!(
        out,
        "  [*scheme*], [*shape*], [*quantity*], [*difference, 95 %*], [*found*], [*raw p*], [*corrected p*],"
    )?;
    for c in comparisons {
        // of pairs that do not differ there is nothing to say
        let found = match c.standard_error {
            0.0 => "–".into(),
            _ => fixed(c.detectable(LEVEL)?, 4),
        };
        writeln!(
            out,
            "  [{}], [{}], [{}], [{} ({} to {})], [{}], [{}], [{}],",
            escape(&scheme_label(&c.scheme)),
            shape(c.width, c.depth),
            c.quantity,
            signed(c.difference, 4),
            signed(c.interval.0, 4),
            signed(c.interval.1, 4),
            found,
            p_value(c.p_value),
            p_value(c.adjusted)
        )?;
    }
    writeln!(out, "))\n")?;
    Ok(())
}
