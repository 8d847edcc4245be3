//! The arguments that determine a simulation's numbers, and the run that they describe.

use clap::{Args, ValueEnum};

use crate::cli::activation::among;
use crate::cli::block_args::{BlockArgs, Blocks};
use crate::cli::count::{count, size};
use crate::cli::law_args::{LawArgs, Shape, StableUnits, Units, name};
use crate::cli::number::Number;
use crate::cli::outcome::Refusal;
use crate::cli::scale_args::ScaleArgs;
use crate::cli::simulate::convolution::ConvolutionArgs;
use crate::cli::simulate::nonlinear::{self, NonlinearArgs};
use isomoment::Error;
use isomoment::init::LayerShape;
use isomoment::simulate::runs::Run;
use isomoment::simulate::{Branch, Entries, Layer, Level, Model, Plan, Record, Simulator};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LevelName {
    /// Every weight is drawn: O(width²) a layer
    Network,
    /// The pre-activations are drawn: O(width) a layer
    Preactivation,
    /// Only the norm is drawn: O(1) a layer (rrelu: O(width))
    Radial,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Precision {
    F64,
    F32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kept {
    /// The norm's moment E‖x‖^s
    Norm,
    /// The moment of the root mean square ‖x‖/√n (of stable weights ‖x‖/n^(1/α)), where layers differ
    /// in width
    Rms,
}

#[derive(Debug, Clone, Args)]
#[command(mut_arg("activation", |arg| arg.value_parser(among(|_| true))))]
#[command(mut_arg("alpha", |arg| arg.help(
    "Tail index α of stable weights, 0.3 to 2; the factor α of elu [default: 1]"
)))]
#[command(mut_arg("moment", |arg| arg.help(
    "Moment order s that the weights keep constant, 0 < s ≤ 8 (rrelu: 3; convolutions: 2; stable weights: below \
     alpha; gelu and others that are not homogeneous: from 0.01 to 2); 0 for the Lyapunov scale (of neither \
     convolutions nor units that are not homogeneous)"
)))]
pub struct SpecArgs {
    /// How much of the network is drawn
    #[arg(long, value_name = "LEVEL", default_value = "network")]
    level: LevelName,
    /// Arithmetic of level network
    #[arg(long, value_name = "TYPE", default_value = "f64")]
    precision: Precision,
    #[command(flatten)]
    pub law: LawArgs,
    #[command(flatten)]
    pub nonlinear: NonlinearArgs,
    #[command(flatten)]
    convolution: ConvolutionArgs,
    #[command(flatten)]
    pub scaling: ScaleArgs,
    #[command(flatten)]
    residual: BlockArgs,
    /// σ in place of --moment: the standard deviation of gaussian weights, the factor of orthogonal
    /// ones, the scale of stable ones, the factor of a residual block [of blocks 1 without either]
    #[arg(
        long,
        value_name = "SIGMA",
        allow_negative_numbers = true,
        conflicts_with = "scaling"
    )]
    pub scale: Option<Number>,
    /// Width d of every layer; needs --depth
    #[arg(long, value_name = "D", value_parser = size, conflicts_with = "widths", requires = "depth")]
    width: Option<usize>,
    /// Number of layers k
    #[arg(long, value_name = "K", value_parser = size, conflicts_with = "widths")]
    pub depth: Option<usize>,
    /// Widths of input and layers, such as 784,64,64,10
    #[arg(long, value_name = "N,…", value_parser = size, value_delimiter = ',')]
    widths: Vec<usize>,
    /// What --moment keeps constant where widths differ
    #[arg(long, value_name = "WHAT", default_value = "norm")]
    pub preserve: Kept,
    /// Standard deviation of the biases
    #[arg(
        long,
        value_name = "SIGMA",
        default_value = "0",
        allow_negative_numbers = true
    )]
    bias: Number,
    /// Number of inputs that go through the same weights
    #[arg(long, value_name = "M", default_value_t = 1)]
    inputs: usize,
    /// Cosine between every two inputs
    #[arg(
        long,
        value_name = "C",
        default_value = "0",
        allow_negative_numbers = true
    )]
    cosine: Number,
    /// Beside the signal its change by a tangent v and a gradient u, both uniform on the sphere: ‖J_k v‖ of the
    /// first k layers' Jacobian, and ‖Jᵀu‖ of the last k layers'; of gaussian weights without biases
    #[arg(long)]
    gradient: bool,
    /// Layers to record: all, last, or numbers such as 1,10,50
    #[arg(long, value_name = "LAYERS", default_value = "all")]
    record: String,
    /// Number of independent networks
    #[arg(long, value_name = "N", value_parser = count, default_value_t = 1000)]
    trajectories: u64,
    /// Seed: the same seed gives the same numbers on any number of cores and shards
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

