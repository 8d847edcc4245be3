//! How a subcommand ends: with a result, a failed check, or a refusal.

use std::fmt;
use std::io::Write;

/// Why the program stops without a result: bad input (exit 2).
#[derive(Debug)]
pub struct Refusal(pub String);

impl Refusal {
    /// A needed option that was not given.
    pub fn missing(option: &str) -> Self {
        let or_grid = match option {
            "activation" | "moment" | "width" => ", or a --grid file to `constants`",
            _ => "",
        };
        Self(format!("--{option} is missing; give it{or_grid}"))
    }
}

impl<E: std::error::Error> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether everything that was checked holds.
pub type Outcome = Result<bool, Refusal>;

/// Prints a result; a reader who had enough, as `| head` has, is no failure.
pub fn print(text: &str) -> Outcome {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(true),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(true),
    }
}
