//! Text and numbers in typst's markup.

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

/// Five decimals, with a true minus sign.
pub fn fixed(value: f64) -> String {
    format!("{value:.5}").replace('-', "−")
}

/// Some decimals and always a sign.
pub fn signed(value: f64, decimals: usize) -> String {
    format!("{value:+.decimals$}").replace('-', "−")
}

/// Three significant digits, powers of ten typeset, probabilities near 1 not rounded up to it.
pub fn compact(value: f64) -> String {
    if value.abs() < 1e-300 {
        return "\\< 10#super[−300]".into();
    }
    if value.abs() < 1e-3 {
        return scientific(value);
    }
    if (0.99995..1.0).contains(&value) {
        return "\\> 0.9999".into();
    }
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.replace('-', "−")
}

/// Two significant digits and a power of ten.
pub fn scientific(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let text = format!("{value:.1e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            format!("{digits} · 10#super[{}]", exponent.replace('-', "−"))
        }
        None => text,
    }
}
