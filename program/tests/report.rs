//! The report's files: the same bytes for any number of threads, and negative
//! verdicts shown as such.

use isomoment::theorems::{Findings, Settings, Theorem, Verdict};
use isomoment_cli::output::Artifact;
use isomoment_cli::report::{Format, Run, artifacts};

const SETTINGS: Settings = Settings {
    seed: 5,
    effort: 0.02,
};

fn files(threads: usize, settings: Settings, formats: &[Format]) -> Vec<Artifact> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(|| {
        let findings =
            [Theorem::T1, Theorem::T2, Theorem::T5].map(|t| t.run(&settings, &|_| ()).unwrap());
        let run = Run::new(settings, findings.to_vec()).with_training();
        artifacts(&run, formats).unwrap()
    })
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let one = files(1, SETTINGS, &Format::built());
    let three = files(3, SETTINGS, &Format::built());
    let names: Vec<&str> = one.iter().map(|f| f.name.as_str()).collect();
    assert!(names.contains(&"results.json") && names.iter().any(|n| n.ends_with(".png")));
    for (a, b) in one.iter().zip(&three) {
        assert_eq!(a.name, b.name);
        assert!(a.bytes == b.bytes, "{} differs", a.name);
    }
    for wanted in ["t5-sample-paths.csv", "t10-areas-relu.svg"] {
        assert!(names.contains(&wanted), "{wanted}");
    }
    if cfg!(feature = "pdf") {
        assert_document(&one);
    }
    assert_schema(&one);
    let other_seed = Settings {
        seed: 6,
        ..SETTINGS
    };
    let other = files(1, other_seed, &[Format::Json]);
    let results = |files: &[Artifact]| {
        files
            .iter()
            .find(|f| f.name == "results.json")
            .unwrap()
            .bytes
            .clone()
    };
    assert_ne!(results(&one), results(&other));
}

fn text(files: &[Artifact], name: &str) -> String {
    let file = files.iter().find(|f| f.name == name);
    String::from_utf8(file.expect(name).bytes.clone()).unwrap()
}

/// The page needs nothing from anywhere: pictures and style are in it, mathematics is MathML; what
/// is negative comes first.
fn assert_document(files: &[Artifact]) {
    let pdf = files.iter().find(|f| f.name == "isomoment-report.pdf");
    assert!(pdf.unwrap().bytes.starts_with(b"%PDF-1."));
    let page = text(files, "report.html");
    for link in page.split("src=\"").skip(1) {
        assert!(link.starts_with("data:image/svg+xml"), "{}", &link[..60]);
    }
    for outside in ["<script", "<link", "@import"] {
        assert!(!page.contains(outside), "{outside}");
    }
    for address in page.split("url(").skip(1) {
        assert!(address.starts_with("\"data:font/otf"), "{}", &address[..60]);
    }
    assert!(page.contains("<math") && page.contains("<style"));
    assert_counts(files, &page);
    // so few networks leave controls unrejected
    let body = page.find("Which weight scale").unwrap();
    for negative in ["Not everything holds", "One claim is supported in part"] {
        assert!(page.find(negative).unwrap() < body, "{negative}");
    }
}

/// The table of verdicts counts as results.json does.
fn assert_counts(files: &[Artifact], page: &str) {
    let results: serde_json::Value = serde_json::from_str(&text(files, "results.json")).unwrap();
    let theorems = results["theorems"].as_array().unwrap();
    assert!(!theorems.is_empty());
    for theorem in theorems {
        let checks = theorem["checks"].as_array().unwrap();
        let count = |wanted: &dyn Fn(&serde_json::Value) -> bool| {
            checks.iter().filter(|check| wanted(check)).count()
        };
        let (all, matrices) = (checks.len(), count(&|c| c["source"] == "matrices"));
        let rejected = count(&|c| c["control"]["rejected"] == true);
        let start = format!(
            "<td>{}</td><td>{all}</td><td>{matrices}</td>",
            theorem["title"].as_str().unwrap()
        );
        let at = page.find(&start).unwrap_or_else(|| panic!("{start}"));
        let row = page[at..].split("</tr>").next().unwrap();
        assert!(
            row.contains(&format!("<td>{rejected} of {all}</td>")),
            "{row}"
        );
    }
}

/// Whatever LaTeX engine sets it: in ASCII, and only commands that the tables are made of.
pub fn assert_plain_latex(name: &str, text: &str) {
    for line in text.lines() {
        assert!(line.is_ascii() && !line.contains("U+"), "{name}: {line}");
        assert!(line.matches('$').count() % 2 == 0, "{name}: {line}");
    }
    for (i, _) in text.match_indices('%') {
        let before = text[..i].chars().next_back();
        let comment = matches!(before, None | Some('\n'));
        assert!(comment || before == Some('\\'), "{name}: a bare %");
    }
}

/// Every field of results.json is in the description of its schema.
fn assert_schema(files: &[Artifact]) {
    fn fields(value: &serde_json::Value, found: &mut std::collections::BTreeSet<String>) {
        match value {
            serde_json::Value::Object(object) => {
                for (name, value) in object {
                    found.insert(name.clone());
                    fields(value, found);
                }
            }
            serde_json::Value::Array(values) => values.iter().for_each(|v| fields(v, found)),
            _ => (),
        }
    }
    let results: serde_json::Value = serde_json::from_str(&text(files, "results.json")).unwrap();
    let mut found = std::collections::BTreeSet::new();
    fields(&results, &mut found);
    let description = include_str!("../../reports/README.md");
    for field in found {
        assert!(description.contains(&format!("`{field}`")), "{field}");
    }
    let version = format!("| `schema` | integer | {} |", results["schema"]);
    assert!(description.contains(&version));
}

#[test]
fn a_failed_check_is_reported_as_failed() {
    let quick = Settings {
        effort: 1.0,
        ..SETTINGS
    };
    let findings = Findings::of_t1_scaled_by(|law| law.scale(2.0), &quick, &|_| ()).unwrap();
    let run = Run::new(quick, vec![findings]);
    assert!(!run.all_hold());
    assert!(
        run.judged()
            .all(|(_, verdicts)| verdicts.contains(&Verdict::Fails))
    );
    let json: serde_json::Value = serde_json::from_str(&run.json().unwrap()).unwrap();
    assert_eq!(json["all_hold"], false);
    let checks = json["theorems"][0]["checks"].as_array().unwrap();
    assert!(
        checks
            .iter()
            .any(|c| c["verdict"] == "fails" && c["observed"].as_f64().unwrap() < 0.99)
    );
}
