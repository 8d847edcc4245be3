//! Test statistics and p-values against published tables and SciPy's values
//! (tests/data/goodness.csv).

use isomoment::simulate::numbers::Uniforms;
use isomoment::simulate::streams::trajectory_stream;
use isomoment::stats::binomial::tails;
use isomoment::stats::edf_law::{
    anderson_darling_p_value, anderson_darling_tail, cramer_von_mises_p_value,
    cramer_von_mises_tail,
};
use isomoment::stats::goodness::{
    anderson_darling, chi_square, cramer_von_mises, kolmogorov_smirnov, two_sample,
};
use isomoment::stats::ks_law::exact_tail;
use isomoment::stats::proportion;

/// Upper points of the asymptotic laws as printed by Anderson & Darling (1954), Stephens (1974) and
/// D'Agostino & Stephens (1986), table 4.2.
#[test]
fn published_points() {
    for (p, x) in [
        (0.15, 1.610),
        (0.10, 1.933),
        (0.05, 2.492),
        (0.025, 3.070),
        (0.01, 3.857),
    ] {
        let found = anderson_darling_tail(x);
        // the points were simulated or rounded to three decimals
        assert!((found / p - 1.0).abs() < 0.03, "A²: {x}: {found}");
    }
    for (p, x) in [
        (0.15, 0.284),
        (0.10, 0.347),
        (0.05, 0.461),
        (0.025, 0.581),
        (0.01, 0.743),
    ] {
        let found = cramer_von_mises_tail(x);
        assert!((found / p - 1.0).abs() < 0.005, "W²: {x}: {found}");
    }
    assert_eq!(anderson_darling_tail(0.0), 1.0);
    assert_eq!(cramer_von_mises_tail(0.0), 1.0);
    assert!(anderson_darling_tail(50.0) > 0.0 && anderson_darling_tail(50.0) < 1e-20);
}

/// A fixed sample, the i-th of n at the fractional part of i times the golden ratio, to a power.
fn sample(n: usize, power: f64) -> Vec<f64> {
    (1..=n)
        .map(|i| (i as f64 * 0.618_033_988_749_894_9).fract().powf(power))
        .collect()
}

/// Rows: test, n, power, statistic, p-value.
#[test]
fn scipys_values() {
    let mut reader = csv::Reader::from_path("tests/data/goodness.csv").unwrap();
    let mut seen = 0;
    for row in reader.deserialize() {
        let (test, n, power, statistic, p): (String, usize, f64, f64, f64) = row.unwrap();
        let data = sample(n, power);
        let exact = 1e-11;
        let (fit, tolerance) = match test.as_str() {
            // exact, both
            "ks" if n <= 1000 => (kolmogorov_smirnov(&data, |x| x).unwrap(), exact),
            "ks2" if n <= 900 => (two_sample(&data, &sample(n + 37, 1.0)).unwrap(), exact),
            "ks" => (kolmogorov_smirnov(&data, |x| x).unwrap(), 1e-9),
            // SciPy's p-value has the first correction in 1/n, ours more
            "cvm" => (cramer_von_mises(&data, |x| x).unwrap(), 0.001),
            "ad" => (anderson_darling(&data, |x| x, |x| 1.0 - x).unwrap(), 0.0),
            // SciPy takes the one-sample law at size nm/(n + m), ours is the limit
            "ks2" => (two_sample(&data, &sample(n + 37, 1.0)).unwrap(), 0.08),
            "chi2" => {
                let counts: Vec<usize> = (0..10)
                    .map(|cell| {
                        data.iter()
                            .filter(|x| (**x * 10.0) as usize == cell)
                            .count()
                    })
                    .collect();
                (chi_square(&counts, &[0.1; 10]).unwrap(), 1e-10)
            }
            "binomial" => {
                let below = data.iter().filter(|x| **x < 0.3).count() as u64;
                let p_value = proportion::p_value(below, n as u64, 0.3).unwrap();
                (
                    isomoment::stats::goodness::Fit {
                        statistic: below as f64,
                        p_value,
                    },
                    1e-10,
                )
            }
            other => panic!("{other}"),
        };
        assert!(
            (fit.statistic - statistic).abs() < 1e-9 * statistic.max(1.0),
            "{test} {n} {power}: {fit:?} {statistic}"
        );
        if !p.is_nan() {
            assert!(
                (fit.p_value - p).abs()
                    <= tolerance * if tolerance == exact { p } else { p.max(0.01) } + 1e-14,
                "{test} {n} {power}: {fit:?} {p}"
            );
        }
        seen += 1;
    }
    assert_eq!(seen, 118);
}

