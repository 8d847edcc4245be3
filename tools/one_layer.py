"""The law of one layer, Q = Σ cᵢzᵢ² over the units, in ball arithmetic (Arb, through python-flint).

Two routes: finite sums over the numbers of positive and of surviving units, and the integral

    E[Q^p; Q>0] = (1/Γ(2−p)) ∫ L″(eᵘ) e^{(2−p)u} du,

L(t) = E e^{−tQ} = M(t)^d, M(t) = E(1+2ct)^{−1/2}, by the trapezoidal rule. The radii of the balls
count rounding; the discretization error is below 2(cos θ)^{p−2}/(e^{2πθ/h} − 1) at θ = 1.45, and
the sum ends where terms are below 2^{−BITS} of it (they fall at least by e^{−h/2} a step).
Parameters are exact fractions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import comb, log

from flint import arb, ctx, fmpq

from table import Row

# relative errors of discretization and truncation of the integral
BITS = 240


@dataclass(frozen=True)
class Layer:
    """A layer with inverted dropout: the slope on the negative side, or its law's two ends."""

    slopes: tuple[Fraction, ...]
    keep: Fraction
    width: int

    @property
    def dies_by_half(self) -> bool:
        """Whether the negative side is 0."""
        return len(self.slopes) == 1 and self.slopes[0] == 0

    @property
    def dead(self) -> Fraction:
        """P(c = 0) of a unit."""
        return 1 - self.keep * (Fraction(1, 2) if self.dies_by_half else 1)

    @property
    def dead_probability(self) -> arb:
        """P(Q = 0)."""
        return ball(self.dead) ** self.width


def decimal(text: str) -> Fraction:
    """A decimal, exact; 0.3333333333333333 stands for 1/3."""
    return Fraction(1, 3) if text == "0.3333333333333333" else Fraction(text)


def layer_of(case: Row, read: Callable[[str], Fraction] = decimal) -> Layer:
    """The layer of a row; numbers are read by `read`."""
    match case["activation"]:
        case "linear":
            slopes: tuple[Fraction, ...] = (Fraction(1),)
        case "relu":
            slopes = (Fraction(0),)
        case "leaky_relu":
            slopes = (read(case["slope"]),)
        case "rrelu":
            slopes = (read(case["lower"]), read(case["upper"]))
        case other:
            raise ValueError(other)
    return Layer(slopes, read(case["keep"]), int(case["width"]))


def ball(value: Fraction) -> arb:
    """A fraction at the working precision."""
    return arb(fmpq(value.numerator, value.denominator))


def binomial_weights(trials: int, chance: Fraction) -> list[arb]:
    """P(n) of the binomial law, n = 0 … trials."""
    hit, miss = ball(chance), ball(1 - chance)
    return [comb(trials, n) * hit**n * miss ** (trials - n) for n in range(trials + 1)]


@cache
def gamma_quotient(degrees: int, p: fmpq) -> arb:
    """E(χ²)^p = 2^p Γ(n/2+p)/Γ(n/2)."""
    half = fmpq(degrees, 2)
    return arb(2) ** arb(p) * arb.gamma_fmpq(half + p) / arb.gamma_fmpq(half)


def moment_by_sum(layer: Layer, p: fmpq) -> arb | None:
    """E[Q^p; Q>0] by a finite sum; `None` for slopes that are drawn."""
    if len(layer.slopes) > 1:
        return None
    slope = layer.slopes[0]
    if slope == 0 or abs(slope) == 1:
        weights = binomial_weights(layer.width, 1 - layer.dead)
        moments = [gamma_quotient(n, p) for n in range(1, layer.width + 1)]
        return _dot(weights[1:], moments)
    z = 1 - ball(slope) ** 2
    weights = binomial_weights(layer.width, layer.keep)
    moments = []
    for alive in range(1, layer.width + 1):
        if weights[alive] == 0:
            moments.append(arb(0))
            continue
        positive = binomial_weights(alive, Fraction(1, 2))
        # Q/χ²_N = a² + (1−a²)B with B ~ Beta(n/2, (N−n)/2)
        mixed = [
            _hypergeometric(p, fmpq(alive - n, 2), fmpq(alive, 2), z) for n in range(alive + 1)
        ]
        moments.append(gamma_quotient(alive, p) * _dot(positive, mixed))
    return _dot(weights[1:], moments)


