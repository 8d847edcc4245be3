//! T12, convolutions: the scale that keeps a moment of an image lies between He's and that of a fully
//! connected layer of as many units as there are channels.

use crate::activation::{Activation, Dropout};
use crate::convolution::{Bracket, ConvolutionShape};
use crate::depth::DepthLaw;
use crate::error::Result;
use crate::layer_law::{LayerLaw, Weights};
use crate::simulate::numbers::Normals;
use crate::simulate::streams::trajectory_stream;
use crate::simulate::{Convolutions, Filter, Padding};
use crate::stats::location::{MeanEstimate, normal_cdf};
use crate::theorems::case::{ACTIVATIONS, Case};
use crate::theorems::check::Check;
use crate::theorems::claim::{Alternative, Claim, HES_RULE, Tested};
use crate::theorems::color;
use crate::theorems::figure::{Figure, Mark, Series};
use crate::theorems::sample::{self, Design, size_of_fit};
use crate::theorems::section::{ChecksAndFigures, Section, no_tables};
use crate::theorems::settings::{Progress, Settings};

pub const SECTION: Section = Section {
    title: "Convolutions",
    statement: "A convolution with $K$ taps, circular padding and stride 1 between $C$ channels, independent $N(0, sigma^2)$ weights, no biases; $norm(x)$ sums over channels and positions, $0 < s <= 2$. \
At He's scale $sigma^2 = 1\\/(K C m)$ of $m = EE c$: $EE norm(y)^2 = norm(x)^2$ and $EE norm(y)^s <= norm(x)^s$. At $sigma = sigma(s, C)\\/sqrt(K)$: $EE norm(y)^s >= norm(x)^s$, \
with equality for an image that is constant over positions, if slopes are not random and there are no masks. So the scale that keeps the moment of an image lies between the two, whatever the image, at every depth.",
    reason: "$norm(y)^2 = sigma^2 sum_q g_q V_q$ over positions $q$, $g_q$ the squared norm of the patch at $q$, $sum_q g_q = K norm(x)^2$, and each $V_q$ is distributed as the $Q$ of $C$ units: \
$t^(s\\/2)$ is concave, inside the sum and outside the expectation.",
    run,
    tables: no_tables,
    percent_of_time: 6.0,
};

/// Channels.
const CHANNELS: usize = 8;

/// Rows and columns of the images.
const SIZE: usize = 8;

/// Rows and columns of the kernel.
const KERNEL: usize = 3;

/// The order whose moment is looked at.
const ORDER: f64 = 1.0;

/// Layers of the networks whose whole law is tested, and of the figure.
const DEPTH: usize = 10;

/// Networks from whose outputs mean and deviation under an alternative are taken, where no formula
/// has them.
const PILOT: u64 = 4000;

/// The first 0, 1, …, 7 of the digits that the program trains on (UCI, Alpaydin & Kaynak 1998), a row
/// for each channel, row by row; `program/data/digits` has them all.
const DIGITS: &str = include_str!("digits.csv");

fn run(settings: &Settings, progress: &Progress) -> Result<ChecksAndFigures> {
    let net = |activation| Net::new(activation, Dropout::NONE);
    let [linear, relu, leaky, rrelu] = ACTIVATIONS.map(net);
    let [linear, relu, leaky, rrelu] = &[linear?, relu?, leaky?, rrelu?];
    let masked = &Net::new(Activation::Relu, Dropout::inverted(0.8)?)?;
    let padded = &Net {
        padding: Padding::Zero,
        ..Net::new(Activation::Relu, Dropout::NONE)?
    };
    let (upper, lower) = (Side::Upper, Side::Lower);
    let mut checks = Vec::new();
    for net in [linear, relu, leaky] {
        checks.push(constant_image(net, settings, progress)?);
    }
    checks.push(groups(relu, settings, progress)?);
    for net in [relu, leaky] {
        checks.push(whole_law(net, settings, progress)?);
    }
    for (net, image, side) in [
        // of white noise He's rule nearly keeps the moment: no control for this side
        (relu, Image::Digits, lower),
        (leaky, Image::Digits, lower),
        (masked, Image::Digits, lower),
        (rrelu, Image::Constant, lower),
        (padded, Image::Constant, lower),
        (linear, Image::White, upper),
        (leaky, Image::White, upper),
        (relu, Image::Digits, upper),
        (rrelu, Image::Digits, upper),
    ] {
        checks.push(one_side(net, image, side, settings, progress)?);
    }
    Ok((checks, vec![figure(relu, settings, progress)?]))
}

/// An input, of [`CHANNELS`] channels.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Image {
    /// The same at every position.
    Constant,
    /// A digit in each channel.
    Digits,
    /// Independent normal numbers, the same in every check.
    White,
}

