//! The document's source, in typst's markup: one source for the PDF and for the page in a browser.

mod appendix;
mod calibrated;
mod fences;
mod markup;
mod paper;
mod parts;
mod rows;
mod spoken;
mod theorem;
mod training;

use std::fmt::Write;

use base64::Engine;

use crate::output::Artifact;
use crate::report::training::{Support, TrainingRecord};
use crate::report::{Contents, Format, ReportError, Run, raster, typeset};
use calibrated::CALIBRATED;
use isomoment::theorems::check::{FAMILY_LEVEL, SINGLE_LEVEL};
use isomoment::theorems::{Check, Findings, Sources, Verdict};
use markup::{escape, p_value, power, scientific};
use parts::{verdict_name, worst};

/// Page layout and the look of headings and tables; for the page in a browser, its style sheet.
const PREAMBLE: &str = include_str!("preamble.typ");
const STYLE: &str = include_str!("page.css");

/// What the style sheet calls math fonts' letters by: a subset of one (`tools/math_font.py`), as no
/// browser brings a font that can place limits and exponents.
const MATH_FONT: &[u8] = include_bytes!("math.otf");

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
        let html = String::from_utf8_lossy(&html);
        made.push(Artifact::new("report.html", fences::narrowed(&html)));
    }
    Ok(made)
}

/// The whole report, or, with some theorems only, their sections.
fn source(contents: &Contents, medium: Medium) -> Result<String, ReportError> {
    let mut text = format!("#let web = {}\n", medium == Medium::Browser);
    if medium == Medium::Browser {
        let font = base64::engine::general_purpose::STANDARD.encode(MATH_FONT);
        let style = STYLE.replace("MATH_FONT", &font);
        let _ = writeln!(text, "#let style = {}", markup::quoted(&style));
    }
    text += PREAMBLE;
    write_document(contents, &mut text).map_err(|e| ReportError::new("document", e))?;
    Ok(match medium {
        Medium::Pages => spoken::with_spoken_mathematics(&text),
        // MathML speaks for itself
        Medium::Browser => text,
    })
}

/// The story, then what it was taken from.
fn write_document(contents: &Contents, out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let (run, training) = (contents.run, contents.training.as_ref());
    write_title(run, training, out)?;
    writeln!(out, "{}", include_str!("setting.typ"))?;
    let has_tests = training.is_some() || run.judged().next().is_some();
    if has_tests {
        write_overview(run, training, out)?;
    }
    let (of_paper, beyond) = by_origin(run);
    for (findings, verdicts) in of_paper {
        theorem::write(findings, verdicts, out)?;
    }
    if let Some(training) = training {
        training::write(training, out)?;
    }
    for (findings, verdicts) in beyond {
        theorem::write(findings, verdicts, out)?;
    }
    if !run.paper().is_empty() {
        paper::write(run.paper(), out)?;
    }
    if has_tests {
        writeln!(out, "{}", include_str!("methods.typ"))?;
    }
    writeln!(
        out,
        "#block[#set text(size: 9.5pt)\n#bibliography(\"{}\", title: \"References\", style: \"ieee\", full: true)]\n\n#appendix()\n#set heading(numbering: \"A.1\")\n",
        REFERENCES.0
    )?;
    appendix::write(contents, out)
}

type Judged<'a> = Vec<(&'a Findings, &'a [Verdict])>;

/// The paper's theorems, between which and those beyond it T10 stands.
fn by_origin(run: &Run) -> (Judged<'_>, Judged<'_>) {
    run.judged()
        .partition(|(findings, _)| !findings.theorem.is_beyond_the_paper())
}

/// What the run found, the negative first.
fn abstract_text(run: &Run, training: Option<&TrainingRecord>) -> isomoment::Result<String> {
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
             The chance that a run rejects anything although every theorem is true is at most {FAMILY_LEVEL}, as far as the p-values, most of them asymptotic, are exact. {CALIBRATED}"
        );
    }
    Ok(text)
}

fn training_sentence(training: &TrainingRecord) -> String {
    let verdict = match training.support() {
        Support::Whole => {
            "The data support the claim that networks with $sigma(s, d)$ train better (T10)"
        }
        Support::Partly => {
            "*One claim is supported in part:* that networks with $sigma(s, d)$ train better (T10)"
        }
        Support::None => {
            "*One claim is not supported by the data:* that networks with $sigma(s, d)$ train better (T10)"
        }
    };
    format!("{verdict}. {}. ", escape(&training.summary()))
}

fn write_title(
    run: &Run,
    training: Option<&TrainingRecord>,
    out: &mut String,
) -> Result<(), Box<dyn std::error::Error>> {
    let settings = run.settings();
    let mut command = format!("isomoment report --seed {}", settings.seed);
    if let Some(effort) = settings.effort_name() {
        let _ = write!(command, " --effort {effort}");
    }
    if !run.is_whole() {
        let names = run.judged().map(|(f, _)| f.theorem.to_string());
        let paper = run.paper().first().map(|_| "paper".into());
        let names: Vec<String> = names
            .chain(training.map(|_| "T10".into()))
            .chain(paper)
            .collect();
        let _ = write!(command, " --only {}", names.join(","));
    }
    writeln!(
        out,
        "#title-page(version: \"{}\", command: \"{command}\")[{}]\n",
        env!("CARGO_PKG_VERSION"),
        abstract_text(run, training)?
    )?;
    Ok(())
}

