//! Finished networks on disk: an interrupted experiment goes on where it stopped.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::output::{Artifact, write_all};
use crate::train::experiment::TrainError;
use crate::train::trained::Trained;

/// Everything that decides a network's bits, but its scheme and number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// Name of the data.
    pub data: String,
    /// The units, in words.
    pub units: String,
    /// Layers.
    pub depth: usize,
    /// Units of a hidden layer.
    pub width: usize,
    /// The optimizer's rule.
    pub optimizer: String,
    /// Learning rate.
    pub rate: f32,
    /// Examples in a batch.
    pub batch: usize,
    /// Epochs.
    pub epochs: usize,
    /// Seed of the experiment.
    pub seed: u64,
    /// Options at other values than their defaults, as they are typed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
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
pub(super) fn keep(
    folder: &Path,
    setting: Setting,
    trained: Trained,
) -> Result<Trained, TrainError> {
    let name = name(&setting, (&trained.scheme, trained.network));
    let checkpoint = Checkpoint { setting, trained };
    let bytes = serde_json::to_vec_pretty(&checkpoint)?;
    write_all(folder, &[Artifact { name, bytes }])?;
    Ok(checkpoint.trained)
}

/// The network of this scheme and number, where an earlier run of the same setting finished it.
pub(super) fn finished(
    folder: &Path,
    setting: &Setting,
    case: (&str, u64),
) -> Result<Option<Trained>, TrainError> {
    let path: PathBuf = folder.join(name(setting, case));
    let Ok(bytes) = std::fs::read(&path) else {
        return Ok(None);
    };
    let other = || TrainError::Other(path.clone());
    let checkpoint: Checkpoint = serde_json::from_slice(&bytes).map_err(|_| other())?;
    let trained = checkpoint.trained;
    if checkpoint.setting != *setting || (trained.scheme.as_str(), trained.network) != case {
        return Err(other());
    }
    Ok(Some(trained))
}
