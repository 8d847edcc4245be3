"""tests/data/orders.csv: E[Q^{s/2}; Q>0] and σ(s,d) for small orders and those from 2 to 8, to 25
digits, Gaussian and orthogonal weights.

In ball arithmetic: finite sums where they exist; slopes that are drawn by the integral of
`one_layer.py`, which is compared with the sums wherever both exist and s ≤ 2. Every argument is a
double, exact: of a small order the rounding of a decimal is seen, as log σ is −log P(Q>0)/s and
less.
"""

from collections.abc import Iterator
from functools import lru_cache

from flint import arb, fmpq

from edges import digits, exact
from moments import LAYER_KEYS
from one_layer import Integral, Layer, ball, gamma_quotient, layer_of, moment_by_sum, set_precision
from table import Row, Table, run

TABLE = Table("orders.csv", [*LAYER_KEYS, "weights", "s"], ["moment", "sigma"])

SMALL = ["0.0005", "0.001", "0.003", "0.01", "0.05", "0.3"]
LARGE = ["2.5", "3", "3.5", "4", "5", "6.5", "8"]
WIDTHS = [1, 2, 3, 8, 64]
# no larger logarithm of σ: doubles end at e^709
LARGEST_LOG = 705
# the order up to which the integral serves
LARGEST_OF_INTEGRAL = 2


def layer_cases() -> Iterator[tuple[Row, list[str]]]:
    """Layers and their orders; the integral of RReLU ends at 2."""
    for width in WIDTHS:
        for keep in ["1", "0.9"]:
            for activation, slope in [("linear", ""), ("relu", ""), ("leaky_relu", "0.3")]:
                values = [activation, slope, "", "", keep, str(width)]
                yield dict(zip(LAYER_KEYS, values, strict=True)), SMALL + LARGE
        values = ["rrelu", "", "0.125", "0.375", "1", str(width)]
        yield dict(zip(LAYER_KEYS, values, strict=True)), [*SMALL, "1.7"]


def cases() -> Iterator[Row]:
    """Every layer at every order, with both ensembles; but where σ is no double."""
    for layer, orders in layer_cases():
        for s in orders:
            dead = layer_of(layer, exact).dead_probability
            if -float((1 - dead).log()) / float(s) > LARGEST_LOG:
                continue
            for weights in ["gaussian", "orthogonal"]:
                yield layer | {"weights": weights, "s": s}


@lru_cache(maxsize=1)
def integral(layer: Layer) -> Integral:
    """The integral's nodes, shared by a layer's orders."""
    return Integral(layer)


def compute(case: Row) -> Row:
    """One row."""
    layer = layer_of(case, exact)
    set_precision(layer)
    s = exact(case["s"])
    order = fmpq(s.numerator, s.denominator)
    p = order / 2
    moment = moment_by_sum(layer, p)
    if s <= LARGEST_OF_INTEGRAL:
        integrated = integral(layer).moment(p)
        if moment is None:
            moment = integrated
        elif not abs(moment / integrated - 1) < arb(10) ** -50:
            raise SystemExit(f"the sum gives {moment}, the integral {integrated} at {case}")
    if moment is None:
        raise SystemExit(f"no route to {case}")
    moment *= ball(layer.keep) ** -arb(order)
    if case["weights"] == "orthogonal":
        moment /= gamma_quotient(layer.width, p)
    return {"moment": digits(moment), "sigma": digits(moment ** (-1 / arb(order)))}


if __name__ == "__main__":
    run(TABLE, list(cases()), compute)
