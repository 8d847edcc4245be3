//! Variables that a seed and a name determine.

use candle_core::{DType, Device, Result, Shape, Tensor, Var};
use candle_nn::Init;
use candle_nn::init::NormalOrUniform;
use isomoment::simulate::numbers::{Normals, Uniforms};
use isomoment::simulate::streams::{experiment_seed, trajectory_stream};

/// What [`Init::var`] draws, with numbers that depend on seed, name and position in the tensor alone.
///
/// They are drawn in f64 and rounded to `dtype`: one seed is one model in every precision.
pub(crate) fn variable(
    init: Init,
    (seed, name): (u64, &str),
    shape: &Shape,
    dtype: DType,
    device: &Device,
) -> Result<Var> {
    let numbers = match init {
        Init::Const(_) => return init.var(shape, dtype, device),
        Init::Randn { mean, stdev } => normals(seed, name, shape, mean, stdev),
        Init::Uniform { lo, up } => uniforms(seed, name, shape, lo, up),
        Init::Kaiming {
            dist,
            fan,
            non_linearity,
        } => {
            let stdev = non_linearity.gain() / (fan.for_shape(shape) as f64).sqrt();
            let bound = 3.0_f64.sqrt() * stdev;
            match dist {
                NormalOrUniform::Normal => normals(seed, name, shape, 0.0, stdev),
                NormalOrUniform::Uniform => uniforms(seed, name, shape, -bound, bound),
            }
        }
    };
    let tensor = Tensor::from_vec(numbers, shape, &Device::Cpu)?;
    Var::from_tensor(&tensor.to_dtype(dtype)?.to_device(device)?)
}

fn normals(seed: u64, name: &str, shape: &Shape, mean: f64, stdev: f64) -> Vec<f64> {
    let mut numbers = vec![0.0; shape.elem_count()];
    let stream = &mut trajectory_stream(experiment_seed(seed, name), 0);
    Normals::new(stream).fill(&mut numbers);
    numbers.iter_mut().for_each(|z| *z = mean + stdev * *z);
    numbers
}

fn uniforms(seed: u64, name: &str, shape: &Shape, lo: f64, up: f64) -> Vec<f64> {
    let stream = &mut trajectory_stream(experiment_seed(seed, name), 0);
    let mut numbers = Uniforms::new(stream);
    let draw = || lo + (up - lo) * numbers.draw();
    std::iter::repeat_with(draw)
        .take(shape.elem_count())
        .collect()
}