impl SpecArgs {
    /// The run that the arguments describe, under a title that does so in words.
    pub fn run(&self) -> Result<Run, Refusal> {
        // before other units and weights, which do not go with convolutions
        let run = if self.convolution.are_given() {
            self.convolution.run(self)?
        } else if let Some(nonlinearity) = self.law.other()? {
            nonlinear::run(self, nonlinearity)?
        } else {
            self.nonlinear.check_unused(
                "given with gelu, silu, tanh, elu, selu, mish, softplus or sigmoid only",
            )?;
            Run::new(self.simulator()?, self.plan())?.titled(self.describe()?)
        };
        let record = self.recorded(run.networks().depth())?;
        Ok(run.recording(record))
    }

    pub fn plan(&self) -> Plan {
        Plan {
            seed: self.seed,
            trajectories: self.trajectories,
        }
    }

    /// `Ok` where nothing is asked for that only networks of homogeneous units have; `with` is what is drawn.
    pub fn check_plain(&self, with: &str) -> Result<(), Refusal> {
        for (option, given, plain) in [
            ("level", name(&self.level), "network"),
            ("precision", name(&self.precision), "f64"),
            ("bias", self.bias.to_string(), "0"),
            ("inputs", self.inputs.to_string(), "1"),
            ("cosine", self.cosine.to_string(), "0"),
        ] {
            let is_plain = given == plain || given.parse() == Ok(0.0) && plain == "0";
            if !is_plain {
                let allowed = format!("{plain} with {with}");
                return Err(Refusal(format!(
                    "--{option} is {given}; it must be {allowed}"
                )));
            }
        }
        for (option, given) in [
            (
                "width",
                self.convolution.are_given() && self.width.is_some(),
            ),
            (
                "widths",
                self.convolution.are_given() && !self.widths.is_empty(),
            ),
            ("residual", self.residual.blocks().is_some()),
            ("gradient", self.gradient),
            ("scheme", self.scaling.scheme.is_some()),
        ] {
            if given {
                return Err(Refusal(format!("--{option} does not go with {with}")));
            }
        }
        Ok(())
    }

    /// The standard deviation of weights, where it is given as such.
    pub fn given_scale(&self) -> Result<Option<f64>, Refusal> {
        match (&self.scale, &self.scaling.std) {
            (Some(scale), _) => Ok(Some(scale.positive("scale")?)),
            (None, Some(std)) => Ok(Some(std.positive("std")?)),
            (None, None) => Ok(None),
        }
    }

    /// The layers that are recorded.
    fn recorded(&self, depth: usize) -> Result<Record, Refusal> {
        Ok(match self.record.trim() {
            "all" => Record::all(depth),
            "last" => Record::layers(vec![depth], depth)?,
            list => {
                let layers: Result<Vec<usize>, _> =
                    list.split(',').map(|part| part.trim().parse()).collect();
                let allowed = "all, last, or layers such as 1,10,50";
                let layers = layers.map_err(|_| Error::domain("record", list, allowed))?;
                Record::layers(layers, depth)?
            }
        })
    }

