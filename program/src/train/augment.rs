//! Training images moved at random, each time they are seen: flips and padded crops.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use rand::RngExt;

use crate::train::front::ImageShape;
use isomoment::simulate::streams::Stream;
use isomoment::{Error, Result};

/// How training images are moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Augment {
    /// Left and right change places with probability ½.
    pub flip: bool,
    /// A border of so many black pixels, out of which a part of the image's size is cut at random.
    pub crop: usize,
}

impl Augment {
    /// Moves one image.
    pub(super) fn apply(self, row: &mut [f32], image: ImageShape, black: f32, stream: &mut Stream) {
        let (rows, columns) = (image.rows, image.columns);
        if self.flip && stream.random() {
            row.chunks_exact_mut(columns).for_each(<[f32]>::reverse);
        }
        if self.crop == 0 {
            return;
        }
        let mut offset = || stream.random_range(0..=2 * self.crop);
        let (down, right) = (offset(), offset());
        // what of the image is seen, and where
        let (from, to) = kept(right, self.crop, columns);
        let mut before = vec![0.0; rows * columns];
        for plane in row.chunks_exact_mut(rows * columns) {
            before.copy_from_slice(plane);
            plane.fill(black);
            let (first, at) = kept(down, self.crop, rows);
            let lines = before[first.start * columns..first.end * columns].chunks_exact(columns);
            let seen = plane.chunks_exact_mut(columns).skip(at.start);
            for (line, seen) in lines.zip(seen) {
                seen[to.clone()].copy_from_slice(&line[from.clone()]);
            }
        }
    }
}

/// Which of so many rows or columns are within the part that begins `offset` into a border of
/// `crop`, and where in it they are.
fn kept(offset: usize, crop: usize, count: usize) -> (Range<usize>, Range<usize>) {
    let first = offset.saturating_sub(crop);
    let at = crop.saturating_sub(offset);
    let length = count.saturating_sub(first.max(at));
    (
        first.min(count)..first.min(count) + length,
        at.min(count)..at.min(count) + length,
    )
}

/// `none`, `flip`, `crop:N` or `flip,crop:N`.
///
/// ```
/// use isomoment_cli::train::Augment;
/// assert_eq!("flip,crop:4".parse(), Ok(Augment { flip: true, crop: 4 }));
/// assert!("crop:0".parse::<Augment>().is_err());
/// ```
impl FromStr for Augment {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut augment = Self::default();
        for part in text.split(',') {
            let crop = part.strip_prefix("crop:").and_then(|n| n.parse().ok());
            match (part, crop) {
                ("none", _) if text == "none" => {}
                ("flip", _) if !augment.flip => augment.flip = true,
                (_, Some(crop @ 1..=100)) if augment.crop == 0 => augment.crop = crop,
                _ => {
                    let allowed = "none, flip, crop:N or flip,crop:N, N from 1 to 100";
                    return Err(Error::domain("augment", text, allowed));
                }
            }
        }
        Ok(augment)
    }
}

/// The words that [`FromStr`] reads.
impl fmt::Display for Augment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.flip, self.crop) {
            (false, 0) => f.pad("none"),
            (true, 0) => f.pad("flip"),
            (false, crop) => write!(f, "crop:{crop}"),
            (true, crop) => write!(f, "flip,crop:{crop}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isomoment::simulate::streams::trajectory_stream;

    const IMAGE: ImageShape = ImageShape {
        channels: 2,
        rows: 2,
        columns: 3,
    };

    fn seen(augment: Augment) -> std::collections::BTreeSet<Vec<i32>> {
        let stream = &mut trajectory_stream(6, 0);
        let one = |_| {
            let mut row: Vec<f32> = (1..=12_u8).map(f32::from).collect();
            augment.apply(&mut row, IMAGE, 0.0, stream);
            row.iter().map(|&x| x as i32).collect()
        };
        (0..1000).map(one).collect()
    }

    /// Both mirror images, every part of the padded image, each channel alike, and nothing else.
    #[test]
    fn images_are_flipped_and_cut() {
        let flips = seen(Augment {
            flip: true,
            crop: 0,
        });
        let both = [
            (1..=12).collect::<Vec<i32>>(),
            vec![3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10],
        ];
        assert_eq!(flips, both.into());
        let crops = seen(Augment {
            flip: false,
            crop: 1,
        });
        assert_eq!(crops.len(), 9);
        for part in [
            [0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 7, 8],
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
            [5, 6, 0, 0, 0, 0, 11, 12, 0, 0, 0, 0],
        ] {
            assert!(crops.contains(part.as_slice()), "{part:?}");
        }
        assert_eq!(
            seen(Augment {
                flip: true,
                crop: 1
            })
            .len(),
            18
        );
        assert_eq!(seen(Augment::default()).len(), 1);
    }
}
