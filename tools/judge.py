"""Proved digits of random layers and orders against Arb's balls, another program's proofs.

    python3 -m pip install -r tools/requirements.txt
    python3 tools/judge.py --layers 1000

Linear, ReLU and Leaky ReLU: finite sums of gamma and hypergeometric functions in ball arithmetic.
RReLU, and the logarithm for Leaky ReLU: acb.integral (adaptive Gauss-Legendre quadrature, every
error proved) of

    E[Q^p; Q>0] = (1/Γ(2−p)) ∫ L″(eᵘ) e^{(2−p)u} du

from −A to B, with bounds on both ends: t²L″(t) ≤ t² E Q² to the left, and, as x²e^{−x} ≤ 2.2 e^{−x/2},
t²L″(t) ≤ 2.2 (L(t/2) − P(Q=0)) ≤ 2.2 d E[(1+ct)^{−1/2}; c>0] to the right. A number of ours is an
interval, half a unit of its last digit to both sides; it must meet Arb's ball. As a control every
number is also moved by two units, and must not.
"""

import argparse
import random
import subprocess
import sys
from fractions import Fraction
from math import log

from flint import acb, arb, ctx, fmpq

from one_layer import Layer, ball, log_cumulants_by_sum, moment_by_sum

COMMAND = "cargo bench --quiet -p isomoment --bench proved_digits --features certified"
DIGITS = 60
# bits of sums and of the integral's tolerance
BITS = 260
# e^{−TAIL} of what is left out at each end
TAIL = 170


class Drawn:
    """A layer and an order, as text and exact."""

    def __init__(self, rng: random.Random, sums: bool) -> None:
        # integrals take Arb seconds: fewer of them, and one in ten for the logarithm
        kind = rng.choices(["linear", "relu", "leaky", "rrelu"], [7, 7, 5, 0 if sums else 1])[0]
        self.with_log = kind in ("linear", "relu") or (not sums and rng.random() < 0.1)
        self.keep = rng.choice(["1", "1", f"0.{rng.randint(5, 99):02}", "0.999", "0.01"])
        self.s = rng.choice(["1", "2", "0.5", f"{rng.uniform(0.02, 2.98):.4f}"])
        slopes = [f"{rng.choice([-1, 1]) * 10 ** rng.uniform(-3, 0.5):.5f}" for _ in range(2)]
        slopes.sort(key=Fraction)
        widest = {"linear": 4096, "relu": 4096, "leaky": 60, "rrelu": 40}[kind]
        if kind == "leaky" and self.keep != "1":
            widest = 12
        largest = 12.01 if rng.random() < 0.05 else 8.5
        self.width = min(widest, int(2 ** rng.uniform(0, largest)))
        self.slope = {"linear": "1", "relu": "0", "leaky": slopes[0], "rrelu": ":".join(slopes)}[
            kind
        ]
        self.kind = kind

    def layer(self) -> Layer:
        """The layer for Arb."""
        slopes = tuple(Fraction(slope) for slope in self.slope.split(":"))
        return Layer(slopes, Fraction(self.keep), self.width)

    def line(self) -> str:
        """The question for our side."""
        return f"constants {self.slope} {self.keep} {self.width} {self.s} {DIGITS}"


