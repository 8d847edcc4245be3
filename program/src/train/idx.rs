//! The IDX format of MNIST, plain or gzip.

use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;

use isomoment::{Error, Result};

/// First bytes of a file of unsigned bytes in three, or one, dimensions.
const IMAGES: u32 = 0x0803;
const LABELS: u32 = 0x0801;

/// More bytes than any file of this kind has.
const MOST_BYTES: u64 = 1 << 31;

/// Grey values of equally large images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// Number of pixels of an image.
    pub pixels: usize,
    /// Its number of rows.
    pub rows: usize,
    /// Image after image, row after row.
    pub values: Vec<u8>,
}

/// Images from the bytes of an IDX file with three dimensions, gzip or not.
///
/// ```
/// use isomoment_cli::train::read_images;
/// let file = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 7, 9];
/// let images = read_images(&file)?;
/// assert_eq!((images.pixels, images.values), (2, vec![7, 9]));
/// # Ok::<(), isomoment::Error>(())
/// ```
///
/// # Errors
/// [`Error::Domain`] for another magic number, for a size that is 0 or that the file does not have.
pub fn read_images(file: &[u8]) -> Result<Images> {
    let mut reader = reader(file);
    let [count, rows, columns] = header(&mut reader, "images", IMAGES)?;
    let pixels = rows * columns;
    Ok(Images {
        pixels: usize::try_from(pixels).map_err(|_| too_large("images", pixels))?,
        rows: rows as usize,
        values: body(&mut reader, "images", count, pixels)?,
    })
}

/// Labels from the bytes of an IDX file with one dimension, gzip or not.
///
/// # Errors
/// As [`read_images`].
pub fn read_labels(file: &[u8]) -> Result<Vec<u8>> {
    let mut reader = reader(file);
    let [count] = header(&mut reader, "labels", LABELS)?;
    body(&mut reader, "labels", count, 1)
}

fn reader(file: &[u8]) -> Box<dyn Read + '_> {
    if file.starts_with(&[0x1f, 0x8b]) {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(Cursor::new(file))
    }
}

/// The sizes, after the magic number.
fn header<const N: usize>(
    reader: &mut dyn Read,
    what: &'static str,
    magic: u32,
) -> Result<[u64; N]> {
    let mut word = || -> Result<u32> {
        let mut bytes = [0; 4];
        let unreadable = |e| Error::domain(what, format!("unreadable ({e})"), "an IDX file");
        reader.read_exact(&mut bytes).map_err(unreadable)?;
        Ok(u32::from_be_bytes(bytes))
    };
    let found = word()?;
    if found != magic {
        let allowed = match magic {
            IMAGES => "00000803 (an IDX file of bytes in three dimensions)",
            _ => "00000801 (an IDX file of bytes in one dimension)",
        };
        return Err(Error::domain(
            what,
            format!("a file that begins with {found:08x}"),
            allowed,
        ));
    }
    let mut sizes = [0; N];
    for size in &mut sizes {
        *size = u64::from(word()?);
        if *size == 0 {
            return Err(Error::domain(what, "a file with a size of 0", "not empty"));
        }
    }
    Ok(sizes)
}

/// Exactly as many bytes as the sizes say; memory grows with what is there, not with what is said.
fn body(reader: &mut dyn Read, what: &'static str, count: u64, each: u64) -> Result<Vec<u8>> {
    let wanted = count
        .checked_mul(each)
        .filter(|&wanted| wanted <= MOST_BYTES);
    let wanted = wanted.ok_or_else(|| too_large(what, count))?;
    let mut values = Vec::new();
    let unreadable = |e| Error::domain(what, format!("unreadable ({e})"), "an IDX file");
    reader
        .take(wanted + 1)
        .read_to_end(&mut values)
        .map_err(unreadable)?;
    if values.len() as u64 != wanted {
        let more = if values.len() as u64 > wanted {
            "more"
        } else {
            "fewer"
        };
        let value = format!("a file with {more} than the {wanted} bytes that its sizes promise");
        return Err(Error::domain(what, value, "as long as its sizes say"));
    }
    Ok(values)
}

fn too_large(what: &'static str, size: u64) -> Error {
    Error::domain(
        what,
        format!("a file with sizes like {size}"),
        "at most 2 GiB",
    )
}
