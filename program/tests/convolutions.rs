//! Convolutions in front of the layers: values against loops, gradients against differences; and
//! CIFAR-10's files.

use std::path::Path;

use crate::common::training::{refused, run};
use isomoment::simulate::numbers::Normals;
use isomoment::simulate::streams::trajectory_stream;
use isomoment::{Activation, Dropout, Scheme};
use isomoment_cli::train::{
    Architecture, Bias, Convolution, Draw, Front, ImageShape, Network, Pixels, Split, Start,
    fit_biased_starts, fit_starts, start,
};
use ndarray::Array2;

const IMAGE: ImageShape = ImageShape {
    channels: 2,
    rows: 13,
    columns: 12,
};

fn convolutions(text: &str) -> Vec<Convolution> {
    text.split(',').map(|c| c.parse().unwrap()).collect()
}

fn images(count: usize) -> Array2<f32> {
    let mut images = Array2::zeros((count, IMAGE.numbers()));
    let stream = &mut trajectory_stream(11, 0);
    Normals::<f32>::new(stream).fill(images.as_slice_mut().unwrap());
    images
}

/// One convolution, ReLU, 2×2 maximum: the sums written out, in doubles.
fn by_loops(
    image: &[f64],
    shape: ImageShape,
    side: usize,
    block: usize,
    front: &Front,
) -> Vec<f64> {
    let (weights, biases) = (&front.blocks[block].weights, &front.blocks[block].biases);
    let value = |channel: usize, y: usize, x: usize| {
        let mut sum = f64::from(biases[channel]);
        for c in 0..shape.channels {
            for dy in 0..side {
                for dx in 0..side {
                    let pixel = image[(c * shape.rows + y + dy) * shape.columns + x + dx];
                    sum += pixel * f64::from(weights[((c * side + dy) * side + dx, channel)]);
                }
            }
        }
        sum.max(0.0)
    };
    let [rows, columns] = [shape.rows, shape.columns].map(|n| (n + 1 - side) / 2);
    let mut out = Vec::new();
    for channel in 0..biases.len() {
        for y in 0..rows {
            for x in 0..columns {
                let four = [(0, 0), (0, 1), (1, 0), (1, 1)];
                let four = four.map(|(dy, dx)| value(channel, 2 * y + dy, 2 * x + dx));
                out.push(four.into_iter().fold(0.0, f64::max));
            }
        }
    }
    out
}

#[test]
fn convolutions_are_sums_over_patches() {
    // 13×12 → 11×10 → 5×5, then 4×4 → 2×2: an odd row is left out; more images than go together
    let mut front = Front::drawn(
        IMAGE,
        &convolutions("3x3,4x2"),
        &mut trajectory_stream(11, 1),
    )
    .unwrap();
    let batch = images(19);
    let outputs = front.forward(batch.view());
    assert_eq!(outputs.dim(), (19, 16));
    for (row, output) in batch.rows().into_iter().zip(outputs.rows()) {
        let image: Vec<f64> = row.iter().map(|&x| f64::from(x)).collect();
        let first = by_loops(&image, IMAGE, 3, 0, &front);
        let shape = ImageShape {
            channels: 3,
            rows: 5,
            columns: 5,
        };
        let second = by_loops(&first, shape, 2, 1, &front);
        assert!(second.iter().any(|&x| x > 0.0));
        for (&found, expected) in output.iter().zip(second) {
            assert!(
                (f64::from(found) - expected).abs() < 1e-5,
                "{found} {expected}"
            );
        }
    }
    // PyTorch's default: both uniform on ±1/√fan_in
    for (block, end) in front
        .blocks
        .iter()
        .zip([1.0 / 18.0_f32.sqrt(), 1.0 / 12.0_f32.sqrt()])
    {
        let numbers = || block.weights.iter().chain(&block.biases);
        assert!(numbers().all(|x| x.abs() <= end) && numbers().any(|x| x.abs() > 0.9 * end));
    }
}

/// The derivative of the mean cross-entropy by every weight and bias of both convolutions.
#[test]
fn gradients_are_finite_differences() {
    let stream = &mut trajectory_stream(11, 2);
    let (units, none) = (Activation::LeakyRelu { slope: 0.3 }, Dropout::NONE);
    let mut network = Network::of_sizes(&[16, 6, 3], &[0.6, 0.8], units, none, stream);
    network.front = Some(Front::drawn(IMAGE, &convolutions("3x3,4x2"), stream).unwrap());
    let (batch, labels) = (images(10), [0, 1, 2, 2, 1, 0, 0, 1, 2, 1]);
    network.forward(batch.view(), None);
    let gradients = network.backward(&labels);
    let loss = |network: &mut Network| {
        network.forward(batch.view(), None);
        network.score(&labels).0 / 10.0
    };
    let here = loss(&mut network);
    let mut compared = 0;
    let mut largest = 0.0_f64;
    for block in 0..2 {
        let count = gradients.front[block].weights.len();
        let channels = gradients.front[block].biases.len();
        for at in 0..count + channels {
            let h = 3e-4_f32;
            let moved = |by: f32| {
                let mut network = network.clone();
                let block = &mut network.front.as_mut().unwrap().blocks[block];
                match at < count {
                    true => block.weights.as_slice_mut().unwrap()[at] += by,
                    false => block.biases[at - count] += by,
                }
                loss(&mut network)
            };
            // the maximum of another place, or a unit's death, is a kink on one side
            let sides = [moved(h) - here, here - moved(-h)].map(|rise| rise / f64::from(h));
            let found = match at < count {
                true => gradients.front[block].weights.as_slice().unwrap()[at],
                false => gradients.front[block].biases[at - count],
            };
            let found = f64::from(found);
            let off = sides.map(|side| (side - found).abs());
            largest = largest.max(found.abs());
            assert!(
                off[0].min(off[1]) < 2e-3,
                "block {block}, number {at}: {sides:?} {found}"
            );
            compared += 1;
        }
    }
    // 3·(18 + 1) and 4·(12 + 1); derivatives a hundred times the tolerance
    assert!(compared == 57 + 52 && largest > 0.1, "{compared} {largest}");
}