class Transform:
    """L″(t) of a layer for complex t, and bounds."""

    def __init__(self, layer: Layer) -> None:
        self.width = layer.width
        self.dead = ball(layer.dead)
        half = ball(layer.keep / 2)
        self.atoms = [(arb(1), half)]
        self.uniform = None
        squares = [(Fraction(1), layer.keep / 2)]
        fourths = [(Fraction(1), layer.keep / 2)]
        if len(layer.slopes) == 2:
            lower, upper = layer.slopes
            self.uniform = (ball(lower), ball(upper), half)
            length = upper - lower
            squares.append(((upper**3 - lower**3) / (3 * length), layer.keep / 2))
            fourths.append(((upper**5 - lower**5) / (5 * length), layer.keep / 2))
        elif layer.slopes[0] != 0:
            self.atoms.append((ball(layer.slopes[0]) ** 2, half))
            squares.append((layer.slopes[0] ** 2, layer.keep / 2))
            fourths.append((layer.slopes[0] ** 4, layer.keep / 2))
        mean = sum(x * w for x, w in squares)
        second = sum(x * w for x, w in fourths)
        d = layer.width
        self.mean = d * mean
        # E Q² = 3d E c² + d(d−1)(E c)²
        self.second_moment = 3 * d * second + d * (d - 1) * mean**2

    def __call__(self, t: acb, analytic: bool) -> acb:
        """L″(t)."""
        value, first, second = acb(self.dead), acb(0), acb(0)
        for c, w in self.atoms:
            base = 1 + 2 * c * t
            term = w / base.sqrt(analytic=analytic)
            value += term
            first += term * c / base
            second += 3 * term * (c / base) ** 2
        if self.uniform is not None:
            lower, upper, weight = self.uniform
            x = 2 * t
            root = x.sqrt(analytic=analytic)
            length = upper - lower
            low, high = (a / (1 + x * a * a).sqrt(analytic=analytic) for a in (lower, upper))
            low_area, high_area = (_asinh(root, a, analytic) for a in (lower, upper))
            plain = (high_area - low_area) / (length * root)
            third = (high - low) / length
            fifth = (high - low - x * (high**3 - low**3) / 3) / length
            value += weight * plain
            first += weight * (plain - third) / x
            second += weight * 3 * (plain - 2 * third + fifth) / (x * x)
        d = self.width
        if d == 1:
            return second
        return d * value ** (d - 2) * ((d - 1) * first**2 + value * second)

    def right(self) -> arb:
        """C with t²L″(t) ≤ C t^{−7/16}, t ≥ 1."""
        share = sum((w / c.sqrt() for c, w in self.atoms), arb(0))
        if self.uniform is not None:
            lower, upper, weight = self.uniform
            # asinh z ≤ log(1+2z) ≤ 8 (2z)^{1/8}, on both sides of 0
            widest = max(abs(lower), abs(upper))
            share += weight * 16 * (2 * widest) ** arb(fmpq(1, 8)) / (upper - lower)
        return arb(fmpq(11, 5)) * self.width * share


def _asinh(root: acb, a: arb, analytic: bool) -> acb:
    """asinh(root·a)."""
    z = root * abs(a)
    value = (z + (1 + z * z).sqrt(analytic=analytic)).log(analytic=analytic)
    return -value if a < 0 else value


def integrals(layer: Layer, p: Fraction, powers: int) -> list[arb]:
    """∫ L″(eᵘ) e^{(2−p)u} (u−c)ʲ du for j < powers, and the center c."""
    transform = Transform(layer)
    left_rate, right_rate = ball(2 - p), ball(Fraction(7, 16) + p)
    scale = log(float(transform.mean))
    second = ball(transform.second_moment)
    left = (TAIL + abs(float(second.log())) + (2 - float(p)) * abs(scale)) / float(2 - p)
    right = (TAIL + abs(float(transform.right().log())) + float(p) * abs(scale)) / float(
        Fraction(7, 16) + p
    )
    # the differences for a uniform slope lose the bits of t²
    ctx.prec = BITS + 40 + 2 * layer.width.bit_length()
    if len(layer.slopes) == 2:
        spread = log(1 / float(layer.slopes[1] - layer.slopes[0]))
        ctx.prec += int(4 * left + 6 * abs(spread)) + 100
        transform = Transform(layer)
    center = arb(fmpq(int(-scale * 16), 16))
    start, end = arb(-int(left) - 1), arb(int(right) + 1)
    exponent = ball(2 - p)
    results = []
    for j in range(powers):

        def integrand(u: acb, analytic: bool, j: int = j) -> acb:
            t = u.exp()
            return transform(t, analytic) * (exponent * u).exp() * (u - center) ** j

        # in pieces about the center, where the integrand is largest
        nodes = [start, center, end]
        total = acb(0)
        for low, high in zip(nodes, nodes[1:], strict=False):
            total += acb.integral(
                integrand, low, high, rel_tol=arb(2) ** -BITS, abs_tol=arb(2) ** (-BITS - 40)
            )
        # beyond both ends |u−c|ʲ e^{−rate·(u−end)}, integrated
        bounds = [
            (second * (left_rate * start).exp(), left_rate, abs(start - center)),
            (transform.right() * (-right_rate * end).exp(), right_rate, abs(end - center)),
        ]
        rest = arb(0)
        for size, rate, far in bounds:
            inner = [1 / rate, far / rate + 1 / rate**2]
            inner.append(far**2 / rate + 2 * far / rate**2 + 2 / rate**3)
            rest += size * inner[j]
        results.append(total.real + arb(0, rest.abs_upper()))
    return [*results, center]


