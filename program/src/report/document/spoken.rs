//! Mathematics with a text for those who hear the document: PDF/UA asks for one with every
//! equation.

use crate::report::document::markup::quoted;

/// The source with `$…$` as equations that carry their own source, made readable, as alternative
/// text.
pub fn with_spoken_mathematics(source: &str) -> String {
    let mut out = String::with_capacity(2 * source.len());
    let mut rest = source;
    while let Some((before, body, after)) = next_equation(rest) {
        out += before;
        let block = body.starts_with(' ') && body.ends_with(' ');
        let spoken = quoted(&spoken(body));
        out += &format!("#math.equation(block: {block}, alt: {spoken}, ${body}$.body);");
        rest = after;
    }
    out + rest
}

/// What is before the next equation, the equation, and what is after it.
fn next_equation(text: &str) -> Option<(&str, &str, &str)> {
    let open = unescaped_dollar(text)?;
    let inside = &text[open + 1..];
    let close = unescaped_dollar(inside)?;
    Some((&text[..open], &inside[..close], &inside[close + 1..]))
}

fn unescaped_dollar(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(i, c)| {
        let found = c == '$' && !escaped;
        escaped = c == '\\' && !escaped;
        found.then_some(i)
    })
}

/// Typst's own notation is close to what one would say.
fn spoken(body: &str) -> String {
    let mut text = body.split_whitespace().collect::<Vec<_>>().join(" ");
    for (symbol, word) in [
        ("\\/", "/"),
        ("op(\"Var\")", "Var"),
        (
            "integral_(-oo)^oo",
            "integral from -infinity to infinity of",
        ),
        ("EE", "E"),
        ("PP", "P"),
        ("cal(N)", "N"),
        (" quad", ","),
        ("|->", "maps to"),
        ("->", "tends to"),
        ("<=", "is at most"),
        ("!=", "is not"),
    ] {
        text = text.replace(symbol, word);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_equation_has_its_text() {
        let source = "It costs 5\\$: $sigma(s, d)$ and\n$ EE[Q^(s\\/2)]^(-1\\/s) , $ <label>";
        let expected = "It costs 5\\$: #math.equation(block: false, alt: \"sigma(s, d)\", $sigma(s, d)$.body); and\n\
                        #math.equation(block: true, alt: \"E[Q^(s/2)]^(-1/s) ,\", $ EE[Q^(s\\/2)]^(-1\\/s) , $.body); <label>";
        assert_eq!(with_spoken_mathematics(source), expected);
    }
}
