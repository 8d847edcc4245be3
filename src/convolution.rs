//! The two scales between which that of a convolution lies (T12).

use crate::activation::{Activation, Dropout};
use crate::error::{Error, Result};
use crate::layer_law::LayerLaw;

/// The shape of a convolutional layer, in one dimension or more.
///
/// ```
/// use isomoment::{Activation, ConvolutionShape, Dropout};
/// // 3 × 3, from 16 to 32 channels
/// let shape = ConvolutionShape::new(16, 32, 9)?;
/// let bracket = shape.bracket(Activation::Relu, Dropout::NONE, 1.0)?;
/// assert!((bracket.second_moment - (2.0_f64 / 144.0).sqrt()).abs() < 1e-15); // He's rule
/// assert!(bracket.constant_image > bracket.second_moment);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConvolutionShape {
    inputs: u64,
    outputs: u64,
    taps: u64,
    groups: u64,
    stride: u64,
}

/// Standard deviations of a convolution's weights between which one keeps E rms^s of a given image,
/// where no mass is lost at borders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bracket {
    /// The lower end, He's rule of fan-in, which keeps the second moment: E rms^s does not grow, for
    /// any image.
    pub second_moment: f64,
    /// The upper end, σ(s, d)·√(d/fan-in) with the d units of one group: E rms^s does not fall, for
    /// any image, and stays the same for one that is constant over positions (of one group).
    pub constant_image: f64,
}

impl ConvolutionShape {
    /// `inputs` → `outputs` channels, `taps` positions in the kernel (9 of 3 × 3), one group, stride 1.
    ///
    /// # Errors
    /// [`Error::Domain`] for a 0, and numbers above 2⁵³ in all.
    pub fn new(inputs: u64, outputs: u64, taps: u64) -> Result<Self> {
        for (name, value) in [("inputs", inputs), ("outputs", outputs), ("taps", taps)] {
            crate::limits::check_width(name, value)?;
        }
        crate::limits::check_width("inputs times taps", inputs.saturating_mul(taps))?;
        Ok(Self {
            inputs,
            outputs,
            taps,
            groups: 1,
            stride: 1,
        })
    }

    /// The same with channels in groups: each output sees `inputs`/`groups` channels.
    ///
    /// # Errors
    /// [`Error::Domain`] unless the number of groups divides both numbers of channels.
    pub fn with_groups(mut self, groups: u64) -> Result<Self> {
        if !self.inputs.is_multiple_of(groups) || !self.outputs.is_multiple_of(groups) {
            let allowed = "a divisor of both numbers of channels";
            return Err(Error::domain("groups", groups, allowed));
        }
        self.groups = groups;
        Ok(self)
    }

    /// The transposed convolution with this stride, the product of those of all dimensions: of each
    /// output's taps one in `stride` meets an input.
    ///
    /// ```
    /// use isomoment::ConvolutionShape;
    /// let up = ConvolutionShape::new(64, 32, 16)?.transposed(4)?; // 4 × 4, stride 2
    /// assert_eq!(up.fan_in(), 256.0);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Domain`] unless 1 ≤ `stride` ≤ number of taps.
    pub fn transposed(mut self, stride: u64) -> Result<Self> {
        if !(1..=self.taps).contains(&stride) {
            let allowed = "from 1 to the number of taps";
            return Err(Error::domain("stride", stride, allowed));
        }
        self.stride = stride;
        Ok(self)
    }

    /// Inputs that one output sums up: channels of its group times taps, over the stride if
    /// transposed; then a mean over the outputs, if the stride does not divide the taps.
    pub fn fan_in(&self) -> f64 {
        (self.inputs / self.groups) as f64 * self.taps as f64 / self.stride as f64
    }

    /// Units that see the same inputs: the output channels of a group.
    pub fn units(&self) -> u64 {
        self.outputs / self.groups
    }

    /// Both ends, for weights N(0, σ²) and the root-mean-square over channels and positions.
    ///
    /// The scale that keeps E rms^s of a given image lies between them (proofs-notes/T12.md): circular
    /// padding, stride 1, for 0 < s ≤ 2. Where zero padding or a stride loses mass the lower end
    /// stays what it is. As accurate as [`LayerLaw::scale`].
    ///
    /// # Errors
    /// Those of [`LayerLaw::with_dropout`]; [`Error::Domain`] unless 0 < s ≤ 2.
    pub fn bracket(&self, activation: Activation, dropout: Dropout, s: f64) -> Result<Bracket> {
        if !(s > 0.0 && s <= 2.0) {
            return Err(Error::domain(
                "s",
                format!("{s:?}"),
                "above 0 and at most 2",
            ));
        }
        let law = LayerLaw::with_dropout(activation, dropout, self.units())?;
        let spread = (self.units() as f64 / self.fan_in()).sqrt();
        Ok(Bracket {
            second_moment: law.scale(2.0)? * spread,
            constant_image: law.scale(s)? * spread,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_change_the_units_not_the_second_moment() {
        let whole = ConvolutionShape::new(32, 64, 9).unwrap();
        let grouped = whole.with_groups(8).unwrap();
        assert_eq!((grouped.fan_in(), grouped.units()), (36.0, 8));
        let bracket =
            |shape: ConvolutionShape, s| shape.bracket(Activation::Relu, Dropout::NONE, s).unwrap();
        let he = bracket(grouped, 1.0).second_moment;
        assert!((he - (2.0_f64 / 36.0).sqrt()).abs() < 1e-15);
        let apart = |shape| bracket(shape, 1.0).constant_image / bracket(shape, 1.0).second_moment;
        assert!(apart(grouped) > apart(whole) && apart(whole) > 1.0);
        assert_eq!(
            bracket(whole, 2.0).constant_image,
            bracket(whole, 2.0).second_moment
        );
    }

    #[test]
    fn bad_shapes_are_refused() {
        assert!(ConvolutionShape::new(0, 1, 1).is_err());
        assert!(ConvolutionShape::new(1 << 40, 1, 1 << 40).is_err());
        let shape = ConvolutionShape::new(6, 4, 9).unwrap();
        assert!(shape.with_groups(3).is_err() && shape.with_groups(0).is_err());
        assert!(shape.transposed(0).is_err() && shape.transposed(10).is_err());
        for s in [0.0, -1.0, 2.1, f64::NAN] {
            assert!(shape.bracket(Activation::Linear, Dropout::NONE, s).is_err());
        }
    }
}
