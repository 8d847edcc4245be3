//! `isomoment simulate` of any activation and of convolutions: what is predicted is what is drawn, however a
//! run is divided, and what cannot be drawn is refused.

use std::fs;
use std::path::Path;

use crate::common::{refused, run};

/// A command line's words.
fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// A printed CSV's columns by name.
struct Table(Vec<csv::StringRecord>, csv::StringRecord);

impl Table {
    fn of(text: &str) -> Self {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let names = reader.headers().unwrap().clone();
        Self(reader.records().map(Result::unwrap).collect(), names)
    }

    /// `None` where there is nothing.
    fn find(&self, row: usize, name: &str) -> Option<f64> {
        let column = self.1.iter().position(|other| other == name);
        self.0[row][column.unwrap_or_else(|| panic!("no {name}"))]
            .parse()
            .ok()
    }

    fn get(&self, row: usize, name: &str) -> f64 {
        self.find(row, name)
            .unwrap_or_else(|| panic!("no {name} in row {row}"))
    }

    /// How far the moment is from a value, in standard errors.
    fn z(&self, row: usize, value: f64) -> f64 {
        (self.get(row, "moment") - value) / self.get(row, "moment_error")
    }
}

/// Whole, in shards and merged, on any number of threads: the same bits of summary, CSV and NPZ.
fn is_divisible(folder: &Path, line: &str) -> Table {
    let line = format!("simulate {line} --format csv");
    let with = |more: &str| run(folder, &words(&format!("{line} {more}")));
    let whole = with("--threads 1 --output whole.csv");
    assert_eq!(with("--threads 5 --output whole.npz"), whole);
    with("--shard 1/3 --output 1.part");
    with("--shard 2/3 --output 2.part --threads 3");
    with("--shard 3/3 --output 3.part");
    for form in ["csv", "npz"] {
        let merge = format!("merge 3.part 1.part 2.part --format csv --output merged.{form}");
        assert_eq!(run(folder, &words(&merge)), whole, "{line}");
        let read = |name: &str| fs::read(folder.join(format!("{name}.{form}"))).unwrap();
        assert!(read("whole") == read("merged"), "{line}: {form} differs");
    }
    Table::of(&whole)
}

/// Log-norms of the last layer in a file of paths.
fn ends(folder: &Path, depth: usize) -> Vec<f64> {
    let mut reader = csv::Reader::from_path(folder.join("whole.csv")).unwrap();
    let rows = reader.deserialize().map(Result::unwrap);
    let rows: Vec<(u64, usize, f64)> = rows.collect();
    rows.into_iter()
        .filter(|row| row.1 == depth)
        .map(|row| row.2)
        .collect()
}

/// In one layer of real matrices the moment is kept by the gain that `gain` prints, and by one that is 8 %
/// larger it is not.
#[test]
fn a_gain_keeps_the_moment_of_one_layer() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (activation, rms) in [
        ("gelu", "1"),
        ("silu", "1"),
        ("tanh", "0.5"),
        ("elu --alpha 1.5", "1"),
        ("selu", "1"),
        ("mish", "1"),
        ("softplus", "1"),
        ("sigmoid", "0.55"),
    ] {
        let units = format!("--activation {activation} --width 8");
        let line =
            format!("simulate {units} --depth 1 --rms {rms} --trajectories 20000 --format csv");
        let with = |more: &str| run(folder, &words(&format!("{line} {more}")));
        let found = Table::of(&with("--moment 1 --output whole.csv"));
        assert_eq!(found.get(0, "exact_moment"), found.get(0, "map_moment"));
        assert!(
            (found.get(0, "exact_moment") - 1.0).abs() < 1e-12,
            "{units}"
        );
        assert!(found.find(0, "exact_mean").is_none() && found.find(0, "exact_sd").is_none());
        assert!(found.z(0, 1.0).abs() < 4.5, "{units}: {}", found.z(0, 1.0));
        let mean = |norms: &[f64]| norms.iter().map(|x| x.exp()).sum::<f64>() / norms.len() as f64;
        let of_file = mean(&ends(folder, 1));
        assert!((of_file - found.get(0, "moment")).abs() < 1e-12);

        let printed = format!("gain {units} --moment 1 --level {rms} --format csv");
        let gain = Table::of(&run(folder, &words(&printed))).get(0, "gain");
        let right = gain / 8_f64.sqrt();
        let with_scale = |scale: f64| {
            with(&format!("--scale {scale} --output whole.csv"));
            mean(&ends(folder, 1))
        };
        assert!((with_scale(right) - of_file).abs() < 1e-9, "{units}");
        let z = (with_scale(1.08 * right) - 1.0) / found.get(0, "moment_error");
        assert!(z.abs() > 4.5, "{units}: a wrong gain is not seen, {z}");
    }
}

