//! Kinds of files.

use std::fmt;
use std::str::FromStr;

use crate::report::ReportError;

/// A kind of file of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The document (feature `pdf`).
    Pdf,
    /// The same as one self-contained page (feature `pdf`).
    Html,
    /// Figures, 300 dpi at 17 cm.
    Png,
    /// Figures.
    Svg,
    /// Figures' numbers, tables, constants.
    Csv,
    /// Tables and constants for LaTeX.
    Tex,
    /// `results.json`.
    Json,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Pdf,
        Self::Html,
        Self::Png,
        Self::Svg,
        Self::Csv,
        Self::Tex,
        Self::Json,
    ];

    /// Those that this program was built for.
    pub fn built() -> Vec<Self> {
        Self::ALL.into_iter().filter(|f| f.is_built()).collect()
    }

    /// Its name, which is the extension of its files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Html => "html",
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Csv => "csv",
            Self::Tex => "tex",
            Self::Json => "json",
        }
    }

    /// Its files, in words.
    pub fn contents(self) -> &'static str {
        match self {
            Self::Pdf => "The document",
            Self::Html => "The same as one self-contained page",
            Self::Png => "Figures, 300 dpi at 17 cm",
            Self::Svg => "Figures",
            Self::Csv => "Figures' numbers, tables, constants",
            Self::Tex => "Tables and constants for LaTeX",
            Self::Json => "results.json",
        }
    }

    /// Whether the program can make it: documents need the document engine.
    pub fn is_built(self) -> bool {
        cfg!(feature = "pdf") || !matches!(self, Self::Pdf | Self::Html)
    }

    /// Sees that the program can make it.
    ///
    /// # Errors
    /// [`ReportError`] that names the feature it was built without.
    pub fn require(self) -> Result<(), ReportError> {
        if self.is_built() {
            return Ok(());
        }
        let reason = "this program was built without the document engine, its feature pdf";
        Err(ReportError::new(self.name(), reason))
    }

    /// Whether a file of this name is of this kind.
    pub(super) fn includes(self, file: &str) -> bool {
        file.rsplit_once('.')
            .is_some_and(|(_, end)| end == self.name())
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = ReportError;

    fn from_str(name: &str) -> Result<Self, ReportError> {
        let found = Self::ALL.into_iter().find(|format| format.name() == name);
        found.ok_or_else(|| ReportError::new("format", format!("{name} is none")))
    }
}
