//! The theorems, checked on real networks at quick effort: every prediction
//! must stand and every negative control must be rejected.

use isomoment::theorems::check::{Evidence, FAMILY_LEVEL, MOST_CHECKS, SINGLE_LEVEL};
use isomoment::theorems::{Findings, Settings, Theorem, Verdict, verdicts};

const SETTINGS: Settings = Settings {
    seed: 2021,
    effort: 1.0,
};

fn assert_holds(theorem: Theorem) {
    let findings = theorem.run(&SETTINGS, &|_| ()).unwrap();
    assert!(findings.checks.len() >= 12, "{theorem} has too few checks");
    let run = [findings];
    let judged = verdicts(&run);
    for (check, verdict) in run[0].checks.iter().zip(&judged[0]) {
        assert_eq!(*verdict, Verdict::Holds, "{theorem}: {check:#?}");
        if let Evidence::Statistical { power, .. } = check.evidence {
            assert!(power >= 0.99, "{theorem}: power {power} in {}", check.case);
        }
    }
    for activation in ["linear", "ReLU", "Leaky ReLU", "RReLU"] {
        let of = |c: &&isomoment::theorems::Check| c.case.starts_with(activation);
        assert!(
            run[0].checks.iter().any(|c| of(&c)),
            "{theorem}: no {activation}"
        );
    }
}

#[test]
fn t1_moment_preservation() {
    assert_holds(Theorem::T1);
}

#[test]
fn t2_classical_limits() {
    assert_holds(Theorem::T2);
}

#[test]
fn t3_large_width() {
    assert_holds(Theorem::T3);
}

#[test]
fn t5_almost_sure_limit() {
    assert_holds(Theorem::T5);
}

#[test]
fn t6_log_normality() {
    assert_holds(Theorem::T6);
}

#[test]
fn t8_small_outputs_avoided() {
    assert_holds(Theorem::T8);
}

#[test]
fn t4_order_in_s() {
    assert_holds(Theorem::T4);
}

#[test]
fn t7_heavy_tails() {
    assert_holds(Theorem::T7);
}

#[test]
fn t9_dropout() {
    assert_holds(Theorem::T9);
}

/// The whole check of T1, run on networks of the wrong scale, fails.
#[test]
fn t1_fails_for_hes_rule() {
    let run = [Findings::of_t1_scaled_for(2.0, &SETTINGS, &|_| ()).unwrap()];
    let judged = verdicts(&run);
    let failed = |s: &str| {
        let pairs = run[0].checks.iter().zip(&judged[0]);
        let of_scale = pairs.filter(|(c, _)| c.case.ends_with(s) && c.quantity.starts_with("mean"));
        of_scale
            .map(|(_, v)| *v == Verdict::Fails)
            .collect::<Vec<_>>()
    };
    // eight Gaussian and three orthogonal cases
    assert_eq!(failed("s = 1"), [true; 11]);
    assert_eq!(failed("s = 0.5"), [true; 8]);
}

/// A blind check and a number that is not one are no successes.
#[test]
fn verdicts_do_not_pass_what_was_not_shown() {
    let mut findings = Theorem::T2.run(&SETTINGS, &|_| ()).unwrap();
    findings.checks[0].control.rejected = false;
    let Evidence::Numerical { error, .. } = &mut findings.checks[1].evidence else {
        panic!("T2 begins with its formulas");
    };
    *error = f64::NAN;
    let judged = verdicts(&[findings]);
    assert_eq!(judged[0][..2], [Verdict::Blind, Verdict::Fails]);
}

#[test]
fn a_run_has_no_more_tests_than_the_single_level_allows() {
    let run: Vec<Findings> = Theorem::ALL
        .iter()
        .map(|t| {
            t.run(
                &Settings {
                    effort: 0.01,
                    ..SETTINGS
                },
                &|_| (),
            )
            .unwrap()
        })
        .collect();
    let tests = run
        .iter()
        .flat_map(|f| &f.checks)
        .filter(|c| c.p_value().is_some())
        .count();
    assert!(tests <= MOST_CHECKS, "{tests} tests");
    assert!(SINGLE_LEVEL * tests as f64 <= FAMILY_LEVEL);
}

/// A theorem is the unit that everything is organised by: none may miss its note or its test.
#[test]
fn every_theorem_has_its_note_and_its_test() {
    for theorem in Theorem::ALL {
        let path = format!("{}/proofs-notes/{theorem}.md", env!("CARGO_MANIFEST_DIR"));
        let note = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
        let name = theorem.to_string().to_lowercase();
        for part in [
            "## Statement",
            "## Proof",
            "## Code",
            &format!("src/theorems/{name}.rs"),
        ] {
            assert!(note.contains(part), "{path} has no '{part}'");
        }
        let test = format!("fn {name}_");
        assert!(
            include_str!("theorems.rs").contains(&test),
            "no test {test}"
        );
        assert!(
            note.contains("tests/theorems.rs"),
            "{path} does not name its test"
        );
    }
}
