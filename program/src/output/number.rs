//! Numbers as a reader sees them: a true minus sign, few digits, a power of ten as `e`, which the
//! document's markup sets as a power.

use isomoment::theorems::Notation;

/// At most four decimals.
pub fn short(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        return "0".into();
    }
    with_minus(text)
}

/// So many decimals.
pub fn fixed(value: f64, decimals: usize) -> String {
    with_minus(&format!("{value:.decimals$}"))
}

/// So many decimals and always a sign.
pub fn signed(value: f64, decimals: usize) -> String {
    with_minus(&format!("{value:+.decimals$}"))
}

/// So many significant digits, small and large numbers as a power of ten.
///
/// ```
/// use isomoment_cli::output::number::significant;
/// assert_eq!(significant(0.070_251, 3), "0.0703");
/// assert_eq!(significant(-1234.5, 2), "−1234");
/// assert_eq!(significant(2.5e-5, 3), "2.50e−5");
/// ```
pub fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let rounded = format!("{value:.*e}", digits - 1);
    let exponent: i32 = rounded
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or_default();
    if !(-3..6).contains(&exponent) {
        return with_minus(&rounded);
    }
    fixed(
        value,
        usize::try_from(digits as i32 - 1 - exponent).unwrap_or(0),
    )
}

/// Decimals with which an error has two significant digits.
///
/// ```
/// use isomoment_cli::output::number::decimals_of_error;
/// assert_eq!(decimals_of_error(0.0123), 3);
/// assert_eq!(decimals_of_error(12.3), 0);
/// ```
pub fn decimals_of_error(error: f64) -> usize {
    if error == 0.0 || !error.is_finite() {
        return 5;
    }
    (1.0 - error.abs().log10().floor()).clamp(0.0, 9.0) as usize
}

/// A p-value: two digits, tiny ones as a power of ten.
///
/// ```
/// use isomoment_cli::output::number::p_value;
/// assert_eq!(p_value(0.2468), "0.25");
/// assert_eq!(p_value(0.01234), "0.012");
/// assert_eq!(p_value(2.5e-7), "2.5e−7");
/// assert_eq!(p_value(0.0), "< 1e−300");
/// ```
pub fn p_value(p: f64) -> String {
    match p {
        p if p < 1e-300 => "< 1e−300".into(),
        p if p >= 0.1 => fixed(p, 2),
        p => significant(p, 2),
    }
}

/// A power: four decimals, and no rounding up to certainty.
///
/// ```
/// use isomoment_cli::output::number::power;
/// assert_eq!(power(0.99672), "0.9967");
/// assert_eq!(power(1.0), "> 0.9999");
/// ```
pub fn power(power: f64) -> String {
    if power > 0.9999 {
        return "> 0.9999".into();
    }
    fixed(power, 4)
}

/// A whole number, in groups of three digits from 10 000 on.
///
/// ```
/// use isomoment_cli::output::number::whole;
/// assert_eq!(whole(9999), "9999");
/// assert_eq!(whole(1234567), "1\u{2009}234\u{2009}567");
/// ```
pub fn whole(number: u64) -> String {
    let digits = number.to_string();
    if number < 10_000 {
        return digits;
    }
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

/// An error and its bound with as few digits as tell them apart: two to twelve.
///
/// ```
/// use isomoment_cli::output::number::told_apart;
/// assert_eq!(told_apart(1e-15, 1e-14), ["1.0e−15", "1.0e−14"].map(String::from));
/// assert_eq!(told_apart(0.99934, 1.0), ["0.999", "1.00"].map(String::from));
/// ```
pub fn told_apart(error: f64, bound: f64) -> [String; 2] {
    let pair = |digits| [error, bound].map(|value| significant(value, digits));
    let apart = |pair: &[String; 2]| pair[0] != pair[1];
    (2..12).map(pair).find(apart).unwrap_or_else(|| pair(12))
}

/// Digits in groups of three after the point, a thin space between them.
///
/// ```
/// use isomoment_cli::output::number::grouped;
/// assert_eq!(grouped("-0.1785280286"), "−0.178\u{2009}528\u{2009}028\u{2009}6");
/// ```
pub fn grouped(digits: &str) -> String {
    let Some((before, after)) = digits.split_once('.') else {
        return with_minus(digits);
    };
    let (after, exponent) = match after.find('e') {
        Some(at) => after.split_at(at),
        None => (after, ""),
    };
    let after: Vec<char> = after.chars().collect();
    let groups: Vec<String> = after
        .chunks(3)
        .map(|group| group.iter().collect())
        .collect();
    with_minus(&format!("{before}.{}{exponent}", groups.join("\u{2009}")))
}

/// Two significant digits and a power of ten.
pub fn scientific(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    with_minus(&format!("{value:.1e}"))
}

/// The number with the digits that a reader of its column sees, in ASCII.
pub fn in_notation(notation: Notation, number: f64) -> String {
    match notation {
        Notation::Plain if number == 0.0 || (1e-4..1e6).contains(&number.abs()) => {
            format!("{number}")
        }
        Notation::Plain => format!("{number:e}"),
        Notation::Decimals => format!("{number:.10}"),
        Notation::Short if number == 0.0 || (0.01..1e3).contains(&number.abs()) => {
            format!("{number:.3}")
        }
        Notation::Short => format!("{number:.1e}"),
    }
}

/// The same with a minus sign for each hyphen.
pub fn with_minus(text: &str) -> String {
    text.replace('-', "−")
}
