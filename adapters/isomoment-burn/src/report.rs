//! What became of a model's parameters.

use std::fmt;

/// What became of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its path, `layers.0.weight`: names of fields, and numbers in a `Vec`, an array or a tuple.
    pub path: String,
    /// The name of the module that it belongs to, `Linear`.
    pub module: String,
    /// Its shape.
    pub dims: Vec<usize>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of one parameter.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// Weights drawn from N(0, `std`²).
    Drawn {
        /// Number of units that see the same inputs, d in σ(s, d).
        units: u64,
        /// Standard deviation.
        std: f64,
    },
    /// A bias, now 0.
    Zeroed,
    /// The same parameter as the one of this path, by its id: it has the same value still.
    Tied(String),
    /// It has the value that it had.
    LeftAlone(Reason),
}

/// Why a parameter has the value that it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// A rule says so.
    Rule,
    /// Its module is no linear layer and no convolution of burn: norms, embeddings, PReLU, own
    /// modules.
    Module,
    /// Its layer is a gate, of a recurrent network or a SwiGLU: the signal is multiplied by what it
    /// says.
    Gate,
    /// It is a factor of a low-rank adapter or of another reparametrization.
    Reparametrization,
    /// Its numbers are quantized.
    Quantized,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rule => "by a rule",
            Self::Module => "not of a linear layer or convolution",
            Self::Gate => "a gate",
            Self::Reparametrization => "a reparametrization",
            Self::Quantized => "quantized",
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drawn { units, std } => write!(f, "N(0, {std:.6}²), d = {units}"),
            Self::Zeroed => write!(f, "0"),
            Self::Tied(path) => write!(f, "the same as {path}"),
            Self::LeftAlone(reason) => write!(f, "left alone: {reason}"),
        }
    }
}

/// What became of every parameter of floating-point numbers, in the order of the model; printed, a
/// line for each.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The parameters.
    pub parameters: Vec<Parameter>,
}

impl Report {
    /// What became of the parameter of this path.
    pub fn outcome(&self, path: &str) -> Option<&Outcome> {
        let mut parameters = self.parameters.iter();
        Some(&parameters.find(|parameter| parameter.path == path)?.outcome)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self
            .parameters
            .iter()
            .map(|p| (&p.path, format!("{} {:?}", p.module, p.dims), &p.outcome));
        let rows: Vec<_> = rows.collect();
        let path = rows.iter().map(|row| row.0.len()).max().unwrap_or(0);
        let module = rows.iter().map(|row| row.1.len()).max().unwrap_or(0);
        for (a, b, outcome) in rows {
            writeln!(f, "{a:path$}  {b:module$}  {outcome}")?;
        }
        Ok(())
    }
}
