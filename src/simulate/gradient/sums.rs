//! The same from sums over the units alone, O(1) a layer: signal, tangent and gradient of one network,
//! jointly as of real matrices.
//!
//! As in `conditioned.rs`, z = W x and g = W p for orthonormal x and p, the tangent being ⟨x,v⟩ x + ρ p.
//! Units of one slope form a group. Over the n units of a group Σ z² = A is χ²_n; given z, g is a number
//! ε ~ N(0,1) along it and a length with the square χ²_{n−1} across it. That units of a group have
//! pre-activations of one sign changes none of these sums, as z, g and all else may change their signs
//! together, unit by unit. With D the slopes, D z and D g span what the layer passes on: its signal, and
//! the p of the next layer.
//!
//! On the way back u = α x′ + β p′ + γ h, x′ and p′ orthonormal along D z and D g, h uniform across
//! both: a normal vector e, which in a group has numbers along z and across it along g and a χ² besides,
//! less its part in their span. So ⟨z, D u⟩, ⟨g, D u⟩ and ‖D u‖², which is all that Wᵀ D u asks for, are
//! sums over groups.

use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

use crate::simulate::gradient::Gradients;
use crate::simulate::model::Model;
use crate::simulate::radial::{Groups, Radial, Slopes, chi_square};
use crate::simulate::streams::Stream;

/// Units with one slope.
struct Group {
    slope: f64,
    units: usize,
    /// ‖z‖.
    z: f64,
    /// g along z, and its length across.
    g: (f64, f64),
}

/// Normal numbers, squares and all.
struct Random(Xoshiro256PlusPlus);

/// A layer that was passed.
struct Passed {
    groups: Vec<Group>,
    fan_in: usize,
    fan_out: usize,
    log_scale: f64,
    /// Whether the tangent at its input had a part across the signal.
    has_across: bool,
    outputs: Outputs,
}

/// x′ = D z/`length`, and p′ = D(κ z + λ g) where D z and D g are not parallel.
#[derive(Clone, Copy)]
struct Outputs {
    length: f64,
    across: Option<(f64, f64)>,
}

/// A vector of norm 1: its parts along one or two that are known, and across them. Of a gradient at a
/// layer's outputs these are x′ and p′.
struct Direction {
    along: [f64; 2],
    across: f64,
}

/// One network; the signal has the bits that it has alone.
pub(super) fn draw(radial: &Radial, model: &Model, stream: &mut Stream) -> Gradients {
    let mut rng = Xoshiro256PlusPlus::from_rng(stream);
    let mut slopes = Slopes::of(model, stream);
    let mut random = Random(Xoshiro256PlusPlus::from_rng(stream));
    let (depth, gain) = (model.depth(), model.dropout.gain().ln());
    // the tangent, of norm 1, along the signal and across it
    let start = random.direction(model.layers[0].fan_in, false);
    let mut v = (start.along[0], start.across);
    let (mut length, mut tangent_length) = (0.0, 0.0);
    let (mut signal, mut tangent) = (Vec::with_capacity(depth), Vec::with_capacity(depth));
    let mut layers = Vec::with_capacity(depth);
    for (index, layer) in model.layers.iter().enumerate() {
        let counts = radial.groups(index, model.activation, &mut rng);
        let has_across = v.1 > 0.0;
        let (output, groups) = groups(counts, model, &mut slopes, &mut rng, &mut random);
        length = gain + (length + layer.scale.ln() + 0.5 * output.ln());
        signal.push(length);
        if output == 0.0 {
            tangent.push(f64::NEG_INFINITY);
            return Gradients::died(signal, tangent, depth);
        }
        let sum = |f: &dyn Fn(&Group) -> f64| -> f64 {
            groups.iter().map(|one| one.slope.powi(2) * f(one)).sum()
        };
        // ⟨Dz, Dg⟩/‖Dz‖, and what of Dg is across Dz
        let root = output.sqrt();
        let parallel = sum(&|one| one.z * one.g.0) / root;
        let working: usize = groups.iter().map(|one| one.working()).sum();
        let across = match has_across && working > 1 {
            true => {
                let own = sum(&|one| one.g.0.powi(2)) - parallel.powi(2);
                (own.max(0.0) + sum(&|one| one.g.1.powi(2))).sqrt()
            }
            false => 0.0,
        };
        let moved = (v.0 * root + v.1 * parallel, v.1 * across);
        let norm = moved.0.hypot(moved.1);
        tangent_length += gain + layer.scale.ln() + norm.ln();
        tangent.push(tangent_length);
        v = (moved.0 / norm, moved.1 / norm);
        let directions = (v.1 > 0.0).then(|| (-parallel / (root * across), across.recip()));
        layers.push(Passed {
            groups,
            fan_in: layer.fan_in,
            fan_out: layer.fan_out,
            log_scale: gain + layer.scale.ln(),
            has_across,
            outputs: Outputs {
                length: root,
                across: directions,
            },
        });
    }
    let last = layers.last().map(|layer| (layer.fan_out, layer.outputs));
    let (units, outputs) = last.expect("a network has layers");
    let mut u = random.direction(units, outputs.across.is_some());
    let (mut length, mut gradient) = (0.0, Vec::with_capacity(depth));
    for layer in layers.iter().rev() {
        length += layer.log_scale + layer.back(&mut u, &mut random).ln();
        gradient.push(length);
    }
    Gradients {
        signal,
        tangent,
        gradient,
    }
}

