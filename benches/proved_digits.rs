//! Time of proved digits, asked for one by one: `benches/proved_digits.py` runs this beside Arb.
//!
//! Each line of input is `what slope keep width s digits`, with `what` one of `scale`, `moment` and
//! `constants`; the answer is the time in nanoseconds and σ, or the moment.

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
        let (slope, keep, s) = (number(slope), number(keep), number(s));
        let (width, digits) = (width.parse().unwrap(), digits.parse().unwrap());
        let started = Instant::now();
        let layer = ExactLayer::new(slope, keep, true, width).unwrap();
        let text = match what {
            "scale" => layer.scale(&s, digits).unwrap(),
            "moment" => layer.moment(&s, digits).unwrap(),
            _ => layer.constants(Some(&s), digits).unwrap().scale,
        };
        let time = started.elapsed().as_nanos();
        writeln!(output, "{time} {}", black_box(text))?;
        output.flush()?;
    }
    Ok(())
}
