//! The list of theorems, and what a run of one finds.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::layer_law::LayerLaw;
use crate::theorems::check::Check;
use crate::theorems::figure::Figure;
use crate::theorems::section::Section;
use crate::theorems::settings::{Progress, Settings};
use crate::theorems::table::Table;
use crate::theorems::{t1, t2, t3, t4, t5, t6, t7, t8, t9, t11, t12, t13, t14, t15};

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
    /// Gradients.
    T11,
    /// Convolutions.
    T12,
    /// Residual blocks.
    T13,
    /// Heavy-tailed weights.
    T14,
    /// Any activation.
    T15,
}

impl Theorem {
    /// Every theorem, in order.
    pub const ALL: [Self; 14] = [
        Self::T1,
        Self::T2,
        Self::T3,
        Self::T4,
        Self::T5,
        Self::T6,
        Self::T7,
        Self::T8,
        Self::T9,
        Self::T11,
        Self::T12,
        Self::T13,
        Self::T14,
        Self::T15,
    ];

    /// What its file says and does.
    fn section(self) -> &'static Section {
        match self {
            Self::T1 => &t1::SECTION,
            Self::T2 => &t2::SECTION,
            Self::T3 => &t3::SECTION,
            Self::T4 => &t4::SECTION,
            Self::T5 => &t5::SECTION,
            Self::T6 => &t6::SECTION,
            Self::T7 => &t7::SECTION,
            Self::T8 => &t8::SECTION,
            Self::T9 => &t9::SECTION,
            Self::T11 => &t11::SECTION,
            Self::T12 => &t12::SECTION,
            Self::T13 => &t13::SECTION,
            Self::T14 => &t14::SECTION,
            Self::T15 => &t15::SECTION,
        }
    }

    /// Whether it is not a theorem of the paper.
    pub fn is_beyond_the_paper(self) -> bool {
        self > Self::T9
    }

    /// The theorem's name in words.
    pub fn title(self) -> &'static str {
        self.section().title
    }

    /// The statement, in Typst markup with its mathematics.
    pub fn statement(self) -> &'static str {
        self.section().statement
    }

    /// Why it holds, in a few sentences (Typst markup); the proof is in proofs-notes.
    pub fn reason(self) -> &'static str {
        self.section().reason
    }

    /// Percent of the time of a run of all theorems that this one takes, roughly: to tell the time
    /// left.
    pub fn percent_of_time(self) -> f64 {
        self.section().percent_of_time
    }

    /// Runs the theorem's checks and gathers its figures and tables.
    ///
    /// # Errors
    /// What the constants' or the network's constructors refuse.
    pub fn run(self, settings: &Settings, progress: &Progress) -> Result<Findings> {
        let (checks, figures) = (self.section().run)(settings, progress)?;
        Ok(Findings {
            theorem: self,
            checks,
            figures,
            tables: (self.section().tables)()?,
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
            .ok_or_else(|| {
                Error::domain("theorem", wanted, "one of T1, T2, …, T9, T11, T12, …, T15")
            })
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

impl Findings {
    /// T1's on networks of another scale, whichever moment is tested: at He's rule, `law.scale(2.0)`,
    /// its checks fail. `scale` is the σ of a layer with this law
    /// ([`LayerLaw::scale_of_entries`] has it for weights of a standard deviation).
    ///
    /// # Errors
    /// Like [`Theorem::run`]; those of `scale`.
    pub fn of_t1_scaled_by(
        scale: impl Fn(&LayerLaw) -> Result<f64>,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Self> {
        let (checks, figures) = t1::scaled_by(&|law, _| scale(law), settings, progress)?;
        Ok(Self {
            theorem: Theorem::T1,
            checks,
            figures,
            tables: Vec::new(),
        })
    }
}
