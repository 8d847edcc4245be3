//! A file of cases, one per row, as spreadsheets write it too.

use std::path::Path;

use clap::ValueEnum;
use csv::StringRecord;

use crate::cli::activation::Kind;
use crate::cli::case::Case;
use crate::cli::count::{count, is_separator};
use crate::cli::law_args::{LawArgs, Shape};
use crate::cli::number::Number;
use crate::cli::outcome::Refusal;

/// Columns of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Activation,
    Slope,
    Lower,
    Upper,
    Keep,
    FanIn,
    Width,
    S,
}

impl Column {
    /// Each with its name; in a file they stand in any order. Only the first and the last two must
    /// be there, other columns are ignored.
    const NAMED: [(Self, &'static str); 8] = [
        (Self::Activation, "activation"),
        (Self::Slope, "slope"),
        (Self::Lower, "lower"),
        (Self::Upper, "upper"),
        (Self::Keep, "keep"),
        (Self::FanIn, "fan_in"),
        (Self::Width, "width"),
        (Self::S, "s"),
    ];

    fn name(self) -> &'static str {
        Self::NAMED[self as usize].1
    }

    fn is_needed(self) -> bool {
        matches!(self, Self::Activation | Self::Width | Self::S)
    }
}

/// A case and the line of the file that it stands on, as an editor counts lines.
pub struct Line {
    pub number: usize,
    pub case: Case,
}

/// The cases of a file. Cells are separated by commas, or by semicolons or tabs if the header is;
/// decimal commas are read where the comma does not separate.
pub fn read(path: &Path, law: &LawArgs) -> Result<Vec<Line>, Refusal> {
    let name = path.display();
    let bytes = std::fs::read(path).map_err(|e| Refusal(format!("{name}: {e}")))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Refusal(format!("{name}: it is not text in UTF-8")))?;
    // spreadsheets begin with a byte order mark
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let header = text.lines().find(|line| !line.trim().is_empty());
    let delimiter = delimiter(header.unwrap_or(""));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut place = Place::default();
    let mut cells: Option<Cells> = None;
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| Refusal(format!("{name}: {e}")))?;
        let number = place.advance(text, record.position());
        let at = |refusal: Refusal| Refusal(format!("{name}, line {number}: {refusal}"));
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        match &cells {
            None => cells = Some(Cells::new(&record, delimiter).map_err(at)?),
            Some(cells) => {
                let case = cells.case(&record, law).map_err(at)?;
                lines.push(Line { number, case });
            }
        }
    }
    if cells.is_none() {
        return Err(Refusal(format!("{name}: it is empty")));
    }
    Ok(lines)
}

/// Where the reading of a file is.
#[derive(Default)]
struct Place {
    byte: usize,
    newlines: usize,
}

impl Place {
    /// The line on which a record stands that comes later: its position is where the blank lines
    /// before it begin.
    fn advance(&mut self, text: &str, position: Option<&csv::Position>) -> usize {
        let bytes = text.as_bytes();
        let start = position.map_or(self.byte, |position| position.byte() as usize);
        let blank = bytes[start..].iter();
        let blank = blank.take_while(|b| matches!(b, b'\n' | b'\r')).count();
        let passed = &bytes[self.byte..start + blank];
        self.newlines += passed.iter().filter(|b| **b == b'\n').count();
        self.byte = start + blank;
        1 + self.newlines
    }
}

/// What separates the header's cells.
fn delimiter(header: &str) -> u8 {
    let separates = |mark: &u8| header.contains(char::from(*mark));
    [b',', b';', b'\t']
        .into_iter()
        .find(separates)
        .unwrap_or(b',')
}

/// Where a row's columns are.
struct Cells {
    places: [Option<usize>; Column::NAMED.len()],
    columns: usize,
    decimal_comma: bool,
}

impl Cells {
    fn new(header: &StringRecord, delimiter: u8) -> Result<Self, Refusal> {
        let names: Vec<String> = header
            .iter()
            .map(|name| name.trim().to_lowercase())
            .collect();
        let place = |name: &str| names.iter().position(|found| found == name);
        let places = Column::NAMED.map(|(_, name)| place(name));
        for (column, name) in Column::NAMED {
            if places[column as usize].is_some() {
                continue;
            }
            // a misspelt column would be taken for a missing one
            let similar = |found: &&String| name.len() > 3 && strsim::levenshtein(found, name) <= 2;
            if let Some(found) = names.iter().find(similar) {
                let text = format!("column '{found}' is not known; is it {name}?");
                return Err(Refusal(text));
            }
            if column.is_needed() {
                let all = Column::NAMED.map(|(_, name)| name).join(", ");
                return Err(Refusal(format!(
                    "no column {name}; the header must be of {all}, separated by commas, \
                     semicolons or tabs"
                )));
            }
        }
        Ok(Self {
            places,
            columns: names.len(),
            decimal_comma: delimiter != b',',
        })
    }

    fn case(&self, record: &StringRecord, law: &LawArgs) -> Result<Case, Refusal> {
        if record.len() != self.columns {
            let (found, wanted) = (record.len(), self.columns);
            let hint = match self.decimal_comma {
                true => "",
                false => "; commas separate cells here, so decimals need a point",
            };
            let text = format!("it has {found} cells, the header {wanted}{hint}");
            return Err(Refusal(text));
        }
        let [slope, lower, upper, keep, s] = [
            Column::Slope,
            Column::Lower,
            Column::Upper,
            Column::Keep,
            Column::S,
        ]
        .map(|column| self.number(record, column));
        let kind = self.text(record, Column::Activation);
        let kind = Kind::from_str(&kind, true).map_err(|_| {
            let allowed = "linear, relu, leaky-relu or rrelu";
            Refusal(format!("activation is '{kind}'; it must be {allowed}"))
        })?;
        let width = self.count(record, Column::Width)?;
        Ok(Case {
            shape: Shape {
                width: width.ok_or_else(|| Refusal("width is missing".into()))?,
                fan_in: self.count(record, Column::FanIn)?,
            },
            units: law.with(kind, [slope?, lower?, upper?], keep?)?,
            s: s?.ok_or_else(|| Refusal("s is missing".into()))?,
        })
    }

    fn text(&self, record: &StringRecord, column: Column) -> String {
        let cell = self.places[column as usize].and_then(|place| record.get(place));
        cell.unwrap_or("").trim().to_owned()
    }

    /// The cell as a number: with the typographic minus, spaces between digits and, where it is no
    /// separator, the decimal comma.
    fn number(&self, record: &StringRecord, column: Column) -> Result<Option<Number>, Refusal> {
        let text = self.text(record, column);
        let plain = text.chars().filter(|c| !is_separator(*c));
        let plain: String = plain
            .map(|c| if c == '\u{2212}' { '-' } else { c })
            .collect();
        let plain = match self.decimal_comma && !plain.contains('.') {
            true => plain.replacen(',', ".", 1),
            false => plain,
        };
        if plain.is_empty() {
            return Ok(None);
        }
        let wrong = |reason| Refusal(format!("{} is '{text}'; {reason}", column.name()));
        plain.parse().map(Some).map_err(wrong)
    }

    fn count(&self, record: &StringRecord, column: Column) -> Result<Option<u64>, Refusal> {
        let text = self.text(record, column);
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = |reason| Refusal(format!("{} is '{text}'; {reason}", column.name()));
        count(&text).map(Some).map_err(wrong)
    }
}
