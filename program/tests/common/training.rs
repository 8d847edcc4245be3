//! Running `isomoment train` as a user does.

use std::path::Path;
use std::process::{Command, Output};

/// What it says with these options, the experiment's folder beside them.
pub fn run(folder: &Path, options: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_isomoment"));
    command.arg("train").args(options.split_whitespace());
    command.arg("--output").arg(folder).output().unwrap()
}

/// Exit code 2, nothing on stdout, one line on stderr that has the message.
pub fn refused(folder: &Path, options: &str, message: &str) {
    let output = run(folder, options);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{options}: {error}");
    let one_line = error.contains(message) && error.lines().count() == 1;
    assert!(one_line && output.stdout.is_empty(), "{options}: {error}");
}
