//! The law of X = ½ log(Q/κ) given Q > 0, as masses on nodes ([`LogDensity`]).
//!
//! | weights | law | nodes | file |
//! |---|---|---|---|
//! | Gaussian | analytic | a lattice | `gaussian.rs` |
//! | orthogonal, many units | edges and atoms too small to be seen | a lattice | `orthogonal/lattice.rs` |
//! | orthogonal, else | singular at edges, with atoms | between the edges | `orthogonal/between_edges.rs` |
//!
//! Edges ([`Edges`]) are the values at which the law of Q is singular.

mod edges;
pub(super) mod gaussian;
mod log_density;
pub(super) mod orthogonal;
mod saddle;

pub(crate) use edges::Edges;
pub(crate) use log_density::LogDensity;
