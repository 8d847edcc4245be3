//! Residual blocks with their real matrices.

use crate::activation::{Activation, Dropout};
use crate::error::{Error, Result};
use crate::layer_law::Weights;
use crate::limits::check_positive;
use crate::simulate::Level;
use crate::simulate::matrix::{add_random_product, dot};
use crate::simulate::model::{Branch, Layer, Model};
use crate::simulate::numbers::{Entries, Normals};
use crate::simulate::path::{Record, Recorder};
use crate::simulate::streams::{Stream, trajectory_stream};
use crate::simulate::units::Units;

/// A stack of blocks x ↦ a(x + β W₂ φ(W₁x)), or pre-normalised ones x ↦ x + β W₂ φ(W₁x·√d/‖x‖),
/// all weights drawn anew in each: W₁ of m × d, W₂ of d × m normal entries of standard deviations σ₁
/// and σ₂ ([`ResidualLaw`](crate::ResidualLaw) is the law of one).
///
/// ```
/// use isomoment::simulate::Blocks;
/// use isomoment::{Activation, Dropout};
/// let blocks = Blocks::new(Activation::Relu, Dropout::NONE, (8, 32), 1e-3, 12)?;
/// assert_eq!(blocks.log_norms(1, 0).len(), 12);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Blocks {
    /// W₁ and the units.
    hidden: Model,
    width: usize,
    /// τ = βσ₁σ₂.
    branch: f64,
    skip: f64,
    pre_normalised: bool,
    depth: usize,
}

impl Blocks {
    /// Those of a model with blocks, where they are drawn.
    pub(super) fn of(model: &Model, branch: Branch, level: Level) -> Result<Self> {
        let refused = |argument, given: String, allowed| {
            let allowed = format!("{allowed} with residual blocks");
            Err(Error::domain(argument, given, allowed))
        };
        if level != Level::Network {
            let given = match level {
                Level::NetworkSingle => "network in f32",
                Level::Preactivation => "preactivation",
                _ => "radial",
            };
            return refused("level", given.into(), "network in f64");
        }
        if model.stable.is_some() || model.weights != Weights::Gaussian {
            let given = match model.stable {
                Some(_) => "stable".into(),
                None => model.weights.to_string(),
            };
            return refused("weights", given, "gaussian");
        }
        if model.entries != Entries::Normal {
            return refused("entries", model.entries.to_string(), "normal");
        }
        if model.bias != 0.0 {
            return refused("bias", format!("{:?}", model.bias), "0");
        }
        if model.inputs != 1 {
            return refused("inputs", model.inputs.to_string(), "1");
        }
        let layer = model.layers[0];
        let widths = (layer.fan_in, branch.hidden);
        let depth = model.depth();
        Self::new(
            model.activation,
            model.dropout,
            widths,
            branch.square,
            depth,
        )?
        .with_skip(layer.scale)
    }

    /// `depth` blocks of (d, m) = `widths` units, with τ² = (βσ₁σ₂)² = `branch`.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) for an activation, a width or a depth that [`Model`]
    /// refuses, and a branch that is not positive and finite.
    pub fn new(
        activation: Activation,
        dropout: Dropout,
        (width, hidden): (usize, usize),
        branch: f64,
        depth: usize,
    ) -> Result<Self> {
        check_positive("branch", branch)?;
        let layer = Layer {
            fan_in: width,
            fan_out: hidden,
            scale: 1.0,
        };
        // for its check of the depth
        Model::square(activation, dropout, width, 1.0, depth)?;
        Ok(Self {
            // the other width is no longer in question
            hidden: Model::layered(activation, dropout, vec![layer])
                .map_err(|error| error.renamed("width", "hidden"))?,
            width,
            branch: branch.sqrt(),
            skip: 1.0,
            pre_normalised: false,
            depth,
        })
    }

    /// The same blocks, their outputs multiplied by a.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) unless a is positive and finite.
    pub fn with_skip(mut self, a: f64) -> Result<Self> {
        check_positive("skip", a)?;
        self.skip = a;
        Ok(self)
    }

    /// The same blocks, the input of the branch normalised to ‖x‖ = √d. The first input has norm 1.
    #[must_use]
    pub fn pre_normalised(mut self) -> Self {
        self.pre_normalised = true;
        self
    }

    /// The number of blocks.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// log(‖x_k‖/‖x₀‖) after k = 1, …, depth blocks; seed and trajectory determine them.
    pub fn log_norms(&self, seed: u64, trajectory: u64) -> Vec<f64> {
        let record = Record::all(self.depth);
        let mut recorder = Recorder::new(&record, 1);
        self.walk(&mut trajectory_stream(seed, trajectory), &mut recorder);
        recorder.finish().log_norms
    }

    /// One network's path.
    pub(super) fn walk(&self, stream: &mut Stream, recorder: &mut Recorder) {
        let mut normals = Normals::<f64>::new(stream);
        let mut units = Units::new(&self.hidden, stream);
        // of norm 1, with its length beside it
        let mut x = self.hidden.first_inputs();
        let mut log_norm = 0.0_f64;
        for _ in 0..self.depth {
            let mut inner = vec![0.0; self.hidden.layers[0].fan_out];
            add_random_product(&mut normals, &x, &mut inner, 1);
            units.apply(&mut inner);
            let mut outer = vec![0.0; self.width];
            add_random_product(&mut normals, &inner, &mut outer, 1);
            let branch = match self.pre_normalised {
                true => self.branch * (self.width as f64).sqrt() * (-log_norm).exp(),
                false => self.branch,
            };
            for (x, outer) in x.iter_mut().zip(&outer) {
                *x += branch * outer;
            }
            let norm = dot(&x, &x).sqrt();
            x.iter_mut().for_each(|x| *x /= norm);
            log_norm += norm.ln() + self.skip.ln();
            recorder.layer(&[log_norm], |_, _| 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_linear_unit_is_multiplied_by_one_plus_a_product() {
        let blocks = Blocks::new(Activation::Linear, Dropout::NONE, (1, 1), 0.25, 3).unwrap();
        let blocks = blocks.with_skip(0.5).unwrap();
        let mut normals = Normals::<f64>::new(&mut trajectory_stream(7, 2));
        let mut drawn = [0.0; 6];
        normals.fill(&mut drawn);
        let mut log = 0.0;
        for (pair, found) in drawn.chunks(2).zip(blocks.log_norms(7, 2)) {
            log += (0.5 * (1.0 + 0.5 * pair[0] * pair[1])).abs().ln();
            assert!((found - log).abs() < 1e-12, "{found} {log}");
        }
    }

    #[test]
    fn bad_blocks_are_refused() {
        let make = |widths, branch, depth| {
            Blocks::new(Activation::Relu, Dropout::NONE, widths, branch, depth)
        };
        assert!(make((0, 4), 0.1, 1).is_err() && make((4, 0), 0.1, 1).is_err());
        assert!(make((4, 4), 0.0, 1).is_err() && make((4, 4), f64::NAN, 1).is_err());
        assert!(make((4, 4), 0.1, 0).is_err());
        let blocks = make((4, 4), 0.1, 1).unwrap();
        assert!(blocks.clone().with_skip(0.0).is_err() && blocks.with_skip(f64::NAN).is_err());
    }
}
