//! Labelled images as rows of numbers in [−1, 1].

use crate::train::architecture::Ends;
use crate::train::idx::{Images, read_images, read_labels};
use isomoment::{Error, Result};

/// Inputs and their classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// Row after row, `inputs_per_row` numbers each.
    pub inputs: Vec<f32>,
    /// Length of a row.
    pub inputs_per_row: usize,
    /// The class of each row, from 0.
    pub labels: Vec<u8>,
}

/// What networks learn from, and what they are tested on.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// Learnt from.
    pub train: Dataset,
    /// Tested on.
    pub test: Dataset,
    /// Number of classes.
    pub classes: usize,
}

impl Dataset {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// One row.
    pub fn row(&self, i: usize) -> &[f32] {
        &self.inputs[i * self.inputs_per_row..][..self.inputs_per_row]
    }

    /// Grey values from 0 to `white` as numbers from −1 to 1.
    fn new(images: &Images, labels: Vec<u8>, white: u8, classes: usize) -> Result<Self> {
        let count = images.values.len() / images.pixels;
        if count != labels.len() {
            let value = format!("{} for {count} images", labels.len());
            return Err(Error::domain("labels", value, "one for each image"));
        }
        if let Some(label) = labels.iter().find(|&&label| usize::from(label) >= classes) {
            return Err(Error::domain(
                "labels",
                label,
                "below the number of classes, 10",
            ));
        }
        let scaled = |&value: &u8| 2.0 * f32::from(value) / f32::from(white) - 1.0;
        Ok(Self {
            inputs: images.values.iter().map(scaled).collect(),
            inputs_per_row: images.pixels,
            labels,
        })
    }
}

impl Split {
    /// The ends of a network for these data.
    pub fn ends(&self) -> Ends {
        Ends {
            inputs: self.train.inputs_per_row,
            classes: self.classes,
        }
    }

    /// From the bytes of four IDX files, ten classes, grey values from 0 to 255.
    ///
    /// # Errors
    /// [`Error::Domain`] for what is no IDX file, for labels out of range or not one for each
    /// image, and for training and test images of different sizes.
    pub fn from_idx(
        train_images: &[u8],
        train_labels: &[u8],
        test_images: &[u8],
        test_labels: &[u8],
    ) -> Result<Self> {
        let classes = 10;
        let train = Dataset::new(
            &read_images(train_images)?,
            read_labels(train_labels)?,
            255,
            classes,
        )?;
        let test = Dataset::new(
            &read_images(test_images)?,
            read_labels(test_labels)?,
            255,
            classes,
        )?;
        if train.inputs_per_row != test.inputs_per_row {
            let value = format!(
                "of {} and {} pixels",
                train.inputs_per_row, test.inputs_per_row
            );
            return Err(Error::domain(
                "images",
                value,
                "equally large for training and test",
            ));
        }
        Ok(Self {
            train,
            test,
            classes,
        })
    }

    /// The 1797 UCI digits of 8×8 pixels (Alpaydin & Kaynak 1998, CC BY 4.0), every fifth for the
    /// test.
    ///
    /// ```
    /// let digits = isomoment_cli::train::Split::digits();
    /// assert_eq!((digits.train.len(), digits.test.len()), (1437, 360));
    /// ```
    pub fn digits() -> Self {
        let images = read_images(include_bytes!("../../data/digits/images-idx3-ubyte.gz"));
        let labels = read_labels(include_bytes!("../../data/digits/labels-idx1-ubyte.gz"));
        let (images, labels) = (images.expect("embedded"), labels.expect("embedded"));
        let all = Dataset::new(&images, labels, 16, 10).expect("embedded");
        let part = |wanted: fn(usize) -> bool| {
            let rows = (0..all.len()).filter(|&i| wanted(i));
            Dataset {
                inputs: rows.clone().flat_map(|i| all.row(i)).copied().collect(),
                inputs_per_row: all.inputs_per_row,
                labels: rows.map(|i| all.labels[i]).collect(),
            }
        };
        Self {
            train: part(|i| i % 5 != 0),
            test: part(|i| i % 5 == 0),
            classes: 10,
        }
    }
}
