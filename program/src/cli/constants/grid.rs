//! A file of cases, one per row.

use std::path::Path;

use csv::StringRecord;

use crate::cli::Refusal;
use crate::cli::case::{Case, Row};
use crate::cli::law_args::{Kind, LawArgs, Shape};
use crate::cli::number::Number;

/// Columns a grid must have; others are ignored.
const COLUMNS: [&str; 7] = [
    "activation",
    "slope",
    "lower",
    "upper",
    "keep",
    "width",
    "s",
];

pub fn rows(path: &Path, law: &LawArgs, digits: Option<usize>) -> Result<Vec<Row>, Refusal> {
    let fail = |error: csv::Error| Refusal(format!("{}: {error}", path.display()));
    let mut reader = csv::Reader::from_path(path).map_err(fail)?;
    let header = reader.headers().map_err(fail)?.clone();
    let mut places = [0; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        *place = header
            .iter()
            .position(|name| name.trim() == column)
            .ok_or_else(|| Refusal(format!("{}: no column {column}", path.display())))?;
    }
    let mut rows = Vec::new();
    for (index, record) in reader.records().enumerate() {
        // counted as an editor does, the header being line 1
        let line = index + 2;
        let at = |reason: String| Refusal(format!("{}, line {line}: {reason}", path.display()));
        let record = record.map_err(|e| at(e.to_string()))?;
        let row = case(&record, &places, law)
            .and_then(|case| case.constants(digits))
            .map_err(|e| at(e.0))?;
        rows.push(row);
    }
    Ok(rows)
}

fn case(record: &StringRecord, places: &[usize; 7], law: &LawArgs) -> Result<Case, Refusal> {
    let text = |column: usize| record.get(places[column]).unwrap_or("").trim();
    let number = |column: usize| -> Result<Option<Number>, Refusal> {
        let wrong = |reason: &str| {
            Refusal(format!(
                "{} is '{}'; {reason}",
                COLUMNS[column],
                text(column)
            ))
        };
        match text(column) {
            "" => Ok(None),
            digits => digits.parse().map(Some).map_err(wrong),
        }
    };
    let kind = match text(0) {
        "linear" => Kind::Linear,
        "relu" => Kind::Relu,
        "leaky-relu" | "leaky_relu" => Kind::LeakyRelu,
        "rrelu" => Kind::Rrelu,
        other => {
            let allowed = "linear, relu, leaky-relu or rrelu";
            return Err(Refusal(format!(
                "activation is '{other}'; it must be {allowed}"
            )));
        }
    };
    let width = text(5).parse().map_err(|_| {
        Refusal(format!(
            "width is '{}'; it must be an integer from 1 to 9007199254740992",
            text(5)
        ))
    })?;
    Ok(Case {
        units: law.with(kind, [number(1)?, number(2)?, number(3)?], number(4)?)?,
        shape: Shape {
            width,
            fan_in: None,
        },
        s: number(6)?.ok_or_else(|| Refusal("s is missing".into()))?,
    })
}
