//! What the page must show: the library's own numbers, asked for as the program asks for them, a
//! line of JSON for each case. `page/test/numbers.mjs` compares the page with it.

use isomoment::gain::{Gain, LevelLaw, Nonlinearity};
use isomoment::layer_law::Weights;
use isomoment::{Activation, DepthLaw, Dropout, LayerLaw, LayerShape, Result, Scheme};

/// A layer and an order, with the row of numbers by which the page knows them.
#[derive(Clone, Copy)]
struct Case {
    kind: usize,
    keep: f64,
    plain: bool,
    orthogonal: bool,
    fan_in: u64,
    width: u64,
    s: f64,
}

const ACTIVATIONS: [(Activation, [f64; 2]); 5] = [
    (Activation::Linear, [0.0, 0.0]),
    (Activation::Relu, [0.0, 0.0]),
    (Activation::LeakyRelu { slope: 0.01 }, [0.01, 0.0]),
    (Activation::RRELU_DEFAULT, [1.0 / 8.0, 1.0 / 3.0]),
    (Activation::LeakyRelu { slope: -0.5 }, [-0.5, 0.0]),
];

impl Case {
    fn row(&self) -> Vec<f64> {
        let kind = if self.kind == 4 { 2 } else { self.kind };
        let [a, b] = ACTIVATIONS[self.kind].1;
        let (plain, orthogonal) = (f64::from(self.plain), f64::from(self.orthogonal));
        let (fan_in, width) = (self.fan_in as f64, self.width as f64);
        vec![
            kind as f64,
            a,
            b,
            self.keep,
            plain,
            orthogonal,
            fan_in,
            width,
            self.s,
        ]
    }

    fn dropout(&self) -> Result<Dropout> {
        match self.plain {
            true => Dropout::plain(self.keep),
            false => Dropout::inverted(self.keep),
        }
    }

    fn layer(&self) -> Result<LayerLaw> {
        let layer = LayerLaw::with_dropout(ACTIVATIONS[self.kind].0, self.dropout()?, self.width)?;
        let weights = match self.orthogonal {
            true => Weights::Orthogonal,
            false => Weights::Gaussian,
        };
        layer.with_weights(weights).with_fan_in(self.fan_in)
    }

    /// σ of the norm and of the root-mean-square, gain, μ, v, P(Q = 0).
    fn constants(&self) -> Result<Vec<f64>> {
        let layer = self.layer()?;
        let (sigma, growth) = match self.s {
            0.0 => (layer.lyapunov_scale()?, 0.0),
            s => (layer.scale(s)?, layer.log_growth(s)?),
        };
        let of_rms = sigma * (self.width as f64 / self.fan_in as f64).sqrt();
        let gain = match self.orthogonal {
            true => of_rms,
            false => of_rms * (self.fan_in as f64).sqrt(),
        };
        let variance = layer.log_cumulants().variance;
        Ok(vec![
            sigma,
            of_rms,
            gain,
            growth,
            variance,
            layer.dead_probability(),
        ])
    }

    /// σ of the schemes besides the order's own.
    fn schemes(&self) -> Result<Vec<f64>> {
        let layer = self.layer()?;
        let shape = LayerShape {
            fan_in: self.fan_in,
            fan_out: self.width,
        };
        let of = |scheme: Scheme| {
            let std = scheme.standard_deviation(ACTIVATIONS[self.kind].0, self.dropout()?, shape);
            Ok(layer.scale_of_entries(std?))
        };
        [
            Scheme::He,
            Scheme::RandomWalk,
            Scheme::LeCun,
            Scheme::Glorot,
            Scheme::FrameworkDefault,
        ]
        .map(of)
        .into_iter()
        .collect()
    }

    /// Mean and variance at depth, the quantiles of the 90 % band and the median, the chance below
    /// ε.
    fn at_depth(&self, depth: u64, epsilon: f64) -> Result<Vec<f64>> {
        let law = match self.s {
            0.0 => DepthLaw::new(&self.layer()?, self.layer()?.lyapunov_scale()?, depth)?,
            s => DepthLaw::preserving(&self.layer()?, s, depth)?,
        };
        let (mean, variance) = law.moments();
        let at = |p| law.quantile(p);
        let below = law.below(epsilon)?;
        Ok(vec![mean, variance, at(0.05)?, at(0.5)?, at(0.95)?, below])
    }
}

