//! The program: one file per subcommand.

mod activation;
mod block_args;
mod case;
mod cite;
mod compare;
mod compare_stable;
mod constants;
mod count;
mod diagnose;
mod form;
mod gain;
mod law;
mod law_args;
mod listing;
mod number;
mod outcome;
mod page;
mod progress;
mod report;
mod run_args;
mod scale_args;
mod shape_args;
mod simulate;
mod train;
mod typed;
mod verify;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// Weight scales that keep E‖x‖^s constant from layer to layer: computed to double precision or to
/// up to 1000 proved digits, and tested on simulated networks.
#[derive(Parser)]
#[command(name = "isomoment", version, max_term_width = 100)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print σ(s,d), the moment, and the log-norm's mean and variance
    Constants(constants::Args),
    /// Print a constant to cite: BibTeX, a LaTeX macro, the digits and what proves them
    Cite(cite::Args),
    /// Compare initialization schemes: scale, growth rate, chance of small outputs
    Compare(compare::Args),
    /// Say what your own weights do: the moment they keep, what vanishes, what explodes
    Diagnose(diagnose::Args),
    /// Print gains of any activation: GELU, SiLU, tanh, …, at a level of the input
    Gain(gain::Args),
    /// Print the exact law of log‖x_k‖ at a finite depth
    Law(law::Args),
    /// Write the page to look constants up in a browser, and open it
    Page(page::Args),
    /// Simulate networks: every weight, the pre-activations or the norms
    Simulate(Box<simulate::Args>),
    /// Put the parts of a simulation together
    Merge(simulate::merge::Args),
    /// Train networks from different initial scales, and compare them
    Train(train::Args),
    /// Check the theorems on real networks; exit 1 if one fails
    Verify(verify::Args),
    /// Check the theorems and write PDF, figures and results.json
    Report(report::Args),
}

/// The command line, for what reads it without running it: tests of documents, completions, manuals.
///
/// ```
/// let line = ["isomoment", "constants", "--activation", "relu", "--width", "64"];
/// assert!(isomoment_cli::cli::command().try_get_matches_from(line).is_ok());
/// ```
pub fn command() -> clap::Command {
    Program::command()
}

/// Runs the program on its command line: exit code 0, 1 when a check failed, 2 for bad input.
pub fn main() -> ExitCode {
    let program = match Program::try_parse() {
        Ok(program) => program,
        Err(error) if error.use_stderr() => {
            eprintln!("{}", one_line(&error.render().to_string()));
            return ExitCode::from(2);
        }
        Err(help) => {
            // a closed pipe is the reader's choice
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
    };
    let outcome = match program.command {
        Command::Constants(args) => constants::run(&args),
        Command::Cite(args) => cite::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Diagnose(args) => diagnose::run(&args),
        Command::Gain(args) => gain::run(&args),
        Command::Law(args) => law::run(&args),
        Command::Page(args) => page::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Merge(args) => simulate::merge::run(&args),
        Command::Train(args) => train::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Report(args) => report::run(&args),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(refusal) => {
            let command_line: Vec<String> = std::env::args_os()
                .map(|word| word.to_string_lossy().into_owned())
                .collect();
            eprintln!("error: {}", typed::as_typed(refusal.0, &command_line));
            ExitCode::from(2)
        }
    }
}

/// clap's message up to its usage notes, on one line.
fn one_line(message: &str) -> String {
    let body = message.split("\n\n").next().unwrap_or(message);
    body.split_whitespace().collect::<Vec<_>>().join(" ")
}
