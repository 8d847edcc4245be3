//! The exact laws of Kolmogorov and Smirnov's two-sided statistics, of one sample and of two.

/// P(D⁺ ≥ d) as 2P is exact for the two-sided statistic below this: the paths that leave on both
/// sides are a share of p³/8 of it.
const ONE_SIDED_BELOW: f64 = 1e-4;

/// P(Dₙ ≥ d) for a sample of size n of a continuous law, to about 1e-12: Smirnov's sum where it is
/// small, else one minus the power of Durbin's matrix (Marsaglia, Tsang & Wang 2003). Time grows as
/// n^{3/2} log n.
///
/// ```
/// use isomoment::stats::ks_law::exact_tail;
/// // one value: D = max(u, 1 − u)
/// assert!((exact_tail(1, 0.75) - 0.5).abs() < 1e-14);
/// assert_eq!((exact_tail(8, 0.0), exact_tail(8, 1.0)), (1.0, 0.0));
/// ```
pub fn exact_tail(n: usize, d: f64) -> f64 {
    let size = n as f64;
    if d <= 0.5 / size {
        return 1.0;
    }
    if d >= 1.0 {
        return 0.0;
    }
    let twice = 2.0 * one_sided_tail(size, d);
    if twice < ONE_SIDED_BELOW {
        return twice;
    }
    (1.0 - durbin(n, d)).clamp(0.0, 1.0)
}

/// P(D ≥ d) for samples of sizes n and m of one continuous law, to all digits: lattice paths from
/// (0, 0) to (n, m), all equally likely, that come to a point (i, j) with |i/n − j/m| ≥ d (Hodges
/// 1957). Time grows as nm.
///
/// ```
/// use isomoment::stats::ks_law::two_sample_tail;
/// // all of the two values below all of the three, or above: 2 of 10 orders
/// assert!((two_sample_tail(2, 3, 1.0) - 0.2).abs() < 1e-15);
/// ```
pub fn two_sample_tail(n: usize, m: usize, d: f64) -> f64 {
    // the statistic is a multiple of 1/(nm)
    let least = (d * n as f64 * m as f64).round() as i128;
    // the share of the paths to (i, j) that have come so far from the diagonal
    let mut row = vec![0.0; m + 1];
    for i in 0..=n {
        for j in 0..=m {
            let apart = (i * m) as i128 - (j * n) as i128;
            row[j] = if apart.abs() >= least {
                1.0
            } else if i + j == 0 {
                0.0
            } else {
                let left = if j > 0 { row[j - 1] } else { 0.0 };
                (i as f64 * row[j] + j as f64 * left) / (i + j) as f64
            };
        }
    }
    row[m]
}

/// P(D⁺ₙ ≥ d) = d Σⱼ C(n,j) (1 − d − j/n)^{n−j} (d + j/n)^{j−1}, j ≤ n(1 − d) (Smirnov 1944).
fn one_sided_tail(n: f64, d: f64) -> f64 {
    let mut log_binomial = 0.0;
    let mut sum = 0.0;
    let mut j = 0.0;
    while j < n * (1.0 - d) {
        let (low, high) = (d + j / n, 1.0 - d - j / n);
        if high > 0.0 {
            sum += (log_binomial + (n - j) * high.ln() + (j - 1.0) * low.ln()).exp();
        }
        log_binomial += ((n - j) / (j + 1.0)).ln();
        j += 1.0;
    }
    d * sum
}

/// P(Dₙ < d) as n!/nⁿ times the middle entry of Hⁿ.
fn durbin(n: usize, d: f64) -> f64 {
    let k = (n as f64 * d).ceil() as usize;
    let h = k as f64 - n as f64 * d;
    let base = Matrix::durbin(2 * k - 1, h);
    let power = base.power(n);
    let mut probability = power.at(k - 1, k - 1);
    let mut exponent = power.exponent;
    for i in 1..=n {
        probability *= i as f64 / n as f64;
        // far from both ends of the doubles' range
        if probability < 1e-140 {
            probability *= 1e140;
            exponent -= 140;
        }
    }
    probability * 10_f64.powi(exponent)
}

/// A square matrix times a power of ten.
#[derive(Clone)]
struct Matrix {
    entries: Vec<f64>,
    size: usize,
    exponent: i32,
}

impl Matrix {
    /// Durbin's: 1/(i − j + 1)! on and below the first superdiagonal, corrected by h in the first
    /// column and the last row.
    fn durbin(size: usize, h: f64) -> Self {
        let mut entries = vec![0.0; size * size];
        for i in 0..size {
            for j in 0..size.min(i + 2) {
                entries[i * size + j] = 1.0;
            }
        }
        for i in 0..size {
            entries[i * size] -= h.powi(i as i32 + 1);
            entries[(size - 1) * size + i] -= h.powi((size - i) as i32);
        }
        if 2.0 * h > 1.0 {
            entries[(size - 1) * size] += (2.0 * h - 1.0).powi(size as i32);
        }
        for i in 0..size {
            for j in 0..size.min(i + 1) {
                for factor in 1..=i + 1 - j {
                    entries[i * size + j] /= factor as f64;
                }
            }
        }
        Self {
            entries,
            size,
            exponent: 0,
        }
    }

    fn at(&self, i: usize, j: usize) -> f64 {
        self.entries[i * self.size + j]
    }

    fn times(&self, other: &Self) -> Self {
        let size = self.size;
        let mut entries = vec![0.0; size * size];
        for i in 0..size {
            for k in 0..size {
                let factor = self.at(i, k);
                let row = &other.entries[k * size..(k + 1) * size];
                let sums = &mut entries[i * size..(i + 1) * size];
                for (sum, entry) in sums.iter_mut().zip(row) {
                    *sum += factor * entry;
                }
            }
        }
        let mut product = Self {
            entries,
            size,
            exponent: self.exponent + other.exponent,
        };
        if product.at(size / 2, size / 2) > 1e140 {
            product.entries.iter_mut().for_each(|x| *x *= 1e-140);
            product.exponent += 140;
        }
        product
    }

    /// By repeated squaring, n ≥ 1.
    fn power(&self, n: usize) -> Self {
        if n == 1 {
            return self.clone();
        }
        let half = self.power(n / 2);
        let square = half.times(&half);
        if n.is_multiple_of(2) {
            square
        } else {
            self.times(&square)
        }
    }
}
