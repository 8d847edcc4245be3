//! Integrals over t > 0 of functions of a law's transform, in u = log t.

use twofloat::TwoFloat;

use crate::layer_law::integral::excess::Excess;
use crate::layer_law::transform::Transform;

/// What is left out of a sum, relative to it.
const LEFT_OUT: f64 = 1e-18;

/// Where the change of variable sets in on the left, u = −[`LEFT_FROM`]. Measured: `cargo test
/// reference_tables::` finds errors as large from 0.5 to 3, and up to six times larger ones at
/// 0.
const LEFT_FROM: f64 = 1.0;

/// It sets in no further to the right of the transform's first singularity, from which on it narrows
/// the strip of analyticity. Measured, `cargo test --features certified extreme_layers`: without
/// it σ and moments of RReLU with one slope far above the others are off by 4e-14, with a step of 0.25
/// by 7e-15.
const LEFT_GAP: f64 = 0.4;

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
    /// The first singularity lies at −t with log t no lower than this.
    pub first_singularity: f64,
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
            first_singularity: transform.cut().ln(),
            last_singularity: (0.5 * mean / slopes.infimum()).ln(),
            plateau_to: (mean / slopes.smallest_mean()).ln(),
        }
    }
}

/// Where on the line a node lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Middle,
    Right,
    Left,
}

/// A node of the trapezoidal rule in v.
struct Node {
    /// log t.
    u: f64,
    /// du/dv.
    stretch: f64,
    /// The terms from this one on, in its direction, add up to at most so many times this one.
    to_come: f64,
}

impl Node {
    /// Whether what comes after this node's term cannot be seen in the sum, nor in sums of up to
    /// `room` times as large terms.
    fn is_last(&self, term: f64, sum: f64, room: f64) -> bool {
        let bound = room * self.stretch * term.abs();
        // not `<`, as the bound may underflow
        sum != 0.0 && bound * self.to_come <= LEFT_OUT * sum.abs()
    }
}

/// Visits the nodes of the trapezoidal rule with this step in v, u = v − e^{−v−B} + e^{v−C}: the
/// middle one, then to the right and to the left of it, each until `visit` has seen enough.
///
/// The integrand falls like a power of eᵘ only, to the left and, where few units
/// decide, to the right; the change of variable makes both tails short. On the
/// right it sets in beyond the transform's last singularity, so that the strip
/// of analyticity stays about as wide as it is in u.
fn visit_nodes(extent: Extent, step: f64, mut visit: impl FnMut(Part, &Node) -> bool) {
    let left_from = (-extent.first_singularity - LEFT_GAP).max(LEFT_FROM);
    let right_from = extent.last_singularity.max(BULK_TO) + RIGHT_GAP;
    let node = |v: f64, left: f64, right: f64, to_come: f64| Node {
        u: v - left + right,
        stretch: 1.0 + left + right,
        to_come,
    };
    // e^{−v−B} and e^{v−C} by recurrences: they are small where the integrand is not, so that their
    // rounding is not seen
    let (left_at_0, right_at_0) = ((-left_from).exp(), (-right_from).exp());
    visit(
        Part::Middle,
        &node(0.0, left_at_0, right_at_0, f64::INFINITY),
    );
    for (part, direction) in [(Part::Right, step), (Part::Left, -step)] {
        let (growth, fall) = (direction.exp(), (-direction).exp());
        let (mut left, mut right) = (left_at_0, right_at_0);
        for k in 1.. {
            let v = f64::from(k) * direction;
            left *= fall;
            right *= growth;
            let to_come = TERMS_TO_COME + ((extent.plateau_to - v) / direction).max(0.0);
            if visit(part, &node(v, left, right, to_come)) {
                break;
            }
        }
    }
}

/// ∫ f(u) du, with as many nodes as its first component needs.
pub(crate) fn integrate<const N: usize>(
    extent: Extent,
    step: f64,
    f: impl Fn(f64) -> [f64; N],
) -> [TwoFloat; N] {
    let mut sums = [Sum::default(); N];
    visit_nodes(extent, step, |_, node| {
        let terms = f(node.u);
        for (sum, term) in sums.iter_mut().zip(terms) {
            sum.add(node.stretch * term);
        }
        // other components have powers of u more
        let room = if N == 1 { 1.0 } else { 1.0 + node.u * node.u };
        node.is_last(terms[0], sums[0].value, room)
    });
    sums.map(|sum| step * sum.pair())
}

/// ∫ f(u) e^{−pu} du for each of some p, with as many nodes for each as it needs: the sums are those
/// that [`integrate`] makes one by one, to the bit, and f is computed once.
pub(crate) fn integrate_orders(
    extent: Extent,
    step: f64,
    orders: &[f64],
    f: impl Fn(f64) -> Excess,
) -> Vec<TwoFloat> {
    // each sum, and the last part of the line that is complete in it
    let mut sums = vec![(Sum::default(), None); orders.len()];
    visit_nodes(extent, step, |part, node| {
        let shared = f(node.u);
        let mut all_complete = true;
        for ((sum, complete), &p) in sums.iter_mut().zip(orders) {
            if *complete == Some(part) {
                continue;
            }
            let term = shared.times_exp(-p * node.u);
            sum.add(node.stretch * term);
            match node.is_last(term, sum.value, 1.0) {
                true => *complete = Some(part),
                false => all_complete = false,
            }
        }
        all_complete
    });
    sums.iter().map(|(sum, _)| step * sum.pair()).collect()
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

    /// The sum, with what its last rounding took away.
    fn pair(&self) -> TwoFloat {
        TwoFloat::new_add(self.value, -self.lost)
    }
}
