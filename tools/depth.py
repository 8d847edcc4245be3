"""tests/data/depth.csv: P(S ≤ x) and P(S > x), S = log(‖x_k‖/‖x₀‖) given survival, Gaussian
weights, σ = 1. Every x is a double, exact.

One layer: regularized incomplete gamma functions mixed over the number of alive units. More: the
Mellin–Barnes integral of powers of mixed gamma quotients along a line. All in ball arithmetic.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from math import comb

import mpmath
from flint import acb, arb, ctx, fmpq

from contour import two_tails
from table import Row, Table, run

TABLE = Table(
    "depth.csv", ["activation", "slope", "width", "depth", "sigma", "x"], ["cdf", "survival"]
)

DIGITS = 20
BITS = 300

# x for both activations: width → x, one layer
ONE_LAYER: dict[int, list[str]] = {
    1: ["-60", "-30", "-5", "-1", "0", "0.5", "1", "2", "2.35"],
    2: ["-30", "-5", "0", "1", "2", "2.4"],
    10: ["-4", "-1", "0.5", "1", "1.2", "2", "2.6"],
    64: ["0.5", "1", "1.9", "2.0", "2.07", "2.2", "2.6"],
}
# (activation, width, depth) → x
OTHERS: dict[tuple[str, int, int], list[str]] = {
    ("linear", 1000, 1): ["3.2", "3.4", "3.45", "3.46", "3.6"],
    ("linear", 1, 2): ["-40", "-3", "0", "2"],
    ("linear", 4, 3): ["-8", "-1", "1.5", "4"],
    ("relu", 3, 5): ["-25", "-3", "1", "5"],
    ("relu", 8, 20): ["-20", "0", "12"],
    # left tails
    ("relu", 16, 1): ["-1", "-3", "-8", "-20", "-40"],
    ("relu", 16, 2): ["-1", "-3", "-8", "-20"],
    ("relu", 16, 6): ["1", "-2", "-6", "-12", "-30"],
    ("relu", 16, 50): ["20", "10", "5", "-5"],
    ("relu", 4, 3): ["-5", "-20", "-50"],
    ("relu", 40, 3): ["3", "2", "0", "-4", "-10", "-20"],
    ("relu", 64, 5): ["6.5", "6", "5", "2", "-5", "-20"],
    ("relu", 100, 20): ["33", "32", "31", "29.5"],
}


def cases() -> Iterator[Row]:
    """The grid."""

    def case(activation: str, width: int, depth: int, x: str) -> Row:
        values = [activation, "", str(width), str(depth), "1", x]
        return dict(zip(TABLE.keys, values, strict=True))

    for width, points in ONE_LAYER.items():
        for x in points:
            yield from (case(activation, width, 1, x) for activation in ("linear", "relu"))
    for (activation, width, depth), points in OTHERS.items():
        yield from (case(activation, width, depth, x) for x in points)


@lru_cache(maxsize=1)
def alive_weights(activation: str, width: int) -> dict[int, arb]:
    """P(n units are alive), n ≥ 1, given that one is."""
    if activation == "linear":
        return {width: arb(1)}
    return {n: arb(fmpq(comb(width, n), 2**width - 1)) for n in range(1, width + 1)}


def gamma_quotients(z: acb, width: int) -> list[acb]:
    """Γ((n+z)/2)/Γ(n/2) for n = 1 … width, from the first two by steps of 2."""
    quotients = [((z + n) / 2).gamma() / (arb(n) / 2).gamma() for n in range(1, min(width, 2) + 1)]
    for n in range(3, width + 1):
        quotients.append(quotients[-2] * (z + n - 2) / (n - 2))
    return quotients


def mixed_transform(weights: dict[int, arb], width: int) -> Callable[[acb], acb]:
    """E Q^{z/2} given Q > 0."""

    def transform(z: acb) -> acb:
        quotients = gamma_quotients(z, width)
        mixed = sum((w * quotients[n - 1] for n, w in weights.items()), acb(0))
        return (z / 2 * arb(2).log()).exp() * mixed

    return transform


def one_layer(weights: dict[int, arb], x: arb) -> tuple[arb, arb]:
    """Both tails of ½ log Q: P(χ²_n ≤ e^{2x}), mixed."""
    half = (2 * x).exp() / 2
    shapes = {n: arb(fmpq(n, 2)) for n in weights}
    cdf = sum((w * half.gamma_lower(shapes[n], regularized=1) for n, w in weights.items()), arb(0))
    survival = sum(
        (w * half.gamma_upper(shapes[n], regularized=1) for n, w in weights.items()), arb(0)
    )
    return cdf, survival


def compute(case: Row) -> Row:
    """One row."""
    activation, width, depth = case["activation"], int(case["width"]), int(case["depth"])
    # alternating sums of incomplete gamma functions lose about 3 bits a unit
    ctx.prec = BITS + 4 * width
    weights = alive_weights(activation, width)
    x = arb(float(case["x"]))
    if depth == 1:
        tails = one_layer(weights, x)
    else:
        transform = mixed_transform(weights, width)
        tails = two_tails(
            lambda z: depth * float(transform(acb(z)).real.log()),
            lambda z: transform(z) ** depth,
            x,
            lowest=min(weights),
            angle=0.0,
        )
    return {"cdf": digits(tails[0]), "survival": digits(tails[1])}


def digits(value: arb) -> str:
    """A probability to 20 digits, as mpmath writes it."""
    if value.rel_accuracy_bits() < 100:
        raise SystemExit(f"{value} is not known to 30 digits")
    with mpmath.workdps(60):
        return str(mpmath.nstr(mpmath.mpf(value.mid().str(45, radius=False)), DIGITS))


if __name__ == "__main__":
    run(TABLE, list(cases()), compute)
