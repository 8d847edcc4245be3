//! T10's section and its part of the appendix: claims about data, from the records of the
//! experiments.

use std::fmt::Write;

use crate::output::number::{decimals_of_error, fixed, short, signed};
use crate::report::document::markup::{escape, p_value};
use crate::report::document::parts::{in_body, write_figure};
use crate::report::training::designed::{LOSS, SCHEMES, TRAINS};
use crate::report::training::{
    COMMAND, DEEP_COMMAND, Designed, EpochTimes, LEVEL, ReleasedCode, StandIn, TrainingRecord,
    scheme_label,
};
use crate::train::{Comparison, SchemeSummary, StartFit};
use isomoment::stats::location::MeanEstimate;

type Written = Result<(), Box<dyn std::error::Error>>;

pub fn write(training: &TrainingRecord, out: &mut String) -> Written {
    writeln!(out, "= T10: Training <T10>\n")?;
    writeln!(
        out,
        "#statement[The paper @paper reports that networks initialised with $sigma(s, d)$ train and generalise better, Kogler, Schwarz and Kittle @kogler that narrow networks at the Lyapunov scale do. \
         These are claims about data, and no theorems. Two experiments test them, whose questions, outcomes and tests were written down before they ran: one designed for the purpose, and those of the paper's released code. \
         Networks share their random numbers pair by pair; Wilcoxon's signed ranks, by their exact law; Holm's correction @holm over all comparisons of an experiment, level {LEVEL}.]\n"
    )?;
    writeln!(
        out,
        "#verdict-line(\"{}\")[{}]\n",
        training.support().verdict(),
        escape(&training.found())
    )?;
    write_designed(&training.designed, out)?;
    let of = |start: &'static str| {
        let figures = training.figures.iter();
        figures.filter(move |f| in_body(f) && f.name.starts_with(start))
    };
    for figure in of("t10-where") {
        write_figure(figure, out)?;
    }
    write_released(&training.released, out)?;
    write_stand_in(&training.stand_in, out)?;
    for figure in of("t10-areas") {
        write_figure(figure, out)?;
    }
    writeln!(
        out,
        "*Earlier experiments.* Without its code's biases, with $sigma(1, d)$ against He's rule after 30 epochs: {} The rows are in @tab-t10-differences. {} The rows are in @tab-t10-deep.\n",
        escape(&training.verdict_without_biases()),
        escape(&training.deep_verdict())
    )?;
    writeln!(
        out,
        "*Before training* the networks follow the law on real data as on any other: without biases the exact law (@tab-t10-start), since the law of $norm(x_k)$ does not depend on the input (@eq-layer) and a rectangular layer has the law of its number of outputs; with the code's biases the Markov chain of norms (@tab-t10-released-start).\n"
    )?;
    write_cost(&training.times, out)?;
    Ok(())
}

/// The designed experiment: what was asked, and by cell in the appendix.
fn write_designed(designed: &Designed, out: &mut String) -> Written {
    let cells = &designed.cells;
    let pairs = designed.comparisons.first().map_or(0, |c| c.pairs);
    writeln!(
        out,
        "*Where does the scale matter?* Leaky ReLU with slope 0.01, without biases, on the digits that come with the program; {} cells of width, depth and batch size, {pairs} networks of each scheme in each, \
         each scheme at its own best of five learning rates, chosen on a validation split by networks of another seed. By the deviations that were seen, a true difference of {} in ln(test loss) would have been found with probability 0.8 in whichever cell, and smaller ones in most (`results.json`). \
         The cells are in @tab-t10-cells, the plan in `docs/experiments/where-it-matters.md`. Kogler, Schwarz and Kittle's own tasks, polynomial regression and learning a score, are not repeated: their settings could not be read.\n",
        cells.len(),
        fixed(designed.detectable(), 2)
    )?;
    Ok(())
}

/// The released code's experiments: what was repeated, and a row for each comparison of areas.
fn write_released(released: &ReleasedCode, out: &mut String) -> Written {
    let networks = released.presets.iter().flat_map(|preset| {
        let own = preset.trained.iter();
        own.filter(|t| t.scheme == preset.published)
    });
    writeln!(
        out,
        "*The released code's experiments* on MNIST @mnist, as its code runs them, biases included: {} networks of each of its schemes, and of the exact $sigma(s, d)$ beside its formula, 30 epochs. \
         What is compared is the loss by epoch, training and test: the area under its logarithm (@tab-t10-released), and loss and accuracy behind epochs 1, 5 and 30: {} comparisons, all of them in `results.json`. \
         The claim counts as supported in a setting where an area is significantly lower for the published formula than for each of the code's other schemes. \
         Not repeated: the losses of single batches that the code reports in place of means, and its experiments on CIFAR-10, whose data are no part of this project (`isomoment train --preset paper-cifar10-relu` runs them): a stand-in follows.\n",
        networks.count() / released.presets.len().max(1),
        released.comparisons.len()
    )?;
    writeln!(
        out,
        "#numbered(\"t10-released\", [Loss of the published formula's networks less that of others in the released code's settings, in per cent of the geometric mean over 30 epochs, with 95 % intervals; \
         _found_: the smallest true reduction found with probability 0.8 at the strictest level of the correction; p corrected over {} comparisons.], named(8,",
        released.comparisons.len()
    )?;
    writeln!(
        out,
        "  [*units*], [*against*], [*training loss, %*], [*found*], [*p*], [*test loss, %*], [*found*], [*p*],"
    )?;
    for preset in &released.presets {
        for areas in released.areas(preset, preset.published) {
            let [first, _] = areas;
            write!(
                out,
                "  [{}], [{}], ",
                preset.units,
                escape(&scheme_label(&first.reference))
            )?;
            for c in areas {
                let [mean, low, high] =
                    [c.difference, c.interval.0, c.interval.1].map(|x| signed(percent(x), 1));
                write!(
                    out,
                    "[{mean} ({low} to {high})], [{}], [{}], ",
                    fixed(-percent(-c.detectable), 1),
                    p_value(c.adjusted)
                )?;
            }
            writeln!(out)?;
        }
    }
    writeln!(out, "))\n")?;
    Ok(())
}

