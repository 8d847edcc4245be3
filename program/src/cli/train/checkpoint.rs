//! Finished networks on disk: an interrupted experiment goes on where it stopped.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cli::Refusal;
use crate::output::{Artifact, write_all};
use crate::train::Trained;

/// Everything that decides a network's bits, but its scheme and number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    pub data: String,
    pub units: String,
    pub depth: usize,
    pub width: usize,
    pub optimizer: String,
    pub rate: f32,
    pub batch: usize,
    pub epochs: usize,
    pub seed: u64,
}

/// A finished network as it is kept.
#[derive(Serialize, Deserialize)]
struct Checkpoint {
    setting: Setting,
    trained: Trained,
}

fn name(setting: &Setting, (scheme, network): (&str, u64)) -> String {
    let scheme = scheme.replace([':', '/'], "-");
    format!(
        "{}x{}-{scheme}-{network}.json",
        setting.width, setting.depth
    )
}

/// Writes the network down.
pub fn keep(folder: &Path, setting: Setting, trained: Trained) -> Result<Trained, Refusal> {
    let name = name(&setting, (&trained.scheme, trained.network));
    let checkpoint = Checkpoint { setting, trained };
    let bytes = serde_json::to_vec_pretty(&checkpoint)?;
    write_all(folder, &[Artifact { name, bytes }])?;
    Ok(checkpoint.trained)
}

/// The network of this scheme and number, where an earlier run of the same setting finished it.
pub fn finished(
    folder: &Path,
    setting: &Setting,
    case: (&str, u64),
) -> Result<Option<Trained>, Refusal> {
    let path: PathBuf = folder.join(name(setting, case));
    let Ok(bytes) = std::fs::read(&path) else {
        return Ok(None);
    };
    let other = || {
        Refusal(format!(
            "{} is of another experiment; give another --output",
            path.display()
        ))
    };
    let checkpoint: Checkpoint = serde_json::from_slice(&bytes).map_err(|_| other())?;
    let trained = checkpoint.trained;
    if checkpoint.setting != *setting || (trained.scheme.as_str(), trained.network) != case {
        return Err(other());
    }
    Ok(Some(trained))
}
