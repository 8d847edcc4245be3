"""tests/data/goodness.csv: test statistics and p-values of SciPy for a fixed sample.

The sample is frac(i·0.6180339887498949)^power, i = 1 … n. The two-sample test compares it with the
sample of n + 37 at power 1, chi² counts ten equal cells, the binomial test values below 0.3 at
probability 0.3. The Anderson–Darling statistic is computed from its definition.
"""

import math
from collections.abc import Iterator

import numpy as np
from mpmath import mp
from scipy import stats

from table import Row, Table, run

TABLE = Table("goodness.csv", ["test", "n", "power"], ["statistic", "p_value"])

GOLDEN = 0.6180339887498949


def sample(n: int, power: float) -> np.ndarray:
    """The sample, its powers those of the C library."""
    return np.array([math.modf(i * GOLDEN)[0] ** power for i in range(1, n + 1)])


def exact_tail(n: int, d: float) -> float:
    """P(D >= d) by Durbin's matrix in 60 digits (Marsaglia, Tsang & Wang 2003)."""
    with mp.workdps(60):
        exact = mp.mpf(d)
        k = int(mp.ceil(n * exact))
        h = k - n * exact
        size = 2 * k - 1
        matrix = mp.zeros(size)
        for i in range(size):
            for j in range(min(size, i + 2)):
                matrix[i, j] = 1
        for i in range(size):
            matrix[i, 0] -= h ** (i + 1)
            matrix[size - 1, i] -= h ** (size - i)
        if 2 * h > 1:
            matrix[size - 1, 0] += (2 * h - 1) ** size
        for i in range(size):
            for j in range(min(size, i + 1)):
                matrix[i, j] /= mp.factorial(i - j + 1)
        # the middle row of the n-th power, a product with a row at a time
        row = [mp.mpf(i == k - 1) for i in range(size)]
        for factor in range(1, n + 1):
            row = [
                mp.fsum(row[i] * matrix[i, j] for i in range(max(0, j - 1), size)) * factor / n
                for j in range(size)
            ]
        return float(1 - row[k - 1])


def fit(test: str, n: int, power: float) -> tuple[float, float]:
    """Statistic and p-value of a test for uniform values."""
    data = sample(n, power)
    match test:
        case "ks":
            result = stats.kstest(data, "uniform", method="exact" if n <= 1000 else "asymp")
            if 140 < n <= 1000:  # SciPy's "exact" is an expansion there, good to 1e-7
                return float(result.statistic), exact_tail(n, float(result.statistic))
        case "cvm":
            result = stats.cramervonmises(data, "uniform")
        case "ad":
            ordered = np.sort(data)
            weights = 2 * np.arange(1, n + 1) - 1
            terms = weights * (np.log(ordered) + np.log1p(-ordered[::-1]))
            return float(-n - np.mean(terms)), float("nan")
        case "ks2":
            method = "exact" if n * (n + 37) <= 1_000_000 else "asymp"
            result = stats.ks_2samp(data, sample(n + 37, 1.0), method=method)
        case "chi2":
            result = stats.chisquare(np.histogram(data, bins=10, range=(0.0, 1.0))[0])
        case "binomial":
            below = int(np.sum(data < 0.3))
            # twice the smaller tail, which is the library's definition, not SciPy's
            tails = stats.binom.cdf(below, n, 0.3), stats.binom.sf(below - 1, n, 0.3)
            return float(below), float(min(1.0, 2 * min(tails)))
        case _:
            raise ValueError(test)
    return float(result.statistic), float(result.pvalue)


def cases() -> Iterator[Row]:
    """Every test at three sizes and powers; those with exact laws at small sizes too."""
    for n in (1, 2, 5, 8, 20, 50, 99, 500):
        for power in (1.0, 1.3, 2.0, 5.0):
            for test in ("ks", "ks2"):
                yield {"test": test, "n": str(n), "power": str(power)}
    for n in (150, 1000, 5000):
        for power in (1.0, 1.03, 1.3):
            for test in ("ks", "cvm", "ad", "ks2", "chi2", "binomial"):
                yield {"test": test, "n": str(n), "power": str(power)}


def compute(case: Row) -> Row:
    """One row, each number the shortest decimal of its double."""
    statistic, p_value = fit(case["test"], int(case["n"]), float(case["power"]))
    return {"statistic": repr(statistic), "p_value": repr(p_value).replace("nan", "NaN")}


if __name__ == "__main__":
    run(TABLE, list(cases()), compute)