/// Behind convolutions, log-norms before training are the exact law's, or the chain's with biases.
#[test]
fn layers_behind_convolutions_follow_their_law() {
    let data = Split::digits(Pixels::SYMMETRIC).stand_in().unwrap();
    assert_eq!(data.train.inputs_per_row, 3072);
    // the image in the middle of three black planes
    let row = data.train.row(0);
    assert!(row[..12 * 32].iter().all(|&x| x == -1.0) && row[..1024] == row[2048..]);
    let inner = Split::digits(Pixels::SYMMETRIC);
    assert_eq!(row[12 * 32 + 12..][..8], inner.train.row(0)[..8]);
    for bias in [Bias::Zero, Bias::Framework] {
        let architecture = Architecture {
            convolutions: convolutions("6x5,16x5"),
            bias,
            ..Architecture::new(4, 12, Activation::Relu, Dropout::NONE)
        };
        let ends = architecture.ends(&data).unwrap();
        assert_eq!(ends.inputs, 400);
        let one = |network| {
            let draw = Draw { seed: 3, network };
            start(&architecture, Scheme::He, &data, draw).unwrap()
        };
        let starts: Vec<Start> = (0..500).map(one).collect();
        let fits = match bias {
            Bias::Zero => fit_starts(&starts, &architecture, Scheme::He, ends),
            _ => fit_biased_starts(&starts, &architecture, Scheme::He, &data, 3),
        };
        for fit in fits.unwrap() {
            assert!(
                fit.p_value > 1e-3 && fit.control_p_value < 1e-4,
                "{bias}: {fit:?}"
            );
        }
    }
    let too_small = Architecture {
        convolutions: convolutions("6x5,16x15"),
        ..Architecture::new(4, 12, Activation::Relu, Dropout::NONE)
    };
    let error = too_small.ends(&data).unwrap_err().to_string();
    assert!(
        error.starts_with("convolutions is 16x15 on 14×14 pixels"),
        "{error}"
    );
}

/// A batch of so many records.
fn batch(records: usize, first: usize) -> Vec<u8> {
    let record = |i: usize| {
        let grey = move |k: usize| ((i * 31 + k * 7) % 256) as u8;
        std::iter::once((i % 10) as u8).chain((0..3072).map(grey))
    };
    (first..first + records).flat_map(record).collect()
}

fn write_cifar(folder: &Path) {
    for k in 1..=5 {
        std::fs::write(
            folder.join(format!("data_batch_{k}.bin")),
            batch(20, 20 * k),
        )
        .unwrap();
    }
    std::fs::write(folder.join("test_batch.bin"), batch(30, 0)).unwrap();
}

const SMALL: &str =
    "--preset paper-cifar10-relu --init he --depth 2 --width 8 --epochs 1 --networks 1";

