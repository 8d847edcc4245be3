//! The forms of a plain list of numbers.

use clap::ValueEnum;

/// Forms of a plain list of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Listing {
    Table,
    Csv,
    Json,
}
