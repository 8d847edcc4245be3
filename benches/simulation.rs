//! Cost of a simulated layer: weights per second against width, depth, precision and cores, and the
//! levels beside one another. `python3 benches/simulation.py` runs it beside NumPy and PyTorch.
//!
//! Every line is `name,width,depth,threads,nanoseconds`: of one weight, or for the levels below
//! `network` of one layer. `-- --instructions` measures a few of them on every set of vector
//! instructions that the processor has, with a column of its name
//! (`python3 benches/instructions.py`).

use std::hint::black_box;
use std::time::Instant;

use isomoment::simulate::numbers::{Normals, Real};
use isomoment::simulate::streams::trajectory_stream;
use isomoment::simulate::{Instructions, Level, Model, Plan, Record, Simulator, simulate};
use isomoment::{Activation, Dropout, LayerLaw};

/// Repetitions of which the median is printed.
const REPETITIONS: usize = 7;

/// Networks for each thread: enough for two to end together.
const NETWORKS: u64 = 16;

fn main() {
    if std::env::args().any(|argument| argument == "--instructions") {
        return instructions();
    }
    println!("name,width,depth,threads,nanoseconds");
    normals::<f64>("normals f64");
    normals::<f32>("normals f32");
    for (level, name) in [
        (Level::Network, "network f64"),
        (Level::NetworkSingle, "network f32"),
    ] {
        for width in [16, 64, 256, 1024, 4096] {
            let depth = (12_000_000 / (width * width)).clamp(1, 2000);
            layers(level, name, width, depth, 1, (width * width) as f64);
        }
        for depth in [10, 10_000] {
            layers(level, name, 64, depth, 1, 4096.0);
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        layers(level, name, 256, 125, cores, 65_536.0);
    }
    for width in [16, 64, 256, 1024, 4096] {
        layers(Level::Preactivation, "preactivation", width, 1000, 1, 1.0);
        layers(Level::Radial, "radial", width, 10_000, 1, 1.0);
    }
}

/// Normals alone, and a layer of 256 units on one and two threads.
fn instructions() {
    println!("instructions,name,width,depth,threads,nanoseconds");
    for set in Instructions::available() {
        set.force().expect("an available set");
        let depth = if set == Instructions::Plain { 5 } else { 50 };
        print!("{set},");
        normals::<f64>("normals f64");
        print!("{set},");
        normals::<f32>("normals f32");
        for (level, name) in [
            (Level::Network, "network f64"),
            (Level::NetworkSingle, "network f32"),
        ] {
            for threads in [1, 2] {
                print!("{set},");
                layers(level, name, 256, depth, threads, 65_536.0);
            }
        }
    }
}

/// Nanoseconds of one number.
fn normals<F: Real>(name: &str) {
    let mut source = Normals::<F>::new(&mut trajectory_stream(1, 0));
    let mut numbers = vec![F::zero(); 4096];
    let time = median(|| {
        for _ in 0..2000 {
            source.fill(black_box(&mut numbers));
        }
    });
    println!("{name},4096,,1,{:.4}", time / 2000.0 / 4096.0);
}

/// Nanoseconds of a layer over `per`, on `threads` threads with as many networks.
fn layers(level: Level, name: &str, width: usize, depth: usize, threads: usize, per: f64) {
    let law = LayerLaw::new(Activation::Relu, width as u64).expect("a width");
    let scale = law.scale(1.0).expect("a scale");
    let model =
        Model::square(Activation::Relu, Dropout::NONE, width, scale, depth).expect("a model");
    let record = Record::layers(vec![depth], depth).expect("the last layer");
    let simulator = Simulator::new(model, level)
        .expect("a level")
        .with_record(record);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads");
    let trajectories = NETWORKS * threads as u64;
    let plan = Plan {
        seed: 1,
        trajectories,
    };
    let time = pool.install(|| median(|| drop(black_box(simulate(&simulator, plan, |_| ())))));
    println!(
        "{name},{width},{depth},{threads},{:.4}",
        time / trajectories as f64 / depth as f64 / per
    );
}

/// Median time in nanoseconds.
fn median(mut work: impl FnMut()) -> f64 {
    work();
    let mut times: Vec<f64> = (0..REPETITIONS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e9
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[REPETITIONS / 2]
}
