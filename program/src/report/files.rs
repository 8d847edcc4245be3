//! Files that appear whole or not at all.

use std::io::Write;
use std::path::Path;

use crate::report::{Artifact, ReportError};

/// Makes the folder and sees that a file can be written there, before any long work.
///
/// # Errors
/// [`ReportError`] with the folder and the system's reason.
pub fn prepare(folder: &Path) -> Result<(), ReportError> {
    let fail = |error| ReportError::new("output", format!("{}: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(fail)?;
    tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    Ok(())
}

/// Writes every file to a temporary name in the folder, then renames it.
///
/// # Errors
/// [`ReportError`] with the file and the system's reason.
pub fn write_all(folder: &Path, files: &[Artifact]) -> Result<(), ReportError> {
    for file in files {
        let path = folder.join(&file.name);
        let fail = |error| ReportError::new("output", format!("{}: {error}", path.display()));
        let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
        temporary.write_all(&file.bytes).map_err(fail)?;
        readable_by_all(temporary.as_file()).map_err(fail)?;
        temporary.persist(&path).map_err(|e| fail(e.error))?;
    }
    Ok(())
}

/// Temporary files are private; a report is not.
#[cfg(unix)]
pub(crate) fn readable_by_all(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
pub(crate) fn readable_by_all(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}
