//! `isomoment gain`.

use crate::common::{isomoment, refused, text};

fn printed(line: &str) -> String {
    let output = isomoment(&line.split_whitespace().collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn every_form_has_the_same_gains() {
    let options = "gain --activation gelu,leaky-relu --moment 1,2 --width 4,64 --level 0.5,1";
    let csv = printed(&format!("{options} --format csv"));
    let mut lines = csv.lines();
    let header = "activation,s,width,level,gain,sigma_times_sqrt_fan_in,stability";
    assert_eq!(lines.next(), Some(header));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 16);
    let json = printed(&format!("{options} --format json"));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let table = printed(options);
    let latex = printed(&format!("{options} --format latex"));
    for (row, object) in rows.iter().zip(json.as_array().unwrap()) {
        let number = |i: usize| row[i].parse::<f64>().unwrap();
        let field = |name: &str| object[name].as_f64().unwrap();
        assert_eq!(number(1), field("s"));
        assert_eq!(number(2), field("width"));
        assert_eq!(number(3), field("level"));
        assert_eq!(number(4), field("gain"));
        assert_eq!(number(5), field("sigma_times_sqrt_fan_in"));
        assert_eq!(number(6), field("stability"));
        let digits = format!("{:.12}", number(4));
        assert!(
            table.contains(&digits) && latex.contains(&digits),
            "{digits}"
        );
    }
    // GELU at s = 1, d = 64, level 1, from tests/data/gain.csv
    let gelu = rows.iter().find(|row| row[..4] == ["gelu", "1", "64", "1"]);
    let gain: f64 = gelu.unwrap()[4].parse().unwrap();
    assert!((gain - 1.483_319_928_332_545).abs() < 1e-12);
    // homogeneous: the gain of `constants`, at both levels
    let sigma = printed("constants --activation leaky-relu --moment 1 --width 64 --format csv");
    let columns = sigma.lines().next().unwrap().split(',');
    let place = columns.into_iter().position(|name| name == "sigma");
    let sigma = sigma.lines().nth(1).unwrap().split(',').nth(place.unwrap());
    let sigma: f64 = sigma.unwrap().parse().unwrap();
    let homogeneous = rows
        .iter()
        .filter(|row| row[..3] == ["leaky_relu", "1", "64"]);
    let gains: Vec<f64> = homogeneous.map(|row| row[4].parse().unwrap()).collect();
    assert_eq!(gains.len(), 2);
    assert!(
        gains
            .iter()
            .all(|gain| (gain / (8.0 * sigma) - 1.0).abs() < 1e-13)
    );
}

#[test]
fn several_gains_are_several_rows() {
    let csv =
        printed("gain --activation softplus --moment 0.1 --width 1 --level 0.685 --format csv");
    let gain = |line: &str| line.split(',').nth(4).unwrap().parse::<f64>().unwrap();
    let gains: Vec<f64> = csv.lines().skip(1).map(gain).collect();
    assert!(gains.len() == 2 && gains[0] < gains[1], "{csv}");
}

#[test]
fn bad_input_is_refused_in_a_line() {
    for (line, words) in [
        ("--moment 1 --width 64", "--activation is missing"),
        ("--activation gelu --width 64", "--moment is missing"),
        ("--activation gelu --moment 1", "--width is missing"),
        (
            "--activation gelu --moment 3 --width 64",
            "--moment is 3; it must be",
        ),
        (
            "--activation gelu --moment 1 --width 0",
            "--width is 0; it must be",
        ),
        (
            "--activation gelu --moment 1 --width 64 --slope 1",
            "--slope is 1; it must be given",
        ),
        (
            "--activation gelu --moment 1 --width 64 --level 0",
            "--level is 0; it must be",
        ),
        (
            "--activation rrelu --moment 1 --width 64",
            "invalid value 'rrelu'",
        ),
        (
            "--activation tanh --moment 1 --width 64 --level 1.5",
            "--level is 1.5; it must be below 1, the largest",
        ),
        (
            "--activation sigmoid --moment 2 --width 64 --level 0.9",
            "--level is 0.9; it must be below 0.707107, the largest",
        ),
        (
            "--activation elu --alpha 1e9 --moment 1 --width 64",
            "--alpha is 1e9; it must be",
        ),
    ] {
        let line = format!("gain {line}");
        refused(&line.split_whitespace().collect::<Vec<_>>(), &[words]);
    }
}

/// Each command of the document is followed by what it prints.
#[test]
fn the_document_has_what_the_program_prints() {
    let document = include_str!("../../docs/gains.md");
    let blocks: Vec<&str> = document.split("```").skip(1).step_by(2).collect();
    assert_eq!(blocks.len(), 6);
    for pair in blocks.chunks(2) {
        let command = pair[0].strip_prefix("sh\nisomoment ").unwrap();
        let stated = pair[1].strip_prefix("text\n").unwrap();
        assert_eq!(printed(command), stated, "{command}");
    }
}
