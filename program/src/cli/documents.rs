//! Every command that the documents name is one that the program takes.

use clap::Parser;

use super::Program;

const DOCUMENTS: [(&str, &str, usize); 3] = [
    ("README.md", include_str!("../../../README.md"), 5),
    (
        "docs/program.md",
        include_str!("../../../docs/program.md"),
        20,
    ),
    (
        "reports/README.md",
        include_str!("../../../reports/README.md"),
        2,
    ),
];

/// The commands in a text: lines that begin with the program's name, and what stands between backquotes; `#` ends them.
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
            if let Err(error) = Program::try_parse_from(command.split_whitespace()) {
                panic!("{name}: {command}: {error}");
            }
        }
    }
}
