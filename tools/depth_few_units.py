"""tests/data/depth_few_units.csv: P(S ≤ x) and P(S > x), S = log(‖x_k‖/‖x₀‖) given survival, few
orthogonal units.

Masks have no factor 1/q; x and the slopes are doubles, exact. Four routes, all in ball arithmetic:

- linear and ReLU units: `depth_orthogonal.py`'s, with any keep probability;
- Leaky ReLU and RReLU, one layer: the integral of Gil-Pelaez and Imhof for P(Σ(cᵢ − q)zᵢ² ≤ 0), in
  log s;
- Leaky ReLU with dropout, several layers, left of all edges: the Mellin–Barnes integral of beta
  moments times ₂F₁, over the numbers of units of either slope;
- Leaky ReLU, two layers: the convolution of mixed beta laws, by quadrature between their
  singularities.

The cases were chosen where the library's routes meet, and 45 at random by no recorded seed: they
are read from the stored file.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from flint import acb, arb, ctx

from contour import two_tails
from depth import digits, gamma_quotients
from depth_orthogonal import ANGLE, BITS, alive_weights, tails
from one_layer import ball, binomial_weights
from table import Row, Table, run

KEYS = ["activation", "slope", "lower", "upper", "keep", "width", "fan_in", "depth", "x"]
TABLE = Table("depth_few_units.csv", KEYS, ["cdf", "survival"])

# step of the sums over log s
STEP = 1 / 32


def slopes_of(case: Row) -> tuple[Fraction, ...]:
    """The slope on the negative side, or the two ends of its uniform law."""
    match case["activation"]:
        case "linear":
            return (Fraction(1),)
        case "relu":
            return (Fraction(0),)
        case "leaky-relu":
            return (Fraction(float(case["slope"])),)
        case "rrelu":
            return (Fraction(float(case["lower"])), Fraction(float(case["upper"])))
        case other:
            raise ValueError(other)


def one_layer(
    slopes: tuple[Fraction, ...], keep: Fraction, width: int, largest: int, x: arb
) -> tuple[arb, arb]:
    """Both tails of ½ log Q for one layer.

    P(Q ≤ q) = P(T ≤ 0) = ½ − (1/π) ∫ Im E e^{isT} ds/s with T = Σ(cᵢ − q)zᵢ² over the units and −q
    z² over the rest of the unit vector. In log s the integrand is analytic and falls exponentially
    on both sides.
    """
    q = (2 * x).exp()
    step = arb(STEP)

    def integrand(v: arb) -> arb:
        s = v.exp()
        return (_unit(slopes, keep, q, s) ** width * _factor(-q, s) ** (largest - width)).imag

    tolerance = arb(10) ** -50
    total = integrand(arb(0))
    for side in (1, -1):
        k, small = 1, 0
        while small < 40:
            term = integrand(side * k * step)
            total += term
            small = small + 1 if abs(term) < tolerance else 0
            k += 1
    below = (arb(1) / 2 - total * step / arb.pi()).mid()
    dead = ball(1 - keep / (2 if len(slopes) == 1 and slopes[0] == 0 else 1)) ** width
    return (below - dead) / (1 - dead), (1 - below) / (1 - dead)


def _factor(c: arb, s: arb) -> acb:
    """E e^{is c z²}."""
    return 1 / acb(1, -2 * s * c).sqrt()


def _unit(slopes: tuple[Fraction, ...], keep: Fraction, q: arb, s: arb) -> acb:
    """E e^{is(c − q)z²} of one unit."""
    half = ball(keep / 2)
    total = half * _factor(1 - q, s) + ball(1 - keep) * _factor(-q, s)
    if len(slopes) == 1:
        return total + half * _factor(ball(slopes[0]) ** 2 - q, s)
    # ∫ dA/√(α+βA²) = log(√β A + √(α+βA²))/√β, its argument away from the cut
    alpha, beta = acb(1, 2 * s * q), acb(0, -2 * s)
    root = beta.sqrt()
    lower, upper = (ball(slope) for slope in slopes)
    logs = [(root * a + (alpha + beta * a * a).sqrt()).log() for a in (lower, upper)]
    return total + half * (logs[1] - logs[0]) / (root * (upper - lower))


def beta_transform(
    slope: Fraction, keep: Fraction, width: int, largest: int
) -> Callable[[acb], acb]:
    """E Q^{z/2} given Q > 0 for Leaky ReLU: N units alive, n of them of slope 1."""
    weights = alive_weights(width, keep)
    halves = {alive: binomial_weights(alive, Fraction(1, 2)) for alive in weights}
    argument = acb(1 - ball(slope) ** 2)

    def transform(z: acb) -> acb:
        quotients = gamma_quotients(z, largest)
        total = acb(0)
        for alive, weight in weights.items():
            mixed = acb(0)
            for n, w in enumerate(halves[alive]):
                mixed += w * argument.hypgeom_2f1(-z / 2, acb(alive - n) / 2, acb(alive) / 2)
            total += weight * quotients[alive - 1] * mixed
        return total / quotients[largest - 1]

    return transform


def several_layers(
    slope: Fraction, keep: Fraction, width: int, largest: int, depth: int, x: arb
) -> tuple[arb, arb]:
    """Both tails for Leaky ReLU with dropout, x left of every sum of edges."""
    transform = beta_transform(slope, keep, width, largest)
    cached = lru_cache(maxsize=None)(lambda z: depth * float(transform(acb(z)).real.log()))
    return two_tails(cached, lambda z: transform(z) ** depth, x, lowest=1, angle=ANGLE)


def two_layers(slope: Fraction, width: int, x: arb) -> tuple[arb, arb]:
    """Both tails for two Leaky ReLU layers without dropout, by P(Q₁Q₂ ≤ r) = E F(r/Q₁)."""
    square = ball(slope) ** 2
    r = (2 * x).exp()
    weights = binomial_weights(width, Fraction(1, 2))

    def distribution(q: arb) -> arb:
        """P(Q ≤ q), Q = a² + (1−a²)B, at a ball's middle: an edge may lie inside it."""
        q = q.mid()
        if q < square:
            return arb(0)
        if q >= 1:
            return arb(1)
        share = ((q - square) / (1 - square)).mid()
        inner = (
            weights[n] * share.beta_lower(arb(n) / 2, arb(width - n) / 2, regularized=1)
            for n in range(1, width)
        )
        return weights[0] + sum(inner, arb(0))

    constants = {
        n: 2
        * weights[n]
        * (arb(width) / 2).gamma()
        / ((arb(n) / 2).gamma() * (arb(width - n) / 2).gamma())
        for n in range(1, width)
    }

    def integrand(angle: arb) -> arb:
        """F(r/Q₁) times the density of the angle, B = sin²: no singularity at the ends."""
        sine, cosine = angle.sin(), angle.cos()
        density = sum(
            (c * sine ** (n - 1) * cosine ** (width - n - 1) for n, c in constants.items()), arb(0)
        )
        return distribution(r / (square + (1 - square) * sine * sine)) * density

    cuts = [arb(0), arb.pi() / 2]
    for edge in (square, arb(1)):
        share = (r / edge - square) / (1 - square)
        if 0 < share < 1:
            cuts.append(share.sqrt().asin())
    cuts.sort(key=float)
    parts = (_between(integrand, a, b) for a, b in pairwise(cuts))
    atoms = weights[0] * distribution(r / square) + weights[width] * distribution(r)
    cdf = sum(parts, atoms).mid()
    return cdf, 1 - cdf


