//! Time of proved digits, asked for one by one: `benches/proved_digits.py` runs this beside Arb.
//!
//! Each line of input is `what slope keep width s digits`, with `what` one of `scale`, `moment`,
//! `logs` and `constants` and the slope a number or, uniform, `lower:upper`; the answer is the time
//! in nanoseconds and σ, or the moment, or mean and variance of the log (with P(Q>0) and the Lyapunov
//! scale, which are made along with them), or moment, σ, mean and variance of the log.
//! `tools/judge.py` compares the values with Arb's.

use std::hint::black_box;
use std::io::{self, BufRead, Write};
use std::time::Instant;

use isomoment::layer_law::certified::{ExactLayer, Rational};

fn number(text: &str) -> Rational {
    Rational::parse(text).expect("a number")
}

fn main() -> io::Result<()> {
    let mut output = io::stdout();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let [what, slope, keep, width, s, digits] = line
            .split(' ')
            .collect::<Vec<_>>()
            .try_into()
            .expect("six words");
        let (keep, s) = (number(keep), number(s));
        let (width, digits) = (width.parse().unwrap(), digits.parse().unwrap());
        let started = Instant::now();
        let layer = match slope.split_once(':') {
            None => ExactLayer::new(number(slope), keep, true, width),
            Some((lower, upper)) => {
                ExactLayer::randomized(number(lower), number(upper), keep, true, width)
            }
        }
        .unwrap();
        let text = match what {
            "scale" => layer.scale(&s, digits).unwrap(),
            "moment" => layer.moment(&s, digits).unwrap(),
            "logs" => {
                let all = layer.constants(None, digits).unwrap();
                [all.mean_log, all.var_log].join(" ")
            }
            _ => {
                let all = layer.constants(Some(&s), digits).unwrap();
                [all.moment, all.scale, all.mean_log, all.var_log].join(" ")
            }
        };
        let time = started.elapsed().as_nanos();
        writeln!(output, "{time} {}", black_box(text))?;
        output.flush()?;
    }
    Ok(())
}
