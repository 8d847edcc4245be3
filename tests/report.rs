//! The report's files: the same bytes for any number of threads, and negative
//! verdicts shown as such.

use isomoment::report::{Artifact, Run, artifacts};
use isomoment::theorems::{Settings, Theorem, Verdict};

const SETTINGS: Settings = Settings {
    seed: 5,
    effort: 0.02,
    scheme: None,
};

fn files(threads: usize, settings: Settings) -> (Run, Vec<Artifact>) {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(|| {
        let findings =
            [Theorem::T1, Theorem::T2, Theorem::T5].map(|t| t.run(&settings, &|_| ()).unwrap());
        let run = Run::new(settings, findings.to_vec());
        let files = artifacts(&run).unwrap();
        (run, files)
    })
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let (_, one) = files(1, SETTINGS);
    let (_, three) = files(3, SETTINGS);
    let names: Vec<&str> = one.iter().map(|f| f.name.as_str()).collect();
    assert!(names.contains(&"results.json") && names.iter().any(|n| n.ends_with(".png")));
    for (a, b) in one.iter().zip(&three) {
        assert_eq!(a.name, b.name);
        assert!(a.bytes == b.bytes, "{} differs", a.name);
    }
    let (_, other) = files(
        1,
        Settings {
            seed: 6,
            ..SETTINGS
        },
    );
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

#[test]
fn a_failed_check_is_reported_as_failed() {
    let he = Settings {
        scheme: Some(2.0),
        effort: 1.0,
        ..SETTINGS
    };
    let run = Run::new(he, vec![Theorem::T1.run(&he, &|_| ()).unwrap()]);
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
