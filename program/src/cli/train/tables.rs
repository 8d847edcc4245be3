//! The experiment's tables on the screen.

use crate::train::{Comparison, Estimate, Outcome, SchemeSummary, StartFit};

pub fn table(outcome: &Outcome, data: &str) -> String {
    let mut text = String::new();
    if data.starts_with("stand-in") {
        text += &format!("data: {data}\n");
    }
    text += &initial(&outcome.fits);
    text += &results(&outcome.summaries());
    text + &differences(&outcome.comparisons(), outcome.reference())
}

fn initial(fits: &[StartFit]) -> String {
    let mut text = format!(
        "log-norm of training examples before training, against the exact law\n{:<8} {:<16} {:<7} {:>19} {:>20} {:>7} {:>10}\n",
        "shape", "scheme", "layers", "predicted mean, sd", "observed mean, ±95 %", "p", "control p"
    );
    for f in fits {
        text += &format!(
            "{:<8} {:<16} {:<7} {:>19} {:>20} {:>7.4} {:>10.1e}\n",
            format!("{}×{}", f.width, f.depth),
            f.scheme,
            f.layers,
            format!("{:.4}, {:.4}", f.predicted.0, f.predicted.1),
            format!("{:.4} ± {:.4}", f.observed.0, 1.96 * f.observed.1),
            f.p_value,
            f.control_p_value
        );
    }
    text + "\n"
}

fn results(summaries: &[SchemeSummary]) -> String {
    let mut text = format!(
        "{:<8} {:<16} {:>3} {:>24} {:>6} {:>24} {:>25} {:>25} {:>22} {:>6}\n",
        "shape",
        "scheme",
        "n",
        "test accuracy %, 95 %",
        "sd",
        "train accuracy %, 95 %",
        "test loss, 95 %",
        "train loss, 95 %",
        "failed %, 95 %",
        "epochs"
    );
    for s in summaries {
        let share = |mean: f64, (low, high): (f64, f64)| {
            let [mean, low, high] = [mean, low, high].map(|x| 100.0 * x);
            format!("{mean:.2} ({low:.2} to {high:.2})")
        };
        let loss =
            |e: &Estimate| format!("{:.3} ({:.3} to {:.3})", e.mean, e.interval.0, e.interval.1);
        let epochs = s.epochs_to_half.map_or("never".into(), |e| e.to_string());
        text += &format!(
            "{:<8} {:<16} {:>3} {:>24} {:>6.2} {:>24} {:>25} {:>25} {:>22} {:>6}\n",
            format!("{}×{}", s.width, s.depth),
            s.scheme,
            s.networks,
            share(s.test_accuracy.mean, s.test_accuracy.interval),
            100.0 * s.test_accuracy.deviation,
            share(s.train_accuracy.mean, s.train_accuracy.interval),
            loss(&s.test_loss),
            loss(&s.train_loss),
            share(s.failed, s.failed_interval),
            epochs
        );
    }
    text + "(sd: standard deviation of the test accuracy; epochs: median number until the training loss is below 0.5)\n"
}

fn differences(comparisons: &[Comparison], reference: &str) -> String {
    let mut text = String::new();
    if !comparisons.is_empty() {
        text += &format!(
            "\nagainst {reference}, pair by pair (permutation test, Holm over all rows):\n"
        );
    }
    for c in comparisons {
        text += &format!(
            "{:<8} {:<16} {:<16} {:>+9.4} ({:+.4} to {:+.4})  p = {:.2e}, corrected {:.2e}\n",
            format!("{}×{}", c.width, c.depth),
            c.scheme,
            c.quantity,
            c.difference,
            c.interval.0,
            c.interval.1,
            c.p_value,
            c.adjusted
        );
    }
    text
}