fn write_overview(
    run: &Run,
    training: Option<&TrainingRecord>,
    out: &mut String,
) -> std::fmt::Result {
    writeln!(out, "= Verdicts <verdicts>\n")?;
    writeln!(
        out,
        "The run made {}. @tab-verdicts says what came out, and each section ends with all its checks in one figure: a dot for each check, as many standard errors from 0 as the estimate lies from the prediction, and a cross for its \
         _negative control_, the same check of something that is wrong on purpose. In the shaded band a single test does not reject (level {}); a cross in it would be a blind check. More than 38 standard errors are drawn \
         as 38. A test that is not of a mean is drawn at the normal deviate of its p-value, and a computation (square) at its error over its bound, which lies at the band's edge. Power is the chance to detect the stated wrong \
         alternative at that level. The chance that this run rejects anything although every theorem holds is at most {FAMILY_LEVEL}, as far as its p-values, most of them asymptotic, are exact (Holm's rule @holm over all its tests). {CALIBRATED}\n",
        Sources::of(run.judged().flat_map(|(f, _)| &f.checks)),
        scientific(SINGLE_LEVEL)
    )?;
    writeln!(
        out,
        "#numbered(\"verdicts\", folded: false, whole: true, [The theorems, what was tested of each, and what came out: number of checks, how many of them are on networks of real matrices, and how many negative controls were rejected. p-values are before correction; of T10, claims about data, the row has the comparisons of its two planned experiments.], overview("
    )?;
    let (of_paper, beyond) = by_origin(run);
    for (findings, verdicts) in of_paper {
        write_overview_row(findings, verdicts, out)?;
    }
    if let Some(training) = training {
        let (designed, released) = (&training.designed, &training.released);
        let planned = || designed.comparisons.iter().chain(&released.comparisons);
        let p_values = planned().map(|c| c.p_value);
        writeln!(
            out,
            "  link(<T10>)[T10], [Training], [{}], [–], [{}], [–], [–], verdict(\"{}\"),",
            planned().count(),
            p_values.min_by(f64::total_cmp).map_or("–".into(), p_value),
            training.support().verdict(),
        )?;
    }
    for (findings, verdicts) in beyond {
        write_overview_row(findings, verdicts, out)?;
    }
    writeln!(out, "))\n")
}

fn write_overview_row(
    findings: &Findings,
    verdicts: &[Verdict],
    out: &mut String,
) -> std::fmt::Result {
    let checks = &findings.checks;
    let least_p = theorem::least(checks, Check::p_value).map(p_value);
    let least_power = theorem::least(checks, theorem::power_of).map(power);
    let or_dash = |number: Option<String>| number.unwrap_or("–".into());
    let rejected = checks.iter().filter(|c| c.control.rejected).count();
    writeln!(
        out,
        "  link(<{0}>)[{0}], [{1}], [{2}], [{3}], [{4}], [{5}], [{6} of {2}], verdict(\"{7}\"),",
        findings.theorem,
        findings.theorem.title(),
        checks.len(),
        Sources::of(checks).matrices,
        or_dash(least_p),
        or_dash(least_power),
        rejected,
        verdict_name(worst(verdicts)),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use typst::foundations::Bytes;
    use typst::text::{Font, FontFlags};

    use super::*;
    use isomoment::theorems::Theorem;

    /// The letters of the page's mathematics, that of every statement and reason.
    fn letters_of_mathematics() -> BTreeSet<char> {
        let mut text = format!("#let web = true\n#let style = \"\"\n{PREAMBLE}");
        text += include_str!("setting.typ");
        for theorem in Theorem::ALL {
            text += &format!(
                "= x <{theorem}>\n{}\n\n{}\n\n",
                theorem.statement(),
                theorem.reason()
            );
        }
        text += "$bold(sigma) bold(mu) bold(v) ln 10 norm(x_19) Lambda(r)$";
        let page = typeset::html(text, &[]).unwrap();
        let page = String::from_utf8(page).unwrap();
        let mut letters = BTreeSet::new();
        for part in page.split("<math").skip(1) {
            let inside = part.split("</math>").next().unwrap();
            for piece in inside.split('>') {
                let text = piece.split('<').next().unwrap();
                let text = text
                    .replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .replace("&amp;", "&");
                letters.extend(text.chars().filter(|c| !c.is_whitespace()));
            }
        }
        letters
    }

    #[test]
    fn the_math_font_has_every_letter_and_places_them() {
        let font = Font::new(Bytes::new(MATH_FONT), 0).unwrap();
        assert!(font.info().flags.contains(FontFlags::MATH));
        let letters = letters_of_mathematics();
        assert!(letters.len() > 60 && letters.contains(&'∑'), "{letters:?}");
        for letter in letters {
            assert!(font.info().coverage.contains(letter.into()), "{letter:?}");
        }
    }
}
