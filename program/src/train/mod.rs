//! The training experiment: fully connected networks, perhaps behind convolutions, from different
//! initial scales, trained on the same data in the same order.
//!
//! Networks of one seed share the normal numbers of their weights, which only the scheme scales,
//! and the order of the batches, so that schemes are compared pair by pair.

mod architecture;
mod augment;
mod cifar;
mod convolve;
mod data;
mod epochs;
mod experiment;
mod front;
mod idx;
mod init;
mod lsuv;
mod network;
mod optimizer;
mod paired;
mod planes;
mod start;
mod summary;
mod trained;

pub use architecture::{Architecture, COOPERATING, Ends, WidthOf};
pub use augment::Augment;
pub use cifar::{CIFAR_IMAGE, check_cifar_lengths};
pub use data::{Dataset, Labels, Pixels, Split};
pub use epochs::{EPOCHS_HEADER, read_epoch, read_epochs, write_epochs};
pub use experiment::{Experiment, Outcome, Setting, TrainError, TrainProgress};
pub use front::{Block, BlockGradients, Convolution, Front, ImageShape, features};
pub use idx::{Images, read_images, read_labels};
pub use init::{Bias, Choice, Form, Init};
pub use network::{Gradients, Network, Noise};
pub use optimizer::{Optimizer, Rule, Schedule};
pub use paired::{Paired, Quantity, correct};
pub use start::{
    Start, StartFit, StartLaws, fit_biased_starts, fit_starts, read_starts, start, write_starts,
};
pub use summary::{Comparison, Estimate, SchemeSummary, compare, failed, summarize};
pub use trained::{Draw, Epoch, Recipe, Trained, train};
