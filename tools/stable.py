"""tests/data/stable.csv: layers with α-stable weights, Q = Σ c|z|^α, to 22 digits.

E[Q^p; Q>0] = (1/Γ(1−p)) ∫ (−L′(t)) t^{−p} dt, L = M^d, a trapezoidal sum in u = log t; p = s/α. The
measure −L′ dt is that of t = E/Q, E exponential, so that the cumulants of log Q are those of −u
less those of −log E. M = E e^{−tc|z|^α} and its derivative are inverse Mellin transforms of
Γ(w) E[c^{−w}] E|z|^{−αw}, E|z|^r = 2^r Γ((1+r)/2) Γ(1−r/α)/(√π Γ(1−r/2)), over Re w = −0.6 up to
t = 1 and over 0 < Re w < 1/α from there; below e^{−20} from the residues at w = −1, −2, …, which
must agree there. α = 1 and α = 2 do without: M is elementary, or Ci and Si. The library has another
formula for E|z|^r, other contours and another integral for the moments. Before a table is
written M is compared with the double integral of Chambers, Mallows & Stuck's |z|^α.
"""

from functools import cache
from itertools import product

from flint import acb, acb_poly, arb, ctx
from mpmath import inf, mp, mpf, pi, quad

from table import Row, Table, run

ctx.prec = 260
DIGITS = 22

KEYS = ["alpha", "activation", "keep", "width", "s"]
TABLE = Table("stable.csv", KEYS, ["moment", "gamma", "mean_log", "var_log", "third_log"])

ALPHAS = [
    "0.3",
    "0.55",
    "0.9",
    "1",
    "1.2",
    "1.5",
    "1.8",
    "1.9",
    "1.99",
    "1.9999",
    "1.999999999",
    "2",
]
UNITS = [("linear", "1"), ("relu", "1"), ("leaky", "0.75"), ("rrelu", "1")]
WIDTHS = ["1", "2", "16", "256", "4096", "1000000", "1000000000000"]
SHARES = ["0.001", "0.25", "0.5", "0.75", "0.95", "0.99"]
# slope −1/5; PyTorch's bounds, the second as a double
LEAKY = arb(1) / 5
LOWER, UPPER = arb(1) / 8, arb(1.0 / 3.0)

STEP = arb(1) / 8
SMALL = arb(10) ** -32
CHUNK = 32
SERIES_TO = -20
EULER = arb.const_euler()
ZETA_2, ZETA_3 = arb(2).zeta(), arb(3).zeta()

Point = tuple[arb, arb]


def cases() -> list[Row]:
    """Every α, activation and width at two orders, in turn."""
    rows = []
    for i, (alpha, (activation, keep), width) in enumerate(product(ALPHAS, UNITS, WIDTHS)):
        for k in range(2):
            share = SHARES[(i + 3 * k) % len(SHARES)]
            s = f"{float(share) * float(alpha):.6g}"
            rows.append(dict(zip(KEYS, [alpha, activation, keep, width, s], strict=True)))
    return rows


def slope_mellin(activation: str, alpha: arb, w: acb) -> acb:
    """E[c^{−w}; c>0]."""
    one = acb(1)
    if activation == "linear":
        return one
    if activation == "relu":
        return one / 2
    if activation == "leaky":
        return (one + acb(LEAKY) ** (-alpha * w)) / 2
    x = 1 - alpha * w
    spread = (acb(UPPER) ** x - acb(LOWER) ** x) / (x * (UPPER - LOWER))
    return (one + spread) / 2


def kernel(activation: str, alpha: arb, w: acb) -> acb:
    """Γ(w) E[c^{−w}; c>0] E|z|^{−αw}."""
    r = -alpha * w
    power = acb(2) ** r * ((1 + r) / 2).gamma() * (1 + w).gamma()
    power = power / (arb.pi().sqrt() * (1 - r / 2).gamma())
    return w.gamma() * slope_mellin(activation, alpha, w) * power


class Contour:
    """(1/2πi) ∫ over Re w = `real` of the kernel times t^{−w}, and of w times it."""

    def __init__(self, activation: str, alpha: arb, real: arb, distance: arb) -> None:
        self.real = real
        self.step = 2 * arb.pi() * distance / 92
        values: list[acb] = []
        while not values or abs(values[-1]) > arb(10) ** -44 * abs(values[0]):
            w = acb(real, self.step * len(values))
            values.append(kernel(activation, alpha, w) * self.step / arb.pi())
        values[0] /= 2
        points = [acb(real, self.step * k) for k in range(len(values))]
        moved = [w * value for w, value in zip(points, values, strict=True)]
        self.plain, self.moved = chunks(values), chunks(moved)

    def at(self, u: arb) -> Point:
        """Both at t = eᵘ."""
        front = (-self.real * u).exp()
        angle = acb(0, -1) * self.step * u
        turn = angle.exp()
        turns = [(angle * (CHUNK * k)).exp() for k in range(len(self.plain))]
        plain = sum((a * p(turn) for a, p in zip(turns, self.plain, strict=True)), acb(0))
        moved = sum((a * p(turn) for a, p in zip(turns, self.moved, strict=True)), acb(0))
        return front * plain.real, front * moved.real


