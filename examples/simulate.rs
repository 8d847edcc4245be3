//! Simulate networks of given layers, every weight drawn, beside the exact law.
//!
//!     cargo run -p isomoment --features simulate --example simulate

use isomoment::simulate::{Level, Model, Plan, Record, Simulator, simulate};
use isomoment::stats::summary::Summary;
use isomoment::{Activation, DepthLaw, Dropout, LayerLaw, Result};

fn main() -> Result<()> {
    // what you have: 30 layers of 32 Leaky ReLU units; the weights keep E‖x‖
    let (activation, width, depth) = (Activation::LeakyRelu { slope: 0.1 }, 32, 30);
    let layer = LayerLaw::new(activation, width as u64)?;
    let sigma = layer.scale(1.0)?;

    let model = Model::square(activation, Dropout::NONE, width, sigma, depth)?;
    let simulator = Simulator::new(model, Level::Network)?;
    let simulator = simulator.with_record(Record::layers(vec![depth], depth)?);
    let plan = Plan {
        seed: 1,
        trajectories: 4000,
    };
    let paths = simulate(&simulator, plan, |_layers| ());

    let mut found = Summary::default();
    for path in &paths {
        found.add(path.log_norm(1)); // the only record: the last layer
    }
    let exact = DepthLaw::new(&layer, sigma, depth as u64)?;
    let (mean, variance) = exact.moments();
    println!(
        "log(‖x₃₀‖/‖x₀‖) of {} networks, {activation}",
        found.count()
    );
    println!("                       simulated     exact");
    println!(
        "mean                   {:<+9.4}     {mean:+.4}",
        found.mean()
    );
    println!(
        "variance               {:<+9.4}     {variance:+.4}",
        found.variance()
    );
    for p in [0.05, 0.5, 0.95] {
        println!(
            "{:>2.0} % quantile          {:<+9.4}     {:+.4}",
            100.0 * p,
            found.quantile(p),
            exact.quantile(p)?
        );
    }
    let mean_norm = paths.iter().map(|p| p.log_norm(1).exp()).sum::<f64>() / paths.len() as f64;
    println!(
        "mean of ‖x₃₀‖/‖x₀‖     {mean_norm:<9.4}      1, while the median is {:.4}",
        exact.quantile(0.5)?.exp()
    );
    Ok(())
}
