//! `isomoment simulate` of gradients and of residual blocks: beside what is predicted, however a run is divided,
//! and what is refused.

use std::fs;

use crate::common::{refused, run};

const RUN: [&str; 9] = [
    "simulate",
    "--activation=rrelu",
    "--keep=0.8",
    "--moment=1",
    "--width=9",
    "--depth=12",
    "--trajectories=200",
    "--seed=5",
    "--format=csv",
];

/// With gradients the log-norms are those without, and the products are the same bits in every form,
/// number of threads and division.
#[test]
fn gradients_are_the_same_bits_however_a_run_is_divided() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for level in ["--level=network", "--level=preactivation", "--level=radial"] {
        let with = |more: &[&str]| {
            let all = [&RUN[..], &[level, "--gradient"], more].concat();
            run(folder, &all)
        };
        let whole = with(&["--output=g.csv", "--threads=1"]);
        assert_eq!(with(&["--output=g.npz", "--threads=7"]), whole);
        with(&["--shard=1/2", "--output=g1.part", "--threads=2"]);
        with(&["--shard=2/2", "--output=g2.part"]);
        let merge = ["merge", "g2.part", "g1.part", "--format=csv"];
        for output in ["merged.csv", "merged.npz"] {
            let arguments = [&merge[..], &["--output", output]].concat();
            assert_eq!(run(folder, &arguments), whole);
        }
        let read = |name: &str| fs::read(folder.join(name)).unwrap();
        assert!(read("g.csv") == read("merged.csv") && read("g.npz") == read("merged.npz"));

        let mut reader = csv::Reader::from_path(folder.join("g.csv")).unwrap();
        let names: Vec<&str> = reader.headers().unwrap().iter().collect();
        let expected = ["trajectory", "layer", "log_norm", "tangent", "gradient"];
        assert_eq!(names, expected);
        let rows: Vec<[f64; 5]> = reader.deserialize().map(Result::unwrap).collect();
        let file = fs::File::open(folder.join("g.npz")).unwrap();
        let mut archive = zip::ZipArchive::new(file).unwrap();
        for (column, name) in expected.iter().enumerate().skip(2) {
            let entry = archive.by_name(&format!("{name}.npy")).unwrap();
            let file = npyz::NpyFile::new(entry).unwrap();
            assert_eq!(file.shape(), [200, 12]);
            let column: Vec<f64> = rows.iter().map(|row| row[column]).collect();
            assert_eq!(file.into_vec::<f64>().unwrap(), column);
        }
        // with pre-activations alone the numbers of signal and products are drawn by turns
        if level != "--level=preactivation" {
            let plain = [level, "--output=plain.csv"];
            run(folder, &[&RUN[..], &plain].concat());
            let mut plain = csv::Reader::from_path(folder.join("plain.csv")).unwrap();
            let plain: Vec<[f64; 3]> = plain.deserialize().map(Result::unwrap).collect();
            let signals: Vec<[f64; 3]> = rows.iter().map(|row| [row[0], row[1], row[2]]).collect();
            assert_eq!(plain, signals);
        }
        // the printed means are those of the file
        let mut summary = csv::Reader::from_reader(whole.as_bytes());
        let names = summary.headers().unwrap().clone();
        let last = summary.records().last().unwrap().unwrap();
        let of = |name: &str| -> f64 {
            let column = names.iter().position(|other| other == name).unwrap();
            last[column].parse().unwrap()
        };
        let ends: Vec<f64> = rows.iter().skip(11).step_by(12).map(|row| row[4]).collect();
        let mean = ends.iter().sum::<f64>() / 200.0;
        assert!((of("gradient_mean") - mean).abs() < 1e-12);
        let z = (mean - of("exact_gradient_mean")) / (of("exact_gradient_sd") / 200_f64.sqrt());
        assert!(z.abs() < 4.5, "{z}");
    }
}

