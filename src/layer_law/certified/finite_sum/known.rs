//! χ_n at the orders at which it is a rational times one of a few constants.
//!
//! Γ(x+1) = xΓ(x), so χ_n at s is one of χ_1 and χ_2 at the s₀ < 2 that s is beside by a multiple of
//! 2, times rationals. s₀ = 0: both are 1. s₀ = 1: √(2/π) and √(π/2). s₀ a half or a third: Γ of
//! quarters and of sixths, once for each precision.

use dashu_int::IBig;
use dashu_int::ops::DivRemEuclid;

use crate::layer_law::certified::elementary::{inverse_power, pi};
use crate::layer_law::certified::finite_sum::stirling::{Table, rise};
use crate::layer_law::certified::fixed::Scaled;
use crate::layer_law::certified::rational::Rational;

/// The orders s₀ are multiples of 1/6 below 2.
pub const ORDERS: usize = 12;

/// Up to how many times the n from which Stirling's series serves the product is as short.
const LONGEST: u64 = 4;

impl Table {
    /// χ_n for s ≥ 0, if the order is one of these and n so small that the product is the better
    /// way.
    pub fn known_chi(&self, n: u64, s: &Rational) -> Option<Scaled> {
        if s.is_negative() || *s.denominator() > IBig::from(3) {
            return None;
        }
        let precision = self.precision;
        let two = s.denominator() * 2;
        let (twos, rest) = s.numerator().div_rem_euclid(&two);
        let order = Rational::quotient(rest.into(), s.denominator().clone());
        let start = match usize::try_from(order.numerator() * 6 / order.denominator()).ok()? {
            0 => Scaled::one(precision),
            _ if n > LONGEST * self.base(n) => return None,
            place => {
                let low = 2 - n % 2;
                let lowest = self.known[place].get_or_init(|| self.lowest_chi(&order));
                lowest[low as usize - 1].times(&rise(low, n, &order, precision))
            }
        };
        // χ_n at s₀+2 is n + s₀ times that at s₀
        let (over, under) = (order.numerator(), order.denominator());
        let mut chi = start;
        for step in 0..u64::try_from(twos).ok()? {
            let over = under * IBig::from(n + 2 * step) + over;
            chi.mantissa = chi.mantissa.times_ratio(&over, under);
        }
        Some(Scaled::new(chi.mantissa, chi.exponent))
    }

    /// χ_1 and χ_2 at s₀.
    fn lowest_chi(&self, order: &Rational) -> [Scaled; 2] {
        if order.is_one() {
            let mut half_pi = Scaled::new(pi(self.precision), 0);
            half_pi.exponent -= 1;
            let first = inverse_power(&half_pi, &IBig::ONE, &IBig::from(2));
            let second = first.times(&half_pi);
            return [first, second];
        }
        [1, 2].map(|n| self.chi_by_series(n, order))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer_law::certified::ball::Ball;

    /// Distance of two intervals, in units of the sum of their radii.
    fn apart(one: &Ball, other: &Ball) -> f64 {
        let (off, radii) = (one.center() - other.center(), one.radius() + other.radius());
        (off / radii).to_f64().value().abs()
    }

    #[test]
    fn known_gamma_functions_are_those_of_the_series() {
        for precision in [128, 640, 3392] {
            let table = Table::new(precision);
            for order in ["0", "1", "2", "3", "1/2", "3/2", "5/2", "1/3", "2/3", "7/3"] {
                let order = Rational::parse(order).unwrap();
                for n in [1, 2, 3, 4, 17, 64, 201] {
                    let known = table.known_chi(n, &order).unwrap().ball();
                    let series = table.chi_by_series(n, &order).ball();
                    assert!(apart(&known, &series) <= 1.0, "{n}, s = {order}");
                    assert!(
                        known.digits() > precision as f64 * 0.301 - 6.0,
                        "{n}, s = {order}, {precision} bits: {}",
                        known.digits()
                    );
                    // that of one unit more is seen
                    let other = table.known_chi(n + 1, &order).unwrap().ball();
                    assert!(order.is_zero() || apart(&other, &series) > 1.0);
                }
            }
            for (n, order) in [(3, "7/10"), (1 << 40, "1/2")] {
                let order = Rational::parse(order).unwrap();
                assert!(table.known_chi(n, &order).is_none());
            }
        }
    }
}
