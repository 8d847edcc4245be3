//! E‖x‖^s of whole burn models, drawn anew thousands of times.
//!
//! The test: the mean of ‖x_k‖^s over N networks is within 5 of its standard errors of ‖x_0‖^s. The
//! standard error is exact, from E‖x‖^{2s} by the library's moments. By the normal law it rejects a
//! right model with probability 6·10⁻⁷; the mean's skewness (below 20 for one network, 0.35 for 3600)
//! makes that at most 10⁻⁵. A model that is 8 standard errors away is accepted with probability
//! P(Z > 3) = 0.001. Network i has seed i, and is the same in every run; those of `Draws::Unseeded` and
//! `Draws::Burn` come from burn's own generator.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::{leaky_relu, relu};
use burn::tensor::{Device, Tensor};
use isomoment::{Activation, LayerLaw, Scheme};
use isomoment_burn::{Rule, Scales, fractional};

use Draws::{Burn, Seeded, Unseeded};

const LAYERS: usize = 10;
const WIDTH: usize = 16;
const NETWORKS: u64 = 3600;

/// Who draws the weights, with which scale.
#[derive(Clone, Copy)]
enum Draws<'a> {
    Seeded(&'a Scales),
    Unseeded(&'a Scales),
    Burn,
}

/// Models with the same layers, and the root-mean-square of what they make of ones.
trait Network: Module {
    fn new(device: &Device) -> Self;
    fn output(&self, device: &Device) -> Tensor<1>;
}

/// The mean of rms^s over the networks, in exact standard errors from 1.
fn z<N: Network>(s: f64, law: &LayerLaw, draws: Draws) -> f64 {
    let device = Device::default();
    z_of(s, law, |seed| {
        let network = N::new(&device);
        let redrawn = |scales: &Scales| scales.redraw(network.clone()).unwrap().0;
        let network = match draws {
            Seeded(scales) => redrawn(&scales.clone().seed(seed)),
            Unseeded(scales) => redrawn(scales),
            Burn => network,
        };
        rms(network.output(&device))
    })
}

fn z_of(s: f64, law: &LayerLaw, mut rms: impl FnMut(u64) -> f64) -> f64 {
    let sum: f64 = (0..NETWORKS).map(|seed| rms(seed).powf(s)).sum();
    let step = law.moment(2.0 * s).unwrap() * law.scale(s).unwrap().powf(2.0 * s);
    let deviation = (step.powi(LAYERS as i32) - 1.0).sqrt();
    let z = (sum / NETWORKS as f64 - 1.0) / (deviation / (NETWORKS as f64).sqrt());
    println!("mean {:.3}, z = {z:.1}", sum / NETWORKS as f64);
    z
}

fn rms(x: Tensor<1>) -> f64 {
    f64::from(x.square().mean().into_scalar::<f32>()).sqrt()
}

fn law(units: usize) -> LayerLaw {
    LayerLaw::new(Activation::Relu, units as u64).unwrap()
}

fn first_moment() -> Scales {
    Scales::new(Scheme::Fractional(1.0), Activation::Relu)
}

#[derive(Module, Debug)]
struct FullyConnected {
    layers: Vec<Linear>,
}

impl FullyConnected {
    fn configured(config: &LinearConfig, device: &Device) -> Self {
        let layers = (0..LAYERS).map(|_| config.init(device)).collect();
        Self { layers }
    }

    fn with(&self, device: &Device, after: impl Fn(Tensor<2>) -> Tensor<2>) -> Tensor<1> {
        let x = Tensor::ones([1, WIDTH], device);
        let layers = self.layers.iter();
        layers
            .fold(x, |x, layer| after(layer.forward(x)))
            .flatten(0, 1)
    }
}

impl Network for FullyConnected {
    fn new(device: &Device) -> Self {
        Self::configured(&LinearConfig::new(WIDTH, WIDTH), device)
    }

    fn output(&self, device: &Device) -> Tensor<1> {
        self.with(device, relu)
    }
}

#[test]
fn relu_networks_keep_the_first_moment_and_burns_default_does_not() {
    let (law, scales) = (law(WIDTH), first_moment());
    assert!(z::<FullyConnected>(1.0, &law, Seeded(&scales)).abs() < 5.0);
    assert!(z::<FullyConnected>(1.0, &law, Unseeded(&scales)).abs() < 5.0);
    assert!(z::<FullyConnected>(1.0, &law, Burn).abs() > 5.0);
    let he = Scales::new(Scheme::He, Activation::Relu);
    assert!(z::<FullyConnected>(1.0, &law, Seeded(&he)).abs() > 5.0);
}

#[test]
fn layers_of_an_initializer_keep_it_without_biases_and_only_then() {
    let device = Device::default();
    let config = LinearConfig::new(WIDTH, WIDTH);
    let initializer = fractional(1.0, Activation::Relu, &config).unwrap();
    let config = config.with_initializer(initializer);
    let biased = |bias| {
        let config = config.clone().with_bias(bias);
        z_of(1.0, &law(WIDTH), |_| {
            let network = FullyConnected::configured(&config, &device);
            rms(network.output(&device))
        })
    };
    assert!(biased(false).abs() < 5.0);
    assert!(biased(true).abs() > 5.0);
}

#[derive(Module, Debug)]
struct Leaky {
    network: FullyConnected,
}

impl Network for Leaky {
    fn new(device: &Device) -> Self {
        let network = FullyConnected::new(device);
        Self { network }
    }

    fn output(&self, device: &Device) -> Tensor<1> {
        self.network.with(device, |x| leaky_relu(x, 0.2))
    }
}

#[test]
fn leaky_networks_keep_the_half_moment() {
    let activation = Activation::LeakyRelu { slope: 0.2 };
    let law = LayerLaw::new(activation, WIDTH as u64).unwrap();
    let scales = Scales::new(Scheme::Fractional(0.5), activation);
    assert!(z::<Leaky>(0.5, &law, Seeded(&scales)).abs() < 5.0);
    assert!(z::<Leaky>(0.5, &law, Burn).abs() > 5.0);
}

/// Convolutions without padding of an image that is constant over positions, in groups; the first
/// group's channels, which no other group touches.
#[derive(Module, Debug)]
struct Convolutions<const GROUPS: usize> {
    layers: Vec<Conv2d>,
}

impl<const GROUPS: usize> Network for Convolutions<GROUPS> {
    fn new(device: &Device) -> Self {
        let config = Conv2dConfig::new([WIDTH, WIDTH], [3, 1]).with_groups(GROUPS);
        let layers = (0..LAYERS).map(|_| config.init(device)).collect();
        Self { layers }
    }

    fn output(&self, device: &Device) -> Tensor<1> {
        let x = Tensor::ones([1, WIDTH, 1 + 2 * LAYERS, 1], device);
        let layers = self.layers.iter();
        let x = layers.fold(x, |x, layer| relu(layer.forward(x)));
        x.narrow(1, 0, WIDTH / GROUPS).flatten(0, 3)
    }
}

#[test]
fn convolutions_keep_it() {
    let (law, scales) = (law(WIDTH), first_moment());
    assert!(z::<Convolutions<1>>(1.0, &law, Seeded(&scales)).abs() < 5.0);
    assert!(z::<Convolutions<1>>(1.0, &law, Burn).abs() > 5.0);
}

#[test]
fn convolutions_in_groups_keep_it_when_told_and_only_then() {
    let (law, scales) = (law(WIDTH / 2), first_moment());
    let told = scales.clone().with("", Rule::new().groups(2));
    assert!(z::<Convolutions<2>>(1.0, &law, Seeded(&told)).abs() < 5.0);
    assert!(z::<Convolutions<2>>(1.0, &law, Seeded(&scales)).abs() > 5.0);
    assert!(z::<Convolutions<2>>(1.0, &law, Burn).abs() > 5.0);
}

/// Transposed convolutions whose outputs each have one input; the chain of first positions.
#[derive(Module, Debug)]
struct Transposed {
    layers: Vec<ConvTranspose2d>,
}

impl Network for Transposed {
    fn new(device: &Device) -> Self {
        let config = ConvTranspose2dConfig::new([WIDTH, WIDTH], [2, 2]).with_stride([2, 2]);
        let layers = (0..LAYERS).map(|_| config.init(device)).collect();
        Self { layers }
    }

    fn output(&self, device: &Device) -> Tensor<1> {
        let x = Tensor::ones([1, WIDTH, 1, 1], device);
        let layers = self.layers.iter();
        let x = layers.fold(x, |x, layer| {
            relu(layer.forward(x)).narrow(2, 0, 1).narrow(3, 0, 1)
        });
        x.flatten(0, 3)
    }
}

#[test]
fn transposed_convolutions_keep_it_given_their_stride() {
    let (law, scales) = (law(WIDTH), first_moment());
    let told = scales.with("layers", Rule::new().transposed(&[2, 2]));
    assert!(z::<Transposed>(1.0, &law, Seeded(&told)).abs() < 5.0);
    assert!(z::<Transposed>(1.0, &law, Burn).abs() > 5.0);
}
