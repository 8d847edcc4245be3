//! The precisions in which networks are simulated.

use num_traits::{Float, FromPrimitive};

use crate::simulate::numbers::box_muller::BoxMuller;

/// The precisions in which networks are simulated.
pub trait Real: Float + FromPrimitive + Default + Send + Sync + BoxMuller {
    /// The same number as a double.
    fn double(self) -> f64;
}

impl Real for f32 {
    #[inline(always)]
    fn double(self) -> f64 {
        f64::from(self)
    }
}

impl Real for f64 {
    #[inline(always)]
    fn double(self) -> f64 {
        self
    }
}

/// A double in the network's precision.
pub(crate) fn cast<F: Real>(value: f64) -> F {
    F::from_f64(value).unwrap_or_else(F::nan)
}
