//! The summary of a run, layer by layer, beside what is exact.

use average::{Estimate, Merge, Variance};
use rayon::prelude::*;

use crate::error::Result;
use crate::layer_law::LogCumulants;
use crate::simulate::{Entries, Layer, Path, Simulator};
use crate::stats::summary::Summary;

/// Trajectories whose statistics are formed together, whatever the threads and parts: sums of them
/// in one order have one rounding.
pub(super) const CHUNK: u64 = 64;

/// Most layers of which statistics are kept.
const SHOWN: usize = 12;

/// What [`Run::summarize`](crate::simulate::runs::Run::summarize) keeps of the paths: the log-norms
/// of the first input, the cosines of the first two, and the norms of products with the Jacobian, at
/// up to twelve of the recorded layers, the first and the last among them.
#[derive(Debug, Clone)]
pub struct Statistics {
    records: Vec<usize>,
    layers: Vec<usize>,
    inputs: usize,
    all_records: usize,
    norms: Vec<Summary>,
    cosines: Vec<Variance>,
    /// Of tangents and gradients; none without.
    products: Vec<[Variance; 2]>,
}

impl Statistics {
    pub(super) fn new(simulator: &Simulator) -> Self {
        let layers = simulator.record().as_slice();
        let count = layers.len();
        let records: Vec<usize> = if count <= SHOWN {
            (0..count).collect()
        } else {
            (0..SHOWN).map(|i| i * (count - 1) / (SHOWN - 1)).collect()
        };
        Self {
            layers: records.iter().map(|&record| layers[record]).collect(),
            inputs: simulator.model().inputs(),
            all_records: count,
            norms: vec![Summary::default(); records.len()],
            cosines: vec![Variance::default(); records.len()],
            products: match simulator.has_gradient() {
                true => vec![Default::default(); records.len()],
                false => Vec::new(),
            },
            records,
        }
    }

    /// Takes consecutive trajectories, the first a multiple of [`CHUNK`].
    pub(super) fn add_paths(&mut self, paths: &[Path]) {
        let empty = self.emptied();
        let chunks: Vec<Self> = paths
            .par_chunks(CHUNK as usize)
            .map(|chunk| {
                let mut part = empty.clone();
                for path in chunk {
                    part.add(
                        &path.log_norms,
                        &path.cosines,
                        [&path.tangents, &path.gradients],
                    );
                }
                part
            })
            .collect();
        chunks.iter().for_each(|chunk| self.merge(chunk));
    }

    /// The same for numbers that come one trajectory at a time: `chunk` collects until it is full.
    pub(super) fn add_row(&mut self, chunk: &mut Self, trajectory: u64, row: &[f64]) {
        let (norms, rest) = row.split_at(self.all_records * self.inputs);
        let products = if self.products.is_empty() {
            0
        } else {
            self.all_records
        };
        let (cosines, products) = rest.split_at(rest.len() - 2 * products);
        let (tangents, gradients) = products.split_at(products.len() / 2);
        chunk.add(norms, cosines, [tangents, gradients]);
        if (trajectory + 1).is_multiple_of(CHUNK) {
            self.merge(chunk);
            *chunk = self.emptied();
        }
    }

