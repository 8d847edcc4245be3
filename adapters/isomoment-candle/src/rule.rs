//! What a model's tensors do not tell about a layer.

use isomoment::{Activation, ConvolutionShape, Dropout};

use crate::Error;

/// What is to be known of one layer, or of all under a prefix: what follows it, its groups, its stride
/// if it is a transposed convolution, or that candle's own rule is to stay.
///
/// ```
/// use isomoment::{Activation, Dropout};
/// use isomoment_candle::Rule;
/// let head = Rule::new().activation(Activation::Linear);
/// let depthwise = Rule::new().groups(64);
/// let up = Rule::new().transposed(&[2, 2]);
/// let hidden = Rule::new().dropout(Dropout::inverted(0.9)?);
/// # let _ = (head, depthwise, up, hidden);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rule {
    activation: Option<Activation>,
    dropout: Option<Dropout>,
    groups: Option<usize>,
    stride: Option<u64>,
    alone: Option<bool>,
}

impl Rule {
    /// A rule that says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The rule by which candle draws the layer itself, biases included.
    pub fn leave_alone() -> Self {
        Self {
            alone: Some(true),
            ..Self::default()
        }
    }

    /// The activation that follows the layer; [`Activation::Linear`] if none does.
    #[must_use]
    pub fn activation(mut self, activation: Activation) -> Self {
        self.activation = Some(activation);
        self
    }

    /// Dropout after the layer's activation; [`Dropout::NONE`] for none.
    #[must_use]
    pub fn dropout(mut self, dropout: Dropout) -> Self {
        self.dropout = Some(dropout);
        self
    }

    /// The number of groups of a convolution, a divisor of its outputs.
    #[must_use]
    pub fn groups(mut self, groups: usize) -> Self {
        self.groups = Some(groups);
        self
    }

    /// The layer is a transposed convolution with this stride, one number for each dimension.
    #[must_use]
    pub fn transposed(mut self, stride: &[usize]) -> Self {
        let product = stride
            .iter()
            .fold(1_u64, |product, &s| product.saturating_mul(s as u64));
        self.stride = Some(product);
        self
    }

    pub(crate) fn is_left_alone(&self) -> bool {
        self.alone == Some(true)
    }

    pub(crate) fn is_transposed(&self) -> bool {
        self.stride.is_some()
    }

    /// What `self` says, and `other` where it says nothing.
    pub(crate) fn over(&self, other: &Self) -> Self {
        Self {
            activation: self.activation.or(other.activation),
            dropout: self.dropout.or(other.dropout),
            groups: self.groups.or(other.groups),
            stride: self.stride.or(other.stride),
            alone: self.alone.or(other.alone),
        }
    }

    /// Shape, activation and dropout of a layer with weights of these dimensions.
    pub(crate) fn layer(
        &self,
        dims: &[usize],
    ) -> Result<(ConvolutionShape, Activation, Dropout), Error> {
        if self.is_left_alone() {
            return Err(Error::LeftAlone);
        }
        let shape = super::convolution(dims, self.groups.unwrap_or(1), self.stride)?;
        let activation = self.activation.unwrap_or(Activation::Relu);
        Ok((shape, activation, self.dropout.unwrap_or(Dropout::NONE)))
    }
}
