//! The data of a training experiment: a folder's files, or the embedded digits.

use std::path::{Path, PathBuf};

use crate::cli::outcome::Refusal;
use crate::train::{Labels, Pixels, Split};

/// What the options say of the data.
#[derive(Debug, Clone, PartialEq)]
pub struct DataOptions {
    pub pixels: Pixels,
    pub labels: Labels,
}

impl DataOptions {
    /// Those that are not as they are by default, as they are typed.
    pub fn others(&self) -> Vec<String> {
        let mut others = Vec::new();
        if self.pixels != Pixels::SYMMETRIC {
            others.push(format!("--pixels {}", self.pixels));
        }
        if self.labels != Labels::DIGITS {
            others.push(format!("--labels {}", self.labels));
        }
        others
    }
}

/// The data and its name, by which a checkpoint knows it.
pub fn load(folder: Option<&Path>, options: &DataOptions) -> Result<(Split, String), Refusal> {
    let Some(folder) = folder else {
        if options.labels != Labels::DIGITS {
            return Err(Refusal(format!(
                "--labels is {}; it must be 0-9 on the embedded digits",
                options.labels
            )));
        }
        return Ok((Split::digits(options.pixels), "UCI digits".into()));
    };
    let read = |part: &[&str], kind: &str| -> Result<Vec<u8>, Refusal> {
        let path = idx_file(folder, part, kind)?;
        std::fs::read(&path).map_err(|e| Refusal(format!("--data: {}: {e}", path.display())))
    };
    let [a, b, c, d] = [
        read(&TRAIN, "images")?,
        read(&TRAIN, "labels")?,
        read(&TEST, "images")?,
        read(&TEST, "labels")?,
    ];
    let split = Split::from_idx(&a, &b, &c, &d, options.pixels, &options.labels)
        .map_err(|e| Refusal(format!("--data {}: {e}", folder.display())))?;
    let sizes = (
        split.train.len(),
        split.test.len(),
        split.train.inputs_per_row,
    );
    Ok((
        split,
        format!(
            "IDX, {} + {} images of {} pixels",
            sizes.0, sizes.1, sizes.2
        ),
    ))
}

/// First words of the files' names.
const TRAIN: [&str; 1] = ["train"];
const TEST: [&str; 2] = ["t10k", "test"];

/// The one file of this part and kind: `train-images-idx3-ubyte`, with a dot for the last hyphen but
/// one, zipped, or with a data set's name in front, as EMNIST's are.
fn idx_file(folder: &Path, part: &[&str], kind: &str) -> Result<PathBuf, Refusal> {
    let dimensions = if kind == "images" { 3 } else { 1 };
    let mut names = Vec::new();
    for word in part {
        for ending in ["", ".gz"] {
            for mark in ['-', '.'] {
                names.push(format!("{word}-{kind}{mark}idx{dimensions}-ubyte{ending}"));
            }
        }
    }
    let usual = names.iter().map(|name| folder.join(name));
    if let Some(path) = usual.into_iter().find(|path| path.exists()) {
        return Ok(path);
    }
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let longer = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        names
            .iter()
            .any(|usual| name.ends_with(&format!("-{usual}")))
    };
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(longer).collect();
    found.sort();
    match &found[..] {
        [] => Ok(folder.join(&names[0])),
        [one] => Ok(one.clone()),
        [first, second, ..] => Err(Refusal(format!(
            "--data: both {} and {}; keep the files of one data set in a folder",
            first.display(),
            second.display()
        ))),
    }
}
