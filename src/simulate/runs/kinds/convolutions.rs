//! Convolutional networks (T12).

use serde::{Deserialize, Serialize};

use crate::activation::Activation;
use crate::convolution::{Bracket, ConvolutionShape};
use crate::error::Result;
use crate::layer_law::{LayerLaw, LogCumulants};
use crate::simulate::runs::kinds::parts::{Stretch, Units};
use crate::simulate::runs::kinds::{Described, Kind};
use crate::simulate::runs::{Networks, Prediction};
use crate::simulate::{Convolutions, Filter, Image, ImageNetwork, Padding, Path, Record};

/// Seconds that a weight takes, its product with a position, and a number of a patch (CPU time of
/// `isomoment simulate --convolution 2d --threads 1`, 8 and 64 channels).
const WEIGHT_SECONDS: f64 = 1.2e-9;
const PRODUCT_SECONDS: f64 = 2e-10;
const PATCH_SECONDS: f64 = 4e-9;

const PREDICTIONS: [Prediction; 2] = [
    Prediction {
        name: "least_moment",
        meaning: "no less, by the scale of constant images, where no border or stride loses anything",
    },
    Prediction {
        name: "most_moment",
        meaning: "no more, by He's scale",
    },
];

/// What decides their numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fields {
    #[serde(flatten)]
    units: Units,
    /// Rows and columns of the image.
    size: (usize, usize),
    layers: Vec<Stretch<Filter>>,
    image: Image,
}

impl Fields {
    pub fn networks(&self) -> Result<ImageNetwork> {
        let (activation, dropout) = (self.units.activation, self.units.dropout()?);
        let filters = Stretch::layers(&self.layers)?;
        let layers = Convolutions::new(activation, dropout, self.size, filters)?;
        ImageNetwork::new(layers, self.image.clone())
    }
}

impl Described for ImageNetwork {
    fn describe(&self) -> Kind {
        let layers = &self.layers;
        Kind::Convolutions(Fields {
            units: Units::of(layers.model.activation, layers.model.dropout),
            size: layers.size,
            layers: Stretch::of(&layers.filters),
            image: self.image().clone(),
        })
    }
}

/// The layers, each with rows and columns of its input.
fn sizes(layers: &Convolutions) -> impl Iterator<Item = (&Filter, (usize, usize))> {
    let mut next = layers.size;
    layers.filters.iter().map(move |filter| {
        let size = next;
        next = filter.positions(size);
        (filter, size)
    })
}

/// Numbers that a layer has: of its kernel, of the patches of one group, of its output's positions.
struct Numbers {
    weights: f64,
    patches: f64,
    positions: f64,
}

impl Numbers {
    fn of((filter, size): (&Filter, (usize, usize))) -> Self {
        let product = |(a, b): (usize, usize)| a as f64 * b as f64;
        let (taps, positions) = (product(filter.kernel), product(filter.positions(size)));
        let inputs = (filter.inputs / filter.groups) as f64;
        Self {
            weights: taps * inputs * filter.outputs as f64,
            patches: taps * inputs * positions,
            positions,
        }
    }
}

impl Networks for ImageNetwork {
    fn depth(&self) -> usize {
        self.depth()
    }

    fn draw(&self, record: &Record, seed: u64, trajectory: u64) -> Path {
        self.path(record, seed, trajectory)
    }

    fn seconds_per_path(&self) -> f64 {
        let seconds = |layer: (&Filter, (usize, usize))| {
            let numbers = Numbers::of(layer);
            let groups = layer.0.groups as f64;
            let products = numbers.weights * numbers.positions;
            WEIGHT_SECONDS * numbers.weights
                + PRODUCT_SECONDS * products
                + PATCH_SECONDS * numbers.patches * groups
        };
        sizes(&self.layers).map(seconds).sum()
    }

