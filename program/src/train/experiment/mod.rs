//! An experiment: every architecture with every scheme, interrupted and resumed without a bit's
//! difference.

mod checkpoint;
mod outcome;

pub use checkpoint::Setting;
pub use outcome::Outcome;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::output::{FileError, prepare, write_all};
use crate::train::architecture::{Architecture, WidthOf};
use crate::train::augment::Augment;
use crate::train::data::Split;
use crate::train::front::Convolution;
use crate::train::init::{Bias, Init};
use crate::train::optimizer::Schedule;
use crate::train::start::{Start, StartFit, fit_biased_starts, fit_starts, start};
use crate::train::trained::{Draw, Epoch, Recipe, Trained, train};
use checkpoint::{finished, keep};

/// Networks of each scheme and architecture whose log-norm is compared with the exact law before
/// any is trained.
const STARTS: u64 = 400;

/// What is trained, on what, how, and how often.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// The examples.
    pub data: Split,
    /// Their name, by which a finished network knows them.
    pub data_name: String,
    /// Options that made the data other than they are by default, as they are typed.
    pub data_options: Vec<String>,
    /// The units in words, likewise.
    pub units: String,
    /// The architectures.
    pub architectures: Vec<Architecture>,
    /// The schemes, each with every architecture.
    pub schemes: Vec<Init>,
    /// How a network is trained.
    pub recipe: Recipe,
    /// Networks of each scheme and architecture.
    pub networks: u64,
    /// Seed: the same seed gives the same bits on any number of threads.
    pub seed: u64,
}

/// Why an experiment stopped, or could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// An argument lies outside its range.
    #[error(transparent)]
    Refused(#[from] isomoment::Error),
    /// A file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A finished network in the folder is of another experiment.
    #[error("{} is of another experiment; give another --output", .0.display())]
    Other(PathBuf),
    /// JSON cannot hold the results.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// What an experiment tells while it works.
#[derive(Debug, Clone, Copy)]
pub enum TrainProgress<'a> {
    /// A network finished an epoch.
    Epoch(Init, &'a Epoch),
    /// An earlier run had finished a network.
    Found,
}

impl Experiment {
    /// Epochs of all networks together.
    pub fn epochs(&self) -> u64 {
        let networks = self.cases().count() as u64 * self.networks;
        networks.saturating_mul(self.recipe.epochs as u64)
    }

    /// Runs it on the threads of the current pool, and writes [`Outcome::files`] into the folder.
    ///
    /// Finished networks are kept in `folder/networks`, and found there by the same experiment.
    ///
    /// # Errors
    /// [`TrainError`]; a scheme that has no scale for an architecture is refused before any work.
    pub fn run(
        &self,
        folder: &Path,
        progress: &(dyn Fn(TrainProgress) + Sync),
    ) -> Result<Outcome, TrainError> {
        for (architecture, scheme) in self.cases() {
            architecture.deviations(scheme.on(&self.data), architecture.ends(&self.data)?)?;
        }
        let networks = folder.join("networks");
        let _alone = prepare(&networks)?;
        let (starts, fits) = self.starts()?;
        let trained = self.trained(&networks, progress)?;
        let settings = self.architectures.iter();
        let outcome = Outcome {
            settings: settings.map(|a| self.setting(a)).collect(),
            starts,
            fits,
            trained,
        };
        write_all(folder, &outcome.files()?)?;
        Ok(outcome)
    }

    /// Every architecture with every scheme.
    fn cases(&self) -> impl Iterator<Item = (&Architecture, Init)> {
        self.architectures.iter().flat_map(|architecture| {
            let schemes = self.schemes.iter();
            schemes.map(move |&scheme| (architecture, scheme))
        })
    }

    /// Log-norms at initialisation, and their fit to the exact law.
    fn starts(&self) -> Result<(Vec<Start>, Vec<StartFit>), TrainError> {
        let seed = self.seed;
        let (mut starts, mut fits) = (Vec::new(), Vec::new());
        for (architecture, scheme) in self.cases() {
            let one = |network| start(architecture, scheme, &self.data, Draw { seed, network });
            let own: isomoment::Result<Vec<Start>> = (0..STARTS).into_par_iter().map(one).collect();
            let own = own?;
            fits.extend(match architecture.bias {
                _ if !scheme.has_law() => Vec::new(),
                Bias::Zero => {
                    let ends = architecture.ends(&self.data)?;
                    fit_starts(&own, architecture, scheme.on(&self.data), ends)?
                }
                _ => fit_biased_starts(&own, architecture, scheme, &self.data, seed)?,
            });
            starts.extend(own);
        }
        Ok((starts, fits))
    }

    /// Every network of the experiment; those that an earlier run finished are read.
    fn trained(
        &self,
        folder: &Path,
        progress: &(dyn Fn(TrainProgress) + Sync),
    ) -> Result<Vec<Trained>, TrainError> {
        let jobs: Vec<(&Architecture, Init, u64)> = self
            .cases()
            .flat_map(|(architecture, scheme)| {
                (0..self.networks).map(move |network| (architecture, scheme, network))
            })
            .collect();
        let one = |&(architecture, scheme, network): &(&Architecture, Init, u64)| {
            let setting = self.setting(architecture);
            let name = scheme.to_string();
            if let Some(trained) = finished(folder, &setting, (name.as_str(), network))? {
                progress(TrainProgress::Found);
                return Ok(trained);
            }
            let seed = self.seed;
            let draw = Draw { seed, network };
            let tell = |epoch: &Epoch| progress(TrainProgress::Epoch(scheme, epoch));
            let trained = train(architecture, &self.recipe, scheme, &self.data, draw, &tell)?;
            keep(folder, setting, trained)
        };
        jobs.par_iter().map(one).collect()
    }

    fn setting(&self, architecture: &Architecture) -> Setting {
        Setting {
            data: self.data_name.clone(),
            units: self.units.clone(),
            depth: architecture.depth,
            width: architecture.width,
            optimizer: format!("{:?}", self.recipe.rule),
            rate: self.recipe.rate,
            batch: self.recipe.batch,
            epochs: self.recipe.epochs,
            seed: self.seed,
            others: self.others(architecture),
        }
    }

    /// What is not as it is by default; records of earlier versions have no such entries.
    fn others(&self, architecture: &Architecture) -> Vec<String> {
        let mut others = self.data_options.clone();
        if architecture.bias != Bias::Zero {
            others.push(format!("--bias {}", architecture.bias));
        }
        if architecture.cooperative > 0 {
            others.push(format!(
                "--training cooperative:{}",
                architecture.cooperative
            ));
        }
        if architecture.width_of == WidthOf::FanIn {
            others.push("--width-of fan-in".into());
        }
        if !architecture.activation_last {
            others.push("--activation-last no".into());
        }
        if !architecture.convolutions.is_empty() {
            let convolutions = architecture.convolutions.iter().map(Convolution::to_string);
            let convolutions: Vec<String> = convolutions.collect();
            others.push(format!("--convolutions {}", convolutions.join(",")));
        }
        if self.recipe.augment != Augment::default() {
            others.push(format!("--augment {}", self.recipe.augment));
        }
        if self.recipe.schedule != Schedule::Constant {
            others.push(format!("--schedule {}", self.recipe.schedule));
        }
        if self.recipe.weight_decay != 0.0 {
            others.push(format!("--weight-decay {}", self.recipe.weight_decay));
        }
        others
    }
}
