//! `isomoment cite`: a constant ready for a paper: BibTeX, a LaTeX macro, the digits and what
//! proves them.

use crate::cli::case::{Case, Constants};
use crate::cli::count::count;
use crate::cli::law_args::{LawArgs, Shape, StableUnits};
use crate::cli::number::Number;
use crate::cli::outcome::{Outcome, Refusal, print};

const EXAMPLES: &str = "Examples:
  isomoment cite --activation relu --moment 1 --width 64 --digits 30
  isomoment cite --weights stable --alpha 1.5 --activation relu --moment 1 --width 64";

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
    /// How many proved digits, 1 to 1000 [default: 20; stable weights have 13, not proved]
    #[arg(long, value_name = "N")]
    digits: Option<usize>,
}

/// Proved digits where none are asked for.
const DIGITS: usize = 20;

/// The year of this version.
const YEAR: u32 = 2026;

pub fn run(args: &Args) -> Outcome {
    if let Some(units) = args.law.stable()? {
        return stable(args, &units);
    }
    let digits = args.digits.unwrap_or(DIGITS);
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
    let row = case.constants(Some(digits))?;
    let Constants::Proved(constants) = &row.constants else {
        unreachable!("digits were asked for")
    };
    let (s, d) = (&row.case.s, row.case.shape.width);
    let layer = row.case.units.describe();
    let (keeps, survival) = keeps(s, row.dead_probability > 0.0);
    let command = command(Some(digits).filter(|_| args.digits.is_none()));
    let (sigma, version, name) = (
        &constants.scale,
        env!("CARGO_PKG_VERSION"),
        row.latex_name(),
    );
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

{bibtex}",
        bibtex = bibtex(&format!("{name}, $s = {s}$, $d = {d}$"), &command),
        mu = constants.growth,
        v = constants.var_log,
    ))
}

/// γ of α-stable weights, in double precision.
fn stable(args: &Args, units: &StableUnits) -> Outcome {
    if args.digits.is_some() {
        return Err(Refusal("--digits does not go with --weights stable".into()));
    }
    let d = args.width.ok_or_else(|| Refusal::missing("width"))?;
    let s = args
        .moment
        .as_ref()
        .ok_or_else(|| Refusal::missing("moment"))?;
    let law = units.law(d)?;
    let (gamma, mu) = (StableUnits::scale(&law, s)?, StableUnits::growth(&law, s)?);
    let (keeps, survival) = keeps(s, law.dead_probability() > 0.0);
    let shown = |value: f64| format!("{value:.12e}");
    let (gamma, alpha) = (shown(gamma), &units.alpha);
    let command = command(None);
    let activation = units.units.activation();
    let name = format!("{activation}, $\\alpha$-stable weights, $\\alpha = {alpha}$");
    print(&format!(
        "\
{layer}, width {d}: the scale gamma of the weights that keeps {keeps},
‖x‖ = (Σ|xᵢ|^alpha)^(1/alpha), is
  {gamma}

A weight has the characteristic function exp(−|gamma·t|^alpha). Double precision, all 13 digits
shown: relative error below 3e-14 at reference values (isomoment {version}, docs/accuracy.md); not proved.
To repeat:
  {command}

Growth rate of log‖x_k‖ per layer{survival}, and its variance:
  mu = {mu}
  v  = {v}

LaTeX (siunitx):
  \\newcommand{{\\isomomentgamma}}{{\\num{{{gamma}}}}} % {name}, $s = {s}$, $d = {d}$

{bibtex}",
        layer = units.describe(),
        version = env!("CARGO_PKG_VERSION"),
        bibtex = bibtex(&format!("{name}, $s = {s}$, $d = {d}$"), &command),
        mu = shown(mu),
        v = shown(law.log_cumulants().variance),
    ))
}

/// What a scale keeps, and the condition under which log-norms are meant.
fn keeps(s: &Number, dies: bool) -> (String, &'static str) {
    let survival = match dies {
        true => ", given that no layer's output is exactly 0",
        false => "",
    };
    let keeps = match s.value {
        0.0 => format!("E log‖x‖ constant{survival}"),
        _ => format!("E‖x‖^{s} constant"),
    };
    (keeps, survival)
}

/// The entries for this program, with a note on the constant, and for the theory.
fn bibtex(constant: &str, command: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "\
BibTeX:
@misc{{isomoment,
  title   = {{isomoment: fractional moment-preserving initialization, computed and verified}},
  author  = {{{{The isomoment developers}}}},
  version = {{{version}}},
  year    = {{{YEAR}}},
  note    = {{{constant}: \\texttt{{{command}}}}}
}}
@inproceedings{{gurbuzbalaban2021fractional,
  title     = {{Fractional moment-preserving initialization schemes for training deep neural networks}},
  author    = {{G{{\\\"u}}rb{{\\\"u}}zbalaban, Mert and Hu, Yuanhan}},
  booktitle = {{Proceedings of the 24th International Conference on Artificial Intelligence and Statistics (AISTATS)}},
  year      = {{2021}},
  eprint    = {{2005.11878}},
  archiveprefix = {{arXiv}}
}}
"
    )
}

/// The command that prints the digits again; `digits` are added to it.
fn command(digits: Option<usize>) -> String {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let mut words = vec!["isomoment".to_owned()];
    words.extend(given);
    if let Some(digits) = digits {
        words.push(format!("--digits {digits}"));
    }
    words.join(" ")
}
