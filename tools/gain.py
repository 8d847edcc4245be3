"""tests/data/gain.csv: gains of units that are not homogeneous, to 18 digits.

The gain g solves R(g·r) = r, R(τ) = E[((1/d) Σ φ(τ z_i)²)^{s/2}]^{1/s}; the stability is
d log R/d log τ at g·r, here a difference quotient. R comes from the one-dimensional integral where
s = 2 or d = 1, and elsewhere from (1/Γ(2−p)) ∫ L″(eᵘ) e^{(2−p)u} du, p = s/2, L = M^d, which the
library does not use. Integrals over z are sums over panels of 24 Gauss–Legendre nodes.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

from flint import arb, ctx

from table import Row, Table, run

ctx.prec = 120
DIGITS = 18

TABLE = Table("gain.csv", ["activation", "s", "width", "level"], ["gain", "stability"])

NODES = 24
# beyond this |z| the normal law has a share of 1e-37
LAST = 13
STEP = arb(1) / 5

ONE = arb(1)
# the constants of the papers, as the frameworks have them
SELU_ALPHA = arb("1.6732632423543772848170429916717")
SELU_SCALE = arb("1.0507009873554804934193349852946")


def elu(y: arb) -> arb:
    """The exponential linear unit."""
    return y if y > 0 else y.expm1()


FUNCTIONS: dict[str, Callable[[arb], arb]] = {
    "gelu": lambda y: y * (-y / arb(2).sqrt()).erfc() / 2,
    "silu": lambda y: y / (1 + (-y).exp()),
    "tanh": lambda y: y.tanh(),
    "elu": elu,
    "selu": lambda y: SELU_SCALE * (y if y > 0 else SELU_ALPHA * y.expm1()),
    "mish": lambda y: y * y.exp().log1p().tanh(),
    "softplus": lambda y: y.exp().log1p(),
    "sigmoid": lambda y: 1 / (1 + (-y).exp()),
    "relu": lambda y: y if y > 0 else arb(0),
}
LEVELS = {
    "tanh": ["0.25", "0.6", "0.9"],
    "sigmoid": ["0.55", "0.6"],
    "softplus": ["1", "3"],
    "relu": ["1"],
}


def cases() -> Iterator[Row]:
    """Every activation at its levels, the first level at more orders and widths."""
    few = [("2", "1"), ("0.5", "1"), ("1", "64")]
    for activation in FUNCTIONS:
        levels = LEVELS.get(activation, ["1", "0.1", "3"])
        for level in levels:
            more = [("1", "4"), ("0.5", "1024")] if level == levels[0] else []
            for s, width in few + more:
                # a sigmoid's level falls as τ grows where few units have a low order
                if activation == "sigmoid" and s == "0.5" and width == "1":
                    continue
                values = [activation, s, width, level]
                yield dict(zip(TABLE.keys, values, strict=True))


@lru_cache(maxsize=4)
def nodes(octaves: int) -> list[tuple[arb, arb]]:
    """Points z and their weights under the normal law, finest at 0."""
    edges = [arb(0), *(ONE / 2**k for k in range(octaves, 1, -1))]
    edges += [ONE * k / 2 for k in range(1, 2 * LAST + 1)]
    rule = [arb.legendre_p_root(NODES, k, weight=True) for k in range(NODES)]
    found = []
    for left, right in zip(edges, edges[1:], strict=False):
        half, middle = (right - left) / 2, (right + left) / 2
        for x, weight in rule:
            z = (middle + half * x).mid()
            w = (half * weight * (-z * z / 2).exp() / (2 * arb.pi()).sqrt()).mid()
            found += [(z, w), (-z, w)]
    return found


def rms(activation: str, s: arb, width: int, tau: arb) -> arb:
    """R(τ), the moment of the root-mean-square."""
    # how far the transform's argument reaches says how fine the nodes must be at 0
    octaves = 80 if width == 1 else 32 if width < 64 else 10
    law = [((FUNCTIONS[activation](tau * z) ** 2).mid(), w) for z, w in nodes(octaves)]
    mean = sum((w * y for y, w in law), arb(0))
    p = s / 2
    if s == 2:
        return mean.sqrt()
    if width == 1:
        return sum((w * y**p for y, w in law if y > 0), arb(0)) ** (1 / s)

    def term(k: int) -> arb:
        u = STEP * k
        t = u.exp() / (width * mean)
        m0 = m1 = m2 = arb(0)
        for y, w in law:
            ty = t * y
            if ty < 80:
                share = (w * (-ty).exp()).mid()
                moved = share * ty
                m0 += share
                m1 += moved
                m2 += moved * ty
        curved = width * (width - 1) * m0 ** (width - 2) * m1 * m1 + width * m0 ** (width - 1) * m2
        return (curved * (-p * u).exp()).mid()

    total = term(0)
    for direction in (1, -1):
        k = direction
        while (added := term(k)) > total * arb("1e-22"):
            total += added
            k += direction
    moment = STEP * total / (2 - p).gamma()
    return (mean * moment ** (1 / p)).sqrt()


def start(activation: str, wanted: arb) -> arb:
    """A τ to begin with: that of s = 2, by bisection."""
    low, high = arb("1e-4"), arb("1e4")
    two = arb(2)
    for _ in range(24):
        middle = (low * high).sqrt()
        if rms(activation, two, 64, middle) < wanted:
            low = middle
        else:
            high = middle
    return (low * high).sqrt().mid()


def compute(case: Row) -> Row:
    """The gain by secants in log τ, and the stability."""
    activation, s, width = case["activation"], arb(case["s"]), int(case["width"])
    wanted = arb(case["level"])

    def miss(x: arb) -> arb:
        return (rms(activation, s, width, x.exp()) / wanted).log().mid()

    x0 = start(activation, wanted).log().mid()
    y0 = miss(x0)
    x1 = (x0 - y0 / 2).mid() if abs(y0) > arb("1e-9") else (x0 + arb("1e-4")).mid()
    y1 = miss(x1)
    for _ in range(30):
        if abs(x1 - x0) < arb("1e-14"):
            break
        x2 = (x1 - y1 * (x1 - x0) / (y1 - y0)).mid()
        x0, y0, x1, y1 = x1, y1, x2, miss(x2)
    else:
        raise SystemExit(f"no gain found: {case}")
    # the last step squares the error
    x1 = (x1 - y1 * (x1 - x0) / (y1 - y0)).mid()
    h = arb("1e-9")
    slope = (miss(x1 + h) - miss(x1 - h)) / (2 * h)
    return {
        "gain": (x1.exp() / wanted).mid().str(DIGITS, radius=False),
        "stability": slope.mid().str(15, radius=False),
    }


if __name__ == "__main__":
    run(TABLE, list(cases()), compute)
