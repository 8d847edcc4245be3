//! What an epoch costs with either scheme, from the record of `tools/epoch_time.py`.

use crate::output::csv;
use isomoment::Result;
use isomoment::stats::location::MeanEstimate;

const TIMES: &str = include_str!("../../../data/epoch-time/times.csv");

/// CPU seconds of an epoch.
pub struct EpochTimes {
    /// With σ(1, d).
    pub fractional: MeanEstimate,
    /// With He's rule.
    pub he: MeanEstimate,
    /// Runs of each.
    pub runs: usize,
    /// Epochs of a run.
    pub epochs: usize,
}

impl EpochTimes {
    pub fn read() -> Result<Self> {
        let header = ["scheme", "run", "epochs", "seconds"];
        let rows = csv::read(TIMES, "times.csv", &header, |line| {
            let [scheme, _, epochs, seconds] = csv::cells(line)?;
            let (epochs, seconds) = (epochs.parse::<usize>().ok()?, seconds.parse::<f64>().ok()?);
            Some((scheme.to_owned(), epochs, seconds))
        })?;
        let of = |wanted: &str| -> Vec<f64> {
            let own = rows.iter().filter(|(scheme, ..)| scheme == wanted);
            own.map(|(.., seconds)| *seconds).collect()
        };
        let he = of("he");
        Ok(Self {
            runs: he.len(),
            epochs: rows.first().map_or(0, |(_, epochs, _)| *epochs),
            fractional: MeanEstimate::from_sample(of("fractional:1"))?,
            he: MeanEstimate::from_sample(he)?,
        })
    }
}
