//! What leaves the program: files that appear whole or not at all, CSV, LaTeX, and numbers as a
//! reader sees them. Nothing here knows what is written.

pub mod csv;
mod files;
pub mod latex;
pub mod number;

pub use files::{Artifact, FileError, prepare, write_all};