/// Σ of the outputs' squares before the mask's gain, and the groups.
fn groups(
    counts: Groups,
    model: &Model,
    slopes: &mut Option<Slopes>,
    rng: &mut Xoshiro256PlusPlus,
    random: &mut Random,
) -> (f64, Vec<Group>) {
    let mut groups = Vec::new();
    let mut add = |slope: f64, units: usize, square: f64| {
        if units > 0 {
            groups.push(Group {
                slope,
                units,
                z: square.sqrt(),
                g: (random.normal(), random.length(units - 1)),
            });
        }
    };
    let straight = chi_square(counts.straight, rng);
    add(1.0, counts.straight, straight);
    let mut output = 0.0;
    match slopes {
        Some(slopes) => {
            for (slope, z) in slopes.draw(model.activation, counts.bent) {
                output += (slope * z).powi(2);
                add(slope, 1, z * z);
            }
        }
        None => {
            let slope = model.activation.negative_slope(0.0);
            let square = chi_square(counts.bent, rng);
            output = slope.powi(2) * square;
            add(slope, counts.bent, square);
        }
    }
    add(0.0, counts.others, 0.0);
    (straight + output, groups)
}

impl Group {
    /// Units whose output is not 0.
    fn working(&self) -> usize {
        match self.slope == 0.0 {
            true => 0,
            false => self.units,
        }
    }
}

impl Passed {
    /// Takes u to the inputs of the layer, as a direction again; what the way multiplied its norm by
    /// before the scale.
    fn back(&self, u: &mut Direction, random: &mut Random) -> f64 {
        let Outputs { length, across } = self.outputs;
        let (kappa, lambda) = across.unwrap_or((0.0, 0.0));
        // a normal vector e in each group: along z, across it along g, and what is left
        let normal: Vec<[f64; 3]> = self.groups.iter().map(|one| random.in_group(one)).collect();
        let products = |one: &Group, e: &[f64; 3]| (one.z * e[0], one.g.0 * e[0] + one.g.1 * e[1]);
        let (mut along, mut beside, mut square) = (0.0, 0.0, 0.0);
        for (one, e) in self.groups.iter().zip(&normal) {
            let (ez, eg) = products(one, e);
            along += one.slope * ez / length;
            beside += one.slope * (kappa * ez + lambda * eg);
            square += e[0] * e[0] + e[1] * e[1] + e[2];
        }
        let free = self.fan_out - 1 - usize::from(across.is_some());
        let part = match free {
            0 => 0.0,
            _ => {
                let left = square - along * along - beside * beside;
                // of one dimension it may be lost to rounding: one draw in some 10⁸
                u.across / left.max(f64::EPSILON * square).sqrt()
            }
        };
        // u = D(m z + q g) + part·e
        let m = (u.along[0] - part * along) / length + (u.along[1] - part * beside) * kappa;
        let q = (u.along[1] - part * beside) * lambda;
        let (mut with_z, mut with_g, mut through) = (0.0, 0.0, 0.0);
        for (one, e) in self.groups.iter().zip(&normal) {
            let s = one.slope;
            let (zz, zg) = (one.z * one.z, one.z * one.g.0);
            let gg = one.g.0 * one.g.0 + one.g.1 * one.g.1;
            let (ez, eg) = products(one, e);
            let (m, q) = (s * m, s * q);
            with_z += s * (m * zz + q * zg + part * ez);
            with_g += s * (m * zg + q * gg + part * eg);
            // the parts along z, across it along g, and what is left
            let parts = [
                m * one.z + q * one.g.0 + part * e[0],
                q * one.g.1 + part * e[1],
            ];
            through += s * s * (parts[0].powi(2) + parts[1].powi(2) + part * part * e[2]);
        }
        let known = if self.has_across {
            [with_z, with_g]
        } else {
            [with_z, 0.0]
        };
        let fresh = self.fan_in - 1 - usize::from(self.has_across);
        let rest = (through * chi_square(fresh, &mut random.0)).sqrt();
        let norm;
        (*u, norm) = Direction::of(known, rest);
        norm
    }
}

impl Direction {
    /// Of a vector with these parts; and its norm.
    fn of(along: [f64; 2], across: f64) -> (Self, f64) {
        let norm = along[0].hypot(along[1]).hypot(across);
        let direction = Self {
            along: along.map(|part| part / norm),
            across: across / norm,
        };
        (direction, norm)
    }
}

impl Random {
    fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }

    /// The length of a normal vector.
    fn length(&mut self, size: usize) -> f64 {
        chi_square(size, &mut self.0).sqrt()
    }

    /// A uniform direction beside one that is known, or two.
    fn direction(&mut self, size: usize, has_second: bool) -> Direction {
        let along = [self.normal(), if has_second { self.normal() } else { 0.0 }];
        let across = self.length(size - 1 - usize::from(has_second));
        Direction::of(along, across).0
    }

    /// A normal vector's part in a group: along z, across it along g, and the square of what is left.
    fn in_group(&mut self, group: &Group) -> [f64; 3] {
        let second = if group.units > 1 { self.normal() } else { 0.0 };
        let left = chi_square(group.units.saturating_sub(2), &mut self.0);
        [self.normal(), second, left]
    }
}
