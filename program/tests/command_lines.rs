//! Command lines drawn at random, most of them valid: the exit code says how it went, a refusal is
//! one line and prints nothing else, no number is none, and none takes long.

use std::process::Command;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// One of the options' values: mostly ordinary, sometimes at an end of the domain.
fn value(ordinary: std::ops::Range<f64>, ends: &'static [&'static str]) -> BoxedStrategy<String> {
    prop_oneof![
        6 => ordinary.prop_map(|x| x.to_string()),
        1 => proptest::sample::select(ends).prop_map(String::from),
    ]
    .boxed()
}

fn one_of(words: &'static [&'static str]) -> BoxedStrategy<String> {
    proptest::sample::select(words)
        .prop_map(String::from)
        .boxed()
}

/// `--option=value`, or nothing.
fn maybe(option: &'static str, value: BoxedStrategy<String>) -> BoxedStrategy<Vec<String>> {
    prop_oneof![
        Just(Vec::new()),
        value.prop_map(move |value| vec![format!("--{option}={value}")]),
    ]
    .boxed()
}

fn always(option: &'static str, value: BoxedStrategy<String>) -> BoxedStrategy<Vec<String>> {
    value
        .prop_map(move |value| vec![format!("--{option}={value}")])
        .boxed()
}

/// Activation, dropout, weights.
fn layer() -> BoxedStrategy<Vec<String>> {
    let slopes = || {
        value(
            -2.0..2.0,
            &["0", "1", "-1", "1e-99", "1e-9", "1/3", "0.999999"],
        )
    };
    let units = prop_oneof![
        Just(vec!["--activation=linear".to_owned()]),
        Just(vec!["--activation=ReLU".to_owned()]),
        slopes().prop_map(|a| vec!["--activation=leaky-relu".into(), format!("--slope={a}")]),
        (slopes(), slopes()).prop_map(|(lower, upper)| vec![
            "--activation=rrelu".into(),
            format!("--lower={lower}"),
            format!("--upper={upper}"),
        ]),
    ];
    let keep = maybe(
        "keep",
        value(0.05..1.0, &["1", "1e-8", "1e-100", "0.999999999", "0"]),
    );
    let alpha = value(0.3..2.0, &["2", "0.3", "1", "1.999999999", "0.2", "nan"]);
    let weights = prop_oneof![
        6 => maybe("weights", one_of(&["gaussian", "orthogonal"])),
        1 => alpha.prop_map(|a| vec!["--weights=stable".into(), format!("--alpha={a}")]),
    ];
    let masks = maybe("dropout", one_of(&["inverted", "plain"]));
    (units, keep, weights, masks)
        .prop_map(|(a, b, c, d)| [a, b, c, d].concat())
        .boxed()
}

fn width() -> BoxedStrategy<String> {
    prop_oneof![
        4 => (1..200_u64).prop_map(|d| d.to_string()),
        1 => one_of(&["1", "2", "3", "1e6", "1e12", "9007199254740992", "0"]),
    ]
    .boxed()
}

fn moment() -> BoxedStrategy<String> {
    value(0.05..2.5, &["0", "1", "2", "1e-3", "3", "8", "1e-300", "9"])
}

fn scaling() -> BoxedStrategy<Vec<String>> {
    prop_oneof![
        3 => always("moment", moment()),
        1 => always("std", value(0.01..2.0, &["1e-200", "1e200", "0"])),
        1 => always("scheme", one_of(&["he", "glorot", "lecun", "framework-default", "random-walk"])),
    ]
    .boxed()
}

/// Options of a simulation of units that are not homogeneous.
fn any_activation() -> BoxedStrategy<Vec<Vec<String>>> {
    let small = |most: u64| (1..=most).prop_map(|x| x.to_string()).boxed();
    let names = one_of(&[
        "gelu", "silu", "tanh", "elu", "selu", "mish", "softplus", "Sigmoid",
    ]);
    (
        always("activation", names),
        scaling(),
        always("width", small(12)),
        always("depth", small(300)),
        always("trajectories", small(20)),
        maybe(
            "rms",
            value(0.05..2.0, &["1e-6", "1e5", "0", "0.5", "1e-300"]),
        ),
        maybe(
            "level",
            one_of(&["network", "network", "network", "radial"]),
        ),
        maybe("record", one_of(&["all", "last", "1"])),
        maybe("format", one_of(&["table", "csv", "json"])),
    )
        .prop_map(|(a, b, c, d, e, f, g, h, i)| vec![a, b, c, d, e, f, g, h, i])
        .boxed()
}

/// Options of a simulation of convolutional networks.
fn convolutions() -> BoxedStrategy<Vec<Vec<String>>> {
    let small = |most: u64| (1..=most).prop_map(|x| x.to_string()).boxed();
    let channels = prop_oneof![
        (small(6), small(9))
            .prop_map(|(c, k)| vec![format!("--channels={c}"), format!("--depth={k}")]),
        (small(6), small(6)).prop_map(|(c, d)| vec![format!("--channels={c},{d},{c}")]),
    ];
    let kernels = (
        maybe("kernel", one_of(&["1", "2", "3", "5", "0"])),
        maybe("stride", one_of(&["1", "2", "3", "0", "1000"])),
        maybe("groups", one_of(&["1", "1", "2"])),
        maybe("padding", one_of(&["circular", "zero"])),
        maybe("image", one_of(&["constant", "white", "white", "none"])),
        maybe("end", one_of(&["he", "fractional"])),
    );
    (
        always("convolution", one_of(&["1d", "2d"])),
        always(
            "activation",
            one_of(&["linear", "relu", "leaky-relu", "rrelu"]),
        ),
        scaling(),
        channels,
        always("size", small(7)),
        kernels.prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f].concat()),
        maybe("keep", value(0.05..1.0, &["1", "0"])),
        always("trajectories", small(20)),
        maybe("format", one_of(&["table", "csv", "json"])),
    )
        .prop_map(|(a, b, c, d, e, f, g, h, i)| vec![a, b, c, d, e, f, g, h, i])
        .boxed()
}

