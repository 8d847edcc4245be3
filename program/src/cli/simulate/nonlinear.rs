//! Networks of units that are not homogeneous: weights of the gain that `isomoment gain` prints.

use clap::Args;
use isomoment::Error;
use isomoment::gain::{LevelLaw, Nonlinearity};
use isomoment::simulate::NonlinearNetwork;
use isomoment::simulate::runs::Run;

use crate::cli::number::Number;
use crate::cli::outcome::Refusal;
use crate::cli::simulate::run_spec::{Kept, SpecArgs};
use crate::cli::simulate::summary::factor;

#[derive(Debug, Clone, Args)]
pub struct NonlinearArgs {
    /// Root-mean-square r of the input of units that are not homogeneous: the level at which --moment
    /// keeps E rms^s, --level of `isomoment gain`; 1e-6 to 1e5 with --moment (of tanh and
    /// sigmoid below 1), 1e-100 to 1e100 with --std or --scale [default: 1]
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    rms: Option<Number>,
}

impl NonlinearArgs {
    /// `Ok` unless it is given; `allowed` says where it may be.
    pub fn check_unused(&self, allowed: &str) -> Result<(), Refusal> {
        match &self.rms {
            Some(rms) => Err(Error::domain("rms", rms, allowed.to_owned()).into()),
            None => Ok(()),
        }
    }
}

/// The run of such networks, titled.
pub fn run(spec: &SpecArgs, nonlinearity: Nonlinearity) -> Result<Run, Refusal> {
    spec.check_plain(nonlinearity.name())?;
    let given = spec.nonlinear.rms.as_ref();
    let shown = given.map_or("1".into(), Number::to_string);
    let rms = (given.map_or(1.0, |rms| rms.value), &shown[..]);
    let gain = |fan_in: usize, width: usize| gain(spec, nonlinearity, rms, (fan_in, width));
    let layers = spec.layers(gain)?;
    let fan_in = layers.first().map_or(0, |layer| layer.fan_in);
    let gains: Vec<(usize, f64)> = layers.iter().map(|l| (l.fan_out, l.scale)).collect();
    let network = NonlinearNetwork::new(nonlinearity, fan_in, &gains, rms.0);
    let network = network.map_err(|error| match (error, &spec.scaling.std, &spec.scale) {
        (Error::Domain { argument: "gain", allowed, .. }, Some(sigma), _)
        | (Error::Domain { argument: "gain", allowed, .. }, _, Some(sigma)) => Refusal(format!(
            "the weights' standard deviation is {sigma}; times the root of the fan-in it must be {allowed}"
        )),
        (error, ..) => of_option(error, &shown),
    })?;
    let words = format!("{nonlinearity}, input of root-mean-square {shown}");
    let words = match gains.windows(2).all(|pair| pair[0].1 == pair[1].1) {
        true => format!("{words}, gain {}", factor(gains[0].1)),
        false => words,
    };
    let run = Run::new(network, spec.plan())?.titled(spec.title(&words, &spec.shape()));
    match &spec.scaling.moment {
        Some(moment) => Ok(run.with_order(moment.value)?),
        None => Ok(run),
    }
}

/// g of a layer: what keeps the moment at the level, which is also given as typed, or what is given
/// as σ = g/√n.
fn gain(
    spec: &SpecArgs,
    nonlinearity: Nonlinearity,
    (rms, shown): (f64, &str),
    (fan_in, width): (usize, usize),
) -> Result<f64, Refusal> {
    if let Some(sigma) = spec.given_scale()? {
        return Ok(sigma * (fan_in as f64).sqrt());
    }
    let missing = || Refusal("--moment is missing; give it, --std or --scale".into());
    let moment = spec.scaling.moment.as_ref().ok_or_else(missing)?;
    if fan_in != width && spec.preserve == Kept::Norm {
        return Err(Refusal(format!(
            "--preserve is norm; it must be rms with {}, where layers differ in width",
            nonlinearity.name()
        )));
    }
    let law = LevelLaw::new(nonlinearity, width as u64)?;
    let gain = law.gain(moment.value, rms);
    Ok(gain.map_err(|error| of_option(error, shown))?.gain)
}

/// A refused level is --rms here.
fn of_option(error: Error, rms: &str) -> Refusal {
    match error {
        Error::Domain {
            argument: "level",
            allowed,
            ..
        } => Refusal(format!("--rms is {rms}; it must be {allowed}")),
        error => error.into(),
    }
}