#[test]
fn networks_of_any_activation_are_divided_like_others() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let table = is_divisible(
        folder,
        "--activation elu --alpha 0.7 --moment 0.5 --rms 0.8 --width 7 --depth 14 --trajectories 300 --seed 4",
    );
    // twelve of the layers, the moment predicted exactly in the first alone
    assert_eq!(table.0.len(), 12);
    assert_eq!(table.find(1, "exact_moment"), None);
    assert!((table.get(11, "map_moment") - 1.0).abs() < 1e-9);
    let table = is_divisible(
        folder,
        "--activation gelu --std 0.3 --widths 9,5,7 --record 2 --trajectories 100",
    );
    assert_eq!((table.0.len(), table.get(0, "layer")), (1, 2.0));
    assert!(!table.1.iter().any(|name| name.contains("moment")));
}

/// Of layers of several widths the root-mean-square is kept: norms grow like √d.
#[test]
fn root_mean_squares_are_kept_where_widths_differ() {
    let folder = tempfile::tempdir().unwrap();
    let line = "simulate --activation mish --moment 2 --rms 2 --preserve rms --trajectories 20000 \
                --format csv --widths 6,24,3";
    let table = Table::of(&run(folder.path(), &words(line)));
    assert!((table.get(0, "exact_moment") - 4.0).abs() < 1e-9);
    assert!((table.get(1, "map_moment") - 0.5).abs() < 1e-9);
    assert!(table.z(0, 4.0).abs() < 4.5, "{}", table.z(0, 4.0));
    assert!(table.z(0, 3.8).abs() > 4.5, "{}", table.z(0, 3.8));
}

#[test]
fn what_such_units_do_not_have_is_refused() {
    let refuse = |more: &str, expected: &[&str]| {
        let line = format!("simulate --activation tanh --width 4 --depth 3 {more}");
        refused(&words(&line), expected);
    };
    refuse("--moment 1 --gradient", &["--gradient", "tanh"]);
    refuse(
        "--moment 1 --level radial",
        &["--level is radial", "network", "tanh"],
    );
    refuse(
        "--moment 1 --precision f32",
        &["--precision is f32", "tanh"],
    );
    refuse(
        "--moment 1 --weights orthogonal",
        &["--weights is orthogonal", "tanh"],
    );
    refuse(
        "--moment 1 --weights uniform",
        &["--weights is uniform", "tanh"],
    );
    refuse(
        "--moment 1 --weights stable --alpha 1.5",
        &["--weights is stable", "tanh"],
    );
    refuse("--moment 1 --alpha 1.5", &["--alpha is 1.5", "elu"]);
    refuse("--moment 1 --keep 0.5", &["--keep is 0.5", "tanh"]);
    refuse("--moment 1 --slope 0.5", &["--slope is 0.5", "leaky-relu"]);
    refuse("--moment 1 --bias 0.1", &["--bias is 0.1", "tanh"]);
    refuse("--moment 1 --inputs 2", &["--inputs is 2", "tanh"]);
    refuse("--moment 1 --cosine 0.5", &["--cosine is 0.5", "tanh"]);
    refuse(
        "--moment 1 --residual --branch 1 --hidden 3",
        &["--residual", "tanh"],
    );
    refuse("--scheme he", &["--scheme", "tanh"]);
    refuse("", &["--moment", "missing"]);
    refuse("--moment 0", &["--moment is 0", "0.01 to 2"]);
    refuse("--moment 1 --rms 1.5", &["--rms is 1.5", "below 1"]);
    refuse("--moment 1 --rms 0", &["--rms is 0"]);
    refuse("--moment 1 --rms 1e-7", &["--rms is 1e-7", "1e-6"]);
    refuse("--std 1e200", &["1e200", "1e100"]);
    refuse("--std -1", &["--std is -1"]);
    let line = |line: &str, expected: &[&str]| refused(&words(line), expected);
    line(
        "simulate --activation tanh --moment 1 --widths 4,5",
        &["--preserve is norm", "rms"],
    );
    line(
        "simulate --activation relu --moment 1 --width 4 --depth 3 --rms 1",
        &["--rms is 1", "gelu"],
    );
    line(
        "simulate --activation gelu --moment 1 --width 100000 --depth 100000",
        &["years", "30 days"],
    );
    line(
        "constants --activation gelu --moment 1 --width 4",
        &["'gelu'", "rrelu"],
    );
}

