"""tests/data/edf.csv: exact p-values of two tests of fit at small sizes.

Of the Cramér–von Mises and the Anderson–Darling statistic W of n numbers E e^{−tW} is an n-fold
iterated integral, F_i(u) = i ∫_{v<u} F_{i−1}(v) e^{−t s_i(v)} dv, of smooth functions, taken by
Gauss–Legendre panels. P(W > x) = (1/2πi) ∫ e^{tx} E[e^{−tW}]/(−t) dt on a line Re t = −a < 0, by
midpoints; two lines must agree. `python3 edf.py fit` prints the coefficients in
src/stats/edf_law.rs, fitted to the rows of the table but for n = 9 and 12.
"""

import math
import sys
from collections.abc import Iterator

import numpy as np
from numpy.polynomial import chebyshev, legendre

from table import Row, Table, run

TABLE = Table("edf.csv", ["test", "n", "x"], ["p_value"])

NODES = 16
PLACES, WEIGHTS = legendre.leggauss(NODES)

# integrals of the Lagrange polynomials from −1 to each node
_INTEGRALS = np.column_stack(
    [legendre.legval(PLACES, legendre.legint(np.eye(NODES)[k], lbnd=-1)) for k in range(NODES)]
)
CUMULATIVE = _INTEGRALS @ np.linalg.inv(legendre.legvander(PLACES, NODES - 1))

# what the table and the fit span: x, the smallest p-value that is fitted, and the one from which
# the factor is held
SPAN = {"cvm": (1 / 60, 2.1), "ad": (0.1, 12.0)}
LEAST = 2e-6
HELD = 1e-5
DEGREES = {"cvm": (6, 11), "ad": (3, 12)}
HELD_OUT = (9, 12)


def transform(t: complex, n: int, test: str) -> complex:
    """E exp(−t·statistic)."""
    turns = abs(t.imag)
    if test == "cvm":
        low, high = 0.0, 1.0
        panels = int(6 + turns / 12 + 3 * math.sqrt(abs(t)))
    else:  # in the logit of u
        low, high = -36.0, 36.0
        panels = int(40 + 7.2 * turns)
    half = 0.5 * (high - low) / panels
    s = low + half * (2 * np.arange(panels)[:, None] + 1 + PLACES[None, :])
    log_u, log_v = -np.logaddexp(0, -s), -np.logaddexp(0, s)
    inner = np.ones((panels, NODES), complex)
    total = 1 + 0j
    for i in range(1, n + 1):
        if test == "cvm":
            exponent = -t * ((s - (2 * i - 1) / (2 * n)) ** 2 + 1 / (12 * n**2))
        else:
            logs = ((2 * i - 1) * log_u + (2 * n + 1 - 2 * i) * log_v) / n
            exponent = t * (1 + logs) + log_u + log_v
        values = inner * np.exp(exponent) * i
        ends = np.concatenate(([0], np.cumsum(half * (values @ WEIGHTS))))
        inner = half * (values @ CUMULATIVE.T) + ends[:-1, None]
        total = ends[-1]
    return complex(total)


def tails(test: str, n: int, xs: np.ndarray, shift: float) -> np.ndarray:
    """P(statistic > x) from one line."""
    step = 2 * math.pi / (10 if test == "cvm" else 60)
    end = 6000 if test == "cvm" else 700
    scale = abs(transform(complex(-shift), n, test)) / shift
    sums, quiet, k = np.zeros(len(xs)), 0, 0
    while quiet < 20 and k * step < end:
        t = complex(-shift, (k + 0.5) * step)
        term = transform(t, n, test) / -t
        sums += (np.exp(t * xs) * term).real
        quiet = quiet + 1 if abs(term) < 1e-8 * scale else 0
        k += 1
    return sums * step / math.pi


