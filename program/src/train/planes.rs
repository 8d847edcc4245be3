//! The images of a batch side by side, as vector instructions take them.

use ndarray::{Array2, ArrayView2};

use crate::train::front::ImageShape;

/// Alignment of the numbers in bytes: a cache line.
const LINE: usize = 64;

/// The images of a batch in groups of as many as a vector has lanes. In a group a vector holds the
/// same number of each image: row after row, column after column, channel after channel. Lanes
/// without an image are 0.
#[derive(Debug, Clone, Default)]
pub(super) struct Planes {
    values: Vec<f32>,
    /// Where a cache line begins, if this was not cloned.
    start: usize,
    /// Numbers of a group, and of all of them.
    group: usize,
    length: usize,
}

impl Planes {
    /// Room for so many images; what it holds is not specified.
    pub(super) fn make_room(&mut self, images: usize, shape: ImageShape, lanes: usize) {
        self.group = shape.numbers() * lanes;
        self.length = self.group * images.div_ceil(lanes);
        let spare = LINE / size_of::<f32>();
        if self.values.len() != self.length + spare {
            self.values = vec![0.0; self.length + spare];
            self.start = self.values.as_ptr().align_offset(LINE) % spare;
        }
    }

    /// Takes the rows of a batch, an image each, channel after channel.
    pub(super) fn fill(&mut self, batch: ArrayView2<f32>, shape: ImageShape, lanes: usize) {
        assert_eq!(batch.ncols(), shape.numbers(), "rows of an image each");
        self.make_room(batch.nrows(), shape, lanes);
        let mut rows = batch.rows().into_iter();
        for group in self.groups_mut() {
            if rows.len() < lanes {
                group.fill(0.0);
            }
            for (lane, image) in rows.by_ref().take(lanes).enumerate() {
                let image = image.to_slice().expect("rows in standard layout");
                for (line, numbers) in image.chunks_exact(shape.columns).enumerate() {
                    let (channel, y) = (line / shape.rows, line % shape.rows);
                    let first = (y * shape.columns * shape.channels + channel) * lanes + lane;
                    let places = group[first..].iter_mut().step_by(shape.channels * lanes);
                    places.zip(numbers).for_each(|(to, &number)| *to = number);
                }
            }
        }
    }

    /// The rows of a batch, as [`Planes::fill`] takes them.
    pub(super) fn rows(&self, images: usize, shape: ImageShape, lanes: usize) -> Array2<f32> {
        let mut batch = Array2::zeros((images, shape.numbers()));
        let made = batch.as_slice_mut().expect("standard layout");
        let groups = made.chunks_mut(shape.numbers() * lanes);
        for (group, rows) in self.groups().zip(groups) {
            for (lane, row) in rows.chunks_exact_mut(shape.numbers()).enumerate() {
                for (line, numbers) in row.chunks_exact_mut(shape.columns).enumerate() {
                    let (channel, y) = (line / shape.rows, line % shape.rows);
                    let first = (y * shape.columns * shape.channels + channel) * lanes + lane;
                    let places = group[first..].iter().step_by(shape.channels * lanes);
                    numbers
                        .iter_mut()
                        .zip(places)
                        .for_each(|(to, &from)| *to = from);
                }
            }
        }
        batch
    }

    /// Group after group.
    pub(super) fn groups(&self) -> std::slice::ChunksExact<'_, f32> {
        self.values[self.start..][..self.length].chunks_exact(self.group)
    }

    /// Group after group.
    pub(super) fn groups_mut(&mut self) -> std::slice::ChunksExactMut<'_, f32> {
        self.values[self.start..][..self.length].chunks_exact_mut(self.group)
    }
}
