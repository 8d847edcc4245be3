//! What the recorded calibration (docs/calibration.tsv) says of a run's false alarms.

/// Said behind the level of Holm's rule; a test makes it from the record.
pub const CALIBRATED: &str = "In 100 recorded runs of T1 to T9 with other seeds nothing was rejected, \
    which by itself bounds that chance by 3.0 % (95 % confidence); of their 28900 p-values 1467 are at most 0.05 \
    (1445 expected) and 37 at most 0.001 (29 expected).";

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
        let ((below_5, all), (below_01, _)) =
            (calibration.at_most(0.05), calibration.at_most(0.001));
        let sentence = format!(
            "In {runs} recorded runs of T1 to T9 with other seeds nothing was rejected, which by itself bounds that \
             chance by {:.1} % (95 % confidence); of their {all} p-values {below_5} are at most 0.05 ({:.0} expected) and \
             {below_01} at most 0.001 ({:.0} expected).",
            100.0 * bound,
            0.05 * all as f64,
            0.001 * all as f64,
        );
        assert_eq!(CALIBRATED, sentence);
        let assessments = calibration.assessments();
        let accepted: usize = assessments.iter().map(|a| a.unrejected).sum();
        assert_eq!(accepted, 0);
    }

    #[test]
    fn the_documents_say_the_same() {
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(one_line(README).contains("[none of 100 recorded runs]"));
        assert!(
            one_line(TOUR).contains("100 seeds, of T1 to T9: none of the runs rejected a theorem")
        );
        assert!(one_line(TOUR).contains(CALIBRATED));
    }
}