def _between(function: Callable[[arb], arb], a: arb, b: arb) -> arb:
    """∫ between singular ends by the tanh-sinh rule, to about 1e-25."""
    half, step = (b - a) / 2, arb(1) / 32
    total = arb(0)
    for k in range(-160, 161):
        v = k * step
        inner = arb.pi() / 2 * v.sinh()
        # the distance from the nearer end, without cancellation
        distance = 2 * half / (1 + (2 * abs(inner)).exp())
        point = (a + distance if k < 0 else b - distance).mid()
        total += function(point) * arb.pi() / 2 * v.cosh() / inner.cosh() ** 2
    return total * half * step


def compute(case: Row) -> Row:
    """One row."""
    slopes, keep = slopes_of(case), Fraction(float(case["keep"]))
    width, depth = int(case["width"]), int(case["depth"])
    largest = max(width, int(case["fan_in"]))
    ctx.prec = BITS + 4 * largest
    x = arb(float(case["x"]))
    if slopes[0] in (0, 1) and len(slopes) == 1:
        weights = alive_weights(width, keep if slopes[0] == 1 else keep / 2)
        result = tails(weights, largest, depth, x)
        if depth == 1:
            agree(result, one_layer(slopes, keep, width, largest, x), case)
    elif depth == 1:
        result = one_layer(slopes, keep, width, largest, x)
    elif keep == 1:
        result = two_layers(slopes[0], width, x)
    else:
        result = several_layers(slopes[0], keep, width, largest, depth, x)
    return dict(zip(TABLE.values, (digits(value) for value in result), strict=True))


def agree(first: tuple[arb, arb], second: tuple[arb, arb], case: Row) -> None:
    """Stops where two routes differ."""
    if any(not abs(a - b) < arb(10) ** -30 for a, b in zip(first, second, strict=True)):
        raise SystemExit(f"two routes give {first} and {second} at {case}")


if __name__ == "__main__":
    run(TABLE, TABLE.stored_cases(), compute)
