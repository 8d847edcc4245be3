//! Counts as options: widths, fans and depths, as people write large ones.

/// An integer: plain, with groups set off by underscores or thin spaces, or as in 1e12. It is exact,
/// and its range is for who uses it.
pub fn count(text: &str) -> Result<u64, &'static str> {
    const ALLOWED: &str = "it must be a whole number such as 64, 1_000_000 or 1e12";
    let plain: String = text.trim().chars().filter(|c| !is_separator(*c)).collect();
    let (mantissa, exponent) = match plain.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
            (mantissa, exponent.parse().map_err(|_| ALLOWED)?)
        }
        None => (plain.as_str(), 0_usize),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ALLOWED);
    }
    // decimals after the last digit of the integer must be zeros
    let needed = whole.len().saturating_add(exponent);
    let (integer, rest) = digits.split_at(needed.min(digits.len()));
    let zeros = needed - integer.len();
    if zeros > 20 || rest.bytes().any(|b| b != b'0') {
        return Err(ALLOWED);
    }
    format!("{integer}{}", "0".repeat(zeros))
        .parse()
        .map_err(|_| "it must be at most 9007199254740992")
}

/// The same up to 2⁵³, where it says how much is made of something in memory.
pub fn size(text: &str) -> Result<usize, &'static str> {
    let size = count(text).map(usize::try_from)?;
    let size = size.ok().filter(|&size| size as u64 <= 1 << 53);
    size.ok_or("it must be at most 9007199254740992")
}

/// What sets off groups of digits: underscores and narrow or unbreakable spaces.
pub fn is_separator(c: char) -> bool {
    matches!(c, '_' | '\u{2009}' | '\u{202f}' | '\u{a0}' | '\u{2007}')
}

#[cfg(test)]
mod tests {
    use super::{count, size};

    #[test]
    fn counts_as_people_write_them() {
        for (text, value) in [
            ("64", 64),
            (" 0 ", 0),
            ("1e12", 1_000_000_000_000),
            ("1E+3", 1000),
            ("1.5e3", 1500),
            ("2.0", 2),
            ("1_000_000", 1_000_000),
            ("1\u{2009}000\u{202f}000", 1_000_000),
            // a double would round it
            ("9.007199254740993e15", 9_007_199_254_740_993),
        ] {
            assert_eq!(count(text), Ok(value), "{text}");
        }
        for text in [
            "",
            "e3",
            "-3",
            "1.5",
            "1e-1",
            "1.23e1",
            "1e99999999999999999999",
            "1e30",
            "1 000",
            "x",
            "1,5",
            "0x10",
            "inf",
            "1e",
            "99999999999999999999",
            "²",
        ] {
            assert!(count(text).is_err(), "{text}");
        }
        assert_eq!(size("9007199254740992"), Ok(1 << 53));
        assert!(size("9007199254740993").is_err() && size("18446744073709551615").is_err());
    }
}
