//! Proved digits: the intervals contain the reference values, rounding is right, and a
//! planted error in the discretization bound is seen (unit test in the module).

use isomoment::layer_law::certified::{Decimal, ExactLayer};

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

/// Whether `short` is `long` correctly rounded: both without exponent, `long` with more digits.
fn agrees(short: &str, long: &str) -> bool {
    let digits = |text: &str| -> String {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.trim_start_matches('0').to_owned()
    };
    let (short, long) = (digits(short), digits(long));
    // in two numbers of at most 30 digits, the second rounded half up by its next digit
    let number = |text: &str| text.parse::<u128>().unwrap();
    !short.is_empty()
        && (0..short.len()).step_by(30).all(|start| {
            let end = (start + 30).min(short.len());
            let last = end == short.len();
            let round = last && long.len() > end && long.as_bytes()[end] >= b'5';
            number(&short[start..end]) == number(&long[start..end]) + u128::from(round)
        })
}

#[test]
fn every_reference_row_that_has_a_fixed_slope() {
    let table = include_str!("data/moments.csv");
    let mut rows = 0;
    // every fifth row: the widths, slopes, masks and orders all occur
    for line in table.lines().skip(1).step_by(5) {
        let cells: Vec<&str> = line.split(',').collect();
        let slope = match cells[0] {
            "linear" => "1",
            "relu" => "0",
            "leaky_relu" => cells[1],
            _ => continue,
        };
        let layer = ExactLayer::new(
            decimal(slope),
            decimal(cells[4]),
            true,
            cells[5].parse().unwrap(),
        );
        let (layer, s) = (layer.unwrap(), decimal(cells[6]));
        let moment = layer.moment(&s, 24).unwrap();
        let scale = layer.scale(&s, 24).unwrap();
        assert!(agrees(&moment, cells[7]), "moment {moment} at {line}");
        let plain = |text: &str| text.split('e').next().unwrap().to_owned();
        assert!(
            agrees(&plain(&scale), &plain(cells[8])),
            "sigma {scale} at {line}"
        );
        rows += 1;
    }
    assert!(rows > 180, "{rows}");
}

#[test]
fn more_digits_continue_fewer() {
    let layer = ExactLayer::relu(64).unwrap();
    let s = decimal("1");
    let short = layer.scale(&s, 30).unwrap();
    let long = layer.scale(&s, 300).unwrap();
    assert_eq!(long.trim_start_matches("0.").len(), 300);
    assert!(agrees(&short, &long), "{short} {long}");
}

#[test]
fn closed_forms_in_many_digits() {
    // d = 1, s = 1: E|z| = √(2/π), and half of it with ReLU
    let root = "0.797884560802865355879892119868763736951717262329869315331851659";
    let one = decimal("1");
    let linear = ExactLayer::new(decimal("1"), one.clone(), true, 1).unwrap();
    assert!(agrees(&linear.moment(&one, 55).unwrap(), root));
    // s = 2: the mean squared slope, at 10¹² units
    let wide = ExactLayer::new(decimal("0.5"), one, true, 1_000_000_000_000).unwrap();
    let mean = wide.moment(&decimal("2"), 40).unwrap();
    assert!(mean.starts_with("625000000000.0000000"), "{mean}");
}

#[test]
fn a_value_half_way_between_two_decimals_is_refused_and_does_not_hang() {
    // d = 5, s = 2: the moment is 2.5
    let layer = ExactLayer::relu(5).unwrap();
    let two = decimal("2");
    assert!(layer.moment(&two, 1).is_err());
    assert_eq!(layer.moment(&two, 3).unwrap(), "2.50");
}

#[test]
fn bad_arguments_are_refused() {
    let layer = ExactLayer::relu(4).unwrap();
    for (s, digits, word) in [
        ("0", 10, "s is 0"),
        ("4", 10, "s is 4"),
        ("1", 0, "digits is 0"),
        ("1", 1001, "digits is 1001"),
    ] {
        let error = layer.scale(&decimal(s), digits).unwrap_err().to_string();
        assert!(error.starts_with(word), "{error}");
    }
    assert!(ExactLayer::new(decimal("0"), decimal("1.1"), true, 4).is_err());
    assert!(ExactLayer::new(decimal("0"), decimal("1"), true, 0).is_err());
    for text in ["", "1/3", "nan", "1e999", "--1", "."] {
        assert_eq!(Decimal::parse(text), None, "{text}");
    }
}
