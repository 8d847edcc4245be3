//! Parts of a simulation: files with the paths of consecutive trajectories.
//!
//! A part is a line that names the format, a line of JSON (version, title, the run's description,
//! first trajectory, count, numbers per trajectory), and the numbers, little-endian doubles: for
//! each trajectory the log-norms, then the cosines, then those of tangents and gradients. It appears whole, under its final name, or not
//! at all.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::simulate::runs::description::Description;
use crate::simulate::runs::error::RunError;

const FORMAT: &str = "isomoment paths 3\n";

/// Longest line of JSON that is read: no file makes the program allocate more.
const LONGEST_HEADER: u64 = 1 << 20;

/// What a part says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    pub version: String,
    /// What the caller called the run.
    pub title: String,
    pub run: Description,
    pub first: u64,
    pub count: u64,
    /// Numbers per trajectory.
    pub row: u64,
}

impl Header {
    /// The trajectories of the part.
    pub fn range(&self) -> Range<u64> {
        self.first..self.first + self.count
    }

    /// Whether both come from the same run, whatever it was called.
    pub fn same_run(&self, other: &Self) -> bool {
        (&self.version, &self.run, self.row) == (&other.version, &other.run, other.row)
    }
}

/// A part file with a valid header and the length that it promises.
#[derive(Debug, Clone)]
pub struct Part {
    pub path: PathBuf,
    pub header: Header,
}

impl Part {
    /// Reads the header.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        Ok(Self::start(path)?.0)
    }

    /// The part and a reader at its first number.
    fn start(path: &Path) -> Result<(Self, BufReader<File>), RunError> {
        let fail = |reason: String| RunError::file(path, reason);
        let file = File::open(path).map_err(|e| fail(e.to_string()))?;
        let length = file.metadata().map_err(|e| fail(e.to_string()))?.len();
        let mut reader = BufReader::with_capacity(1 << 16, file);
        let mut line = String::new();
        let mut read_line = |line: &mut String| {
            line.clear();
            let read = reader.by_ref().take(LONGEST_HEADER).read_line(line);
            read.map_err(|_| fail("it is no part of a simulation".into()))
        };
        let mut start = read_line(&mut line)?;
        if line != FORMAT {
            return Err(fail("it is no part of a simulation".into()));
        }
        start += read_line(&mut line)?;
        let header: Header = serde_json::from_str(&line)
            .map_err(|e| fail(format!("its header is damaged ({e})")))?;
        let numbers = header.count.checked_mul(header.row);
        let bytes = numbers.and_then(|n| n.checked_mul(8)?.checked_add(start as u64));
        let end = header.first.checked_add(header.count);
        if bytes != Some(length) || end.is_none() || header.row == 0 {
            return Err(fail(format!(
                "it is damaged: {length} bytes do not hold {} trajectories of {} numbers",
                header.count, header.row
            )));
        }
        let part = Self {
            path: path.to_owned(),
            header,
        };
        Ok((part, reader))
    }

    /// Hands every trajectory's numbers to `take`, in order.
    pub fn read<E: From<RunError>>(
        &self,
        mut take: impl FnMut(u64, &[f64]) -> Result<(), E>,
    ) -> Result<(), E> {
        let (part, mut reader) = Self::start(&self.path)?;
        let mut bytes = vec![0; part.header.row as usize * 8];
        let mut row = vec![0.0; part.header.row as usize];
        for trajectory in part.header.range() {
            reader
                .read_exact(&mut bytes)
                .map_err(|e| RunError::file(&self.path, e))?;
            for (number, eight) in row.iter_mut().zip(bytes.as_chunks::<8>().0) {
                *number = f64::from_le_bytes(*eight);
            }
            take(trajectory, &row)?;
        }
        Ok(())
    }
}

/// A part that is being written.
pub struct PartWriter {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl PartWriter {
    /// Begins a part that will appear at `path`.
    pub fn create(path: &Path, header: &Header) -> Result<Self, RunError> {
        let json = serde_json::to_string(header).map_err(|e| RunError::file(path, e))?;
        if json.len() as u64 >= LONGEST_HEADER {
            let reason = "the run has more different layers, or more recorded ones in a list, or \
                          a larger image than \
                          its parts can name";
            return Err(RunError::file(path, reason));
        }
        let mut writer = Self {
            file: BufWriter::with_capacity(1 << 16, unfinished(path)?),
            path: path.to_owned(),
        };
        writer.bytes(format!("{FORMAT}{json}\n").as_bytes())?;
        Ok(writer)
    }

    /// Appends one trajectory's numbers.
    pub fn push(&mut self, numbers: impl Iterator<Item = f64>) -> Result<(), RunError> {
        for number in numbers {
            self.bytes(&number.to_le_bytes())?;
        }
        Ok(())
    }

    /// Gives the part its name.
    pub fn finish(self) -> Result<(), RunError> {
        let path = self.path;
        let temporary = self
            .file
            .into_inner()
            .map_err(|e| RunError::file(&path, e.error()))?;
        persist(temporary, &path)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), RunError> {
        let written = self.file.write_all(bytes);
        written.map_err(|e| RunError::file(&self.path, e))
    }
}

/// How the names of files that are being written begin.
pub const UNFINISHED: &str = ".isomoment-";

/// A temporary file beside the one that is to appear at `path`.
pub fn unfinished(path: &Path) -> Result<NamedTempFile, RunError> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    // temporary files are private; a result is as readable as any file
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let made = builder.tempfile_in(folder.unwrap_or(Path::new(".")));
    made.map_err(|e| RunError::file(path, e))
}

/// Gives a finished temporary file its name.
pub fn persist(temporary: NamedTempFile, path: &Path) -> Result<(), RunError> {
    let renamed = temporary.persist(path);
    renamed
        .map(|_| ())
        .map_err(|e| RunError::file(path, e.error))
}
