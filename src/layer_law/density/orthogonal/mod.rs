//! The law of X for orthogonal weights, whose input of the activation is uniform on a sphere: an
//! ordinary density on a lattice for many units, and between the edges of the law for fewer.

pub(in crate::layer_law) mod between_edges;
mod lattice;
mod sphere;

use crate::layer_law::cumulants::LogCumulants;
use crate::layer_law::density::log_density::LogDensity;
use crate::layer_law::transform::Transform;

/// Up to so many units the edges of the law are looked at first, above them a lattice is tried
/// first; where the first way fails, the other is taken. Any number between the least that a
/// lattice holds and the most whose edges are quickly computed does.
const EDGES_FIRST_TO: f64 = 100.0;

/// The law of X = ½ log(Q/κ) given Q > 0 on the sphere in `dimension` dimensions, which has these
/// cumulants; `None` where neither way resolves it. Between edges the nodes lie `finer` times as
/// close as is needed for sums over them; a lattice is not made finer.
pub fn log_density(
    transform: &Transform,
    dimension: f64,
    cumulants: LogCumulants,
    finer: f64,
) -> Option<LogDensity> {
    let between_edges = || between_edges::log_density(transform, dimension, finer);
    let on_lattice = || lattice::log_density(transform, dimension, cumulants);
    if transform.width() <= EDGES_FIRST_TO {
        between_edges().or_else(on_lattice)
    } else {
        on_lattice().or_else(between_edges)
    }
}
