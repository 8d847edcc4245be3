//! The histories of an experiment as a table: epochs.csv.

use crate::train::experiment::{Epoch, Trained};
use isomoment::{Error, Result};

const HEADER: &str =
    "width,depth,scheme,network,epoch,train_loss,train_accuracy,test_loss,test_accuracy";

/// One line for each epoch of each network, every digit kept.
pub fn write_epochs(trained: &[Trained]) -> String {
    let mut text = format!("{HEADER}\n");
    for network in trained {
        for (i, e) in network.epochs.iter().enumerate() {
            let (width, depth, scheme) = (network.width, network.depth, &network.scheme);
            let (number, epoch) = (network.network, i + 1);
            text += &format!(
                "{width},{depth},{scheme},{number},{epoch},{},{},{},{}\n",
                e.train_loss, e.train_accuracy, e.test_loss, e.test_accuracy
            );
        }
    }
    text
}

/// What [`write_epochs`] wrote.
///
/// ```
/// use isomoment_cli::train::{read_epochs, write_epochs};
/// let table = "width,depth,scheme,network,epoch,train_loss,train_accuracy,test_loss,test_accuracy\n64,20,he,0,1,0.5,0.9,0.6,0.8\n";
/// let trained = read_epochs(table)?;
/// assert_eq!(trained[0].epochs[0].test_accuracy, 0.8);
/// assert_eq!(write_epochs(&trained), table);
/// # Ok::<(), isomoment::Error>(())
/// ```
///
/// # Errors
/// [`Error::Domain`] with the first line that is none of such a table.
pub fn read_epochs(table: &str) -> Result<Vec<Trained>> {
    let mut lines = table.lines();
    let fail = |line: &str| {
        Error::domain(
            "epochs.csv",
            format!("{line:?}"),
            "a line of a table of epochs",
        )
    };
    let header = lines.next().unwrap_or_default();
    if header != HEADER {
        return Err(fail(header));
    }
    let mut trained: Vec<Trained> = Vec::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let [width, depth, scheme, network, _, numbers @ ..] = cells.as_slice() else {
            return Err(fail(line));
        };
        let size = |cell: &str| cell.parse::<usize>().map_err(|_| fail(line));
        let (width, depth) = (size(width)?, size(depth)?);
        let network = network.parse().map_err(|_| fail(line))?;
        let numbers: Vec<f64> = numbers
            .iter()
            .map(|cell| cell.parse().map_err(|_| fail(line)))
            .collect::<Result<_>>()?;
        let &[train_loss, train_accuracy, test_loss, test_accuracy] = numbers.as_slice() else {
            return Err(fail(line));
        };
        let same = |t: &Trained| {
            (t.width, t.depth, t.network) == (width, depth, network) && t.scheme == *scheme
        };
        if !trained.last().is_some_and(same) {
            trained.push(Trained {
                width,
                depth,
                scheme: (*scheme).to_owned(),
                network,
                epochs: Vec::new(),
            });
        }
        if let Some(last) = trained.last_mut() {
            last.epochs.push(Epoch {
                train_loss,
                train_accuracy,
                test_loss,
                test_accuracy,
            });
        }
    }
    Ok(trained)
}
