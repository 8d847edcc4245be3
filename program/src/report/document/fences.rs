//! Brackets that do not stretch: around one that may, Chromium leaves the room of its largest form.

const FENCES: [char; 6] = ['(', ')', '[', ']', '|', '‖'];

/// What makes an expression higher than a line of text.
const TALL: [&str; 6] = ["<mfrac", "<msup", "<msubsup", "<munder", "<mover", "<msqrt"];

/// The page with brackets that stretch only where they have to: in displayed equations, around
/// what is higher than a line.
pub fn narrowed(page: &str) -> String {
    let mut parts = page.split("<math");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (inside, after) = part.split_once("</math>").unwrap_or((part, ""));
        let inside = match inside.starts_with('>') {
            true => FENCES
                .iter()
                .fold(inside.to_owned(), |text, &fence| with_narrow(&text, fence)),
            false => narrowed_around_low(inside),
        };
        out += &format!("<math{inside}</math>{after}");
    }
    out
}

fn wide(fence: char) -> String {
    format!("<mo>{fence}</mo>")
}

fn with_narrow(text: &str, fence: char) -> String {
    let narrow = format!("<mo stretchy=\"false\">{fence}</mo>");
    text.replace(&wide(fence), &narrow)
}

/// With narrow round brackets around what has no brackets and is as high as a line.
fn narrowed_around_low(inside: &str) -> String {
    let (open, close) = (wide('('), wide(')'));
    let mut parts = inside.split(&open);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(&close) {
            Some((low, after)) if !TALL.iter().any(|tall| low.contains(tall)) => {
                let pair = format!("{open}{low}{close}");
                out += &with_narrow(&with_narrow(&pair, '('), ')');
                out += after;
            }
            _ => out += &format!("{open}{part}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_stretch_around_what_is_high_in_displayed_equations() {
        let low = "<mo>(</mo><mi>s</mi><mo>)</mo>";
        let high = "<mo>(</mo><msup><mi>s</mi><mn>2</mn></msup><mo>)</mo>";
        let narrow = "<mo stretchy=\"false\">(</mo><mi>s</mi><mo stretchy=\"false\">)</mo>";
        let page = format!("<math>{high}</math> <math display=\"block\">{low}{high}</math>");
        let narrow_high = with_narrow(&with_narrow(high, '('), ')');
        assert_eq!(
            narrowed(&page),
            format!("<math>{narrow_high}</math> <math display=\"block\">{narrow}{high}</math>")
        );
    }
}
