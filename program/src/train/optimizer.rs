//! Steps downhill: gradient descent, with momentum, and Adam.

/// How gradients become steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// w ← w − ηg.
    Sgd,
    /// v ← βv + g, w ← w − ηv (Polyak 1964, as PyTorch writes it).
    Momentum(f32),
    /// Kingma & Ba 2015: β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
    Adam,
}

/// A rule with its learning rate and what it remembers of one vector of parameters.
#[derive(Debug, Clone)]
pub struct Optimizer {
    rule: Rule,
    rate: f32,
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
            size,
            steps: 0,
            first: remembered(rule != Rule::Sgd),
            second: remembered(rule == Rule::Adam),
        }
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
        let rate = self.rate;
        let pairs = parameters.iter_mut().zip(gradient);
        match self.rule {
            Rule::Sgd => {
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
    #[should_panic(expected = "a gradient of another length")]
    fn lengths_are_compared() {
        Optimizer::new(Rule::Sgd, 0.1, 2).step(&mut [1.0, 1.0], &[1.0]);
    }
}
