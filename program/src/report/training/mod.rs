//! T10: the training experiments, from the records of runs of `isomoment train` that are kept in
//! data/, as they take longer than a report may: the designed experiment (`designed`), the released
//! code's (`released`), and two earlier ones, below.

pub mod designed;
mod figures;
mod released;
#[cfg(feature = "pdf")]
mod stand_in;
mod times;

pub use designed::{Cell, Designed};
pub use released::{Preset, ReleasedCode, Start};
#[cfg(feature = "pdf")]
pub use stand_in::StandIn;
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
    match name.trim_end_matches("-relu").parse() {
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

/// How far data support a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Support {
    Whole,
    Partly,
    None,
}

impl Support {
    /// How the document calls it.
    #[cfg(feature = "pdf")]
    pub fn verdict(self) -> &'static str {
        match self {
            Self::Whole => "holds",
            Self::Partly => "partly",
            Self::None => "unsupported",
        }
    }
}

/// What the experiments found.
pub struct TrainingRecord {
    /// Where the scale matters.
    pub designed: Designed,
    /// The released code's experiments.
    pub released: ReleasedCode,
    /// Its convolutional architecture on a stand-in for CIFAR-10.
    #[cfg(feature = "pdf")]
    pub stand_in: [StandIn; 3],
    /// The paper's experiment without its code's biases.
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
        let (designed, released) = (Designed::read()?, ReleasedCode::read()?);
        let mut starts = Vec::new();
        for summary in &summaries {
            let scheme: Init = summary.scheme.parse()?;
            starts.extend(fit_starts(&logs, &architecture, scheme, ENDS)?);
        }
        Ok(Self {
            comparisons: compare(&trained, "he"),
            deep_comparisons: compare(&deep, "he"),
            figures: vec![
                figures::where_it_matters(&designed, 8, "t10-where-batch-8"),
                figures::where_it_matters(&designed, 128, "t10-where-batch-128"),
                figures::areas(&released.presets[0], "t10-areas-linear"),
                figures::areas(&released.presets[1], "t10-areas-relu"),
                figures::areas(&released.presets[2], "t10-areas-leaky-relu"),
                figures::test_losses(&released.presets[0], "t10-losses-linear"),
                figures::test_losses(&released.presets[1], "t10-losses-relu"),
                figures::test_losses(&released.presets[2], "t10-losses-leaky-relu"),
                figures::initial(&logs, &architecture, &summaries, ENDS)?,
                figures::share_that_trains(&deep_summaries)?,
            ],
            designed,
            released,
            #[cfg(feature = "pdf")]
            stand_in: StandIn::read()?,
            times: EpochTimes::read()?,
            summaries,
            starts,
            deep_summaries,
        })
    }

    /// Whether the data support the claim that σ(s, d) trains better: in all of the released code's
    /// settings, in some of them or in the designed experiment, or nowhere.
    pub fn support(&self) -> Support {
        let presets = &self.released.presets;
        let supported = |preset: &Preset| self.released.supports(preset);
        if presets.iter().all(supported) {
            Support::Whole
        } else if presets.iter().any(supported) || self.designed.is_better("fractional:1") {
            Support::Partly
        } else {
            Support::None
        }
    }

    /// The same in a sentence: where σ(1, d) is better than He's rule, and in how many settings of the
    /// released code the claim is supported.
    #[cfg(feature = "pdf")]
    pub fn summary(&self) -> String {
        let presets = &self.released.presets;
        let supported = presets
            .iter()
            .filter(|preset| self.released.supports(preset));
        format!(
            "In a designed experiment of {} cells of width × depth and batch size, {}; in the settings of the paper's released code on MNIST the claim is supported in {} of {}",
            self.designed.cells.len(),
            self.designed.verdict("fractional:1", "σ(1, d)"),
            supported.count(),
            presets.len()
        )
    }

    /// What the two experiments that were planned before they ran found, the designed one first.
    pub fn found(&self) -> String {
        let presets: Vec<String> = self
            .released
            .presets
            .iter()
            .map(|preset| self.released.verdict(preset))
            .collect();
        format!(
            "In the designed experiment, of {} cells of width × depth and batch size, {}; {}. In the released code's settings: {}",
            self.designed.cells.len(),
            self.designed.verdict("fractional:1", "σ(1, d)"),
            self.designed.verdict("lyapunov", "the Lyapunov scale"),
            presets.join(" ")
        )
    }

    /// σ(1, d) against He's rule in the paper's experiment, in test accuracy and training loss.
    pub fn claimed(&self) -> impl Iterator<Item = &Comparison> {
        let own = self.comparisons.iter();
        own.filter(|c| c.scheme == "fractional:1" && c.quantity != "share that trains")
    }

    /// What the data say of σ(1, d) in the paper's experiment without its code's biases.
    pub fn verdict_without_biases(&self) -> String {
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
        let sentences: Vec<String> = sentences.collect();
        sentences.join(" ").replace(" -", " −")
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The plans' numbers of networks and comparisons; what the documents say was found.
    #[test]
    fn records_are_whole_and_the_documents_say_what_they_say() {
        let (designed, released) = (Designed::read().unwrap(), ReleasedCode::read().unwrap());
        assert_eq!((designed.cells.len(), designed.comparisons.len()), (12, 48));
        assert!(designed.comparisons.iter().all(|c| c.pairs == 200));
        assert_eq!(released.comparisons.len(), 252);
        assert!(released.comparisons.iter().all(|c| c.pairs == 20));
        for preset in &released.presets {
            assert_eq!(preset.trained.len(), 5 * 20);
            assert!(preset.trained.iter().all(|t| t.epochs.len() == 30));
            assert_eq!(preset.starts.len(), 10);
        }
        let document = include_str!("../../../../docs/experiments/where-it-matters.md");
        let document = document.split_whitespace().collect::<Vec<_>>().join(" ");
        for scheme in designed::SCHEMES {
            for cell in designed.differing(scheme).concat() {
                let loss = designed.of(cell, scheme, designed::LOSS);
                let share = designed.of(cell, scheme, designed::TRAINS);
                if share.adjusted <= LEVEL {
                    let [own, he] = [scheme, "he"].map(|s| 100.0 * cell.share(s));
                    let said = format!("{own:.0} % train, {he:.0} % with He's rule");
                    assert!(document.contains(&said), "{said}");
                }
                if loss.adjusted <= LEVEL {
                    let said = format!("by {} (", significant(loss.difference.abs()));
                    assert!(document.contains(&said), "{said}");
                }
            }
        }
    }

    /// Eight pairs each, and the document's tables have the differences.
    #[cfg(feature = "pdf")]
    #[test]
    fn the_document_says_what_the_stand_ins_say() {
        let document = include_str!("../../../../docs/experiments/stand-in-and-baselines.md");
        for run in StandIn::read().unwrap() {
            assert_eq!(run.pairs(), 8);
            for area in run.areas().flatten() {
                let difference = 100.0 * area.difference.exp_m1();
                let said = format!("| {difference:+.1} (").replace('-', "−");
                assert!(document.contains(&said), "{}: {said}", area.setting);
                let decimals = if area.adjusted < 0.1 { 3 } else { 2 };
                let p = format!("| {:.decimals$} |", area.adjusted);
                assert!(document.contains(&p), "{}: {p}", area.setting);
            }
        }
    }

    /// Two significant digits.
    fn significant(x: f64) -> String {
        let decimals = (1.0 - x.log10().floor()).max(0.0) as usize;
        let text = format!("{x:.decimals$}");
        text.trim_end_matches('0').to_owned()
    }
}
