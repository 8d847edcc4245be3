//! The summary of a run, layer by layer, beside what is exact.

use average::{Estimate, Merge, Variance};

use crate::cores::on_all_cores;
use crate::error::Result;
use crate::layer_law::LogCumulants;
use crate::simulate::Path;
use crate::simulate::runs::run::Run;
use crate::simulate::runs::work::Work;
use crate::stats::summary::Summary;

/// Trajectories whose statistics are formed together, whatever the threads and parts: sums of them
/// in one order have one rounding.
pub(super) const CHUNK: u64 = 64;

/// Most layers of which statistics are kept.
const SHOWN: usize = 12;

/// What [`Run::summarize`](crate::simulate::runs::Run::summarize) keeps of the paths: the log-norms
/// of the first input and a power of its norms, the cosines of the first two, and the norms of products with the Jacobian, at
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
    /// Order of the powers of norms; no powers without.
    order: Option<f64>,
    powers: Vec<Variance>,
}

impl Statistics {
    pub(super) fn new(work: &Work) -> Self {
        let layers = work.record.as_slice();
        let count = layers.len();
        let records: Vec<usize> = if count <= SHOWN {
            (0..count).collect()
        } else {
            (0..SHOWN).map(|i| i * (count - 1) / (SHOWN - 1)).collect()
        };
        Self {
            layers: records.iter().map(|&record| layers[record]).collect(),
            inputs: work.networks.inputs(),
            all_records: count,
            norms: vec![Summary::default(); records.len()],
            cosines: vec![Variance::default(); records.len()],
            products: match work.networks.has_gradient() {
                true => vec![Default::default(); records.len()],
                false => Vec::new(),
            },
            order: work.order,
            powers: vec![
                Variance::default();
                if work.order.is_some() {
                    records.len()
                } else {
                    0
                }
            ],
            records,
        }
    }

    /// Takes consecutive trajectories, the first a multiple of [`CHUNK`].
    pub(super) fn add_paths(&mut self, paths: &[Path]) {
        let empty = self.emptied();
        let chunks: Vec<&[Path]> = paths.chunks(CHUNK as usize).collect();
        let chunks = on_all_cores(chunks.len(), |chunk| {
            let mut part = empty.clone();
            for path in chunks[chunk] {
                part.add(
                    &path.log_norms,
                    &path.cosines,
                    [&path.tangents, &path.gradients],
                );
            }
            part
        });
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
            powers: vec![Variance::default(); self.powers.len()],
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
        for (mine, theirs) in self.powers.iter_mut().zip(&other.powers) {
            mine.merge(theirs);
        }
    }

    fn add(&mut self, norms: &[f64], cosines: &[f64], products: [&[f64]; 2]) {
        let pairs = self.inputs * (self.inputs - 1) / 2;
        for (index, &record) in self.records.iter().enumerate() {
            let at = &norms[record * self.inputs..][..self.inputs];
            self.norms[index].add(at[0]);
            if let Some(order) = self.order {
                self.powers[index].add((order * at[0]).exp());
            }
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

    /// What is known of each of the layers, in their order; `run` is the one that they are of.
    ///
    /// # Errors
    /// Those of [`Networks::log_cumulants`](crate::simulate::runs::Networks::log_cumulants) and
    /// [`Networks::gradient_cumulants`](crate::simulate::runs::Networks::gradient_cumulants).
    pub fn rows(&self, run: &Run) -> Result<Vec<LayerStatistics>> {
        let mut rows: Vec<LayerStatistics> = (0..self.records.len())
            .map(|index| self.row(run, index))
            .collect::<Result<_>>()?;
        if let Some(order) = self.order {
            let names = run.networks().predictions();
            let predicted = run.networks().moments(order, &self.layers)?;
            for ((row, powers), values) in rows.iter_mut().zip(&self.powers).zip(predicted) {
                // of nothing but zeros there is no spread to tell an error by
                let spread = powers.len() > 1 && powers.mean() > 0.0;
                row.moment = Some(MomentStatistics {
                    mean: known(powers.mean()),
                    standard_error: spread.then(|| powers.error()).and_then(known),
                    predicted: names.iter().map(|p| p.name).zip(values).collect(),
                });
            }
        }
        Ok(rows)
    }

    fn row(&self, run: &Run, index: usize) -> Result<LayerStatistics> {
        let summary = &self.norms[index];
        let layer = self.layers[index];
        let cosines = &self.cosines[index];
        let several = self.inputs > 1 && cosines.len() > 1;
        let exact_signal = run.networks().log_cumulants(layer)?;
        let (mut tangent, mut gradient) = (None, None);
        if let Some([tangents, gradients]) = self.products.get(index) {
            tangent = Some(ProductStatistics::of(tangents, exact_signal));
            let exact = run.networks().gradient_cumulants(layer)?;
            gradient = Some(ProductStatistics::of(gradients, exact));
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
            moment: None,
        })
    }
}

/// The log-norms log(‖x_k‖/‖x₀‖) of the networks that are alive after a layer, and the cosine of
/// two inputs there. `None`: there is no such number, for want of living networks, of a second
/// input, or (`exact`) because of biases.
#[derive(Debug, Clone, PartialEq)]
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
    /// E(‖x_k‖/‖x₀‖)^s; `None` of runs without an order s.
    pub moment: Option<MomentStatistics>,
}

/// A moment of the norms of all networks, those whose output is 0 included. Where s times the
/// log-norm's standard deviation is above about 1, a few networks carry the moment: mean and error
/// mislead.
#[derive(Debug, Clone, PartialEq)]
pub struct MomentStatistics {
    /// The networks' mean; `None` where it is no double.
    pub mean: Option<f64>,
    /// Its standard error; `None` also for want of networks, and where the mean is 0.
    pub standard_error: Option<f64>,
    /// What is predicted ([`Networks::moments`](crate::simulate::runs::Networks::moments)), by name.
    pub predicted: Vec<(&'static str, Option<f64>)>,
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
