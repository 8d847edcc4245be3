//! Messages speak of the option as it was typed: the library says "s is 0.0; it must be …", the
//! user wrote `--moment 0`.

/// Names of the library's arguments whose options are called otherwise; the others are called
/// alike.
const OPTIONS: [(&str, &str); 6] = [
    ("s", "moment"),
    ("x", "cdf"),
    ("epsilon", "below"),
    ("probability", "quantile"),
    ("sigma", "scale"),
    ("growth", "moment"),
];

/// The message with the option and its value in place of the argument's, if the first words are
/// "<argument> is <value>;" and the command line has that option; else the message as it is.
pub fn as_typed(message: String, command_line: &[String]) -> String {
    let Some((argument, rest)) = message.split_once(" is ") else {
        return message;
    };
    let Some((value, allowed)) = rest.split_once("; it must be ") else {
        return message;
    };
    let renamed = OPTIONS.iter().find(|(name, _)| *name == argument);
    let option = renamed.map_or(argument, |(_, option)| option);
    let option = format!("--{}", option.replace('_', "-"));
    match typed_value(&option, command_line) {
        // of a list the library names the one that it refused
        Some(list) if list.contains(',') => format!("{option} is {value}; it must be {allowed}"),
        Some(typed) => format!("{option} is {typed}; it must be {allowed}"),
        None => message,
    }
}

/// What follows the option, `--option VALUE` or `--option=VALUE`.
fn typed_value<'a>(option: &str, command_line: &'a [String]) -> Option<&'a str> {
    let mut words = command_line.iter();
    while let Some(word) = words.next() {
        match word.strip_prefix(option) {
            Some("") => return words.next().map(String::as_str),
            Some(rest) if rest.starts_with('=') => return Some(&rest[1..]),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::as_typed;

    #[test]
    fn options_and_values_as_typed() {
        let line = |text: &str| text.split(' ').map(String::from).collect::<Vec<_>>();
        for (message, typed, expected) in [
            (
                "keep is 0.0; it must be a",
                "law --keep 0",
                "--keep is 0; it must be a",
            ),
            (
                "s is -1.0; it must be b",
                "law --moment=-1",
                "--moment is -1; it must be b",
            ),
            // a list: the refused one
            (
                "s is 9.0; it must be b",
                "law --moment 1,9",
                "--moment is 9.0; it must be b",
            ),
            (
                "fan_in is 0; it must be c",
                "law --fan-in 0",
                "--fan-in is 0; it must be c",
            ),
            // a default, or another option that begins alike: the message as it is
            (
                "keep is 2.0; it must be a",
                "law --keeper 2",
                "keep is 2.0; it must be a",
            ),
            (
                "x.csv: line 2: s is 9; no",
                "constants --grid x.csv",
                "x.csv: line 2: s is 9; no",
            ),
        ] {
            assert_eq!(as_typed(message.to_owned(), &line(typed)), expected);
        }
    }
}
