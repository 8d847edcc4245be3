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
            let product = format!(" {digits} · 10#super[{exponent}]");
            product.replace(" 1 · 10", " 10").trim_start().to_owned()
        }
        None => number,
    }
}

/// As [`number::p_value`], typeset.
pub fn p_value(p: f64) -> String {
    typeset(&number::p_value(p))
}

/// As [`number::power`], typeset.
pub fn power(power: f64) -> String {
    typeset(&number::power(power))
}

/// As [`number::scientific`], typeset.
pub fn scientific(value: f64) -> String {
    typeset(&number::scientific(value))
}

/// A caption: no line ends at an equals sign, long whole numbers are in groups, and `5e-3` is a
/// power of ten.
pub fn prose(text: &str) -> String {
    let text = text.replace(" = ", "\u{a0}=\u{a0}");
    let words = text.split(' ').map(|word| {
        let bare = word.trim_end_matches(['.', ',', ';', ':', ')']);
        let end = &word[bare.len()..];
        let (start, number) = match bare.rfind(['(', '\u{a0}']) {
            Some(at) => {
                let after = at + bare[at..].chars().next().map_or(0, char::len_utf8);
                bare.split_at(after)
            }
            None => ("", bare),
        };
        if let Ok(count) = number.parse::<u64>() {
            return escape(start) + &number::whole(count) + &escape(end);
        }
        if number.contains("e-") && number.parse::<f64>().is_ok() {
            let number = typeset(&number::with_minus(number));
            return escape(start) + &number + &escape(end);
        }
        escape(word)
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_ten_are_not_multiplied_by_1() {
        assert_eq!(typeset("1e−6"), "10#super[−6]");
        assert_eq!(typeset("1.1e−6"), "1.1 · 10#super[−6]");
        assert_eq!(typeset("1 − 1e−12"), "1 − 10#super[−12]");
        assert_eq!(typeset("< 1e−300"), "\\< 10#super[−300]");
    }

    #[test]
    fn captions_have_grouped_numbers_and_powers() {
        let caption = "After 120000 (7e-7, P(Q = 0) = 1.5e-5) layers: t1-a, k = 64.";
        assert_eq!(
            prose(caption),
            "After 120\u{2009}000 (7 · 10#super[−7], P(Q\u{a0}\\=\u{a0}0)\u{a0}\\=\u{a0}1.5 · 10#super[−5]) \
             layers: t1\\-a, k\u{a0}\\=\u{a0}64."
        );
    }
}
