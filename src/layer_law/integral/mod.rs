//! Moments and log moments of a layer with Gaussian weights, each from one integral over the real
//! line of its transform, for every activation and width.

pub(super) mod derivatives;
pub(super) mod excess;
pub(crate) mod log_axis;

pub(crate) use derivatives::STEP as DERIVATIVE_STEP;
pub(crate) use excess::{Counts, EULER, STEP as EXCESS_STEP, log_moments_of, log_per_order};
pub(crate) use log_axis::Sum;
