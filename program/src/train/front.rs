//! Convolutions in front of the fully connected layers, each with ReLU and 2×2 max-pooling.
//!
//! A convolution is a matrix product: the patches of a few images are copied into the rows of a
//! matrix. No padding, stride 1; of an odd side the last row or column is left out of the pooling, as
//! by PyTorch. ReLU and the maximum change places: φ(max) = max φ, derivatives included.

use std::fmt;
use std::str::FromStr;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis, Slice};

use crate::train::init::Bias;
use isomoment::simulate::streams::Stream;
use isomoment::{Error, Result};

/// Images whose patches are copied at once: 2 MiB at 32×32 pixels and three channels.
const TOGETHER: usize = 8;

/// Sizes of an image, stored channel after channel, row after row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageShape {
    /// Channels: 1 of grey values.
    pub channels: usize,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
}

impl ImageShape {
    /// How many numbers an image has.
    pub fn numbers(self) -> usize {
        self.channels * self.rows * self.columns
    }
}

/// A convolution, ReLU, and 2×2 max-pooling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convolution {
    /// Channels that it makes.
    pub channels: usize,
    /// Side of its square kernels.
    pub side: usize,
}

impl Convolution {
    /// Sizes of what it makes of such images, after the pooling.
    ///
    /// # Errors
    /// [`Error::Domain`] for images that are smaller than the kernel, or have nothing to pool.
    fn of(self, image: ImageShape) -> Result<ImageShape> {
        let pooled = |side: usize| (side + 1).saturating_sub(self.side) / 2;
        let made = ImageShape {
            channels: self.channels,
            rows: pooled(image.rows),
            columns: pooled(image.columns),
        };
        if made.numbers() == 0 {
            let value = format!("{self} on {}×{} pixels", image.rows, image.columns);
            let allowed = "smaller than its images by a pixel or more";
            return Err(Error::domain("convolutions", value, allowed));
        }
        Ok(made)
    }

    /// Numbers of an image that a unit sees.
    fn fan_in(self, image: ImageShape) -> usize {
        image.channels * self.side * self.side
    }
}

/// `CHANNELSxSIDE`, such as 6x5.
///
/// ```
/// use isomoment_cli::train::Convolution;
/// assert_eq!("16x5".parse(), Ok(Convolution { channels: 16, side: 5 }));
/// assert!("16".parse::<Convolution>().is_err());
/// ```
impl FromStr for Convolution {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let size = |text: &str| text.parse().ok().filter(|n| (1..=1000).contains(n));
        let pair = text.split_once('x');
        let pair = pair.and_then(|(channels, side)| size(channels).zip(size(side)));
        let allowed = "CHANNELSxSIDE, each from 1 to 1000";
        let (channels, side) = pair.ok_or_else(|| Error::domain("convolutions", text, allowed))?;
        Ok(Self { channels, side })
    }
}

/// The words that [`FromStr`] reads.
impl fmt::Display for Convolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.channels, self.side)
    }
}

/// Sizes of what the convolutions make of such images, one after the other.
///
/// # Errors
/// [`Error::Domain`] for one that does not fit what comes before it.
pub fn features(image: ImageShape, convolutions: &[Convolution]) -> Result<ImageShape> {
    convolutions.iter().try_fold(image, |image, c| c.of(image))
}

/// Derivatives by a convolution's weights and biases.
#[derive(Debug, Clone)]
pub struct BlockGradients {
    /// By the weights.
    pub weights: Array2<f32>,
    /// By the biases.
    pub biases: Array1<f32>,
}

/// A convolution with its numbers.
#[derive(Debug, Clone)]
pub struct Block {
    /// Numbers of a patch × channels.
    pub weights: Array2<f32>,
    /// Of the channels.
    pub biases: Array1<f32>,
    side: usize,
    from: ImageShape,
    to: ImageShape,
    /// What a forward pass leaves for the backward one: images, and for each output which of the
    /// places before the pooling it came from.
    inputs: Array2<f32>,
    origins: Vec<u32>,
    outputs: Array2<f32>,
}

