//! Convolutional networks and what they are given.

use std::path::Path;

use clap::{Args, ValueEnum};
use isomoment::simulate::runs::Run;
use isomoment::simulate::streams::experiment_seed;
use isomoment::simulate::{Convolutions, Filter, Image, ImageNetwork, MAX_DEPTH, Padding};
use isomoment::{Bracket, ConvolutionShape, Error};

use crate::cli::count::size;
use crate::cli::law_args::{Units, name};
use crate::cli::outcome::Refusal;
use crate::cli::simulate::run_spec::{Kept, SpecArgs};
use crate::cli::simulate::summary::factor;
use crate::train::read_images;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Dimensions {
    /// Rows of positions
    #[value(name = "1d")]
    One,
    /// Square kernels
    #[value(name = "2d")]
    Two,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Border {
    /// The image's other side
    Circular,
    /// Zeros
    Zero,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum End {
    /// He's scale, at which E‖x‖^s does not grow
    He,
    /// The scale that keeps E‖x‖^s of constant images (in one group); with circular padding and
    /// stride 1 it falls for no image
    Fractional,
}

#[derive(Debug, Clone, Args)]
pub struct ConvolutionArgs {
    /// Convolutional layers in the place of fully connected ones, at level network
    #[arg(long, value_name = "KIND")]
    convolution: Option<Dimensions>,
    /// Channels of every layer, with --depth; or of the image and of every layer, such as 1,8,8
    #[arg(long, value_name = "C,…", value_parser = size, value_delimiter = ',', requires = "convolution")]
    channels: Vec<usize>,
    /// Rows and columns of the kernel
    #[arg(long, value_name = "K", value_parser = size, default_value = "3", requires = "convolution")]
    kernel: usize,
    /// Rows and columns of the image; an image's file has its own. A layer's positions times
    /// taps times channels are at most 10^7
    #[arg(long, value_name = "N", value_parser = size, requires = "convolution")]
    size: Option<usize>,
    /// What stands beyond the borders
    #[arg(
        long,
        value_name = "KIND",
        default_value = "circular",
        requires = "convolution"
    )]
    padding: Border,
    /// Distance of the positions at which a kernel is applied
    #[arg(long, value_name = "N", value_parser = size, default_value = "1", requires = "convolution")]
    stride: usize,
    /// Groups of channels, which see each other only
    #[arg(long, value_name = "N", value_parser = size, default_value = "1", requires = "convolution")]
    groups: usize,
    /// constant, white (normal numbers that the seed determines), or a file of images such as MNIST's
    /// train-images-idx3-ubyte, gzip or not, of one channel
    #[arg(
        long,
        value_name = "IMAGE",
        default_value = "constant",
        requires = "convolution"
    )]
    image: String,
    /// Which of a file's images, from 1
    #[arg(long, value_name = "N", value_parser = size, default_value = "1", requires = "convolution")]
    image_number: usize,
    /// Which end of the bracket --moment asks for
    #[arg(
        long,
        value_name = "END",
        default_value = "fractional",
        requires = "convolution"
    )]
    end: End,
}

/// An image, its rows and columns, and its name.
struct Given {
    image: Image,
    size: (usize, usize),
    words: String,
}

impl ConvolutionArgs {
    /// Whether convolutions are asked for.
    pub fn are_given(&self) -> bool {
        self.convolution.is_some()
    }

    /// The run of such networks, titled.
    pub fn run(&self, spec: &SpecArgs) -> Result<Run, Refusal> {
        spec.check_plain("--convolution")?;
        let units = spec.law.convolved_units()?;
        let homogeneous =
            "without --convolution, with gelu and other units that are not homogeneous";
        spec.nonlinear.check_unused(homogeneous)?;
        let given = self.given(spec.seed)?;
        let brackets = self.layers(spec, &units)?;
        let filters = brackets.iter().map(|(filter, _)| *filter).collect();
        let layers = Convolutions::new(units.activation(), units.dropout()?, given.size, filters);
        let layers = layers.map_err(|error| self.of_options(error))?;
        let depth = brackets.len();
        let networks = ImageNetwork::new(layers, given.image)?;
        let shape = format!("{}, depth {depth}", given.words);
        let title = spec.title(&self.words(&units, &brackets), &shape);
        let run = Run::new(networks, spec.plan())?.titled(title);
        match &spec.scaling.moment {
            Some(moment) => Ok(run.with_order(moment.value)?),
            None => Ok(run),
        }
    }

