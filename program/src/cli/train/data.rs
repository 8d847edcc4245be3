//! The data of a training experiment: a folder's files, or the embedded digits.

use std::path::{Path, PathBuf};

use crate::cli::outcome::Refusal;
use crate::train::{Labels, Pixels, Split, check_cifar_lengths};

/// What the options say of the data.
#[derive(Debug, Clone, PartialEq)]
pub struct DataOptions {
    pub pixels: Pixels,
    pub labels: Labels,
    /// Grey images in the form of CIFAR-10's.
    pub stand_in: bool,
    /// The preset that is for CIFAR-10's images alone.
    pub cifar_preset: Option<&'static str>,
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
    let cifar = folder.and_then(cifar_folder);
    if let (Some(preset), None, false) = (options.cifar_preset, &cifar, options.stand_in) {
        return Err(Refusal(format!(
            "--preset {preset} needs the binary files of CIFAR-10 in --data, or --stand-in"
        )));
    }
    let (split, name) = match &cifar {
        Some(folder) => cifar10(folder, options)?,
        None => grey(folder, options)?,
    };
    if !options.stand_in {
        return Ok((split, name));
    }
    let from = folder.map_or(String::new(), |folder| format!(" {}", folder.display()));
    let split = split
        .stand_in()
        .map_err(|e| Refusal(format!("--stand-in: --data{from}: {e}")))?;
    Ok((split, format!("stand-in for CIFAR-10: {name}")))
}

/// Where the binary files of CIFAR-10 are: the folder, or the one that its archive makes there.
fn cifar_folder(folder: &Path) -> Option<PathBuf> {
    let inner = folder.join("cifar-10-batches-bin");
    let has_batch = |folder: &PathBuf| folder.join("data_batch_1.bin").exists();
    [folder.to_owned(), inner].into_iter().find(has_batch)
}

fn cifar10(folder: &Path, options: &DataOptions) -> Result<(Split, String), Refusal> {
    if options.labels != Labels::DIGITS {
        return Err(Refusal(format!(
            "--labels is {}; it must be 0-9 on CIFAR-10",
            options.labels
        )));
    }
    let refused = |e: isomoment::Error| Refusal(format!("--data {}: {e}", folder.display()));
    let train: Vec<PathBuf> = (1..=5)
        .map(|k| folder.join(format!("data_batch_{k}.bin")))
        .collect();
    let test = folder.join("test_batch.bin");
    let unreadable =
        |path: &Path, e: std::io::Error| Refusal(format!("--data: {}: {e}", path.display()));
    let length = |path: &PathBuf| {
        let metadata = std::fs::metadata(path).map_err(|e| unreadable(path, e))?;
        Ok(metadata.len())
    };
    // before a byte is read
    let lengths: Vec<u64> = train.iter().map(length).collect::<Result<_, Refusal>>()?;
    check_cifar_lengths(&lengths).map_err(refused)?;
    check_cifar_lengths(&[length(&test)?]).map_err(refused)?;
    let read = |path: &PathBuf| std::fs::read(path).map_err(|e| unreadable(path, e));
    let batches: Vec<Vec<u8>> = train.iter().map(read).collect::<Result<_, Refusal>>()?;
    let split = Split::from_cifar10(&batches, read(&test)?, options.pixels).map_err(refused)?;
    let name = format!(
        "CIFAR-10, {} + {} images",
        split.train.len(),
        split.test.len()
    );
    Ok((split, name))
}

/// Grey images: a folder's IDX files, or the embedded digits.
fn grey(folder: Option<&Path>, options: &DataOptions) -> Result<(Split, String), Refusal> {
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