def chunks(values: list[acb]) -> list[acb_poly]:
    """Polynomials of CHUNK terms each: error bounds of long ones explode."""
    return [acb_poly(values[k : k + CHUNK]) for k in range(0, len(values), CHUNK)]


class Unit:
    """A = α₊ − (M − δ), α₊ = P(c>0), and −t M′, of one unit at t = eᵘ."""

    def __init__(self, alpha: float, activation: str) -> None:
        self.alpha, self.activation = arb(alpha), activation
        self.known: dict[int, Point] = {}
        self.alive = arb(1) / 2 if activation == "relu" else arb(1)
        left = arb(6) / 10
        self.left = Contour(activation, self.alpha, -left, arb(4) / 10)
        strip = 1 / self.alpha
        right = strip * 45 / 100 if alpha > 0.5 else arb(9) / 10
        self.right = Contour(activation, self.alpha, right, right)
        self.series = [self.residue(n) for n in range(1, 7)]
        for u in (arb(SERIES_TO), arb(SERIES_TO) - 1):
            for one, other in zip(self.by_series(u), self.by_left(u), strict=True):
                agree(one, other, f"series and contour at α = {alpha}")
        for one, other in zip(self.by_left(arb("0.1")), self.by_right(arb("0.1")), strict=True):
            agree(one, other, f"both contours at α = {alpha}")

    def by_left(self, u: arb) -> Point:
        """From the contour on the left."""
        plain, moved = self.left.at(u)
        return -plain, moved

    def by_right(self, u: arb) -> Point:
        """From the contour on the right."""
        plain, moved = self.right.at(u)
        return self.alive - plain, moved

    def residue(self, n: int) -> Point:
        """A has the term tⁿ (plain − logarithmic·u): the kernel times (w+n)², by its polynomial
        through points around the double pole."""
        radius, count = arb(1) / 4, 256
        turns = [acb(0, 2 * arb.pi() * k / count).exp() for k in range(count)]
        values = [kernel(self.activation, self.alpha, -n + radius * turn) for turn in turns]
        scaled = [value * (radius * turn) ** 2 for value, turn in zip(values, turns, strict=True)]
        pairs = list(zip(scaled, turns, strict=True))
        value = sum((v for v, _ in pairs), acb(0)) / count
        slope = sum((v / turn for v, turn in pairs), acb(0)) / (count * radius)
        # the residue of kernel·t^{−w} is tⁿ (slope − u·value), and A has it with the sign −
        return -slope.real, -value.real

    def by_series(self, u: arb) -> Point:
        """From the residues on the left."""
        a = moved = arb(0)
        for n, (plain, logarithmic) in enumerate(self.series, 1):
            power = (n * u).exp()
            a += power * (plain - logarithmic * u)
            moved += power * (n * (plain - logarithmic * u) - logarithmic)
        return a, moved

    def at(self, k: int) -> Point:
        """At u = k·STEP, computed once."""
        if k not in self.known:
            self.known[k] = self.compute(k)
        return self.known[k]

    def compute(self, k: int) -> Point:
        """At u = k·STEP."""
        u = STEP * k
        if u < SERIES_TO:
            return self.by_series(u)
        return self.by_left(u) if k <= 0 else self.by_right(u)


class Elementary(Unit):
    """α = 1 and α = 2: M of c = 1, mixed over atoms of c."""

    def __init__(self, alpha: float, activation: str) -> None:
        self.alpha, self.activation = arb(alpha), activation
        self.known: dict[int, Point] = {}
        self.alive = arb(1) / 2 if activation == "relu" else arb(1)

    def one(self, t: arb) -> Point:
        """A and −t M′ of |z|^α."""
        if self.alpha == 2:
            root = (1 + 4 * t).sqrt()
            return 4 * t / (root * (1 + root)), 2 * t / root**3
        # (2/π) f(t), f = Ci sin + (π/2 − Si) cos; f′ = −g, g = −Ci cos + (π/2 − Si) sin
        ci, si = acb(t).ci().real, arb.pi() / 2 - acb(t).si().real
        f, g = ci * t.sin() + si * t.cos(), -ci * t.cos() + si * t.sin()
        front = 2 / arb.pi()
        return 1 - front * f, t * front * g

    def compute(self, k: int) -> Point:
        """At u = k·STEP."""
        t = (STEP * k).exp()
        if self.activation == "linear":
            return self.one(t)
        if self.activation == "relu":
            a, moved = self.one(t)
            return a / 2, moved / 2
        first, second = self.one(t), self.one(t * LEAKY**self.alpha)
        return (first[0] + second[0]) / 2, (first[1] + second[1]) / 2


