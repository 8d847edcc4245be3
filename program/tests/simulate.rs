//! `isomoment simulate` and `merge`: the same bits however a run is divided, files that
//! other programs read, and one line for what cannot be done.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{isomoment, refused, run, text};

const RUN: [&str; 11] = [
    "simulate",
    "--activation=rrelu",
    "--keep=0.8",
    "--moment=1",
    "--width=9",
    "--depth=12",
    "--bias=0.1",
    "--trajectories=200",
    "--seed=5",
    "--level=network",
    "--format=csv",
];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    RUN.iter().copied().chain(more.iter().copied()).collect()
}

#[test]
fn shards_and_threads_give_the_bits_of_the_whole_run() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let plain = run(folder, &RUN);
    let whole = run(folder, &with(&["--output=whole.csv", "--threads=1"]));
    assert_eq!(plain, whole);
    run(folder, &with(&["--output=whole.npz", "--threads=7"]));
    let mut shards = vec!["merge"];
    let names = ["4.part", "2.part", "1.part", "3.part"];
    for name in names {
        let shard = format!("--shard={}/4", &name[..1]);
        run(folder, &with(&[&shard, "--output", name, "--threads=2"]));
        shards.push(name);
    }
    let merged = |output: &'static str| {
        let mut arguments = shards.clone();
        arguments.extend(["--format=csv", "--output", output]);
        run(folder, &arguments)
    };
    assert_eq!(merged("merged.csv"), whole);
    merged("merged.npz");
    for form in ["csv", "npz"] {
        let read = |name: &str| fs::read(folder.join(format!("{name}.{form}"))).unwrap();
        assert!(read("whole") == read("merged"), "{form} differs");
    }
    // more shares than networks: some are empty
    let few = [&RUN[..7], &["--trajectories=2", "--seed=5", "--format=csv"]].concat();
    let mut arguments = vec!["merge".to_owned()];
    for index in 1..=3 {
        let (shard, name) = (format!("--shard={index}/3"), format!("few{index}.part"));
        run(
            folder,
            &[&few[..], &[shard.as_str(), "--output", name.as_str()]].concat(),
        );
        arguments.push(name);
    }
    arguments.push("--output=few.csv".into());
    run(
        folder,
        &arguments.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    run(folder, &[&few[..], &["--output=few-whole.csv"]].concat());
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    assert!(read("few.csv") == read("few-whole.csv"));
    // nothing but the files that were asked for is left
    let left = fs::read_dir(folder).unwrap().filter(|e| {
        let name = e.as_ref().unwrap().file_name();
        !["csv", "npz", "part"]
            .iter()
            .any(|form| name.to_string_lossy().ends_with(form))
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn csv_and_npz_hold_the_same_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let several = ["--inputs=3", "--cosine=0.5", "--record=1,5,12"];
    run(folder, &with(&[&several[..], &["--output=x.csv"]].concat()));
    run(folder, &with(&[&several[..], &["--output=x.npz"]].concat()));
    let mut reader = csv::Reader::from_path(folder.join("x.csv")).unwrap();
    let header: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(
        header,
        [
            "trajectory",
            "layer",
            "log_norm_1",
            "log_norm_2",
            "log_norm_3",
            "cosine_1_2",
            "cosine_1_3",
            "cosine_2_3"
        ]
    );
    let rows: Vec<Vec<f64>> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 600);
    let mut archive = zip::ZipArchive::new(fs::File::open(folder.join("x.npz")).unwrap()).unwrap();
    let mut array = |name: &str, shape: &[u64]| -> Vec<f64> {
        let file = npyz::NpyFile::new(archive.by_name(name).unwrap()).unwrap();
        assert_eq!(file.shape(), shape);
        file.into_vec().unwrap()
    };
    let norms = array("log_norm.npy", &[200, 3, 3]);
    let cosines = array("cosine.npy", &[200, 3, 3]);
    for (index, row) in rows.iter().enumerate() {
        assert_eq!(row[0], (index / 3) as f64);
        assert_eq!(row[1], [1.0, 5.0, 12.0][index % 3]);
        assert_eq!(row[2..5], norms[3 * index..][..3]);
        assert_eq!(row[5..], cosines[3 * index..][..3]);
    }
    numpy_reads_it(folder);
}

/// Where Python has numpy, numpy reads the file too, and means agree with the printed summary.
fn numpy_reads_it(folder: &Path) {
    let script = "import numpy as np, json
z = np.load('x.npz')
assert z['log_norm'].shape == (200, 3, 3) and z['cosine'].shape == (200, 3, 3)
assert list(z['layer']) == [1, 5, 12] and list(z['trajectory']) == list(range(200))
assert json.loads(z['run.json'])['count'] == 200
c = np.genfromtxt('x.csv', delimiter=',', names=True)
assert (c['log_norm_2'].reshape(200, 3) == z['log_norm'][:, :, 1]).all()
print('read')";
    let Ok(has) = Command::new("python3")
        .args(["-c", "import numpy"])
        .output()
    else {
        return;
    };
    if !has.status.success() {
        println!("no numpy here: not read back by it");
        return;
    }
    let output = Command::new("python3")
        .args(["-c", script])
        .current_dir(folder)
        .output()
        .unwrap();
    assert_eq!(
        text(&output.stdout).trim(),
        "read",
        "{}",
        text(&output.stderr)
    );
}

/// A run that is killed continues from its finished parts and ends with the same bits.
#[test]
fn a_killed_run_resumes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // 800 kB a path: a part is 80 of them, and is finished after a fraction of a second
    let arguments = [
        "simulate",
        "--activation=relu",
        "--moment=1",
        "--width=4",
        "--depth=100000",
        "--level=radial",
        "--trajectories=400",
        "--format=csv",
        "--output=r.npz",
    ];
    let mut child = Command::new(env!("CARGO_BIN_EXE_isomoment"))
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let parts = folder.join("r.npz.parts");
    let finished = || {
        let entries = fs::read_dir(&parts).into_iter().flatten().flatten();
        entries
            .filter(|e| e.file_name().to_string_lossy().ends_with(".part"))
            .count()
    };
    let start = Instant::now();
    while finished() == 0 && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        finished() >= 1 && !folder.join("r.npz").exists(),
        "killed too early or too late"
    );

    // another run does not touch the parts
    let mut other = arguments;
    other[2] = "--moment=2";
    let refusal = Command::new(env!("CARGO_BIN_EXE_isomoment"))
        .args(other)
        .current_dir(folder)
        .output()
        .unwrap();
    assert_eq!(refusal.status.code(), Some(2));
    assert!(text(&refusal.stderr).contains("other arguments"));

    // with fewer networks the parts would be of another run; with other threads they are not
    let resumed = run(folder, &[&arguments[..], &["--threads=1"]].concat());
    assert!(!parts.exists());
    let mut again = arguments;
    again[8] = "--output=whole.npz";
    assert_eq!(run(folder, &again), resumed);
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    assert!(read("r.npz") == read("whole.npz"), "resumed bits differ");
}

