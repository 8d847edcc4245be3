//! Convolutional networks with their real kernels.

use crate::activation::{Activation, Dropout};
use crate::error::{Error, Result};
use crate::simulate::matrix::{add_random_product, dot};
use crate::simulate::model::{Layer, Model};
use crate::simulate::numbers::Normals;
use crate::simulate::path::{Path, Record, Recorder};
use crate::simulate::streams::trajectory_stream;
use crate::simulate::units::Units;

/// Most numbers in the patches of one layer: 80 MB.
const MAX_PATCHES: usize = 10_000_000;

/// What stands beyond the borders of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "runs", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "runs", serde(rename_all = "kebab-case"))]
pub enum Padding {
    /// Its other side.
    Circular,
    /// Zeros.
    Zero,
}

/// A convolutional layer without biases; its kernel is centred, and its weights are N(0, scale²).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "runs", derive(serde::Serialize, serde::Deserialize))]
pub struct Filter {
    /// Channels of its input.
    pub inputs: usize,
    /// Channels of its output.
    pub outputs: usize,
    /// Groups of channels, which see each other only.
    pub groups: usize,
    /// Rows and columns of the kernel; 1 row in one dimension.
    pub kernel: (usize, usize),
    /// Distance of the positions at which it is applied, in rows and in columns.
    pub stride: usize,
    /// What stands beyond the borders.
    pub padding: Padding,
    /// Standard deviation of the weights.
    pub scale: f64,
}

/// A network of convolutional layers, of images in one dimension (of a single row) or two.
///
/// ```
/// use isomoment::simulate::{Convolutions, Filter, Padding};
/// use isomoment::{Activation, Dropout};
/// let filter = Filter {
///     inputs: 4,
///     outputs: 4,
///     groups: 1,
///     kernel: (3, 3),
///     stride: 1,
///     padding: Padding::Circular,
///     scale: 0.2,
/// };
/// let network = Convolutions::new(Activation::Relu, Dropout::NONE, (8, 8), vec![filter; 5])?;
/// let logs = network.log_norms(&[1.0; 4 * 8 * 8], 1, 0)?;
/// assert_eq!(logs.len(), 5);
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Convolutions {
    /// For its units.
    pub(super) model: Model,
    pub(super) size: (usize, usize),
    pub(super) filters: Vec<Filter>,
}

impl Convolutions {
    /// Layers for images of `size`: rows, columns.
    ///
    /// # Errors
    /// [`Error::Domain`] for what [`Model`] refuses, empty images and kernels, a stride of 0, groups
    /// that do not divide the channels, channels that do not follow each other, and layers with more
    /// than 10⁷ numbers in their patches.
    pub fn new(
        activation: Activation,
        dropout: Dropout,
        size: (usize, usize),
        filters: Vec<Filter>,
    ) -> Result<Self> {
        let layer = |filter: &Filter| Layer {
            fan_in: filter.inputs,
            fan_out: filter.outputs,
            scale: filter.scale,
        };
        let model = Model::layered(activation, dropout, filters.iter().map(layer).collect())?;
        let mut positions = size;
        for filter in &filters {
            for (name, value) in [
                ("rows", positions.0),
                ("columns", positions.1),
                ("kernel", filter.kernel.0.min(filter.kernel.1)),
                ("stride", filter.stride),
                ("groups", filter.groups),
            ] {
                if value == 0 {
                    return Err(Error::domain(name, value, "at least 1"));
                }
            }
            if !filter.inputs.is_multiple_of(filter.groups)
                || !filter.outputs.is_multiple_of(filter.groups)
            {
                let allowed = "a divisor of both numbers of channels";
                return Err(Error::domain("groups", filter.groups, allowed));
            }
            let factors = [positions.0, positions.1, filter.kernel.0, filter.kernel.1];
            let patches = factors
                .iter()
                .fold(filter.inputs, |n, &f| n.saturating_mul(f));
            if patches > MAX_PATCHES {
                let allowed = "at most 10000000 in one layer";
                return Err(Error::domain("numbers in patches", patches, allowed));
            }
            positions = filter.positions(positions);
        }
        Ok(Self {
            model,
            size,
            filters,
        })
    }