impl Image {
    fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant image",
            Self::Digits => "digits",
            Self::White => "white image",
        }
    }

    /// The channels of the first position, of the second, …
    fn values(self) -> Vec<f64> {
        match self {
            Self::Constant => vec![1.0; SIZE * SIZE * CHANNELS],
            Self::Digits => {
                let parse = |line: &str| -> Vec<f64> {
                    line.split(',')
                        .filter_map(|cell| cell.parse().ok())
                        .collect()
                };
                let channels: Vec<Vec<f64>> = DIGITS.lines().map(parse).collect();
                let at = |position: usize| channels.iter().map(move |c| c[position]);
                (0..SIZE * SIZE).flat_map(at).collect()
            }
            Self::White => {
                let mut values = vec![0.0; SIZE * SIZE * CHANNELS];
                Normals::<f64>::new(&mut trajectory_stream(12, 0)).fill(&mut values);
                values
            }
        }
    }
}

/// Which of the two inequalities.
#[derive(Clone, Copy)]
enum Side {
    /// At He's scale the moment does not grow.
    Upper,
    /// At the scale of constant images it does not fall.
    Lower,
}

/// Convolutional networks of one kind.
struct Net {
    case: Case,
    bracket: Bracket,
    padding: Padding,
}

impl Net {
    fn new(activation: Activation, dropout: Dropout) -> Result<Self> {
        let taps = (KERNEL * KERNEL) as u64;
        let shape = ConvolutionShape::new(CHANNELS as u64, CHANNELS as u64, taps)?;
        Ok(Self {
            case: Case::with(activation, dropout, Weights::Gaussian, CHANNELS)?,
            bracket: shape.bracket(activation, dropout, ORDER)?,
            padding: Padding::Circular,
        })
    }

    fn name(&self) -> String {
        format!("{}, C = {CHANNELS}", self.case.units())
    }

    fn network(&self, scale: f64, depth: usize) -> Result<Convolutions> {
        let filter = Filter {
            inputs: CHANNELS,
            outputs: CHANNELS,
            groups: 1,
            kernel: (KERNEL, KERNEL),
            stride: 1,
            padding: self.padding,
            scale,
        };
        let (activation, dropout) = (self.case.activation, self.case.dropout);
        Convolutions::new(activation, dropout, (SIZE, SIZE), vec![filter; depth])
    }

    /// Of so many networks the log-norms of every layer.
    fn draw(
        &self,
        (network, image): (&Convolutions, &[f64]),
        settings: &Settings,
        experiment: &str,
        count: u64,
        progress: &Progress,
    ) -> Result<Vec<Vec<f64>>> {
        let experiment = format!("T12 {experiment} {}", self.name());
        let draw = |seed, trajectory| network.log_norms(image, seed, trajectory);
        let all = sample::drawn(settings, &experiment, (count, 1), progress, draw);
        all.into_iter().collect()
    }

    /// The mean of (‖y‖/‖x‖)^s over one layer.
    fn estimate(
        &self,
        (scale, image): (f64, &[f64]),
        settings: &Settings,
        experiment: &str,
        count: u64,
        progress: &Progress,
    ) -> Result<MeanEstimate> {
        let network = self.network(scale, 1)?;
        let drawn = self.draw((&network, image), settings, experiment, count, progress)?;
        MeanEstimate::from_sample(drawn.iter().map(|logs| (ORDER * logs[0]).exp()))
    }
}

/// Of a constant image the moment is kept: a convolution acts on it as a fully connected layer of as
/// many units as there are channels.
fn constant_image(net: &Net, settings: &Settings, progress: &Progress) -> Result<Check> {
    let image = Image::Constant.values();
    let scales = (net.bracket.constant_image, net.bracket.second_moment);
    let claim = Claim::new(
        format!("{}, constant image, s = {ORDER}", net.name()),
        "mean of (‖y‖/‖x‖)ˢ over one layer",
        1.0,
    );
    let alternative = (HES_RULE, (scales.1 / scales.0).powf(ORDER));
    kept(
        &net.case.law,
        claim,
        alternative,
        settings,
        &|experiment, right, count| {
            let scale = if right { scales.0 } else { scales.1 };
            let experiment = format!("constant {experiment}");
            net.estimate((scale, &image), settings, &experiment, count, progress)
        },
    )
}

