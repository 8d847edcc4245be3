//! results.json: every number of a run, for machines.

use serde_json::{Value, json};

use crate::report::{ReportError, Run};

/// Version of the file's layout; it changes when a reader would have to.
const SCHEMA: u32 = 1;

pub fn json(run: &Run) -> Result<String, ReportError> {
    let encode = |error: serde_json::Error| ReportError::new("results.json", error);
    let theorems: Result<Vec<Value>, serde_json::Error> = run
        .judged()
        .map(|(findings, verdicts)| {
            let checks: Result<Vec<Value>, serde_json::Error> = findings
                .checks
                .iter()
                .zip(verdicts)
                .map(|(check, verdict)| {
                    let mut value = serde_json::to_value(check)?;
                    value["verdict"] = serde_json::to_value(verdict)?;
                    Ok(value)
                })
                .collect();
            Ok(json!({
                "theorem": findings.theorem.to_string(),
                "title": findings.theorem.title(),
                "checks": checks?,
                "figure": serde_json::to_value(&findings.chart)?,
            }))
        })
        .collect();
    let settings = run.settings();
    let document = json!({
        "schema": SCHEMA,
        "program": concat!("isomoment ", env!("CARGO_PKG_VERSION")),
        "seed": settings.seed,
        "effort": settings.effort,
        "all_hold": run.all_hold(),
        "theorems": theorems.map_err(encode)?,
    });
    serde_json::to_string_pretty(&document)
        .map(|text| text + "\n")
        .map_err(encode)
}
