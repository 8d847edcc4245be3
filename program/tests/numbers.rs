//! The subcommands that print numbers: constants, cite, compare, law.

mod common;

use common::{isomoment, refused, text};

fn json(arguments: &[&str]) -> serde_json::Value {
    let output = isomoment(&[arguments, &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a command prints.
fn printed(arguments: &[&str]) -> String {
    let output = isomoment(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

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

#[test]
fn the_law_at_a_finite_depth() {
    let arguments = [
        "law",
        "--activation",
        "relu",
        "--moment",
        "1",
        "--width",
        "2",
        "--depth",
        "3",
    ];
    let csv = |question: &[&str]| -> Vec<f64> {
        let output = isomoment(&[&arguments[..], question, &["--format", "csv"]].concat());
        let lines = text(&output.stdout);
        let row = lines.lines().nth(1).unwrap_or_else(|| panic!("{output:?}"));
        row.split(',').map(|cell| cell.parse().unwrap()).collect()
    };
    let [_, x, dead] = csv(&["--quantile", "0.25"])[..] else {
        panic!()
    };
    approx::assert_relative_eq!(dead, 1.0 - 0.75_f64.powi(3), max_relative = 1e-15);
    let cdf = csv(&[&format!("--cdf={x}")])[1];
    approx::assert_relative_eq!(cdf, 0.25, max_relative = 1e-10);
    let below = csv(&["--below", &x.exp().to_string()])[1];
    approx::assert_relative_eq!(below, dead + (1.0 - dead) * 0.25, max_relative = 1e-10);
    refused(&arguments, &["--cdf", "--quantile", "--below"]);
    refused(
        &[&arguments[..], &["--quantile", "2"]].concat(),
        &["--quantile is 2;"],
    );
}

#[test]
fn schemes_side_by_side() {
    let arguments = [
        "compare",
        "--activation",
        "leaky-relu",
        "--slope",
        "0.5",
        "--width",
        "64",
    ];
    let rows = json(&arguments);
    let find = |name: &str| {
        let rows = rows.as_array().unwrap();
        rows.iter().find(|row| row["scheme"] == name).unwrap()
    };
    // spec: at a = 0.5, d = 64, s = 1 the published formula is 0.13 % off
    let error = find("published s=1")["published_error"].as_f64().unwrap();
    assert!((-0.00135..-0.0013).contains(&error), "{error}");
    let below = |name: &str| find(name)["below"].as_f64().unwrap();
    assert!(below("fractional s=0.5") < below("fractional s=1"));
    assert!(below("fractional s=1") < below("He"));
    // the same number from `law`, which takes its growth rate another way
    let law = [
        "law",
        "--activation",
        "leaky-relu",
        "--slope",
        "0.5",
        "--moment",
        "1",
    ];
    let law = [
        &law[..],
        &["--width", "64", "--depth", "50", "--below", "0.01"],
    ]
    .concat();
    let exact = json(&law)[0]["below"].as_f64().unwrap();
    approx::assert_relative_eq!(below("fractional s=1"), exact, max_relative = 1e-10);
    refused(&arguments[..5], &["--width is missing"]);
}

/// The formulas for linear units, and a formula without a value: a row that says so, beside the
/// others.
#[test]
fn published_rows_of_compare() {
    let linear = [
        "compare",
        "--activation",
        "linear",
        "--moment",
        "1",
        "--width",
        "64",
    ];
    let table = printed(&linear);
    let row = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(row("published s=1").contains("0.125487331283"), "{table}");
    assert!(row("published s=1").ends_with("-1.50e-3 %"), "{table}");
    assert!(row("random walk").contains("0.125980387151"), "{table}");
    let small = [
        "compare",
        "--activation",
        "leaky-relu",
        "--slope",
        "1",
        "--moment",
        "0.5",
        "--width",
        "1",
    ];
    let table = printed(&small);
    let line = table
        .lines()
        .find(|line| line.starts_with("published s=0.5"));
    assert!(line.unwrap().contains("no value: width is 1"), "{table}");
    assert!(table.lines().any(|line| line.starts_with("He ")), "{table}");
    for (more, reason) in [
        (
            ["--activation", "rrelu", "--moment", "1"],
            "activation is RReLU",
        ),
        (["--activation", "relu", "--moment", "2.5"], "s is 2.5"),
    ] {
        let table = printed(&[&["compare", "--width", "8"], &more[..]].concat());
        let mut lines = table
            .lines()
            .skip_while(|line| !line.starts_with("published"));
        assert!(lines.next().unwrap().contains(reason), "{table}");
    }
    let masked = [
        "compare",
        "--activation",
        "relu",
        "--keep",
        "0.9",
        "--width",
        "8",
    ];
    assert!(printed(&masked).contains("no value: keep is 0.9"));
    let rows = json(&small);
    let last = rows.as_array().unwrap().last().unwrap();
    assert!(
        last["no_value"].as_str().unwrap().contains("variance"),
        "{last}"
    );
    let csv = printed(&[&small[..], &["--format", "csv"]].concat());
    let fields = csv::Reader::from_reader(csv.as_bytes())
        .records()
        .map(|r| r.unwrap().len())
        .collect::<Vec<_>>();
    assert!(fields.iter().all(|&n| n == 6), "{csv}");
}

#[test]
fn orthogonal_weights_of_a_linear_layer_need_no_scaling() {
    let linear = [
        "constants",
        "--activation",
        "linear",
        "--moment",
        "1",
        "--width",
        "64",
        "--weights",
        "orthogonal",
        "--format",
        "json",
    ];
    let json: serde_json::Value = serde_json::from_slice(&isomoment(&linear).stdout).unwrap();
    assert_eq!(
        (&json[0]["sigma"], &json[0]["weights"]),
        (&1.0.into(), &"orthogonal".into())
    );
}

/// A variance that is a difference of equal numbers: 0, not the root of a rounding below it.
#[test]
fn a_constant_log_norm_has_no_spread() {
    for arguments in [
        "law --activation linear --keep=1e-8 --weights orthogonal --moment=0.895 --width=1 --depth=5 --cdf=3",
        "law --activation relu --weights orthogonal --moment=1 --width=1 --depth=5 --cdf=3",
        "simulate --activation relu --weights orthogonal --moment 1 --width 1 --depth 1 --trajectories 2",
    ] {
        let words: Vec<&str> = arguments.split(' ').collect();
        let text = printed(&words);
        assert!(!text.contains("NaN") && text.contains("0.00000"), "{text}");
    }
    let law = json(&[
        "constants",
        "--activation=linear",
        "--weights=orthogonal",
        "--width=7",
        "--moment=1",
    ]);
    assert_eq!(law[0]["var_log"], 0.0);
}

/// What a framework's weights do: their order, and the law's own probabilities.
#[test]
fn weights_that_somebody_has_are_diagnosed() {
    let found = json(&[
        "diagnose",
        "--activation=relu",
        "--width=64",
        "--depth=30",
        "--scheme=he",
        "--below=0.01",
    ]);
    approx::assert_relative_eq!(
        found["preserved_order"].as_f64().unwrap(),
        2.0,
        max_relative = 1e-9
    );
    let law = json(&[
        "law",
        "--activation=relu",
        "--width=64",
        "--depth=30",
        "--moment=2",
        "--below=0.01",
    ]);
    approx::assert_relative_eq!(
        found["vanished"].as_f64().unwrap(),
        law[0]["below"].as_f64().unwrap(),
        max_relative = 1e-9
    );
    assert_eq!(found["forward"], found["backward"]);
    // the same weights by their standard deviation
    let std = (2.0_f64 / 64.0).sqrt().to_string();
    let same = json(&[
        "diagnose",
        "--activation=relu",
        "--width=64",
        "--depth=30",
        "--std",
        &std,
        "--below=0.01",
    ]);
    approx::assert_relative_eq!(
        same["log_median"].as_f64().unwrap(),
        found["log_median"].as_f64().unwrap(),
        max_relative = 1e-12
    );
    // an order beyond the computed range is not none: the default of the frameworks shrinks fast
    let shrinking = "diagnose --activation=relu --width=64 --scheme=framework-default";
    let table = printed(&shrinking.split(' ').collect::<Vec<_>>());
    assert!(
        table.contains("about 88 (") && !table.contains("grows"),
        "{table}"
    );
    // tails beyond their digits are not printed with digits
    let rare = "diagnose --activation=leaky-relu --width=64 --depth=20 --scheme=he";
    let table = printed(&rare.split(' ').collect::<Vec<_>>());
    assert!(table.contains("below 1e-30"), "{table}");
    // what grows keeps no moment; JSON has no NaN for it
    let growing = json(&["diagnose", "--activation=linear", "--width=64", "--std=1"]);
    assert!(growing["preserved_order"].is_null() && growing["layers_to_below"].is_null());
    for (arguments, words) in [
        ("diagnose --activation relu --width 64", "--std is missing"),
        ("diagnose --activation relu --std 0.1", "--width is missing"),
        (
            "diagnose --activation relu --width 64 --std 0",
            "--std is 0",
        ),
        (
            "diagnose --activation relu --width 64 --std 0.1 --moment 1",
            "--moment",
        ),
        (
            "diagnose --activation relu --width 64 --std 0.1 --below 2",
            "--below is 2",
        ),
        (
            "law --activation relu --width 64 --depth 3 --std -1 --cdf 0",
            "--std is -1",
        ),
        ("compare --activation relu --width 64 --std 0", "--std is 0"),
        (
            "simulate --activation relu --weights orthogonal --width 4 --depth 3 --scheme fractional:1",
            "--moment",
        ),
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        refused(&arguments, &[words]);
    }
}

/// 20 digits of the row in `tests/data/residual.csv`; a block of this branch alone, in every format.
#[test]
fn residual_blocks_have_a_skip_scale() {
    let block = "constants --residual --branch 0.03125 --hidden 8 --width 8 --activation relu";
    let arguments =
        |rest: &'static str| -> Vec<&str> { block.split(' ').chain(rest.split(' ')).collect() };
    let table = include_str!("../../tests/data/residual.csv");
    let row = table
        .lines()
        .find(|line| line.starts_with("relu,1,8,8,0.03125,0.5,"));
    let wanted: Vec<f64> = row
        .unwrap()
        .split(',')
        .skip(6)
        .map(|x| x.parse().unwrap())
        .collect();
    let object = &json(&arguments("--moment 0.5"))[0];
    for (name, wanted) in ["moment", "sigma", "mean_log", "var_log"]
        .iter()
        .zip(&wanted)
    {
        let found = object[name].as_f64().unwrap();
        assert!(
            (found / wanted - 1.0).abs() < 1e-13,
            "{name}: {found} {wanted}"
        );
    }
    let csv = printed(&arguments("--moment 0.5,1 --format csv"));
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].ends_with("hidden,branch,width,s,moment,sigma,mean_log,var_log"));
    let moment: f64 = lines[1].split(',').nth(9).unwrap().parse().unwrap();
    assert_eq!(Some(moment), object["moment"].as_f64());
    assert!(printed(&arguments("--moment 0.5")).contains("0.749161263001"));
    assert!(printed(&arguments("--moment 0.5 --format latex")).contains("0.749161263001"));
    refused(&arguments("--moment 9"), &["--moment is 9", "at most 8"]);
    refused(
        &arguments("--moment 1 --weights orthogonal"),
        &["--weights is orthogonal"],
    );
    refused(&arguments("--moment 1 --digits 20"), &["--digits"]);
    let law = "constants --activation relu --moment 1 --width 8";
    let with =
        |rest: &'static str| -> Vec<&str> { law.split(' ').chain(rest.split(' ')).collect() };
    refused(&with("--residual --branch 0.1"), &["--hidden"]);
    refused(&with("--branch 0.1 --hidden 8"), &["--residual"]);
    refused(
        &with("--residual --branch -1 --hidden 8"),
        &["--branch is -1"],
    );
}
