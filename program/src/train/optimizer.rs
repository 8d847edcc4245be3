//! Steps downhill: gradient descent, with momentum, and Adam; weight decay and the rate by epoch.

use std::fmt;
use std::str::FromStr;

use isomoment::{Error, Result};

/// How gradients become steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// w ← w − ηg.
    Sgd,
    /// v ← βv + g, w ← w − ηv (Polyak 1964, as PyTorch writes it).
    Momentum(f32),
    /// Gradient descent on one layer after the other, the last one first, each step from the gradient
    /// where those before have left the network (Palagi & Seccia 2020, as far as it is read here).
    BlockLayer,
    /// Kingma & Ba 2015: β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
    Adam,
}

/// How the learning rate falls with the epochs, as PyTorch's `StepLR` and `MultiStepLR`.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {
    /// It does not.
    Constant,
    /// Multiplied by the factor after every so many epochs.
    Step(usize, f64),
    /// Multiplied by the factor after each of these epochs.
    Multistep(Vec<usize>, f64),
}

impl Schedule {
    /// What the first rate is multiplied by once so many epochs are over.
    ///
    /// ```
    /// use isomoment_cli::train::Schedule;
    /// let schedule: Schedule = "multistep:32,62:0.1".parse()?;
    /// assert_eq!([31, 32, 62].map(|epoch| schedule.factor(epoch)), [1.0, 0.1, 0.010000000000000002]);
    /// # Ok::<(), isomoment::Error>(())
    /// ```
    pub fn factor(&self, epochs: usize) -> f64 {
        let (drops, factor) = match self {
            Self::Constant => return 1.0,
            Self::Step(every, factor) => (epochs / every, factor),
            Self::Multistep(ends, factor) => {
                (ends.iter().filter(|&&e| e <= epochs).count(), factor)
            }
        };
        (0..drops).map(|_| factor).product()
    }
}

/// `constant`, `step:EPOCHS:FACTOR` or `multistep:EPOCH,EPOCH,…:FACTOR`.
impl FromStr for Schedule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let epoch = |text: &str| text.parse().ok().filter(|&e: &usize| e > 0);
        let factor = |text: &str| text.parse().ok().filter(|f: &f64| *f > 0.0 && *f <= 1.0);
        let schedule = match parts[..] {
            ["constant"] => Some(Self::Constant),
            ["step", every, by] => epoch(every).zip(factor(by)).map(|(e, f)| Self::Step(e, f)),
            ["multistep", ends, by] => {
                let ends: Option<Vec<usize>> = ends.split(',').map(epoch).collect();
                ends.zip(factor(by)).map(|(e, f)| Self::Multistep(e, f))
            }
            _ => None,
        };
        let allowed = "constant, step:EPOCHS:FACTOR or multistep:EPOCH,EPOCH,…:FACTOR, epochs from \
                       1, factors above 0 and at most 1";
        schedule.ok_or_else(|| Error::domain("schedule", text, allowed))
    }
}

/// The words that [`FromStr`] reads.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant => f.pad("constant"),
            Self::Step(every, factor) => write!(f, "step:{every}:{factor}"),
            Self::Multistep(ends, factor) => {
                let ends: Vec<String> = ends.iter().map(usize::to_string).collect();
                write!(f, "multistep:{}:{factor}", ends.join(","))
            }
        }
    }
}

