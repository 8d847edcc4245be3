//! Any bytes are read as IDX files and records of an experiment or refused: no panic, and no more
//! memory than the bytes ask for.
#![no_main]

use isomoment_cli::train::{read_epochs, read_images, read_labels, read_starts};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(images) = read_images(bytes) {
        assert!(!images.values.is_empty() && images.values.len() % images.pixels == 0);
    }
    let _ = read_labels(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = read_epochs(text);
        let _ = read_starts(text);
    }
});
