//! The extension module of the Python package `isomoment`: arguments in, numbers out. What its
//! functions are for is said in the package, which alone calls them.

mod background;
mod depth;
mod diagnosis;
mod error;
mod exact;
mod gain;
mod grid;
mod layer;
mod many;
mod residual;
mod simulation;
mod stable;
mod units;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    #[pymodule_export]
    use crate::depth::Depth;
    #[pymodule_export]
    use crate::diagnosis::diagnose;
    #[pymodule_export]
    use crate::exact::Exact;
    #[pymodule_export]
    use crate::gain::{Level, gains};
    #[pymodule_export]
    use crate::grid::layers;
    #[pymodule_export]
    use crate::layer::{Layer, standard_deviation};
    #[pymodule_export]
    use crate::residual::Residual;
    #[pymodule_export]
    use crate::simulation::simulate;
    #[pymodule_export]
    use crate::stable::{Stable, stable_scales};

    #[pymodule_export]
    const MAX_WIDTH: u64 = isomoment::layer_law::MAX_WIDTH;
}