fn print(what: &str, ask: &[f64], answer: Result<Vec<f64>>) {
    match answer {
        Ok(numbers) => println!(r#"{{"what":"{what}","ask":{ask:?},"answer":{numbers:?}}}"#),
        Err(error) => println!(r#"{{"what":"{what}","ask":{ask:?},"error":"{error}"}}"#),
    }
}

fn layers() {
    for kind in 0..ACTIVATIONS.len() {
        for width in [1, 2, 3, 16, 64, 100, 784, 4096, 1_000_000, 1 << 53] {
            for s in [0.0, 0.1, 0.5, 1.0, 1.5, 2.0, 3.0] {
                for (keep, plain, orthogonal, fan_in) in [
                    (1.0, false, false, width),
                    (0.9, false, false, width),
                    (0.5, true, false, width),
                    (1.0, false, true, width),
                    (1.0, false, false, 300),
                    (0.8, false, true, 300),
                ] {
                    let case = Case {
                        kind,
                        keep,
                        plain,
                        orthogonal,
                        fan_in,
                        width,
                        s,
                    };
                    print("constants", &case.row(), case.constants());
                    print("schemes", &case.row(), case.schemes());
                }
            }
        }
    }
}

fn refused() {
    let good = Case {
        kind: 1,
        keep: 1.0,
        plain: false,
        orthogonal: false,
        fan_in: 64,
        width: 64,
        s: 1.0,
    };
    for case in [
        Case { keep: 0.0, ..good },
        Case { keep: 1.5, ..good },
        Case { s: -1.0, ..good },
        Case { s: 9.0, ..good },
        Case {
            kind: 3,
            s: 3.5,
            ..good
        },
        Case {
            s: 0.0005,
            keep: 0.01,
            width: 1,
            fan_in: 1,
            ..good
        },
    ] {
        print("constants", &case.row(), case.constants());
    }
}

fn depths() {
    for (kind, width, keep, orthogonal, s, depth, epsilon) in [
        (1, 64, 1.0, false, 1.0, 50, 0.01),
        (1, 64, 1.0, false, 2.0, 50, 1e-6),
        (1, 4, 1.0, false, 1.0, 10, 0.01),
        (1, 16, 0.8, false, 0.0, 30, 0.1),
        (0, 8, 1.0, false, 0.5, 7, 0.5),
        (2, 256, 1.0, false, 1.0, 300, 0.01),
        (3, 64, 0.9, false, 1.0, 20, 0.01),
        (4, 100, 1.0, false, 1.5, 1000, 1e-3),
        (1, 128, 1.0, true, 1.0, 50, 0.01),
        (1, 4, 1.0, true, 1.0, 3, 0.1),
        (0, 8, 1.0, true, 1.0, 5, 0.5),
    ] {
        let case = Case {
            kind,
            keep,
            plain: false,
            orthogonal,
            fan_in: width,
            width,
            s,
        };
        let mut ask = case.row();
        ask.extend([depth as f64, epsilon]);
        print("depth", &ask, case.at_depth(depth, epsilon));
    }
}

fn gains() {
    for (kind, nonlinearity) in Nonlinearity::ALL.into_iter().enumerate() {
        for (width, s, level) in [(64, 1.0, 1.0), (16, 2.0, 0.5), (256, 0.5, 0.25)] {
            let of = |law: LevelLaw| law.gains(s, level);
            let gains = LevelLaw::new(nonlinearity, width).and_then(of).map(|all| {
                let numbers = |g: &Gain| [g.gain / 28.0, g.gain, g.stability];
                all.iter().flat_map(numbers).collect()
            });
            print(
                "gains",
                &[kind as f64, 1.0, 784.0, width as f64, s, level],
                gains,
            );
        }
    }
}

fn main() {
    layers();
    refused();
    depths();
    gains();
}
