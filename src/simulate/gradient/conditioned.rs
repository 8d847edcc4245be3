//! The same from the pre-activations, O(width) a layer: signal, tangent and gradient of one network,
//! jointly as of real matrices.
//!
//! Of a matrix W of independent normal numbers the products with orthonormal x and p are independent
//! normal vectors z = W x and g = W p; given them what is left of W is a matrix of fresh normal numbers
//! on the complement of x and p. So the tangent v = ⟨x,v⟩ x + ρ p goes to ⟨x,v⟩ z + ρ g, and for the
//! gradient Wᵀb = ⟨z,b⟩ x + ⟨g,b⟩ p + ‖b‖ h, h normal on that complement: the part that remembers the
//! forward pass is kept, the rest is drawn on the way back.

use crate::simulate::gradient::carried::{Carried, sloped, slopes};
use crate::simulate::gradient::{Cotangent, Gradients};
use crate::simulate::matrix::{add_multiple, dot};
use crate::simulate::model::Model;
use crate::simulate::numbers::Normals;
use crate::simulate::streams::Stream;
use crate::simulate::units::Units;

/// A tangent so nearly along the signal has no other direction in doubles.
const ALONG: f64 = 1e-14;

/// A layer that was passed: orthonormal inputs, and what its weights made of them.
struct Passed {
    known: Vec<(Vec<f64>, Vec<f64>)>,
    slopes: Vec<f64>,
    scale: f64,
}

/// One network.
pub(super) fn draw(model: &Model, cotangent: Cotangent, stream: &mut Stream) -> Gradients {
    let mut normals = Normals::<f64>::new(stream);
    let mut units = Units::new(model, stream);
    let depth = model.layers.len();
    let mut layers = Vec::with_capacity(depth);
    let mut x = Carried::new(model.first_inputs());
    let mut v = Carried::uniform(model.layers[0].fan_in, &mut normals);
    let (mut signal, mut tangent) = (Vec::with_capacity(depth), Vec::with_capacity(depth));
    for layer in &model.layers {
        let z = normal(layer.fan_out, &mut normals);
        let along = dot(&x.direction, &v.direction);
        let mut moved: Vec<f64> = z.iter().map(|z| along * z).collect();
        let mut after = z.clone();
        units.apply(&mut after);
        let slopes = slopes(&z, &after);
        let mut known = vec![(x.direction.clone(), z)];
        if let Some((across, p)) = across(&x.direction, &v.direction) {
            let g = normal(layer.fan_out, &mut normals);
            add_multiple(&mut moved, across, &g);
            known.push((p, g));
        }
        v.moved(sloped(moved, &slopes), layer.scale);
        x.moved(after, layer.scale);
        signal.push(x.log_norm);
        tangent.push(v.log_norm);
        if x.is_zero() {
            return Gradients::died(signal, tangent, depth);
        }
        layers.push(Passed {
            known,
            slopes,
            scale: layer.scale,
        });
    }
    let mut u = Carried::start(cotangent, x.direction.len(), &mut normals);
    let mut gradient = Vec::with_capacity(depth);
    for layer in layers.iter().rev() {
        let b = sloped(std::mem::take(&mut u.direction), &layer.slopes);
        let length = dot(&b, &b).sqrt();
        let mut back = normal(layer.known[0].0.len(), &mut normals);
        back.iter_mut().for_each(|h| *h *= length);
        for (input, product) in &layer.known {
            let fresh = dot(input, &back);
            add_multiple(&mut back, dot(product, &b) - fresh, input);
        }
        u.moved(back, layer.scale);
        gradient.push(u.log_norm);
    }
    Gradients {
        signal,
        tangent,
        gradient,
    }
}

fn normal(size: usize, normals: &mut Normals<f64>) -> Vec<f64> {
    let mut vector = vec![0.0; size];
    normals.fill(&mut vector);
    vector
}

/// The length and the direction of the part of v that is orthogonal to x, both of norm 1.
fn across(x: &[f64], v: &[f64]) -> Option<(f64, Vec<f64>)> {
    let mut part = v.to_vec();
    add_multiple(&mut part, -dot(x, v), x);
    let length = dot(&part, &part).sqrt();
    if length < ALONG || x.len() == 1 {
        return None;
    }
    part.iter_mut().for_each(|value| *value /= length);
    // once more, as of a short part rounding has left some of x
    let left = dot(x, &part);
    add_multiple(&mut part, -left, x);
    let norm = dot(&part, &part).sqrt();
    part.iter_mut().for_each(|value| *value /= norm);
    Some((length, part))
}
