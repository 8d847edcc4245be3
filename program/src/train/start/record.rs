//! Initial log-norms as a table: initial.csv.

use crate::output::csv;
use crate::train::start::Start;
use isomoment::Result;

const HEADER: [&str; 6] = ["width", "depth", "scheme", "network", "hidden", "last"];

/// One line for each network.
pub fn write_starts(starts: &[Start]) -> String {
    let row = |s: &Start| {
        [
            s.width.to_string(),
            s.depth.to_string(),
            s.scheme.clone(),
            s.network.to_string(),
            s.hidden.to_string(),
            s.last.to_string(),
        ]
    };
    csv::text(HEADER, starts.iter().map(row))
}

/// What [`write_starts`] wrote.
///
/// # Errors
/// [`isomoment::Error::Domain`] with the first line that is none of such a table.
pub fn read_starts(table: &str) -> Result<Vec<Start>> {
    csv::read(table, "initial.csv", &HEADER, |line| {
        let [width, depth, scheme, network, hidden, last] = csv::cells(line)?;
        Some(Start {
            width: width.parse().ok()?,
            depth: depth.parse().ok()?,
            scheme: scheme.to_owned(),
            network: network.parse().ok()?,
            hidden: hidden.parse().ok()?,
            last: last.parse().ok()?,
        })
    })
}
