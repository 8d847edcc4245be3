//! `isomoment gain`: the gains of activations that need not be homogeneous.

use std::fmt::Write;

use serde_json::json;

use crate::cli::activation::{Kind, Named, Other, among};
use crate::cli::count::count;
use crate::cli::form::Form;
use crate::cli::number::Number;
use crate::cli::outcome::{Outcome, Refusal, print};
use crate::output;
use isomoment::gain::{Gain, LevelLaw, Nonlinearity};

const EXAMPLES: &str = "Examples:
  isomoment gain --activation gelu --moment 1 --width 64
  isomoment gain --activation tanh,selu --moment 0.5,1,2 --width 64,256 --level 0.5
  isomoment gain --activation relu,silu --moment 1 --width 64 --format csv";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Activation functions
    #[arg(long, value_name = "NAME", ignore_case = true, value_delimiter = ',', value_parser = among(has_gains))]
    activation: Vec<Named>,
    /// Slope a of leaky-relu for negative inputs [default: 0.01]
    #[arg(long, value_name = "A", allow_negative_numbers = true)]
    slope: Option<Number>,
    /// The factor α of elu [default: 1]
    #[arg(long, value_name = "A", allow_negative_numbers = true)]
    alpha: Option<Number>,
    /// Moment orders s, 0.01 ≤ s ≤ 2
    #[arg(
        long,
        value_name = "S",
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    moment: Vec<Number>,
    /// Widths d
    #[arg(
        long,
        value_name = "D",
        value_parser = count,
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    width: Vec<u64>,
    /// Levels r: the root-mean-square of the layer's input
    #[arg(
        long,
        value_name = "R",
        value_delimiter = ',',
        default_value = "1",
        allow_negative_numbers = true
    )]
    level: Vec<Number>,
    /// Form of the output
    #[arg(long, default_value = "table")]
    format: Form,
}

/// What there are gains for.
fn has_gains(named: &Named) -> bool {
    !matches!(named, Named::Homogeneous(Kind::Linear | Kind::Rrelu))
}

/// A gain and what it is for.
struct Row {
    activation: Nonlinearity,
    s: Number,
    width: u64,
    level: Number,
    gain: Gain,
}

pub fn run(args: &Args) -> Outcome {
    for (option, is_empty) in [
        ("activation", args.activation.is_empty()),
        ("moment", args.moment.is_empty()),
        ("width", args.width.is_empty()),
    ] {
        if is_empty {
            return Err(Refusal(format!("--{option} is missing; give it")));
        }
    }
    let rows = rows(args)?;
    print(&match args.format {
        Form::Table => table(&rows),
        Form::Csv => csv(&rows),
        Form::Json => json(&rows)?,
        Form::Latex => latex(&rows),
    })
}

/// A row for each gain: activations, then widths, orders and levels, as `constants` has them.
fn rows(args: &Args) -> Result<Vec<Row>, Refusal> {
    let mut rows = Vec::new();
    for activation in nonlinearities(args)? {
        for &width in &args.width {
            let law = LevelLaw::new(activation, width)?;
            for s in &args.moment {
                for level in &args.level {
                    for gain in law.gains(s.value, level.value)? {
                        rows.push(Row {
                            activation,
                            s: s.clone(),
                            width,
                            level: level.clone(),
                            gain,
                        });
                    }
                }
            }
        }
    }
    Ok(rows)
}

