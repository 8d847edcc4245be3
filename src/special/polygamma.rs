//! Derivatives of log Γ: the log moments of a chi-square.

/// From here on the asymptotic series below are accurate to the last digit.
const ASYMPTOTIC_FROM: f64 = 12.0;

/// Bernoulli numbers B₂, B₄, …, B₁₆.
const BERNOULLI: [f64; 8] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
];

/// ψ(x) − log x for x ≥ 1/2, to full relative accuracy also for large x, where it is about −1/(2x).
///
/// ψ from `special` below 12, the asymptotic series −1/(2x) − Σ B₂ₖ/(2k x²ᵏ) from there.
pub fn digamma_minus_ln(x: f64) -> f64 {
    debug_assert!(x >= 0.5);
    if x < ASYMPTOTIC_FROM {
        return special::Gamma::digamma(x) - x.ln();
    }
    let inverse_square = 1.0 / (x * x);
    let mut power = inverse_square;
    let mut sum = 0.0;
    for (k, b) in (1..).zip(BERNOULLI) {
        sum += b / f64::from(2 * k) * power;
        power *= inverse_square;
    }
    -0.5 / x - sum
}

/// ψ′(x) for x ≥ 1/2.
///
/// Recurrence ψ′(x) = ψ′(x+1) + 1/x² up to 12, then 1/x + 1/(2x²) + Σ B₂ₖ/x²ᵏ⁺¹
/// (`special`'s trigamma is off by 2.5e-15 at 8).
pub fn trigamma(x: f64) -> f64 {
    debug_assert!(x >= 0.5);
    let mut y = x;
    let mut head = 0.0;
    while y < ASYMPTOTIC_FROM {
        head += 1.0 / (y * y);
        y += 1.0;
    }
    let inverse_square = 1.0 / (y * y);
    let mut power = inverse_square / y;
    let mut tail = 0.0;
    for b in BERNOULLI {
        tail += b * power;
        power *= inverse_square;
    }
    head + (1.0 / y + (0.5 * inverse_square + tail))
}

/// ψ″(x) for x ≥ 1/2 (negative).
///
/// Recurrence ψ″(x) = ψ″(x+1) − 2/x³ up to 12, then
/// −1/x² − 1/x³ − Σ B₂ₖ (2k+1)/x²ᵏ⁺².
pub fn tetragamma(x: f64) -> f64 {
    debug_assert!(x >= 0.5);
    let mut y = x;
    let mut head = 0.0;
    while y < ASYMPTOTIC_FROM {
        head -= 2.0 / (y * y * y);
        y += 1.0;
    }
    let inverse_square = 1.0 / (y * y);
    let mut power = inverse_square * inverse_square;
    let mut tail = 0.0;
    for (k, b) in (1..).zip(BERNOULLI) {
        tail += b * f64::from(2 * k + 1) * power;
        power *= inverse_square;
    }
    head - inverse_square * (1.0 + 1.0 / y) - tail
}
