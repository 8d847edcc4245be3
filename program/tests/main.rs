//! The program's tests, in one program: a test file for each subject.
//!
//! `cargo test -p isomoment-cli --test program report` runs one file's.

mod baselines;
mod command_lines;
mod common;
mod convolutions;
mod documents;
mod gain;
mod networks;
mod numbers;
mod page;
mod program;
mod report;
mod simulate;
mod simulate_kinds;
mod stable;
mod train;
mod train_options;

/// A file that is no module would never run.
#[test]
fn every_file_is_a_module() {
    let root = include_str!("main.rs");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let module = path.file_stem().unwrap().to_str().unwrap();
        let is_source = path.extension().is_some_and(|e| e == "rs") || path.join("mod.rs").exists();
        if is_source && module != "main" {
            assert!(root.contains(&format!("mod {module};\n")), "{path:?}");
            files += 1;
        }
    }
    assert!(files > 10);
}