impl Block {
    /// Weights and biases uniform on ±1/√fan_in, as PyTorch draws both for `nn.Conv2d`.
    ///
    /// # Errors
    /// As [`features`].
    fn drawn(convolution: Convolution, from: ImageShape, stream: &mut Stream) -> Result<Self> {
        let to = convolution.of(from)?;
        let fan_in = convolution.fan_in(from);
        let (mut weights, mut biases) = (vec![0.0; fan_in * to.channels], vec![0.0; to.channels]);
        Bias::Framework.fill(&mut weights, fan_in, stream);
        Bias::Framework.fill(&mut biases, fan_in, stream);
        let weights = Array2::from_shape_vec((fan_in, to.channels), weights);
        Ok(Self {
            weights: weights.expect("as many as drawn"),
            biases: Array1::from_vec(biases),
            side: convolution.side,
            from,
            to,
            inputs: Array2::zeros((0, 0)),
            origins: Vec::new(),
            outputs: Array2::zeros((0, 0)),
        })
    }

    /// Rows and columns before the pooling.
    fn places(&self) -> (usize, usize) {
        (
            self.from.rows + 1 - self.side,
            self.from.columns + 1 - self.side,
        )
    }

    fn forward(&mut self, images: Array2<f32>) -> Array2<f32> {
        let ((_, columns), to, count) = (self.places(), self.to, images.nrows());
        let places = self.places().0 * columns;
        let mut outputs = Array2::zeros((count, to.numbers()));
        self.origins.resize(count * to.numbers(), 0);
        let made = outputs.as_slice_mut().expect("standard layout");
        let origins = self.origins.chunks_exact_mut(to.numbers());
        let mut each = made.chunks_exact_mut(to.numbers()).zip(origins);
        for first in (0..count).step_by(TOGETHER) {
            let some = images.slice_axis(Axis(0), Slice::from(first..count.min(first + TOGETHER)));
            let patches = patches(some, self.from, self.side);
            let mut products = Array2::zeros((patches.nrows(), to.channels));
            products += &self.biases;
            general_mat_mul(1.0, &patches, &self.weights, 1.0, &mut products);
            for image in 0..some.nrows() {
                let (outputs, origins) = each.next().expect("one for each image");
                pool(&products, image * places, columns, to, outputs, origins);
            }
        }
        self.inputs = images;
        self.outputs = outputs.clone();
        outputs
    }

    /// Derivatives by weights and biases, and by the images where they are wanted, from those by the
    /// outputs of the batch that went forward last.
    fn backward(&self, delta: &Array2<f32>, by_images: bool) -> (BlockGradients, Array2<f32>) {
        let (rows, columns) = self.places();
        let (places, to, count) = (rows * columns, self.to, self.inputs.nrows());
        let each = to.rows * to.columns;
        let mut weights = Array2::zeros(self.weights.dim());
        let mut biases = Array1::zeros(to.channels);
        let mut images = Array2::zeros(if by_images { self.inputs.dim() } else { (0, 0) });
        for first in (0..count).step_by(TOGETHER) {
            let part = first..count.min(first + TOGETHER);
            let mut before = Array2::<f32>::zeros((part.len() * places, to.channels));
            for (place, image) in part.clone().enumerate() {
                for at in 0..to.numbers() {
                    // dead units pass nothing back
                    if self.outputs[(image, at)] > 0.0 {
                        let origin = self.origins[image * to.numbers() + at] as usize;
                        before[(place * places + origin, at / each)] += delta[(image, at)];
                    }
                }
            }
            let some = self.inputs.slice_axis(Axis(0), Slice::from(part.clone()));
            let patches = patches(some, self.from, self.side);
            general_mat_mul(1.0, &patches.t(), &before, 1.0, &mut weights);
            biases += &before.sum_axis(Axis(0));
            if by_images {
                let by_patches = before.dot(&self.weights.t());
                let by_patches = by_patches.as_standard_layout();
                self.gather(
                    &by_patches.view(),
                    images.slice_axis_mut(Axis(0), Slice::from(part)),
                );
            }
        }
        (BlockGradients { weights, biases }, images)
    }

