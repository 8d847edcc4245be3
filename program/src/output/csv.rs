//! Tables as comma-separated text.

use csv::{ReaderBuilder, StringRecord, Writer};
use isomoment::theorems::Table;
use isomoment::{Error, Result};

/// A header and rows as long as it; cells are quoted where they need it.
///
/// ```
/// use isomoment_cli::output::csv::text;
/// let rows = [["ReLU", "64"], ["Leaky ReLU, 0.01", "8"]];
/// assert_eq!(text(["units", "width"], rows), "units,width\nReLU,64\n\"Leaky ReLU, 0.01\",8\n");
/// ```
///
/// # Panics
/// When a row has another length than the header.
pub fn text<Row: IntoIterator<Item = impl AsRef<[u8]>>>(
    header: impl IntoIterator<Item = impl AsRef<[u8]>>,
    rows: impl IntoIterator<Item = Row>,
) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(header).expect("a header");
    for row in rows {
        writer
            .write_record(row)
            .expect("a row as long as the header");
    }
    let bytes = writer.into_inner().expect("memory takes everything");
    String::from_utf8(bytes).expect("cells are text")
}

/// A table of exact numbers, every digit.
pub fn table(table: &Table) -> String {
    let header = table.columns.iter().map(|(heading, _)| heading.trim());
    let rows = table.rows.iter().map(|row| row.iter().map(f64::to_string));
    text(header, rows)
}

/// What the rows of a table with exactly this header say; `file` is how an error names the table.
///
/// # Errors
/// [`Error::Domain`] with the first line that is none of such a table.
pub fn read<T>(
    text: &str,
    file: &'static str,
    header: &[&str],
    row: impl Fn(&StringRecord) -> Option<T>,
) -> Result<Vec<T>> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let refused = |line: &StringRecord| {
        let line = line.iter().collect::<Vec<_>>().join(",");
        let allowed = format!("a line of a table with the columns {}", header.join(","));
        Error::domain(file, format!("{line:?}"), allowed)
    };
    let mut lines = reader.records().map(|line| line.unwrap_or_default());
    let first = lines.next().unwrap_or_default();
    if first != *header {
        return Err(refused(&first));
    }
    lines
        .map(|line| row(&line).ok_or_else(|| refused(&line)))
        .collect()
}

/// The cells of a row of exactly so many.
pub fn cells<const N: usize>(row: &StringRecord) -> Option<[&str; N]> {
    row.iter().collect::<Vec<_>>().try_into().ok()
}