/// Of a constant image the whole law is known, also where channels and positions change: mean, deviation and
/// moment at both ends; the other end's is seen to be wrong.
#[test]
fn constant_images_follow_the_law_of_one_layer() {
    let folder = tempfile::tempdir().unwrap();
    for shape in [
        "2d --channels 4 --depth 3 --size 5",
        "1d --channels 3,6,5 --size 9 --kernel 4",
        "1d --channels 5 --depth 2 --size 9 --stride 2 --kernel 2",
    ] {
        for end in ["he", "fractional"] {
            let line = format!(
                "simulate --convolution {shape} --activation leaky-relu --slope 0.2 --moment 1 --end {end} \
                 --trajectories 10000 --format csv"
            );
            let table = Table::of(&run(folder.path(), &words(&line)));
            let last = table.0.len() - 1;
            let (mean, exact) = (table.get(last, "mean"), table.get(last, "exact_mean"));
            let (sd, exact_sd) = (table.get(last, "sd"), table.get(last, "exact_sd"));
            assert!(
                (mean - exact).abs() < 4.5 * exact_sd / 100.0,
                "{line}: {mean} {exact}"
            );
            assert!(
                (sd / exact_sd - 1.0).abs() < 0.05,
                "{line}: {sd} {exact_sd}"
            );
            let (least, most) = (
                table.find(last, "least_moment"),
                table.get(last, "most_moment"),
            );
            assert!(
                table.z(last, most) < -4.5,
                "{line}: the bracket's width is not seen"
            );
            match least {
                Some(least) => assert!(table.z(last, least).abs() < 4.5, "{line}"),
                // a stride loses what it leaves out
                None => assert!(shape.contains("stride")),
            }
            let kept = if end == "he" { Some(most) } else { least };
            assert!(kept.is_none_or(|kept| (kept - 1.0).abs() < 1e-12), "{line}");
        }
    }
}

