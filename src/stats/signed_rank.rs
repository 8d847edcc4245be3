//! Wilcoxon's signed-rank test of paired differences, by its exact law.

use crate::error::{Error, Result};

/// Most pairs: the law takes time and numbers proportional to pairs³ and pairs².
const MOST_PAIRS: usize = 1000;

/// Wilcoxon's signed-rank statistic of paired differences, and its p-value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedRank {
    /// Differences that are not zero.
    pub pairs: usize,
    /// W₊, the sum of the ranks of the positive ones among all magnitudes.
    pub positive: f64,
    /// Two-sided p-value: twice the smaller of P(W₊ ≤ w) and P(W₊ ≥ w), at most 1.
    pub p_value: f64,
}

/// Tests whether differences are as often and as far above zero as below: that their law is
/// symmetric about zero.
///
/// Zeros are dropped, tied magnitudes have the mean of their ranks, and the law of W₊ is that under
/// all 2ⁿ patterns of signs, each as likely, ties included: the p-value is exact to rounding, whatever
/// the differences' law. With magnitudes that are all equal it is the sign test. Without a
/// difference that is not zero the p-value is 1.
///
/// Wilcoxon, F. (1945), Individual comparisons by ranking methods; Pratt, J. & Gibbons, J. (1981),
/// Concepts of nonparametric theory, for ties.
///
/// # Errors
/// [`Error::Domain`] for a difference that is not finite, and for more than 1000 that are not zero.
///
/// ```
/// use isomoment::stats::signed_rank::signed_rank;
/// // all of five positive: two of 32 patterns are as far out
/// let test = signed_rank(&[0.3, 1.2, 0.1, 0.7, 0.2]).unwrap();
/// assert_eq!((test.positive, test.p_value), (15.0, 2.0 / 32.0));
/// ```
pub fn signed_rank(differences: &[f64]) -> Result<SignedRank> {
    if let Some(odd) = differences.iter().find(|d| !d.is_finite()) {
        return Err(Error::domain("difference", odd, "finite"));
    }
    let mut sorted: Vec<f64> = differences.iter().copied().filter(|&d| d != 0.0).collect();
    if sorted.len() > MOST_PAIRS {
        return Err(Error::domain("pairs", sorted.len(), "at most 1000"));
    }
    sorted.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    // twice the mean rank of a group is first + last, an integer
    let mut doubled = Vec::with_capacity(sorted.len());
    for group in sorted.chunk_by(|a, b| a.abs() == b.abs()) {
        let first = doubled.len() + 1;
        let last = doubled.len() + group.len();
        doubled.extend(std::iter::repeat_n(first + last, group.len()));
    }
    let ranks = doubled.iter().zip(&sorted);
    let positive: usize = ranks.filter(|(_, d)| **d > 0.0).map(|(rank, _)| rank).sum();
    let law = law(&doubled);
    let below: f64 = law[..=positive].iter().sum();
    let above: f64 = law[positive..].iter().sum();
    Ok(SignedRank {
        pairs: sorted.len(),
        positive: positive as f64 / 2.0,
        p_value: (2.0 * below.min(above)).min(1.0),
    })
}

/// The chance of each sum of the ranks that have a plus, each with probability ½.
fn law(ranks: &[usize]) -> Vec<f64> {
    let mut law = vec![0.0; ranks.iter().sum::<usize>() + 1];
    law[0] = 1.0;
    let mut largest = 0;
    for rank in ranks {
        largest += rank;
        for sum in (0..=largest).rev() {
            let without = law[sum];
            let with = sum.checked_sub(*rank).map_or(0.0, |rest| law[rest]);
            law[sum] = 0.5 * (without + with);
        }
    }
    law
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// Number, shift, W₊, p-value.
    const SCIPY: [(i32, f64, f64, f64); 6] = [
        (5, 0.9, 12.0, 0.3125),
        (12, 0.2, 48.0, 0.518_554_687_5),
        (20, -0.35, 41.0, 0.015_312_194_824_218_75),
        (20, 0.6, 175.0, 0.007_295_608_520_507_812_5),
        (50, 0.1, 776.0, 0.184_448_979_276_917_06),
        (50, 0.4, 1007.0, 0.000_230_874_985_179_596_6),
    ];

    /// SciPy 1.17.1: `wilcoxon(x, method="exact")` of samples without ties; with ties all patterns of
    /// signs, one by one.
    #[test]
    fn p_values_are_scipys_and_those_of_all_patterns() {
        let sample = |n: i32, shift: f64| -> Vec<f64> {
            (0..n)
                .map(|i| (f64::from(i * i % 101) + 0.37 * f64::from(i)).sin() + shift)
                .collect()
        };
        for (n, shift, positive, p) in SCIPY {
            let test = signed_rank(&sample(n, shift)).unwrap();
            assert_eq!((test.pairs, test.positive), (n as usize, positive));
            assert_relative_eq!(test.p_value, p, max_relative = 1e-12);
        }
        let ties = [
            1.0, 1.0, -1.0, 2.0, -2.0, 3.0, 3.0, 3.0, -0.5, 0.0, 0.5, 4.0,
        ];
        let ranks = [4.0, 4.0, 4.0, 6.5, 6.5, 9.0, 9.0, 9.0, 1.5, 1.5, 11.0];
        let (mut below, mut above) = (0, 0);
        for pattern in 0..1 << ranks.len() {
            let kept = ranks
                .iter()
                .enumerate()
                .filter(|(i, _)| pattern >> i & 1 == 1);
            let sum: f64 = kept.map(|(_, rank)| rank).sum();
            below += i32::from(sum <= 54.0);
            above += i32::from(sum >= 54.0);
        }
        let test = signed_rank(&ties).unwrap();
        assert_eq!((test.pairs, test.positive), (11, 54.0));
        assert_relative_eq!(
            test.p_value,
            2.0 * f64::from(below.min(above)) / 2048.0,
            max_relative = 1e-14
        );
    }

    #[test]
    fn zeros_say_nothing_and_odd_numbers_are_refused() {
        assert_eq!(signed_rank(&[0.0; 3]).unwrap().p_value, 1.0);
        assert_eq!(signed_rank(&[]).unwrap().p_value, 1.0);
        assert!(signed_rank(&[1.0, f64::NAN]).is_err());
        assert!(signed_rank(&vec![1.0; 1001]).is_err());
        // the sign test: 8 of 10 have a plus, 2·56/1024
        let signs = [1.0, 1.0, 1.0, -1.0, 1.0, 1.0, 1.0, 1.0, -1.0, 1.0];
        assert_relative_eq!(signed_rank(&signs).unwrap().p_value, 112.0 / 1024.0);
    }
}
