//! The document's source, in typst's markup: one source for the PDF and for the page in a browser.

mod appendix;
mod markup;
mod parts;
mod spoken;
mod theorem;
mod training;

use std::fmt::Write;

use crate::output::Artifact;
use crate::output::number::signed;
use crate::report::training::TrainingRecord;
use crate::report::{Contents, Format, ReportError, Run, raster, typeset};
use isomoment::theorems::check::{FAMILY_LEVEL, SINGLE_LEVEL};
use isomoment::theorems::{Check, Evidence, Sources, Verdict};
use markup::{compact, scientific};
use theorem::verdict_name;

/// Page layout and the look of headings and tables; for the page in a browser, its style sheet.
const PREAMBLE: &str = include_str!("preamble.typ");
const STYLE: &str = include_str!("page.css");

/// The works cited, in Hayagriva's format.
const REFERENCES: (&str, &[u8]) = ("references.yml", include_bytes!("references.yml"));

/// What the document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Medium {
    Pages,
    Browser,
}

/// The documents among the formats; `shown` are the files of the figures that are in them.
pub fn files(
    contents: &Contents,
    shown: &[Artifact],
    formats: &[Format],
) -> Result<Vec<Artifact>, ReportError> {
    let mut shown = shown.to_vec();
    shown.push(Artifact::new(REFERENCES.0, REFERENCES.1));
    let mut made = Vec::new();
    if formats.contains(&Format::Pdf) {
        let pdf = typeset::pdf(source(contents, Medium::Pages)?, &shown)?;
        made.push(Artifact::new("isomoment-report.pdf", pdf));
    }
    if formats.contains(&Format::Html) {
        for file in shown.iter_mut().filter(|f| f.name.ends_with(".svg")) {
            let outlined = raster::outlined(&String::from_utf8_lossy(&file.bytes))?;
            file.bytes = outlined.into_bytes();
        }
        let html = typeset::html(source(contents, Medium::Browser)?, &shown)?;
        made.push(Artifact::new("report.html", html));
    }
    Ok(made)
}

/// The whole report, or, with some theorems only, their sections.
fn source(contents: &Contents, medium: Medium) -> Result<String, ReportError> {
    let mut text = format!("#let web = {}\n", medium == Medium::Browser);
    let _ = writeln!(text, "#let style = {}", markup::quoted(STYLE));
    text += PREAMBLE;
    write_document(contents, &mut text).map_err(|e| ReportError::new("document", e))?;
    Ok(match medium {
        Medium::Pages => spoken::with_spoken_mathematics(&text),
        // MathML speaks for itself
        Medium::Browser => text,
    })
}

fn write_document(contents: &Contents, out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let (run, training) = (contents.run, contents.training.as_ref());
    write_title(run, training, out)?;
    write_overview(run, training, out)?;
    writeln!(out, "{}", include_str!("setting.typ"))?;
    for (findings, verdicts) in run.judged() {
        theorem::write(run.settings().seed, findings, verdicts, out)?;
        writeln!(out, "#flush()\n")?;
    }
    if let Some(training) = training {
        training::write(training, out)?;
        writeln!(out, "#flush()\n")?;
    }
    if run.is_whole() {
        appendix::write(&contents.constants, out)?;
    }
    writeln!(out, "{}", include_str!("methods.typ"))?;
    writeln!(
        out,
        "#set text(size: 9.5pt)\n#bibliography(\"{}\", title: \"References\", style: \"ieee\", full: true)",
        REFERENCES.0
    )?;
    Ok(())
}

/// What the run found, the negative first.
fn abstract_text(run: &Run, training: Option<&TrainingRecord>) -> String {
    let sources = Sources::of(run.judged().flat_map(|(f, _)| &f.checks));
    let checks = sources.total();
    let count = |wanted| {
        let all = run.judged().flat_map(|(_, verdicts)| verdicts);
        all.filter(|v| **v == wanted).count()
    };
    let (failed, blind) = (count(Verdict::Fails), count(Verdict::Blind));
    let mut text = String::new();
    if failed + blind > 0 {
        let _ = write!(
            text,
            "*Not everything holds:* of {checks} checks, {failed} rejected the prediction and {blind} \
             could not tell a wrong version from the right one. They are marked in the tables. "
        );
    }
    if let Some(training) = training {
        text += &training_sentence(training);
    }
    if failed + blind == 0 && checks > 0 {
        let _ = write!(
            text,
            "Every check of the theorems holds, and every deliberately wrong version was rejected by the same test. {sources}. \
             The chance that a run rejects anything although every theorem is true is at most {FAMILY_LEVEL}, as far as the p-values, most of them asymptotic, are exact."
        );
    }
    text
}