/// Residual blocks: the printed mean and deviation are the block's law's, of the right branch; shards make
/// the whole; and what does not go with them is refused.
#[test]
fn residual_blocks_are_simulated_and_predicted() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let base = [
        "simulate",
        "--residual",
        "--activation=leaky-relu",
        "--hidden=12",
        "--width=6",
        "--depth=5",
    ];
    let more = ["--trajectories=4000", "--seed=3", "--format=csv"];
    let last = |text: &str| -> Vec<f64> {
        let row = text.lines().last().unwrap();
        row.split(',')
            .map(|x| x.parse().unwrap_or(f64::NAN))
            .collect()
    };
    for moment in [&[][..], &["--moment=1"][..], &["--moment=0"][..]] {
        let with = |branch: &str, extra: &[&str]| {
            let all = [&base[..], moment, &more[..], &["--branch", branch], extra].concat();
            run(folder, &all)
        };
        let whole = with("0.02", &["--output=whole.csv"]);
        with("0.02", &["--shard=1/2", "--output=1.part"]);
        with("0.02", &["--shard=2/2", "--output=2.part"]);
        let merge = [
            "merge",
            "1.part",
            "2.part",
            "--output=m.csv",
            "--format=csv",
        ];
        assert_eq!(run(folder, &merge), whole);
        let read = |name: &str| fs::read(folder.join(name)).unwrap();
        assert!(read("whole.csv") == read("m.csv"));
        // layer, networks, alive, mean, exact mean, sd, exact sd
        let (row, other) = (last(&whole), last(&with("0.04", &[])));
        assert_eq!(row[1..3], [4000.0, 4000.0]);
        let error = row[6] / 4000_f64.sqrt();
        assert!((row[3] - row[4]).abs() < 4.5 * error, "{row:?}");
        assert!(
            (row[5] / row[6] - 1.0).abs() < 4.5 / 4000_f64.sqrt(),
            "{row:?}"
        );
        // twice the branch is seen: in the mean, or where a scale keeps it in the deviation
        let seen = ((row[3] - other[4]) / error).abs() > 4.5
            || (row[5] / other[6] - 1.0).abs() > 4.5 / 4000_f64.sqrt();
        assert!(seen, "{row:?} {other:?}");
    }
    let refuse = |more: &[&str], words: &[&str]| {
        refused(&[&base[..], &["--branch=0.02"], more].concat(), words);
    };
    refuse(&["--level=radial"], &["--level", "radial", "residual"]);
    refuse(&["--precision=f32"], &["f32", "residual"]);
    refuse(&["--weights=orthogonal"], &["orthogonal", "residual"]);
    refuse(&["--weights=uniform"], &["uniform", "residual"]);
    refuse(
        &["--weights=stable", "--alpha=1.5"],
        &["stable", "residual"],
    );
    refuse(&["--bias=0.1"], &["--bias", "residual"]);
    refuse(&["--inputs=2"], &["--inputs", "residual"]);
    refuse(&["--gradient"], &["gradients", "residual"]);
    refuse(&["--scheme=he"], &["--scheme", "residual"]);
    refused(&[&base[..], &["--branch=0"]].concat(), &["--branch"]);
    let lists = [
        "simulate",
        "--residual",
        "--activation=relu",
        "--hidden=4",
        "--branch=1",
    ];
    refused(
        &[&lists[..], &["--widths=4,5"]].concat(),
        &["--widths", "--residual"],
    );
}

#[test]
fn where_there_is_no_gradient_it_is_refused() {
    let run = |more: &[&str], words: &[&str]| {
        let shape = ["simulate", "--activation=relu", "--moment=1", "--gradient"];
        let shape = [&shape[..], &["--width=4", "--depth=4"]].concat();
        refused(&[&shape[..], more].concat(), words);
    };
    run(&["--bias=0.1"], &["--bias", "0.1", "gradients"]);
    run(&["--inputs=2"], &["--inputs", "gradients"]);
    run(&["--weights=orthogonal"], &["--weights", "orthogonal"]);
    run(&["--weights=uniform"], &["uniform", "gradients"]);
    run(
        &["--weights=stable", "--alpha=1.5"],
        &["stable", "gradients"],
    );
    let shape = ["simulate", "--activation=relu", "--moment=1", "--gradient"];
    let wide = [&shape[..], &["--width=10000", "--depth=1"]].concat();
    refused(&wide, &["100000000", "kept"]);
}