    /// Patches, their products, input and output.
    fn numbers_per_thread(&self) -> f64 {
        let numbers = |layer: (&Filter, (usize, usize))| {
            let (filter, size) = layer;
            let of = Numbers::of(layer);
            let input = filter.inputs as f64 * size.0 as f64 * size.1 as f64;
            of.patches + 2.0 * of.positions * filter.outputs as f64 + input
        };
        sizes(&self.layers).map(numbers).fold(0.0, f64::max)
    }

    /// Of an image that is constant over positions, and stays so.
    fn log_cumulants(&self, layers: usize) -> Result<Option<LogCumulants>> {
        let Convolutions { model, filters, .. } = &self.layers;
        let random = matches!(model.activation, Activation::RandomizedLeakyRelu { .. });
        let alike = |filter: &Filter| filter.groups == 1 && filter.padding == Padding::Circular;
        let constant = *self.image() == Image::Constant && filters[..layers].iter().all(alike);
        if !constant || random || model.dropout.keep() < 1.0 {
            return Ok(None);
        }
        let mut sum = LogCumulants::default();
        let mut known: Option<(usize, LogCumulants)> = None;
        for (filter, size) in sizes(&self.layers).take(layers) {
            let cumulants = match known {
                Some((outputs, cumulants)) if outputs == filter.outputs => cumulants,
                _ => LayerLaw::new(model.activation, filter.outputs as u64)?.log_cumulants(),
            };
            known = Some((filter.outputs, cumulants));
            let area = |(rows, columns)| rows as f64 * columns as f64;
            // a patch has the mass of so many positions, and each position of the output is alike
            let mass = area(filter.kernel) * area(filter.positions(size)) / area(size);
            sum.mean += filter.scale.ln() + 0.5 * mass.ln() + cumulants.mean;
            sum.variance += cumulants.variance;
        }
        Ok(Some(sum))
    }

    fn predictions(&self) -> &'static [Prediction] {
        &PREDICTIONS
    }

    fn moments(&self, order: f64, layers: &[usize]) -> Result<Vec<Vec<Option<f64>>>> {
        if order > 2.0 {
            return Ok(vec![vec![None; 2]; layers.len()]);
        }
        let mut rows = Vec::with_capacity(layers.len());
        let mut wanted = layers.iter().peekable();
        let (mut least, mut most) = (Some(1.0), 1.0);
        let mut before: Option<(Filter, Bracket)> = None;
        for (index, filter) in self.layers.filters.iter().enumerate() {
            let bracket = match before {
                Some((alike, bracket)) if alike == *filter => bracket,
                _ => self.bracket(filter, order)?,
            };
            before = Some((*filter, bracket));
            let of = |end: f64| (filter.scale / end).powf(order);
            let loses = filter.padding == Padding::Zero || filter.stride > 1;
            least = least
                .filter(|_| !loses)
                .map(|least| least * of(bracket.constant_image));
            most *= of(bracket.second_moment);
            if wanted.next_if_eq(&&(index + 1)).is_some() {
                rows.push(vec![
                    least.filter(|x: &f64| x.is_finite()),
                    Some(most).filter(|x| x.is_finite()),
                ]);
            }
        }
        Ok(rows)
    }
}

impl ImageNetwork {
    /// The scales that keep norms: those of root-mean-squares differ where numbers of channels do.
    fn bracket(&self, filter: &Filter, order: f64) -> Result<Bracket> {
        let model = &self.layers.model;
        let taps = filter.kernel.0 as u64 * filter.kernel.1 as u64;
        let shape = ConvolutionShape::new(filter.inputs as u64, filter.outputs as u64, taps)?;
        let shape = shape.with_groups(filter.groups as u64)?;
        let bracket = shape.bracket(model.activation, model.dropout, order)?;
        let of_norm = (filter.inputs as f64 / filter.outputs as f64).sqrt();
        Ok(Bracket {
            second_moment: bracket.second_moment * of_norm,
            constant_image: bracket.constant_image * of_norm,
        })
    }
}
