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
mod outward;
mod saddle;

pub use edges::Edges;
pub use log_density::LogDensity;
pub(crate) use outward::on_both_sides;
pub(crate) use saddle::path_sum;
