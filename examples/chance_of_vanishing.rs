//! How likely is it that the signal of your network has vanished at its last layer?
//!
//!     cargo run -p isomoment --example chance_of_vanishing

use isomoment::{Activation, DepthLaw, LayerLaw, Result};

fn main() -> Result<()> {
    // what you have: a ReLU network of width 16; what you call vanished: below a hundredth
    let (width, threshold) = (16, 0.01);
    let layer = LayerLaw::new(Activation::Relu, width)?;

    println!("P(‖x_k‖ ≤ {threshold} ‖x₀‖), ReLU, width {width}, exact:\n");
    println!("depth    He's rule   E‖x‖ kept   E‖x‖^½ kept   died (x_k = 0)");
    for depth in [10, 20, 50, 100, 200] {
        let under = |s| DepthLaw::preserving(&layer, s, depth);
        let (he, first, half) = (under(2.0)?, under(1.0)?, under(0.5)?);
        println!(
            "{depth:>5}    {:<9.6}   {:<9.6}   {:<11.6}   {:.6}",
            he.below(threshold)?,
            first.below(threshold)?,
            half.below(threshold)?,
            he.dead_probability()
        );
    }

    // and where nine of ten outputs lie
    let deep = DepthLaw::preserving(&layer, 1.0, 50)?;
    let (low, high) = (deep.quantile(0.05)?.exp(), deep.quantile(0.95)?.exp());
    println!("\nAt depth 50 with E‖x‖ kept, nine of ten networks that live have ‖x₅₀‖/‖x₀‖");
    println!("between {low:.4} and {high:.3}; the mean is 1 all the same.");
    Ok(())
}
