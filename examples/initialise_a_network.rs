//! Draw the weights of a fully connected network so that E‖x‖ keeps its size, layer by layer.
//!
//!     cargo run -p isomoment --example initialise_a_network

use isomoment::{Activation, Dropout, LayerShape, Result, Scheme};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn main() -> Result<()> {
    // what you have: the sizes of your layers, their activation, and an input
    let sizes = [784, 64, 64, 64, 10];
    let activation = Activation::Relu;
    let scheme = Scheme::Fractional(1.0); // also Scheme::He, Scheme::Lyapunov, …

    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut x: Vec<f64> = (0..sizes[0]).map(|_| normal(&mut random)).collect();
    println!("layer       σ          He's σ     root mean square of the output");
    for pair in sizes.windows(2) {
        let shape = LayerShape {
            fan_in: pair[0],
            fan_out: pair[1],
        };
        let sigma = scheme.standard_deviation(activation, Dropout::NONE, shape)?;
        let he = Scheme::He.standard_deviation(activation, Dropout::NONE, shape)?;
        // the weight matrix, row by row: fan_out rows of fan_in independent N(0, σ²)
        let weights: Vec<Vec<f64>> = (0..shape.fan_out)
            .map(|_| x.iter().map(|_| sigma * normal(&mut random)).collect())
            .collect();
        let output = |row: &Vec<f64>| {
            let z = row.iter().zip(&x).map(|(w, x)| w * x).sum();
            activation.apply(z, 0.0)
        };
        x = weights.iter().map(output).collect();
        let size = (x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64).sqrt();
        println!(
            "{:>3} → {:<3}   {sigma:.7}  {he:.7}  {size:.4}",
            pair[0], pair[1]
        );
    }
    println!(
        "\nThe narrower the layer, the further σ is above He's. Your framework's normal_(0, σ)"
    );
    println!("takes the number as it is; E(‖x‖/√n) is what this scheme keeps from layer to layer.");
    Ok(())
}

/// A standard normal number, by Box and Muller's transform.
fn normal(random: &mut impl RngExt) -> f64 {
    let (u, v): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}
