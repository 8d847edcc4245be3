//! Normal and uniform numbers in bulk, for weight matrices drawn entry by entry.
//!
//! Sixteen generators run side by side, and Box–Muller's transform turns their words into normals.
//! The loops are plain arithmetic on arrays: called from inside a `pulp` dispatch they are compiled
//! to the widest vector instructions that the processor has (AVX-512, AVX2 with FMA, NEON), and as
//! every rounding is spelled out (`mul_add` is one rounding everywhere) all of them give the same
//! bits.

mod box_muller;
mod elementary;
mod entries;
mod generators;
mod normals;
mod real;
mod source;
mod stable;
mod uniforms;

pub use entries::Entries;
pub use normals::Normals;
pub use real::Real;
pub use stable::Stables;
pub use uniforms::Uniforms;

pub(crate) use entries::Standardized;
pub(crate) use real::cast;
pub(crate) use source::Source;
pub(crate) use stable::log_power_sum;

/// Pairs of normals made at once.
const PAIRS: usize = 256;

/// Numbers made at once.
const BLOCK: usize = 2 * PAIRS;
