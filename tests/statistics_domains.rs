//! Statistics are total: outside their domain they return an error that names the argument.

use isomoment::Error;
use isomoment::stats::edf_law::{anderson_darling_tail, cramer_von_mises_tail};
use isomoment::stats::goodness::{
    anderson_darling, chi_square, chi_square_power, cramer_von_mises, cramer_von_mises_power,
    kolmogorov_smirnov, kolmogorov_smirnov_power, two_sample,
};
use isomoment::stats::location::{MeanEstimate, critical_z, power, sample_size, two_sided};
use isomoment::stats::proportion;
use isomoment::stats::tail::{hill, moment_estimator, threshold};

const NAN: f64 = f64::NAN;
const DEAD: f64 = f64::NEG_INFINITY;

/// The error names this argument.
fn refused<T: std::fmt::Debug>(result: Result<T, Error>, name: &str) {
    match result {
        Err(Error::Domain { argument, .. }) => assert_eq!(argument, name),
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn samples() {
    let uniform = |x: f64| x;
    for empty_or_nan in [&[][..], &[0.3, NAN]] {
        refused(kolmogorov_smirnov(empty_or_nan, uniform), "the sample");
        refused(cramer_von_mises(empty_or_nan, uniform), "the sample");
        let fit = anderson_darling(empty_or_nan, uniform, |x| 1.0 - x);
        refused(fit, "the sample");
        refused(two_sample(empty_or_nan, &[0.5]), "the sample");
        refused(two_sample(&[0.5], empty_or_nan), "the sample");
    }
    refused(kolmogorov_smirnov(&[0.5], |_| NAN), "the cdf");
    refused(cramer_von_mises(&[0.5], |_| 1.5), "the cdf");
    let fit = anderson_darling(&[0.5], uniform, |_| -0.5);
    refused(fit, "the survival function");
    for few in [&[][..], &[1.0], &[1.0, f64::INFINITY], &[1.0, NAN]] {
        refused(MeanEstimate::from_sample(few.iter().copied()), "the sample");
    }
}

#[test]
fn samples_of_one_ties_and_dead_outputs() {
    let fits = [
        kolmogorov_smirnov(&[0.5], |x| x),
        cramer_von_mises(&[0.5, 0.5, 0.5], |x| x),
        anderson_darling(&[0.5], |x| x, |x| 1.0 - x),
        two_sample(&[DEAD, DEAD, 1.0], &[DEAD, 0.0]),
        anderson_darling(&[0.0, 1.0], |x| x, |x| 1.0 - x),
    ];
    for fit in fits {
        let p = fit.unwrap().p_value;
        assert!((0.0..=1.0).contains(&p), "{p}");
    }
    let constant = MeanEstimate::from_sample([2.0; 5]).unwrap();
    assert_eq!((constant.p_value(2.0), constant.p_value(2.1)), (1.0, 0.0));
    assert_eq!(two_sided(NAN), 1.0);
    for x in [NAN, -1.0, 0.0, f64::INFINITY] {
        let expected = if x == f64::INFINITY { 0.0 } else { 1.0 };
        assert_eq!(anderson_darling_tail(x), expected);
        assert_eq!(cramer_von_mises_tail(x), expected);
    }
}

#[test]
fn levels_probabilities_and_effects() {
    for level in [0.0, 1.0, -0.1, NAN] {
        refused(critical_z(level), "level");
        refused(power(1.0, 1.0, level), "level");
        refused(sample_size(0.1, 1.0, 1.0, level, 0.9), "level");
        refused(kolmogorov_smirnov_power(10, 0.1, level), "level");
        refused(cramer_von_mises_power(10, 0.1, 1.0, level), "level");
        refused(chi_square_power(10, &[0.5; 2], &[0.4, 0.6], level), "level");
        refused(proportion::power(10, 0.5, 0.6, level), "level");
        refused(proportion::interval(1, 10, level), "confidence");
        refused(sample_size(0.1, 1.0, 1.0, 0.01, level), "power");
    }
    refused(sample_size(0.0, 1.0, 1.0, 0.01, 0.9), "effect");
    refused(sample_size(1e-300, 1.0, 1.0, 0.01, 0.9), "effect");
    refused(sample_size(0.1, 0.0, 1.0, 0.01, 0.9), "deviation");
    refused(power(NAN, 1.0, 0.01), "shift");
    refused(power(1.0, 0.0, 0.01), "spread");
    refused(kolmogorov_smirnov_power(0, 0.1, 0.01), "the sample");
    refused(kolmogorov_smirnov_power(10, 1.1, 0.01), "distance");
    refused(cramer_von_mises_power(10, NAN, 1.0, 0.01), "square");
    refused(cramer_von_mises_power(10, 0.1, -1.0, 0.01), "critical");
    refused(proportion::p_value(11, 10, 0.5), "successes");
    refused(proportion::p_value(1, 10, 1.5), "p");
    refused(proportion::interval(11, 10, 0.95), "successes");
    let list = "the list of probabilities";
    refused(chi_square(&[10], &[1.0]), list);
    refused(chi_square(&[10, 10], &[0.5, 0.4]), list);
    refused(chi_square(&[10, 10], &[0.5, 0.25, 0.25]), list);
    refused(chi_square(&[0, 0], &[0.5, 0.5]), "the sample");
}

#[test]
fn tails() {
    let ties = [3.0; 200];
    let dead = [2.0, 1.0, DEAD, DEAD];
    refused(hill(&ties, 5), "the sample");
    refused(hill(&dead, 2), "the sample");
    refused(hill(&[1.0, 2.0, 3.0], 1), "the sample");
    refused(hill(&[2.0, 1.0], 0), "used");
    refused(hill(&[2.0, 1.0], 2), "used");
    refused(moment_estimator(&ties, 5), "the sample");
    // one excess, or equal ones, have no spread
    refused(moment_estimator(&[2.0, 2.0, 1.0], 2), "the sample");
    refused(threshold(&ties, 1), "least");
    refused(threshold(&ties, 5), "the sample");
    assert_eq!(hill(&[2.0, 2.0, 1.0], 2).unwrap().index, 1.0);
}
