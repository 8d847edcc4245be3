//! `isomoment constants --weights stable`: scales of α-stable weights.

use isomoment::{LogCumulants, Result as LawResult, StableLaw};
use serde_json::json;

use crate::cli::constants::Args;
use crate::cli::constants::output::{digits, exact};
use crate::cli::form::Form;
use crate::cli::law_args::StableUnits;
use crate::cli::number::Number;
use crate::cli::outcome::{Outcome, Refusal, print};
use crate::output;

/// What the columns mean.
const NOTE: &str = "\nsigma is the scale of the weights, with the characteristic function exp(−|sigma·t|^alpha), that
keeps E‖x‖^s, and mu the growth rate of log‖x‖ per layer at it, v its variance, in the norm
‖x‖ = (Σ|xᵢ|^alpha)^(1/alpha); Q is Σ|slopeᵢ zᵢ|^alpha over the units.\n";

/// One width and order.
struct Row {
    width: u64,
    s: Number,
    moment: f64,
    scale: f64,
    growth: f64,
    dead_probability: f64,
    log: LogCumulants,
}

impl Row {
    fn new(law: &StableLaw, s: &Number, log: LogCumulants) -> LawResult<Self> {
        let moment = match s.value {
            0.0 => law.survival_probability(),
            order => law.moment(order)?,
        };
        let (scale, growth) = (StableUnits::scale(law, s)?, StableUnits::growth(law, s)?);
        Ok(Self {
            width: law.width(),
            s: s.clone(),
            moment,
            scale,
            growth,
            dead_probability: law.dead_probability(),
            log,
        })
    }
}

pub fn run(args: &Args, units: &StableUnits) -> Outcome {
    let unused = [
        ("residual", args.residual.blocks().is_some()),
        ("grid", args.grid.is_some()),
        ("digits", args.digits.is_some()),
        ("fan-in", args.fan_in.is_some()),
    ];
    if let Some((option, _)) = unused.iter().find(|(_, given)| *given) {
        return Err(Refusal(format!(
            "--{option} does not go with --weights stable"
        )));
    }
    let (orders, widths) = args.orders_and_widths()?;
    let mut rows = Vec::new();
    for &width in widths {
        let law = units.law(width)?;
        let log = law.log_cumulants();
        for s in orders {
            rows.push(Row::new(&law, s, log)?);
        }
    }
    print(&match args.format {
        Form::Table => table(units, &rows),
        Form::Csv => csv(units, &rows),
        Form::Json => json(units, &rows)?,
        Form::Latex => latex(units, &rows),
    })?;
    Ok(true)
}

fn csv(units: &StableUnits, rows: &[Row]) -> String {
    let header = [
        "activation",
        "slope",
        "lower",
        "upper",
        "keep",
        "alpha",
        "width",
        "s",
        "moment",
        "sigma",
        "dead_probability",
        "mean_log",
        "var_log",
        "third_cumulant_log",
    ];
    let cells = rows.iter().map(|row| {
        let name = units.units.activation().name().replace('-', "_");
        let [slope, lower, upper] = units.units.slopes();
        let [keep, alpha] = [units.units.keep(), &units.alpha].map(Number::to_string);
        let [moment, scale, dead] = [row.moment, row.scale, row.dead_probability].map(exact);
        let [mean, variance, third] = [row.log.mean, row.log.variance, row.log.third].map(exact);
        let (width, s) = (row.width.to_string(), row.s.to_string());
        [
            name, slope, lower, upper, keep, alpha, width, s, moment, scale, dead, mean, variance,
            third,
        ]
    });
    output::csv::text(header, cells)
}

fn json(units: &StableUnits, rows: &[Row]) -> Result<String, Refusal> {
    let objects = rows.iter().map(|row| {
        json!({
            "activation": units.units.activation().name(),
            "keep": units.units.keep().value,
            "weights": "stable",
            "norm": "(sum |x_i|^alpha)^(1/alpha)",
            "alpha": units.alpha.value,
            "width": row.width,
            "s": row.s.value,
            "given_survival": row.dead_probability > 0.0,
            "moment": row.moment,
            "sigma": row.scale,
            "growth": row.growth,
            "dead_probability": row.dead_probability,
            "mean_log": row.log.mean,
            "var_log": row.log.variance,
            "third_cumulant_log": row.log.third,
        })
    });
    Ok(serde_json::to_string_pretty(&objects.collect::<Vec<_>>())? + "\n")
}

fn table(units: &StableUnits, rows: &[Row]) -> String {
    let mut text = units.describe() + "\n";
    let line = |[s, width, scale, moment, growth, variance, dead]: [&str; 7]| {
        let line = format!(
            "{s:>8} {width:>14}  {scale:<22} {moment:<22} {growth:<23} {variance:<22} {dead}"
        );
        line.trim_end().to_owned() + "\n"
    };
    text += &line([
        "s",
        "width d",
        "sigma(s,d)",
        "E[Q^(s/alpha)]",
        "mu",
        "v",
        "P(Q=0)",
    ]);
    for row in rows {
        let numbers = [row.scale, row.moment, row.growth, row.log.variance].map(digits);
        let [scale, moment, growth, variance] = numbers.each_ref().map(String::as_str);
        let dead = match row.dead_probability {
            0.0 => "0".to_owned(),
            dead => format!("{dead:.4e}"),
        };
        let (s, width) = (row.s.to_string(), row.width.to_string());
        text += &line([&s, &width, scale, moment, growth, variance, &dead]);
    }
    text + NOTE
}

fn latex(units: &StableUnits, rows: &[Row]) -> String {
    let headings = [
        "activation",
        "$\\alpha$",
        "$s$",
        "$d$",
        "$\\gamma(s;\\alpha,d)$",
        "$\\mu$",
        "$v$",
    ];
    let cells = |row: &Row| {
        let numbers = [row.scale, row.growth, row.log.variance];
        let numbers = numbers.map(|x| output::latex::number(&digits(x)));
        let name = units.units.activation().name().to_owned();
        let case = [
            name,
            units.alpha.to_string(),
            row.s.to_string(),
            row.width.to_string(),
        ];
        case.into_iter().chain(numbers).collect()
    };
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    output::latex::tabular("l r r r l l l", &headings.map(String::from), &rows)
}
