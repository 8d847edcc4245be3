//! The released code's experiments, repeated: its plan is docs/experiments/released-code.md.

use crate::report::training::{LEVEL, scheme_label, unzipped};
use crate::train::{Epoch, Paired, Quantity, Trained, correct, read_epochs};
use isomoment::{Error, Result};

/// The smallest mean difference, in deviations of a pair, that signed ranks of 20 pairs of normal
/// differences find with probability 0.8 at the strictest level, 0.05/252: 40 000 simulated
/// experiments, docs/experiments/released-code.md.
const DETECTABLE: f64 = 1.31;

/// Epochs behind which loss and accuracy are compared.
const MOMENTS: [usize; 3] = [1, 5, 30];

/// One of its experiments.
pub struct Preset {
    /// Its units.
    pub units: &'static str,
    /// The schemes: the code's formula, the exact σ, and those that they are compared with.
    pub published: &'static str,
    pub exact: &'static str,
    pub others: [&'static str; 3],
    /// Its networks.
    pub trained: Vec<Trained>,
    /// Log-norms before training against the law, as training.json has them.
    pub starts: Vec<Start>,
}

/// Log-norms before training in one part of the networks of one scheme.
#[derive(serde::Deserialize, serde::Serialize)]
pub struct Start {
    pub scheme: String,
    pub layers: String,
    pub networks: usize,
    pub predicted: (f64, f64),
    pub observed: (f64, f64),
    pub p_value: f64,
    pub control_p_value: f64,
}

#[derive(serde::Deserialize)]
struct Record {
    initialisation: Vec<Start>,
}

/// All three.
pub struct ReleasedCode {
    pub presets: Vec<Preset>,
    /// Every comparison of the plan.
    pub comparisons: Vec<Paired>,
}

impl ReleasedCode {
    pub fn read() -> Result<Self> {
        let leaky = Preset::read(
            "Leaky ReLU",
            ["published:1", "fractional:1"],
            ["he-relu", "glorot", "random-walk-relu"],
            include_bytes!("../../../data/released-code/leaky-relu.csv.gz"),
            include_str!("../../../data/released-code/leaky-relu.json"),
        )?;
        let relu = Preset::read(
            "ReLU",
            ["published:0.8", "fractional:0.8"],
            ["he", "glorot", "random-walk"],
            include_bytes!("../../../data/released-code/relu.csv.gz"),
            include_str!("../../../data/released-code/relu.json"),
        )?;
        let linear = Preset::read(
            "linear",
            ["published:1", "fractional:1"],
            ["he", "glorot", "random-walk"],
            include_bytes!("../../../data/released-code/linear.csv.gz"),
            include_str!("../../../data/released-code/linear.json"),
        )?;
        let presets = vec![linear, relu, leaky];
        let mut comparisons = Vec::new();
        for preset in &presets {
            for scheme in [preset.published, preset.exact] {
                for other in preset.others {
                    for quantity in quantities() {
                        let pair = (scheme, other);
                        let (units, trained) = (preset.units, &preset.trained);
                        let found = Paired::new(units, trained, pair, &quantity, DETECTABLE);
                        comparisons.push(found?);
                    }
                }
            }
        }
        correct(&mut comparisons);
        Ok(Self {
            presets,
            comparisons,
        })
    }

    /// Its comparisons of one scheme in the area under the log-loss, training and test side by side.
    pub fn areas<'a>(
        &'a self,
        preset: &'a Preset,
        scheme: &'a str,
    ) -> impl Iterator<Item = [&'a Paired; 2]> {
        preset.others.iter().map(move |other| {
            let own = |quantity: &str| {
                self.comparisons
                    .iter()
                    .find(|c| {
                        c.setting == preset.units
                            && (c.scheme.as_str(), c.reference.as_str()) == (scheme, other)
                            && c.quantity == quantity
                    })
                    .expect("every preset has them")
            };
            [own(TRAINING_AREA), own(TEST_AREA)]
        })
    }