#[test]
fn damaged_and_foreign_parts_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for index in 1..=2 {
        let (shard, name) = (format!("--shard={index}/2"), format!("{index}.part"));
        run(folder, &with(&[&shard, "--output", &name]));
    }
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let good = fs::read(folder.join("1.part")).unwrap();
    let output = path("out.csv");
    let (one, two, bad) = (path("1.part"), path("2.part"), path("bad.part"));
    refused(
        &["merge", &one, "--output", &output],
        &["101 to 200", "missing"],
    );
    refused(
        &["merge", &one, &one, "--output", &output],
        &["1 to 100", "twice"],
    );
    let write = |bytes: &[u8], words: &[&str]| {
        fs::write(&bad, bytes).unwrap();
        refused(&["merge", &bad, &two, "--output", &output], words);
    };
    write(&good[..good.len() - 1], &["damaged"]);
    write(&[&good[..], b"x"].concat(), &["damaged"]);
    write(b"", &["no part"]);
    write(b"isomoment paths 3\n{\"version\":", &["header"]);
    write(
        &[&b"isomoment paths 3\n"[..], &vec![b'x'; 3 << 20]].concat(),
        &["header"],
    );
    let lying = String::from_utf8_lossy(&good[..good.len().min(2000)])
        .replace("\"count\":100", "\"count\":9223372036854775807");
    write(lying.as_bytes(), &["damaged"]);
    assert!(!folder.join("out.csv").exists());
    let other = with(&["--shard=2/2", "--output", &bad]);
    let other: Vec<&str> = other
        .iter()
        .map(|a| if *a == "--seed=5" { "--seed=6" } else { a })
        .collect();
    run(folder, &other);
    refused(
        &["merge", &one, &bad, "--output", &output],
        &["different runs"],
    );
}

#[test]
fn absurd_runs_are_refused_before_they_start() {
    let run = |more: &[&str], words: &[&str]| {
        let start = Instant::now();
        refused(
            &[&["simulate", "--activation=relu", "--moment=1"], more].concat(),
            words,
        );
        assert!(start.elapsed() < Duration::from_secs(10));
    };
    run(&["--width=100000", "--depth=100000"], &["years", "30 days"]);
    run(&["--width=100001", "--depth=1"], &["width", "100000"]);
    run(
        &[
            "--width=100000000",
            "--depth=1",
            "--level=preactivation",
            "--inputs=20",
            "--threads=9",
            "--trajectories=9",
        ],
        &["memory"],
    );
    run(
        &["--width=4", "--depth=100000000000"],
        &["depth", "10000000"],
    );
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("x.npz");
    let output = output.to_str().unwrap();
    run(
        &[
            "--width=4",
            "--depth=1000",
            "--level=radial",
            "--trajectories=1000000000",
            "--output",
            output,
        ],
        &["TB", "free"],
    );
    run(
        &["--width=4", "--depth=4", "--output=x.txt"],
        &["--output", ".csv"],
    );
    run(
        &["--width=4", "--depth=4", "--output", output, "--shard=1/2"],
        &["--shard", ".part"],
    );
    run(
        &["--width=4", "--depth=4", "--trajectories=0"],
        &["trajectories", "at least 1"],
    );
    run(
        &["--width=4", "--depth=4", "--record=5"],
        &["record", "layer"],
    );
    run(
        &[
            "--width=4",
            "--depth=4",
            "--level=radial",
            "--precision=f32",
        ],
        &["f32"],
    );
    run(
        &["--width=4", "--depth=4", "--level=radial", "--inputs=2"],
        &["inputs"],
    );
    run(&["--width=4", "--depth=4", "--inputs=4"], &["inputs"]);
    run(&["--width=4", "--depth=4", "--bias=-1"], &["bias"]);
    run(&["--width=4"], &["--depth"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    assert!(isomoment(&["simulate", "--help"]).status.success());
}