    /// log(‖x_k‖/‖x₀‖) after each layer, norms over channels and positions; −∞ when all is 0. Seed and
    /// trajectory determine them.
    ///
    /// The image's numbers are those of the channels of the first position, of the second, …,
    /// row by row.
    ///
    /// # Errors
    /// [`Error::Domain`] for an image of another size, and one that is 0 or not finite.
    pub fn log_norms(&self, image: &[f64], seed: u64, trajectory: u64) -> Result<Vec<f64>> {
        let record = Record::all(self.filters.len());
        let path = self.path(self.input(image)?, &record, seed, trajectory);
        Ok(path.log_norms)
    }

    /// The numbers of an image.
    pub(super) fn numbers(&self) -> usize {
        self.size.0 * self.size.1 * self.filters[0].inputs
    }

    /// An image at norm 1.
    pub(super) fn input(&self, image: &[f64]) -> Result<Vec<f64>> {
        if image.len() != self.numbers() {
            let allowed = "channels times rows times columns";
            return Err(Error::domain("numbers in the image", image.len(), allowed));
        }
        let length = dot(image, image).sqrt();
        if !(length > 0.0 && length.is_finite()) {
            return Err(Error::domain(
                "norm of the image",
                length,
                "positive and finite",
            ));
        }
        Ok(image.iter().map(|value| value / length).collect())
    }

    /// The log-norms of an image of norm 1 at the recorded layers.
    pub(super) fn path(
        &self,
        mut x: Vec<f64>,
        record: &Record,
        seed: u64,
        trajectory: u64,
    ) -> Path {
        let stream = &mut trajectory_stream(seed, trajectory);
        let mut normals = Normals::<f64>::new(stream);
        let mut units = Units::new(&self.model, stream);
        let mut recorder = Recorder::new(record, 1);
        let (mut size, mut log_norm) = (self.size, 0.0);
        for filter in &self.filters {
            x = filter.apply(&x, size, &mut normals);
            size = filter.positions(size);
            units.apply(&mut x);
            let norm = dot(&x, &x).sqrt();
            log_norm += filter.scale.ln() + norm.ln();
            if !recorder.layer(&[log_norm], |_, _| 1.0) {
                break;
            }
            x.iter_mut().for_each(|value| *value /= norm);
        }
        recorder.finish()
    }
}

impl Filter {
    /// Rows and columns of its output.
    pub(super) fn positions(&self, size: (usize, usize)) -> (usize, usize) {
        (size.0.div_ceil(self.stride), size.1.div_ceil(self.stride))
    }

    /// Its kernel, of N(0, 1) entries, times every patch.
    fn apply(&self, x: &[f64], size: (usize, usize), normals: &mut Normals<f64>) -> Vec<f64> {
        let (rows, columns) = self.positions(size);
        let positions = rows * columns;
        let (inputs, outputs) = (self.inputs / self.groups, self.outputs / self.groups);
        let mut y = vec![0.0; positions * self.outputs];
        for group in 0..self.groups {
            let patches = self.patches(x, size, group * inputs..(group + 1) * inputs);
            let mut products = vec![0.0; positions * outputs];
            add_random_product(normals, &patches, &mut products, positions);
            let of_positions = y.chunks_exact_mut(self.outputs);
            for (at, product) in of_positions.zip(products.chunks_exact(outputs)) {
                at[group * outputs..(group + 1) * outputs].copy_from_slice(product);
            }
        }
        y
    }

    /// What the kernel sees of some channels at each position, one after another.
    fn patches(
        &self,
        x: &[f64],
        size: (usize, usize),
        channels: std::ops::Range<usize>,
    ) -> Vec<f64> {
        let (rows, columns) = self.positions(size);
        let taps = self.kernel.0 * self.kernel.1;
        let mut patches = Vec::with_capacity(rows * columns * taps * channels.len());
        for row in 0..rows {
            for column in 0..columns {
                for tap_row in 0..self.kernel.0 {
                    for tap_column in 0..self.kernel.1 {
                        let at = (
                            self.place(row, tap_row, self.kernel.0, size.0),
                            self.place(column, tap_column, self.kernel.1, size.1),
                        );
                        if let (Some(row), Some(column)) = at {
                            let start = (row * size.1 + column) * self.inputs;
                            let range = start + channels.start..start + channels.end;
                            patches.extend_from_slice(&x[range]);
                        } else {
                            patches.resize(patches.len() + channels.len(), 0.0);
                        }
                    }
                }
            }
        }
        patches
    }

