//! Numbers as options: decimals, and quotients such as 1/3, kept exactly beside the nearest double.

use std::fmt;
use std::str::FromStr;

use crate::cli::outcome::Refusal;
use isomoment::layer_law::certified::Rational;

/// A number that was written on the command line or in a file.
#[derive(Debug, Clone)]
pub struct Number {
    text: String,
    pub value: f64,
}

impl Number {
    /// The exact number; infinities and the like have none.
    pub fn exact(&self) -> Result<Rational, Refusal> {
        Rational::parse(&self.text).ok_or_else(|| {
            Refusal(format!(
                "{} has no exact value; it must be a decimal or a quotient, of moderate length",
                self.text
            ))
        })
    }

    /// The value where it is positive and finite; `option` is how a refusal calls it.
    pub fn positive(&self, option: &str) -> Result<f64, Refusal> {
        if self.value > 0.0 && self.value.is_finite() {
            return Ok(self.value);
        }
        Err(Refusal(format!(
            "--{option} is {self}; it must be positive and finite"
        )))
    }
}

impl FromStr for Number {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let exact = || Rational::parse(text).map(|number| number.to_f64());
        let value = text.parse().ok().or_else(exact);
        let value: f64 = value.ok_or("it must be a number such as 0.01 or 1/3")?;
        // a digit other than 0 before the exponent, of a number that no double holds
        let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
        let is_zero = !mantissa.bytes().any(|digit| (b'1'..=b'9').contains(&digit));
        let overflows = value.is_infinite() && mantissa.bytes().any(|b| b.is_ascii_digit());
        if overflows || (value == 0.0 && !is_zero) {
            return Err("it must be 0 or between 5e-324 and 1.79e308 in magnitude");
        }
        Ok(Self {
            value,
            text: text.to_owned(),
        })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
