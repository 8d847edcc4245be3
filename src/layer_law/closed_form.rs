//! The second, independent route against which [`LayerLaw`](crate::LayerLaw) is tested, and which
//! nothing else uses: closed forms, as finite sums of gamma functions and ₂F₁ series.
//!
//! They exist for linear, ReLU and Leaky ReLU units, with and without dropout; their cost grows
//! with the width. Units that are all alike where alive have moments of like sums in
//! `alive_units.rs`, by recurrences; `tests.rs` compares those with the integral, too.
//!
//! Given n kept units, h of them on the positive side, Q = R·(1 − (1−a²)B) with
//! R ~ χ²_n and, independent of it, B ~ Beta((n−h)/2, h/2).

use crate::activation::{Activation, Dropout};
use crate::error::{Error, Result, representable};
use crate::limits::check_width;
use crate::special::{digamma_minus_ln, ln_gamma_ratio_slope, trigamma};

/// Terms that one call sums at most: a tenth of a second or two.
const MAX_TERMS: u64 = 20_000_000;

/// E[Q^p; Q > 0] by the closed form; `None` for RReLU, which has none.
///
/// Cost O(d) for linear and ReLU units, O(d/(1−|1−a²|)) and more for Leaky ReLU,
/// d times that with dropout. Relative error about 1e-14 for |a| ≥ 0.1 (tested to 1e-13); the long
/// series of smaller slopes round more.
///
/// # Errors
/// [`Error::Domain`] for an invalid activation, |a| > 1 (rescale to 1/a), a width of 0 or above
/// 2⁵³, and unless 0 ≤ p ≤ 4; [`Error::Unresolved`] where the width is so large or the slope so
/// small that there are more than 2·10⁷ terms; [`Error::Range`] when no double holds the value.
///
/// ```
/// use isomoment::{Activation, Dropout, layer_law::closed_form};
/// let mean = closed_form::moment(Activation::Relu, Dropout::NONE, 3, 1.0)?.unwrap();
/// assert!((mean - 1.5).abs() < 1e-15);
/// # Ok::<(), isomoment::Error>(())
/// ```
pub fn moment(activation: Activation, dropout: Dropout, width: u64, p: f64) -> Result<Option<f64>> {
    check_width("width", width)?;
    if !(0.0..=4.0).contains(&p) {
        return Err(Error::domain("p", format!("{p:?}"), "from 0 to 4"));
    }
    let Some(mix) = Mixture::new(activation, dropout)? else {
        return Ok(None);
    };
    let mut terms = Terms::new(width);
    let mut total = 0.0;
    for (n, weight) in binomial(width, mix.keep, &mut terms)? {
        if n > 0 {
            let x = 0.5 * n as f64;
            let chi_square = (n as f64).powf(p) * (p * ln_gamma_ratio_slope(x, p)).exp();
            let mixed =
                mix.over_signs(n, &mut terms, |share, terms| mean_power(p, share, terms))?;
            total += weight * chi_square * mixed;
        }
    }
    let value = total * dropout.gain().powf(2.0 * p);
    let context = || format!("{activation}, width {width}, p = {p:?}");
    representable("the moment", value, context).map(Some)
}

/// Mean and variance of ½ log Q given Q > 0 by the closed forms; `None` for RReLU.
///
/// Cost and errors as [`moment`].
///
/// # Errors
/// As [`moment`].
///
/// ```
/// use isomoment::{Activation, Dropout, layer_law::closed_form};
/// let (mean, variance) = closed_form::log_moments(Activation::Linear, Dropout::NONE, 2)?.unwrap();
/// // ½(ψ(1) + log 2) and ψ′(1)/4 = π²/24
/// assert!((mean - 0.05796575782920621).abs() < 1e-15);
/// assert!((variance - 0.4112335167120566).abs() < 1e-15);
/// # Ok::<(), isomoment::Error>(())
/// ```
pub fn log_moments(
    activation: Activation,
    dropout: Dropout,
    width: u64,
) -> Result<Option<(f64, f64)>> {
    check_width("width", width)?;
    let Some(mix) = Mixture::new(activation, dropout)? else {
        return Ok(None);
    };
    let mut terms = Terms::new(width);
    let center = (width as f64 * mix.keep).max(1.0).ln();
    let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
    for (n, weight) in binomial(width, mix.keep, &mut terms)? {
        if n > 0 {
            let x = 0.5 * n as f64;
            let log_mean = digamma_minus_ln(x) + (n as f64).ln() - center;
            let sign_mean = mix.over_signs(n, &mut terms, log_mean_of)?;
            let sign_square = mix.over_signs(n, &mut terms, log_square_of)?;
            mass += weight;
            first += weight * (log_mean + sign_mean);
            second += weight
                * (trigamma(x) + log_mean * log_mean + 2.0 * log_mean * sign_mean + sign_square);
        }
    }
    let mean = first / mass;
    let variance = second / mass - mean * mean;
    Ok(Some((
        0.5 * (center + mean) + dropout.gain().ln(),
        0.25 * variance,
    )))
}

/// Kept units and, among them, those with positive and with negative pre-activation.
struct Mixture {
    /// Probability that a unit counts in n.
    keep: f64,
    /// a² when units on the negative side count; otherwise all n have c = 1.
    negative: Option<f64>,
}