    /// What the library refuses, in terms of the options.
    fn of_options(&self, error: Error) -> Refusal {
        match error {
            Error::Domain {
                argument: "taps" | "inputs times taps" | "numbers in patches",
                ..
            } => Refusal(format!(
                "--{}, --channels {}, --kernel {}: a layer's positions times taps times channels must be at most 10000000",
                self.size
                    .map_or(format!("image {}", self.image), |n| format!("size {n}")),
                self.listed(),
                self.kernel,
            )),
            error => error.renamed("width", "channels").into(),
        }
    }

    /// The channels as a list.
    fn listed(&self) -> String {
        let channels: Vec<String> = self.channels.iter().map(usize::to_string).collect();
        channels.join(",")
    }

    /// Every layer, and where there is an order the two scales that the layer's lies between.
    fn layers(
        &self,
        spec: &SpecArgs,
        units: &Units,
    ) -> Result<Vec<(Filter, Option<Bracket>)>, Refusal> {
        let kernel = match self.convolution {
            Some(Dimensions::One) => (1, self.kernel),
            _ => (self.kernel, self.kernel),
        };
        let layer = |inputs: usize, outputs: usize| -> Result<(Filter, Option<Bracket>), Refusal> {
            let bracket = match &spec.scaling.moment {
                Some(moment) => Some(self.bracket(spec, units, (inputs, outputs), moment.value)?),
                None => None,
            };
            let missing = || Refusal("--moment is missing; give it, --std or --scale".into());
            let scale = match (spec.given_scale()?, self.end) {
                (Some(scale), _) => scale,
                (None, End::He) => bracket.ok_or_else(missing)?.second_moment,
                (None, End::Fractional) => bracket.ok_or_else(missing)?.constant_image,
            };
            let filter = Filter {
                inputs,
                outputs,
                groups: self.groups,
                kernel,
                stride: self.stride,
                padding: match self.padding {
                    Border::Circular => Padding::Circular,
                    Border::Zero => Padding::Zero,
                },
                scale,
            };
            Ok((filter, bracket))
        };
        match (&self.channels[..], spec.depth) {
            ([], _) => Err(Refusal(
                "--channels is missing; give it, with --depth or as a list".into(),
            )),
            ([_], None) => Err(Refusal(
                "--depth is missing; give it, or a list of --channels".into(),
            )),
            (&[channels], Some(depth)) => {
                if !(1..=MAX_DEPTH).contains(&depth) {
                    return Err(Error::domain("depth", depth, "from 1 to 10000000").into());
                }
                Ok(vec![layer(channels, channels)?; depth])
            }
            (list, None) => list
                .windows(2)
                .map(|pair| layer(pair[0], pair[1]))
                .collect(),
            (_, Some(_)) => Err(Refusal(
                "--depth does not go with a list of --channels".into(),
            )),
        }
    }

    /// Both ends for a layer: of norms, or of root-mean-squares where those are to be kept.
    fn bracket(
        &self,
        spec: &SpecArgs,
        units: &Units,
        (inputs, outputs): (usize, usize),
        s: f64,
    ) -> Result<Bracket, Refusal> {
        let taps = match self.convolution {
            Some(Dimensions::One) => self.kernel as u64,
            _ => (self.kernel as u64).saturating_mul(self.kernel as u64),
        };
        for (option, channels) in [
            ("channels", inputs),
            ("channels", outputs),
            ("kernel", self.kernel),
        ] {
            if channels == 0 {
                return Err(Error::domain(option, channels, "at least 1").into());
            }
        }
        let shape = ConvolutionShape::new(inputs as u64, outputs as u64, taps);
        let shape = shape.map_err(|error| self.of_options(error))?;
        let shape = shape.with_groups(self.groups as u64)?;
        let bracket = shape.bracket(units.activation(), units.dropout()?, s)?;
        let of_norm = (inputs as f64 / outputs as f64).sqrt();
        Ok(match spec.preserve {
            Kept::Rms => bracket,
            Kept::Norm => Bracket {
                second_moment: bracket.second_moment * of_norm,
                constant_image: bracket.constant_image * of_norm,
            },
        })
    }