def moment(layer: Layer, p: Fraction) -> arb:
    """E[Q^p; Q>0] without the gain."""
    ctx.prec = BITS + 80
    found = moment_by_sum(layer, fmpq(p.numerator, p.denominator)) if summable(layer) else None
    if found is not None:
        return found
    total, _ = integrals(layer, p, 1)
    return total / ball(2 - p).gamma()


def summable(layer: Layer) -> bool:
    """Whether the finite sums are meant for it: |slope| ≤ 1."""
    return len(layer.slopes) == 1 and abs(layer.slopes[0]) <= 1


def log_moments(layer: Layer) -> tuple[arb, arb]:
    """Mean and variance of ½ log Q without the gain."""
    ctx.prec = BITS + 80
    found = log_cumulants_by_sum(layer)
    if found is not None:
        return found[0], found[1]
    total, first, second, center = integrals(layer, Fraction(0), 3)
    mean, square = first / total, second / total
    variance = square - mean * mean
    two = arb(2)
    return (two.digamma() - center - mean) / 2, (variance - two.zeta(two)) / 4


def arb_answers(drawn: Drawn) -> list[arb]:
    """Moment, σ, mean and variance of the log."""
    layer, s = drawn.layer(), Fraction(drawn.s)
    value = moment(layer, s / 2)
    keep = ball(layer.keep)
    value *= keep ** -ball(s)
    answers = [value, value ** (-1 / ball(s))]
    if drawn.with_log:
        mean, variance = log_moments(layer)
        answers += [mean - keep.log(), variance]
    return answers


def meets(text: str, truth: arb, moved: int) -> bool:
    """Whether a number, moved by some units of its last digit, meets a ball."""
    significand, _, exponent = text.partition("e")
    places = len(significand.partition(".")[2])
    unit = Fraction(10) ** (int(exponent or 0) - places)
    center = Fraction(significand) * Fraction(10) ** int(exponent or 0) + moved * unit
    low, high = ball(center - unit / 2), ball(center + unit / 2)
    return not (truth < low or truth > high)


def main() -> None:
    """Draws, asks both, compares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sums", action="store_true", help="only what Arb has finite sums for")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    process = subprocess.Popen(
        COMMAND.split(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    met, caught, numbers, widest = 0, 0, 0, 0.0
    kinds: dict[str, int] = {}
    for count in range(1, arguments.layers + 1):
        drawn = Drawn(rng, arguments.sums)
        kinds[drawn.kind] = kinds.get(drawn.kind, 0) + 1
        process.stdin.write(drawn.line() + "\n")
        process.stdin.flush()
        texts = process.stdout.readline().split()[1:]
        for text, truth in zip(texts, arb_answers(drawn), strict=False):
            numbers += 1
            widest = max(widest, float(truth.rad() / abs(truth.mid())) if truth != 0 else 0.0)
            if meets(text, truth, 0):
                met += 1
            else:
                print(f"{drawn.line()}: {text} and {truth}")
            caught += not meets(text, truth, 2) and not meets(text, truth, -2)
        if count % 50 == 0:
            print(f"{count} layers: {met} of {numbers} meet", file=sys.stderr, flush=True)
    print(f"layers: {kinds}")
    print(f"{met} of {numbers} intervals at {DIGITS} digits meet Arb's")
    print(f"{caught} of {numbers} moved by two units do not")
    print(f"widest ball of Arb's, relatively: {widest:.1e}")
    sys.exit(met != numbers or caught != numbers)


if __name__ == "__main__":
    main()
