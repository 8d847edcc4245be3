//! A calibration as text, so that it can be kept, and gone on with: a line for each test, then one
//! for each run.
//!
//! Fields are separated by tabs. The first line says program and effort. `test` lines: theorem,
//! case, quantity, whether its p-value is uniform or larger, power. `run` lines: seed, then the
//! tests' p-values, with `!` where the control was not rejected.

use crate::error::{Error, Result};
use crate::theorems::calibration::{Calibration, SeedRun, Test};

impl Calibration {
    /// The record of runs at this effort.
    pub fn record(&self, effort: f64) -> String {
        let mut text = header(effort);
        for test in &self.tests {
            let kind = if test.uniform { "uniform" } else { "larger" };
            text += &format!(
                "test\t{}\t{}\t{}\t{kind}\t{}\n",
                test.theorem, test.case, test.quantity, test.power
            );
        }
        for run in &self.runs {
            text += &format!("run\t{}", run.seed);
            for (p_value, control) in &run.results {
                text += &format!("\t{p_value:.3e}{}", if *control { "" } else { "!" });
            }
            text.push('\n');
        }
        text
    }

    /// From its record.
    ///
    /// ```
    /// use isomoment::theorems::calibration::Calibration;
    /// use isomoment::theorems::{Settings, Theorem};
    /// let mut calibration = Calibration::default();
    /// calibration.add(7, &[Theorem::T2.run(&Settings { seed: 7, effort: 1.0 }, &|_| ())?])?;
    /// assert_eq!(Calibration::from_record(&calibration.record(1.0), 1.0)?, calibration);
    /// assert!(Calibration::from_record(&calibration.record(1.0), 2.5).is_err());
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Domain`] for a text that is no record, or one of another effort or version.
    pub fn from_record(text: &str, effort: f64) -> Result<Self> {
        let Some(lines) = text.strip_prefix(&header(effort)) else {
            let found = text.lines().next().unwrap_or_default();
            return Err(Error::domain(
                "record",
                found,
                "of this version and effort; else start another",
            ));
        };
        let mut calibration = Self::default();
        for line in lines.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let parsed = match fields.as_slice() {
                ["test", test @ ..] => parse_test(test).map(|test| calibration.tests.push(test)),
                ["run", seed, results @ ..] if results.len() == calibration.tests.len() => {
                    parse_run(seed, results).map(|run| calibration.runs.push(run))
                }
                _ => None,
            };
            parsed.ok_or_else(|| Error::domain("record", line, "a line of a whole record"))?;
        }
        Ok(calibration)
    }
}

fn header(effort: f64) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("isomoment {version} calibration\teffort {effort}\n")
}

fn parse_test(fields: &[&str]) -> Option<Test> {
    let [theorem, case, quantity, kind, power] = fields else {
        return None;
    };
    Some(Test {
        theorem: theorem.parse().ok()?,
        case: (*case).into(),
        quantity: (*quantity).into(),
        uniform: *kind == "uniform",
        power: power.parse().ok()?,
    })
}

fn parse_run(seed: &str, results: &[&str]) -> Option<SeedRun> {
    let parse = |result: &&str| {
        let p_value = result.strip_suffix('!');
        Some((p_value.unwrap_or(result).parse().ok()?, p_value.is_none()))
    };
    Some(SeedRun {
        seed: seed.parse().ok()?,
        results: results.iter().map(parse).collect::<Option<_>>()?,
    })
}
