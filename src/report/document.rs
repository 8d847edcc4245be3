//! The document's source, in typst's markup.

use std::fmt::Write;

use crate::report::training::Experiment;
use crate::report::{ReportError, Run};
use crate::theorems::check::{FAMILY_LEVEL, SINGLE_LEVEL};
use crate::theorems::{Chart, Check, Evidence, Findings, Table, Verdict};

/// Page layout and the look of headings and tables.
const PREAMBLE: &str = include_str!("preamble.typ");

pub fn source(run: &Run, training: &Experiment) -> Result<String, ReportError> {
    let mut text = String::from(PREAMBLE);
    write_document(run, training, &mut text).map_err(|e| ReportError::new("document", e))?;
    Ok(text)
}

fn write_document(run: &Run, training: &Experiment, out: &mut String) -> std::fmt::Result {
    write_title(run, out)?;
    write_overview(run, out)?;
    writeln!(out, "{}", include_str!("methods.typ"))?;
    for (findings, verdicts) in run.judged() {
        write_theorem(findings, verdicts, out)?;
    }
    write_training(training, out)?;
    writeln!(out, "{}", include_str!("references.typ"))
}

fn write_title(run: &Run, out: &mut String) -> std::fmt::Result {
    let settings = run.settings();
    let version = env!("CARGO_PKG_VERSION");
    let checks: usize = run.judged().map(|(f, _)| f.checks.len()).sum();
    let count = |wanted| {
        run.judged()
            .flat_map(|(_, verdicts)| verdicts)
            .filter(|v| **v == wanted)
            .count()
    };
    let (failed, blind) = (count(Verdict::Fails), count(Verdict::Blind));
    let summary = if run.all_hold() {
        format!(
            "All {checks} checks hold: every prediction agrees with the simulated networks, and every \
             deliberately wrong version was rejected by the same test."
        )
    } else {
        format!(
            "*Not everything holds:* of {checks} checks, {failed} rejected the prediction and {blind} \
             could not tell a wrong version from the right one. They are marked in the tables."
        )
    };
    writeln!(
        out,
        "#title-page(version: \"{version}\", seed: \"{}\", effort: \"{}\")[{summary}]\n",
        settings.seed, settings.effort
    )
}

fn write_overview(run: &Run, out: &mut String) -> std::fmt::Result {
    writeln!(out, "= Verdicts\n")?;
    writeln!(
        out,
        "The chance that this run rejects anything although every theorem holds is at most {FAMILY_LEVEL} \
         (Holm's rule over all its tests). Power is the smallest chance, over a theorem's tests, to detect the \
         stated wrong alternative at level {}.\n",
        scientific(SINGLE_LEVEL)
    )?;
    writeln!(out, "#overview(")?;
    for (findings, verdicts) in run.judged() {
        let checks = &findings.checks;
        let smallest = |value: fn(&Check) -> Option<f64>| {
            let least = checks.iter().filter_map(value).min_by(f64::total_cmp);
            least.map_or("–".into(), compact)
        };
        let rejected = checks.iter().filter(|c| c.control.rejected).count();
        writeln!(
            out,
            "  [{}], [{}], [{}], [{}], [{}], [{} of {}], verdict(\"{}\"),",
            findings.theorem,
            findings.theorem.title(),
            checks.len(),
            smallest(Check::p_value),
            smallest(power_of),
            rejected,
            checks.len(),
            verdict_name(worst(verdicts)),
        )?;
    }
    writeln!(out, ")\n")
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

fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds",
        Verdict::Fails => "fails",
        Verdict::Blind => "blind",
    }
}

fn write_theorem(findings: &Findings, verdicts: &[Verdict], out: &mut String) -> std::fmt::Result {
    let theorem = findings.theorem;
    writeln!(out, "= {}: {} <{theorem}>\n", theorem, theorem.title())?;
    writeln!(out, "#statement[{}]\n", theorem.statement())?;
    writeln!(
        out,
        "_Why._ {} The full proof is in `proofs-notes/{theorem}.md`.\n",
        theorem.reason()
    )?;
    write_figures(&findings.charts, out)?;
    for table in &findings.tables {
        write_table(table, out)?;
    }
    let judged: Vec<(&Check, Verdict)> = findings
        .checks
        .iter()
        .zip(verdicts.iter().copied())
        .collect();
    for group in judged.chunk_by(|a, b| heading(a.0) == heading(b.0)) {
        write_group(group, out)?;
    }
    Ok(())
}

fn write_figures(charts: &[Chart], out: &mut String) -> std::fmt::Result {
    for chart in charts {
        writeln!(
            out,
            "#figure(image(\"{}.svg\", width: 88%), caption: [{}])\n",
            chart.name,
            escape(&chart.caption)
        )?;
    }
    Ok(())
}

