//! The stated errors of the functions in this module: what its documentation says of each is a row
//! here, and every row is measured on the reference values in tests/data.

use crate::special;

/// What an error is relative to.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Unit {
    /// The value.
    Value,
    /// 1.
    One,
    /// The value, or 1 where that is larger.
    ValueOrOne,
}

/// A row of the table.
struct Claim {
    name: &'static str,
    domain: &'static str,
    /// Rows of the reference tables from this x on belong to the claim.
    from: f64,
    unit: Unit,
    /// As it is written in the documentation.
    error: &'static str,
    function: fn(f64, f64) -> f64,
}

impl Claim {
    fn row(&self) -> String {
        let error = match self.unit {
            Unit::Value => format!("relative {}", self.error),
            Unit::One => format!("absolute {}", self.error),
            Unit::ValueOrOne => format!("{} · max(1, value)", self.error),
        };
        format!("//! | [`{}`] | {} | {error} |", self.name, self.domain)
    }

    /// The error at one reference value.
    fn error(&self, x: f64, p: f64, exact: f64) -> f64 {
        let difference = ((self.function)(x, p) - exact).abs();
        let unit = match self.unit {
            Unit::Value => exact.abs(),
            Unit::One => 1.0,
            Unit::ValueOrOne => exact.abs().max(1.0),
        };
        if difference == 0.0 {
            0.0
        } else {
            difference / unit
        }
    }
}

const ALL: f64 = f64::NEG_INFINITY;

const CLAIMS: [Claim; 8] = [
    Claim {
        name: "log1pmx",
        domain: "x > −1",
        from: ALL,
        unit: Unit::Value,
        error: "5e-16",
        function: |x, _| special::log1pmx(x),
    },
    Claim {
        name: "expm1mx",
        domain: "all x",
        from: ALL,
        unit: Unit::Value,
        error: "7e-16",
        function: |x, _| special::expm1mx(x),
    },
    Claim {
        name: "ln_gamma_ratio_slope",
        domain: "x ≥ 1/2, 0 ≤ p ≤ 4",
        from: ALL,
        unit: Unit::ValueOrOne,
        error: "2.8e-15",
        function: special::ln_gamma_ratio_slope,
    },
    Claim {
        name: "reciprocal_gamma_one_minus",
        domain: "0 ≤ p ≤ 2",
        from: ALL,
        unit: Unit::Value,
        error: "9e-16",
        function: |p, _| special::reciprocal_gamma_one_minus(p),
    },
    Claim {
        name: "digamma_minus_ln",
        domain: "x ≥ 1/2",
        from: ALL,
        unit: Unit::One,
        error: "1e-15",
        function: |x, _| special::digamma_minus_ln(x),
    },
    Claim {
        name: "digamma_minus_ln",
        domain: "x ≥ 12",
        from: 12.0,
        unit: Unit::Value,
        error: "3e-16",
        function: |x, _| special::digamma_minus_ln(x),
    },
    Claim {
        name: "trigamma",
        domain: "x ≥ 1/2",
        from: ALL,
        unit: Unit::Value,
        error: "4e-16",
        function: |x, _| special::trigamma(x),
    },
    Claim {
        name: "tetragamma",
        domain: "x ≥ 1/2",
        from: ALL,
        unit: Unit::Value,
        error: "6e-16",
        function: |x, _| special::tetragamma(x),
    },
];

/// (function, x, p, value), of both tables.
fn reference() -> Vec<(&'static str, f64, f64, f64)> {
    let tables = [
        (include_str!("../../tests/data/special.csv"), 461),
        (include_str!("../../tests/data/special_random.csv"), 2100),
    ];
    let mut rows = Vec::new();
    for (table, count) in tables {
        assert_eq!(table.lines().skip(1).count(), count);
        for line in table.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let number = |i: usize| cells[i].parse::<f64>().unwrap();
            rows.push((cells[0], number(1), number(2), number(3)));
        }
    }
    rows
}

#[test]
fn every_function_is_as_accurate_as_its_documentation_says() {
    let rows = reference();
    let mut wrong = Vec::new();
    for claim in &CLAIMS {
        let ours = rows
            .iter()
            .filter(|row| row.0 == claim.name && row.1 >= claim.from);
        let errors = ours.map(|&(_, x, p, exact)| (claim.error(x, p, exact), x, p));
        let (worst, x, p) = errors.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        let place = format!(
            "{} ({}): {worst:.2e} at x = {x:e}, p = {p:e}",
            claim.name, claim.domain
        );
        println!("{place}");
        let stated: f64 = claim.error.parse().unwrap();
        // a bound that is never approached says nothing
        if worst > stated || worst < 0.25 * stated {
            wrong.push(place);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(
        rows.iter()
            .all(|row| CLAIMS.iter().any(|claim| claim.name == row.0))
    );
}

#[test]
fn the_documentation_has_these_rows() {
    let written: Vec<&str> = include_str!("mod.rs")
        .lines()
        .filter(|line| line.starts_with("//! | [`"))
        .collect();
    let claimed: Vec<String> = CLAIMS.iter().map(Claim::row).collect();
    assert_eq!(written, claimed);
}

proptest::proptest! {
    /// Every double of each domain, the largest and the subnormal ones included: a number, at once.
    #[test]
    fn a_number_everywhere_in_the_domain(
        x in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO,
        share in 0.0..=1.0_f64,
    ) {
        let started = std::time::Instant::now();
        let half_width = x.abs().max(0.5);
        let mut values = vec![
            special::expm1mx(x),
            special::digamma_minus_ln(half_width),
            special::trigamma(half_width),
            special::tetragamma(half_width),
            special::reciprocal_gamma_one_minus(2.0 * share),
            special::reciprocal_gamma_one_minus(x.abs().min(2.0)),
            special::ln_gamma_ratio_slope(half_width, 4.0 * share),
            special::ln_gamma_ratio_slope(half_width, x.abs().min(4.0)),
        ];
        if x > -1.0 {
            values.push(special::log1pmx(x));
        }
        proptest::prop_assert!(values.iter().all(|value| !value.is_nan()), "{values:?}");
        proptest::prop_assert!(started.elapsed().as_millis() < 100);
    }
}
