//! The theorems: for each, what it predicts, checks that can fail, most of them on networks of real
//! matrices ([`Source`] says which), a negative control of each that must fail, and the data of its
//! figures.
//!
//! A theorem is one file, `t1.rs` to `t11.rs`, whose `SECTION` says everything that the rest of the
//! program asks of it. Below these files: the networks to check (`case`), what is estimated from
//! their paths (`sample`, `tilted_network`), checks and how they are made (`check`, `claim`),
//! figures and tables as data. Above: the list of theorems (`theorem`), the verdicts of a run
//! (`verdict`), and whether the tests are what they say (`calibration`). Beside them: the figures of
//! the paper, redrawn (`paper`).

pub mod calibration;
mod calibration_record;
mod case;
pub mod check;
mod claim;
pub mod color;
mod figure;
pub mod paper;
mod sample;
mod section;
mod settings;
mod sources;
mod t1;
mod t11;
mod t12;
mod t13;
mod t14;
mod t15;
mod t2;
mod t3;
mod t4;
mod t5;
mod t6;
mod t7;
mod t8;
mod t9;
mod table;
mod tally;
mod theorem;
mod tilted_network;
mod verdict;

pub use check::{Check, Control, Evidence, Source};
pub use figure::{Figure, Mark, Series};
pub use settings::{Progress, Settings};
pub use sources::Sources;
pub use table::{Notation, Table};
pub use tally::Tally;
pub use theorem::{Findings, Theorem};
pub use verdict::{Verdict, verdicts};
