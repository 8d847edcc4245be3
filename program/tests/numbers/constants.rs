//! `constants` and `cite`.

use super::{json, printed};
use crate::common::{isomoment, refused, text};

#[test]
fn a_malformed_grid_names_its_row() {
    let folder = tempfile::tempdir().unwrap();
    let grid = folder.path().join("grid.csv");
    let header = "activation,slope,lower,upper,keep,width,s\n";
    let cases = [
        (
            "relu,,,,1,64,1\nrelu,,,,1,zero,1\n",
            "line 3",
            "width is 'zero'",
        ),
        ("gelu,,,,1,64,1\n", "line 2", "activation is 'gelu'"),
        ("relu,,,,2,64,1\n", "line 2", "keep is 2.0"),
        ("leaky_relu,one,,,1,64,1\n", "line 2", "slope is 'one'"),
        ("relu,,,,1,64,-1\n", "line 2", "s is -1.0"),
        ("relu,,,,1,64\n", "line 2", "6 cells, the header 7"),
        ("relu,,,,0,5,64,1\n", "line 2", "decimals need a point"),
        ("\n\nrelu,,,,1,64,x\n", "line 4", "s is 'x'"),
        ("rrelu,,0.5,0.1,1,64,1\n", "line 2", "lower is 0.5"),
    ];
    for (rows, line, reason) in cases {
        std::fs::write(&grid, format!("{header}{rows}")).unwrap();
        refused(
            &["constants", "--grid", grid.to_str().unwrap()],
            &[line, reason],
        );
    }
    for (file, words) in [
        ("activation,width\nrelu,4\n", "no column s;"),
        ("activation,width,slop,s\nrelu,4,,1\n", "is it slope?"),
        ("", "empty"),
    ] {
        std::fs::write(&grid, file).unwrap();
        refused(&["constants", "--grid", grid.to_str().unwrap()], &[words]);
    }
}

#[test]
fn grids_of_spreadsheets_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let grid = folder.path().join("grid.csv");
    let of = |text: &str| {
        std::fs::write(&grid, text).unwrap();
        printed(&[
            "constants",
            "--format=csv",
            "--grid",
            grid.to_str().unwrap(),
        ])
    };
    let sigma = |csv: &str| -> Vec<String> {
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let place = reader
            .headers()
            .unwrap()
            .iter()
            .position(|name| name == "sigma");
        reader
            .records()
            .map(|r| r.unwrap()[place.unwrap()].to_owned())
            .collect()
    };
    let plain = of("activation,slope,lower,upper,keep,width,s\n\
                    leaky-relu,-0.25,,,0.5,1000,1.5\nrrelu,,-0.1,0.3,1,64,1\n");
    let same = [
        // semicolons, decimal commas, a typographic minus, a thin space, a byte order mark, Windows
        "\u{feff}Activation;Slope;Lower;Upper;Keep;Width;S\r\n\
         LeakyReLU;\u{2212}0,25;;;0,5;1\u{202f}000;1,5\r\nRReLU;;\u{2212}0,1;0,3;1;64;1\r\n",
        // tabs, another order, a column of the user's own, blank lines
        "\n width\ts\tlower\tupper\tname\tkeep\tslope\tactivation\n\n\
         1e3\t1.5\t\t\tfirst\t0.5\t-0.25\tleaky_relu\n64\t1\t-0.1\t0.3\tsecond\t\t\trrelu\n",
    ];
    for text in same {
        assert_eq!(sigma(&of(text)), sigma(&plain));
    }
    // what is missing has its default
    let few = of("width,s,activation\n1_000,1,ReLU\n");
    let all = printed(&[
        "constants",
        "--format=csv",
        "--activation=relu",
        "--width=1000",
        "--moment=1",
    ]);
    assert_eq!(few, all);
}

#[test]
fn rows_without_a_value_do_not_end_a_grid_that_keeps_going() {
    let folder = tempfile::tempdir().unwrap();
    let grid = folder.path().join("grid.csv");
    std::fs::write(
        &grid,
        "activation,width,s\nrelu,1,0.0001\nrelu,64,1\nrelu,64,9\n",
    )
    .unwrap();
    let arguments = ["constants", "--grid", grid.to_str().unwrap()];
    refused(&arguments, &["line 2", "overflows"]);
    let run = |format| isomoment(&[&arguments[..], &["--keep-going", "--format", format]].concat());
    let output = run("csv");
    assert_eq!(output.status.code(), Some(1));
    let mut reader = csv::Reader::from_reader(&output.stdout[..]);
    let names = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let cell = |row: usize, name| &rows[row][names.iter().position(|n| n == name).unwrap()];
    assert_eq!(rows.len(), 3);
    assert_eq!((cell(0, "sigma"), cell(2, "sigma")), ("", ""));
    assert!(cell(0, "error").contains("overflows") && cell(2, "error").contains("s is 9"));
    assert!(cell(1, "error").is_empty() && cell(1, "sigma").starts_with("1.7"));
    for format in ["table", "json", "latex"] {
        let output = run(format);
        assert_eq!(output.status.code(), Some(1), "{format}");
        assert!(!text(&output.stdout).contains("NaN"), "{format}");
    }
}

