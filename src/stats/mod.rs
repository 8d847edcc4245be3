//! Statistics: of simulated log-norms while they come, and those that the theorems' checks use: tests of
//! one hypothesis each, their power, and the error rate over many of them.

pub mod summary;

#[cfg(feature = "theorems")]
pub mod edf_law;
#[cfg(feature = "theorems")]
pub mod goodness;
#[cfg(feature = "theorems")]
pub mod location;
#[cfg(feature = "theorems")]
pub mod multiplicity;
#[cfg(feature = "theorems")]
pub mod proportion;
#[cfg(feature = "theorems")]
pub mod tail;
