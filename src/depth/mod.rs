//! k layers: the exact law of log(‖x_k‖/‖x₀‖), survival, the Lyapunov exponent and the tail index.
//!
//! Given survival log(‖x_k‖/‖x₀‖) is a sum of k independent copies of log σ + ½ log Q. Its
//! distribution comes from Fourier inversion of the k-th power of the exponentially tilted law of
//! one layer, tilted so that the point asked for is its center: small probabilities of either tail
//! keep their relative accuracy (proofs-notes/depth.md). Which route when:
//!
//! | The law of one layer | Route | File |
//! |---|---|---|
//! | smooth, or so deep that its power has died out | inversion along a line | `inversion` |
//! | with atoms or singular edges (few orthogonal units) | inversion along rays, by edges | `rays`, `compositions` |
//! | a left tail that no tilt reaches (units can die) | convolution | `left_tail`, `beside_edges` |
//! | one or two values | constant, binomial | `atoms` |
//! | any smooth one, at thousands of points | a table of the inversion | `table` |
//!
//! [`DepthLaw`] (`law`) chooses; `sum` is what the routes invert, `tilted` the law of one layer.

mod atoms;
mod beside_edges;
mod compositions;
mod inversion;
mod law;
mod left_tail;
mod quadrature;
mod rays;
mod split;
mod sum;
mod table;
mod tilted;

pub use law::DepthLaw;
pub use table::DepthTable;
