"""tests/data/residual.csv: residual blocks, R = (1 + r g)² + r²χ²_{d−1} with r² = τ²Q.

Given Q, E[R^p] = (2r²)^p Γ(d/2+p)/Γ(d/2) ₁F₁(−p; d/2; −1/(2r²)). Q is a mixture of χ² laws with
binomial weights: the expectation is a trapezoidal sum in log Q. Mean and variance of ½ log R are
differences of the moment at p = ±10⁻¹⁴ in 70 digits.
"""

from functools import cache

from mpmath import binomial, exp, gamma, hyp1f1, log, loggamma, mp, mpf, nstr

from table import Row, Table, run

KEYS = ["activation", "keep", "hidden", "width", "branch", "s"]
TABLE = Table("residual.csv", KEYS, ["moment", "skip", "mean_log", "var_log"])

DIGITS = 20
SHAPES = [
    (1, 1, "1"),
    (1, 1, "0.01"),
    (2, 2, "0.5"),
    (2, 2, "0.001"),
    (8, 1, "0.03125"),
    (8, 8, "0.03125"),
    (8, 8, "25"),
    (8, 3, "1e-6"),
    (1, 64, "0.25"),
    (64, 64, "0.000244140625"),
    (64, 2, "0.0001"),
    (256, 64, "1e-5"),
    (32, 1000, "0.001"),
]
UNITS = [("linear", "1"), ("relu", "1"), ("relu", "0.5")]
ORDERS = ["0.01", "0.5", "1", "1.5", "2", "3", "3.5", "4", "5.5", "8"]
CASES = [
    dict(zip(KEYS, [*units, str(hidden), str(width), branch, s], strict=True))
    for units in UNITS
    for hidden, width, branch in SHAPES
    for s in ORDERS
]


@cache
def hidden_law(activation: str, keep: str, hidden: int) -> tuple[mpf, list[tuple[mpf, mpf]]]:
    """P(Q = 0), and values of Q with their weights in the trapezoidal sum."""
    alive = mpf(1) if activation == "linear" else mpf(keep) / 2
    chances = [
        binomial(hidden, n) * alive**n * (1 - alive) ** (hidden - n) for n in range(hidden + 1)
    ]
    counts = [n for n in range(1, hidden + 1) if chances[n] > mpf(10) ** -32]
    fronts = [log(chances[n]) - loggamma(mpf(n) / 2) - n * log(mpf(2)) / 2 for n in counts]
    step = mpf("0.11") * min(mpf(1), 5 / mpf(hidden) ** 0.5)
    nodes = []
    u = log(mpf(counts[0])) - 1 - 2 * 32 * log(mpf(10)) / counts[0]
    while True:
        q = exp(u)
        parts = zip(fronts, counts, strict=True)
        weight = step * sum(exp(front + n * u / 2 - q / 2) for front, n in parts)
        if q > hidden and weight < mpf(10) ** -50:
            return chances[0], nodes
        if q > hidden or weight > mpf(10) ** -32:
            nodes.append((q / mpf(keep) ** 2, weight))
        u += step


def given(p: mpf, width: int, r2: mpf) -> mpf:
    """E[R^p | r²]."""
    half = mpf(width) / 2
    if r2 < mpf(10) ** -3:
        # the asymptotic series, where it has the digits
        term = total = mpf(1)
        for k in range(200):
            factor = (p - k) * (width + 2 * (p - k) - 2) * r2 / (k + 1)
            if abs(factor) > 1:
                break
            term *= factor
            total += term
            if abs(term) < mpf(10) ** -72:
                return total
    return (2 * r2) ** p * gamma(half + p) / gamma(half) * hyp1f1(-p, half, -1 / (2 * r2))


@cache
def moment(case: tuple[str, ...], p: mpf) -> mpf:
    """E[R^p]."""
    activation, keep, hidden, width, branch = case
    dead, nodes = hidden_law(activation, keep, int(hidden))
    total = dead + sum(weight for _, weight in nodes)
    if abs(total - 1) > mpf(10) ** -26:
        raise SystemExit(f"the weights of {case} add up to 1 + {nstr(total - 1, 3)}")
    branch = mpf(branch)
    above = sum(weight * (given(p, int(width), branch * q) - 1) for q, weight in nodes)
    return 1 + above


def compute(row: Row) -> Row:
    """One row."""
    mp.dps = 70
    case = tuple(row[key] for key in KEYS[:-1])
    small = mpf(10) ** -14
    up, down = (moment(case, p) - 1 for p in (small, -small))
    mean = (up - down) / (2 * small)
    variance = (up + down) / small**2 - mean**2
    s = mpf(row["s"])
    value = moment(case, s / 2)
    values = [value, value ** (-1 / s), mean / 2, variance / 4]
    return dict(zip(TABLE.values, [nstr(x, DIGITS) for x in values], strict=True))


if __name__ == "__main__":
    run(TABLE, CASES, compute)