    fn simulator(&self) -> Result<Simulator, Refusal> {
        let stable = self.law.stable()?;
        let blocks = self.residual.blocks();
        let by_entries = |with: &str| match self.scaling.of_entries_by() {
            Some(option) => Err(Refusal(format!(
                "--{option} does not go with {with}; give --moment or --scale"
            ))),
            None => Ok(()),
        };
        let (units, layers) = match (&stable, &blocks) {
            (Some(_), Some(_)) => {
                let allowed = "gaussian with --residual";
                return Err(Error::domain("weights", "stable", allowed).into());
            }
            (None, Some(blocks)) => {
                by_entries("--residual")?;
                let units = self.law.drawn_units()?;
                if !self.widths.is_empty() {
                    return Err(Refusal(
                        "--widths does not go with --residual; give --width".into(),
                    ));
                }
                let layers = self.layers(|_, d| self.skip_scale(&units, blocks, d))?;
                (units, layers)
            }
            (Some(stable), None) => {
                by_entries("--weights stable")?;
                let scale = |fan_in, fan_out| self.stable_scale(stable, fan_in, fan_out);
                (stable.units.clone(), self.layers(scale)?)
            }
            (None, None) => {
                let units = self.law.drawn_units()?;
                let layers = self.layers(|n, d| self.layer_scale(&units, n, d))?;
                (units, layers)
            }
        };
        if stable.is_some() && self.precision == Precision::F32 {
            return Err(Refusal(
                "--precision is f32; it must be f64 with stable weights".into(),
            ));
        }
        let model = Model::layered(units.activation(), units.dropout()?, layers)?
            .with_weights(units.weights)
            .with_entries(self.law.entries())
            .with_bias(self.bias.value)?
            .with_inputs(self.inputs, self.cosine.value)?;
        let model = match &stable {
            Some(stable) => model.with_stable_weights(stable.alpha.value)?,
            None => model,
        };
        let model = match &blocks {
            Some(blocks) => model.with_blocks(Branch {
                hidden: usize::try_from(blocks.hidden).unwrap_or(usize::MAX),
                square: blocks.branch.value,
            })?,
            None => model,
        };
        let level = match (self.level, self.precision) {
            (LevelName::Network, Precision::F64) => Level::Network,
            (LevelName::Network, Precision::F32) => Level::NetworkSingle,
            (_, Precision::F32) => {
                return Err(Refusal(
                    "--precision is f32; levels above network are in f64".into(),
                ));
            }
            (LevelName::Preactivation, _) => Level::Preactivation,
            (LevelName::Radial, _) => Level::Radial,
        };
        let simulator = Simulator::new(model, level)?;
        if self.gradient {
            return Ok(simulator.with_gradient()?);
        }
        Ok(simulator)
    }

    /// With gradients, a line that says what becomes of the moment of the order that was given; exact.
    pub fn moments(&self) -> Result<Option<String>, Refusal> {
        let moment = self.scaling.moment.as_ref();
        let Some(moment) = moment.filter(|s| self.gradient && s.value > 0.0) else {
            return Ok(None);
        };
        let (units, s) = (self.law.drawn_units()?, moment.value);
        let layers = self.layers(|n, d| self.layer_scale(&units, n, d))?;
        let (mut forwards, mut backwards) = (1.0, 1.0);
        for equal in layers.chunk_by(|a, b| a == b) {
            let law = units.law(Shape {
                width: equal[0].fan_out as u64,
                fan_in: Some(equal[0].fan_in as u64),
            })?;
            let power = s * equal.len() as f64;
            forwards *= (equal[0].scale / law.scale(s)?).powf(power);
            backwards *= (equal[0].scale / law.backward_scale(s)?).powf(power);
        }
        Ok(Some(format!(
            "\nE‖x‖^{moment} is multiplied by {forwards:.5} in all layers, E‖Jᵀu‖^{moment} is {backwards:.5} (exact, T11)\n"
        )))
    }

    /// One line that says what is simulated.
    fn describe(&self) -> Result<String, Refusal> {
        let layer = match self.law.stable()? {
            Some(stable) => stable.describe() + ", norm (Σ|xᵢ|^alpha)^(1/alpha)",
            None => {
                let entries = match self.law.entries() {
                    Entries::Normal => "",
                    Entries::Uniform => ", uniform weights",
                    Entries::Truncated => ", truncated normal weights",
                };
                let units = self.law.drawn_units()?;
                match self.residual.blocks() {
                    Some(blocks) => blocks.describe(&units),
                    None => units.describe() + entries,
                }
            }
        };
        Ok(self.title(&layer, &self.shape()))
    }

