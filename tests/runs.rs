//! Runs that are cancelled, continued, divided and refused: the same bits, and nothing lost.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use isomoment::simulate::runs::{PathsFormat, Run, RunError, Shard, Watch, folder_of_parts, merge};
use isomoment::simulate::{Level, Model, Plan, Simulator};
use isomoment::{Activation, Dropout};

fn run(seed: u64) -> Run {
    let model = Model::square(Activation::Relu, Dropout::NONE, 12, 0.4, 20).unwrap();
    let simulator = Simulator::new(model, Level::Network).unwrap();
    let plan = Plan {
        seed,
        trajectories: 700,
    };
    Run::new(simulator, plan).unwrap().titled("a test".into())
}

/// Writes a run that is cancelled after so many layers.
fn cancelled_after(run: &Run, layers: u64, path: &Path) -> RunError {
    let (stop, done) = (AtomicBool::new(false), AtomicU64::new(0));
    let progress = |progress: isomoment::simulate::runs::Progress| {
        assert!(progress.total <= 14_000, "{progress:?}");
        if done.fetch_add(progress.layers, Ordering::Relaxed) > layers {
            stop.store(true, Ordering::Relaxed);
        }
    };
    let watch = Watch {
        progress: &progress,
        cancelled: &stop,
    };
    run.write(Shard::WHOLE, path, PathsFormat::Csv, &watch)
        .unwrap_err()
}

#[test]
fn a_cancelled_run_goes_on_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let watch = Watch::none();
    let write = |path: &Path| run(1).write(Shard::WHOLE, path, PathsFormat::Csv, &watch);
    let whole = write(&at("whole.csv")).unwrap();
    let mut continued = 0;
    for layers in [0, 3_000, 9_000] {
        let error = cancelled_after(&run(1), layers, &at("paths.csv"));
        assert!(
            matches!(&error, RunError::Interrupted { cause, .. } if matches!(**cause, RunError::Cancelled)),
            "{error}"
        );
        assert!(!at("paths.csv").exists());
        // the lock, and whatever parts were finished
        continued = continued.max(
            fs::read_dir(folder_of_parts(&at("paths.csv")))
                .unwrap()
                .count(),
        );
    }
    assert!(continued > 1, "no part was finished before a cancellation");
    let resumed = write(&at("paths.csv")).unwrap();
    assert_eq!(
        fs::read(at("whole.csv")).unwrap(),
        fs::read(at("paths.csv")).unwrap()
    );
    assert!(!folder_of_parts(&at("paths.csv")).exists());
    let run = run(1);
    assert_eq!(whole.rows(&run), resumed.rows(&run));
    assert_eq!(whole.rows(&run).unwrap().last().unwrap().networks, 700);
}

#[test]
fn parts_of_another_run_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("paths.csv");
    cancelled_after(&run(1), 9_000, &path);
    let refused = |run: &Run| {
        let written = run.write(Shard::WHOLE, &path, PathsFormat::Csv, &Watch::none());
        written.unwrap_err().to_string()
    };
    assert!(refused(&run(2)).contains("other arguments"));
    // a shard of several is for merging only
    let shard = Shard::new(1, 2).unwrap();
    let csv = run(1).write(shard, &path, PathsFormat::Csv, &Watch::none());
    assert!(csv.unwrap_err().to_string().contains(".part"));
    assert!(merge(&[] as &[&Path], &path, PathsFormat::Csv).is_err());
}
