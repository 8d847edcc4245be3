//! The constants of the layers of a network that you have: activation, dropout, widths.
//!
//!     cargo run -p isomoment --example constants

use isomoment::{Activation, Dropout, LayerLaw, Result};

fn main() -> Result<()> {
    // what you have
    let activation = Activation::LeakyRelu { slope: 0.01 };
    let dropout = Dropout::inverted(0.9)?; // a tenth of the units dropped
    let widths = [8, 32, 128, 512];
    let orders = [2.0, 1.0, 0.5]; // 2 is He's rule

    println!("{activation}, kept with probability {}\n", dropout.keep());
    println!("width    s   σ (weights)   over He's   log‖x‖ per layer: mean, sd");
    for width in widths {
        let law = LayerLaw::with_dropout(activation, dropout, width)?;
        let he = law.scale(2.0)?;
        let deviation = law.log_cumulants().variance.sqrt();
        for s in orders {
            let sigma = law.scale(s)?; // E‖x_k‖^s stays what it is
            let growth = law.log_growth(s)?; // what a typical output does meanwhile
            println!(
                "{width:>5}  {s:>3}   {sigma:<11.9}   {:<9.5}   {growth:+.5}, {deviation:.5}",
                sigma / he
            );
        }
        // the scale at which the typical output neither grows nor shrinks
        let typical = law.lyapunov_scale()?;
        println!(
            "{width:>5}    0   {typical:<11.9}   {:<9.5}   {:+.5}, {deviation:.5}",
            typical / he,
            0.0
        );
    }
    println!("\ns = 0 is the Lyapunov scale: it keeps E log‖x‖, given that the signal survives.");
    Ok(())
}