/// The moment of white noise and of an image from a file lies in the bracket at either end, and strictly.
#[test]
fn other_images_stay_in_the_bracket() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // two images of 6 × 5: the second one is a slope
    let mut file = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 6, 0, 0, 0, 5];
    file.extend([9; 30]);
    file.extend((0..30).map(|pixel| pixel * 8));
    fs::write(folder.join("images"), file).unwrap();
    for image in [
        "--channels 4,4,4 --size 6 --image white",
        "--channels 1,4,4 --image images --image-number 2",
        "--channels 4,8,8 --size 6 --image white --padding zero --groups 2 --keep 0.8",
        "--channels 1,4,4 --image images --padding zero --stride 2",
    ] {
        for end in ["he", "fractional"] {
            let line = format!(
                "--convolution 2d {image} --end {end} --activation relu --moment 0.5 --trajectories 2500 --seed 3"
            );
            let table = is_divisible(folder, &line);
            for row in 0..2 {
                assert_eq!(table.find(row, "exact_mean"), None);
                let most = table.get(row, "most_moment");
                assert!(table.z(row, most) < 4.5, "{line}: above {most}");
                match table.find(row, "least_moment") {
                    Some(least) => assert!(table.z(row, least) > -4.5, "{line}: below {least}"),
                    None => assert!(line.contains("zero")),
                }
            }
        }
    }
    // the number of the image decides, and its name is in the title alone
    let base = "simulate --convolution 2d --channels 1,3 --activation relu --moment 1 --format csv";
    let of = |number: u32| {
        let line = format!("{base} --image images --image-number {number}");
        run(folder, &words(&line))
    };
    assert_ne!(of(1), of(2));
    let refuse = |more: &str, expected: &[&str]| {
        let file = folder.join("images");
        let line = format!("{base} --image {} {more}", file.to_str().unwrap());
        refused(&words(&line), expected);
    };
    refuse("--image-number 3", &["--image-number is 3", "1 to 2"]);
    refuse("--size 6", &["--size is 6", "file"]);
    let base = "simulate --convolution 2d --activation relu --moment 1";
    let of = |more: &str, expected: &[&str]| {
        let file = folder.join("images");
        let line = format!("{base} --image {} {more}", file.to_str().unwrap());
        refused(&words(&line), expected);
    };
    let numbers = "30 = 1 · 6 · 5 numbers";
    of(
        "--channels 3,4",
        &["--channels is 3,4", "--image", "begins with 1", numbers],
    );
    of(
        "--channels 2e0 --depth 3",
        &["--channels is 2e0", "--image", numbers],
    );
    let mut file = fs::read(folder.join("images")).unwrap();
    file[16..46].fill(0);
    fs::write(folder.join("images"), file).unwrap();
    of(
        "--channels 1,4",
        &["--image is", "--image-number 1", "is 0"],
    );
    fs::write(folder.join("images"), b"no images").unwrap();
    refuse("", &["--image is", "IDX"]);
}

#[test]
fn convolutions_that_cannot_be_drawn_are_refused() {
    let refuse = |more: &str, expected: &[&str]| {
        let line = format!("simulate --convolution 2d --activation relu {more}");
        refused(&words(&line), expected);
    };
    let good = "--moment 1 --channels 4 --depth 2 --size 4";
    let but = |more: &str, expected: &[&str]| refuse(&format!("{good} {more}"), expected);
    but("--gradient", &["--gradient", "--convolution"]);
    but("--level radial", &["--level is radial", "--convolution"]);
    but("--weights orthogonal", &["--weights", "gaussian"]);
    but("--weights uniform", &["--weights", "gaussian"]);
    but("--bias 1", &["--bias is 1", "--convolution"]);
    but("--inputs 2", &["--inputs is 2", "--convolution"]);
    but("--width 4", &["--width", "--convolution"]);
    but(
        "--residual --branch 1 --hidden 2",
        &["--residual", "--convolution"],
    );
    but("--rms 1", &["--rms is 1", "without --convolution"]);
    but(
        "--weights stable --alpha 1.5",
        &["--weights is stable", "gaussian with --convolution"],
    );
    let limit = "10000000";
    let many = "100000000000";
    but(
        "--kernel 100000000000",
        &["--size 4", "--channels 4", "--kernel 100000000000", limit],
    );
    refuse(
        "--scale 1 --channels 4 --depth 2 --size 4 --kernel 100000000000",
        &["--size 4", "--channels 4", "--kernel 100000000000", limit],
    );
    for scale in ["--scale 1", "--moment 1"] {
        refuse(
            &format!("{scale} --channels 1e11 --depth 2 --size 4"),
            &["--channels is 1e11", "100000000"],
        );
        refuse(
            &format!("{scale} --channels 1,{many} --size 4"),
            &["--channels is 100000000000", "100000000"],
        );
    }
    for option in ["channels", "size", "stride", "kernel", "groups"] {
        let line = format!(
            "simulate --convolution 2d --activation relu --depth 2 --{option} 18446744073709551615"
        );
        let allowed = "at most 9007199254740992";
        refused(
            &words(&line),
            &["18446744073709551615", &format!("--{option}"), allowed],
        );
    }
    but("--groups 3", &["--groups is 3", "divisor"]);
    but("--groups 0", &["--groups is 0", "divisor"]);
    but("--stride 0", &["--stride is 0", "at least 1"]);
    but("--kernel 0", &["--kernel is 0", "at least 1"]);
    but("--image-number 2", &["--image-number is 2", "file"]);
    but(
        "--image nothing-here",
        &["--image is nothing-here", "constant, white"],
    );
    refuse("--moment 1 --channels 4 --depth 2", &["--size", "missing"]);
    refuse(
        "--moment 1 --channels 4 --depth 2 --size 0",
        &["--size is 0"],
    );
    refuse("--moment 1 --size 4 --depth 2", &["--channels", "missing"]);
    refuse("--moment 1 --size 4 --channels 4", &["--depth", "missing"]);
    refuse(
        "--moment 1 --size 4 --channels 4,4 --depth 1",
        &["--depth", "--channels"],
    );
    refuse(
        "--moment 1 --size 4 --channels 4,0",
        &["--channels is 0", "at least 1"],
    );
    refuse(
        "--moment 3 --size 4 --channels 4 --depth 2",
        &["--moment is 3", "at most 2"],
    );
    refuse(
        "--scheme he --size 4 --channels 4 --depth 2",
        &["--scheme", "--convolution"],
    );
    refuse("--size 4 --channels 4 --depth 2", &["--moment", "missing"]);
    refuse(
        "--moment 1 --size 9999 --channels 4 --depth 2",
        &["9999", "10000000"],
    );
    refuse(
        "--moment 1 --size 9 --channels 400 --depth 10000000",
        &["years", "30 days"],
    );
    let line = "simulate --activation relu --moment 1 --width 4 --depth 2 --channels 3";
    refused(&words(line), &["--convolution"]);
    for more in ["", "--rms 1", "--weights uniform", "--alpha 1"] {
        let line = format!(
            "simulate --convolution 2d --activation gelu --moment 1 --channels 4 --depth 2 --size 4 {more}"
        );
        let expected = ["--activation is gelu", "relu", "with --convolution"];
        refused(&words(&line), &expected);
    }
}

