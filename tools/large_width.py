"""From what width on the series of log E X^p in 1/d leaves out less than 2^-55.

SERVES_FROM in src/layer_law/large_width.rs, and what its third cumulant of log X leaves out.

    python3 tools/large_width.py

Prints, for several laws of the squared slope c, d over v = Var(c z^2)/(E c)^2 at which what is left
out of it begins to be that small, for p from 0 to 4: the terms from central moments above an order,
and in those kept what falls faster in d than the last of them. Terms up to order 56 stand for all.
Then the share of the third cumulant of log X that is left out where v/d = 1e-4.
"""

from collections.abc import Callable

from mpmath import binomial, fac2, mp, mpf

LAST = 56
ORDERS = (8, 12, 16, 24)
THIRD = 14
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


def central_moments(unit: list[mpf], width: mpf, order: int) -> list[mpf]:
    """Of X, up to d^(-order/2), by n."""
    central = [mpf(1), mpf(0)]
    for n in range(2, min(order, LAST) + 1):
        longest = min(n, order + 2 - n)
        known = (
            (k, binomial(n - 1, k - 1) * unit[k] * width ** (1 - k)) for k in range(2, longest + 1)
        )
        central.append(sum(factor * central[n - k] for k, factor in known))
    return central


def terms(unit: list[mpf], width: mpf, p: mpf, order: int = 2 * LAST) -> list[mpf]:
    """C(p, n)/p times the n-th central moment of X, up to d^(-order/2), by n."""
    central = central_moments(unit, width, order)
    factors = [mpf(0), mpf(1)]
    for n in range(1, LAST):
        factors.append(factors[n] * (p - n) / (n + 1))
    return [factor * moment for factor, moment in zip(factors, central, strict=False)]


def third_log_cumulant(unit: list[mpf], width: mpf, order: int) -> mpf:
    """Of log X, from central moments up to d^(-order/2)."""
    central = central_moments(unit, width, order)

    def times(a: list[mpf], b: list[mpf]) -> list[mpf]:
        return [sum(a[k] * b[n - k] for k in range(n + 1)) for n in range(len(central))]

    log = [mpf(0)] + [mpf((-1) ** (n + 1)) / n for n in range(1, len(central))]
    square = times(log, log)
    first, second, third = (
        sum(a * b for a, b in zip(series, central, strict=True))
        for series in (log, square, times(square, log))
    )
    return third - 3 * first * second + 2 * first**3


def serves_from(unit: list[mpf], order: int) -> mpf:
    """d/v, the largest over the powers."""
    worst = mpf(0)
    for p in POWERS:
        low, high = mpf(1), mpf(9)
        for _ in range(14):
            middle = (low + high) / 2
            width = unit[2] * mp.power(10, middle)
            exact = sum(terms(unit, width, p)[2:])
            series = sum(terms(unit, width, p, order)[2:])
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
        width = unit[2] / mpf("1e-4")
        third = third_log_cumulant(unit, width, THIRD) / third_log_cumulant(unit, width, 40) - 1
        print(f"{name}, v = {mp.nstr(unit[2], 4)}: {columns}; third cumulant {mp.nstr(third, 2)}")


main()