#[test]
fn the_grid_reproduces_the_reference_table() {
    let table = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/moments.csv");
    let output = isomoment(&["constants", "--grid", table, "--format", "csv"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let rows = |bytes: &[u8]| -> Vec<csv::StringRecord> {
        csv::Reader::from_reader(bytes)
            .records()
            .map(Result::unwrap)
            .collect()
    };
    let (found, wanted) = (rows(&output.stdout), rows(&std::fs::read(table).unwrap()));
    assert_eq!(found.len(), wanted.len());
    let header = text(&output.stdout).lines().next().unwrap().to_owned();
    assert_eq!(
        header,
        "activation,slope,lower,upper,keep,width,s,moment,sigma,dead_probability,mean_log,var_log,third_cumulant_log"
    );
    for (found, wanted) in found.iter().zip(&wanted) {
        assert_eq!(found[0], wanted[0]);
        for column in 1..9 {
            if wanted[column].is_empty() {
                assert!(found[column].is_empty());
                continue;
            }
            let value = |row: &csv::StringRecord| row[column].parse::<f64>().unwrap();
            let error = (value(found) / value(wanted) - 1.0).abs();
            assert!(error < 1e-14, "{found:?} against {wanted:?}");
        }
    }
}

#[test]
fn every_format_has_the_constants() {
    let arguments = [
        "constants",
        "--activation",
        "relu",
        "--moment",
        "1,2",
        "--width",
        "64",
        "--format",
    ];
    let run = |format: &str| {
        let output = isomoment(&[&arguments[..], &[format]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    assert!(run("table").contains("0.178528028664370"));
    assert!(run("csv").contains("1.7852802866437"));
    let json: serde_json::Value = serde_json::from_str(&run("json")).unwrap();
    let sigma = json[0]["sigma"].as_f64().unwrap();
    approx::assert_relative_eq!(sigma, 0.17852802866437036, max_relative = 4e-15);
    assert_eq!(json[1]["s"], 2.0);
    let latex = run("latex");
    assert!(latex.contains("\\toprule") && latex.contains("0.178528028664370"));
}

#[test]
fn proved_digits_in_every_format() {
    let arguments = ["constants", "--activation", "rrelu", "--moment", "1"];
    let arguments = [&arguments[..], &["--width", "64", "--digits", "30"]].concat();
    let sigma = "0.173504105898320624424790153356";
    for format in ["table", "csv", "json", "latex"] {
        let output = isomoment(&[&arguments[..], &["--format", format]].concat());
        assert!(text(&output.stdout).contains(sigma), "{format}");
    }
    let grid = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/moments.csv");
    let grid = std::fs::read_to_string(grid).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grid.csv");
    let few: Vec<&str> = grid.lines().step_by(200).collect();
    std::fs::write(&path, few.join("\n")).unwrap();
    let path = path.to_str().unwrap();
    let output = isomoment(&[
        "constants",
        "--grid",
        path,
        "--digits",
        "20",
        "--format",
        "csv",
    ]);
    assert_eq!(text(&output.stdout).lines().count(), few.len());
}

#[test]
fn the_lyapunov_scale_is_conditioned_on_survival_and_says_so() {
    let arguments = [
        "constants",
        "--activation",
        "relu",
        "--moment",
        "0",
        "--width",
        "2",
    ];
    let table = text(&isomoment(&arguments).stdout);
    assert!(table.contains("given survival"), "{table}");
    let row = &json(&arguments)[0];
    let (sigma, mean) = (&row["sigma"], &row["mean_log"]);
    let product = sigma.as_f64().unwrap().ln() + mean.as_f64().unwrap();
    approx::assert_abs_diff_eq!(product, 0.0, epsilon = 1e-15);
    assert_eq!(
        (&row["moment"], &row["given_survival"]),
        (&0.75.into(), &true.into())
    );
    let proved = isomoment(&[&arguments[..], &["--digits", "25"]].concat());
    assert!(
        text(&proved.stdout).contains("1.498002213220"),
        "{proved:?}"
    );
    let linear = [
        "constants",
        "--activation",
        "linear",
        "--moment",
        "0",
        "--width",
        "2",
    ];
    assert!(!text(&isomoment(&linear).stdout).contains("survival"));
}

#[test]
fn rectangular_layers_have_two_scales() {
    let arguments = [
        "constants",
        "--activation",
        "relu",
        "--fan-in",
        "784",
        "--fan-out",
        "64",
    ];
    let row = &json(&[&arguments[..], &["--moment", "2"]].concat())[0];
    let number = |name: &str| row[name].as_f64().unwrap();
    approx::assert_relative_eq!(
        number("sigma"),
        (2.0_f64 / 64.0).sqrt(),
        max_relative = 1e-15
    );
    approx::assert_relative_eq!(
        number("sigma_rms"),
        (2.0_f64 / 784.0).sqrt(),
        max_relative = 1e-15
    );
    let digits = [&arguments[..], &["--moment", "2", "--digits", "20"]].concat();
    // √(2/784) = 1/14/√2
    assert!(text(&isomoment(&digits).stdout).contains("0.0505076272276105374"));
}

#[test]
fn a_citation_has_the_digits_and_how_to_repeat_them() {
    let arguments = [
        "cite",
        "--activation",
        "relu",
        "--moment",
        "1",
        "--width",
        "64",
    ];
    let citation = text(&isomoment(&[&arguments[..], &["--digits", "30"]].concat()).stdout);
    for part in [
        "\\num{0.178528028664370361706517788598}",
        "@misc{isomoment,",
        "isomoment cite --activation relu --moment 1 --width 64 --digits 30",
        "proofs-notes/certified.md",
    ] {
        assert!(citation.contains(part), "no {part} in {citation}");
    }
    refused(&arguments[..5], &["--width is missing"]);
}