def limit(test: str, x: float) -> float:
    """The same of an infinite sample (Smirnov's formula, as in src/stats/edf_law.rs)."""
    total = 0.0
    for k in range(1, 25):
        j = np.array([2.0 * k - 1, 2.0 * k])
        left, right = (math.pi * j) ** 2 if test == "cvm" else j * (j + 1)
        angles = (np.arange(64) + 0.5) * math.pi / 64
        u = 0.5 * (left + right) - 0.5 * (right - left) * np.cos(angles)
        if test == "cvm":
            product = np.sin(np.sqrt(u)) / np.sqrt(u)
        else:
            product = -np.cos(0.5 * math.pi * np.sqrt(1 + 4 * u)) / (math.pi * u)
        terms = np.sin(angles) * np.exp(-0.5 * u * x) / (u * np.sqrt(np.abs(product)))
        total += (1 if k % 2 else -1) * 0.5 * (right - left) * float(np.sum(terms)) / 64
    return total


def grid(test: str) -> np.ndarray:
    """Where the laws are tabulated."""
    low, high = SPAN[test]
    logs = np.exp(np.linspace(math.log(low), math.log(high), 40))
    return np.sort(np.concatenate([logs, np.linspace(low, high, 42)[1:-1]]))


def cases() -> Iterator[Row]:
    """Both tests at the sizes where a law is needed."""
    for test in ("cvm", "ad"):
        for n in (5, 6, 7, 8, 9, 10, 12, 14, 20, 30, 40):
            for x in grid(test):
                yield {"test": test, "n": str(n), "x": repr(float(x))}


_KNOWN: dict[tuple[str, int], dict[str, float]] = {}


def compute(case: Row) -> Row:
    """One row; a law is computed once for all its rows."""
    test, n = case["test"], int(case["n"])
    if (test, n) not in _KNOWN:
        xs = grid(test)
        near, far = ((2.5, 4.0), (0.35, 0.75))[test == "ad"]
        low, high = tails(test, n, xs, near), tails(test, n, xs, far)
        middle = (low < 0.2) & (low > 3e-3)
        assert np.max(np.abs(low[middle] / high[middle] - 1)) < 1e-5, (test, n)
        values = np.where(low > 0.05, low, high)
        _KNOWN[test, n] = dict(zip(map(repr, map(float, xs)), map(float, values), strict=True))
    # below 1e-9 the sums have no digits
    value = min(1.0, max(_KNOWN[test, n][case["x"]], 0.0))
    return {"p_value": f"{value:.4e}" if value > 1e-9 else "0"}


def fit(test: str) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of log(p/p_∞), and in powers of 1/n of the x at which p is HELD.

    The first are those of powers of 1/n (rows) and of Chebyshev polynomials in x (columns).
    """
    laws: dict[int, list[tuple[float, float]]] = {}
    for row in TABLE.stored():
        if row["test"] == test and int(row["n"]) not in HELD_OUT:
            laws.setdefault(int(row["n"]), []).append((float(row["x"]), float(row["p_value"])))
    (powers, degree), (low, high) = DEGREES[test], SPAN[test]
    rows, wanted, sizes, ends = [], [], [], []
    for n, law in laws.items():
        for x, p in law:
            if p > LEAST and x > 1 / (12 * n) + 1e-9:
                place = np.array([2 * (x - low) / (high - low) - 1])
                terms = chebyshev.chebvander(place, degree)[0]
                rows.append(np.concatenate([terms / n**k for k in range(1, powers + 1)]))
                wanted.append(math.log(p / limit(test, x)))
        logs = [(math.log(p), x) for x, p in law if p > 1e-7]
        sizes.append(n)
        ends.append(
            float(np.interp(-math.log(HELD), [-log for log, _ in logs], [x for _, x in logs]))
        )
    solution = np.linalg.lstsq(np.array(rows), np.array(wanted), rcond=1e-13)[0]
    inverse = np.vander(1 / np.array(sizes), 5, increasing=True)
    end = np.linalg.lstsq(inverse, np.array(ends), rcond=None)[0]
    return solution.reshape(powers, degree + 1), end


if __name__ == "__main__":
    if sys.argv[1:] == ["fit"]:
        for name in ("cvm", "ad"):
            table, last = fit(name)
            print(name, "last", [float(f"{c:.6g}") for c in last])
            for line in table:
                print("   ", [float(f"{c:.9g}") for c in line])
    else:
        run(TABLE, list(cases()), compute)
