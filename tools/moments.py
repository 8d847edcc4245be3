"""tests/data/moments.csv: E[Q^{s/2}; Q>0] and σ(s,d) to 34 digits, in ball arithmetic.

By finite sums where they exist and by the integral everywhere; where there are both they are
compared.
"""

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

from flint import arb, fmpq

from one_layer import Integral, Layer, ball, layer_of, moment_by_sum, set_precision
from table import Row, Table, run

LAYER_KEYS = ["activation", "slope", "lower", "upper", "keep", "width"]
TABLE = Table("moments.csv", [*LAYER_KEYS, "s"], ["moment", "sigma"])

DIGITS = 34

ORDERS = ["0.01", "0.1", "0.5", "1", "1.5", "1.9", "2"]
WIDTHS = [1, 2, 3, 4, 8, 16, 64, 128, 512, 1024]
SLOPES = ["0.01", "0.2", "0.25", "0.5", "-1", "1.5"]
KEEPS = ["1", "0.5", "0.9"]
# up to this width Leaky ReLU with dropout and RReLU are in the table
WIDEST_SLOW = 128


def layer_cases() -> Iterator[Row]:
    """The layers: for every width activations and keep probabilities, then RReLU's default."""

    def case(
        activation: str, keep: str, width: int, slope: str = "", bounds: tuple[str, str] = ("", "")
    ) -> Row:
        values = [activation, slope, *bounds, keep, str(width)]
        return dict(zip(LAYER_KEYS, values, strict=True))

    for width in WIDTHS:
        for keep in KEEPS:
            yield case("linear", keep, width)
            yield case("relu", keep, width)
            if keep == "1":
                yield from (case("leaky_relu", keep, width, slope) for slope in SLOPES)
            elif width <= WIDEST_SLOW:
                yield case("leaky_relu", keep, width, SLOPES[0])
    for width in WIDTHS:
        if width <= WIDEST_SLOW:
            yield case("rrelu", "1", width, bounds=("0.125", "0.3333333333333333"))


def cases() -> Iterator[Row]:
    """Every layer at every order."""
    for layer in layer_cases():
        yield from (layer | {"s": s} for s in ORDERS)


@lru_cache(maxsize=1)
def integral(layer: Layer) -> Integral:
    """The integral's nodes, shared by a layer's orders."""
    return Integral(layer)


def compute(case: Row) -> Row:
    """One row."""
    layer = layer_of(case)
    set_precision(layer)
    s = order_of(case["s"])
    p = s / 2
    moment = integral(layer).moment(p)
    summed = moment_by_sum(layer, p)
    if summed is not None:
        if not abs(summed / moment - 1) < arb(10) ** -60:
            raise SystemExit(f"the sum gives {summed}, the integral {moment} at {case}")
        moment = summed
    moment *= ball(layer.keep) ** -arb(s)
    sigma = moment ** (-1 / arb(s))
    return {"moment": digits(moment, DIGITS), "sigma": digits(sigma, DIGITS)}


def order_of(text: str) -> fmpq:
    """A moment order, exact."""
    value = Fraction(text)
    return fmpq(value.numerator, value.denominator)


def digits(value: arb, count: int) -> str:
    """A number to some significant digits, all of them proved."""
    return value.str(count, radius=False)


if __name__ == "__main__":
    run(TABLE, list(cases()), compute)
