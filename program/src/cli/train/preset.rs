//! Settings of published experiments.

use clap::ValueEnum;

use crate::cli::activation::Kind;
use crate::train::{Augment, Bias, Convolution, Pixels, Schedule, WidthOf};

/// An experiment by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// Gürbüzbalaban & Hu (2021) without their biases: 20 layers, width 64, Leaky ReLU 0.01, SGD 0.01,
    /// batch 128, 30 epochs, 20 networks
    #[value(name = "paper-mnist")]
    Earlier,
    /// Their released code on MNIST, linear units: s = 1, 30 layers, SGD 0.001, pixels from 0 to 1,
    /// biases framework, d = fan-in; against he, glorot, random-walk
    #[value(name = "paper-mnist-linear")]
    MnistLinear,
    /// Their code, ReLU: s = 0.8, 20 layers, SGD 0.01, pixels from -1 to 1, else as before
    #[value(name = "paper-mnist-relu")]
    MnistRelu,
    /// Their code, Leaky ReLU 0.01: s = 1, 20 layers, SGD 0.01; he and random-walk with the gain of
    /// ReLU
    #[value(name = "paper-mnist-leaky-relu")]
    MnistLeakyRelu,
    /// Their code on CIFAR-10, linear units behind two convolutions (6x5, 16x5): s = 1, 20 layers, SGD
    /// 0.01, a tenth after epochs 32, 62, …, weight decay 1e-4, batch 512, 50 epochs, flips and padded
    /// crops, 10 networks
    #[value(name = "paper-cifar10-linear")]
    CifarLinear,
    /// The same, ReLU: s = 0.8
    #[value(name = "paper-cifar10-relu")]
    CifarRelu,
    /// The same, Leaky ReLU 0.01: s = 1; against he with the gain of ReLU, and glorot
    #[value(name = "paper-cifar10-leaky-relu")]
    CifarLeakyRelu,
}

impl Preset {
    /// Its name, if it is for CIFAR-10's images alone.
    pub fn of_cifar(self) -> Option<&'static str> {
        match self {
            Self::Earlier | Self::MnistLinear | Self::MnistRelu | Self::MnistLeakyRelu => None,
            Self::CifarLinear => Some("paper-cifar10-linear"),
            Self::CifarRelu => Some("paper-cifar10-relu"),
            Self::CifarLeakyRelu => Some("paper-cifar10-leaky-relu"),
        }
    }
}

/// What an option is where it is not given.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub convolutions: Vec<Convolution>,
    pub augment: Augment,
    pub activation: Kind,
    pub init: &'static str,
    pub depth: usize,
    pub width: usize,
    pub rate: f32,
    pub schedule: Schedule,
    pub weight_decay: f32,
    pub batch: usize,
    pub epochs: usize,
    pub networks: u64,
    pub bias: Bias,
    pub width_of: WidthOf,
    pub pixels: Pixels,
}

impl Settings {
    /// Those of a preset; of none, on the embedded digits or not.
    pub fn of(preset: Option<Preset>, digits: bool) -> Self {
        let plain = Self {
            convolutions: Vec::new(),
            augment: Augment::default(),
            activation: Kind::LeakyRelu,
            init: "fractional:1,he,glorot,random-walk",
            depth: 20,
            width: 64,
            rate: 0.01,
            schedule: Schedule::Constant,
            weight_decay: 0.0,
            batch: if digits { 32 } else { 128 },
            epochs: 10,
            networks: 5,
            bias: Bias::Zero,
            width_of: WidthOf::FanOut,
            pixels: Pixels::SYMMETRIC,
        };
        let Some(preset) = preset else { return plain };
        let paper = Self {
            batch: 128,
            epochs: 30,
            networks: 20,
            ..plain
        };
        let code = Self {
            bias: Bias::Framework,
            width_of: WidthOf::FanIn,
            ..paper.clone()
        };
        let [six, sixteen] = [6, 16].map(|channels| Convolution { channels, side: 5 });
        let cifar = Self {
            convolutions: vec![six, sixteen],
            augment: Augment {
                flip: true,
                crop: 4,
            },
            // the code sets the rate behind the epochs that it numbers 31, 61, …, from 0
            schedule: Schedule::Multistep(vec![32, 62, 92, 122, 152, 182], 0.1),
            weight_decay: 1e-4,
            batch: 512,
            epochs: 50,
            networks: 10,
            ..code.clone()
        };
        match preset {
            Preset::CifarLinear => Self {
                activation: Kind::Linear,
                init: "published:1,he,glorot,random-walk",
                ..cifar
            },
            Preset::CifarRelu => Self {
                activation: Kind::Relu,
                init: "published:0.8,he,glorot,random-walk",
                ..cifar
            },
            Preset::CifarLeakyRelu => Self {
                init: "published:1,he-relu,glorot",
                ..cifar
            },
            Preset::Earlier => paper,
            Preset::MnistLinear => Self {
                activation: Kind::Linear,
                init: "published:1,he,glorot,random-walk",
                depth: 30,
                rate: 0.001,
                pixels: Pixels {
                    low: 0.0,
                    high: 1.0,
                },
                ..code
            },
            Preset::MnistRelu => Self {
                activation: Kind::Relu,
                init: "published:0.8,he,glorot,random-walk",
                ..code
            },
            Preset::MnistLeakyRelu => Self {
                init: "published:1,he-relu,glorot,random-walk-relu",
                ..code
            },
        }
    }
}
