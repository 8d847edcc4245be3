//! Points and weights for integrals over the normal law, fine where a function has its zeros and
//! kinks.

use crate::gain::nonlinearity::Function;

/// Nodes on (0, 1) and weights of the Gauss–Legendre rule with sixteen points on [−1, 1].
const GAUSS: [(f64, f64); 8] = [
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_894),
    (0.865_631_202_387_831_8, 0.095_158_511_682_492_79),
    (0.755_404_408_355_003, 0.124_628_971_255_533_88),
    (0.617_876_244_402_643_8, 0.149_595_988_816_576_73),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_53),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
];

/// Beyond this |z| the normal law has a share of 4e-33.
const LAST: f64 = 12.0;

/// The panel next to a breakpoint, in units of z; the next is as long, and then each is as long as
/// all before it.
const SHORTEST: f64 = 1.0 / (1_u64 << 58) as f64;

/// Longest panel, in units of z.
const LONGEST: f64 = 1.0;

/// A point z of the normal law, its weight, and y = τz.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub z: f64,
    pub y: f64,
    pub weight: f64,
}

/// Nodes for φ(τz); `halved` makes each panel two.
pub(super) fn nodes(function: &Function, tau: f64, halved: bool) -> Vec<Node> {
    let inside = |b: &&f64| (**b / tau).abs() < LAST;
    let points: Vec<f64> = function
        .breakpoints()
        .iter()
        .filter(inside)
        .copied()
        .collect();
    let mut nodes = Vec::new();
    for (k, &point) in points.iter().enumerate() {
        let before = k.checked_sub(1).map(|k| points[k]);
        let after = points.get(k + 1).copied();
        for (direction, neighbour) in [(-1.0, before), (1.0, after)] {
            let room = match neighbour {
                // the neighbour's panels begin half-way
                Some(other) => 0.5 * (other - point).abs() / tau,
                None => LAST - direction * point / tau,
            };
            let side = Side {
                function,
                tau,
                point,
                direction,
                halved,
            };
            side.fill(room, &mut nodes);
        }
    }
    nodes
}

/// One side of a breakpoint.
struct Side<'a> {
    function: &'a Function,
    tau: f64,
    point: f64,
    direction: f64,
    halved: bool,
}

impl Side<'_> {
    fn fill(&self, room: f64, nodes: &mut Vec<Node>) {
        let mut from = 0.0;
        while from < room {
            let y = self.point + self.direction * self.tau * from;
            let length = from
                .clamp(SHORTEST, LONGEST)
                .min(self.function.scale(y) / self.tau);
            let to = if from + 1.01 * length >= room {
                room
            } else {
                from + length
            };
            if self.halved {
                let middle = 0.5 * (from + to);
                self.panel(from, middle, nodes);
                self.panel(middle, to, nodes);
            } else {
                self.panel(from, to, nodes);
            }
            from = to;
        }
    }

    /// Distances from the breakpoint, in units of z.
    fn panel(&self, from: f64, to: f64, nodes: &mut Vec<Node>) {
        let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
        for (x, weight) in GAUSS {
            for side in [-half, half] {
                let distance = self.direction * (middle + side * x);
                let z = self.point / self.tau + distance;
                let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
                nodes.push(Node {
                    z,
                    y: self.point + self.tau * distance,
                    weight: half * weight * density,
                });
            }
        }
    }
}