#[test]
fn cifar_files_are_read_or_refused() {
    let [data, output] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    // where the archive puts them
    let inner = data.path().join("cifar-10-batches-bin");
    std::fs::create_dir(&inner).unwrap();
    write_cifar(&inner);
    let options = format!("{SMALL} --data {}", data.path().display());
    let trained = run(output.path(), &options);
    assert!(trained.status.success(), "{trained:?}");
    assert!(!String::from_utf8_lossy(&trained.stdout).contains("stand-in"));
    let kept = std::fs::read_to_string(output.path().join("networks/8x2-he-0.json")).unwrap();
    for part in [
        "\"data\": \"CIFAR-10, 100 + 30 images\"",
        "\"--bias framework\"",
        "\"--width-of fan-in\"",
        "\"--convolutions 6x5,16x5\"",
        "\"--augment flip,crop:4\"",
        "\"--schedule multistep:32,62,92,122,152,182:0.1\"",
        "\"--weight-decay 0.0001\"",
    ] {
        assert!(kept.contains(part), "{part}: {kept}");
    }
    let file = |name: &str| inner.join(name);
    let lies: [(&str, Vec<u8>, &str); 5] = [
        (
            "data_batch_3.bin",
            batch(20, 0)[..61_459].to_vec(),
            "a file of 61459 bytes",
        ),
        // cut at the end of a record
        (
            "data_batch_3.bin",
            batch(19, 0),
            "batches is of 61460 and 58387 bytes",
        ),
        ("data_batch_5.bin", Vec::new(), "a file of 0 bytes"),
        ("test_batch.bin", vec![7; 100], "a file of 100 bytes"),
        (
            "test_batch.bin",
            [&[10][..], &batch(1, 0)[1..]].concat(),
            "labels is 10; it must be from 0 to 9",
        ),
    ];
    for (name, bytes, message) in lies {
        let whole = std::fs::read(file(name)).unwrap();
        std::fs::write(file(name), bytes).unwrap();
        refused(output.path(), &options, message);
        std::fs::write(file(name), whole).unwrap();
    }
    // 1.2 GB that are not there: refused by their length, not read
    let sparse = std::fs::File::create(file("data_batch_1.bin")).unwrap();
    sparse.set_len(3073 * 400_000).unwrap();
    refused(
        output.path(),
        &options,
        "a file of 1229200000 bytes; it must be whole records of 3073 bytes, at most 1 GiB",
    );
    std::fs::write(file("data_batch_1.bin"), batch(20, 20)).unwrap();
    std::fs::remove_file(file("data_batch_4.bin")).unwrap();
    refused(output.path(), &options, "data_batch_4.bin");
    write_cifar(&inner);
    refused(
        output.path(),
        &format!("{options} --labels 1-26"),
        "--labels is 1-26; it must be 0-9 on CIFAR-10",
    );
    refused(
        output.path(),
        &format!("{options} --stand-in"),
        "grey and at most 32×32",
    );
    // nothing of this touched what was finished
    assert!(run(output.path(), &options).status.success());
}

#[test]
fn a_stand_in_is_called_one_and_resumes() {
    let [whole, resumed] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    refused(
        whole.path(),
        SMALL,
        "--preset paper-cifar10-relu needs the binary files of CIFAR-10 in --data, or --stand-in",
    );
    let options = format!("{SMALL},glorot-uniform --networks 2 --stand-in --batch 200");
    let options = options
        .replace("--networks 1,glorot-uniform", "")
        .replace("--init he", "--init he,glorot-uniform");
    let first = run(whole.path(), &format!("{options} --threads 1"));
    assert!(first.status.success(), "{first:?}");
    let text = String::from_utf8_lossy(&first.stdout);
    assert!(
        text.starts_with("data: stand-in for CIFAR-10: UCI digits\n"),
        "{text}"
    );
    for file in ["training.json", "networks/8x2-he-1.json"] {
        let text = std::fs::read_to_string(whole.path().join(file)).unwrap();
        assert!(
            text.contains("\"data\": \"stand-in for CIFAR-10: UCI digits\""),
            "{file}"
        );
    }
    assert!(run(resumed.path(), &options).status.success());
    std::fs::remove_file(resumed.path().join("networks/8x2-he-0.json")).unwrap();
    assert_eq!(run(resumed.path(), &options).stdout, first.stdout);
    for file in ["epochs.csv", "initial.csv", "training.json"] {
        let read = |folder: &tempfile::TempDir| std::fs::read(folder.path().join(file)).unwrap();
        assert!(read(&whole) == read(&resumed), "{file} differs");
    }
    for other in ["--augment none", "--convolutions 6x5", "--augment flip"] {
        refused(
            resumed.path(),
            &format!("{options} {other}"),
            "another experiment",
        );
    }
}

#[test]
fn bad_options_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for (options, message) in [
        ("--convolutions 6", "convolutions is 6;"),
        ("--convolutions 0x5", "convolutions is 0x5"),
        (
            "--convolutions 6x9",
            "--convolutions is 6x9; it must be smaller",
        ),
        (
            "--convolutions 6x8",
            "--convolutions is 6x8; it must be smaller",
        ),
        ("--augment spin", "augment is spin"),
        ("--augment crop:0", "augment is crop:0"),
        ("--augment flip,flip", "augment is flip,flip"),
    ] {
        refused(folder.path(), options, message);
    }
}

proptest::proptest! {
    /// Batches are read exactly where they are whole records, equally many, with labels of ten classes.
    #[test]
    fn any_batches_are_read_or_refused(
        records in proptest::collection::vec(0..3_usize, 1..4),
        more in proptest::sample::select(vec![0_usize, 0, 0, 1, 3072]),
        label in 0..13_u8,
    ) {
        let mut batches: Vec<Vec<u8>> = records.iter().map(|&count| batch(count, 1)).collect();
        if let Some(first) = batches[0].first_mut() {
            *first = label;
        }
        batches[0].extend(vec![0; more]);
        let whole = more == 0 && records[0] > 0 && records.iter().all(|&n| n == records[0]);
        let split = Split::from_cifar10(&batches, batch(1, 0), Pixels::SYMMETRIC);
        assert_eq!(split.is_ok(), whole && label < 10);
        if let Ok(split) = split {
            let train = split.train;
            assert_eq!(train.inputs.len(), 3072 * train.len());
            assert_eq!(train.labels[0], label);
        }
    }
}
