//! Convolutions in front of the fully connected layers, each with ReLU and 2×2 max-pooling.
//!
//! No padding, stride 1; of an odd side the last row or column is left out of the pooling, as by
//! PyTorch. ReLU and the maximum change places: φ(max) = max φ, derivatives included.

use std::fmt;
use std::str::FromStr;

use ndarray::{Array1, Array2, ArrayView2};
use pulp::Arch;

use crate::train::convolve::{Backward, Forward, Sizes, lanes};
use crate::train::init::Bias;
use crate::train::planes::Planes;
use isomoment::simulate::streams::Stream;
use isomoment::{Error, Result};

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
    sizes: Sizes,
    /// What a forward pass leaves for the backward one: images, and for each output which of the
    /// places before the pooling it came from.
    images: Planes,
    origins: Planes,
}

impl Block {
    /// Weights and biases uniform on ±1/√fan_in, as PyTorch draws both for `nn.Conv2d`.
    ///
    /// # Errors
    /// As [`features`].
    fn drawn(convolution: Convolution, from: ImageShape, stream: &mut Stream) -> Result<Self> {
        let (to, side) = (convolution.of(from)?, convolution.side);
        let fan_in = convolution.fan_in(from);
        let (mut weights, mut biases) = (vec![0.0; fan_in * to.channels], vec![0.0; to.channels]);
        Bias::Framework.fill(&mut weights, fan_in, stream);
        Bias::Framework.fill(&mut biases, fan_in, stream);
        let weights = Array2::from_shape_vec((fan_in, to.channels), weights);
        Ok(Self {
            weights: weights.expect("as many as drawn"),
            biases: Array1::from_vec(biases),
            sizes: Sizes { from, to, side },
            images: Planes::default(),
            origins: Planes::default(),
        })
    }
}

/// Convolutions one after the other.
#[derive(Debug, Clone)]
pub struct Front {
    /// In their order.
    pub blocks: Vec<Block>,
    features: Planes,
    /// Images of the batch that went forward last.
    count: usize,
    arch: Arch,
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
            let from = blocks.last().map_or(image, |block| block.sizes.to);
            blocks.push(Block::drawn(convolution, from, stream)?);
        }
        Ok(Self {
            blocks,
            features: Planes::default(),
            count: 0,
            arch: Arch::new(),
        })
    }

    /// What the layers behind see of these images; a row each.
    ///
    /// # Panics
    /// When a row has another length than an image.
    pub fn forward(&mut self, batch: ArrayView2<f32>) -> Array2<f32> {
        let (count, lanes) = (batch.nrows(), lanes(self.arch));
        self.count = count;
        let Some(first) = self.blocks.first_mut() else {
            return batch.to_owned();
        };
        first.images.fill(batch, first.sizes.from, lanes);
        let mut shape = first.sizes.from;
        let mut blocks = self.blocks.iter_mut().peekable();
        while let Some(block) = blocks.next() {
            shape = block.sizes.to;
            let outputs = match blocks.peek_mut() {
                Some(behind) => &mut behind.images,
                None => &mut self.features,
            };
            outputs.make_room(count, shape, lanes);
            block.origins.make_room(count, shape, lanes);
            self.arch.dispatch(Forward {
                sizes: block.sizes,
                weights: &block.weights,
                biases: &block.biases,
                images: &block.images,
                outputs,
                origins: &mut block.origins,
            });
        }
        self.features.rows(count, shape, lanes)
    }

    /// Derivatives, in the blocks' order, from those by what the layers behind saw last.
    pub fn backward(&self, delta: &Array2<f32>) -> Vec<BlockGradients> {
        let lanes = lanes(self.arch);
        let mut gradients = Vec::with_capacity(self.blocks.len());
        let (mut by_outputs, mut by_images) = (Planes::default(), Planes::default());
        if let Some(last) = self.blocks.last() {
            // a product with a transposed factor may come in another memory order
            by_outputs.fill(delta.as_standard_layout().view(), last.sizes.to, lanes);
        }
        for (k, block) in self.blocks.iter().enumerate().rev() {
            if k > 0 {
                by_images.make_room(self.count, block.sizes.from, lanes);
            }
            let (weights, biases) = self.arch.dispatch(Backward {
                sizes: block.sizes,
                weights: &block.weights,
                images: &block.images,
                origins: &block.origins,
                delta: &by_outputs,
                by_images: (k > 0).then_some(&mut by_images),
            });
            gradients.push(BlockGradients { weights, biases });
            std::mem::swap(&mut by_outputs, &mut by_images);
        }
        gradients.reverse();
        gradients
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isomoment::simulate::numbers::Normals;
    use isomoment::simulate::streams::trajectory_stream;

    /// Batches that fill no vector, channels and sides that fill no registers: the same bits on
    /// every instruction set, forwards and backwards.
    #[test]
    fn instruction_sets_give_the_same_bits() {
        let image = ImageShape {
            channels: 7,
            rows: 14,
            columns: 13,
        };
        let convolutions = ["5x4", "9x3"].map(|text| text.parse().unwrap());
        let stream = &mut trajectory_stream(12, 0);
        let widest = Front::drawn(image, &convolutions, stream).unwrap();
        for count in [1, 16, 37] {
            let to = features(image, &convolutions).unwrap();
            let normal = |size: usize, stream: &mut Stream| {
                let mut rows = Array2::zeros((count, size));
                Normals::<f32>::new(stream).fill(rows.as_slice_mut().unwrap());
                rows
            };
            let batch = normal(image.numbers(), stream);
            let delta = normal(to.numbers(), stream);
            let results = |arch: Arch| {
                let mut front = Front {
                    arch,
                    ..widest.clone()
                };
                let features = front.forward(batch.view());
                let gradients = front.backward(&delta);
                let numbers = gradients.into_iter().flat_map(|by| {
                    let weights = by.weights.into_iter();
                    weights
                        .chain(by.biases)
                        .map(f32::to_bits)
                        .collect::<Vec<u32>>()
                });
                let features = features.iter().map(|x| x.to_bits());
                features.chain(numbers).collect::<Vec<u32>>()
            };
            assert!(results(Arch::Scalar) == results(widest.arch), "{count}");
        }
    }

    /// What is no number reaches the outputs from each place of a window, and from no other.
    #[test]
    fn what_is_no_number_is_not_pooled_away() {
        let image = ImageShape {
            channels: 1,
            rows: 2,
            columns: 4,
        };
        let stream = &mut trajectory_stream(12, 1);
        let mut front = Front::drawn(image, &["1x1".parse().unwrap()], stream).unwrap();
        for place in [0, 1, 4, 5] {
            let mut batch = Array2::from_shape_fn((3, 8), |(_, at)| at as f32);
            batch[(1, place)] = f32::NAN;
            let outputs = front.forward(batch.view());
            let unknown = outputs.mapv(f32::is_nan).into_raw_vec_and_offset().0;
            assert_eq!(
                unknown,
                [false, false, true, false, false, false],
                "{place}"
            );
        }
    }
}
