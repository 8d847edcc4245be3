//! The theorems, checked on real networks at quick effort: every prediction
//! must stand and every negative control must be rejected.

use std::sync::OnceLock;

use isomoment::theorems::calibration::Calibration;
use isomoment::theorems::check::{FAMILY_LEVEL, SINGLE_LEVEL};
use isomoment::theorems::{
    Check, Evidence, Findings, Mark, Settings, Source, Sources, Theorem, Verdict, verdicts,
};

const SETTINGS: Settings = Settings {
    seed: 2021,
    effort: 1.0,
};

/// Each theorem's run at quick effort, made once.
fn findings(theorem: Theorem) -> &'static Findings {
    static FOUND: [OnceLock<Findings>; Theorem::ALL.len()] =
        [const { OnceLock::new() }; Theorem::ALL.len()];
    FOUND[theorem as usize].get_or_init(|| theorem.run(&SETTINGS, &|_| ()).unwrap())
}

fn whole_run() -> Vec<Findings> {
    Theorem::ALL.iter().map(|&t| findings(t).clone()).collect()
}

fn assert_holds(theorem: Theorem) {
    let run = [findings(theorem).clone()];
    assert_eq!(run[0].theorem, theorem);
    assert!(run[0].checks.len() >= 12, "{theorem} has too few checks");
    let judged = verdicts(&run);
    for (check, verdict) in run[0].checks.iter().zip(&judged[0]) {
        assert_eq!(*verdict, Verdict::Holds, "{theorem}: {check:#?}");
        if let Evidence::Statistical { power, .. } = check.evidence {
            assert!(
                power >= 0.9999,
                "{theorem}: power {power} in {}",
                check.case
            );
        }
    }
    // longer labels do not fit into the margin of a figure, of a panel
    for figure in &run[0].figures {
        let most = if figure.half_width { 14 } else { 21 };
        for series in &figure.series {
            let length = series.label.chars().count();
            let inside = series.mark == Mark::Note;
            assert!(inside || length <= most, "{theorem}: {:?}", series.label);
        }
    }
    // of T15 those that are functions
    let activations = ["linear", "ReLU", "Leaky ReLU", "RReLU"];
    let functions = if theorem == Theorem::T15 { 3 } else { 4 };
    for activation in &activations[..functions] {
        let of = |c: &&Check| c.case.starts_with(activation);
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
fn t4_order_in_s() {
    assert_holds(Theorem::T4);
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
fn t7_heavy_tails() {
    assert_holds(Theorem::T7);
}

#[test]
fn t8_small_outputs_avoided() {
    assert_holds(Theorem::T8);
}

#[test]
fn t9_dropout() {
    assert_holds(Theorem::T9);
}

#[test]
fn t11_gradients() {
    assert_holds(Theorem::T11);
}

#[test]
fn t12_convolutions() {
    assert_holds(Theorem::T12);
}

#[test]
fn t13_residual_blocks() {
    assert_holds(Theorem::T13);
}

#[test]
fn t14_heavy_tailed_weights() {
    assert_holds(Theorem::T14);
}

#[test]
fn t15_any_activation() {
    assert_holds(Theorem::T15);
}

/// The whole check of T1, run on networks of the wrong scale, fails.
#[test]
fn t1_fails_for_hes_rule() {
    let run = [Findings::of_t1_scaled_by(|law| law.scale(2.0), &SETTINGS, &|_| ()).unwrap()];
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
    let mut findings = findings(Theorem::T2).clone();
    findings.checks[0].control.rejected = false;
    let Evidence::Numerical { error, .. } = &mut findings.checks[1].evidence else {
        panic!("T2 begins with its formulas");
    };
    *error = f64::NAN;
    let judged = verdicts(&[findings]);
    assert_eq!(judged[0][..2], [Verdict::Blind, Verdict::Fails]);
}

/// Powers and controls are stated at the level of a single test: in a whole run a p-value of that
/// size must be a rejection, and one above the level of the run must not.
#[test]
fn a_run_rejects_at_the_level_of_a_single_test() {
    let mut run = whole_run();
    for findings in &mut run {
        for check in &mut findings.checks {
            if let Evidence::Statistical { p_value, .. } = &mut check.evidence {
                *p_value = 2.0 * FAMILY_LEVEL;
            }
        }
    }
    assert!(verdicts(&run).concat().iter().all(|v| *v != Verdict::Fails));
    let Evidence::Statistical { p_value, .. } = &mut run[0].checks[0].evidence else {
        panic!("T1 begins with its tests");
    };
    *p_value = SINGLE_LEVEL;
    assert_eq!(verdicts(&run)[0][0], Verdict::Fails);
}

/// What the checks rest on, as the report, the notes and the program say it.
#[test]
fn a_run_says_what_its_checks_rest_on() {
    let run = whole_run();
    let all = run.iter().flat_map(|f| &f.checks);
    let counted = Sources::of(all.clone()).to_string();
    let (_, counts) = counted.split_once(": ").unwrap();
    let readme: Vec<&str> = include_str!("../README.md").split_whitespace().collect();
    assert!(
        readme.join(" ").contains(counts),
        "README has not: {counts}"
    );
    for check in all {
        let numerical = matches!(check.evidence, Evidence::Numerical { .. });
        assert_eq!(numerical, check.source == Source::Computation, "{check:?}");
        let alone = check.case.contains("norms alone");
        assert_eq!(alone, check.source == Source::Norms, "{check:?}");
        let tilted = check.quantity.contains("tilted");
        assert_eq!(tilted, check.source == Source::TiltedMatrices, "{check:?}");
    }
}

/// What is seen in these runs, each changed before it is taken in.
fn calibrated(runs: &[Findings], change: impl Fn(u64, &mut Check)) -> Calibration {
    let mut calibration = Calibration::default();
    for (seed, findings) in (0..).zip(runs) {
        let mut findings = findings.clone();
        findings.checks.iter_mut().for_each(|c| change(seed, c));
        calibration.add(seed, &[findings]).unwrap();
    }
    calibration
}

/// Calibration sees p-values that are too small, controls that are accepted, and theorems that are
/// rejected.
#[test]
fn calibration_sees_tests_that_are_not_what_they_say() {
    fn p_value(check: &mut Check) -> Option<&mut f64> {
        match &mut check.evidence {
            Evidence::Statistical { p_value, .. } => Some(p_value),
            Evidence::Numerical { .. } => None,
        }
    }
    let run = |seed: u64| {
        let settings = Settings { seed, ..SETTINGS };
        Theorem::T2.run(&settings, &|_| ()).unwrap()
    };
    let runs: Vec<Findings> = (0..40).map(run).collect();
    let as_it_is = calibrated(&runs, |_, _| ());
    assert!(as_it_is.holds() && as_it_is.troubles().is_empty());
    let small = calibrated(&runs, |_, check| {
        p_value(check).into_iter().for_each(|p| *p = p.powi(2));
    });
    assert!(!small.holds());
    let accepted = calibrated(&runs, |seed, check| check.control.rejected &= seed != 3);
    assert!(!accepted.holds());
    assert_eq!(accepted.troubles().len(), 8);
    let alarming = calibrated(&runs, |seed, check| {
        if seed % 20 == 3 {
            p_value(check).into_iter().for_each(|p| *p = 1e-5);
        }
    });
    assert!(!alarming.holds());
    assert_eq!(alarming.alarms(), [3, 23]);
    // the same runs again, and other tests, are refused
    let mut again = as_it_is.clone();
    for (seed, theorem) in [(3, Theorem::T2), (99, Theorem::T3)] {
        assert!(again.add(seed, &[findings(theorem).clone()]).is_err());
    }
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