/// Of networks that are all dead there is no error of the moment; numbers of any length stay apart;
/// what is not printed is not explained.
#[test]
fn tables_of_moments_say_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let of = |more: &str| {
        let line = format!(
            "simulate --convolution 2d --channels 4 --activation relu --record last --trajectories 20 {more}"
        );
        run(folder.path(), &words(&line))
    };
    let deep = "--size 2 --moment 1 --depth 500";
    let found = Table::of(&of(&format!("{deep} --format csv")));
    assert_eq!((found.get(0, "alive"), found.get(0, "moment")), (0.0, 0.0));
    assert_eq!(found.find(0, "moment_error"), None);
    let json = of(&format!("{deep} --format json"));
    assert!(json.contains("\"moment_error\": null"), "{json}");
    let table = of(deep);
    let row: Vec<&str> = table.lines().last().unwrap().split_whitespace().collect();
    let most = found.get(0, "most_moment");
    assert!(most > 1e6, "{most}");
    let printed = |value: &str| value.parse::<f64>().unwrap();
    assert!((printed(row[row.len() - 1]) / most - 1.0).abs() < 1e-4);
    assert_eq!(printed(row[row.len() - 2]), 1.0, "{table}");
    assert_eq!(row[row.len() - 3], "–", "{table}");
    assert!(table.contains("sd is above about 1"), "{table}");

    assert!(table.contains("least moment: no less"), "{table}");
    let strided = of("--size 4 --moment 1 --depth 2 --stride 2");
    assert!(!strided.contains("least moment"), "{strided}");
    assert!(strided.contains("most moment: no more"), "{strided}");

    let small = of("--size 2 --std 1e-320 --depth 2");
    let sigma = small.split("sigma ").nth(1).unwrap();
    let sigma = sigma.split(',').next().unwrap();
    assert!((printed(sigma) / 1e-320 - 1.0).abs() < 1e-3, "{sigma}");
}

#[test]
fn hidden_units_are_not_called_width() {
    for (hidden, more) in [
        ("0", ""),
        ("0", "--moment 1"),
        ("1e18", ""),
        ("1e18", "--moment 1"),
    ] {
        let line = format!(
            "simulate --activation relu --residual --branch 1 --hidden {hidden} --width 4 --depth 2 {more}"
        );
        refused(
            &words(&line),
            &[&format!("--hidden is {hidden}; it must be")],
        );
    }
}
