//! `law`, `compare`, `diagnose`, and the scales of residual blocks.

use super::{json, printed};
use crate::common::{isomoment, refused, text};

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
    let table = include_str!("../../../tests/data/residual.csv");
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

/// A picture by the ending of its name, whole or not at all.
#[test]
fn a_diagnosis_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let command = |picture: &str, depth: &str| -> Vec<String> {
        let layers = "diagnose --activation leaky-relu --fan-in 32 --fan-out 16 --std 0.2";
        let command = format!("{layers} --depth {depth} --picture");
        let words = command.split(' ').map(String::from);
        words.chain([picture.to_owned()]).collect()
    };
    let run = |name: &str, depth: &str| {
        let words = command(&file(name), depth);
        isomoment(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(run("law.svg", "7").status.code(), Some(0));
    assert_eq!(run("law.png", "1000").status.code(), Some(0));
    let svg = std::fs::read_to_string(folder.path().join("law.svg")).unwrap();
    assert!(
        svg.contains("vanished") && svg.contains("gradient: typical"),
        "{svg}"
    );
    let png = std::fs::read(folder.path().join("law.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG"));
    let wrong = command(&file("law.jpg"), "7");
    let wrong: Vec<&str> = wrong.iter().map(String::as_str).collect();
    refused(&wrong, &["--picture", ".png or .svg"]);
    assert!(!folder.path().join("law.jpg").exists());
}

/// The law of blocks at depth is the library's, without a skip scale and with one.
#[test]
fn residual_blocks_at_depth() {
    use isomoment::{Activation, DepthLaw, LayerLaw, ResidualLaw};
    let hidden = LayerLaw::new(Activation::Linear, 16).unwrap();
    let block = ResidualLaw::new(&hidden, 0.001, 16).unwrap();
    let command = "law --residual --branch 0.001 --hidden 16 --width 16 --activation linear";
    let command = format!("{command} --depth 12 --quantile 0.5");
    let command: Vec<&str> = command.split(' ').collect();
    let median = |more: &[&str]| json(&[&command, more].concat())[0]["x"].as_f64().unwrap();
    let free = DepthLaw::new(&block, 1.0, 12).unwrap();
    assert_eq!(median(&[]), free.quantile(0.5).unwrap());
    let kept = DepthLaw::preserving(&block, 1.0, 12).unwrap();
    assert_eq!(median(&["--moment", "1"]), kept.quantile(0.5).unwrap());
    assert!(median(&["--moment", "0"]).abs() < 0.1);
    for scale in [["--std", "0.1"], ["--scheme", "he"]] {
        refused(&[&command, &scale[..]].concat(), &[scale[0], "--branch"]);
    }
}