    /// The layers' shapes in words.
    pub fn shape(&self) -> String {
        match (self.width, self.depth) {
            (Some(width), Some(depth)) => format!("width {width}, depth {depth}"),
            _ => format!("widths {:?}", self.widths),
        }
    }

    /// Words that say which layers are drawn, followed by how many, how and how often.
    pub fn title(&self, layer: &str, shape: &str) -> String {
        let scale = match &self.scale {
            Some(scale) => format!("scale {scale}"),
            None if self.residual.blocks().is_some() && self.scaling.moment.is_none() => {
                "scale 1".into()
            }
            None => self.scaling.describe(),
        };
        let bias = if self.bias.value > 0.0 {
            format!(", biases {}", self.bias)
        } else {
            String::new()
        };
        let gradient = if self.gradient {
            ", with gradients"
        } else {
            ""
        };
        format!(
            "{layer}, {shape}, {scale}{bias}{gradient}: {} networks, level {}, seed {}",
            self.trajectories,
            name(&self.level),
            self.seed
        )
    }

    pub fn layers(
        &self,
        scale: impl Fn(usize, usize) -> Result<f64, Refusal>,
    ) -> Result<Vec<Layer>, Refusal> {
        let shape = |fan_in: usize, fan_out: usize| -> Result<Layer, Refusal> {
            Ok(Layer {
                fan_in,
                fan_out,
                scale: scale(fan_in, fan_out)?,
            })
        };
        match (self.width, self.depth) {
            (Some(width), Some(depth)) => {
                let layer = shape(width, width)?;
                // a vector of any length that is asked for would be made before the model refuses
                // it
                if depth > isomoment::simulate::MAX_DEPTH {
                    return Err(Error::domain("depth", depth, "from 1 to 10000000").into());
                }
                Ok(vec![layer; depth])
            }
            _ if self.widths.len() >= 2 => self
                .widths
                .windows(2)
                .map(|pair| shape(pair[0], pair[1]))
                .collect(),
            _ => Err(Refusal(
                "--width is missing; give it with --depth, or a list of two and more --widths"
                    .into(),
            )),
        }
    }

    /// The factor of a residual block.
    fn skip_scale(&self, units: &Units, blocks: &Blocks, width: usize) -> Result<f64, Refusal> {
        if let Some(scale) = &self.scale {
            return Ok(scale.value);
        }
        let Some(moment) = &self.scaling.moment else {
            return Ok(1.0);
        };
        let law = &blocks.laws(units, &[width as u64])?[0];
        Ok(match moment.value {
            0.0 => (-law.log_cumulants().mean).exp(),
            s => law.scale(s)?,
        })
    }

    /// γ of a layer with stable weights.
    fn stable_scale(
        &self,
        units: &StableUnits,
        fan_in: usize,
        fan_out: usize,
    ) -> Result<f64, Refusal> {
        if let Some(scale) = &self.scale {
            return Ok(scale.value);
        }
        let missing = || Refusal("--moment is missing; give it, or --scale".into());
        let law = units.law(fan_out as u64)?;
        let moment = self.scaling.moment.as_ref().ok_or_else(missing)?;
        let scale = StableUnits::scale(&law, moment)?;
        Ok(match self.preserve {
            Kept::Norm => scale,
            Kept::Rms => scale * (fan_out as f64 / fan_in as f64).powf(law.alpha().recip()),
        })
    }

    fn layer_scale(&self, units: &Units, fan_in: usize, fan_out: usize) -> Result<f64, Refusal> {
        if let Some(scale) = &self.scale {
            return Ok(scale.value);
        }
        let law = units.law(Shape {
            width: fan_out as u64,
            fan_in: Some(fan_in as u64),
        })?;
        let shape = LayerShape {
            fan_in: fan_in as u64,
            fan_out: fan_out as u64,
        };
        if let Some(scale) = self.scaling.of_entries(&law, shape)? {
            return Ok(scale);
        }
        let scale = self.scaling.of_moment(&law)?.ok_or_else(|| {
            Refusal("--moment is missing; give it, --std, --scheme or --scale".into())
        })?;
        Ok(match self.preserve {
            Kept::Norm => scale,
            Kept::Rms => scale * (fan_out as f64 / fan_in as f64).sqrt(),
        })
    }
}
