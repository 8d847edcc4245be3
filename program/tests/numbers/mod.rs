//! The subcommands that print numbers.

mod constants;
mod scales;

use crate::common::{isomoment, text};

fn json(arguments: &[&str]) -> serde_json::Value {
    let output = isomoment(&[arguments, &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a command prints.
fn printed(arguments: &[&str]) -> String {
    let output = isomoment(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}