    /// Where a tap of a kernel with so many falls, in an image with so many positions.
    fn place(&self, position: usize, tap: usize, taps: usize, positions: usize) -> Option<usize> {
        let place = (position * self.stride + tap) as i64 - ((taps - 1) / 2) as i64;
        match self.padding {
            Padding::Circular => Some(place.rem_euclid(positions as i64) as usize),
            Padding::Zero => usize::try_from(place).ok().filter(|&p| p < positions),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(inputs: usize, outputs: usize) -> Filter {
        Filter {
            inputs,
            outputs,
            groups: 1,
            kernel: (3, 2),
            stride: 1,
            padding: Padding::Circular,
            scale: 1.0,
        }
    }

    /// Each output from its definition, with the kernel's entries in the order in which they are
    /// drawn: column after column, a column for each channel of each tap.
    #[test]
    fn every_output_is_the_sum_over_its_patch() {
        let size = (4, 5);
        for (padding, stride, groups) in [
            (Padding::Circular, 1, 1),
            (Padding::Zero, 1, 2),
            (Padding::Circular, 2, 2),
            (Padding::Zero, 3, 1),
        ] {
            let filter = Filter {
                padding,
                stride,
                groups,
                ..filter(4, 6)
            };
            let x: Vec<f64> = (0..80).map(|i| f64::from(i * 37 % 23) - 11.0).collect();
            let y = filter.apply(&x, size, &mut Normals::new(&mut trajectory_stream(3, 1)));
            let (inputs, outputs) = (4 / groups, 6 / groups);
            let mut kernel = vec![0.0; groups * inputs * outputs * 6];
            Normals::new(&mut trajectory_stream(3, 1)).fill(&mut kernel);
            let (rows, columns) = (4_usize.div_ceil(stride), 5_usize.div_ceil(stride));
            assert_eq!(y.len(), rows * columns * 6);
            for (index, found) in y.iter().enumerate() {
                let (position, channel) = (index / 6, index % 6);
                let (row, column) = (position / columns, position % columns);
                let (group, unit) = (channel / outputs, channel % outputs);
                let mut sum = 0.0;
                for (tap_row, tap_column, input) in (0..3)
                    .flat_map(|a| (0..2).flat_map(move |b| (0..inputs).map(move |c| (a, b, c))))
                {
                    let r = (row * stride + tap_row) as i64 - 1;
                    let c = (column * stride + tap_column) as i64;
                    let inside = (0..4).contains(&r) && (0..5).contains(&c);
                    if padding == Padding::Zero && !inside {
                        continue;
                    }
                    let at = (r.rem_euclid(4) * 5 + c.rem_euclid(5)) as usize;
                    let weight_column = (tap_row * 2 + tap_column) * inputs + input;
                    let weights = group * inputs * outputs * 6 + weight_column * outputs;
                    sum += kernel[weights + unit] * x[at * 4 + group * inputs + input];
                }
                assert!((found - sum).abs() < 1e-9, "{index}: {found} {sum}");
            }
        }
    }

    #[test]
    fn bad_layers_and_images_are_refused() {
        let make =
            |size, filters| Convolutions::new(Activation::Relu, Dropout::NONE, size, filters);
        assert!(make((0, 3), vec![filter(1, 1)]).is_err());
        assert!(make((3, 3), vec![]).is_err());
        assert!(make((3, 3), vec![filter(1, 2), filter(3, 1)]).is_err());
        let wrong = [
            Filter {
                groups: 2,
                ..filter(3, 4)
            },
            Filter {
                groups: 0,
                ..filter(3, 4)
            },
            Filter {
                stride: 0,
                ..filter(3, 4)
            },
            Filter {
                kernel: (0, 1),
                ..filter(3, 4)
            },
            Filter {
                scale: f64::NAN,
                ..filter(3, 4)
            },
        ];
        for filter in wrong {
            assert!(make((3, 3), vec![filter]).is_err(), "{filter:?}");
        }
        assert!(make((10_000, 10_000), vec![filter(1, 1)]).is_err());
        let network = make((2, 2), vec![filter(1, 1)]).unwrap();
        assert!(network.log_norms(&[1.0; 3], 1, 0).is_err());
        assert!(network.log_norms(&[0.0; 4], 1, 0).is_err());
        assert!(network.log_norms(&[f64::NAN; 4], 1, 0).is_err());
    }
}
