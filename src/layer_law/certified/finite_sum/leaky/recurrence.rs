//! E X^{s/2}, or E log X and E log² X, for every number h of positive units, and their means.

use dashu_int::IBig;
use dashu_int::ops::Abs;

use crate::layer_law::certified::finite_sum::binomial::Binomial;
use crate::layer_law::certified::finite_sum::leaky::shared::Shared;
use crate::layer_law::certified::finite_sum::leaky::starts::Starts;
use crate::layer_law::certified::fixed::{Fixed, Scaled, quotient_bound};

/// The values x_h for d units with
/// h x_{h+2} = (h + s − w(s+d−h)) x_h + w(d−h) x_{h−2} + a source.
pub struct Recurrence<'a> {
    shared: &'a Shared<'a>,
    d: u64,
    /// w.
    square: [IBig; 2],
}

impl<'a> Recurrence<'a> {
    /// For so many units.
    pub fn new(shared: &'a Shared<'a>, d: u64) -> Self {
        let square = shared.leaky.square();
        Self { shared, d, square }
    }

    fn integer(&self, value: u64) -> Fixed {
        Fixed::integer(value, self.shared.table.precision)
    }

    fn starts(&self) -> Starts<'_> {
        Starts {
            shared: self.shared,
            d: self.d,
        }
    }

    /// E X^{s/2}.
    pub fn power(&self) -> Fixed {
        let starts = self.starts();
        let start = |h: u64| match h {
            0 => [self.shared.power().clone()],
            _ if h == self.d => [self.integer(1)],
            _ => [starts.power(h)],
        };
        let [mean] = self.mean(start, |_, next| next, [1.0]);
        mean
    }

    /// E log X and E log² X, whose sources are 2(1−w) and 4(1−w) E log X.
    pub fn logs(&self) -> [Fixed; 2] {
        let starts = self.starts();
        let start = |h: u64| match h {
            0 => starts.logs_of_none(),
            _ if h == self.d => [self.integer(0), self.integer(0)],
            _ => starts.logs(h),
        };
        let [over, under] = &self.square;
        let less = under - over;
        let one = self.integer(1);
        let sources = |(h, now): (u64, &[Fixed; 2]), [mean, square]: [Fixed; 2]| {
            let under = under * IBig::from(h);
            let first = one.times_ratio(&(&less * 2), &under);
            let second = now[0].times_ratio(&(&less * 4), &under);
            [mean.plus(&first), square.plus(&second)]
        };
        let range = self.shared.leaky.log_range();
        self.mean(start, sources, [range, range * range])
    }

    /// x_{h+2} without its source.
    fn next(&self, h: u64, before: &Fixed, now: &Fixed) -> Fixed {
        let (u, v) = (
            self.shared.order.numerator(),
            self.shared.order.denominator(),
        );
        let [over, under] = &self.square;
        let rest = v * IBig::from(self.d - h);
        let first = (v * IBig::from(h) + u) * under - (u + &rest) * over;
        let second = rest * over;
        let under = v * IBig::from(h) * under;
        Fixed {
            units: (&now.units * &first + &before.units * &second) / &under,
            error: now.error * quotient_bound(&first.abs(), &under)
                + before.error * quotient_bound(&second, &under)
                + 1.0,
            precision: now.precision,
        }
    }

    /// 2^{−d} Σ C(d,h) x_h from the first values, with |x_h| up to some size.
    fn mean<const N: usize>(
        &self,
        start: impl Fn(u64) -> [Fixed; N],
        with_source: impl Fn((u64, &[Fixed; N]), [Fixed; N]) -> [Fixed; N],
        sizes: [f64; N],
    ) -> [Fixed; N] {
        let precision = self.shared.table.precision;
        let mut sums = [0; N].map(|_| self.integer(0));
        let none = Scaled {
            exponent: -isize::try_from(self.d).unwrap_or(isize::MAX),
            ..Scaled::one(precision)
        };
        let mut add = |weight: &Fixed, values: &[Fixed; N]| {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum = sum.plus(&weight.times(value));
            }
        };
        let mut left_out = 0.0;
        let lowest = start(0);
        add(&none.fixed(), &lowest);
        // a single unit is one of two, h = 0 and 1
        for parity in u64::from(self.d == 1)..2 {
            let (weights, rest) = self.weights(parity);
            left_out += rest;
            let mut weights = weights.into_iter().peekable();
            let first = 2 - parity;
            let mut now = start(first);
            let mut before = if parity == 0 {
                lowest.clone()
            } else {
                now.clone()
            };
            let mut h = first;
            while let Some((n, weight)) = weights.peek() {
                if *n == h {
                    add(weight, &now);
                    weights.next();
                }
                if weights.peek().is_none() {
                    break;
                }
                let next = if h == 1 {
                    start(3)
                } else {
                    let next = std::array::from_fn(|i| self.next(h, &before[i], &now[i]));
                    with_source((h, &now), next)
                };
                before = std::mem::replace(&mut now, next);
                h += 2;
            }
        }
        for (sum, size) in sums.iter_mut().zip(sizes) {
            sum.error += left_out * size;
        }
        sums
    }

    /// C(d,h)/2^d for h ≥ 1 of one parity, and a bound on the sum of those left out.
    fn weights(&self, parity: u64) -> (Vec<(u64, Fixed)>, f64) {
        let halves = Binomial {
            trials: self.d,
            hit: IBig::ONE,
            miss: IBig::ONE,
        };
        let (first, second) = halves.anchors();
        let anchor = [Some(first), second]
            .into_iter()
            .flatten()
            .find(|n| n % 2 == parity);
        let Some(anchor) = anchor else {
            return (Vec::new(), 0.0);
        };
        let start = halves
            .probability(anchor, self.shared.table.precision)
            .fixed();
        halves.chain(anchor, &start, None).into_weights()
    }
}
