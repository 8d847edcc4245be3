use super::*;
use crate::simulate::{Branch, Layer, Simulator};
use crate::{Activation, Dropout};

/// Levels, and how far apart their rounding may be after some cancellation.
const LEVELS: [(Level, f64); 4] = [
    (Level::Network, 1e-10),
    (Level::NetworkSingle, 1e-3),
    (Level::Preactivation, 1e-10),
    (Level::Radial, 1e-10),
];

fn model(activation: Activation) -> Model {
    let dropout = Dropout::inverted(0.8).unwrap();
    Model::square(activation, dropout, 12, 0.4, 9).unwrap()
}

#[test]
fn the_signal_has_the_bits_of_the_simulated_network() {
    for activation in [
        Activation::Relu,
        Activation::LeakyRelu { slope: 0.3 },
        Activation::RRELU_DEFAULT,
    ] {
        let model = model(activation);
        for level in [Level::Network, Level::NetworkSingle, Level::Radial] {
            let simulator = Simulator::new(model.clone(), level).unwrap();
            let with = simulator.clone().with_gradient().unwrap();
            for trajectory in 0..20 {
                let (plain, more) = (simulator.path(5, trajectory), with.path(5, trajectory));
                assert_eq!(plain.log_norms, more.log_norms);
                assert_eq!(more.gradients.len(), 9);
            }
        }
    }
}

/// With one input and one output unit J is a number: signal, tangent and gradient are all its
/// magnitude, which they are only if the way back has the weights, slopes and masks of the way there.
#[test]
fn between_single_units_all_three_are_one_number() {
    let widths = [1, 7, 9, 5, 1];
    let shape = |pair: &[usize]| Layer {
        fan_in: pair[0],
        fan_out: pair[1],
        scale: 0.7,
    };
    let layers: Vec<Layer> = widths.windows(2).map(shape).collect();
    for activation in [
        Activation::Linear,
        Activation::LeakyRelu { slope: 0.3 },
        Activation::Relu,
        Activation::RRELU_DEFAULT,
    ] {
        for keep in [1.0, 0.8] {
            let dropout = Dropout::inverted(keep).unwrap();
            let model = Model::layered(activation, dropout, layers.clone()).unwrap();
            for (level, error) in LEVELS {
                let simulator = Simulator::new(model.clone(), level).unwrap();
                let simulator = simulator.with_gradient().unwrap();
                let mut alive = 0;
                for trajectory in 0..100 {
                    let path = simulator.path(2, trajectory);
                    let three = [&path.log_norms, &path.tangents, &path.gradients];
                    let [signal, tangent, gradient] = three.map(|norms| norms[3]);
                    if signal == f64::NEG_INFINITY {
                        assert_eq!((tangent, gradient), (signal, signal));
                        continue;
                    }
                    alive += 1;
                    assert!((signal - tangent).abs() < error, "{level:?} {path:?}");
                    assert!((signal - gradient).abs() < error, "{level:?} {path:?}");
                }
                assert!(alive >= 10, "{activation} {alive}");
            }
        }
    }
}

/// With one output unit Jᵀ is a vector: no product with a direction is longer than it is.
#[test]
fn with_one_output_the_gradient_is_the_longest() {
    let layer = |fan_in, fan_out| Layer {
        fan_in,
        fan_out,
        scale: 0.7,
    };
    let layers = vec![layer(2, 6), layer(6, 6), layer(6, 1)];
    let leaky = Activation::LeakyRelu { slope: 0.3 };
    let model = Model::layered(leaky, Dropout::NONE, layers).unwrap();
    for (level, _) in LEVELS {
        let simulator = Simulator::new(model.clone(), level).unwrap();
        let simulator = simulator.with_gradient().unwrap();
        for trajectory in 0..200 {
            let path = simulator.path(3, trajectory);
            let longest = path.gradients[2] + 1e-5;
            assert!(path.log_norms[2] < longest && path.tangents[2] < longest);
        }
    }
}

/// A tangent is known up to the layer that dies, a gradient not at all.
#[test]
fn of_dead_networks_nothing_comes_back() {
    let model = Model::square(Activation::Relu, Dropout::NONE, 2, 1.0, 8).unwrap();
    for (level, _) in LEVELS {
        let simulator = Simulator::new(model.clone(), level).unwrap();
        let simulator = simulator.with_gradient().unwrap();
        let mut late = 0;
        for trajectory in 0..100 {
            let path = simulator.path(4, trajectory);
            let life = path.lifetime();
            assert!(path.tangents[..life].iter().all(|t| t.is_finite()));
            if life < 8 {
                late += usize::from(life > 0);
                let dead = |norms: &[f64]| norms.iter().all(|t| *t == f64::NEG_INFINITY);
                assert!(dead(&path.tangents[life..]) && dead(&path.gradients));
            }
        }
        assert!(late > 20);
    }
}

#[test]
fn what_is_not_drawn_is_refused() {
    let model = model(Activation::Relu);
    let refused = |model: Model, level: Level| {
        let simulator = Simulator::new(model, level).unwrap();
        simulator.with_gradient().unwrap_err().to_string()
    };
    let orthogonal = model.clone().with_weights(Weights::Orthogonal);
    assert!(refused(orthogonal, Level::Network).contains("weights"));
    let stable = model.clone().with_stable_weights(1.5).unwrap();
    assert!(refused(stable, Level::Network).contains("stable"));
    let uniform = model.clone().with_entries(Entries::Uniform);
    assert!(refused(uniform, Level::Network).contains("entries"));
    assert!(refused(model.clone().with_bias(0.1).unwrap(), Level::Network).contains("bias"));
    let several = model.clone().with_inputs(2, 0.5).unwrap();
    assert!(refused(several, Level::Network).contains("inputs"));
    let branch = Branch {
        hidden: 4,
        square: 0.1,
    };
    let blocks = model.clone().with_blocks(branch).unwrap();
    assert!(refused(blocks, Level::Network).contains("blocks"));
    let large = Model::square(Activation::Relu, Dropout::NONE, 10_000, 0.1, 1).unwrap();
    assert!(refused(large.clone(), Level::Network).contains("50000000"));
    assert!(Gradients::draw(&large, Cotangent::Uniform, 1, 0).is_err());
    let wide = Model::square(Activation::Relu, Dropout::NONE, 2_000_000, 0.1, 6).unwrap();
    assert!(refused(wide, Level::Preactivation).contains("units"));
}