def _hypergeometric(p: fmpq, b: fmpq, c: fmpq, z: arb) -> arb:
    """₂F₁(−p, b; c; z); Arb's recurrence next to b = c needs more bits than the rest."""
    precision = ctx.prec
    for factor in (1, 2, 4, 8):
        ctx.prec = factor * precision
        value = arb.hypgeom_2f1(z, -arb(p), arb(b), arb(c))
        ctx.prec = precision
        if value.is_finite():
            return +value
    raise ArithmeticError(f"no value of 2F1(-{p}, {b}; {c}; {z})")


def log_cumulants_by_sum(layer: Layer) -> list[arb] | None:
    """Mean, variance, third cumulant of ½ log Q given Q > 0, linear and ReLU units only."""
    if len(layer.slopes) > 1 or layer.slopes[0] not in (0, 1, -1):
        return None
    weights = binomial_weights(layer.width, 1 - layer.dead)[1:]
    alive = sum(weights, arb(0))
    halves = [arb(fmpq(n, 2)) for n in range(1, layer.width + 1)]
    means = [x.digamma() + arb(2).log() for x in halves]
    variances = [arb.zeta(arb(2), x) for x in halves]
    thirds = [-2 * arb.zeta(arb(3), x) for x in halves]
    mean = _dot(weights, means) / alive
    off = [m - mean for m in means]
    variance = _dot(weights, [v + x * x for v, x in zip(variances, off, strict=True)]) / alive
    third = (
        _dot(
            weights,
            [k + 3 * v * x + x * x * x for k, v, x in zip(thirds, variances, off, strict=True)],
        )
        / alive
    )
    return [mean / 2, variance / 4, third / 8]


def _dot(a: Sequence[arb], b: Sequence[arb]) -> arb:
    return sum((x * y for x, y in zip(a, b, strict=True)), arb(0))


class Integral:
    """The nodes u_k and t²L″(t) there, for all orders p from 0 to 1."""

    def __init__(self, layer: Layer) -> None:
        # a step with 2(cos 1.45)^{−2}/(e^{2π·1.45/h} − 1) < 2^{−BITS}
        self.step = arb(fmpq(int(9.11 / (BITS * log(2) + log(276)) * 2**20), 2**20))
        unit = _Unit(layer)
        start = -(unit.mean() * layer.width).log().mid()
        self.nodes: list[tuple[arb, arb]] = []
        for side in (1, -1):
            k = 0 if side > 0 else 1
            while True:
                u = start + side * k * self.step
                t = u.exp()
                value = t * t * unit.second_derivative(t)
                self.nodes.append((u, value))
                # to the left terms fall by e^{−(2−p)h}, p ≤ 1, and are weighed by e^{−pu}
                size = value if side > 0 else value / (t * start.neg().exp())
                if k % 16 == 15 and size < arb(2) ** (-BITS - 12) * self.nodes[0][1]:
                    break
                k += 1

    def moment(self, p: fmpq) -> arb:
        """E[Q^p; Q>0]."""
        total = sum((value * (-arb(p) * u).exp() for u, value in self.nodes), arb(0))
        return total * self.step / arb.gamma_fmpq(2 - p)

    def log_cumulants(self) -> list[arb]:
        """Mean, variance and third cumulant of ½ log Q given Q > 0.

        (log F)⁽ʲ⁾(0) = (−1)ʲκ_j(u) for F(p) = Γ(2−p)E[Q^p; Q>0] and u with the density ∝
        L″(eᵘ)e^{2u}.
        """
        total = sum((value for _, value in self.nodes), arb(0))
        mean = sum((value * u for u, value in self.nodes), arb(0)) / total
        center = mean.mid()
        powers = [arb(0)] * 3
        for u, value in self.nodes:
            off = u - center
            for j in range(3):
                value = value * off
                powers[j] += value
        first, second, third = (power / total for power in powers)
        variance = second - first * first
        cumulant = third - 3 * second * first + 2 * first * first * first
        two = arb(2)
        return [
            (two.digamma() - center - first) / 2,
            (variance - arb.zeta(two, two)) / 4,
            (-cumulant - 2 * arb.zeta(arb(3), two)) / 8,
        ]


