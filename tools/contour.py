"""P(S ≤ x) and P(S > x) for S with a known E e^{zS}: the Mellin–Barnes integral, in ball
arithmetic.

For 0 < Re z below the first pole on the right, P(S > x) = (1/2πi) ∫ e^{−zx} φ(z) dz/z upwards, and
the same integral with −lowest < Re z < 0 is −P(S ≤ x). The line of integration is bent to a
hyperbola

    z(v) = c + μ (sin α (1 − cosh v) + i cos α sinh v)

through the real saddle point c, α = 0 giving the line itself, and summed by the trapezoidal rule,
whose step is halved until two sums agree. The radii of the balls count rounding.
"""

from collections.abc import Callable

from flint import acb, arb
from mpmath import mp

# two sums that agree to this have converged: halving the step squares the error
AGREEMENT = arb(10) ** -28
HALVINGS = 12


def two_tails(
    log_transform: Callable[[float], float],
    transform: Callable[[acb], acb],
    x: arb,
    lowest: float,
    angle: float,
    highest: float = float("inf"),
) -> tuple[arb, arb]:
    """P(S ≤ x) and P(S > x), given log E e^{zS} at real z, and E e^{zS}.

    Its poles next to 0 are −`lowest` and `highest`.
    """
    point = float(x)

    def exponent(z: float) -> float:
        return log_transform(z) - z * point

    below = _saddle(exponent, -lowest, 0.0)
    above = _saddle(exponent, 0.0, highest)
    cdf = -_integral(transform, x, below, min(-below, below + lowest), angle)
    survival = _integral(transform, x, above, above, angle)
    off = abs(cdf + survival - 1)
    if not off < arb(10) ** -26:
        raise ArithmeticError(f"the tails at {x} do not add up to 1: {cdf} and {survival}")
    # the larger one from the smaller, which is the more accurate
    return (cdf, 1 - cdf) if cdf < survival else (1 - survival, survival)


def _saddle(exponent: Callable[[float], float], low: float, high: float) -> float:
    """Where exponent(z) − log|z| is smallest between two poles, roughly."""
    if high == float("inf"):
        points = [2.0**k for k in range(-40, 41)]
    else:
        shares = [2.0**-k for k in range(1, 40)]
        width = high - low
        points = sorted(
            {low + width * share for share in shares} | {high - width * share for share in shares}
        )

    def height(z: float) -> float:
        return exponent(z) - float(mp.log(abs(z)))

    best = min(range(len(points)), key=lambda i: height(points[i]))
    left, right = points[max(best - 1, 0)], points[min(best + 1, len(points) - 1)]
    for _ in range(40):
        thirds = [left + (right - left) / 3, right - (right - left) / 3]
        if height(thirds[0]) < height(thirds[1]):
            right = thirds[1]
        else:
            left = thirds[0]
    return (left + right) / 2


def _integral(
    transform: Callable[[acb], acb], x: arb, vertex: float, scale: float, angle: float
) -> arb:
    """(1/2πi) ∫ e^{−zx} φ(z) dz/z along the hyperbola; by symmetry (1/π) Im ∫_{v>0}."""
    sine, cosine = arb(angle).sin(), arb(angle).cos()
    c, mu = arb(vertex), arb(scale)

    def value(v: arb) -> arb:
        hyperbolic = v.sinh(), v.cosh()
        z = acb(c + mu * sine * (1 - hyperbolic[1]), mu * cosine * hyperbolic[0])
        slope = acb(-mu * sine * hyperbolic[0], mu * cosine * hyperbolic[1])
        return (transform(z) * (-z * x).exp() / z * slope).imag

    start = value(arb(0)) / 2
    tolerance = arb(10) ** -70  # a left tail may be 1e-30 of the integrand

    def added(step: arb, first: arb) -> arb:
        """Σ over v = first, first + step, …"""
        total, v, small = arb(0), first, 0
        size = abs(start)
        while small < 6:
            term = value(v)
            total += term
            size = size.max(abs(total))
            small = small + 1 if abs(term) < tolerance * size else 0
            v += step
            if v > 60:
                raise ArithmeticError(f"the integral at {x} does not end")
        return total

    step = arb(0.25)
    total = start + added(step, step)
    for _ in range(HALVINGS):
        finer = total + added(step, step / 2)
        step = step / 2
        if abs(finer * step - total * 2 * step) < AGREEMENT * abs(finer * step):
            return (finer * step).mid() / arb.pi()
        total = finer
    raise ArithmeticError(f"the integral at {x} does not converge")