    /// Adds every patch's derivatives to its pixels.
    fn gather(&self, by_patches: &ArrayView2<f32>, mut images: ndarray::ArrayViewMut2<f32>) {
        let ((rows, columns), side, from) = (self.places(), self.side, self.from);
        let mut patches = by_patches.rows().into_iter();
        for mut image in images.rows_mut() {
            let image = image.as_slice_mut().expect("rows in standard layout");
            for y in 0..rows {
                for x in 0..columns {
                    let patch = patches.next().expect("a row for each place");
                    let patch = patch.to_slice().expect("standard layout");
                    for (line, part) in patch.chunks_exact(side).enumerate() {
                        let (channel, line) = (line / side, line % side);
                        let start = (channel * from.rows + y + line) * from.columns + x;
                        let pixels = &mut image[start..start + side];
                        pixels.iter_mut().zip(part).for_each(|(to, by)| *to += by);
                    }
                }
            }
        }
    }
}

/// The patches of these images, place after place, a row each of `fan_in` numbers.
fn patches(images: ArrayView2<f32>, from: ImageShape, side: usize) -> Array2<f32> {
    let (rows, columns) = (from.rows + 1 - side, from.columns + 1 - side);
    let fan_in = from.channels * side * side;
    let mut patches = Vec::with_capacity(images.nrows() * rows * columns * fan_in);
    for image in images.rows() {
        let image = image.to_slice().expect("rows in standard layout");
        for y in 0..rows {
            for x in 0..columns {
                for plane in image.chunks_exact(from.rows * from.columns) {
                    for line in 0..side {
                        let start = (y + line) * from.columns + x;
                        patches.extend_from_slice(&plane[start..start + side]);
                    }
                }
            }
        }
    }
    let shape = (images.nrows() * rows * columns, fan_in);
    Array2::from_shape_vec(shape, patches).expect("a row for each place")
}

/// The largest of four, at least 0, and the first place that has it; channel after channel.
fn pool(
    products: &Array2<f32>,
    first: usize,
    columns: usize,
    to: ImageShape,
    outputs: &mut [f32],
    origins: &mut [u32],
) {
    for y in 0..to.rows {
        for x in 0..to.columns {
            let corner = 2 * y * columns + 2 * x;
            for channel in 0..to.channels {
                let (mut most, mut origin) = (f32::NEG_INFINITY, corner);
                for place in [corner, corner + 1, corner + columns, corner + columns + 1] {
                    let value = products[(first + place, channel)];
                    // what is no number stays: a network that diverged is to be seen
                    if value > most || value.is_nan() {
                        (most, origin) = (value, place);
                    }
                }
                let at = (channel * to.rows + y) * to.columns + x;
                outputs[at] = if most < 0.0 { 0.0 } else { most };
                origins[at] = origin as u32;
            }
        }
    }
}

/// Convolutions one after the other.
#[derive(Debug, Clone)]
pub struct Front {
    /// In their order.
    pub blocks: Vec<Block>,
}

impl Front {
    /// For such images, with PyTorch's default weights and biases.
    ///
    /// # Errors
    /// As [`features`].
    pub fn drawn(
        image: ImageShape,
        convolutions: &[Convolution],
        stream: &mut Stream,
    ) -> Result<Self> {
        let mut blocks: Vec<Block> = Vec::with_capacity(convolutions.len());
        for &convolution in convolutions {
            let from = blocks.last().map_or(image, |block| block.to);
            blocks.push(Block::drawn(convolution, from, stream)?);
        }
        Ok(Self { blocks })
    }

    /// What the layers behind see of these images; a row each.
    ///
    /// # Panics
    /// When a row has another length than an image.
    pub fn forward(&mut self, batch: ArrayView2<f32>) -> Array2<f32> {
        let blocks = self.blocks.iter_mut();
        blocks.fold(batch.to_owned(), |images, block| block.forward(images))
    }

    /// Derivatives, in the blocks' order, from those by what the layers behind saw last.
    pub fn backward(&self, delta: Array2<f32>) -> Vec<BlockGradients> {
        let mut gradients = Vec::with_capacity(self.blocks.len());
        let mut delta = delta;
        for (k, block) in self.blocks.iter().enumerate().rev() {
            let (own, before) = block.backward(&delta, k > 0);
            gradients.push(own);
            delta = before;
        }
        gradients.reverse();
        gradients
    }
}
