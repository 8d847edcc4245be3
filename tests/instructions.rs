//! Simulations give the same bits on every set of vector instructions.

use isomoment::simulate::numbers::{Normals, Real};
use isomoment::simulate::streams::trajectory_stream;
use isomoment::simulate::{Entries, Instructions, Level, Model, Plan, Simulator, simulate};
use isomoment::{Activation, Dropout, Weights};

/// One network of each kind: activations, dropout, biases, levels, entries, orthogonal and stable
/// weights.
fn kinds() -> Vec<(Model, Level)> {
    let square = |activation, keep| {
        let dropout = Dropout::inverted(keep).unwrap();
        Model::square(activation, dropout, 37, 0.2, 6).unwrap()
    };
    let (relu, leaky) = (Activation::Relu, Activation::LeakyRelu { slope: 0.1 });
    let random = Activation::RandomizedLeakyRelu {
        lower: 0.1,
        upper: 0.3,
    };
    let plain = || square(relu, 1.0);
    vec![
        (plain(), Level::Network),
        (plain(), Level::NetworkSingle),
        (plain(), Level::Preactivation),
        (plain(), Level::Radial),
        (square(leaky, 0.8), Level::Network),
        (square(leaky, 0.8), Level::NetworkSingle),
        (square(random, 1.0), Level::Network),
        (plain().with_bias(0.1).unwrap(), Level::Network),
        (plain().with_inputs(3, 0.5).unwrap(), Level::Network),
        (plain().with_entries(Entries::Uniform), Level::Network),
        (
            plain().with_entries(Entries::Truncated),
            Level::NetworkSingle,
        ),
        (plain().with_weights(Weights::Orthogonal), Level::Network),
        (
            plain().with_weights(Weights::Orthogonal),
            Level::NetworkSingle,
        ),
        (plain().with_stable_weights(1.3).unwrap(), Level::Network),
    ]
}

#[test]
fn networks_have_the_same_bits_on_every_set() {
    let paths = |set: Instructions| {
        set.force().unwrap();
        let plan = Plan {
            seed: 3,
            trajectories: 4,
        };
        kinds()
            .into_iter()
            .map(|(model, level)| simulate(&Simulator::new(model, level).unwrap(), plan, |_| ()))
            .collect::<Vec<_>>()
    };
    let plain = paths(Instructions::Plain);
    for set in Instructions::available() {
        for (kind, (found, expected)) in paths(set).iter().zip(&plain).enumerate() {
            let bits = |paths: &[isomoment::simulate::Path]| {
                let norms = paths.iter().flat_map(|path| path.log_norms.clone());
                norms.map(f64::to_bits).collect::<Vec<_>>()
            };
            assert_eq!(bits(found), bits(expected), "{set}, kind {kind}");
            assert!(bits(found).len() >= 4 * 6, "{set}, kind {kind}");
        }
    }
    Instructions::widest().force().unwrap();
}

/// FNV-1a over the bits of the first 4096 normals, as doubles: the same on every machine and in every
/// version.
#[test]
fn normals_have_the_bits_that_they_always_had() {
    fn hash<F: Real>() -> u64 {
        let mut numbers = vec![F::zero(); 4096];
        Normals::<F>::new(&mut trajectory_stream(1, 0)).fill(&mut numbers);
        numbers.iter().fold(0xcbf2_9ce4_8422_2325, |hash, number| {
            (hash ^ number.double().to_bits()).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }
    assert_eq!(hash::<f64>(), 0x20f2_5355_1720_9758);
    assert_eq!(hash::<f32>(), 0x0a23_9fc7_0e3b_6325);
}