/// A rule with its learning rate and what it remembers of one vector of parameters.
#[derive(Debug, Clone)]
pub struct Optimizer {
    rule: Rule,
    rate: f32,
    decay: f32,
    size: usize,
    steps: i32,
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Optimizer {
    /// For a vector of `size` parameters.
    pub fn new(rule: Rule, rate: f32, size: usize) -> Self {
        let remembered = |needed: bool| vec![0.0; if needed { size } else { 0 }];
        Self {
            rule,
            rate,
            decay: 0.0,
            size,
            steps: 0,
            first: remembered(matches!(rule, Rule::Momentum(_) | Rule::Adam)),
            second: remembered(rule == Rule::Adam),
        }
    }

    /// With λw added to every gradient, as PyTorch's `weight_decay` does.
    #[must_use]
    pub fn with_decay(self, decay: f32) -> Self {
        Self { decay, ..self }
    }

    /// Another learning rate from now on.
    pub fn set_rate(&mut self, rate: f32) {
        self.rate = rate;
    }

    /// One step along the gradient.
    ///
    /// ```
    /// use isomoment_cli::train::{Optimizer, Rule};
    /// let mut parameters = [1.0];
    /// let mut momentum = Optimizer::new(Rule::Momentum(0.5), 0.1, 1);
    /// momentum.step(&mut parameters, &[1.0]); // v = 1
    /// momentum.step(&mut parameters, &[1.0]); // v = 1.5
    /// assert!((parameters[0] - 0.75_f32).abs() < 1e-6);
    /// ```
    ///
    /// # Panics
    /// Unless both are as long as the optimizer was made for.
    pub fn step(&mut self, parameters: &mut [f32], gradient: &[f32]) {
        assert_eq!(parameters.len(), self.size, "parameters of another length");
        assert_eq!(gradient.len(), self.size, "a gradient of another length");
        self.steps += 1;
        if self.decay != 0.0 {
            let decayed = parameters.iter().zip(gradient);
            let gradient: Vec<f32> = decayed.map(|(w, g)| g + self.decay * w).collect();
            return self.descend(parameters, &gradient);
        }
        self.descend(parameters, gradient);
    }

    fn descend(&mut self, parameters: &mut [f32], gradient: &[f32]) {
        let rate = self.rate;
        let pairs = parameters.iter_mut().zip(gradient);
        match self.rule {
            Rule::Sgd | Rule::BlockLayer => {
                for (w, g) in pairs {
                    *w -= rate * g;
                }
            }
            Rule::Momentum(beta) => {
                for ((w, g), v) in pairs.zip(&mut self.first) {
                    *v = beta * *v + g;
                    *w -= rate * *v;
                }
            }
            Rule::Adam => {
                let (b1, b2) = (0.9_f32, 0.999_f32);
                let rate = rate * (1.0 - b2.powi(self.steps)).sqrt() / (1.0 - b1.powi(self.steps));
                let small = 1e-8 * (1.0 - b2.powi(self.steps)).sqrt();
                let moments = self.first.iter_mut().zip(&mut self.second);
                for ((w, g), (m, v)) in pairs.zip(moments) {
                    *m = b1 * *m + (1.0 - b1) * g;
                    *v = b2 * *v + (1.0 - b2) * g * g;
                    *w -= rate * *m / (v.sqrt() + small);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_read_back_or_refused() {
        for text in ["constant", "step:30:0.1", "multistep:32,62:0.5"] {
            assert_eq!(text.parse::<Schedule>().unwrap().to_string(), text);
        }
        for text in [
            "step",
            "step:0:0.1",
            "step:3:0",
            "step:3:NaN",
            "multistep::0.1",
            "cosine",
        ] {
            let error = text.parse::<Schedule>().unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("schedule is {text};")),
                "{error}"
            );
        }
        let step = Schedule::Step(30, 0.5);
        assert_eq!(
            [29, 30, 59, 60].map(|e| step.factor(e)),
            [1.0, 0.5, 0.5, 0.25]
        );
    }

    /// w ← w − η(g + λw), and the same in momentum's and Adam's gradients.
    #[test]
    fn decay_is_added_to_the_gradient() {
        for rule in [Rule::Sgd, Rule::Momentum(0.5), Rule::Adam] {
            let mut decayed = Optimizer::new(rule, 0.1, 1).with_decay(0.25);
            let mut told = Optimizer::new(rule, 0.1, 1);
            let (mut w, mut v) = ([2.0_f32], [2.0_f32]);
            for g in [1.0_f32, -0.5, 0.25] {
                let with_decay = [g + 0.25 * v[0]];
                decayed.step(&mut w, &[g]);
                told.step(&mut v, &with_decay);
                assert_eq!(w, v, "{rule:?}");
            }
        }
        let mut w = [2.0_f32];
        Optimizer::new(Rule::Sgd, 0.5, 1)
            .with_decay(0.25)
            .step(&mut w, &[1.0]);
        assert_eq!(w, [1.25]);
    }

    #[test]
    #[should_panic(expected = "a gradient of another length")]
    fn lengths_are_compared() {
        Optimizer::new(Rule::Sgd, 0.1, 2).step(&mut [1.0, 1.0], &[1.0]);
    }
}