/// An image that is constant in the channels of one group of two, and 0 in the others: the units are
/// those of the group. In the control all channels are taken for them.
fn groups(net: &Net, settings: &Settings, progress: &Progress) -> Result<Check> {
    let (channels, taps) = (2 * CHANNELS as u64, (KERNEL * KERNEL) as u64);
    let (activation, dropout) = (net.case.activation, net.case.dropout);
    let end = |groups: u64| -> Result<f64> {
        let shape = ConvolutionShape::new(channels, channels, taps)?.with_groups(groups)?;
        Ok(shape.bracket(activation, dropout, ORDER)?.constant_image)
    };
    // without groups twice as many inputs, and units, are taken for those of a patch
    let (right, wrong) = (end(2)?, end(1)? * 2.0_f64.sqrt());
    let mut image = vec![0.0; SIZE * SIZE * 2 * CHANNELS];
    for position in image.chunks_exact_mut(2 * CHANNELS) {
        position[..CHANNELS].fill(1.0);
    }
    let name = "all channels taken for the units";
    let claim = Claim::new(
        format!(
            "{} in each of 2 groups, constant image, s = {ORDER}",
            net.name()
        ),
        "mean of (‖y‖/‖x‖)ˢ over one layer",
        1.0,
    );
    let alternative = (name, (wrong / right).powf(ORDER));
    kept(
        &net.case.law,
        claim,
        alternative,
        settings,
        &|experiment, is_right, count| {
            let filter = Filter {
                inputs: 2 * CHANNELS,
                outputs: 2 * CHANNELS,
                groups: 2,
                kernel: (KERNEL, KERNEL),
                stride: 1,
                padding: Padding::Circular,
                scale: if is_right { right } else { wrong },
            };
            let network = Convolutions::new(activation, dropout, (SIZE, SIZE), vec![filter])?;
            let experiment = format!("groups {experiment}");
            let drawn = net.draw((&network, &image), settings, &experiment, count, progress)?;
            MeanEstimate::from_sample(drawn.iter().map(|logs| (ORDER * logs[0]).exp()))
        },
    )
}

/// The z test that a moment is kept, by layers that have this law, against a scale of which the
/// factor is known. The estimates: of an experiment, with the right scale or the wrong one, from so
/// many networks.
fn kept(
    law: &LayerLaw,
    claim: Claim,
    (name, factor): (&str, f64),
    settings: &Settings,
    estimate: &dyn Fn(&str, bool, u64) -> Result<MeanEstimate>,
) -> Result<Check> {
    let scale = law.scale(ORDER)?;
    let deviation = (scale.powf(2.0 * ORDER) * law.moment(2.0 * ORDER)? - 1.0).sqrt();
    let design = Design {
        effect: factor - 1.0,
        deviation,
        spread: factor,
    };
    let count = design.networks(settings, 2000)?;
    let (found, wrong) = (
        estimate("check", true, count)?,
        estimate("control", false, count)?,
    );
    let alternative = Alternative {
        name: name.into(),
        value: factor,
        power: design.power(count as usize)?,
    };
    Ok(claim.of_mean(&found, alternative, name, &wrong))
}

/// The log-norm of a constant image has the law of fully connected networks of [`CHANNELS`] units.
fn whole_law(net: &Net, settings: &Settings, progress: &Progress) -> Result<Check> {
    let table = |s: f64| DepthLaw::preserving(&net.case.law, s, DEPTH as u64)?.table();
    let (exact, he) = (table(ORDER)?, table(2.0)?);
    let image = Image::Constant.values();
    let wanted = size_of_fit(exact.largest_difference(&he));
    let count = settings.count(wanted as f64);
    let tested = |experiment: &str, scale: f64| -> Result<Tested> {
        let network = net.network(scale, DEPTH)?;
        let drawn = net.draw((&network, &image), settings, experiment, count, progress)?;
        let last = drawn.iter().map(|logs| logs[DEPTH - 1]);
        let sample: Vec<f64> = last.filter(|x| x.is_finite()).collect();
        Tested::law(&sample, &exact)
    };
    let found = tested("law", net.bracket.constant_image)?;
    let wrong = tested("law control", net.bracket.second_moment)?;
    let alternative = Alternative::law(HES_RULE, &exact, &he, found.observations)?;
    let claim = Claim::new(
        format!("{}, constant image, s = {ORDER}, k = {DEPTH}", net.name()),
        "Kolmogorov–Smirnov distance of log‖xₖ‖ to the exact law",
        0.0,
    );
    Ok(claim.tested(found, alternative, HES_RULE, wrong))
}

/// The share of the patches' mass that lies inside the image: 1 with circular padding.
fn mass(net: &Net, image: &[f64]) -> f64 {
    if net.padding == Padding::Circular {
        return 1.0;
    }
    // the image is seen by fewer taps next to its borders
    let seen = |at: usize| {
        (0..KERNEL)
            .filter(|t| (at + t >= 1) && (at + t <= SIZE))
            .count()
    };
    let square = |position: usize| -> f64 {
        let channels = &image[position * CHANNELS..(position + 1) * CHANNELS];
        channels.iter().map(|value| value * value).sum()
    };
    let taps = |position: usize| (seen(position / SIZE) * seen(position % SIZE)) as f64;
    let positions = || 0..SIZE * SIZE;
    let inside: f64 = positions().map(|p| taps(p) * square(p)).sum();
    let all: f64 = positions().map(square).sum();
    inside / (all * (KERNEL * KERNEL) as f64)
}

