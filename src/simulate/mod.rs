//! Simulation of real networks: weight matrices drawn entry by entry, a true
//! forward pass, norms in log scale.

pub mod network;
pub mod streams;

pub use network::{Network, Plan, Trajectory, simulate};
