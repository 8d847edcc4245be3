//! What each theorem's file says and does, in one place.

use crate::cores::on_all_cores;
use crate::error::Result;
use crate::theorems::check::Check;
use crate::theorems::figure::Figure;
use crate::theorems::settings::{Progress, Settings};
use crate::theorems::table::Table;

/// A theorem's part of the report and of a run.
pub struct Section {
    pub title: &'static str,
    /// In Typst markup.
    pub statement: &'static str,
    /// In Typst markup.
    pub reason: &'static str,
    pub run: fn(&Settings, &Progress) -> Result<ChecksAndFigures>,
    pub tables: fn() -> Result<Vec<Table>>,
    /// Of a whole run, on two cores (measured: the stages' lines of `isomoment verify`).
    pub percent_of_time: f64,
}

pub type ChecksAndFigures = (Vec<Check>, Vec<Figure>);

/// What `of` makes of each item, in the order of the items, on all cores: beside the networks of one
/// check the law of another is computed.
pub(super) fn each<A: Copy + Sync, T: Send>(
    items: impl IntoIterator<Item = A>,
    of: impl Fn(A) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let items: Vec<A> = items.into_iter().collect();
    let made = on_all_cores(items.len(), |index| of(items[index]));
    made.into_iter().collect()
}

/// The tables of a theorem that has none.
pub fn no_tables() -> Result<Vec<Table>> {
    Ok(Vec::new())
}
