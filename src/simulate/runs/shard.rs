//! A run's share for one of several machines.

use std::ops::Range;
use std::str::FromStr;

use crate::error::{Error, Result};

/// The i-th of n nearly equal shares of a run's trajectories, i from 1.
///
/// ```
/// use isomoment::simulate::runs::Shard;
/// assert_eq!("2/3".parse(), Shard::new(2, 3));
/// assert!("0/3".parse::<Shard>().is_err() && "2".parse::<Shard>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u64,
    count: u64,
}

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self { index: 1, count: 1 };

    /// The `index`-th of `count` shares.
    ///
    /// # Errors
    /// [`Error::Domain`] unless 1 ≤ index ≤ count.
    pub fn new(index: u64, count: u64) -> Result<Self> {
        if (1..=count).contains(&index) {
            return Ok(Self { index, count });
        }
        let given = format!("{index}/{count}");
        Err(Error::domain("shard", given, "from 1/N to N/N"))
    }

    /// Whether it is the whole run.
    pub fn is_whole(self) -> bool {
        self.count == 1
    }

    /// Its part of the trajectories; of more shares than trajectories some are empty.
    pub fn of(self, trajectories: u64) -> Range<u64> {
        let cut = |index: u64| {
            let product = u128::from(trajectories) * u128::from(index);
            (product / u128::from(self.count)) as u64
        };
        cut(self.index - 1)..cut(self.index)
    }
}

/// As in 1/4, the first of four.
impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        let (index, count) =
            numbers.ok_or_else(|| Error::domain("shard", text, "of the form 1/4"))?;
        Self::new(index, count)
    }
}
