//! The special functions against 30-digit values (see tests/data/README.md).
//! The bounds here are the errors that `src/special/mod.rs` states.

use isomoment::special;

#[test]
fn every_function_is_as_accurate_as_its_documentation_says() {
    // (function, smallest x, its value, whether its error is relative, the documented bound)
    type Function = fn(f64, f64) -> f64;
    const ALL: f64 = f64::NEG_INFINITY;
    let functions: [(&str, f64, Function, bool, f64); 8] = [
        (
            "ln_gamma_ratio_slope",
            ALL,
            special::ln_gamma_ratio_slope,
            false,
            1.3e-15,
        ),
        (
            "digamma_minus_ln",
            ALL,
            |x, _| special::digamma_minus_ln(x),
            false,
            7e-16,
        ),
        (
            "digamma_minus_ln",
            12.0,
            |x, _| special::digamma_minus_ln(x),
            true,
            1e-15,
        ),
        ("trigamma", ALL, |x, _| special::trigamma(x), true, 3e-16),
        (
            "tetragamma",
            ALL,
            |x, _| special::tetragamma(x),
            true,
            2e-15,
        ),
        (
            "reciprocal_gamma_one_minus",
            ALL,
            |p, _| special::reciprocal_gamma_one_minus(p),
            true,
            1e-15,
        ),
        ("log1pmx", ALL, |x, _| special::log1pmx(x), true, 1e-15),
        ("expm1mx", ALL, |x, _| special::expm1mx(x), true, 1e-15),
    ];
    let table = include_str!("data/special.csv");
    for (name, smallest, function, relative, bound) in functions {
        let mut worst = (0.0, 0.0, 0.0);
        let mut rows = 0;
        for line in table.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            if cells[0] != name {
                continue;
            }
            let numbers: Vec<f64> = cells[1..].iter().map(|c| c.parse().unwrap()).collect();
            let [x, p, exact] = numbers[..] else {
                panic!("four columns")
            };
            if x < smallest {
                continue;
            }
            rows += 1;
            let difference = (function(x, p) - exact).abs();
            let unit = if relative {
                exact.abs()
            } else {
                exact.abs().max(1.0)
            };
            let error = if difference == 0.0 {
                0.0
            } else {
                difference / unit
            };
            if error > worst.0 || error.is_nan() {
                worst = (error, x, p);
            }
        }
        println!(
            "{name}: {rows} values, worst {:.1e} at x = {:e}, p = {:e}",
            worst.0, worst.1, worst.2
        );
        assert!(rows >= 9, "{name}: only {rows} values");
        assert!(
            worst.0 <= bound,
            "{name}: {:e} at x = {:e}, p = {:e}",
            worst.0,
            worst.1,
            worst.2
        );
    }
}
