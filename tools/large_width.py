"""From what width on the series of log E X^p in 1/d leaves out less than 2^-55.

SERVES_FROM in src/layer_law/large_width.rs.

    python3 tools/large_width.py

Prints, for several laws of the squared slope c, d over v = Var(c z^2)/(E c)^2 at which what is left
out of it begins to be that small, for p from 0 to 4: the terms from central moments above an order,
and from cumulants above half of it and one. Terms up to order 56 stand for all of them.
"""

from collections.abc import Callable

from mpmath import binomial, fac2, mp, mpf

LAST = 56
ORDERS = (8, 12, 16, 24)
POWERS = (mpf(0), mpf("0.25"), mpf("0.5"), mpf("0.9"), mpf(2), mpf(4))


Moments = Callable[[int], mpf]


def leaky(slope: float | str, keep: float | str = 1) -> Moments:
    """E c^n of Leaky ReLU with dropout."""
    return lambda n: mpf(keep) * (1 + mpf(slope) ** (2 * n)) / 2


def rrelu(n: int) -> mpf:
    """E c^n of RReLU, PyTorch's bounds."""
    lower, upper = mpf(1) / 8, mpf(1) / 3
    return (1 + (upper ** (2 * n + 1) - lower ** (2 * n + 1)) / ((upper - lower) * (2 * n + 1))) / 2


LAWS = {
    "relu": leaky(0),
    "relu, keep 0.9": leaky(0, "0.9"),
    "relu, keep 0.01": leaky(0, "0.01"),
    "linear, keep 0.5": leaky(1, "0.5"),
    "leaky 0.01": leaky("0.01"),
    "leaky 0.25": leaky("0.25"),
    "leaky 0.9": leaky("0.9"),
    "rrelu": rrelu,
}


def cumulants(moment: Moments) -> list[mpf]:
    """Of c z^2/E c, by order."""
    moments = [mpf(1)] + [moment(n) / moment(1) ** n * fac2(2 * n - 1) for n in range(1, LAST + 1)]
    found = [mpf(0)]
    for n in range(1, LAST + 1):
        found.append(
            moments[n]
            - sum(binomial(n - 1, k - 1) * found[k] * moments[n - k] for k in range(1, n))
        )
    return found


def terms(unit: list[mpf], width: mpf, p: mpf) -> list[mpf]:
    """C(p, n)/p times the n-th central moment of X, by order."""
    central = [mpf(1), mpf(0)]
    for n in range(2, LAST + 1):
        known = ((k, binomial(n - 1, k - 1) * unit[k] * width ** (1 - k)) for k in range(2, n + 1))
        central.append(sum(factor * central[n - k] for k, factor in known))
    factors = [mpf(0), mpf(1)]
    for n in range(1, LAST):
        factors.append(factors[n] * (p - n) / (n + 1))
    return [factor * moment for factor, moment in zip(factors, central, strict=True)]


def serves_from(unit: list[mpf], order: int) -> mpf:
    """d/v, the largest over the powers."""
    worst = mpf(0)
    kept = [value if n < order // 2 + 2 else mpf(0) for n, value in enumerate(unit)]
    for p in POWERS:
        low, high = mpf(1), mpf(9)
        for _ in range(14):
            middle = (low + high) / 2
            width = unit[2] * mp.power(10, middle)
            exact = sum(terms(unit, width, p)[2:])
            series = sum(terms(kept, width, p)[2 : order + 1])
            small = abs(series / exact - 1) < mpf(2) ** -55
            low, high = (low, middle) if small else (middle, high)
        worst = max(worst, high)
    return mp.power(10, worst)


def main() -> None:
    """Print a line for each law."""
    mp.dps = 60
    for name, moment in LAWS.items():
        unit = cumulants(moment)
        columns = ", ".join(f"{order}: {mp.nstr(serves_from(unit, order), 4)}" for order in ORDERS)
        print(f"{name}, v = {mp.nstr(unit[2], 4)}: {columns}")


main()
