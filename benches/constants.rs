//! Time of one constant: `cargo bench -p isomoment --bench constants`.
//!
//! One line per case: name, then the median time in nanoseconds; `orders` is that of one of sixteen
//! orders of one layer. `benches/constants.py` runs this
//! beside SciPy and prints the ratios.

use std::hint::black_box;
use std::time::Instant;

use isomoment::{Activation, LayerLaw};

/// Timings of which the median counts.
const REPEATS: usize = 31;

/// Median time of a call in nanoseconds, each timing taking about 2 ms.
fn median(mut call: impl FnMut()) -> f64 {
    let started = Instant::now();
    call();
    let once = started.elapsed().as_secs_f64();
    let calls = (2e-3 / once).clamp(1.0, 10_000.0) as u32;
    let mut times: Vec<f64> = (0..REPEATS)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..calls {
                call();
            }
            started.elapsed().as_secs_f64() / f64::from(calls) * 1e9
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[REPEATS / 2]
}

fn main() {
    let activations = [
        ("linear", Activation::Linear),
        ("relu", Activation::Relu),
        ("leaky-relu", Activation::LeakyRelu { slope: 0.01 }),
        ("rrelu", Activation::RRELU_DEFAULT),
    ];
    for (name, activation) in activations {
        for width in [
            1,
            8,
            64,
            256,
            1000,
            2000,
            10_000,
            1_000_000,
            1_000_000_000_000,
        ] {
            let time = median(|| {
                let law = LayerLaw::new(black_box(activation), black_box(width)).unwrap();
                black_box(law.scale(black_box(1.0)).unwrap());
            });
            println!("sigma {name} {width} {time:.0}");
            let orders: Vec<f64> = (1..=16).map(|i| f64::from(i) / 8.0).collect();
            let time = median(|| {
                let law = LayerLaw::new(black_box(activation), black_box(width)).unwrap();
                black_box(law.scales(black_box(&orders)).unwrap());
            });
            println!("orders {name} {width} {:.0}", time / orders.len() as f64);
        }
    }
}
