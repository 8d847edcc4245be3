//! The training experiment on small data: the IDX reader, initial weights, and that resuming
//! changes nothing.

use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use isomoment::simulate::streams::trajectory_stream;
use isomoment::{Activation, Dropout, Scheme};
use isomoment_cli::train::{
    Architecture, Augment, Draw, Ends, Labels, Network, Pixels, Recipe, Rule, Schedule, Split,
    Start, fit_starts, read_images, read_labels, read_starts, start, train, write_starts,
};

/// An IDX file of three dimensions with these sizes and so many bytes.
fn images(sizes: [u32; 3], bytes: usize) -> Vec<u8> {
    let mut file = 0x0803_u32.to_be_bytes().to_vec();
    sizes.iter().for_each(|s| file.extend(s.to_be_bytes()));
    file.extend((0..bytes).map(|i| i as u8));
    file
}

#[test]
fn images_are_read_plain_and_zipped() {
    let file = images([2, 3, 2], 12);
    let plain = read_images(&file).unwrap();
    assert_eq!(
        (plain.pixels, plain.values.len(), plain.values[11]),
        (6, 12, 11)
    );
    let mut zipped = GzEncoder::new(Vec::new(), Compression::default());
    zipped.write_all(&file).unwrap();
    assert_eq!(read_images(&zipped.finish().unwrap()).unwrap(), plain);
}

#[test]
fn files_that_lie_are_refused_by_name() {
    let huge = images([u32::MAX, 28, 28], 12);
    let cases: [(Vec<u8>, &str); 8] = [
        (vec![], "unreadable"),
        (vec![0, 0, 8], "unreadable"),
        (b"not an idx file at all".to_vec(), "begins with 6e6f7420"),
        (images([0, 28, 28], 0), "a size of 0"),
        (images([2, 3, 2], 11), "fewer than the 12 bytes"),
        (images([2, 3, 2], 13), "more than the 12 bytes"),
        // 3 TB promised: refused without taking the memory
        (huge, "sizes like 4294967295"),
        (vec![0x1f, 0x8b, 8, 0, 0, 0], "unreadable"),
    ];
    for (file, message) in cases {
        let error = read_images(&file).unwrap_err().to_string();
        assert!(
            error.contains(message) && error.starts_with("images"),
            "{error}"
        );
    }
    let images = images([2, 1, 1], 2);
    let labels = |labels: &[u8]| {
        let mut file = vec![0, 0, 8, 1, 0, 0, 0, labels.len() as u8];
        file.extend(labels);
        file
    };
    assert_eq!(read_labels(&labels(&[3, 9])).unwrap(), [3, 9]);
    let split = |train: &[u8], test: &[u8]| {
        let (train, test) = (labels(train), labels(test));
        Split::from_idx(
            &images,
            &train,
            &images,
            &test,
            Pixels::SYMMETRIC,
            &Labels::DIGITS,
        )
    };
    assert!(split(&[3, 9], &[0, 1]).is_ok());
    let error = split(&[3, 10], &[0, 1]).unwrap_err().to_string();
    assert!(error.contains("labels is 10"), "{error}");
    let error = split(&[3], &[0, 1]).unwrap_err().to_string();
    assert!(error.contains("1 for 2 images"), "{error}");
}

const ARCHITECTURE: Architecture =
    Architecture::new(4, 16, Activation::LeakyRelu { slope: 0.01 }, Dropout::NONE);

const DIGITS: Ends = Ends {
    inputs: 64,
    classes: 10,
};

fn recipe(rule: Rule, rate: f32, epochs: usize) -> Recipe {
    Recipe {
        rule,
        rate,
        schedule: Schedule::Constant,
        augment: Augment::default(),
        weight_decay: 0.0,
        batch: 32,
        epochs,
    }
}

const SCHEMES: [Scheme; 7] = [
    Scheme::Fractional(0.5),
    Scheme::Published(1.0),
    Scheme::Lyapunov,
    Scheme::He,
    Scheme::Glorot,
    Scheme::LeCun,
    Scheme::RandomWalk,
];

