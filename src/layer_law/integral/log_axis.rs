//! Integrals over t > 0 of functions of a law's transform, in u = log t.

use crate::layer_law::transform::Transform;

/// What is left out of a sum, relative to it.
const LEFT_OUT: f64 = 1e-18;

/// Where the change of variable sets in on the left, u = −[`LEFT_FROM`]. Measured: `cargo test
/// reference_tables::` finds errors as large from 0.5 to 3, and up to six times larger ones at
/// 0.
const LEFT_FROM: f64 = 1.0;

/// By u = log t = 4 the e^{−t} of wide layers has died out: e^{−e⁴} = 2e-24. With 2
/// for 4 `cargo test reference_tables::` finds moments off by 1e-14, with 3 no larger errors.
const BULK_TO: f64 = 4.0;

/// How far beyond the last singularity the change of variable on the right sets in. Measured,
/// `cargo test reference_tables::`: the errors are the same from 2 to 3.5; moments are off by
/// 4e-15 with 1 and by 6e-14 with 0.5.
const RIGHT_GAP: f64 = 2.5;

/// The terms to come beyond a plateau add up to at most so many times the last one: they fall by
/// more than a quarter each, as the change of variable makes them fall doubly exponentially.
const TERMS_TO_COME: f64 = 4.0;

/// Where in u = log t a transform varies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    /// Singularities that count lie at −t with log t up to here.
    pub last_singularity: f64,
    /// Up to here the transform may stay flat.
    pub plateau_to: f64,
}

impl Extent {
    /// Of a layer's transform: flat until small slopes begin to count.
    pub(in crate::layer_law) fn of_layer(transform: &Transform) -> Self {
        let (slopes, mean) = (transform.slopes(), transform.conditional_mean());
        Self {
            last_singularity: (0.5 * mean / slopes.infimum()).ln(),
            plateau_to: (mean / slopes.smallest_mean()).ln(),
        }
    }
}

/// ∫ f(u) du by the trapezoidal rule with this step in v, u = v − e^{−v−B} + e^{v−C}.
///
/// The integrand falls like a power of eᵘ only, to the left and, where few units
/// decide, to the right; the change of variable makes both tails short. On the
/// right it sets in beyond the transform's last singularity, so that the strip
/// of analyticity stays about as wide as it is in u.
pub(crate) fn integrate<const N: usize>(
    extent: Extent,
    step: f64,
    f: impl Fn(f64) -> [f64; N],
) -> [f64; N] {
    let right_from = extent.last_singularity.max(BULK_TO) + RIGHT_GAP;
    let mut sums = [Sum::default(); N];
    let mut add = |v: f64, left: f64, right: f64| {
        let u = v - left + right;
        let stretch = 1.0 + left + right;
        let terms = f(u);
        for (sum, term) in sums.iter_mut().zip(terms) {
            sum.add(stretch * term);
        }
        // with room for the other components, which have powers of u more
        ((1.0 + u * u) * stretch * terms[0].abs(), sums[0].value)
    };
    // e^{−v−B} and e^{v−C} by recurrences: they are small where the integrand is not, so that their
    // rounding is not seen
    let (left_at_0, right_at_0) = ((-LEFT_FROM).exp(), (-right_from).exp());
    add(0.0, left_at_0, right_at_0);
    for direction in [step, -step] {
        let (growth, fall) = (direction.exp(), (-direction).exp());
        let (mut left, mut right) = (left_at_0, right_at_0);
        for k in 1.. {
            let v = f64::from(k) * direction;
            left *= fall;
            right *= growth;
            let (term, sum) = add(v, left, right);
            let to_come = TERMS_TO_COME + ((extent.plateau_to - v) / direction).max(0.0);
            // not `<`, as the bound may underflow
            if sum != 0.0 && term * to_come <= LEFT_OUT * sum.abs() {
                break;
            }
        }
    }
    sums.map(|sum| step * sum.value)
}

/// A running sum with Kahan's correction: hundreds of terms of like size would cost a digit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sum {
    pub value: f64,
    lost: f64,
}

impl Sum {
    pub fn add(&mut self, term: f64) {
        let corrected = term - self.lost;
        let next = self.value + corrected;
        self.lost = (next - self.value) - corrected;
        self.value = next;
    }
}
