//! The histories of an experiment as a table: epochs.csv.

use crate::output::csv;
use crate::train::trained::{Epoch, Trained, ten};
use isomoment::Result;

/// The columns.
pub const EPOCHS_HEADER: [&str; 9] = [
    "width",
    "depth",
    "scheme",
    "network",
    "epoch",
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
];

/// One line for each epoch of each network, every digit kept.
pub fn write_epochs(trained: &[Trained]) -> String {
    let rows = trained.iter().flat_map(|network| {
        let numbered = (1..).zip(&network.epochs);
        numbered.map(move |(number, epoch): (usize, &Epoch)| {
            [
                network.width.to_string(),
                network.depth.to_string(),
                network.scheme.clone(),
                network.network.to_string(),
                number.to_string(),
                epoch.train_loss.to_string(),
                epoch.train_accuracy.to_string(),
                epoch.test_loss.to_string(),
                epoch.test_accuracy.to_string(),
            ]
        })
    });
    csv::text(EPOCHS_HEADER, rows)
}

/// What [`write_epochs`] wrote, of networks of ten classes.
///
/// ```
/// use isomoment_cli::train::{read_epochs, write_epochs};
/// let table = "width,depth,scheme,network,epoch,train_loss,train_accuracy,test_loss,test_accuracy\n\
///              64,20,he,0,1,0.5,0.9,0.6,0.8\n";
/// let trained = read_epochs(table)?;
/// assert_eq!(trained[0].epochs[0].test_accuracy, 0.8);
/// assert_eq!(write_epochs(&trained), table);
/// # Ok::<(), isomoment::Error>(())
/// ```
///
/// # Errors
/// [`isomoment::Error::Domain`] with the first line that is none of such a table.
pub fn read_epochs(table: &str) -> Result<Vec<Trained>> {
    let rows = csv::read(table, "epochs.csv", &EPOCHS_HEADER, |line| {
        read_epoch(csv::cells(line)?)
    })?;
    let mut trained: Vec<Trained> = Vec::new();
    for row in rows {
        match trained.last_mut().filter(|last| last.is_twin_of(&row)) {
            Some(last) => last.epochs.extend(row.epochs),
            None => trained.push(row),
        }
    }
    Ok(trained)
}

/// One line's cells: a network of ten classes with this epoch alone.
pub fn read_epoch(cells: [&str; 9]) -> Option<Trained> {
    let [width, depth, scheme, network, _, numbers @ ..] = cells;
    let [train_loss, train_accuracy, test_loss, test_accuracy] =
        numbers.map(|cell| cell.parse::<f64>().ok());
    let epoch = Epoch {
        train_loss: train_loss?,
        train_accuracy: train_accuracy?,
        test_loss: test_loss?,
        test_accuracy: test_accuracy?,
    };
    Some(Trained {
        width: width.parse().ok()?,
        depth: depth.parse().ok()?,
        scheme: scheme.to_owned(),
        network: network.parse().ok()?,
        classes: ten(),
        epochs: vec![epoch],
    })
}
