//! The mapper that redraws a model.

use std::any::Any;
use std::collections::HashMap;

use burn::module::{ModuleMapper, Param, ParamId};
use burn::tensor::{Distribution, Tensor, TensorData};
use isomoment::simulate::numbers::Normals;
use isomoment::simulate::streams::{experiment_seed, trajectory_stream};
use isomoment::{Activation, Dropout};

use crate::shape::{Kind, standard_deviation};
use crate::{Error, Outcome, Parameter, Reason, Report, Rule, Scales};

/// Redraws the model that is mapped by it; one mapper for one model.
///
/// ```
/// use burn::module::Module;
/// use burn::nn::LinearConfig;
/// use burn::tensor::Device;
/// use isomoment::{Activation, Scheme};
/// use isomoment_burn::Scales;
/// let layer = LinearConfig::new(30, 20).init(&Device::default());
/// let mut mapper = Scales::new(Scheme::Fractional(1.0), Activation::Relu).mapper();
/// let layer = layer.map(&mut mapper);
/// println!("{}", mapper.finish()?);
/// # let _ = layer;
/// # Ok::<(), isomoment_burn::Error>(())
/// ```
#[derive(Debug)]
pub struct Redraw {
    scales: Scales,
    used: Vec<bool>,
    /// Names of the fields on the way to the parameter, each with what contains it: `Struct:Linear`.
    way: Vec<(String, String)>,
    /// Paths and tensors of the parameters met so far, by which tied ones stay tied.
    met: HashMap<ParamId, (String, Box<dyn Any>)>,
    parameters: Vec<Parameter>,
    error: Option<Error>,
}

impl Redraw {
    pub(crate) fn new(scales: Scales) -> Self {
        Self {
            used: vec![false; scales.rules.len()],
            scales,
            way: Vec::new(),
            met: HashMap::new(),
            parameters: Vec::new(),
            error: None,
        }
    }

    /// What became of the parameters.
    ///
    /// # Errors
    /// The first of the model's errors, as for [`Scales::redraw`]; parameters from there on are
    /// as they were.
    pub fn finish(self) -> Result<Report, Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let unused = self.used.iter().position(|used| !used);
        match unused {
            Some(i) => Err(Error::Unused(self.scales.rules[i].0.clone())),
            None => Ok(Report {
                parameters: self.parameters,
            }),
        }
    }

    fn path(&self) -> String {
        let names: Vec<&str> = self.way.iter().map(|(name, _)| name.as_str()).collect();
        names.join(".")
    }

    fn is_in(&self, modules: &[&str]) -> bool {
        let mut way = self.way.iter();
        way.any(|(_, container)| modules.contains(&module(container)))
    }

    /// What is known of the parameter; later rules count more, and what burn's own blocks tell least.
    fn rule(&mut self, path: &str) -> Rule {
        let outer = self.way.iter().any(|(name, container)| {
            module(container) == "PositionWiseFeedForward" && name == "linear_outer"
        });
        let mut rule = self.scales.base;
        if outer || self.is_in(&["MultiHeadAttention", "CrossAttention"]) {
            rule = rule.activation(Activation::Linear).dropout(Dropout::NONE);
        }
        for ((prefix, given), used) in self.scales.rules.iter().zip(&mut self.used) {
            let rest = path.strip_prefix(prefix.as_str());
            if rest
                .is_some_and(|rest| prefix.is_empty() || rest.is_empty() || rest.starts_with('.'))
            {
                rule = given.over(&rule);
                *used = true;
            }
        }
        rule
    }

    fn outcome(&mut self, path: &str, dims: &[usize], quantized: bool) -> Result<Outcome, Error> {
        let rule = self.rule(path);
        let (name, container) = match self.way.last() {
            Some((name, container)) => (name.as_str(), container.as_str()),
            None => ("", ""),
        };
        let left_alone = |reason| Ok(Outcome::LeftAlone(reason));
        if rule.alone == Some(true) {
            return left_alone(Reason::Rule);
        }
        if self.is_in(&["Reparameterization"]) {
            return left_alone(Reason::Reparametrization);
        }
        let Some((kind, rank)) = Kind::of(module(container)) else {
            return left_alone(Reason::Module);
        };
        if self.is_in(&["GateController", "SwiGlu"]) {
            return left_alone(Reason::Gate);
        }
        match name {
            _ if quantized => left_alone(Reason::Quantized),
            "bias" if dims.len() == 1 => Ok(Outcome::Zeroed),
            "weight" if dims.len() == rank => {
                let shape = kind.shape(dims, rule.groups.unwrap_or(1), rule.stride)?;
                let activation = rule.activation.unwrap_or(Activation::Linear);
                let dropout = rule.dropout.unwrap_or(Dropout::NONE);
                let std = standard_deviation(self.scales.scheme, activation, dropout, &shape)?;
                let units = shape.units();
                Ok(Outcome::Drawn { units, std })
            }
            _ => left_alone(Reason::Module),
        }
    }

    /// The tensor of the outcome, on the device and in the precision of `old`.
    fn value<const D: usize>(&self, outcome: &Outcome, path: &str, old: Tensor<D>) -> Tensor<D> {
        let options = (&old.device(), old.dtype());
        let new = match (outcome, self.scales.seed) {
            (Outcome::Zeroed, _) => Tensor::zeros(old.shape(), options),
            (&Outcome::Drawn { std, .. }, None) => {
                Tensor::random(old.shape(), Distribution::Normal(0.0, std), options)
            }
            (&Outcome::Drawn { std, .. }, Some(seed)) => {
                let mut numbers = vec![0.0_f64; old.shape().num_elements()];
                let stream = &mut trajectory_stream(experiment_seed(seed, path), 0);
                Normals::new(stream).fill(&mut numbers);
                numbers.iter_mut().for_each(|z| *z *= std);
                Tensor::from_data(TensorData::new(numbers, old.shape()), options)
            }
            (Outcome::Tied(_) | Outcome::LeftAlone(_), _) => return old,
        };
        match old.is_require_grad() {
            true => new.require_grad(),
            false => new,
        }
    }
}

impl ModuleMapper for Redraw {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.way.push((name.into(), container_type.into()));
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.way.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.error.is_some() {
            return param;
        }
        let (id, old, mapper) = param.consume();
        let (path, dims) = (self.path(), old.dims().to_vec());
        let container = self.way.last().map_or("", |(_, container)| container);
        let module = module(container).to_owned();
        let met = self.met.get(&id);
        let tied = met.and_then(|(path, tensor)| Some((path, tensor.downcast_ref::<Tensor<D>>()?)));
        let (outcome, new) = match tied {
            Some((first, tensor)) => (Outcome::Tied(first.clone()), tensor.clone()),
            None => match self.outcome(&path, &dims, !old.dtype().is_float()) {
                Ok(outcome) => {
                    let new = self.value(&outcome, &path, old);
                    let met = (path.clone(), Box::new(new.clone()) as Box<dyn Any>);
                    self.met.insert(id, met);
                    (outcome, new)
                }
                Err(error) => {
                    let source = Box::new(error);
                    self.error = Some(Error::Parameter { path, dims, source });
                    return Param::from_mapped_value(id, old, mapper);
                }
            },
        };
        self.parameters.push(Parameter {
            path,
            module,
            dims,
            outcome,
        });
        Param::from_mapped_value(id, new, mapper)
    }
}

/// `Linear` of `Struct:Linear`.
fn module(container: &str) -> &str {
    container.strip_prefix("Struct:").unwrap_or(container)
}