/// The activations with their parameters; one that belongs to none of them is refused.
fn nonlinearities(args: &Args) -> Result<Vec<Nonlinearity>, Refusal> {
    for (option, value, kind, name) in [
        (
            "slope",
            &args.slope,
            Named::Homogeneous(Kind::LeakyRelu),
            "leaky-relu",
        ),
        ("alpha", &args.alpha, Named::Other(Other::Elu), "elu"),
    ] {
        if let Some(value) = value
            && !args.activation.contains(&kind)
        {
            let allowed = format!("it must be given with {name} only");
            return Err(Refusal(format!("--{option} is {value}; {allowed}")));
        }
    }
    let or = |number: &Option<Number>, default| number.as_ref().map_or(default, |n| n.value);
    let nonlinearity = |named: &Named| match named {
        Named::Homogeneous(Kind::LeakyRelu) => Nonlinearity::LeakyRelu {
            slope: or(&args.slope, 0.01),
        },
        // linear and rrelu are not among the names
        Named::Homogeneous(_) => Nonlinearity::Relu,
        Named::Other(other) => other.nonlinearity(or(&args.alpha, 1.0)),
    };
    Ok(args.activation.iter().map(nonlinearity).collect())
}

/// Every digit of each number; underscores in names, as `constants` has them.
fn csv(rows: &[Row]) -> String {
    let header = [
        "activation",
        "s",
        "width",
        "level",
        "gain",
        "sigma_times_sqrt_fan_in",
        "stability",
    ];
    let cells = rows.iter().map(|row| {
        let gain = format!("{:?}", row.gain.gain);
        [
            row.activation.name().replace('-', "_"),
            row.s.to_string(),
            row.width.to_string(),
            row.level.to_string(),
            gain.clone(),
            gain,
            format!("{:?}", row.gain.stability),
        ]
    });
    output::csv::text(header, cells)
}

fn json(rows: &[Row]) -> Result<String, Refusal> {
    let object = |row: &Row| {
        let mut object = json!({
            "activation": row.activation.name(),
            "s": row.s.value,
            "width": row.width,
            "level": row.level.value,
            "gain": row.gain.gain,
            "sigma_times_sqrt_fan_in": row.gain.gain,
            "stability": row.gain.stability,
            "framework_gain": row.activation.framework_gain(),
        });
        match row.activation {
            Nonlinearity::LeakyRelu { slope } => object["slope"] = json!(slope),
            Nonlinearity::Elu { alpha } => object["alpha"] = json!(alpha),
            _ => {}
        }
        object
    };
    let objects: Vec<_> = rows.iter().map(object).collect();
    Ok(serde_json::to_string_pretty(&objects)? + "\n")
}

/// What PyTorch's `calculate_gain` says, if it knows the activation.
fn framework(activation: Nonlinearity) -> String {
    let gain = activation.framework_gain();
    gain.map_or("none".into(), |gain| format!("{gain:.4}"))
}

fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<22} {:>6} {:>10} {:>8} {:>18} {:>11} {:>9}\n",
        "activation", "s", "width d", "level r", "gain g", "stability", "PyTorch"
    );
    for row in rows {
        let _ = writeln!(
            text,
            "{:<22} {:>6} {:>10} {:>8} {:>18.12} {:>11.6} {:>9}",
            row.activation.to_string(),
            row.s.to_string(),
            row.width,
            row.level.to_string(),
            row.gain.gain,
            row.gain.stability,
            framework(row.activation)
        );
    }
    text + "\n\
        Weights with the standard deviation g/sqrt(fan-in) keep E[rms^s] at the level r. Stability: the\n\
        share of a small relative deviation from the level that one layer passes on. PyTorch: its\n\
        calculate_gain, the same at every s, width and level.\n"
}

/// A booktabs table; siunitx sets the numbers.
fn latex(rows: &[Row]) -> String {
    let headings = ["activation", "$s$", "$d$", "$r$", "$g$", "stability"];
    let cells = |row: &Row| {
        // the names in the table have a Greek letter
        let name = match row.activation {
            Nonlinearity::Elu { alpha } => format!("ELU ($\\alpha = {alpha}$)"),
            other => output::latex::escape(&other.to_string()),
        };
        vec![
            name,
            row.s.to_string(),
            row.width.to_string(),
            row.level.to_string(),
            output::latex::number(&format!("{:.12}", row.gain.gain)),
            output::latex::number(&format!("{:.6}", row.gain.stability)),
        ]
    };
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    output::latex::tabular("l r r r l l", &headings.map(String::from), &rows)
}
