//! Heavy-tailed weights on the command line: `--weights stable --alpha A`.

use crate::common::{isomoment, refused, text};

/// What a command prints.
fn printed(command: &str) -> String {
    let output = isomoment(&command.split_whitespace().collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn refuses(command: &str, words: &[&str]) {
    refused(&command.split_whitespace().collect::<Vec<_>>(), words);
}

const LAYER: &str = "constants --weights stable --alpha 1.5 --activation relu --dropout plain";

/// 22 digits of the rows in `tests/data/stable.csv`, in every format.
#[test]
fn constants_of_stable_weights() {
    let table = include_str!("../../tests/data/stable.csv");
    let rows = table
        .lines()
        .filter(|line| line.starts_with("1.5,relu,1,256,"));
    for row in rows {
        let cells: Vec<&str> = row.split(',').collect();
        let command = format!("{LAYER} --width 256 --moment {}", cells[4]);
        let json = printed(&format!("{command} --format json"));
        let object = &serde_json::from_str::<serde_json::Value>(&json).unwrap()[0];
        let names = [
            "moment",
            "sigma",
            "mean_log",
            "var_log",
            "third_cumulant_log",
        ];
        for (name, wanted) in names.iter().zip(&cells[5..]) {
            let wanted: f64 = wanted.parse().unwrap();
            let found = object[name].as_f64().unwrap();
            let error = (found / wanted - 1.0).abs();
            assert!(error < 1e-11, "{name}: {found} {wanted}");
        }
        let csv = printed(&format!("{command} --format csv"));
        let lines: Vec<&str> = csv.lines().collect();
        assert!(
            lines[0].starts_with("activation,slope,lower,upper,keep,alpha,width,s,moment,sigma,")
        );
        let sigma: f64 = lines[1].split(',').nth(9).unwrap().parse().unwrap();
        assert_eq!(Some(sigma), object["sigma"].as_f64());
        // the table and LaTeX show 15 digits
        for format in ["table", "latex"] {
            let shown = printed(&format!("{command} --format {format}"));
            assert!(shown.contains(&cells[6][..12]), "{shown}");
        }
        let cited = printed(&format!(
            "cite{} --width 256 --moment {}",
            &LAYER[9..],
            cells[4]
        ));
        assert!(cited.contains("not proved") && cited.contains("BibTeX"));
        let sigma = format!("{sigma:.12e}");
        assert!(cited.contains(&sigma), "{cited}");
    }
    assert_eq!(
        printed(&format!("{LAYER} --width 1,64 --moment 0,0.5 --format csv"))
            .lines()
            .count(),
        5
    );
    let table = printed(&format!("{LAYER} --width 64 --moment 1"));
    assert!(table.contains("‖x‖ = (Σ|xᵢ|^alpha)^(1/alpha)"), "{table}");
}

#[test]
fn scales_of_stable_weights_side_by_side() {
    let layer = "compare --weights stable --alpha 1.5 --activation linear --moment 1 --width 256";
    let csv = printed(&format!("{layer} --format csv"));
    let row = |name: &str| {
        let line = csv.lines().find(|line| line.starts_with(name)).unwrap();
        line.split(',').map(str::to_owned).collect::<Vec<_>>()
    };
    let off: f64 = row("infinite width s=1")[3].parse().unwrap();
    assert!((off - 0.6965).abs() < 1e-3, "{off}");
    let off: f64 = row("expansion s=1")[3].parse().unwrap();
    assert!(off.abs() < 1e-3, "{off}");
    let growth: f64 = row("fractional s=1")[2].parse().unwrap();
    assert!(growth < 0.0);
    assert_eq!(row("Lyapunov")[2], "0.0");
    let few =
        printed("compare --weights stable --alpha 0.5 --activation linear --moment 0.1 --width 1");
    assert!(few.contains("no value: width is 1"), "{few}");
}

#[test]
fn what_stable_weights_do_not_have_is_refused() {
    refuses(
        &format!("{LAYER} --moment 1.5 --width 64"),
        &["--moment is 1.5", "infinite"],
    );
    refuses(
        &format!("{LAYER} --moment 1 --width 64 --digits 20"),
        &["--digits", "stable"],
    );
    let layer = "--activation relu --moment 1 --width 64";
    refuses(
        &format!("constants --weights stable {layer}"),
        &["--alpha is missing"],
    );
    refuses(
        &format!("constants --weights stable --alpha 2.5 {layer}"),
        &["--alpha is 2.5", "0.3 to 2"],
    );
    refuses(
        &format!("constants --alpha 1.5 {layer}"),
        &["--alpha is 1.5", "stable"],
    );
    refuses(
        &format!("law --weights stable --alpha 1.5 {layer} --depth 5 --below 0.1"),
        &["--weights is stable"],
    );
    refuses(
        &format!("cite --weights stable --alpha 1.5 {layer} --digits 9"),
        &["--digits"],
    );
    refuses(
        &format!("compare --weights stable --alpha 1.5 {layer} --std 0.1"),
        &["--std"],
    );
}

const NETWORK: &str = "simulate --weights stable --alpha 1.3 --activation rrelu --keep 0.9 --moment 0.5 \
                       --width 9 --depth 12 --seed 5 --format csv";

/// The exact columns are those of `constants`; threads, shards and levels.
#[test]
fn simulated_networks_of_stable_weights() {
    let constants = printed(
        "constants --weights stable --alpha 1.3 --activation rrelu --keep 0.9 --moment 0.5 --width 9 \
         --format json",
    );
    let constants: serde_json::Value = serde_json::from_str(&constants).unwrap();
    let number = |name: &str| constants[0][name].as_f64().unwrap();
    for level in ["network", "preactivation"] {
        let command = format!("{NETWORK} --trajectories 3000 --level {level}");
        let summary = printed(&command);
        assert_eq!(printed(&format!("{command} --threads 1")), summary);
        let mut lines = summary.lines();
        let names: Vec<&str> = lines.next().unwrap().split(',').collect();
        let last: Vec<&str> = lines.last().unwrap().split(',').collect();
        let of = |name: &str| -> f64 {
            let column = names.iter().position(|n| *n == name).unwrap();
            last[column].parse().unwrap()
        };
        assert!((of("exact_mean") / (12.0 * number("growth")) - 1.0).abs() < 1e-12);
        let deviation = (12.0 * number("var_log")).sqrt();
        assert!((of("exact_sd") / deviation - 1.0).abs() < 1e-12);
        let error = (of("mean") - of("exact_mean")) / deviation * of("alive").sqrt();
        assert!(error.abs() < 4.5, "{level}: {error} standard errors");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let few = format!("{NETWORK} --trajectories 300");
    let whole = printed(&format!("{few} --output {}", path("whole.csv")));
    for shard in ["1", "2"] {
        let part = path(&format!("{shard}.part"));
        printed(&format!("{few} --shard {shard}/2 --output {part}"));
    }
    let parts = format!("{} {}", path("2.part"), path("1.part"));
    let merged = printed(&format!(
        "merge {parts} --format csv --output {}",
        path("merged.csv")
    ));
    assert_eq!(merged, whole);
    let read = |name: &str| std::fs::read(path(name)).unwrap();
    assert!(read("whole.csv") == read("merged.csv"));
}

#[test]
fn networks_of_stable_weights_that_are_not_drawn() {
    refuses(&format!("{NETWORK} --level radial"), &["--level is radial"]);
    refuses(
        &format!("{NETWORK} --precision f32"),
        &["--precision is f32"],
    );
    refuses(&format!("{NETWORK} --bias 0.1"), &["--bias is 0.1"]);
    refuses(&format!("{NETWORK} --inputs 2"), &["--inputs is 2"]);
    refuses(&NETWORK.replace("--moment 0.5", "--std 0.1"), &["--std"]);
    refuses(
        &NETWORK.replace("--moment 0.5", "--moment 1.3"),
        &["--moment is 1.3", "infinite"],
    );
    refuses(
        &NETWORK.replace("--moment 0.5 ", ""),
        &["--moment is missing"],
    );
}
