//! The transform's series at infinity where slopes come arbitrarily close to 0: with a logarithm.

use crate::layer_law::certified::arithmetic::{Real, coarse, exact_integer, integer, size};
use crate::layer_law::certified::units::Units;

/// M = P(c=0) + y (b_0 + β log t) + Σ_{k≥1} b_k y^{2k+1}, y = t^{−1/2}.
pub struct LogCoefficients {
    /// b_0, b_1, …
    pub powers: Vec<Real>,
    /// β > 0.
    pub log: Real,
    /// The atoms' part of b_0.
    pub atoms: Real,
    /// Σ|log 2√2A| over the bounds A ≠ 0, times 2β over their number: |b_0| less the atoms' part,
    /// without cancellation.
    pub size: Real,
    /// The smallest of the atoms' c and of A².
    pub lowest: Real,
}

impl Units {
    /// The series to some terms; `None` where slopes stay away from 0.
    pub fn log_coefficients(&self, terms: usize) -> Option<LogCoefficients> {
        let uniform = self.uniform.as_ref()?;
        let bounds: Vec<(&Real, &Real)> = [&uniform.lower, &uniform.upper]
            .into_iter()
            .zip(uniform.logs.as_ref()?)
            .filter_map(|(bound, log)| Some((bound, log.as_ref()?)))
            .collect();
        let precision = self.dead.precision();
        let two = exact_integer(2);
        // E(1+2tA²)^{−1/2} = y/(√2(u−l)) Σ asinh(|A|√2/y)
        let front = &uniform.weight / (integer(2, precision).sqrt() * &uniform.length);
        let mut atoms: Vec<Real> = (self.atoms.iter())
            .map(|(c, w)| w / (&two * c).sqrt())
            .collect();
        let atoms_first: Real = atoms.iter().map(coarse).sum();
        let mut parts: Vec<Real> = bounds.iter().map(|_| front.clone()).collect();
        let mut binomial = integer(1, precision);
        let mut powers = Vec::with_capacity(terms);
        for k in 0..terms as i64 {
            if k > 0 {
                binomial = -binomial * exact_integer(2 * k - 1) / exact_integer(2 * k);
            }
            let mut sum = integer(0, precision);
            for (power, (c, _)) in atoms.iter_mut().zip(&self.atoms) {
                sum += &*power * &binomial;
                *power = &*power / (&two * c);
            }
            for (power, (bound, log)) in parts.iter_mut().zip(&bounds) {
                // log 2z − Σ_{k≥1} C(−½,k)/(2k) z^{−2k}
                if k == 0 {
                    sum += &*power * *log;
                } else {
                    sum -= &*power * &binomial / exact_integer(2 * k);
                }
                *power = &*power / (&two * *bound * *bound);
            }
            powers.push(sum);
        }
        let squares = bounds
            .iter()
            .map(|(bound, _)| coarse(bound) * coarse(bound));
        let lowest = (self.atoms.iter().map(|(c, _)| coarse(c)))
            .chain(squares)
            .reduce(|low, c| if c < low { c } else { low })?;
        let sizes: Real = bounds.iter().map(|(_, log)| size(coarse(log))).sum();
        Some(LogCoefficients {
            powers,
            log: &front * exact_integer(bounds.len() as i64) / two,
            atoms: atoms_first,
            size: sizes * coarse(&front),
            lowest,
        })
    }
}
