//! `isomoment constants --residual`: moments and skip scales of residual blocks.

use isomoment::LogCumulants;
use serde_json::json;

use crate::cli::block_args::Blocks;
use crate::cli::constants::Args;
use crate::cli::constants::output::{digits, exact};
use crate::cli::form::Form;
use crate::cli::law_args::Units;
use crate::cli::number::Number;
use crate::cli::outcome::{Outcome, Refusal, print};
use crate::output;

/// One block and order.
struct Row {
    width: u64,
    s: Number,
    moment: f64,
    scale: f64,
    log: LogCumulants,
}

pub fn run(args: &Args, blocks: &Blocks) -> Outcome {
    let units = args.law.units()?;
    let (orders, widths) = args.orders_and_widths()?;
    let mut rows = Vec::new();
    for block in blocks.laws(&units, widths)? {
        let log = block.log_cumulants();
        for s in orders {
            rows.push(Row {
                width: block.width(),
                moment: block.moment(s.value)?,
                scale: block.scale(s.value)?,
                s: s.clone(),
                log,
            });
        }
    }
    print(&match args.format {
        Form::Table => table(&units, blocks, &rows),
        Form::Csv => csv(&units, blocks, &rows),
        Form::Json => json(&units, blocks, &rows)?,
        Form::Latex => latex(&units, &rows),
    })?;
    Ok(true)
}

fn csv(units: &Units, blocks: &Blocks, rows: &[Row]) -> String {
    let header = [
        "activation",
        "slope",
        "lower",
        "upper",
        "keep",
        "hidden",
        "branch",
        "width",
        "s",
        "moment",
        "sigma",
        "mean_log",
        "var_log",
    ];
    let cells = rows.iter().map(|row| {
        let [slope, lower, upper] = units.slopes();
        let name = units.activation().name().replace('-', "_");
        let (keep, branch) = (units.keep().to_string(), blocks.branch.to_string());
        let (hidden, width) = (blocks.hidden.to_string(), row.width.to_string());
        let [moment, scale] = [row.moment, row.scale].map(exact);
        let [mean, variance] = [row.log.mean, row.log.variance].map(exact);
        let s = row.s.to_string();
        [
            name, slope, lower, upper, keep, hidden, branch, width, s, moment, scale, mean,
            variance,
        ]
    });
    output::csv::text(header, cells)
}

fn json(units: &Units, blocks: &Blocks, rows: &[Row]) -> Result<String, Refusal> {
    let objects = rows.iter().map(|row| {
        json!({
            "activation": units.activation().to_string(),
            "keep": units.keep().value,
            "hidden": blocks.hidden,
            "branch": blocks.branch.value,
            "width": row.width,
            "s": row.s.value,
            "moment": row.moment,
            "sigma": row.scale,
            "mean_log": row.log.mean,
            "var_log": row.log.variance,
        })
    });
    Ok(serde_json::to_string_pretty(&objects.collect::<Vec<_>>())? + "\n")
}

fn table(units: &Units, blocks: &Blocks, rows: &[Row]) -> String {
    let mut text = blocks.describe(units) + "\n";
    let line = |[s, width, a, moment, mean, variance]: [&str; 6]| {
        let line = format!("{s:>8} {width:>14}  {a:<22} {moment:<22} {mean:<23} {variance}");
        line.trim_end().to_owned() + "\n"
    };
    text += &line([
        "s",
        "width d",
        "skip scale",
        "E[R^(s/2)]",
        "E[½ log R]",
        "Var[½ log R]",
    ]);
    for row in rows {
        let numbers = [row.scale, row.moment, row.log.mean, row.log.variance].map(digits);
        let [a, moment, mean, variance] = numbers.each_ref().map(String::as_str);
        let (s, width) = (row.s.to_string(), row.width.to_string());
        text += &line([&s, &width, a, moment, mean, variance]);
    }
    text
}

fn latex(units: &Units, rows: &[Row]) -> String {
    let headings = ["activation", "$s$", "$d$", "$a$", "$\\mathrm{E} R^{s/2}$"];
    let cells = |row: &Row| {
        let numbers = [row.scale, row.moment].map(|x| output::latex::number(&digits(x)));
        let name = units.activation().name().to_owned();
        let case = [name, row.s.to_string(), row.width.to_string()];
        case.into_iter().chain(numbers).collect()
    };
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    output::latex::tabular("l r r l l", &headings.map(String::from), &rows)
}