fn training_sentence(training: &TrainingRecord) -> String {
    let accuracy = training
        .comparisons
        .iter()
        .find(|c| c.scheme == "fractional:1" && c.quantity == "test accuracy");
    let Some(c) = accuracy else {
        return String::new();
    };
    let verdict = if training.supported() {
        "The claim that $sigma(1, d)$ trains better than He's rule is supported by the data"
    } else {
        "*One claim is not supported by the data:* that $sigma(1, d)$ trains better than He's rule (T10)"
    };
    format!(
        "{verdict}. In the paper's own setting test accuracy differs by {} percentage points (95 % interval {} to {}, p = {} after correction). ",
        signed(100.0 * c.difference, 2),
        signed(100.0 * c.interval.0, 2),
        signed(100.0 * c.interval.1, 2),
        compact(c.adjusted)
    )
}

fn write_title(run: &Run, training: Option<&TrainingRecord>, out: &mut String) -> std::fmt::Result {
    let settings = run.settings();
    let mut command = format!("isomoment report --seed {}", settings.seed);
    if let Some(effort) = settings.effort_name() {
        let _ = write!(command, " --effort {effort}");
    }
    if !run.is_whole() {
        let names = run.judged().map(|(f, _)| f.theorem.to_string());
        let names: Vec<String> = names.chain(training.map(|_| "T10".into())).collect();
        let _ = write!(command, " --only {}", names.join(","));
    }
    writeln!(
        out,
        "#title-page(version: \"{}\", command: \"{command}\")[{}]\n",
        env!("CARGO_PKG_VERSION"),
        abstract_text(run, training)
    )
}

fn write_overview(
    run: &Run,
    training: Option<&TrainingRecord>,
    out: &mut String,
) -> std::fmt::Result {
    writeln!(out, "= Verdicts <verdicts>\n")?;
    writeln!(
        out,
        "The chance that this run rejects anything although every theorem holds is at most {FAMILY_LEVEL}, as far as its p-values, most of them \
         asymptotic, are exact (Holm's rule @holm over all its tests). Power is the smallest chance, over a theorem's tests, to detect the \
         stated wrong alternative at level {}.\n",
        scientific(SINGLE_LEVEL)
    )?;
    writeln!(
        out,
        "#numbered(\"verdicts\", [The theorems, what was tested of each, and what came out.], overview("
    )?;
    for (findings, verdicts) in run.judged() {
        let checks = &findings.checks;
        let smallest = |value: fn(&Check) -> Option<f64>| {
            let least = checks.iter().filter_map(value).min_by(f64::total_cmp);
            least.map_or("–".into(), compact)
        };
        let rejected = checks.iter().filter(|c| c.control.rejected).count();
        writeln!(
            out,
            "  link(<{0}>)[{0}], [{1}], [{2}], [{3}], [{4}], [{5} of {2}], verdict(\"{6}\"),",
            findings.theorem,
            findings.theorem.title(),
            checks.len(),
            smallest(Check::p_value),
            smallest(power_of),
            rejected,
            verdict_name(worst(verdicts)),
        )?;
    }
    if let Some(training) = training {
        let least = training.comparisons.iter().map(|c| c.adjusted);
        writeln!(
            out,
            "  link(<T10>)[T10], [Training (a claim about data)], [{}], [{}], [–], [–], verdict(\"{}\"),",
            training.comparisons.len(),
            least.min_by(f64::total_cmp).map_or("–".into(), compact),
            if training.supported() {
                "holds"
            } else {
                "unsupported"
            },
        )?;
    }
    writeln!(out, "))\n")
}

fn power_of(check: &Check) -> Option<f64> {
    match check.evidence {
        Evidence::Statistical { power, .. } => Some(power),
        Evidence::Numerical { .. } => None,
    }
}

fn worst(verdicts: &[Verdict]) -> Verdict {
    let any = |wanted| verdicts.contains(&wanted);
    if any(Verdict::Fails) {
        Verdict::Fails
    } else if any(Verdict::Blind) {
        Verdict::Blind
    } else {
        Verdict::Holds
    }
}