/// One inequality, one-sided; the control is the other end's scale. What that gives on average is
/// taken from a pilot, as no formula has it.
fn one_side(
    net: &Net,
    image: Image,
    side: Side,
    settings: &Settings,
    progress: &Progress,
) -> Result<Check> {
    let values = image.values();
    let name = format!("side {}", image.name());
    let ends = (net.bracket.second_moment, net.bracket.constant_image);
    let (right, wrong, sign, bound, quantity) = match side {
        Side::Upper => (
            ends.0,
            ends.1,
            -1.0,
            1.0,
            "mean of (‖y‖/‖x‖)ˢ at He's scale, at most 1",
        ),
        Side::Lower => {
            let bound = mass(net, &values).powf(0.5 * ORDER);
            let quantity = "mean of (‖y‖/‖x‖)ˢ at the upper end, at least the predicted";
            (ends.1, ends.0, 1.0, bound, quantity)
        }
    };
    let estimate = |experiment: &str, scale: f64, count: u64| {
        let experiment = format!("{name} {experiment}");
        net.estimate((scale, &values), settings, &experiment, count, progress)
    };
    let pilot = estimate("pilot", wrong, PILOT)?;
    // three standard errors of the pilot less
    let design = Design {
        effect: sign * (bound - pilot.mean) - 3.0 * pilot.standard_error,
        deviation: pilot.standard_error * (PILOT as f64).sqrt(),
        spread: 1.0,
    };
    let count = design.networks(settings, 1000)?;
    let tested = |experiment: &str, scale: f64| -> Result<Tested> {
        let found = estimate(experiment, scale, count)?;
        Ok(Tested {
            p_value: normal_cdf(sign * found.z(bound)),
            uniform: false,
            ..Tested::mean(&found, bound)
        })
    };
    let alternative_name = match side {
        Side::Upper => "the scale of constant images (mean of a pilot)",
        Side::Lower => "He's rule (mean of a pilot)",
    };
    let alternative = Alternative {
        name: alternative_name.into(),
        value: pilot.mean,
        power: design.power(count as usize)?,
    };
    let padding = match net.padding {
        Padding::Circular => "",
        Padding::Zero => ", zero padding",
    };
    let case = format!("{}, {}{padding}, s = {ORDER}", net.name(), image.name());
    let claim = Claim::new(case, quantity, bound);
    let (found, control) = (tested("check", right)?, tested("control", wrong)?);
    Ok(claim.tested(found, alternative, alternative_name, control))
}

/// The moment by depth at both ends, of three images.
fn figure(net: &Net, settings: &Settings, progress: &Progress) -> Result<Figure> {
    let count = settings.count(2000.0);
    let (he, upper) = (net.bracket.second_moment, net.bracket.constant_image);
    let depths = 0..=DEPTH as i32;
    let mut series = Vec::new();
    for (order, scale) in [(2.0, he), (ORDER, upper)] {
        let color = color::of_order(order);
        let factor = (scale / upper).powf(ORDER);
        let exact = depths.clone().map(|k| (f64::from(k), factor.powi(k)));
        let end = if order == 2.0 { "He" } else { "upper end" };
        let line = Series::exact(Mark::Line, color, exact);
        series.push(line.labelled(format!("{end}, constant")));
        for image in [Image::Digits, Image::White] {
            let network = net.network(scale, DEPTH)?;
            let experiment = format!("figure {end} {}", image.name());
            let values = image.values();
            let drawn = net.draw((&network, &values), settings, &experiment, count, progress)?;
            let mut points = Vec::with_capacity(DEPTH);
            for layer in 0..DEPTH {
                let powers = drawn.iter().map(|logs| (ORDER * logs[layer]).exp());
                let estimate = MeanEstimate::from_sample(powers)?;
                points.push((
                    layer as f64 + 1.0,
                    estimate.mean,
                    1.96 * estimate.standard_error,
                ));
            }
            let series_of_image = Series::new(Mark::Points, color, points);
            let name = image.name().trim_end_matches(" image");
            series.push(series_of_image.labelled(format!("{end}, {name}")));
        }
    }
    let (x, y) = ("layers k", "E‖xₖ‖ / ‖x₀‖");
    Ok(Figure::new("t12-convolutions", x, y, series).with_log_y().with_caption(format!(
        "The first moment of images by depth, ReLU convolutions of {KERNEL} × {KERNEL}, {CHANNELS} channels, {SIZE} × {SIZE} positions, circular padding, at both ends of the bracket. \
Lines: exact, of a constant image. Points: eight digits as channels, and white noise, {count} networks of real kernels each, with 95 % intervals."
    )))
}