/// The p-values of small samples against exact ones (tests/data/edf.csv); those of 9 and 12 numbers
/// were not fitted.
#[test]
fn small_samples_have_their_own_law() {
    let mut reader = csv::Reader::from_path("tests/data/edf.csv").unwrap();
    let (mut seen, mut largest, mut of_limit) = (0, 0.0_f64, 0.0_f64);
    for row in reader.deserialize() {
        let (test, n, x, exact): (String, usize, f64, f64) = row.unwrap();
        let (found, limit) = match test.as_str() {
            "cvm" => (cramer_von_mises_p_value(n, x), cramer_von_mises_tail(x)),
            "ad" => (anderson_darling_p_value(n, x), anderson_darling_tail(x)),
            other => panic!("{other}"),
        };
        if exact >= 1e-5 {
            let error = (found / exact - 1.0).abs();
            assert!(error < 5e-3, "{test} {n} {x}: {found} {exact}");
            largest = largest.max(error);
            of_limit = of_limit.max((limit / exact - 1.0).abs());
        } else if test == "cvm" {
            assert!(found >= exact, "{test} {n} {x}: {found} {exact}");
        } else if exact >= 1e-6 {
            assert!(
                (found / exact - 1.0).abs() < 0.1,
                "{test} {n} {x}: {found} {exact}"
            );
        }
        seen += 1;
    }
    assert_eq!(seen, 2 * 11 * 80);
    // the bound is no wider than needed, and the limit alone would not do
    assert!(largest > 1e-3 && of_limit > 1.0, "{largest} {of_limit}");
}

/// P-values of both tests in 200 000 samples of n uniform numbers are at most their level as often as that:
/// whatever the table says.
#[test]
fn small_samples_are_rejected_as_often_as_the_level_says() {
    let mut uniforms = Uniforms::new(&mut trajectory_stream(5, 0));
    for n in [1, 5, 11, 25, 50] {
        let samples = 200_000;
        let mut rejected = [[0_u32; 3]; 2];
        for _ in 0..samples {
            let data: Vec<f64> = (0..n).map(|_| uniforms.draw()).collect();
            let fits = [
                cramer_von_mises(&data, |x| x).unwrap(),
                anderson_darling(&data, |x| x, |x| 1.0 - x).unwrap(),
            ];
            for (fit, counts) in fits.iter().zip(&mut rejected) {
                for (count, level) in counts.iter_mut().zip(LEVELS) {
                    *count += u32::from(fit.p_value <= level);
                }
            }
        }
        for (test, counts) in ["cvm", "ad"].iter().zip(rejected) {
            for (count, level) in counts.into_iter().zip(LEVELS) {
                let expected = level * f64::from(samples);
                let z = (f64::from(count) - expected) / expected.sqrt();
                assert!(z.abs() < 4.5, "{test} {n} {level}: {z}");
            }
        }
    }
}

const LEVELS: [f64; 3] = [0.2, 0.02, 0.002];

/// Beyond the sizes with exact laws the limit's p-value is a few percent too large, no more.
#[test]
fn the_limit_is_near_where_it_takes_over() {
    for (n, most) in [(100, 0.25), (1000, 0.06)] {
        let mut largest = 0.0_f64;
        for step in 1..=40 {
            let x = 0.05 * f64::from(step) + 0.2;
            // 2 Σ (−1)^{j−1} e^{−2j²x²}
            let terms = (1..=20).map(|j| {
                let sign = if j % 2 == 1 { 2.0 } else { -2.0 };
                sign * (-2.0 * f64::from(j * j) * x * x).exp()
            });
            let limit: f64 = terms.sum();
            let exact = exact_tail(n, x / (n as f64).sqrt());
            if exact > 1e-4 {
                largest = largest.max((limit / exact - 1.0).abs());
            }
        }
        assert!(largest < most && largest > 0.5 * most, "{n}: {largest}");
    }
}

/// Every outcome of three values against two: the two-sample statistic's law by counting.
#[test]
fn two_small_samples_by_counting() {
    let places = [0.1, 0.2, 0.3, 0.4, 0.5];
    let mut statistics = Vec::new();
    let pick = |a: usize, b: usize| -> (Vec<f64>, Vec<f64>) {
        let chosen = |i: &usize| *i == a || *i == b;
        let (second, first): (Vec<usize>, Vec<usize>) = (0..5).partition(chosen);
        let values = |indices: Vec<usize>| indices.into_iter().map(|i| places[i]).collect();
        (values(first), values(second))
    };
    for a in 0..5 {
        for b in a + 1..5 {
            let (first, second) = pick(a, b);
            statistics.push(two_sample(&first, &second).unwrap());
        }
    }
    for fit in &statistics {
        let as_large = statistics
            .iter()
            .filter(|other| other.statistic >= fit.statistic - 1e-12);
        let share = as_large.count() as f64 / 10.0;
        assert!((fit.p_value - share).abs() < 1e-12, "{fit:?} {share}");
    }
}

