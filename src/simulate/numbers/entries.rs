//! A stream of the entries of weight matrices that are not normal.

use std::fmt;

use rand::Rng;

use crate::simulate::numbers::generators::Lanes;
use crate::simulate::numbers::source::Source;
use crate::simulate::numbers::{BLOCK, Normals, Real, cast};

/// The law of the independent entries of a weight matrix, of mean 0 and of the variance that a layer's
/// scale says.
///
/// The laws of this library are those of normal entries. With others E‖x‖² is the same; other moments
/// are not, and nearly so in wide layers (docs/accuracy.md has the sizes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "runs", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "runs", serde(rename_all = "kebab-case"))]
pub enum Entries {
    /// Normal.
    #[default]
    Normal,
    /// Uniform on ±√3 standard deviations, as PyTorch's `kaiming_uniform_`.
    Uniform,
    /// Normal numbers of at most two of *their* standard deviations, widened by 1/0.8796 to the
    /// variance that the scale says, as Keras and JAX draw.
    Truncated,
}

/// `normal`, `uniform` or `truncated`.
impl fmt::Display for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Normal => "normal",
            Self::Uniform => "uniform",
            Self::Truncated => "truncated",
        })
    }
}

/// 1 over the standard deviation of N(0,1) given |z| ≤ 2, 1 − 4φ(2)/(2Φ(2) − 1) its square.
const WIDENED: f64 = 1.136_847_234_338_556_5;

/// A stream of independent numbers of mean 0 and variance 1.
#[derive(Debug, Clone)]
pub(crate) struct Standardized<F> {
    law: Law<F>,
    block: Box<[F; BLOCK]>,
    used: usize,
}

#[derive(Debug, Clone)]
enum Law<F> {
    Uniform(Lanes),
    Truncated(Normals<F>),
}

impl<F: Real> Standardized<F> {
    /// Seeded from the stream's next words; none for normal entries, which [`Normals`] makes.
    pub fn new(entries: Entries, stream: &mut impl Rng) -> Option<Self> {
        let law = match entries {
            Entries::Normal => return None,
            Entries::Uniform => Law::Uniform(Lanes::new(stream)),
            Entries::Truncated => Law::Truncated(Normals::new(stream)),
        };
        Some(Self {
            law,
            block: Box::new([F::default(); BLOCK]),
            used: BLOCK,
        })
    }
}

impl<F: Real> Source for Standardized<F> {
    type Number = F;

    #[inline(always)]
    fn refill(&mut self) {
        match &mut self.law {
            Law::Uniform(lanes) => {
                let mut words = [0; BLOCK];
                lanes.fill(&mut words);
                // the middles of 2⁵³ equal parts of (−√3, √3)
                let side = 3.0_f64.sqrt();
                for (number, word) in self.block.iter_mut().zip(words) {
                    let middle = (word >> 11) as f64 + 0.5;
                    *number = cast(middle.mul_add(f64::EPSILON, -1.0) * side);
                }
            }
            Law::Truncated(normals) => {
                let (two, widened) = (cast::<F>(2.0), cast::<F>(WIDENED));
                let mut kept = 0;
                while kept < BLOCK {
                    for &z in normals.take(BLOCK - kept) {
                        if z.abs() <= two {
                            self.block[kept] = z * widened;
                            kept += 1;
                        }
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn block(&mut self) -> (&[F; BLOCK], &mut usize) {
        (&self.block, &mut self.used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::numbers::source::fill;
    use crate::simulate::numbers::source::tests::every_processor_gives_the_same_bits;
    use crate::simulate::streams::trajectory_stream;
    use crate::stats::location::normal_cdf;

    const BOTH: [Entries; 2] = [Entries::Uniform, Entries::Truncated];

    #[test]
    fn of_every_processor() {
        for entries in BOTH {
            let stream = || trajectory_stream(1, 2);
            every_processor_gives_the_same_bits(
                Standardized::<f64>::new(entries, &mut stream()).unwrap(),
            );
            every_processor_gives_the_same_bits(
                Standardized::<f32>::new(entries, &mut stream()).unwrap(),
            );
        }
    }

    /// The constant against φ(2) and Φ(2), and 10⁶ numbers against mean 0, variance 1, the law's ends
    /// and its fourth moment: 9/5; of the truncated law 3 − (m + 2³·4φ(2)…) by its recursion.
    #[test]
    fn have_their_moments() {
        let phi = (-2.0_f64).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let inside = 1.0 - 2.0 * normal_cdf(-2.0);
        // E z^n = (n−1) E z^{n−2} − 2·2^{n−1} φ(2)/inside
        let second = 1.0 - 4.0 * phi / inside;
        let fourth = 3.0 * second - 16.0 * phi / inside;
        assert!((WIDENED - second.sqrt().recip()).abs() < 1e-15);
        let expected = [
            (3.0_f64.sqrt(), 1.8),
            (2.0 * WIDENED, fourth / second.powi(2)),
        ];
        for (entries, (end, kurtosis)) in BOTH.into_iter().zip(expected) {
            let mut numbers = vec![0.0; 1_000_000];
            let mut stream =
                Standardized::<f64>::new(entries, &mut trajectory_stream(3, 4)).unwrap();
            fill(&mut stream, &mut numbers);
            let moment = |n: i32| numbers.iter().map(|z| z.powi(n)).sum::<f64>() / 1e6;
            // five standard errors
            assert!(moment(1).abs() < 5e-3, "{entries:?}");
            assert!((moment(2) - 1.0).abs() < 5e-3 * (kurtosis - 1.0_f64).sqrt());
            assert!(
                (moment(4) - kurtosis).abs() < 0.02,
                "{entries:?}: {}",
                moment(4)
            );
            let largest = numbers.iter().fold(0.0, |m: f64, z| m.max(z.abs()));
            assert!(
                largest <= end && largest > 0.9999 * end,
                "{entries:?}: {largest}"
            );
        }
    }
}