    /// Whether the claim is supported in a preset, by the plan: one area is lower for the published
    /// formula than for each of the others.
    pub fn supports(&self, preset: &Preset) -> bool {
        let all = |part: usize| {
            self.areas(preset, preset.published)
                .all(|areas| areas[part].is_better(LEVEL))
        };
        all(0) || all(1)
    }

    /// What was found in a preset, in a sentence.
    pub fn verdict(&self, preset: &Preset) -> String {
        let areas: Vec<[&Paired; 2]> = self.areas(preset, preset.published).collect();
        format!(
            "{} units ({}): the loss is {}.",
            preset.units,
            if self.supports(preset) {
                "supported"
            } else {
                "not supported"
            },
            loss_is(&areas)
        )
    }
}

/// With which schemes the areas are lower or higher after correction, and with which neither.
pub fn loss_is(areas: &[[&Paired; 2]]) -> String {
    let named = |wanted: fn(&Paired) -> bool| -> Vec<String> {
        let found = areas.iter().filter(|areas| areas.iter().any(|c| wanted(c)));
        found
            .map(|areas| scheme_label(&areas[0].reference))
            .collect()
    };
    let lower = named(|c| c.is_better(LEVEL));
    let higher = named(|c| c.is_worse(LEVEL));
    let mut neither = named(|_| true);
    neither.retain(|name| !lower.contains(name) && !higher.contains(name));
    let part = |what: &str, names: &[String]| match names {
        [] => None,
        names => Some(format!("{what} {}", names.join(", "))),
    };
    let parts = [
        part("lower than with", &lower),
        part("higher than with", &higher),
        part("not distinguishable from that with", &neither),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(", ")
}

impl Preset {
    fn read(
        units: &'static str,
        [published, exact]: [&'static str; 2],
        others: [&'static str; 3],
        epochs: &[u8],
        record: &str,
    ) -> Result<Self> {
        let record: Record = serde_json::from_str(record)
            .map_err(|error| Error::domain("training.json", error, "of isomoment train"))?;
        Ok(Self {
            units,
            published,
            exact,
            others,
            trained: read_epochs(&unzipped(epochs)?)?,
            starts: record.initialisation,
        })
    }

    /// Its schemes, the code's formula first.
    pub fn schemes(&self) -> [&'static str; 5] {
        let [a, b, c] = self.others;
        [self.published, self.exact, a, b, c]
    }
}

const TRAINING_AREA: &str = "area under the log of the training loss";
const TEST_AREA: &str = "area under the log of the test loss";

/// The mean over the epochs of ln(test loss).
pub fn test_area(network: &Trained) -> Option<f64> {
    area(network, Epoch::bounded_test_loss)
}

/// The mean over the epochs of the log of a loss.
fn area(network: &Trained, loss: fn(&Epoch, usize) -> f64) -> Option<f64> {
    let logs = network.epochs.iter();
    let sum: f64 = logs.map(|e| loss(e, network.classes).ln()).sum();
    (!network.epochs.is_empty()).then(|| sum / network.epochs.len() as f64)
}

/// The areas under the logs of the training and the test loss.
pub fn areas_under_losses() -> [Quantity; 2] {
    [
        Quantity::new(TRAINING_AREA, true, |t| area(t, Epoch::bounded_train_loss)),
        Quantity::new(TEST_AREA, true, test_area),
    ]
}

/// The outcomes of the plan, fourteen.
fn quantities() -> Vec<Quantity> {
    type Value = fn(&Epoch, usize) -> f64;
    let of_epoch: [(&str, bool, Value); 4] = [
        ("training loss", true, Epoch::bounded_train_loss),
        ("test loss", true, Epoch::bounded_test_loss),
        ("training accuracy", false, |e, _| e.train_accuracy),
        ("test accuracy", false, |e, _| e.test_accuracy),
    ];
    let mut all = Vec::from(areas_under_losses());
    for epoch in MOMENTS {
        for (what, lower_is_better, value) in of_epoch {
            let name = format!("{what} behind epoch {epoch}");
            all.push(Quantity::new(name, lower_is_better, move |t| {
                Some(value(t.epochs.get(epoch - 1)?, t.classes))
            }));
        }
    }
    all
}