@cache
def unit(alpha: str, activation: str) -> Unit:
    """The unit of a row."""
    elementary = alpha in ("1", "2") and activation != "rrelu"
    return (Elementary if elementary else Unit)(float(alpha), activation)


@cache
def measure(alpha: str, activation: str, keep: str, width: str) -> list[tuple[arb, arb]]:
    """(u, −L′ t·STEP), L over alive and dead units, without a factor for the mask."""
    law, q, d = unit(alpha, activation), arb(float(keep)), int(width)
    found = []

    def mass(k: int) -> arb:
        a, moved = law.at(k)
        # M^{d−1}
        return STEP * d * q * moved * ((1 - q * a).log() * (d - 1)).exp()

    start = -round(float((arb(d).log() + 1) / STEP))
    for direction in (1, -1):
        k = start if direction > 0 else start - 1
        while (value := mass(k)) * (arb(1) if direction > 0 else tail(k, start)) > SMALL:
            found.append((STEP * k, value))
            k += direction
    return found


def tail(k: int, start: int) -> arb:
    """How much more a term weighs at p = 0.99 than at the start."""
    return (-STEP * (k - start) * 99 / 100).exp()


def agree(one: arb, other: arb, what: str) -> None:
    """Stops unless both are the same to 30 digits."""
    if not abs(one / other - 1) < arb(10) ** -30:
        raise SystemExit(f"{what}: {one} and {other}")


def double_integral(alpha: float, t: float) -> mpf:
    """E e^{−t|z|^α}, |z|^α = K(U) W^{α−1}, U uniform, W exponential."""
    a = mpf(alpha)

    def given(angle: mpf) -> mpf:
        k = mp.sin(a * angle) ** a * mp.cos((1 - a) * angle) ** (1 - a) / mp.cos(angle)
        return quad(lambda w: mp.exp(-w - t * k * w ** (a - 1)), [0, 1, 4, inf])

    return 2 / pi * quad(given, [0, pi / 4, pi / 2])


def check_unit() -> None:
    """M against the double integral."""
    mp.dps = 20
    for alpha, u in [(0.55, -1), (0.55, 2), (1.5, 0), (1.5, 3), (1.9, -2), (1.9, 1)]:
        a, _ = unit(str(alpha), "linear").at(u * 8)
        other = double_integral(alpha, mp.exp(u))
        if abs(mpf(str(1 - a.mid()).split()[0].strip("[")) - other) > mpf(10) ** -12:
            raise SystemExit(f"M at α = {alpha}, log t = {u}: {1 - a} and {other}")


def compute(row: Row) -> Row:
    """One row."""
    terms = measure(*(row[key] for key in KEYS[:-1]))
    alive = sum((mass for _, mass in terms), arb(0))
    q = arb(float(row["keep"])) * (arb(1) / 2 if row["activation"] == "relu" else 1)
    exact = 1 - (1 - q) ** int(row["width"]) if int(row["width"]) < 10**5 else arb(1)
    if not abs(alive / exact - 1) < arb(10) ** -24:
        raise SystemExit(f"the masses of {row} add up to {alive}, not {exact}")
    alpha = arb(float(row["alpha"]))
    p = arb(float(row["s"])) / alpha
    power = sum((mass * (-p * u).exp() for u, mass in terms), arb(0))
    moment = power / (1 - p).gamma()
    gamma = (-moment.log() / arb(float(row["s"]))).exp()
    mean = sum((-u * mass for u, mass in terms), arb(0)) / alive

    def about(n: int) -> arb:
        """A central moment."""
        return sum(((-u - mean) ** n * mass for u, mass in terms), arb(0)) / alive

    values = [
        moment,
        gamma,
        (mean - EULER) / alpha,
        (about(2) - ZETA_2) / alpha**2,
        (about(3) - 2 * ZETA_3) / alpha**3,
    ]
    return dict(zip(TABLE.values, [text(value) for value in values], strict=True))


def text(value: arb) -> str:
    """A decimal."""
    return value.mid().str(DIGITS, radius=False)


if __name__ == "__main__":
    check_unit()
    run(TABLE, cases(), compute)
