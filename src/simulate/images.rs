//! Convolutional networks and the image that they are given.

use crate::error::Result;
use crate::simulate::convolutions::Convolutions;
use crate::simulate::numbers::Normals;
use crate::simulate::path::{Path, Record};
use crate::simulate::streams::trajectory_stream;

/// An image.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "runs", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "runs", serde(rename_all = "kebab-case"))]
pub enum Image {
    /// The same at every position and in every channel.
    Constant,
    /// Independent normal numbers, which this seed determines.
    White(u64),
    /// Its numbers: those of the channels of the first position, of the second, …, row by row.
    Given(Vec<f64>),
}

/// A convolutional network that is given one image.
///
/// ```
/// use isomoment::simulate::{Convolutions, Filter, Image, ImageNetwork, Padding, Record};
/// use isomoment::{Activation, Dropout};
/// let filter = Filter {
///     inputs: 4,
///     outputs: 4,
///     groups: 1,
///     kernel: (1, 3),
///     stride: 1,
///     padding: Padding::Circular,
///     scale: 0.3,
/// };
/// let layers = Convolutions::new(Activation::Relu, Dropout::NONE, (1, 12), vec![filter; 5])?;
/// let network = ImageNetwork::new(layers, Image::White(7))?;
/// let path = network.path(&Record::layers(vec![1, 5], 5)?, 1, 0);
/// assert_eq!(path.log_norms.len(), 2);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ImageNetwork {
    pub(super) layers: Convolutions,
    image: Image,
    /// The image at norm 1.
    input: Vec<f64>,
}

impl ImageNetwork {
    /// These layers and this image.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) for an image of another size, and one that is 0 or not finite.
    pub fn new(layers: Convolutions, image: Image) -> Result<Self> {
        let numbers = layers.numbers();
        let input = match &image {
            Image::Constant => layers.input(&vec![1.0; numbers]),
            Image::White(seed) => {
                let mut values = vec![0.0; numbers];
                Normals::<f64>::new(&mut trajectory_stream(*seed, 0)).fill(&mut values);
                layers.input(&values)
            }
            Image::Given(values) => layers.input(values),
        }?;
        Ok(Self {
            layers,
            image,
            input,
        })
    }

    /// The image.
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// The number of layers.
    pub fn depth(&self) -> usize {
        self.layers.filters.len()
    }

    /// The log-norms log(‖x_k‖/‖x₀‖) at the recorded layers, over channels and positions; seed and
    /// trajectory determine them.
    pub fn path(&self, record: &Record, seed: u64, trajectory: u64) -> Path {
        self.layers
            .path(self.input.clone(), record, seed, trajectory)
    }
}
