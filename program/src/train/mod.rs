//! The training experiment: fully connected networks from different initial scales, trained on the same data in the same order.
//!
//! Networks of one seed share the normal numbers of their weights, which only the scheme scales, and the order of the
//! batches, so that schemes are compared pair by pair.

mod data;
mod experiment;
mod idx;
mod initial;
mod network;
mod optimizer;
mod record;
mod summary;

pub use data::{Dataset, Split};
pub use experiment::{Architecture, Epoch, Recipe, Trained, train};
pub use idx::{Images, read_images, read_labels};
pub use initial::{Start, StartFit, fit_starts, read_starts, start, start_laws, write_starts};
pub use network::{Gradients, Network, Noise};
pub use optimizer::{Optimizer, Rule};
pub use record::{read_epochs, write_epochs};
pub use summary::{Comparison, Estimate, Summary, compare, summarize};
