//! The forms in which constants are printed.

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    Table,
    Csv,
    Json,
    Latex,
}
