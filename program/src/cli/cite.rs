//! `isomoment cite`: a constant ready for a paper: BibTeX, a LaTeX macro, the digits and what
//! proves them.

use crate::cli::case::{Case, Constants};
use crate::cli::count::count;
use crate::cli::law_args::{LawArgs, Shape};
use crate::cli::number::Number;
use crate::cli::outcome::{Outcome, Refusal, print};

const EXAMPLES: &str = "Example:
  isomoment cite --activation relu --moment 1 --width 64 --digits 30";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    law: LawArgs,
    /// Moment order s, 0 < s ≤ 3; 0 for the Lyapunov scale
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    moment: Option<Number>,
    /// Width d
    #[arg(long, value_name = "D", value_parser = count, allow_negative_numbers = true)]
    width: Option<u64>,
    /// How many proved digits, 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 20)]
    digits: usize,
}

pub fn run(args: &Args) -> Outcome {
    let case = Case {
        units: args.law.units()?,
        shape: Shape {
            width: args.width.ok_or_else(|| Refusal::missing("width"))?,
            fan_in: None,
        },
        s: args
            .moment
            .clone()
            .ok_or_else(|| Refusal::missing("moment"))?,
    };
    let row = case.constants(Some(args.digits))?;
    let Constants::Proved(constants) = &row.constants else {
        unreachable!("digits were asked for")
    };
    let (s, d) = (&row.case.s, row.case.shape.width);
    let layer = row.case.units.describe();
    let survival = if row.dead_probability > 0.0 {
        ", given that no layer's output is exactly 0"
    } else {
        ""
    };
    let keeps = if row.case.s.value == 0.0 {
        format!("E log‖x‖ constant{survival}")
    } else {
        format!("E‖x‖^{s} constant")
    };
    let command = command(args);
    let (sigma, version, name) = (
        &constants.scale,
        env!("CARGO_PKG_VERSION"),
        row.latex_name(),
    );
    let year = 2026;
    print(&format!(
        "\
{layer}, width {d}: the standard deviation of the weights that keeps {keeps} is
  {sigma}

What proves the digits: an interval from arbitrary-precision arithmetic with counted errors
determines all {digits} of them (correctly rounded; isomoment {version}, proofs-notes/certified.md). To repeat:
  {command}

Growth rate of log‖x_k‖ per layer{survival}, and its variance:
  mu = {mu}
  v  = {v}

LaTeX (siunitx):
  \\newcommand{{\\isomomentsigma}}{{\\num{{{sigma}}}}} % {name}, $s = {s}$, $d = {d}$

BibTeX:
@misc{{isomoment,
  title   = {{isomoment: fractional moment-preserving initialization, computed and verified}},
  author  = {{{{The isomoment developers}}}},
  version = {{{version}}},
  year    = {{{year}}},
  note    = {{{name}, $s = {s}$, $d = {d}$: \\texttt{{{command}}}}}
}}
@inproceedings{{gurbuzbalaban2021fractional,
  title     = {{Fractional moment-preserving initialization schemes for training deep neural networks}},
  author    = {{G{{\\\"u}}rb{{\\\"u}}zbalaban, Mert and Hu, Yuanhan}},
  booktitle = {{Proceedings of the 24th International Conference on Artificial Intelligence and Statistics (AISTATS)}},
  year      = {{2021}},
  eprint    = {{2005.11878}},
  archiveprefix = {{arXiv}}
}}
",
        digits = args.digits,
        mu = constants.growth,
        v = constants.var_log,
    ))
}

/// The command that prints the digits again.
fn command(args: &Args) -> String {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let mut words = vec!["isomoment".to_owned()];
    words.extend(given);
    if !words.iter().any(|word| word.starts_with("--digits")) {
        words.push(format!("--digits {}", args.digits));
    }
    words.join(" ")
}
