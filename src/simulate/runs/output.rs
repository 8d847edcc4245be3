//! From parts to what was asked for: one CSV, NPZ or part file, and the statistics. Streaming: one
//! trajectory at a time.

use std::error::Error as StdError;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use npyz::WriterBuilder;
use tempfile::NamedTempFile;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::error::{Error, Result};
use crate::simulate::runs::error::RunError;
use crate::simulate::runs::part::{Header, Part, PartWriter, persist, unfinished};
use crate::simulate::runs::statistics::Statistics;
use crate::simulate::runs::work::Work;

/// What a file of paths looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathsFormat {
    /// A line for each trajectory and recorded layer: `trajectory,layer,log_norm`; with several
    /// inputs `log_norm_1,…,cosine_1_2,…`, with gradients `log_norm,tangent,gradient`. Trajectories count
    /// from 0.
    Csv,
    /// NumPy's archive, for `numpy.load`: `log_norm` (trajectory, layer[, input]), `cosine`
    /// (trajectory, layer, pair) for several inputs, `tangent` and `gradient` (trajectory, layer) with
    /// gradients, `layer`, `trajectory`; and `run.json`, which says what was simulated.
    Npz,
    /// A part, for [`merge`](crate::simulate::runs::merge).
    Part,
}

impl PathsFormat {
    /// By the ending of the file's name.
    ///
    /// # Errors
    /// [`Error::Domain`] for other endings.
    pub fn of(path: &Path) -> Result<Self> {
        match path.extension().and_then(|e| e.to_str()) {
            Some("csv") => Ok(Self::Csv),
            Some("npz") => Ok(Self::Npz),
            Some("part") => Ok(Self::Part),
            _ => {
                let allowed = "a name that ends in .csv, .npz or .part";
                Err(Error::domain("output", path.display(), allowed))
            }
        }
    }
}

/// Names of the products with the Jacobian.
const PRODUCTS: [&str; 2] = ["tangent", "gradient"];

/// Whatever stops a writer.
type Failure = Box<dyn StdError + Send + Sync>;

/// Writes the parts, which follow one another, to `path`, and forms their statistics.
pub(super) fn deliver(
    parts: &[Part],
    work: &Work,
    path: &Path,
    format: PathsFormat,
) -> std::result::Result<Statistics, RunError> {
    let whole = whole(parts);
    let write = |file| match format {
        PathsFormat::Csv => csv(parts, work, file),
        _ => npz(parts, &whole, work, file),
    };
    if format == PathsFormat::Part {
        let mut writer = PartWriter::create(path, &whole)?;
        for part in parts {
            part.read::<RunError>(|_, row| writer.push(row.iter().copied()))?;
        }
        writer.finish()?;
    } else {
        let file = write(unfinished(path)?);
        persist(file.map_err(|e| RunError::file(path, e))?, path)?;
    }
    let mut statistics = Statistics::new(work);
    let mut chunk = statistics.emptied();
    for part in parts {
        part.read::<RunError>(|trajectory, row| {
            statistics.add_row(&mut chunk, trajectory, row);
            Ok(())
        })?;
    }
    statistics.merge(&chunk);
    Ok(statistics)
}

/// Whether the parts, which follow one another, are the whole run.
pub(super) fn is_whole_run(parts: &[Part]) -> bool {
    let whole = whole(parts);
    whole.range() == (0..whole.run.trajectories)
}

/// The header of all parts together.
fn whole(parts: &[Part]) -> Header {
    let mut header = parts[0].header.clone();
    header.count = parts.iter().map(|part| part.header.count).sum();
    header
}

/// As [`PathsFormat::Csv`] says.
fn csv(
    parts: &[Part],
    work: &Work,
    file: NamedTempFile,
) -> std::result::Result<NamedTempFile, Failure> {
    let inputs = work.networks.inputs();
    let layers = work.record.as_slice();
    let mut names = vec!["trajectory".to_owned(), "layer".to_owned()];
    if inputs == 1 {
        names.push("log_norm".into());
    } else {
        names.extend((1..=inputs).map(|i| format!("log_norm_{i}")));
        names.extend(pairs(inputs).map(|(i, j)| format!("cosine_{i}_{j}")));
    }
    if work.networks.has_gradient() {
        names.extend(PRODUCTS.map(str::to_owned));
    }
    let mut writer = csv::Writer::from_writer(file);
    writer.write_record(&names)?;
    let pairs = pairs(inputs).count();
    for part in parts {
        part.read::<Failure>(|trajectory, row| {
            let (norms, rest) = row.split_at(layers.len() * inputs);
            let (cosines, products) = rest.split_at(layers.len() * pairs);
            for (record, layer) in layers.iter().enumerate() {
                let norms = &norms[record * inputs..][..inputs];
                let cosines = &cosines[record * pairs..][..pairs];
                let products = products.iter().skip(record).step_by(layers.len());
                let numbers = norms.iter().chain(cosines).chain(products);
                let numbers = numbers.map(|x| format!("{x:?}"));
                let place = [trajectory.to_string(), layer.to_string()];
                writer.write_record(place.into_iter().chain(numbers))?;
            }
            Ok(())
        })?;
    }
    let file = writer.into_inner();
    file.map_err(|e| e.into_error().into())
}

