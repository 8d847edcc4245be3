//! What the recorded calibration (docs/calibration.tsv) says of a run's false alarms.

/// Said behind the level of Holm's rule; a test makes it from the record.
pub const CALIBRATED: &str = "In 100 recorded runs of T1 to T9 (seeds 1 to 100, quick effort) nothing was rejected, \
    which by itself bounds that chance by 3.0 % (95 % confidence). Of 23700 p-values that \
    should be uniform 1259 are at most 0.05 (1185 expected) and 29 at most 0.001 (24 \
    expected); of 5200 that may be larger 208 (at most 260 expected) and 8 (at most 5).";

#[cfg(test)]
mod tests {
    use super::*;
    use isomoment::theorems::calibration::Calibration;

    const RECORD: &str = include_str!("../../../../docs/calibration.tsv");
    const README: &str = include_str!("../../../../README.md");
    const TOUR: &str = include_str!("../../../../docs/program.md");

    #[test]
    fn is_what_the_record_says() {
        let calibration = Calibration::from_record(RECORD, 1.0).unwrap();
        assert!(calibration.alarms().is_empty() && calibration.holds());
        let runs = calibration.runs();
        // none of so many: with a larger chance that happens in fewer than 1 of 20 experiments
        let bound = 1.0 - 0.05_f64.powf((runs as f64).recip());
        let counts = |level: f64, uniform: bool| {
            let (count, all) = calibration.at_most(level, uniform);
            (count, all, level * all as f64)
        };
        let ((u5, uniform, e5), (u01, _, e01)) = (counts(0.05, true), counts(0.001, true));
        let ((l5, larger, m5), (l01, _, m01)) = (counts(0.05, false), counts(0.001, false));
        let sentence = format!(
            "In {runs} recorded runs of T1 to T9 (seeds 1 to {runs}, quick effort) nothing was rejected, which by \
             itself bounds that chance by {:.1} % (95 % confidence). Of {uniform} p-values that should be uniform {u5} \
             are at most 0.05 ({e5:.0} expected) and {u01} at most 0.001 ({e01:.0} expected); of {larger} that may be \
             larger {l5} (at most {m5:.0} expected) and {l01} (at most {m01:.0}).",
            100.0 * bound,
        );
        assert!((1..=runs as u64).all(|seed| calibration.has_run(seed)));
        assert_eq!(CALIBRATED, sentence);
        let assessments = calibration.assessments();
        let accepted: usize = assessments.iter().map(|a| a.unrejected).sum();
        assert_eq!(accepted, 0);
    }

    #[test]
    fn the_documents_say_the_same() {
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(one_line(README).contains("[none of 100 recorded runs]"));
        assert!(one_line(TOUR).contains("no control was accepted"));
        assert!(one_line(TOUR).contains(CALIBRATED));
    }
}
