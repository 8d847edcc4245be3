//! Files that appear whole or not at all.

use std::fs::File;
#[cfg(unix)]
use std::fs::TryLockError;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file, still in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// File name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Artifact {
    /// A file of this name.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            bytes: bytes.into(),
        }
    }
}

/// A file or folder that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("output: {}: {reason}", path.display())]
pub struct FileError {
    path: PathBuf,
    reason: io::Error,
}

/// Beginning of the names of unfinished files.
const UNFINISHED: &str = ".isomoment-";

/// A folder that one run alone writes into, until this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Folder {
    /// The folder itself, locked; the system lets go of it when a run is killed.
    _lock: Option<File>,
}

/// Makes the folder, keeps other runs away from it, sees that a file can be written there before any long
/// work, and removes the unfinished files of a run that was killed.
///
/// # Errors
/// [`FileError`] with the folder and the system's reason, or that another run is writing there.
pub fn prepare(folder: &Path) -> Result<Folder, FileError> {
    let fail = |reason| FileError {
        path: folder.to_owned(),
        reason,
    };
    std::fs::create_dir_all(folder).map_err(fail)?;
    let lock = lock(folder).map_err(fail)?;
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            std::fs::remove_file(entry.path()).map_err(fail)?;
        }
    }
    unfinished(folder).map_err(fail)?;
    Ok(Folder { _lock: lock })
}

/// A file system that knows no locks has no second run kept away.
#[cfg(unix)]
fn lock(folder: &Path) -> io::Result<Option<File>> {
    let folder = File::open(folder)?;
    match folder.try_lock() {
        Ok(()) => Ok(Some(folder)),
        Err(TryLockError::WouldBlock) => Err(io::Error::other("another run is writing there")),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// Elsewhere a folder is no file.
#[cfg(not(unix))]
fn lock(_: &Path) -> io::Result<Option<File>> {
    Ok(None)
}

fn unfinished(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempfile_in(folder)
}

/// Writes every file under a temporary name in the folder, then renames it.
///
/// # Errors
/// [`FileError`] with the file and the system's reason.
pub fn write_all(folder: &Path, files: &[Artifact]) -> Result<(), FileError> {
    for file in files {
        let path = folder.join(&file.name);
        write(folder, &path, &file.bytes).map_err(|reason| FileError { path, reason })?;
    }
    Ok(())
}

fn write(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temporary = unfinished(folder)?;
    temporary.write_all(bytes)?;
    readable_by_all(temporary.as_file())?;
    temporary.persist(path)?;
    Ok(())
}

/// Temporary files are private; a report is not.
#[cfg(unix)]
fn readable_by_all(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

/// Elsewhere there is nothing to do.
#[cfg(not(unix))]
fn readable_by_all(_: &File) -> io::Result<()> {
    Ok(())
}