/// Σ (w/σ)² of n normal weights is χ²_n; 10 % off in σ is far outside.
#[test]
fn weights_have_the_deviation_that_is_claimed() {
    for scheme in SCHEMES {
        let deviations = ARCHITECTURE.deviations(scheme, DIGITS).unwrap();
        for (k, &deviation) in deviations.iter().enumerate() {
            let (mut squares, mut count) = (0.0, 0.0);
            for network in 0..20 {
                let stream = &mut trajectory_stream(9, network);
                let network = Network::new(&ARCHITECTURE, scheme, DIGITS, stream).unwrap();
                squares += network.weights[k]
                    .iter()
                    .map(|&w| f64::from(w).powi(2))
                    .sum::<f64>();
                count += network.weights[k].len() as f64;
                assert!(network.biases[k].iter().all(|&b| b == 0.0));
            }
            let z = |sigma: f64| (squares / (sigma * sigma) - count) / (2.0 * count).sqrt();
            assert!(
                z(deviation).abs() < 4.0,
                "{scheme:?}, layer {k}: {}",
                z(deviation)
            );
            assert!(
                z(1.1 * deviation) < -4.0,
                "{scheme:?}, layer {k}: the test is blind"
            );
        }
    }
}

/// Log-norms of real images through initialised networks against the exact law: the rectangular
/// first layer with the square ones, and the rectangular last one; with units and whole layers that
/// die, random slopes and masks.
#[test]
fn real_images_follow_the_exact_law_at_initialisation() {
    let digits = Split::digits(Pixels::SYMMETRIC);
    let noisy = Dropout::inverted(0.9).unwrap();
    let cases = [
        (ARCHITECTURE.activation, Dropout::NONE, Scheme::Glorot),
        (Activation::Relu, Dropout::NONE, Scheme::Fractional(1.0)),
        (Activation::RRELU_DEFAULT, noisy, Scheme::Lyapunov),
    ];
    for (activation, dropout, scheme) in cases {
        let architecture = Architecture::new(12, 8, activation, dropout);
        let starts: Vec<Start> = (0..1500)
            .map(|network| {
                start(&architecture, scheme, &digits, Draw { seed: 3, network }).unwrap()
            })
            .collect();
        assert_eq!(read_starts(&write_starts(&starts)).unwrap(), starts);
        let fits = fit_starts(&starts, &architecture, scheme, DIGITS).unwrap();
        assert_eq!(fits.len(), 2);
        let all_alive = activation != Activation::Relu;
        assert_eq!(fits[0].networks == 1500, all_alive);
        for fit in fits {
            assert!(fit.p_value > 1e-4 && fit.control_p_value < 1e-6, "{fit:?}");
        }
    }
}

#[test]
fn a_small_network_learns_the_digits_with_every_rule() {
    let data = Split::digits(Pixels::SYMMETRIC);
    let draw = Draw {
        seed: 1,
        network: 0,
    };
    let architecture = Architecture {
        depth: 3,
        ..ARCHITECTURE
    };
    for (rule, rate) in [
        (Rule::Sgd, 0.1),
        (Rule::Momentum(0.9), 0.02),
        (Rule::Adam, 0.003),
    ] {
        let recipe = recipe(rule, rate, 15);
        let trained = train(&architecture, &recipe, Scheme::He, &data, draw, &|_| ()).unwrap();
        let last = trained.epochs.last().unwrap();
        assert!(last.test_accuracy > 0.85, "{rule:?}: {last:?}");
        assert!(last.train_loss < trained.epochs[0].train_loss, "{rule:?}");
    }
    let dropout = Architecture {
        dropout: Dropout::inverted(0.9).unwrap(),
        activation: Activation::RRELU_DEFAULT,
        ..architecture
    };
    let recipe = recipe(Rule::Adam, 0.003, 15);
    let trained = train(&dropout, &recipe, Scheme::He, &data, draw, &|_| ()).unwrap();
    assert!(trained.epochs.last().unwrap().test_accuracy > 0.8);
}

fn command(folder: &std::path::Path, epochs: &str, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_isomoment"));
    let arguments = "train --init fractional:1,he --depth 4 --width 8 --networks 2";
    command
        .args(arguments.split(' '))
        .args(["--epochs", epochs]);
    command.arg("--output").arg(folder).args(more);
    command
}

fn program(folder: &std::path::Path, more: &[&str]) -> std::process::Output {
    command(folder, "2", more).output().unwrap()
}

