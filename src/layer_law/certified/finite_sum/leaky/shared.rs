//! What the sums for all numbers of units have in common: each is computed when it is first needed.

use std::cell::OnceCell;

use crate::layer_law::certified::elementary::{ln, power_of_fraction};
use crate::layer_law::certified::finite_sum::leaky::Leaky;
use crate::layer_law::certified::finite_sum::stirling::{Table, rise};
use crate::layer_law::certified::fixed::{Fixed, Scaled};
use crate::layer_law::certified::rational::Rational;

/// A layer at an order s, 0 for logarithms, and a precision.
pub struct Shared<'a> {
    pub leaky: &'a Leaky,
    pub order: &'a Rational,
    pub table: &'a Table,
    lowest: [OnceCell<Scaled>; 2],
    rest: OnceCell<Scaled>,
    power: OnceCell<Fixed>,
    log_square: OnceCell<Fixed>,
}

impl<'a> Shared<'a> {
    pub fn new(leaky: &'a Leaky, order: &'a Rational, table: &'a Table) -> Self {
        Self {
            leaky,
            order,
            table,
            lowest: [const { OnceCell::new() }; 2],
            rest: OnceCell::new(),
            power: OnceCell::new(),
            log_square: OnceCell::new(),
        }
    }

    /// χ_n, from χ_1 or χ_2 where the product is short.
    pub fn chi(&self, n: u64) -> Scaled {
        if let Some(known) = self.table.known_chi(n, self.order) {
            return known;
        }
        if n > self.table.base(n) {
            return self.table.chi(n, self.order);
        }
        let low = 2 - n % 2;
        let lowest = self.lowest[low as usize - 1].get_or_init(|| self.table.chi(low, self.order));
        lowest.times(&rise(low, n, self.order, self.table.precision))
    }

    /// χ_1/χ_2 for the order 4 − s.
    pub fn rest(&self) -> &Scaled {
        self.rest.get_or_init(|| {
            let (u, v) = (self.order.numerator(), self.order.denominator());
            let order = Rational::quotient(v * 4 - u, v.clone());
            let [one, two] = [1, 2].map(|n| self.table.chi(n, &order));
            one.over(&two)
        })
    }

    /// |a|^s.
    pub fn power(&self) -> &Fixed {
        let slope = &self.leaky.slope;
        let power = || power_of_fraction(slope, self.order, self.table.precision).fixed();
        self.power.get_or_init(power)
    }

    /// log w.
    pub fn log_square(&self) -> &Fixed {
        self.log_square.get_or_init(|| {
            let [over, under] = self.leaky.square();
            ln(&Scaled::ratio(&over, &under, self.table.precision))
        })
    }
}
