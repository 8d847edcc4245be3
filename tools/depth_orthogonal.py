"""tests/data/depth_orthogonal.csv: P(S ≤ x) and P(S > x), S = log(‖x_k‖/‖x₀‖) given survival,
orthogonal ReLU layers.

Q given n alive units is Beta(n/2, (D−n)/2), D the larger side of the matrix. One layer: regularized
incomplete beta functions mixed over n. More: the Mellin–Barnes integral of powers of mixed gamma
quotients along a hyperbola. Every x is a decimal, exact.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import comb

from flint import acb, arb, ctx

from contour import two_tails
from depth import digits, gamma_quotients
from one_layer import ball
from table import Row, Table, run

TABLE = Table("depth_orthogonal.csv", ["width", "depth", "x"], ["cdf", "survival"])

BITS = 300
# opening of the hyperbola: to the left of a vertical line e^{−zx} falls, x < 0
ANGLE = 0.6

ONE_LAYER = ["-1.5", "-0.6", "-0.4", "-0.35", "-0.25", "-0.15", "-0.08"]
# (width, depth) → x
POINTS: dict[tuple[int, int], list[str]] = {
    (64, 1): ONE_LAYER,
    (128, 1): ONE_LAYER,
    (64, 12): ["-7", "-5.5", "-4.3", "-3.5", "-2.9"],
    (64, 200): ["-85", "-76", "-70", "-62"],
    (256, 30): ["-11.5", "-10.5", "-9.8", "-9.5"],
}


def cases() -> Iterator[Row]:
    """The grid."""
    for (width, depth), points in POINTS.items():
        yield from ({"width": str(width), "depth": str(depth), "x": x} for x in points)


def alive_weights(width: int, chance: Fraction) -> dict[int, arb]:
    """P(n units are alive), n ≥ 1, given that one is."""
    weights = {
        n: comb(width, n) * chance**n * (1 - chance) ** (width - n) for n in range(1, width + 1)
    }
    alive = 1 - (1 - chance) ** width
    return {n: ball(w / alive) for n, w in weights.items() if w}


def beta_transform(weights: dict[int, arb], largest: int) -> Callable[[acb], acb]:
    """E Q^{z/2} given Q > 0, Q ~ Beta(n/2, (D−n)/2) with the given weights of n."""

    def transform(z: acb) -> acb:
        quotients = gamma_quotients(z, largest)
        mixed = sum((w * quotients[n - 1] for n, w in weights.items()), acb(0))
        return mixed / quotients[largest - 1]

    return transform


def beta_tails(weights: dict[int, arb], largest: int, x: arb) -> tuple[arb, arb]:
    """Both tails of ½ log Q, x < 0."""
    q = (2 * x).exp()
    cdf = survival = arb(0)
    for n, w in weights.items():
        if n == largest:
            survival += w
            continue
        a, b = arb(n) / 2, arb(largest - n) / 2
        cdf += w * q.beta_lower(a, b, regularized=1)
        survival += w * (1 - q).beta_lower(b, a, regularized=1)
    return cdf, survival


def tails(weights: dict[int, arb], largest: int, depth: int, x: arb) -> tuple[arb, arb]:
    """P(S ≤ x) and P(S > x), x < 0."""
    if depth == 1:
        return beta_tails(weights, largest, x)
    transform = beta_transform(weights, largest)
    return two_tails(
        lambda z: depth * float(transform(acb(z)).real.log()),
        lambda z: transform(z) ** depth,
        x,
        lowest=min(weights),
        angle=ANGLE,
    )


def compute(case: Row) -> Row:
    """One row."""
    width, depth = int(case["width"]), int(case["depth"])
    ctx.prec = BITS + 4 * width
    weights = alive_weights(width, Fraction(1, 2))
    cdf, survival = tails(weights, width, depth, arb(case["x"]))
    return {"cdf": digits(cdf), "survival": digits(survival)}


if __name__ == "__main__":
    run(TABLE, list(cases()), compute)
