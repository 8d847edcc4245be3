//! T10: the training experiment, from the records of two runs of `isomoment train` that are kept in
//! data/, as they take longer than a report may.

mod figures;
mod times;

pub use times::EpochTimes;

use std::io::Read;

use flate2::read::GzDecoder;

use crate::train::{
    Architecture, Comparison, Ends, Init, SchemeSummary, StartFit, compare, fit_starts,
    read_epochs, read_starts, summarize,
};
use isomoment::activation::{Activation, Dropout};
use isomoment::init::Scheme;
use isomoment::theorems::Figure;
use isomoment::{Error, Result};

/// How the report calls a scheme of the records.
pub fn scheme_label(name: &str) -> String {
    match name.parse() {
        Ok(Scheme::Fractional(s)) => format!("σ({s}, d)"),
        Ok(Scheme::Published(_)) => "published".into(),
        Ok(Scheme::Lyapunov) => "Lyapunov".into(),
        Ok(Scheme::He) => "He".into(),
        Ok(Scheme::Glorot) => "Glorot".into(),
        Ok(Scheme::LeCun) => "LeCun".into(),
        Ok(Scheme::RandomWalk) => "random walk".into(),
        _ => name.into(),
    }
}

/// The paper's experiment, without its code's biases: its records, and the command that makes them.
const EPOCHS: &str = include_str!("../../../data/paper-mnist/epochs.csv");
const STARTS: &str = include_str!("../../../data/paper-mnist/initial.csv");
pub const COMMAND: &str = "isomoment train --preset paper-mnist --data mnist --init fractional:1,published:1,he,glorot,random-walk";

/// Narrower and deeper networks.
const DEEP_EPOCHS: &[u8] = include_bytes!("../../../data/narrow-deep/epochs.csv.gz");
pub const DEEP_COMMAND: &str = "isomoment train --preset paper-mnist --data mnist --init lyapunov,fractional:0.5,fractional:1,fractional:1.5,he --width 16,32 --depth 20,50,100 --epochs 10";

/// Of MNIST.
const ENDS: Ends = Ends {
    inputs: 784,
    classes: 10,
};

/// The level of the verdict, after Holm's correction.
pub const LEVEL: f64 = 0.05;

/// What the experiments found.
pub struct TrainingRecord {
    /// The paper's experiment.
    pub summaries: Vec<SchemeSummary>,
    pub comparisons: Vec<Comparison>,
    pub starts: Vec<StartFit>,
    /// Narrower and deeper networks.
    pub deep_summaries: Vec<SchemeSummary>,
    pub deep_comparisons: Vec<Comparison>,
    pub figures: Vec<Figure>,
    pub times: EpochTimes,
}

impl TrainingRecord {
    pub fn read() -> Result<Self> {
        let trained = read_epochs(EPOCHS)?;
        let deep = read_epochs(&unzipped(DEEP_EPOCHS)?)?;
        let summaries = summarize(&trained);
        let deep_summaries = summarize(&deep);
        let logs = read_starts(STARTS)?;
        let units = Activation::LeakyRelu { slope: 0.01 };
        let architecture = Architecture::new(20, 64, units, Dropout::NONE);
        let mut starts = Vec::new();
        for summary in &summaries {
            let scheme: Init = summary.scheme.parse()?;
            starts.extend(fit_starts(&logs, &architecture, scheme, ENDS)?);
        }
        Ok(Self {
            comparisons: compare(&trained, "he"),
            deep_comparisons: compare(&deep, "he"),
            figures: vec![
                figures::initial(&logs, &architecture, &summaries, ENDS)?,
                figures::training_loss(&trained, &summaries),
                figures::test_error(&trained, &summaries),
                figures::final_errors(&trained, &summaries),
                figures::share_that_trains(&deep_summaries)?,
            ],
            times: EpochTimes::read()?,
            summaries,
            starts,
            deep_summaries,
        })
    }

    /// Whether the data support the claim that σ(1, d) trains better than He's rule in the paper's
    /// setting.
    pub fn supported(&self) -> bool {
        let claimed = self.comparisons.iter();
        claimed
            .filter(|c| c.scheme == "fractional:1")
            .any(|c| c.adjusted <= LEVEL && better(c))
    }

    /// σ(1, d) against He's rule in the paper's experiment, in test accuracy and training loss.
    pub fn claimed(&self) -> impl Iterator<Item = &Comparison> {
        let own = self.comparisons.iter();
        own.filter(|c| c.scheme == "fractional:1" && c.quantity != "share that trains")
    }

    /// What the data say of σ(1, d) in the paper's experiment, in one paragraph.
    pub fn verdict(&self) -> String {
        let sentences = self.claimed().map(|c| {
            let found = match (c.adjusted <= LEVEL, better(c)) {
                (true, true) => "better than He's rule",
                (true, false) => "worse than He's rule",
                (false, _) => "not distinguishable from He's rule",
            };
            let (factor, decimals, unit) = match c.quantity {
                "test accuracy" => (100.0, 2, " percentage points"),
                _ => (1.0, 4, ""),
            };
            let [difference, low, high] = [c.difference, c.interval.0, c.interval.1]
                .map(|value| format!("{:+.decimals$}", factor * value));
            format!(
                "In {} σ(1, d) is {found}: difference {difference}{unit}, 95 % interval {low} to {high}, p = {:.2}, corrected {:.2}.",
                c.quantity, c.p_value, c.adjusted
            )
        });
        let claim = if self.supported() {
            "The data support the claim."
        } else {
            "The data do not support the claim in the paper's experiment, repeated without its code's biases."
        };
        let sentences: Vec<String> = sentences.collect();
        let sentences = sentences.join(" ").replace(" -", " −");
        format!("{claim} {sentences}")
    }

    /// What they say of narrower and deeper networks.
    pub fn deep_verdict(&self) -> String {
        let of = |wanted: bool| {
            let significant = self.deep_comparisons.iter().filter(|c| c.adjusted <= LEVEL);
            significant.filter(|c| better(c) == wanted).count()
        };
        let share = |scheme: &str| {
            let own = self.deep_summaries.iter().filter(|s| s.scheme == scheme);
            let (mut trained, mut all) = (0.0, 0);
            for s in own {
                trained += (1.0 - s.failed) * s.networks as f64;
                all += s.networks;
            }
            format!("{trained:.0} of {all}")
        };
        format!(
            "Of the networks of width 16 and 32 with 20 to 100 layers, {} train with σ(1, d), {} with the Lyapunov scale and {} with He's rule. Of {} comparisons with He's rule {} are \
             significantly better and {} significantly worse at level {LEVEL} after correction over all of them.",
            share("fractional:1"),
            share("lyapunov"),
            share("he"),
            self.deep_comparisons.len(),
            of(true),
            of(false),
        )
    }
}

/// Whether the difference is in the scheme's favour.
fn better(comparison: &Comparison) -> bool {
    (comparison.difference > 0.0) == (comparison.quantity != "training loss")
}

fn unzipped(bytes: &[u8]) -> Result<String> {
    let mut text = String::new();
    let read = GzDecoder::new(bytes).read_to_string(&mut text);
    read.map_err(|error| Error::domain("epochs.csv.gz", error, "a gzip file"))?;
    Ok(text)
}