/// What stands in for its experiments on CIFAR-10.
fn write_stand_in(runs: &[StandIn; 3], out: &mut String) -> std::fmt::Result {
    let found: Vec<String> = runs.iter().map(|run| escape(&run.found())).collect();
    writeln!(
        out,
        "*A stand-in for CIFAR-10* has been trained in the code's convolutional architecture: MNIST's images with a border, in three equal channels, mirrored and cropped; \
         {} networks of each scheme, ten epochs of the code's fifty. The area under the log of the published formula's loss, training or test, is {}. Corrected over the four comparisons of each kind of units, so few pairs show only what all of them agree on; \
         of CIFAR-10 this says nothing. Plan and numbers: `docs/experiments/stand-in-and-baselines.md`, with AutoInit, LSUV, cooperative initialization and block-layer steps beside the exact scale.\n",
        runs[0].pairs(),
        found.join("; ")
    )
}

/// A difference of logarithms in per cent.
fn percent(difference: f64) -> f64 {
    100.0 * difference.exp_m1()
}

fn write_cells(designed: &Designed, out: &mut String) -> Written {
    writeln!(
        out,
        "#numbered(\"t10-cells\", [The designed experiment: of each cell (width × depth, batch size) and scheme the learning rate, the share of networks that train (test accuracy above 0.2) in per cent, and the mean difference of ln(test loss) to He's rule with its 95 % interval; corrected p of that and of the share.], named(7,"
    )?;
    writeln!(
        out,
        "  [*cell*], [*scheme*], [*rate*], [*train, %*], [*ln(loss) less He's, 95 %*], [*p*], [*p of the share*],"
    )?;
    for cell in &designed.cells {
        for scheme in ["he", SCHEMES[0], SCHEMES[1]] {
            write!(
                out,
                "  [{}], [{}], [{}], [{}], ",
                cell.name(),
                escape(&scheme_label(scheme)),
                short(cell.rate(scheme)),
                fixed(100.0 * cell.share(scheme), 1)
            )?;
            if !SCHEMES.contains(&scheme) {
                writeln!(out, "[], [], [],")?;
                continue;
            }
            let [loss, share] = [LOSS, TRAINS].map(|what| designed.of(cell, scheme, what));
            writeln!(
                out,
                "[{} ({} to {})], [{}], [{}],",
                signed(loss.difference, 3),
                signed(loss.interval.0, 3),
                signed(loss.interval.1, 3),
                p_value(loss.adjusted),
                p_value(share.adjusted)
            )?;
        }
    }
    writeln!(out, "))\n")?;
    Ok(())
}

fn write_released_starts(released: &ReleasedCode, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "#numbered(\"t10-released-start\", [MNIST images through networks with the released code's biases before training: the log-norm behind the hidden layers and behind the last, against the Markov chain of norms from the same image (199 draws of it; uniformity of places, Kolmogorov–Smirnov). Control: layers with a quarter more units.], named(8,"
    )?;
    writeln!(
        out,
        "  [*units*], [*scheme*], [*layers*], [*n*], [*predicted mean, sd*], [*observed mean, 95 %*], [*p*], [*control p*],"
    )?;
    for preset in &released.presets {
        for f in &preset.starts {
            writeln!(
                out,
                "  [{}], [{}], [{}], [{}], [{}, {:.3}], [{} ± {:.3}], [{}], [{}],",
                preset.units,
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
    }
    writeln!(out, "))\n")
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
        "A network counts as failed when its test accuracy is at most 0.2 in the end; the loss of one that diverged counts as $ln 10$, that of a guess. Intervals are bootstrap intervals of the mean. In the earlier experiments raw p-values are of all \
         permutations of the signs of the paired differences; corrected ones are Holm's @holm, over all rows of each experiment's own table. \
         The records are kept with the program; `docs/training.md` has the commands. The earlier ones were made by\n\n#command(\"{COMMAND}\")\n\n#command(\"{DEEP_COMMAND}\")\n"
    )?;
    write_cells(&training.designed, out)?;
    write_released_starts(&training.released, out)?;
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
