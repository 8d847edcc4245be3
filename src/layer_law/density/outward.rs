//! A density on a lattice from its logarithm, as far out as it counts.

use crate::layer_law::density::log_density::LogDensity;
use crate::layer_law::density::saddle::{FALL, MOST_LATTICE_NODES};

/// Where the density falls fast the lattice goes on until it has fallen to e^{−FALL_IF_STEEP}.
const FALL_IF_STEEP: f64 = 200.0;

/// Where the density falls so fast, or faster, a longer lattice has few nodes.
const STEEP: f64 = 4.0;

/// Deviation of log f(x+step) − log f(x) from rate·step that is rounding only, and what |log f|
/// adds to it, relative to it: five of its ulps, 1.2e-15. The density is an exponential where so
/// many nodes in a row deviate by no more.
const EXPONENTIAL: f64 = 4e-14;
const ROUNDING_OF_LOG: f64 = 0.03;
const EXPONENTIAL_IN_A_ROW: u32 = 8;

/// The law with this log-density, up to a constant, on a lattice through 0 that lies in its bulk. To
/// the left it falls like e^{rate·x} in the end, if it gets there.
pub(crate) fn on_both_sides(step: f64, rate: f64, log_density: impl Fn(f64) -> f64) -> LogDensity {
    let (right, _) = outward(step, rate, &log_density);
    let (mut masses, exponential) = outward(-step, rate, &log_density);
    let rate = if exponential { rate } else { f64::INFINITY };
    masses.reverse();
    let start = -step * (masses.len() - 1) as f64;
    masses.extend(&right[1..]);
    let ratio = (-rate * step).exp();
    let left = masses[0] * ratio / (1.0 - ratio);
    let total: f64 = masses.iter().sum::<f64>() + left;
    for mass in &mut masses {
        *mass /= total;
    }
    LogDensity::on_lattice(start, step, masses, rate)
}

/// Densities at 0, step, 2·step, … until they have fallen far below the largest or fall
/// exactly like e^{rate·x}; and whether they do that.
fn outward(step: f64, rate: f64, log_density: &impl Fn(f64) -> f64) -> (Vec<f64>, bool) {
    let most_fall = if rate > STEEP { FALL_IF_STEEP } else { FALL };
    let mut densities = Vec::new();
    let mut largest = f64::NEG_INFINITY;
    let (mut last, mut exponential) = (f64::NAN, 0_u32);
    for i in 0..MOST_LATTICE_NODES {
        let log_density = log_density(step * i as f64);
        largest = largest.max(log_density);
        if log_density < largest - most_fall {
            break;
        }
        densities.push(log_density.exp());
        let off = log_density - last - rate * step;
        last = log_density;
        let rounding = EXPONENTIAL * (1.0 + ROUNDING_OF_LOG * log_density.abs());
        exponential = if off.abs() < rounding {
            exponential + 1
        } else {
            0
        };
        if exponential == EXPONENTIAL_IN_A_ROW {
            return (densities, true);
        }
    }
    (densities, false)
}
