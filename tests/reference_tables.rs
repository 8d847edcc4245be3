//! Every row of the reference tables (see tests/data/README.md): 27–34 digits from
//! ball arithmetic that shares no code with this library.

use isomoment::{Activation, Dropout, LayerLaw, Weights};

/// One row of a reference table as column name → text.
struct Row(Vec<(String, String)>);

impl Row {
    fn text(&self, column: &str) -> &str {
        let found = self.0.iter().find(|(name, _)| name == column);
        &found.unwrap_or_else(|| panic!("no column {column}")).1
    }

    fn number(&self, column: &str) -> f64 {
        self.text(column).parse().unwrap()
    }

    fn law(&self) -> LayerLaw {
        let activation = match self.text("activation") {
            "linear" => Activation::Linear,
            "relu" => Activation::Relu,
            "leaky_relu" => Activation::LeakyRelu {
                slope: self.number("slope"),
            },
            "rrelu" => Activation::RandomizedLeakyRelu {
                lower: self.number("lower"),
                upper: self.number("upper"),
            },
            other => panic!("unknown activation {other}"),
        };
        let dropout = Dropout::inverted(self.number("keep")).unwrap();
        LayerLaw::with_dropout(activation, dropout, self.text("width").parse().unwrap()).unwrap()
    }
}

fn read(table: &str) -> Vec<Row> {
    let mut lines = table.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| {
            let cells = line.split(',').map(str::to_owned);
            Row(names.iter().map(|n| (*n).to_owned()).zip(cells).collect())
        })
        .collect()
}

/// The largest error over the rows must not exceed `allowed`; prints the worst row.
fn check(name: &str, allowed: f64, rows: &[Row], error: impl Fn(&Row) -> f64) {
    let worst = rows
        .iter()
        .map(|row| (error(row), row))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap();
    println!("{name}: worst error {:.2e} at {:?}", worst.0, worst.1.0);
    assert!(
        worst.0 <= allowed,
        "{name}: {:e} at {:?}",
        worst.0,
        worst.1.0
    );
}

fn relative(value: f64, exact: f64) -> f64 {
    if exact == 0.0 {
        value.abs()
    } else {
        ((value - exact) / exact).abs()
    }
}

#[test]
fn moments_and_scales() {
    let rows = read(include_str!("data/moments.csv"));
    assert_eq!(rows.len(), 1008);
    check("moment", 4e-15, &rows, |row| {
        relative(
            row.law().moment(row.number("s")).unwrap(),
            row.number("moment"),
        )
    });
    check("sigma", 4e-15, &rows, |row| {
        let scale = |s: f64| row.law().scale(s).unwrap();
        let (s, keep) = (row.number("s"), row.number("keep"));
        let error = relative(scale(s), row.number("sigma"));
        // the table's 0.9 and 0.01 are no doubles: the rounding moves σ by this much
        let by_keep = if keep == 0.9 { 2.5e-17 / s } else { 0.0 };
        let by_order = 0.5 * relative(scale(s.next_up()), scale(s));
        (error - by_keep - by_order).max(0.0)
    });
}

#[test]
fn log_cumulants() {
    let rows = read(include_str!("data/logs.csv"));
    assert_eq!(rows.len(), 144);
    check("mean", 4e-15, &rows, |row| {
        let exact = row.number("mean_log");
        (row.law().log_cumulants().mean - exact).abs() / exact.abs().max(1.0)
    });
    check("variance", 1e-13, &rows, |row| {
        relative(row.law().log_cumulants().variance, row.number("var_log"))
    });
    check("third", 1e-10, &rows, |row| {
        relative(
            row.law().log_cumulants().third,
            row.number("third_cumulant_log"),
        )
    });
    // 0.9 is not a double: the table's exact 0.1ᵈ differs from the nearest by d·2.2e-16
    check("dead", 1e-13, &rows, |row| {
        let exact = row.number("dead_probability");
        let value = row.law().dead_probability();
        if exact < f64::MIN_POSITIVE {
            (value - exact).abs() / f64::MIN_POSITIVE
        } else {
            relative(value, exact)
        }
    });
}

/// Edges of the domain and random cases: width 1 to 10¹², slopes next to 0, ±1 and
/// each other, large slopes, rare survival, s from 0.001 to 1.999; arguments exact doubles.
#[test]
fn edges_of_the_domain() {
    let rows = read(include_str!("data/edges.csv"));
    assert_eq!(rows.len(), 396);
    check("edge moment", 4e-15, &rows, |row| {
        relative(
            row.law().moment(row.number("s")).unwrap(),
            row.number("moment"),
        )
    });
    check("edge sigma", 4e-15, &rows, |row| {
        let exact = row.number("sigma");
        match row.law().scale(row.number("s")) {
            Ok(value) => relative(value, exact),
            // an error exactly where no double holds the value
            Err(_) => f64::from(u8::from(exact.is_finite())),
        }
    });
    check("edge mean", 4e-15, &rows, |row| {
        let exact = row.number("mean_log");
        (row.law().log_cumulants().mean - exact).abs() / exact.abs().max(1.0)
    });
    check("edge variance", 1e-13, &rows, |row| {
        relative(row.law().log_cumulants().variance, row.number("var_log"))
    });
    check("edge third", 1e-10, &rows, |row| {
        relative(
            row.law().log_cumulants().third,
            row.number("third_cumulant_log"),
        )
    });
    check("edge dead", 1e-13, &rows, |row| {
        let exact = row.number("dead_probability");
        if exact < f64::MIN_POSITIVE {
            return (row.law().dead_probability() - exact).abs() / f64::MIN_POSITIVE;
        }
        relative(row.law().dead_probability(), exact)
    });
}

/// Orders from 0.0005 on, where σ reaches 1e302, and from 2 to 8, for both ensembles: σ within what
/// [`LayerLaw::scale`] states.
#[test]
fn small_and_large_orders() {
    let rows = read(include_str!("data/orders.csv"));
    assert_eq!(rows.len(), 842);
    let law = |row: &Row| {
        let weights = match row.text("weights") {
            "gaussian" => Weights::Gaussian,
            "orthogonal" => Weights::Orthogonal,
            other => panic!("unknown weights {other}"),
        };
        row.law().with_weights(weights)
    };
    for (weights, allowed) in [("gaussian", 4e-15), ("orthogonal", 4e-15)] {
        for (orders, least, most) in [("small", 0.0, 2.0), ("large", 2.0, 8.0)] {
            let part: Vec<Row> = read(include_str!("data/orders.csv"))
                .into_iter()
                .filter(|row| row.text("weights") == weights)
                .filter(|row| row.number("s") > least && row.number("s") <= most)
                .collect();
            check(
                &format!("{orders} {weights} sigma"),
                allowed,
                &part,
                |row| {
                    relative(
                        law(row).scale(row.number("s")).unwrap(),
                        row.number("sigma"),
                    )
                },
            );
            check(
                &format!("{orders} {weights} moment"),
                allowed,
                &part,
                |row| {
                    relative(
                        law(row).moment(row.number("s")).unwrap(),
                        row.number("moment"),
                    )
                },
            );
        }
    }
}
