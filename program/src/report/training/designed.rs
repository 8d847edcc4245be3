//! The designed experiment: its plan is docs/experiments/where-it-matters.md.

use crate::output::csv;
use crate::report::training::{LEVEL, unzipped};
use crate::train::{EPOCHS_HEADER, Paired, Quantity, Trained, correct, failed, read_epoch};
use isomoment::Result;

/// The smallest mean difference, in deviations of a pair, that signed ranks of 200 pairs of normal
/// differences find with probability 0.8 at the strictest level, 0.05/48: (z_{1 − 0.05/96} +
/// z_{0.8})/√(200·3/π).
const DETECTABLE: f64 = 0.298;

/// The reference.
const HE: &str = "he";

/// The two schemes of its questions.
pub const SCHEMES: [&str; 2] = ["fractional:1", "lyapunov"];

pub const LOSS: &str = "ln of the test loss";
pub const TRAINS: &str = "share that trains";

/// Networks of one shape, trained with batches of one size, each scheme at its own rate.
pub struct Cell {
    pub width: usize,
    pub depth: usize,
    pub batch: usize,
    pub trained: Vec<Trained>,
    /// Of each scheme its learning rate.
    pub rates: Vec<(String, f64)>,
}

impl Cell {
    /// Its networks' shape.
    pub fn shape(&self) -> String {
        format!("{} × {}", self.width, self.depth)
    }

    /// How the cell is called: shape and size of a batch.
    pub fn name(&self) -> String {
        format!("{}, {}", self.shape(), self.batch)
    }

    /// A scheme's learning rate.
    pub fn rate(&self, scheme: &str) -> f64 {
        let own = self.rates.iter().find(|(name, _)| name == scheme);
        own.map_or(f64::NAN, |(_, rate)| *rate)
    }

    /// The share of a scheme's networks that train.
    pub fn share(&self, scheme: &str) -> f64 {
        let own: Vec<f64> = self
            .trained
            .iter()
            .filter(|t| t.scheme == scheme)
            .filter_map(trains)
            .collect();
        own.iter().sum::<f64>() / own.len() as f64
    }
}

/// What it found.
pub struct Designed {
    pub cells: Vec<Cell>,
    pub comparisons: Vec<Paired>,
}

impl Designed {
    pub fn read() -> Result<Self> {
        let cells = read_cells(&unzipped(include_bytes!(
            "../../../data/where-it-matters/final.csv.gz"
        ))?)?;
        let mut comparisons = Vec::new();
        for cell in &cells {
            for scheme in SCHEMES {
                for quantity in [
                    Quantity::new(LOSS, true, |t| {
                        Some(t.epochs.last()?.bounded_test_loss(t.classes).ln())
                    }),
                    Quantity::new(TRAINS, false, trains),
                ] {
                    let pair = (scheme, HE);
                    let (name, trained) = (cell.name(), &cell.trained);
                    let found = Paired::new(&name, trained, pair, &quantity, DETECTABLE);
                    comparisons.push(found?);
                }
            }
        }
        correct(&mut comparisons);
        Ok(Self { cells, comparisons })
    }

    /// The comparison of a scheme with He's rule in a cell.
    pub fn of(&self, cell: &Cell, scheme: &str, quantity: &str) -> &Paired {
        let own =
            |c: &&Paired| c.setting == cell.name() && c.scheme == scheme && c.quantity == quantity;
        self.comparisons
            .iter()
            .find(own)
            .expect("every cell has it")
    }

    /// The cells in which a scheme is significantly better than He's rule in loss or in the share that
    /// trains, and those in which it is worse.
    pub fn differing(&self, scheme: &str) -> [Vec<&Cell>; 2] {
        let cells = |wanted: fn(&Paired, f64) -> bool| -> Vec<&Cell> {
            let differs = |cell: &&Cell| {
                [LOSS, TRAINS]
                    .iter()
                    .any(|what| wanted(self.of(cell, scheme, what), LEVEL))
            };
            self.cells.iter().filter(differs).collect()
        };
        [cells(Paired::is_better), cells(Paired::is_worse)]
    }

    /// Whether the plan answers a scheme's question with yes: better somewhere, nowhere worse.
    pub fn is_better(&self, scheme: &str) -> bool {
        let [better, worse] = self.differing(scheme);
        !better.is_empty() && worse.is_empty()
    }

    /// What was found of a scheme.
    pub fn verdict(&self, scheme: &str, name: &str) -> String {
        let named = |cells: &[&Cell]| -> String {
            let names: Vec<String> = cells
                .iter()
                .map(|cell| {
                    format!(
                        "{} with batches of {} (mean of ln(loss) {:+.3}; {:.0} % of the networks train, He's {:.0} %)",
                        cell.shape(),
                        cell.batch,
                        self.of(cell, scheme, LOSS).difference,
                        100.0 * cell.share(scheme),
                        100.0 * cell.share(HE)
                    )
                    .replace('-', "−")
                })
                .collect();
            match names.is_empty() {
                true => "in none".into(),
                false => format!("at {}", names.join(" and ")),
            }
        };
        let [better, worse] = self.differing(scheme);
        format!(
            "{name} is significantly better than He's rule {}, worse {}",
            named(&better),
            named(&worse)
        )
    }

    /// The largest of the smallest true differences in ln(loss) that would have been found with
    /// probability 0.8, over the cells.
    pub fn detectable(&self) -> f64 {
        let losses = self.comparisons.iter().filter(|c| c.quantity == LOSS);
        losses.map(|c| c.detectable).fold(0.0, f64::max)
    }
}

/// 1 if its test accuracy is above twice chance, else 0.
fn trains(network: &Trained) -> Option<f64> {
    let accuracy = network.epochs.last()?.test_accuracy;
    Some(f64::from(u8::from(!failed(accuracy, network.classes))))
}

fn read_cells(table: &str) -> Result<Vec<Cell>> {
    let header = [&EPOCHS_HEADER[..], &["batch", "rate"]].concat();
    let rows = csv::read(table, "final.csv", &header, |line| {
        let [epoch @ .., batch, rate] = csv::cells::<11>(line)?;
        let (batch, rate) = (batch.parse::<usize>().ok()?, rate.parse::<f64>().ok()?);
        Some((read_epoch(epoch)?, batch, rate))
    })?;
    let mut cells: Vec<Cell> = Vec::new();
    for (network, batch, rate) in rows {
        let key = (network.width, network.depth, batch);
        let known = cells
            .iter_mut()
            .find(|c| (c.width, c.depth, c.batch) == key);
        let cell = match known {
            Some(cell) => cell,
            None => {
                cells.push(Cell {
                    width: network.width,
                    depth: network.depth,
                    batch,
                    trained: Vec::new(),
                    rates: Vec::new(),
                });
                cells.last_mut().expect("just pushed")
            }
        };
        if !cell
            .rates
            .iter()
            .any(|(scheme, _)| *scheme == network.scheme)
        {
            cell.rates.push((network.scheme.clone(), rate));
        }
        cell.trained.push(network);
    }
    Ok(cells)
}