/// T10, a claim about data: from the record of a run.
fn write_training(training: &Experiment, out: &mut String) -> std::fmt::Result {
    writeln!(out, "= T10: Training <T10>\n")?;
    writeln!(
        out,
        "#statement[The paper reports that networks initialised with $sigma(s, d)$ train and generalise better. This is a claim about data, and no theorem. Its experiment, repeated: \
         MNIST scaled to $[-1, 1]$, 20 layers of width 64, Leaky ReLU with slope 0.01 after every layer, stochastic gradient descent with learning rate 0.01 and batches of 128, 30 epochs, cross-entropy, \
         {} networks for each scheme, which share their random numbers pair by pair.]\n",
        training
            .summaries
            .iter()
            .map(|s| s.networks)
            .max()
            .unwrap_or(0)
    )?;
    writeln!(out, "*Verdict.* {}\n", escape(&training.verdict()))?;
    writeln!(
        out,
        "A network counts as failed when its test accuracy is at most 0.2 in the end; the loss of one that diverged counts as $ln 10$, that of a guess. Intervals are bootstrap intervals of the mean; p-values are of permutations of the signs of the paired differences, corrected by Holm over all rows. \
         The record of this run is kept with the program; it is made by `{}`.\n",
        crate::report::training::COMMAND
    )?;
    writeln!(
        out,
        "#figure(kind: table, caption: [Final results by scheme: test accuracy in per cent (mean, 95 % interval, standard deviation), losses of the last epoch, share of networks that failed.], numbers(6,"
    )?;
    writeln!(
        out,
        "  [*scheme*], [*test accuracy*], [*sd*], [*train loss*], [*test loss*], [*failed*],"
    )?;
    for s in &training.summaries {
        writeln!(
            out,
            "  [{}], [{:.2} ({:.2} to {:.2})], [{:.2}], [{:.4}], [{:.4}], [{:.0} %],",
            escape(&s.scheme),
            100.0 * s.test_accuracy.0,
            100.0 * s.test_interval.0,
            100.0 * s.test_interval.1,
            100.0 * s.test_accuracy.1,
            s.train_loss,
            s.test_loss,
            100.0 * s.failed
        )?;
    }
    writeln!(out, "))\n")?;
    writeln!(
        out,
        "#figure(kind: table, caption: [Differences to He's rule, network by network.], numbers(5,"
    )?;
    writeln!(
        out,
        "  [*scheme*], [*quantity*], [*difference, 95 %*], [*p*], [*corrected*],"
    )?;
    for c in &training.comparisons {
        let sign = |x: f64| format!("{x:+.4}").replace('-', "−");
        writeln!(
            out,
            "  [{}], [{}], [{} ({} to {})], [{}], [{}],",
            escape(&c.scheme),
            c.quantity,
            sign(c.difference),
            sign(c.interval.0),
            sign(c.interval.1),
            compact(c.p_value),
            compact(c.adjusted)
        )?;
    }
    writeln!(out, "))\n")?;
    write_figures(&training.charts, out)
}

fn write_table(table: &Table, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "#figure(kind: table, caption: [{}], numbers({},",
        escape(&table.caption),
        table.columns.len()
    )?;
    for (heading, _) in &table.columns {
        write!(out, "  [*{}*],", escape(heading))?;
    }
    for row in &table.rows {
        for (&number, (_, notation)) in row.iter().zip(&table.columns) {
            let digits = notation.digits(number);
            let cell = match digits.split_once('e') {
                Some((digits, exponent)) => format!("{digits} · 10#super[{exponent}]"),
                None => digits,
            };
            write!(out, " [{}],", cell.replace('-', "−"))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "))\n")
}

/// What the rows of one table share.
fn heading(check: &Check) -> (&str, &str, &str) {
    let alternative = match &check.evidence {
        Evidence::Statistical { alternative, .. } => alternative,
        Evidence::Numerical { .. } => "",
    };
    (&check.quantity, alternative, &check.control.name)
}

fn write_group(group: &[(&Check, Verdict)], out: &mut String) -> std::fmt::Result {
    let Some((first, _)) = group.first() else {
        return Ok(());
    };
    let (quantity, alternative, control) = heading(first);
    let statistical = first.p_value().is_some();
    write!(out, "#compared[*{}.* ", escape(&capitalized(quantity)))?;
    if statistical {
        write!(out, "Alternative: {}. ", escape(alternative))?;
    }
    writeln!(out, "Negative control: {}.]", escape(control))?;
    writeln!(
        out,
        "#{}(",
        if statistical { "tests" } else { "comparisons" }
    )?;
    for (check, verdict) in group {
        write_row(check, *verdict, out)?;
    }
    writeln!(out, ")\n")
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn write_row(check: &Check, verdict: Verdict, out: &mut String) -> std::fmt::Result {
    let mut cells = vec![escape(&check.case), fixed(check.predicted)];
    match &check.evidence {
        Evidence::Statistical {
            observations,
            standard_error,
            p_value,
            alternative_value,
            power,
            ..
        } => {
            let interval = standard_error.map(|e| format!(" ± {}", fixed(1.96 * e)));
            cells.push(fixed(check.observed) + &interval.unwrap_or_default());
            cells.push(observations.to_string());
            cells.push(compact(*p_value));
            cells.push(fixed(*alternative_value));
            cells.push(compact(*power));
            cells.push(compact(check.control.score));
        }
        Evidence::Numerical { error, bound } => {
            cells.push(fixed(check.observed));
            cells.push(scientific(*error));
            cells.push(scientific(*bound));
            cells.push(scientific(check.control.score));
        }
    }
    for cell in cells {
        write!(out, "  [{cell}],")?;
    }
    writeln!(out, " verdict(\"{}\"),", verdict_name(verdict))
}

/// Text that typst prints as it stands.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\#$*_`<>@[]~'\"/=-+".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Five decimals, with a true minus sign.
fn fixed(value: f64) -> String {
    format!("{value:.5}").replace('-', "−")
}

/// Three significant digits, powers of ten typeset, probabilities near 1 not rounded up to it.
fn compact(value: f64) -> String {
    if value == 0.0 {
        return "\\< 10#super[−300]".into();
    }
    if value.abs() < 1e-3 {
        return scientific(value);
    }
    if (0.99995..=1.0).contains(&value) {
        return "\\> 0.9999".into();
    }
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.replace('-', "−")
}

/// Two significant digits and a power of ten.
fn scientific(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let text = format!("{value:.1e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            format!("{digits} · 10#super[{}]", exponent.replace('-', "−"))
        }
        None => text,
    }
}
