//! The released code's convolutional architecture on a stand-in for CIFAR-10, shorter than there: its
//! plan is docs/experiments/stand-in-and-baselines.md.

use crate::report::training::released::{areas_under_losses, loss_is};
use crate::report::training::unzipped;
use crate::train::{Paired, correct, read_epochs};
use isomoment::Result;

/// The smallest mean difference, in deviations of a pair, that eight pairs of normal differences find
/// with probability 0.8 at the strictest level, 0.05/4: all of one sign, Φ(1.92)⁸ = 0.80, as the next
/// p-value of eight pairs is 4/256.
const DETECTABLE: f64 = 1.92;

/// What the formula's networks are compared with.
const OTHERS: [&str; 2] = ["he", "glorot"];

/// The networks of one kind of units.
pub struct StandIn {
    units: &'static str,
    /// Of each other scheme the areas under the log-loss, training and test.
    areas: Vec<[Paired; 2]>,
}

impl StandIn {
    /// Linear, ReLU and Leaky ReLU units.
    pub fn read() -> Result<[Self; 3]> {
        Ok([
            Self::of(
                "linear",
                "published:1",
                include_bytes!("../../../data/baselines/stand-in-linear.csv.gz"),
            )?,
            Self::of(
                "ReLU",
                "published:0.8",
                include_bytes!("../../../data/baselines/stand-in-relu.csv.gz"),
            )?,
            Self::of(
                "Leaky ReLU",
                "published:1",
                include_bytes!("../../../data/baselines/stand-in-leaky-relu.csv.gz"),
            )?,
        ])
    }

    fn of(units: &'static str, published: &str, epochs: &[u8]) -> Result<Self> {
        let trained = read_epochs(&unzipped(epochs)?)?;
        let mut found = Vec::new();
        for other in OTHERS {
            for area in areas_under_losses() {
                let pair = (published, other);
                found.push(Paired::new(units, &trained, pair, &area, DETECTABLE)?);
            }
        }
        correct(&mut found);
        let areas = found.as_chunks::<2>().0.to_vec();
        Ok(Self { units, areas })
    }

    /// Pairs of networks in each comparison.
    pub fn pairs(&self) -> usize {
        self.areas[0][0].pairs
    }

    /// Of each other scheme the areas under the log of the training and the test loss, compared.
    pub fn areas(&self) -> impl Iterator<Item = &[Paired; 2]> {
        self.areas.iter()
    }

    /// How the formula's loss differs from the others', in words.
    pub fn found(&self) -> String {
        let areas: Vec<[&Paired; 2]> = self.areas().map(|[a, b]| [a, b]).collect();
        format!("with {} units {}", self.units, loss_is(&areas))
    }
}