    /// In words: units, kernels, scale.
    fn words(&self, units: &Units, layers: &[(Filter, Option<Bracket>)]) -> String {
        let (filter, bracket) = layers[0];
        let (rows, columns) = filter.kernel;
        let mut words = format!(
            "{}, convolutions of {rows} × {columns}, {} channels, {} padding",
            units.describe(),
            self.listed().replace(',', ", "),
            name(&self.padding),
        );
        for (what, number) in [("stride", self.stride), ("groups", self.groups)] {
            if number > 1 {
                words += &format!(", {what} {number}");
            }
        }
        if layers.windows(2).all(|pair| pair[0] == pair[1]) {
            words += &format!(", sigma {}", factor(filter.scale));
            if let Some(bracket) = bracket {
                let ends = [bracket.second_moment, bracket.constant_image];
                let [he, fractional] = ends.map(factor);
                words += &format!(" (He {he}, of constant images {fractional})");
            }
        }
        words
    }

    fn given(&self, seed: u64) -> Result<Given, Refusal> {
        let plain = match self.image.as_str() {
            "constant" => Image::Constant,
            "white" => Image::White(experiment_seed(seed, "white image")),
            file => return self.of_file(Path::new(file)),
        };
        if self.image_number != 1 {
            let number = self.image_number;
            let message =
                format!("--image-number is {number}; it must be given with a file of images only");
            return Err(Refusal(message));
        }
        let length = self
            .size
            .ok_or_else(|| Refusal("--size is missing; give it".into()))?;
        if length == 0 {
            return Err(Error::domain("size", length, "at least 1").into());
        }
        let size = match self.convolution {
            Some(Dimensions::One) => (1, length),
            _ => (length, length),
        };
        let words = format!("{} image of {} × {} positions", self.image, size.0, size.1);
        Ok(Given {
            image: plain,
            size,
            words,
        })
    }

    /// One of a file's images.
    fn of_file(&self, path: &Path) -> Result<Given, Refusal> {
        let refused = |reason: &dyn std::fmt::Display| {
            Refusal(format!("--image is {}; {reason}", path.display()))
        };
        if self.convolution == Some(Dimensions::One) {
            return Err(refused(&"a file's images need --convolution 2d"));
        }
        let bytes = std::fs::read(path).map_err(|e| {
            refused(&format!(
                "it must be constant, white or a file of images ({e})"
            ))
        })?;
        let images = read_images(&bytes).map_err(|e| refused(&e))?;
        if let Some(size) = self.size {
            let message = format!("--size is {size}; it must not be given with a file of images");
            return Err(Refusal(message));
        }
        let count = images.values.len() / images.pixels;
        let number = self.image_number;
        if !(1..=count).contains(&number) {
            let message = format!("--image-number is {number}; it must be from 1 to {count}");
            return Err(Refusal(message));
        }
        let pixels = &images.values[(number - 1) * images.pixels..number * images.pixels];
        let size = (images.rows, images.pixels / images.rows);
        if self.channels.first().is_some_and(|&channels| channels != 1) {
            let (typed, (rows, columns)) = (self.listed(), size);
            let allowed = format!(
                "a list that begins with 1 with --image {}: an image there has {} = 1 · {rows} · {columns} numbers",
                path.display(),
                images.pixels
            );
            return Err(Error::domain("channels", typed, allowed).into());
        }
        if pixels.iter().all(|&pixel| f64::from(pixel) == 0.0) {
            let path = path.display();
            let message =
                format!("--image is {path}, --image-number {number}: that image is 0 everywhere");
            return Err(Refusal(message));
        }
        Ok(Given {
            image: Image::Given(pixels.iter().map(|&value| f64::from(value)).collect()),
            size,
            words: format!(
                "image {number} of {} ({} × {} positions)",
                path.display(),
                size.0,
                size.1
            ),
        })
    }
}
