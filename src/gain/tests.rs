//! The transform of one unit against twice as many nodes, and against its exact values.

use crate::gain::nonlinearity::{Function, Nonlinearity};
use crate::gain::unit_law::UnitLaw;

/// From 1e-12 to 1e40, in units of the mean.
fn arguments() -> impl Iterator<Item = f64> {
    (-24..80).map(|k| (0.5 * f64::from(k) * std::f64::consts::LN_10).exp())
}

#[test]
fn twice_as_many_nodes_change_nothing() {
    let mut worst = 0.0_f64;
    for named in Nonlinearity::ALL {
        let function = Function::Named(named);
        for tau in [1e-3, 0.1, 1.0, 3.0, 40.0, 1e5] {
            let law = UnitLaw::new(&function, tau, false).unwrap();
            let finer = UnitLaw::new(&function, tau, true).unwrap();
            let unit = law.mean()[0];
            for t in arguments() {
                let (a, b) = (law.at(t / unit), finer.at(t / unit));
                let value = a.unit.value() - b.unit.value();
                let moved = a.value_moved - b.value_moved;
                // 1 − M is small where t is, and as exact
                let curvature = (a.unit.curvature / b.unit.curvature - 1.0) * t.min(1.0);
                let error = value.abs().max(moved.abs()).max(curvature.abs());
                assert!(error < 4e-15, "{named}, tau = {tau}, t = {t:e}: {error:e}");
                worst = worst.max(error);
            }
        }
    }
    println!("at most {worst:e}");
}

#[test]
fn of_a_relu_unit_it_is_elementary() {
    let function = Function::Named(Nonlinearity::LeakyRelu { slope: 0.5 });
    let tau = 1.7_f64;
    let law = UnitLaw::new(&function, tau, false).unwrap();
    for t in arguments() {
        let root = |slope: f64| (1.0 + 2.0 * t * slope * slope * tau * tau).sqrt();
        let exact = 0.5 / root(1.0) + 0.5 / root(0.5);
        let at = law.at(t);
        assert!((at.unit.value() - exact).abs() < 2e-15, "{t:e}");
        // the derivative by log τ is that by log t, twice
        let inner = |slope: f64| (1.0 - root(slope).powi(2)) / root(slope).powi(3);
        let moved = 0.5 * inner(1.0) + 0.5 * inner(0.5);
        assert!((at.value_moved - moved).abs() < 4e-15, "{t:e}");
    }
}
