//! Text and numbers in typst's markup.

use crate::output::number;

/// Text that typst prints as it stands.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\#$*_`<>@[]~'\"/=-+".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A string literal.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// With a capital, but for a symbol such as σ.
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        std::iter::once(first.to_ascii_uppercase())
            .chain(letters)
            .collect()
    })
}

/// A number with its power of ten typeset.
pub fn typeset(number: &str) -> String {
    let number = number.replace('<', "\\<").replace('>', "\\>");
    match number.split_once('e') {
        Some((digits, exponent)) => {
            format!("{digits} · 10#super[{exponent}]").replace("\\< 1 · ", "\\< ")
        }
        None => number,
    }
}

/// As [`number::compact`], typeset.
pub fn compact(value: f64) -> String {
    typeset(&number::compact(value))
}

/// As [`number::scientific`], typeset.
pub fn scientific(value: f64) -> String {
    typeset(&number::scientific(value))
}
