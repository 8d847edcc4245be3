//! What a model's parameters do not tell about a layer.

use isomoment::{Activation, Dropout};

/// What is to be known of one parameter, or of all under a prefix: what follows the layer, its groups,
/// its stride if it is a transposed convolution, or that it is to stay as it is.
///
/// ```
/// use isomoment::{Activation, Dropout};
/// use isomoment_burn::Rule;
/// let head = Rule::new().activation(Activation::Linear);
/// let depthwise = Rule::new().groups(64);
/// let up = Rule::new().transposed(&[2, 2]);
/// let hidden = Rule::new().dropout(Dropout::inverted(0.9)?);
/// # let _ = (head, depthwise, up, hidden);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rule {
    pub(crate) activation: Option<Activation>,
    pub(crate) dropout: Option<Dropout>,
    pub(crate) groups: Option<usize>,
    pub(crate) stride: Option<u64>,
    pub(crate) alone: Option<bool>,
}

impl Rule {
    /// A rule that says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The rule by which parameters keep their values, biases too.
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
        self.stride = Some(crate::shape::product(stride));
        self
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
}
