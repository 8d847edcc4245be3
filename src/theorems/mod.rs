//! The theorems: for each, what it predicts, a check on real matrices that can
//! fail, a negative control that must fail, and the data of its figure.

pub mod calibration;
pub mod check;
pub mod figure;
mod sample;
mod t1;
mod t2;
mod t3;
mod t4;
mod t5;
mod t6;
mod t7;
mod t8;
mod t9;
mod table;
mod tilted_network;

pub use check::{Check, Control, Evidence, Verdict};
pub use figure::{Figure, Mark, Series};
pub use sample::{Progress, Settings};
pub use table::{Notation, Table};

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// The theorems that this version checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Theorem {
    /// Moment preservation.
    T1,
    /// Classical limits at s = 2.
    T2,
    /// Large width.
    T3,
    /// Order in s.
    T4,
    /// Almost-sure limit.
    T5,
    /// Log-normality.
    T6,
    /// Heavy tails.
    T7,
    /// Small outputs avoided.
    T8,
    /// Dropout.
    T9,
}

impl Theorem {
    /// Every theorem, in order.
    pub const ALL: [Self; 9] = [
        Self::T1,
        Self::T2,
        Self::T3,
        Self::T4,
        Self::T5,
        Self::T6,
        Self::T7,
        Self::T8,
        Self::T9,
    ];

    /// The theorem's name in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::T1 => "Moment preservation",
            Self::T2 => "Classical limits",
            Self::T3 => "Large width",
            Self::T4 => "Order in s",
            Self::T5 => "Almost-sure limit",
            Self::T6 => "Log-normality",
            Self::T7 => "Heavy tails",
            Self::T8 => "Small outputs avoided",
            Self::T9 => "Dropout",
        }
    }

    /// The statement, in Typst markup with its mathematics.
    pub fn statement(self) -> &'static str {
        match self {
            Self::T1 => t1::STATEMENT,
            Self::T2 => t2::STATEMENT,
            Self::T3 => t3::STATEMENT,
            Self::T4 => t4::STATEMENT,
            Self::T5 => t5::STATEMENT,
            Self::T6 => t6::STATEMENT,
            Self::T7 => t7::STATEMENT,
            Self::T8 => t8::STATEMENT,
            Self::T9 => t9::STATEMENT,
        }
    }

    /// Why it holds, in a few sentences (Typst markup); the proof is in proofs-notes.
    pub fn reason(self) -> &'static str {
        match self {
            Self::T1 => t1::REASON,
            Self::T2 => t2::REASON,
            Self::T3 => t3::REASON,
            Self::T4 => t4::REASON,
            Self::T5 => t5::REASON,
            Self::T6 => t6::REASON,
            Self::T7 => t7::REASON,
            Self::T8 => t8::REASON,
            Self::T9 => t9::REASON,
        }
    }

    /// Runs the theorem's checks and gathers its figure.
    ///
    /// # Errors
    /// What the constants' or the network's constructors refuse.
    pub fn run(self, settings: &Settings, progress: &Progress) -> Result<Findings> {
        let (checks, figures) = match self {
            Self::T1 => t1::run(settings, progress)?,
            Self::T2 => t2::run(settings, progress)?,
            Self::T3 => t3::run(settings, progress)?,
            Self::T4 => t4::run(settings, progress)?,
            Self::T5 => t5::run(settings, progress)?,
            Self::T6 => t6::run(settings, progress)?,
            Self::T7 => t7::run(settings, progress)?,
            Self::T8 => t8::run(settings, progress)?,
            Self::T9 => t9::run(settings, progress)?,
        };
        let tables = match self {
            Self::T3 => t3::tables()?,
            Self::T4 => t4::tables()?,
            Self::T8 => t8::tables()?,
            _ => Vec::new(),
        };
        Ok(Findings {
            theorem: self,
            checks,
            figures,
            tables,
        })
    }
}

impl fmt::Display for Theorem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl FromStr for Theorem {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let wanted = name.trim();
        Self::ALL
            .into_iter()
            .find(|t| t.to_string().eq_ignore_ascii_case(wanted))
            .ok_or_else(|| Error::domain("theorem", wanted, "one of T1, T2, …, T9"))
    }
}

/// What a theorem's checks found.
#[derive(Debug, Clone)]
pub struct Findings {
    /// Which theorem.
    pub theorem: Theorem,
    /// Its checks.
    pub checks: Vec<Check>,
    /// Its figures.
    pub figures: Vec<Figure>,
    /// Its tables of exact numbers.
    pub tables: Vec<Table>,
}
