//! Shapes of burn's layers, from their configurations and from their weights.

use burn::nn::LinearConfig;
use burn::nn::conv::{
    Conv1dConfig, Conv2dConfig, Conv3dConfig, ConvTranspose1dConfig, ConvTranspose2dConfig,
    ConvTranspose3dConfig,
};
use isomoment::{Activation, ConvolutionShape, Dropout, LayerShape, Scheme};

use crate::Error;

/// A configuration of burn that tells a layer's shape: inputs, outputs, and of convolutions kernel,
/// groups and stride.
///
/// ```
/// use burn::nn::conv::ConvTranspose2dConfig;
/// use isomoment_burn::Shaped;
/// let up = ConvTranspose2dConfig::new([64, 32], [4, 4]).with_stride([2, 2]);
/// let shape = up.shape()?;
/// assert_eq!((shape.fan_in(), shape.units()), (256.0, 32));
/// # Ok::<(), isomoment_burn::Error>(())
/// ```
pub trait Shaped {
    /// The layer's shape; a fully connected layer is a convolution with one tap.
    ///
    /// # Errors
    /// [`Error::Library`] for sizes of 0, groups that do not divide the channels, and a transposed
    /// convolution whose stride is larger than its kernel.
    fn shape(&self) -> Result<ConvolutionShape, Error>;
}

impl Shaped for LinearConfig {
    fn shape(&self) -> Result<ConvolutionShape, Error> {
        convolution(self.d_input, self.d_output, &[], 1, None)
    }
}

impl Shaped for Conv1dConfig {
    fn shape(&self) -> Result<ConvolutionShape, Error> {
        let kernel = &[self.kernel_size];
        convolution(
            self.channels_in,
            self.channels_out,
            kernel,
            self.groups,
            None,
        )
    }
}

impl Shaped for ConvTranspose1dConfig {
    fn shape(&self) -> Result<ConvolutionShape, Error> {
        let [inputs, outputs] = self.channels;
        let stride = Some(self.stride as u64);
        convolution(inputs, outputs, &[self.kernel_size], self.groups, stride)
    }
}

macro_rules! shaped {
    ($($plain:ident $transposed:ident),*) => {$(
        impl Shaped for $plain {
            fn shape(&self) -> Result<ConvolutionShape, Error> {
                let [inputs, outputs] = self.channels;
                convolution(inputs, outputs, &self.kernel_size, self.groups, None)
            }
        }

        impl Shaped for $transposed {
            fn shape(&self) -> Result<ConvolutionShape, Error> {
                let [inputs, outputs] = self.channels;
                let stride = Some(product(&self.stride));
                convolution(inputs, outputs, &self.kernel_size, self.groups, stride)
            }
        }
    )*};
}

shaped!(Conv2dConfig ConvTranspose2dConfig, Conv3dConfig ConvTranspose3dConfig);

/// The kinds of layers whose weights are drawn, by the layout of their weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// (inputs, outputs)
    Linear,
    /// (outputs, inputs/groups, kernel …)
    Convolution,
    /// (inputs, outputs/groups, kernel …)
    Transposed,
}

impl Kind {
    /// The kind of burn's module of this name, and the rank of its weights.
    pub fn of(module: &str) -> Option<(Self, usize)> {
        match module {
            "Linear" => Some((Self::Linear, 2)),
            "Conv1d" => Some((Self::Convolution, 3)),
            "Conv2d" => Some((Self::Convolution, 4)),
            "Conv3d" => Some((Self::Convolution, 5)),
            "ConvTranspose1d" => Some((Self::Transposed, 3)),
            "ConvTranspose2d" => Some((Self::Transposed, 4)),
            "ConvTranspose3d" => Some((Self::Transposed, 5)),
            _ => None,
        }
    }

    /// The shape of a layer with weights of these dimensions, of which there are at least two.
    pub fn shape(
        self,
        dims: &[usize],
        groups: usize,
        stride: Option<u64>,
    ) -> Result<ConvolutionShape, Error> {
        let (first, second, kernel) = (dims[0], dims[1], &dims[2..]);
        match (self, stride) {
            (Self::Transposed, None) => Err(Error::Stride),
            (Self::Transposed, stride) => {
                convolution(first, second.saturating_mul(groups), kernel, groups, stride)
            }
            (_, Some(_)) => Err(Error::NotTransposed),
            (Self::Linear, None) => convolution(first, second, kernel, groups, None),
            (Self::Convolution, None) => {
                convolution(second.saturating_mul(groups), first, kernel, groups, None)
            }
        }
    }
}

pub(crate) fn product(numbers: &[usize]) -> u64 {
    let numbers = numbers.iter();
    numbers.fold(1, |product: u64, &n| product.saturating_mul(n as u64))
}

fn convolution(
    inputs: usize,
    outputs: usize,
    kernel: &[usize],
    groups: usize,
    stride: Option<u64>,
) -> Result<ConvolutionShape, Error> {
    let shape = ConvolutionShape::new(inputs as u64, outputs as u64, product(kernel))?;
    let shape = shape.with_groups(groups as u64)?;
    Ok(stride.map_or(Ok(shape), |stride| shape.transposed(stride))?)
}

/// The standard deviation of the weights.
pub(crate) fn standard_deviation(
    scheme: Scheme,
    activation: Activation,
    dropout: Dropout,
    shape: &ConvolutionShape,
) -> Result<f64, Error> {
    match scheme {
        Scheme::Fractional(_) | Scheme::Lyapunov | Scheme::He | Scheme::LeCun => {}
        other => return Err(Error::Scheme(other)),
    }
    // these four depend on fan-in by its square root alone, so that it need not be a whole number
    let units = shape.units();
    let std = scheme.standard_deviation(activation, dropout, LayerShape::square(units))?;
    Ok(std * (units as f64 / shape.fan_in()).sqrt())
}
