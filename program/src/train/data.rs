//! Labelled images as rows of numbers.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::train::front::ImageShape;
use crate::train::idx::{Images, read_images, read_labels};
use isomoment::{Error, Result};

/// The numbers that black and white become.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pixels {
    /// Black, a grey value of 0.
    pub low: f32,
    /// White.
    pub high: f32,
}

impl Pixels {
    /// From −1 to 1.
    pub const SYMMETRIC: Self = Self {
        low: -1.0,
        high: 1.0,
    };

    fn of(self, grey: u8, white: u8) -> f32 {
        (self.high - self.low) * f32::from(grey) / f32::from(white) + self.low
    }
}

/// `LOW,HIGH`.
///
/// ```
/// use isomoment_cli::train::Pixels;
/// assert_eq!("-1,1".parse(), Ok(Pixels::SYMMETRIC));
/// assert!("1,1".parse::<Pixels>().is_err());
/// ```
impl FromStr for Pixels {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let number = |text: &str| text.parse().ok().filter(|x: &f32| x.abs() <= 1e6);
        let pair = text.split_once(',');
        let pair = pair.and_then(|(low, high)| number(low).zip(number(high)));
        let pair = pair.filter(|(low, high)| low < high);
        let allowed = "LOW,HIGH, two numbers from -1e6 to 1e6, the smaller one first";
        let (low, high) = pair.ok_or_else(|| Error::domain("pixels", text, allowed))?;
        Ok(Self { low, high })
    }
}

/// The words that [`FromStr`] reads.
impl fmt::Display for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.low, self.high)
    }
}

/// Which labels files have: those of MNIST are from 0 to 9, those of EMNIST's letters from 1 to 26.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels(pub RangeInclusive<u8>);

impl Labels {
    /// From 0 to 9.
    pub const DIGITS: Self = Self(0..=9);

    /// How many there are.
    pub fn classes(&self) -> usize {
        usize::from(self.0.end() - self.0.start()) + 1
    }

    /// Whether all of these are among them.
    pub(super) fn check(&self, labels: &[u8]) -> Result<()> {
        let Some(&label) = labels.iter().find(|label| !self.0.contains(label)) else {
            return Ok(());
        };
        let (first, last) = (self.0.start(), self.0.end());
        let allowed = format!("from {first} to {last}, or others with --labels FIRST-LAST");
        Err(Error::domain("labels", label, allowed))
    }
}

/// `FIRST-LAST`.
///
/// ```
/// use isomoment_cli::train::Labels;
/// let letters: Labels = "1-26".parse()?;
/// assert_eq!(letters.classes(), 26);
/// # Ok::<(), isomoment::Error>(())
/// ```
impl FromStr for Labels {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let pair = text.split_once('-');
        let pair = pair.and_then(|(first, last)| first.parse().ok().zip(last.parse().ok()));
        let allowed = "FIRST-LAST, from 0 to 255, two or more";
        let (first, last) = pair
            .filter(|(first, last): &(u8, u8)| first < last)
            .ok_or_else(|| Error::domain("labels", text, allowed))?;
        Ok(Self(first..=last))
    }
}

/// The words that [`FromStr`] reads.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0.start(), self.0.end())
    }
}

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
    /// Sizes of an image.
    pub image: ImageShape,
    /// What black has become.
    pub black: f32,
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

    /// Grey values from 0 to `white` as numbers, and labels as classes from 0.
    pub(super) fn new(
        images: &Images,
        mut labels: Vec<u8>,
        white: u8,
        pixels: Pixels,
        known: &Labels,
    ) -> Result<Self> {
        let count = images.values.len() / images.pixels;
        if count != labels.len() {
            let value = format!("{} for {count} images", labels.len());
            return Err(Error::domain("labels", value, "one for each image"));
        }
        known.check(&labels)?;
        labels
            .iter_mut()
            .for_each(|label| *label -= known.0.start());
        let scaled = |&grey: &u8| pixels.of(grey, white);
        Ok(Self {
            inputs: images.values.iter().map(scaled).collect(),
            inputs_per_row: images.pixels,
            labels,
        })
    }
}

impl Split {
    /// From the bytes of four IDX files, grey values from 0 to 255: images and labels to train on, and
    /// to test.
    ///
    /// # Errors
    /// [`Error::Domain`] for what is no IDX file, for labels out of range or not one for each
    /// image, and for training and test images of different sizes.
    pub fn from_idx(
        train_images: &[u8],
        train_labels: &[u8],
        test_images: &[u8],
        test_labels: &[u8],
        pixels: Pixels,
        known: &Labels,
    ) -> Result<Self> {
        let images = read_images(train_images)?;
        let train = Dataset::new(&images, read_labels(train_labels)?, 255, pixels, known)?;
        let test = Dataset::new(
            &read_images(test_images)?,
            read_labels(test_labels)?,
            255,
            pixels,
            known,
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
            classes: known.classes(),
            image: grey(&images),
            black: pixels.low,
        })
    }

    /// The 1797 UCI digits of 8×8 pixels (Alpaydin & Kaynak 1998, CC BY 4.0), every fifth for the
    /// test.
    ///
    /// ```
    /// use isomoment_cli::train::{Pixels, Split};
    /// let digits = Split::digits(Pixels::SYMMETRIC);
    /// assert_eq!((digits.train.len(), digits.test.len()), (1437, 360));
    /// ```
    pub fn digits(pixels: Pixels) -> Self {
        let images = read_images(include_bytes!("../../data/digits/images-idx3-ubyte.gz"));
        let labels = read_labels(include_bytes!("../../data/digits/labels-idx1-ubyte.gz"));
        let (images, labels) = (images.expect("embedded"), labels.expect("embedded"));
        let all = Dataset::new(&images, labels, 16, pixels, &Labels::DIGITS).expect("embedded");
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
            image: grey(&images),
            black: pixels.low,
        }
    }
}

fn grey(images: &Images) -> ImageShape {
    ImageShape {
        channels: 1,
        rows: images.rows,
        columns: images.pixels / images.rows,
    }
}