/// Rows: trials, p, x, P(X ≤ x), P(X ≥ x) to 25 digits.
#[test]
fn binomial_tails() {
    let mut reader = csv::Reader::from_path("tests/data/binomial.csv").unwrap();
    let (mut seen, mut largest) = (0, 0.0_f64);
    for row in reader.deserialize() {
        let (trials, p, x, at_most, at_least): (u64, f64, u64, f64, f64) = row.unwrap();
        let found = tails(trials, p, x);
        for (found, stored) in [(found.0, at_most), (found.1, at_least)] {
            if stored < f64::MIN_POSITIVE {
                assert!(found <= f64::MIN_POSITIVE);
                continue;
            }
            // a probability's exponent carries the rounding of its logarithm
            let error = (found - stored).abs() / (stored * (1.0 - stored.ln()));
            assert!(
                error < 2e-13,
                "{trials} {p} {x}: {found:e}, stored {stored:e}, {error:e}"
            );
            largest = largest.max(error);
        }
        seen += 1;
    }
    assert_eq!(tails(7, 0.0, 0), (1.0, 1.0));
    assert_eq!(tails(7, 0.0, 3), (1.0, 0.0));
    assert_eq!(tails(7, 1.0, 7), (1.0, 1.0));
    assert_eq!(tails(0, 0.5, 0), (1.0, 1.0));
    println!("largest error of {seen} binomial tails, relative, over 1 + |log P|: {largest:.1e}");
    assert_eq!(seen, 309);
}

/// The ends of a proportion's interval are where the binomial tails, tested above, are what is left
/// outside.
#[test]
fn ends_of_intervals() {
    let outside = 0.025;
    let (mut largest, mut seen) = (0.0_f64, 0);
    for trials in [
        1,
        5,
        50,
        1000,
        10_000,
        100_000,
        1_000_000,
        10_000_000,
        100_000_000_u64,
    ] {
        for share in [0.0, 1e-6, 1e-3, 0.02, 0.3, 0.5, 0.9, 0.9999, 1.0] {
            let successes = (share * trials as f64).round() as u64;
            let (low, high) = proportion::interval(successes, trials, 0.95).unwrap();
            let mut off = |tail: f64| {
                // a probability next to 1 is a double to 1e-16, of which the tail sees n/0.025 times
                // as much
                let rounding = 5e-14 * trials as f64;
                largest = largest.max((tail / outside - 1.0).abs() / (1e-12 + rounding));
                seen += 1;
            };
            if successes > 0 {
                off(tails(trials, low, successes).1);
            }
            if successes < trials {
                off(tails(trials, high, successes).0);
            }
        }
    }
    println!("{seen} ends of intervals: tails off by {largest:.2} of 1e-12 + 5e-14 n of them");
    assert!(largest < 1.0, "{largest:e}");
}

/// The tail of χ² from a dependency, for even degrees of freedom against Poisson's sum
/// e^{−x/2} Σ_{j < m/2} (x/2)^j/j!.
#[test]
fn chi_square_tails() {
    use statrs::distribution::{ChiSquared, ContinuousCDF};
    let (mut largest, mut seen) = (0.0_f64, 0);
    for freedom in [2_u32, 4, 10, 30, 100, 400] {
        let law = ChiSquared::new(f64::from(freedom)).unwrap();
        for step in -8..=60 {
            let x = f64::from(freedom) + 0.5 * f64::from(step) * (2.0 * f64::from(freedom)).sqrt();
            if x <= 0.0 {
                continue;
            }
            let half = 0.5 * x;
            let mut term = 1.0;
            let mut sum = 1.0;
            for j in 1..freedom / 2 {
                term *= half / f64::from(j);
                sum += term;
            }
            let exact = (sum.ln() - half).exp();
            if exact > 1e-300 {
                largest = largest.max((law.sf(x) / exact - 1.0).abs());
                seen += 1;
            }
        }
    }
    println!("{seen} tails of χ², largest relative error {largest:.1e}");
    assert!(largest < 1e-12, "{largest:e}");
}
