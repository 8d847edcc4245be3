"""tests/data/edges.csv: the constants at the edges of the domain and at random arguments, to 25
digits.

By the integral of `one_layer.py` in ball arithmetic, with linear and ReLU units of at most 1000
units also by finite sums, which are compared. Every argument is a double, exact. The cases were
drawn at random by no recorded seed: they are read from the stored file.
"""

from fractions import Fraction
from functools import lru_cache

import mpmath
from flint import arb, fmpq

from moments import LAYER_KEYS
from one_layer import Integral, Layer, ball, layer_of, moment_by_sum, set_precision
from table import Row, Table, run

VALUES = ["moment", "sigma", "dead_probability", "mean_log", "var_log", "third_cumulant_log"]
TABLE = Table("edges.csv", [*LAYER_KEYS, "s"], VALUES)

DIGITS = 25
WIDEST_SUM = 1000


def exact(text: str) -> Fraction:
    """The double that a text denotes."""
    return Fraction(float(text))


@lru_cache(maxsize=1)
def integral(layer: Layer) -> tuple[Integral, list[arb]]:
    """The integral's nodes and the log cumulants, shared by a layer's orders."""
    nodes = Integral(layer)
    return nodes, nodes.log_cumulants()


def compute(case: Row) -> Row:
    """One row."""
    layer = layer_of(case, exact)
    set_precision(layer)
    s = exact(case["s"])
    order = fmpq(s.numerator, s.denominator)
    nodes, cumulants = integral(layer)
    moment = nodes.moment(order / 2)
    plain = case["activation"] in ("linear", "relu") and layer.width <= WIDEST_SUM
    summed = moment_by_sum(layer, order / 2) if plain else None
    if summed is not None and not abs(summed / moment - 1) < arb(10) ** -60:
        raise SystemExit(f"the sum gives {summed}, the integral {moment} at {case}")
    keep = ball(layer.keep)
    moment *= keep ** -arb(order)
    values = [moment, moment ** (-1 / arb(order)), layer.dead_probability]
    mean, variance, third = cumulants
    values += [mean - keep.log(), variance, third]
    return dict(zip(VALUES, map(digits, values), strict=True))


def digits(value: arb) -> str:
    """25 digits, without trailing zeros, as mpmath writes them; all of them proved."""
    if value == 0:
        return "0.0"
    wanted = DIGITS + 10
    proved = value.str(wanted, radius=False)
    if value.rel_accuracy_bits() < 3.4 * wanted:
        raise SystemExit(f"{value} is not known to {wanted} digits")
    with mpmath.workdps(wanted + 5):
        return str(mpmath.nstr(mpmath.mpf(proved), DIGITS))


if __name__ == "__main__":
    run(TABLE, TABLE.stored_cases(), compute)
