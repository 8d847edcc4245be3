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

/// At most four decimals; small numbers as [`scientific`], probabilities near 1 not rounded up to
/// it.
///
/// ```
/// use isomoment_cli::output::number::compact;
/// assert_eq!(compact(0.25), "0.25");
/// assert_eq!(compact(2.5e-7), "2.5e−7");
/// assert_eq!(compact(0.999999), "> 0.9999");
/// assert_eq!(compact(0.0), "< 1e−300");
/// ```
pub fn compact(value: f64) -> String {
    if value.abs() < 1e-300 {
        return "< 1e−300".into();
    }
    if value.abs() < 1e-3 {
        return scientific(value);
    }
    if (0.99995..1.0).contains(&value) {
        return "> 0.9999".into();
    }
    short(value)
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