class _Unit:
    """M(t) = E(1+2ct)^{−1/2} of one unit and its derivatives."""

    def __init__(self, layer: Layer) -> None:
        self.width = layer.width
        self.dead = ball(layer.dead)
        half = ball(layer.keep / 2)
        self.half = half
        self.bounds: tuple[arb, arb] | None = None
        if len(layer.slopes) == 2:
            lower, upper = (ball(slope) for slope in layer.slopes)
            self.bounds = (lower, upper)
            self.atoms = [(arb(1), half)]
        else:
            self.atoms = [(arb(1), half)]
            if layer.slopes[0] != 0:
                self.atoms.append((ball(layer.slopes[0]) ** 2, half))

    def mean(self) -> arb:
        """E c."""
        mean = _dot([c for c, _ in self.atoms], [w for _, w in self.atoms])
        if self.bounds is not None:
            lower, upper = self.bounds
            mean += self.half * (lower**2 + lower * upper + upper**2) / 3
        return mean

    def second_derivative(self, t: arb) -> arb:
        """L″(t) = d(d−1)M^{d−2}M′² + dM^{d−1}M″."""
        value, first, second = self.dead, arb(0), arb(0)
        for c, w in self.atoms:
            base = 1 + 2 * c * t
            term = w / base.sqrt()
            value += term
            first += term * c / base
            second += 3 * term * (c / base) ** 2
        if self.bounds is not None:
            drawn = _drawn(self.bounds, t)
            value, first, second = (
                sum_ + self.half * part
                for sum_, part in zip((value, first, second), drawn, strict=True)
            )
        if self.width == 1:
            return second
        d = self.width
        return d * value ** (d - 2) * ((d - 1) * first**2 + value * second)


def _drawn(bounds: tuple[arb, arb], t: arb) -> tuple[arb, arb, arb]:
    """E(1+xA²)^{−1/2}, E A²(1+xA²)^{−3/2} and 3E A⁴(1+xA²)^{−5/2} for a uniform slope A and x = 2t.

    From E(1+xA²)^{−3/2} and E(1+xA²)^{−5/2}; the differences lose the more digits the smaller t is,
    which the balls count.
    """
    lower, upper = bounds
    x = 2 * t
    root = x.sqrt()
    length = upper - lower
    low, high = (a / (1 + x * a * a).sqrt() for a in bounds)
    plain = ((root * upper).asinh() - (root * lower).asinh()) / (length * root)
    third = (high - low) / length
    fifth = (high - low - x * (high**3 - low**3) / 3) / length
    return plain, (plain - third) / x, 3 * (plain - 2 * third + fifth) / (x * x)


def working_precision(layer: Layer) -> int:
    """Bits: L″ is a power, and a uniform slope's differences lose those of x² on the left."""
    width = layer.width.bit_length()
    if len(layer.slopes) == 1:
        return BITS + 120 + 2 * width
    lower, upper = layer.slopes
    narrow = (
        int(-log(float(upper - lower) / max(float(abs(upper)), float(abs(lower)))) / log(2)) + 1
    )
    largest = max(1.0, float(abs(upper)), float(abs(lower)))
    return 3 * BITS + 200 + 4 * width + 6 * narrow + 8 * int(log(largest) / log(2))


def set_precision(layer: Layer) -> None:
    """Sets the working precision for a layer."""
    ctx.prec = working_precision(layer)
    gamma_quotient.cache_clear()
