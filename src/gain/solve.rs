//! Where R(τ) has a given value: samples, brackets, Newton's steps within them.

use crate::error::{Error, Result};
use crate::gain::LevelLaw;

/// Samples of x = log τ for functions of which nothing is known: dense where they vary on the scale
/// of 1, and by powers beyond.
const OUTER: [f64; 6] = [-20.0, -16.0, -12.0, -9.0, -7.0, -5.0];
const INNER_STEP: f64 = 0.5;
const INNER_TO: f64 = 5.0;
const BEYOND: [f64; 4] = [6.5, 9.0, 12.0, 16.0];

/// Steps of one search, at most.
const STEPS: usize = 100;

/// An x is found when a step changes it by less than this, relative to 1 + |x|.
const FOUND: f64 = 4e-16;

/// Where the exponent is smaller R is flat to rounding, and a crossing is no gain.
const FLAT: f64 = 1e-9;

/// R and its exponent at one x, relative to the level.
#[derive(Debug, Clone, Copy)]
struct Sample {
    x: f64,
    /// log R − log r.
    above: f64,
    exponent: f64,
}

/// Every τ with R(τ) = `level`, in rising order, at least one.
pub(super) fn arguments(law: &LevelLaw, s: f64, level: f64) -> Result<Vec<f64>> {
    let sample = |x: f64| {
        let at = law.at(s, x.exp(), false)?;
        Ok(Sample {
            x,
            above: at.log - level.ln(),
            exponent: at.exponent,
        })
    };
    let mut stopped = None;
    let samples = if law.function.is_monotone() {
        around(&sample, level.ln())?
    } else {
        let inner = (0..).map(|k| -4.0 + INNER_STEP * f64::from(k));
        let inner = inner.take_while(|x| *x <= INNER_TO);
        let mut samples = Vec::new();
        for x in OUTER.into_iter().chain(inner).chain(BEYOND) {
            match sample(x) {
                Ok(sample) => samples.push(sample),
                // a user's function may end where its arguments are large
                Err(error @ Error::Domain { .. }) => {
                    stopped = Some(error);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        with_turns(&sample, samples)?
    };
    let mut found = Vec::new();
    for pair in samples.windows(2) {
        let crosses = (pair[0].above < 0.0) != (pair[1].above < 0.0);
        if crosses {
            let root = root(&sample, pair[0], pair[1])?;
            if root.exponent.abs() > FLAT {
                found.push(root.x.exp());
            }
        }
    }
    if found.is_empty() {
        return Err(stopped.unwrap_or_else(|| not_reached(level, &samples)));
    }
    Ok(found)
}

/// Two samples with the root between them, from near `start`, of a growing R; or the two ends.
fn around(sample: &impl Fn(f64) -> Result<Sample>, start: f64) -> Result<Vec<Sample>> {
    let (least, most) = (OUTER[0], BEYOND[BEYOND.len() - 1]);
    let mut near = sample(start.clamp(least, most))?;
    let direction = if near.above < 0.0 { 1.0 } else { -1.0 };
    let mut step = 0.5;
    loop {
        let next = sample((near.x + direction * step).clamp(least, most))?;
        if (next.above < 0.0) != (near.above < 0.0) || next.x == least || next.x == most {
            let mut pair = vec![near, next];
            pair.sort_by(|a, b| a.x.total_cmp(&b.x));
            return Ok(pair);
        }
        near = next;
        step *= 2.0;
    }
}

/// The samples and, where R turns between two of them towards the level, the turning point.
fn with_turns(
    sample: &impl Fn(f64) -> Result<Sample>,
    samples: Vec<Sample>,
) -> Result<Vec<Sample>> {
    let mut all = Vec::with_capacity(samples.len());
    for pair in samples.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        all.push(a);
        let towards = |sample: Sample, ahead: f64| sample.above * sample.exponent * ahead < 0.0;
        let same_side = (a.above < 0.0) == (b.above < 0.0);
        if same_side && towards(a, 1.0) && towards(b, -1.0) {
            all.push(turn(sample, a, b)?);
        }
    }
    all.extend(samples.last());
    Ok(all)
}

/// Where the exponent is 0 between two samples, by false position with halved weights, or a point
/// before it beyond the level.
fn turn(sample: &impl Fn(f64) -> Result<Sample>, mut a: Sample, mut b: Sample) -> Result<Sample> {
    let (mut wa, mut wb) = (a.exponent, b.exponent);
    for _ in 0..STEPS {
        let x = (a.x * wb - b.x * wa) / (wb - wa);
        let new = sample(x)?;
        let is_beyond = (new.above < 0.0) != (a.above < 0.0);
        if is_beyond || new.exponent.abs() < 1e-9 || b.x - a.x < 1e-9 {
            return Ok(new);
        }
        if (new.exponent < 0.0) == (a.exponent < 0.0) {
            (a, wa, wb) = (new, new.exponent, 0.5 * wb);
        } else {
            (b, wb, wa) = (new, new.exponent, 0.5 * wa);
        }
    }
    Ok(a)
}

/// The x between two samples where R is at the level: Newton's steps, halving where they leave the
/// bracket.
fn root(sample: &impl Fn(f64) -> Result<Sample>, a: Sample, b: Sample) -> Result<Sample> {
    let (mut low, mut high) = (a, b);
    let mut best = if a.above.abs() < b.above.abs() { a } else { b };
    for _ in 0..STEPS {
        if best.above == 0.0 {
            break;
        }
        let newton = best.x - best.above / best.exponent;
        let x = if newton > low.x && newton < high.x {
            newton
        } else {
            0.5 * (low.x + high.x)
        };
        let new = sample(x)?;
        if (new.above < 0.0) == (low.above < 0.0) {
            low = new;
        } else {
            high = new;
        }
        let moved = (x - best.x).abs();
        best = new;
        if moved <= FOUND * (1.0 + x.abs()) || high.x - low.x <= FOUND * (1.0 + x.abs()) {
            break;
        }
    }
    Ok(best)
}

/// Why there is no gain: the level is above or below all that R takes.
fn not_reached(level: f64, samples: &[Sample]) -> Error {
    let levels = samples.iter().map(|sample| level * sample.above.exp());
    let is_above = samples.iter().all(|sample| sample.above < 0.0);
    let (side, bound, kind) = if is_above {
        ("below", levels.fold(0.0, f64::max), "largest")
    } else {
        ("above", levels.fold(f64::INFINITY, f64::min), "smallest")
    };
    let short = (bound * 1e6).round() / 1e6;
    // six decimals, where they do not say that the level is allowed
    let shown = if is_above == (short <= level) {
        short
    } else {
        bound
    };
    let allowed = format!("{side} {shown}, the {kind} that the activation has");
    Error::domain("level", format!("{level:?}"), allowed)
}