/// As [`PathsFormat::Npz`] says.
fn npz(
    parts: &[Part],
    whole: &Header,
    work: &Work,
    file: NamedTempFile,
) -> std::result::Result<NamedTempFile, Failure> {
    let inputs = work.networks.inputs();
    let layers = work.record.as_slice();
    let records = layers.len();
    let pairs = pairs(inputs).count() as u64;
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .large_file(true);
    let mut archive = ZipWriter::new(Latch {
        inner: BufWriter::with_capacity(1 << 16, file),
        error: None,
    });
    let mut shape = vec![whole.count, records as u64];
    if inputs > 1 {
        shape.push(inputs as u64);
    }
    archive.start_file("log_norm.npy", options)?;
    doubles(&mut archive, &shape, parts, 0..records * inputs)?;
    if inputs > 1 {
        let row = whole.row as usize;
        archive.start_file("cosine.npy", options)?;
        doubles(
            &mut archive,
            &[whole.count, records as u64, pairs],
            parts,
            records * inputs..row,
        )?;
    }
    if work.networks.has_gradient() {
        let shape = [whole.count, records as u64];
        let first = whole.row as usize - PRODUCTS.len() * records;
        for (product, name) in PRODUCTS.iter().enumerate() {
            let start = first + product * records;
            archive.start_file(format!("{name}.npy"), options)?;
            doubles(&mut archive, &shape, parts, start..start + records)?;
        }
    }
    archive.start_file("layer.npy", options)?;
    let layer_numbers = layers.iter().map(|&layer| layer as i64);
    integers(&mut archive, layers.len() as u64, layer_numbers)?;
    archive.start_file("trajectory.npy", options)?;
    integers(&mut archive, whole.count, whole.range().map(|t| t as i64))?;
    archive.start_file("run.json", options)?;
    serde_json::to_writer_pretty(&mut archive, whole)?;
    let latch = archive.finish()?;
    if let Some(error) = latch.error {
        return Err(error.into());
    }
    let file = latch.inner.into_inner();
    file.map_err(|e| e.into_error().into())
}

/// A file whose first error is kept and whose later writes go nowhere: an archive complains of
/// every error again when it is dropped.
struct Latch {
    inner: BufWriter<NamedTempFile>,
    error: Option<io::Error>,
}

impl Latch {
    fn attempt<T>(
        &mut self,
        otherwise: T,
        work: impl FnOnce(&mut BufWriter<NamedTempFile>) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.error.is_none() {
            match work(&mut self.inner) {
                Ok(done) => return Ok(done),
                Err(error) => self.error = Some(error),
            }
        }
        Ok(otherwise)
    }
}

impl Write for Latch {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.attempt(bytes.len(), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt((), Write::flush)
    }
}

impl Seek for Latch {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.attempt(0, |file| file.seek(position))
    }
}

/// An array of the numbers in `columns` of every trajectory.
fn doubles(
    file: &mut impl Write,
    shape: &[u64],
    parts: &[Part],
    columns: std::ops::Range<usize>,
) -> std::result::Result<(), Failure> {
    let mut array = npyz::WriteOptions::<f64>::new()
        .default_dtype()
        .shape(shape)
        .writer(file)
        .begin_nd()?;
    for part in parts {
        part.read::<Failure>(|_, row| Ok(array.extend(row[columns.clone()].iter().copied())?))?;
    }
    Ok(array.finish()?)
}

fn integers(
    file: &mut impl Write,
    count: u64,
    values: impl Iterator<Item = i64>,
) -> std::result::Result<(), Failure> {
    let mut array = npyz::WriteOptions::<i64>::new()
        .default_dtype()
        .shape(&[count])
        .writer(file)
        .begin_nd()?;
    array.extend(values)?;
    Ok(array.finish()?)
}

/// (1,2), (1,3), …, (2,3), …
fn pairs(inputs: usize) -> impl Iterator<Item = (usize, usize)> {
    (1..=inputs).flat_map(move |i| (i + 1..=inputs).map(move |j| (i, j)))
}
