//! Files that appear whole or not at all.

use std::fs::File;
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

/// Makes the folder and sees that a file can be written there, before any long work.
///
/// # Errors
/// [`FileError`] with the folder and the system's reason.
pub fn prepare(folder: &Path) -> Result<(), FileError> {
    let fail = |reason| FileError {
        path: folder.to_owned(),
        reason,
    };
    std::fs::create_dir_all(folder).map_err(fail)?;
    NamedTempFile::new_in(folder).map_err(fail)?;
    Ok(())
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
    let mut temporary = NamedTempFile::new_in(folder)?;
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
