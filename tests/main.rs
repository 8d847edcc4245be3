//! The library's tests, in one program: a test file for each subject, those that need a feature only with it.
//!
//! `cargo test -p isomoment two_routes` runs one file's.

#[cfg(feature = "certified")]
mod certified;
mod depth;
mod diagnosis;
#[cfg(feature = "simulate")]
mod entries;
mod gain;
#[cfg(feature = "simulate")]
mod goodness;
#[cfg(feature = "runs")]
mod gradients;
#[cfg(feature = "simulate")]
mod instructions;
#[cfg(feature = "simulate")]
mod levels;
#[cfg(feature = "simulate")]
mod normals;
#[cfg(feature = "theorems")]
mod paper;
mod properties;
mod reference_tables;
mod residual;
mod residual_depth;
#[cfg(feature = "runs")]
mod runs;
mod schemes;
mod stable;
#[cfg(feature = "simulate")]
mod stable_networks;
#[cfg(feature = "simulate")]
mod statistics_domains;
#[cfg(feature = "simulate")]
mod summary;
#[cfg(feature = "simulate")]
mod tail;
#[cfg(feature = "theorems")]
mod theorems;
mod two_routes;

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