    pub(super) fn emptied(&self) -> Self {
        Self {
            norms: vec![Summary::default(); self.records.len()],
            cosines: vec![Variance::default(); self.records.len()],
            products: vec![Default::default(); self.products.len()],
            ..self.clone()
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.norms.iter_mut().zip(&other.norms) {
            mine.merge(theirs);
        }
        for (mine, theirs) in self.cosines.iter_mut().zip(&other.cosines) {
            mine.merge(theirs);
        }
        let products = self.products.iter_mut().flatten();
        for (mine, theirs) in products.zip(other.products.iter().flatten()) {
            mine.merge(theirs);
        }
    }

    fn add(&mut self, norms: &[f64], cosines: &[f64], products: [&[f64]; 2]) {
        let pairs = self.inputs * (self.inputs - 1) / 2;
        for (index, &record) in self.records.iter().enumerate() {
            let at = &norms[record * self.inputs..][..self.inputs];
            self.norms[index].add(at[0]);
            if self.inputs > 1 && at[0].is_finite() && at[1].is_finite() {
                self.cosines[index].add(cosines[record * pairs]);
            }
            for (of, norms) in self
                .products
                .get_mut(index)
                .into_iter()
                .flatten()
                .zip(products)
            {
                if norms[record].is_finite() {
                    of.add(norms[record]);
                }
            }
        }
    }

    /// What is known of each of the layers, in their order; `simulator` is the run's.
    ///
    /// # Errors
    /// Those of [`Model::log_cumulants`](crate::simulate::Model::log_cumulants) and
    /// [`Model::backward_log_cumulants`](crate::simulate::Model::backward_log_cumulants), for the exact
    /// mean and variance.
    pub fn rows(&self, simulator: &Simulator) -> Result<Vec<LayerStatistics>> {
        (0..self.records.len())
            .map(|index| self.row(simulator, index))
            .collect()
    }

    fn row(&self, simulator: &Simulator, index: usize) -> Result<LayerStatistics> {
        let summary = &self.norms[index];
        let layer = self.layers[index];
        let cosines = &self.cosines[index];
        let several = self.inputs > 1 && cosines.len() > 1;
        let exact_signal = exact(simulator, layer)?;
        let (mut tangent, mut gradient) = (None, None);
        if let Some([tangents, gradients]) = self.products.get(index) {
            tangent = Some(ProductStatistics::of(tangents, exact_signal));
            let exact = exact_gradient(simulator, layer)?;
            gradient = Some(ProductStatistics::of(gradients, Some(exact)));
        }
        Ok(LayerStatistics {
            layer,
            networks: summary.count(),
            alive: summary.alive(),
            mean: known(summary.mean()),
            standard_deviation: known(summary.variance().sqrt()),
            exact: exact_signal,
            skewness: known(summary.skewness()),
            quantile_05: known(summary.quantile(0.05)),
            median: known(summary.quantile(0.5)),
            quantile_95: known(summary.quantile(0.95)),
            smallest: summary.smallest().first().copied(),
            largest: summary.largest().first().copied(),
            cosine: several.then(|| cosines.mean()),
            cosine_standard_deviation: several.then(|| cosines.sample_variance().sqrt()),
            tangent,
            gradient,
        })
    }
}

/// The log-norms log(‖x_k‖/‖x₀‖) of the networks that are alive after a layer, and the cosine of
/// two inputs there. `None`: there is no such number, for want of living networks, of a second
/// input, or (`exact`) because of biases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerStatistics {
    /// The layer, counted from 1.
    pub layer: usize,
    /// Simulated networks.
    pub networks: u64,
    /// Those whose output is not zero.
    pub alive: u64,
    /// Mean of the log-norm.
    pub mean: Option<f64>,
    /// Its standard deviation.
    pub standard_deviation: Option<f64>,
    /// Mean and variance of the log-norm by the one-layer law, given survival.
    pub exact: Option<LogCumulants>,
    /// Skewness of the log-norm.
    pub skewness: Option<f64>,
    /// Its 5 % quantile.
    pub quantile_05: Option<f64>,
    /// Its median.
    pub median: Option<f64>,
    /// Its 95 % quantile.
    pub quantile_95: Option<f64>,
    /// The smallest log-norm.
    pub smallest: Option<f64>,
    /// The largest log-norm.
    pub largest: Option<f64>,
    /// Mean cosine of the first two inputs.
    pub cosine: Option<f64>,
    /// Its standard deviation.
    pub cosine_standard_deviation: Option<f64>,
    /// log‖J_k v‖ of the Jacobian J_k of k layers; `None` without gradients.
    pub tangent: Option<ProductStatistics>,
    /// The log-norm of a gradient k layers from the output, of networks whose output is not zero; `None`
    /// without gradients.
    pub gradient: Option<ProductStatistics>,
}

/// The log-norm of a product with the Jacobian, of the networks where it is not zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProductStatistics {
    /// Networks where it is not zero.
    pub alive: u64,
    /// Mean; `None` for want of such networks.
    pub mean: Option<f64>,
    /// Standard deviation.
    pub standard_deviation: Option<f64>,
    /// Mean and variance by the one-layer law, given survival (T11).
    pub exact: Option<LogCumulants>,
}

impl ProductStatistics {
    fn of(found: &Variance, exact: Option<LogCumulants>) -> Self {
        let some = found.len() > 1;
        Self {
            alive: found.len(),
            mean: some.then(|| found.mean()),
            standard_deviation: some.then(|| found.sample_variance().sqrt()),
            exact,
        }
    }
}

fn known(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Mean and variance of the log-norm after `layer` layers given survival; networks with biases or with
/// entries that are not normal have no such formula.
fn exact(simulator: &Simulator, layer: usize) -> Result<Option<LogCumulants>> {
    let model = simulator.model();
    if model.bias() > 0.0 || model.entries() != Entries::Normal {
        return Ok(None);
    }
    let layers = &model.layers()[..layer];
    Ok(Some(sum_of(layers, |layer| model.log_cumulants(layer))?))
}

/// The same of a gradient so many layers from the output.
fn exact_gradient(simulator: &Simulator, layers: usize) -> Result<LogCumulants> {
    let model = simulator.model();
    let last = &model.layers()[model.depth() - layers..];
    sum_of(last, |layer| model.backward_log_cumulants(layer))
}

/// Mean and variance of the sum over layers, each at its scale.
fn sum_of(layers: &[Layer], of: impl Fn(Layer) -> Result<LogCumulants>) -> Result<LogCumulants> {
    let mut sum = LogCumulants::default();
    for run in layers.chunk_by(|a, b| a == b) {
        let cumulants = of(run[0])?;
        let count = run.len() as f64;
        sum.mean += count * (run[0].scale.ln() + cumulants.mean);
        sum.variance += count * cumulants.variance;
    }
    Ok(sum)
}
