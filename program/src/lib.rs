//! The program `isomoment`: training experiments, the report, and the command line.
//!
//! The numbers, laws, simulations and theorems are the library's, [`isomoment`];
//! here lies only what needs files, a typesetter or a terminal.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod cli;
pub mod output;
pub mod report;
pub mod train;