/// Killed at several moments and run again it ends with the same bits; nothing under a final name is
/// half-written, and no second run writes into the folder meanwhile.
#[test]
fn a_killed_training_goes_on() {
    let [whole, killed] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let long = |folder: &tempfile::TempDir| command(folder.path(), "20", &["--threads", "1"]);
    assert!(long(&whole).output().unwrap().status.success());
    let networks = killed.path().join("networks");
    let names = || -> Vec<String> {
        let entries = std::fs::read_dir(&networks).into_iter().flatten();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    for wanted in 1..4 {
        let mut child = long(&killed).spawn().unwrap();
        let start = Instant::now();
        while names().len() < wanted && start.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(1));
        }
        if child.try_wait().unwrap().is_none() {
            let second = long(&killed).output().unwrap();
            let refusal = String::from_utf8_lossy(&second.stderr).into_owned();
            // it may have ended in between
            if child.try_wait().unwrap().is_none() {
                assert_eq!(second.status.code(), Some(2), "{refusal}");
                assert!(
                    refusal.contains("another run is writing there"),
                    "{refusal}"
                );
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let finished = names().into_iter().filter(|name| !name.starts_with('.'));
        for name in finished {
            let text = std::fs::read_to_string(networks.join(&name)).unwrap();
            assert!(
                serde_json::from_str::<serde_json::Value>(&text).is_ok(),
                "{name}"
            );
        }
    }
    std::fs::write(networks.join(".isomoment-left"), "half of a fi").unwrap();
    assert!(long(&killed).output().unwrap().status.success());
    assert!(names().iter().all(|name| !name.starts_with('.')));
    for file in ["epochs.csv", "training.json", "initial.csv"] {
        let read = |folder: &tempfile::TempDir| std::fs::read(folder.path().join(file)).unwrap();
        assert!(read(&whole) == read(&killed), "{file} differs");
    }
}

/// With some networks missing, as after an interruption, the experiment ends with the same bits;
/// and on any number of threads.
#[test]
fn resuming_gives_the_same_bits() {
    let [whole, resumed] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let first = program(whole.path(), &["--threads", "1"]);
    assert!(first.status.success(), "{first:?}");
    assert!(
        program(resumed.path(), &["--threads", "3"])
            .status
            .success()
    );
    let networks = resumed.path().join("networks");
    for lost in ["8x4-he-1.json", "8x4-fractional-1-0.json"] {
        std::fs::remove_file(networks.join(lost)).unwrap();
    }
    std::fs::remove_file(resumed.path().join("epochs.csv")).unwrap();
    let again = program(resumed.path(), &[]);
    assert_eq!(first.stdout, again.stdout);
    for file in [
        "epochs.csv",
        "training.json",
        "networks/8x4-he-1.json",
        "initial.csv",
    ] {
        let read = |folder: &tempfile::TempDir| std::fs::read(folder.path().join(file)).unwrap();
        assert!(read(&whole) == read(&resumed), "{file} differs");
    }
    // the folder belongs to that experiment
    let other = program(resumed.path(), &["--seed", "2"]);
    assert_eq!(other.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&other.stderr).contains("another experiment"));
}

#[test]
fn bad_options_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for (options, message) in [
        (["--init", "best"], "best"),
        (["--init", "fractional:3.5,fractional:9"], "s is 9"),
        (["--rate", "-1"], "--rate"),
        (["--rate", "NaN"], "--rate is NaN"),
        (["--batch", "0"], "--batch is 0"),
        (["--width", "0"], "width is 0"),
        (["--networks", "0"], "--networks is 0"),
        (["--momentum", "1"], "--momentum is 1"),
        (["--weights", "orthogonal"], "--weights is orthogonal"),
        (["--data", "/nonexistent"], "train-images-idx3-ubyte"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_isomoment"));
        let output = command
            .arg("train")
            .args(options)
            .arg("--output")
            .arg(folder.path())
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{options:?}: {error}");
        assert!(
            error.contains(message) && error.lines().count() == 1,
            "{options:?}: {error}"
        );
    }
}

proptest::proptest! {
    /// Any bytes give images or an error, plain or behind gzip's magic number.
    #[test]
    fn any_file_is_read_or_refused(mut file in proptest::collection::vec(0_u8.., 0..64), kind in 0..3) {
        let head: &[u8] = match kind {
            0 => &[],
            1 => &[0, 0, 8, 3],
            _ => &[0x1f, 0x8b, 8],
        };
        file.splice(0..0, head.iter().copied());
        if let Ok(images) = read_images(&file) {
            assert!(!images.values.is_empty() && images.values.len() % images.pixels == 0);
        }
        let _ = read_labels(&file);
    }
}
