//! Statistics: of simulated log-norms while they come, and tests of one hypothesis each, their
//! power, and the error rate over many of them.

pub mod binomial;
mod domain;
mod edf_factors;
pub mod edf_law;
pub mod goodness;
pub mod ks_law;
pub mod location;
pub mod multiplicity;
pub mod proportion;
pub mod signed_rank;
pub mod summary;
pub mod tail;
