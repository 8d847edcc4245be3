//! Elementary functions in plain arithmetic: every rounding is spelled out, loops over them are
//! compiled to vector instructions, and all processors give the same bits.

use num_traits::Float;

/// u = (k + ½)/2⁵² with k the word's upper 52 bits; 1 − u is exact too.
#[inline(always)]
pub(super) fn open_unit(word: u64) -> f64 {
    f64::from_bits(1.0_f64.to_bits() | (word >> 12)) - (1.0 - 0.5 * f64::EPSILON)
}

/// log x for positive normal x, within 4e-16 of it.
#[inline(always)]
pub(super) fn log(x: f64) -> f64 {
    const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    const FRACTION: u64 = (1 << 52) - 1;
    // x = 2^exponent·mantissa with √½ ≤ mantissa < √2
    let offset = x.to_bits().wrapping_sub(ROOT_HALF);
    let mantissa = f64::from_bits((offset & FRACTION).wrapping_add(ROOT_HALF));
    // a 12-bit two's complement number becomes a double by way of the mantissa of 2⁵²
    let biased = (offset >> 52).wrapping_add(2048) & 0xfff;
    let exponent =
        f64::from_bits(2.0_f64.powi(52).to_bits() | biased) - (2.0_f64.powi(52) + 2048.0);
    // log mantissa = 2 artanh t; minimax coefficients of artanh as in fdlibm's log
    let t = (mantissa - 1.0) / (mantissa + 1.0);
    let square = t * t;
    let series = polynomial(
        square,
        [
            0.147_981_986_051_165_86,
            0.153_138_376_992_093_73,
            0.181_835_721_616_180_5,
            0.222_221_984_321_497_84,
            0.285_714_287_436_623_9,
            0.399_999_999_994_094_2,
            0.666_666_666_666_673_5,
        ],
    );
    let log = (t * square).mul_add(series, 2.0 * t);
    exponent.mul_add(std::f64::consts::LN_2, log)
}

/// eˣ for |x| ≤ 700, within 4e-16 of it.
#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    /// Added, it leaves an integer in the last bits.
    const SHIFT: f64 = 1.5 * (1_u64 << 52) as f64;
    /// log 2 in two parts, the first with zeros at its end.
    const HIGH: f64 = 0.693_147_180_369_123_8;
    const LOW: f64 = 1.908_214_929_270_587_7e-10;
    let shifted = x.mul_add(std::f64::consts::LOG2_E, SHIFT);
    let integer = shifted - SHIFT;
    let rest = integer.mul_add(-LOW, integer.mul_add(-HIGH, x));
    // Taylor's series on |rest| < 0.35; the next term is below 1e-17
    let series = polynomial(
        rest,
        [
            1.0 / 6_227_020_800.0,
            1.0 / 479_001_600.0,
            1.0 / 39_916_800.0,
            1.0 / 3_628_800.0,
            1.0 / 362_880.0,
            1.0 / 40_320.0,
            1.0 / 5_040.0,
            1.0 / 720.0,
            1.0 / 120.0,
            1.0 / 24.0,
            1.0 / 6.0,
            0.5,
            1.0,
            1.0,
        ],
    );
    series * f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52)
}

/// sin(πx/2) for 0 ≤ x ≤ 1, within 4e-16 of it.
#[inline(always)]
pub(super) fn quarter_sine(x: f64) -> f64 {
    let sine = small_sine(x * std::f64::consts::FRAC_PI_2);
    let cosine = small_cosine((1.0 - x) * std::f64::consts::FRAC_PI_2);
    if x <= 0.5 { sine } else { cosine }
}

/// sin on (−π/4, π/4), minimax coefficients as in fdlibm.
#[inline(always)]
pub(super) fn small_sine(angle: f64) -> f64 {
    let square = angle * angle;
    let sine = polynomial(
        square,
        [
            1.589_623_015_765_465_7e-10,
            -2.505_074_776_285_780_7e-8,
            2.755_731_362_138_572_5e-6,
            -1.984_126_982_958_954e-4,
            8.333_333_333_322_118e-3,
            -0.166_666_666_666_666_3,
        ],
    );
    (angle * square).mul_add(sine, angle)
}

/// cos on (−π/4, π/4), minimax coefficients as in fdlibm.
#[inline(always)]
pub(super) fn small_cosine(angle: f64) -> f64 {
    let square = angle * angle;
    let cosine = polynomial(
        square,
        [
            -1.135_853_652_138_768_2e-11,
            2.087_570_084_197_473e-9,
            -2.755_731_417_929_674e-7,
            2.480_158_728_885_170_5e-5,
            -1.388_888_888_887_305_6e-3,
            4.166_666_666_666_659e-2,
            -0.5,
        ],
    );
    square.mul_add(cosine, 1.0)
}

/// Horner's rule, highest coefficient first.
#[inline(always)]
pub(super) fn polynomial<F: Float, const N: usize>(x: F, coefficients: [F; N]) -> F {
    let mut sum = coefficients[0];
    for coefficient in &coefficients[1..] {
        sum = sum.mul_add(x, *coefficient);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the standard library's functions, over all magnitudes that occur.
    #[test]
    fn the_functions_are_as_accurate_as_they_say() {
        let mut worst = [0.0_f64; 3];
        for k in 1..200_000 {
            let x = 0.003_5 * f64::from(k) - 350.0;
            worst[0] = worst[0].max((exp(x) / x.exp() - 1.0).abs());
            let y = x.exp() * (1.0 + 1e-5 * f64::from(k % 997));
            worst[1] = worst[1].max(((log(y) - y.ln()) / y.ln()).abs());
            let share = f64::from(k) / 200_000.0;
            for z in [share, share * share * share * share, 1.0 - share * 1e-6] {
                let exact = (z * std::f64::consts::FRAC_PI_2).sin();
                worst[2] = worst[2].max((quarter_sine(z) / exact - 1.0).abs());
            }
        }
        println!("exp, log, sine: {worst:?}");
        assert!(worst.iter().all(|error| *error < 4e-16), "{worst:?}");
        assert_eq!(quarter_sine(1.0), 1.0);
        assert_eq!(exp(0.0), 1.0);
    }
}
