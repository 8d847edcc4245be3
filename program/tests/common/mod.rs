//! Running the program as a user does.

pub mod training;

use std::path::Path;
use std::process::{Command, Output};

/// The program's output for these arguments.
pub fn isomoment(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_isomoment"))
        .args(arguments)
        .output()
        .unwrap()
}

/// Runs in a folder; what it printed.
pub fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_isomoment"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(
        output.stderr.is_empty(),
        "not quiet: {}",
        text(&output.stderr)
    );
    text(&output.stdout)
}

/// Text in UTF-8.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Exit code 2, nothing on stdout, one line on stderr that has every one of the words.
pub fn refused(arguments: &[&str], words: &[&str]) {
    let output = isomoment(arguments);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
    assert!(output.stdout.is_empty(), "{arguments:?} printed something");
    assert_eq!(
        message.trim_end().lines().count(),
        1,
        "{arguments:?}: {message}"
    );
    for word in words {
        assert!(
            message.contains(word),
            "{arguments:?}: no '{word}' in: {message}"
        );
    }
}
