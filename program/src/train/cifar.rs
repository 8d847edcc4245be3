//! CIFAR-10's binary format: records of a label and 3072 grey values, the red ones first.

use crate::train::data::{Dataset, Labels, Pixels, Split};
use crate::train::front::ImageShape;
use crate::train::idx::Images;
use isomoment::{Error, Result};

/// Sizes of its images.
pub const CIFAR_IMAGE: ImageShape = ImageShape {
    channels: 3,
    rows: 32,
    columns: 32,
};

/// Bytes of a record.
const RECORD: usize = 1 + 3 * 32 * 32;

/// Whether files of these lengths, in bytes, can be the batches of one set: whole records, as many in
/// each.
///
/// # Errors
/// [`Error::Domain`] with the length that cannot.
pub fn check_cifar_lengths(lengths: &[u64]) -> Result<()> {
    for &length in lengths {
        if length == 0 || length % RECORD as u64 != 0 || length > 1 << 30 {
            let value = format!("a file of {length} bytes");
            let allowed = "whole records of 3073 bytes, at most 1 GiB";
            return Err(Error::domain("batches", value, allowed));
        }
    }
    match lengths.iter().find(|&&length| length != lengths[0]) {
        None => Ok(()),
        Some(other) => {
            let value = format!("of {} and {other} bytes", lengths[0]);
            Err(Error::domain("batches", value, "equally long"))
        }
    }
}

/// Images and labels from the bytes of batches.
///
/// # Errors
/// As [`check_cifar_lengths`], and for a label above 9.
fn read(batches: &[Vec<u8>], pixels: Pixels) -> Result<Dataset> {
    let lengths: Vec<u64> = batches.iter().map(|batch| batch.len() as u64).collect();
    check_cifar_lengths(&lengths)?;
    let records = || batches.iter().flat_map(|batch| batch.chunks_exact(RECORD));
    let labels: Vec<u8> = records().map(|record| record[0]).collect();
    // before the images are copied
    Labels::DIGITS.check(&labels)?;
    let images = Images {
        pixels: CIFAR_IMAGE.numbers(),
        rows: CIFAR_IMAGE.rows,
        values: records().flat_map(|record| &record[1..]).copied().collect(),
    };
    Dataset::new(&images, labels, 255, pixels, &Labels::DIGITS)
}

impl Split {
    /// From the bytes of CIFAR-10's binary files: the batches to train on, and the one to test.
    ///
    /// # Errors
    /// [`Error::Domain`] for batches that are not whole records or not equally long, and for labels
    /// above 9.
    pub fn from_cifar10(train: &[Vec<u8>], test: Vec<u8>, pixels: Pixels) -> Result<Self> {
        Ok(Self {
            train: read(train, pixels)?,
            test: read(&[test], pixels)?,
            classes: 10,
            image: CIFAR_IMAGE,
            black: pixels.low,
        })
    }

    /// Grey images as CIFAR-10 has them: black around them up to 32×32 pixels, in three equal
    /// channels.
    ///
    /// # Errors
    /// [`Error::Domain`] for images of several channels or more than 32 rows or columns.
    pub fn stand_in(self) -> Result<Self> {
        let (from, to) = (self.image, CIFAR_IMAGE);
        if from.channels != 1 || from.rows > to.rows || from.columns > to.columns {
            let value = format!(
                "of {}×{} pixels, {} channels",
                from.rows, from.columns, from.channels
            );
            return Err(Error::domain("images", value, "grey and at most 32×32"));
        }
        let (above, left) = ((to.rows - from.rows) / 2, (to.columns - from.columns) / 2);
        let padded = |data: Dataset| {
            let mut inputs = Vec::with_capacity(data.len() * to.numbers());
            for row in data.inputs.chunks_exact(from.numbers()) {
                let mut plane = vec![self.black; to.rows * to.columns];
                for (y, line) in row.chunks_exact(from.columns).enumerate() {
                    plane[(above + y) * to.columns + left..][..from.columns].copy_from_slice(line);
                }
                (0..to.channels).for_each(|_| inputs.extend_from_slice(&plane));
            }
            Dataset {
                inputs,
                inputs_per_row: to.numbers(),
                labels: data.labels,
            }
        };
        Ok(Self {
            train: padded(self.train),
            test: padded(self.test),
            image: to,
            ..self
        })
    }
}