/// A subcommand with its options, each word of its own.
fn line() -> BoxedStrategy<Vec<String>> {
    let listing = || maybe("format", one_of(&["table", "csv", "json"]));
    let depth = || always("depth", one_of(&["1", "2", "7", "50", "1000", "1e6"]));
    let small = |most: u64| (1..=most).prop_map(|x| x.to_string()).boxed();
    let asked = prop_oneof![
        always("cdf", value(-5.0..5.0, &["0", "-1e300", "1e300"])),
        always(
            "quantile",
            value(0.0..1.0, &["0.5", "1e-20", "0.999999999999"])
        ),
        always("below", value(0.0..1.0, &["0", "1e-300"])),
    ];
    let command = |name: &'static str, parts: BoxedStrategy<Vec<Vec<String>>>| {
        parts
            .prop_map(move |parts| [vec![vec![name.to_owned()]], parts].concat().concat())
            .boxed()
    };
    prop_oneof![
        command(
            "constants",
            (
                layer(),
                always("moment", moment()),
                always("width", width()),
                maybe("digits", one_of(&["1", "7", "20"])),
                maybe("format", one_of(&["table", "csv", "json", "latex"])),
            )
                .prop_map(|(a, b, c, d, e)| vec![a, b, c, d, e])
                .boxed(),
        ),
        command(
            "compare",
            (
                layer(),
                always("moment", moment()),
                always("width", width()),
                depth(),
                listing()
            )
                .prop_map(|(a, b, c, d, e)| vec![a, b, c, d, e])
                .boxed(),
        ),
        command(
            "law",
            (
                layer(),
                scaling(),
                always("width", width()),
                depth(),
                asked,
                listing()
            )
                .prop_map(|(a, b, c, d, e, f)| vec![a, b, c, d, e, f])
                .boxed(),
        ),
        command(
            "diagnose",
            (
                layer(),
                scaling(),
                always("width", width()),
                depth(),
                maybe("format", one_of(&["table", "json"])),
            )
                .prop_map(|(a, b, c, d, e)| vec![a, b, c, d, e])
                .boxed(),
        ),
        command(
            "gain",
            (
                always(
                    "activation",
                    one_of(&[
                        "gelu",
                        "silu,tanh",
                        "elu",
                        "selu",
                        "mish",
                        "softplus",
                        "sigmoid",
                        "ReLU"
                    ])
                ),
                always("moment", moment()),
                always("width", width()),
                maybe("level", value(0.05..2.0, &["1e-6", "1e5", "0", "0.5"])),
                maybe("format", one_of(&["table", "csv", "json", "latex"])),
            )
                .prop_map(|(a, b, c, d, e)| vec![a, b, c, d, e])
                .boxed(),
        ),
        command(
            "simulate",
            (
                layer(),
                scaling(),
                always("width", small(12)),
                always("depth", small(9)),
                always("trajectories", small(20)),
                maybe("level", one_of(&["network", "preactivation", "radial"])),
                maybe("inputs", small(3)),
                maybe("bias", value(0.0..1.0, &["0"])),
                listing(),
            )
                .prop_map(|(a, b, c, d, e, f, g, h, i)| vec![a, b, c, d, e, f, g, h, i])
                .boxed(),
        ),
        command("simulate", any_activation()),
        command("simulate", convolutions()),
    ]
    .boxed()
}

#[test]
fn any_command_line_ends_well() {
    let mut runner = TestRunner::new(ProptestConfig::with_cases(150));
    let results = std::cell::Cell::new(0_u32);
    let outcome = runner.run(&line(), |line| {
        let words: Vec<&str> = line.iter().map(String::as_str).collect();
        let started = Instant::now();
        let program = Command::new(env!("CARGO_BIN_EXE_isomoment"))
            .args(&words)
            .output();
        let output = program.unwrap();
        let elapsed = started.elapsed();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let (printed, complaint) = (text(output.stdout), text(output.stderr));
        prop_assert!(elapsed < Duration::from_secs(60), "{elapsed:?}");
        match output.status.code() {
            Some(0) => results.set(results.get() + 1),
            Some(2) => {
                prop_assert!(printed.is_empty(), "printed {printed}");
                prop_assert_eq!(complaint.trim_end().lines().count(), 1, "{}", complaint);
            }
            code => prop_assert!(false, "exit {code:?}: {complaint}"),
        }
        let words = printed.split(|c: char| !c.is_alphanumeric());
        for word in words {
            prop_assert!(!["NaN", "nan", "inf"].contains(&word), "{printed}");
        }
        Ok(())
    });
    outcome.unwrap();
    // shrinking aside, so many lines were valid
    assert!(
        results.get() > 75,
        "only {} of 150 lines were valid",
        results.get()
    );
}
