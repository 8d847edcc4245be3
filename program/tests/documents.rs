//! Every command that the documents and the help name is one that the program takes.

use isomoment_cli::cli;

const DOCUMENTS: [(&str, &str, usize); 5] = [
    ("README.md", include_str!("../../README.md"), 5),
    ("docs/program.md", include_str!("../../docs/program.md"), 20),
    (
        "docs/training.md",
        include_str!("../../docs/training.md"),
        20,
    ),
    ("docs/gains.md", include_str!("../../docs/gains.md"), 3),
    (
        "reports/README.md",
        include_str!("../../reports/README.md"),
        2,
    ),
];

/// The commands in a text: lines that begin with the program's name, and what stands between
/// backquotes; `#` ends them.
fn commands(text: &str) -> Vec<&str> {
    let in_lines = text.lines().flat_map(|line| line.split('`'));
    in_lines
        .filter(|part| part.starts_with("isomoment "))
        .map(|command| command.split('#').next().unwrap_or_default().trim())
        .collect()
}

#[test]
fn commands_in_the_documents_are_understood() {
    for (name, text, least) in DOCUMENTS {
        let commands = commands(text);
        assert!(
            commands.len() >= least,
            "{name} has {} commands",
            commands.len()
        );
        for command in commands {
            if command.contains("SUBCOMMAND") || command == "isomoment help" {
                continue;
            }
            let words = command.split_whitespace();
            if let Err(error) = cli::command().try_get_matches_from(words) {
                panic!("{name}: {command}: {error}");
            }
        }
    }
}

/// The examples at the end of each subcommand's help; a remark stands behind two spaces or more.
#[test]
fn examples_of_the_help_are_understood() {
    for command in cli::command().get_subcommands() {
        let help = command.get_after_help().map(ToString::to_string);
        let help = help.unwrap_or_else(|| panic!("{} has no example", command.get_name()));
        let lines = help
            .lines()
            .filter_map(|line| line.strip_prefix("  isomoment "));
        let mut count = 0;
        for line in lines {
            let example = line.split("  ").next().unwrap_or_default();
            let words = ["isomoment"].into_iter().chain(example.split_whitespace());
            if let Err(error) = cli::command().try_get_matches_from(words) {
                panic!("{example}: {error}");
            }
            count += 1;
        }
        assert!(count > 0, "{} has no example", command.get_name());
    }
}