impl Mixture {
    fn new(activation: Activation, dropout: Dropout) -> Result<Option<Self>> {
        activation.validate()?;
        let q = dropout.keep();
        let (keep, negative) = match activation {
            Activation::Linear => (q, None),
            Activation::Relu => (0.5 * q, None),
            Activation::LeakyRelu { slope: 0.0 } => (0.5 * q, None),
            Activation::LeakyRelu { slope } if slope.abs() == 1.0 => (q, None),
            Activation::LeakyRelu { slope } if slope.abs() < 1.0 => (q, Some(slope * slope)),
            Activation::LeakyRelu { slope } => {
                return Err(Error::domain("slope", format!("{slope:?}"), "from -1 to 1"));
            }
            Activation::RandomizedLeakyRelu { .. } => return Ok(None),
        };
        Ok(Some(Self { keep, negative }))
    }

    /// Mean of f over h ~ Bin(n, ½).
    fn over_signs(
        &self,
        n: u64,
        terms: &mut Terms,
        f: impl Fn(NegativeShare, &mut Terms) -> Result<f64>,
    ) -> Result<f64> {
        let c = 0.5 * n as f64;
        let share = |low: u64, square| NegativeShare {
            b: 0.5 * low as f64,
            c,
            square,
        };
        let Some(square) = self.negative else {
            return f(share(0, 1.0), terms);
        };
        let mut mean = 0.0;
        for (low, weight) in binomial(n, 0.5, terms)? {
            mean += weight * f(share(low, square), terms)?;
        }
        Ok(mean)
    }
}

/// B ~ Beta(b, c − b), the share of a χ²_{2c} that 2b negative units have, and the square a² of
/// their slope.
#[derive(Clone, Copy)]
struct NegativeShare {
    b: f64,
    c: f64,
    square: f64,
}

/// How many terms may still be summed.
struct Terms {
    left: u64,
    width: u64,
}

impl Terms {
    fn new(width: u64) -> Self {
        Self {
            left: MAX_TERMS,
            width,
        }
    }

    fn take(&mut self, count: u64) -> Result<()> {
        self.left = self
            .left
            .checked_sub(count)
            .ok_or_else(|| Error::Unresolved {
                quantity: "the closed form",
                context: format!("width {}", self.width),
            })?;
        Ok(())
    }
}

/// (n, P(n)) of Bin(d, q): ratios outward from the mode, normalized by their sum.
fn binomial(d: u64, q: f64, terms: &mut Terms) -> Result<Vec<(u64, f64)>> {
    if q == 1.0 {
        return Ok(vec![(d, 1.0)]);
    }
    terms.take(d + 1)?;
    let mode = (((d + 1) as f64 * q) as u64).min(d);
    let odds = q / (1.0 - q);
    let mut weights = vec![0.0; d as usize + 1];
    weights[mode as usize] = 1.0;
    for n in mode as usize..d as usize {
        weights[n + 1] = weights[n] * odds * (d as usize - n) as f64 / (n + 1) as f64;
    }
    for n in (0..mode as usize).rev() {
        weights[n] = weights[n + 1] * (n + 1) as f64 / (odds * (d as usize - n) as f64);
    }
    let total: f64 = weights.iter().sum();
    let normalized = (0..=d).zip(weights).map(|(n, w)| (n, w / total));
    Ok(normalized.filter(|(_, w)| *w > 0.0).collect())
}

/// E[(1−zB)^p] = ₂F₁(−p, b; c; z), z = 1 − a².
fn mean_power(p: f64, share: NegativeShare, terms: &mut Terms) -> Result<f64> {
    if share.b == share.c {
        return Ok(share.square.powf(p));
    }
    let mut ratio = 1.0;
    let sum = sum_series(share, terms, |k| {
        ratio *= (k - 1.0 - p) / k;
        ratio
    })?;
    Ok(1.0 + sum)
}

/// E[log(1−zB)] = −Σ zᵏ E[Bᵏ]/k.
fn log_mean_of(share: NegativeShare, terms: &mut Terms) -> Result<f64> {
    if share.b == share.c {
        return Ok(share.square.ln());
    }
    sum_series(share, terms, |k| -1.0 / k)
}

/// E[log²(1−zB)] = 2 Σ H_{k−1} zᵏ E[Bᵏ]/k.
fn log_square_of(share: NegativeShare, terms: &mut Terms) -> Result<f64> {
    if share.b == share.c {
        return Ok(share.square.ln().powi(2));
    }
    let mut harmonic = 0.0;
    sum_series(share, terms, |k| {
        let coefficient = 2.0 * harmonic / k;
        harmonic += 1.0 / k;
        coefficient
    })
}

/// Σ_{k≥1} coefficient(k)·zᵏ (b)ₖ/(c)ₖ.
fn sum_series(
    NegativeShare { b, c, square }: NegativeShare,
    terms: &mut Terms,
    mut coefficient: impl FnMut(f64) -> f64,
) -> Result<f64> {
    let z = 1.0 - square;
    if b == 0.0 || z == 0.0 {
        return Ok(0.0);
    }
    let mut sum = 0.0;
    let mut moment = 1.0;
    let mut k = 0.0;
    loop {
        terms.take(1)?;
        k += 1.0;
        moment *= z * (b + k - 1.0) / (c + k - 1.0);
        let term = coefficient(k) * moment;
        sum += term;
        // the terms to come fall at least like zᵏ
        if k > 2.0 && term.abs() < 1e-17 * square * (1.0 + f64::abs(sum)) {
            return Ok(sum);
        }
    }
}
