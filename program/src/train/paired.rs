//! Outcomes of two schemes' networks, pair by pair, tested by signed ranks.

use serde::Serialize;

use crate::train::summary::{bootstrap, mean_and_deviation};
use crate::train::trained::Trained;
use isomoment::Result;
use isomoment::stats::multiplicity::holm_adjusted;
use isomoment::stats::signed_rank::signed_rank;

/// What a network's number is: none of a network without the epoch that it is of.
type Value = Box<dyn Fn(&Trained) -> Option<f64>>;

/// One number of a trained network.
pub struct Quantity {
    /// What it is.
    pub name: String,
    /// Whether a scheme is better where it is lower.
    pub lower_is_better: bool,
    /// The number.
    pub value: Value,
}

impl Quantity {
    /// A quantity by its name, better where it is lower or higher.
    pub fn new(
        name: impl Into<String>,
        lower_is_better: bool,
        value: impl Fn(&Trained) -> Option<f64> + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            lower_is_better,
            value: Box::new(value),
        }
    }
}

/// Two schemes' networks, pair by pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Paired {
    /// Which networks: a preset, or a cell of an experiment.
    pub setting: String,
    /// The scheme.
    pub scheme: String,
    /// What it is compared with.
    pub reference: String,
    /// What is compared.
    pub quantity: String,
    /// Whether the scheme is better where the difference is negative.
    pub lower_is_better: bool,
    /// Number of pairs.
    pub pairs: usize,
    /// Mean difference, the scheme less the reference.
    pub difference: f64,
    /// Its 95 % bootstrap interval.
    pub interval: (f64, f64),
    /// Standard deviation of the pairs' differences.
    pub deviation: f64,
    /// The smallest true difference that the test would have found with probability 0.8 at the
    /// strictest level of the correction, by the plan.
    pub detectable: f64,
    /// Two-sided, by Wilcoxon's signed ranks.
    pub p_value: f64,
    /// The same after Holm's correction over all comparisons.
    pub adjusted: f64,
}

impl Paired {
    /// Compares the networks of two schemes that share their numbers; `detectable` is the
    /// smallest difference that the plan's test finds, in deviations of a pair.
    ///
    /// # Errors
    /// [`isomoment::Error::Domain`] without a pair, and for a quantity that is not finite.
    pub fn new(
        setting: &str,
        trained: &[Trained],
        (scheme, reference): (&str, &str),
        quantity: &Quantity,
        detectable: f64,
    ) -> Result<Self> {
        let own = trained.iter().filter(|t| t.scheme == scheme);
        let difference = |network: &Trained| {
            let twin = trained
                .iter()
                .find(|t| t.scheme == reference && t.network == network.network)?;
            Some((quantity.value)(network)? - (quantity.value)(twin)?)
        };
        let differences: Vec<f64> = own.filter_map(difference).collect();
        if differences.is_empty() {
            let value = format!("{scheme} and {reference}");
            return Err(isomoment::Error::domain(
                "schemes",
                value,
                "two of the record",
            ));
        }
        let (mean, deviation) = mean_and_deviation(&differences);
        Ok(Self {
            setting: setting.to_owned(),
            scheme: scheme.to_owned(),
            reference: reference.to_owned(),
            quantity: quantity.name.clone(),
            lower_is_better: quantity.lower_is_better,
            pairs: differences.len(),
            difference: mean,
            interval: bootstrap(&differences),
            deviation,
            detectable: detectable * deviation,
            p_value: signed_rank(&differences)?.p_value,
            adjusted: f64::NAN,
        })
    }

    /// Whether the scheme is significantly better, after correction.
    pub fn is_better(&self, level: f64) -> bool {
        self.adjusted <= level && (self.difference < 0.0) == self.lower_is_better
    }

    /// Whether it is significantly worse, after correction.
    pub fn is_worse(&self, level: f64) -> bool {
        self.adjusted <= level && !self.is_better(level)
    }
}

/// Holm's correction over all of them.
pub fn correct(comparisons: &mut [Paired]) {
    let p_values: Vec<f64> = comparisons.iter().map(|c| c.p_value).collect();
    for (comparison, adjusted) in comparisons.iter_mut().zip(holm_adjusted(&p_values)) {
        comparison.adjusted = adjusted;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Epoch;

    fn network(scheme: &str, network: u64, test_loss: f64) -> Trained {
        let epoch = Epoch {
            train_loss: 1.0,
            train_accuracy: 0.5,
            test_loss,
            test_accuracy: 0.5,
        };
        Trained {
            width: 8,
            depth: 2,
            scheme: scheme.into(),
            network,
            classes: 10,
            epochs: vec![epoch],
        }
    }

    #[test]
    fn pairs_are_of_one_number_and_the_sign_says_who_is_better() {
        // the second scheme's networks in another order
        let mut trained: Vec<Trained> = (0..12)
            .map(|n| network("one", n, 1.0 + 0.1 * n as f64))
            .collect();
        trained.extend(
            (0..12)
                .rev()
                .map(|n| network("two", n, 1.5 + 0.1 * n as f64)),
        );
        let loss = Quantity::new("test loss", true, |t| Some(t.epochs.last()?.test_loss));
        let mut found = vec![
            Paired::new("", &trained, ("one", "two"), &loss, 1.0).unwrap(),
            Paired::new("", &trained, ("two", "one"), &loss, 1.0).unwrap(),
        ];
        correct(&mut found);
        approx::assert_relative_eq!(found[0].difference, -0.5, max_relative = 1e-14);
        assert!(found[0].deviation < 1e-14);
        // all twelve of one sign: 2/2¹², times two comparisons
        approx::assert_relative_eq!(found[0].adjusted, 4.0 / 4096.0, max_relative = 1e-12);
        assert!(found[0].is_better(0.05) && !found[0].is_worse(0.05));
        assert!(found[1].is_worse(0.05) && !found[1].is_better(0.05));
        assert!(!found[0].is_better(1e-4));
        assert!(Paired::new("", &trained, ("one", "three"), &loss, 1.0).is_err());
    }
}
