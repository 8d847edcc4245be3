"""tests/data/special_random.csv: the functions of src/special/ at random doubles, with mpmath.

Arguments are drawn over the whole domain of each function, from a fixed seed; they are doubles,
exact. Values come from the definitions in `special.py`, to 25 digits.
"""

import random
from collections.abc import Callable, Iterator

from mpmath import mp, mpf, nstr

from special import FUNCTIONS
from table import Row, Table, run

TABLE = Table("special_random.csv", ["function", "x", "p"], ["value"])

DIGITS = 25
# a difference quotient at p = 1e-300 costs 300
WORKING_DIGITS = 700
SEED = 20240607
ROWS = 300

DRAW = random.Random(SEED)


def magnitude(low: float, high: float) -> float:
    """Log-uniform between powers of ten."""
    return float(10.0 ** DRAW.uniform(low, high))


def sign() -> float:
    """−1 or 1."""
    return DRAW.choice([-1.0, 1.0])


def one_of(*draws: Callable[[], float]) -> float:
    """A draw from one of several laws."""
    return DRAW.choice(draws)()


def above_minus_one() -> float:
    """Small ones of both signs, all sizes above, and those next to −1."""
    return one_of(
        lambda: sign() * magnitude(-150, -1),
        lambda: sign() * magnitude(-3, -0.3),
        lambda: DRAW.uniform(-0.999, 2.0),
        lambda: magnitude(-1, 300),
        lambda: magnitude(-16, 0) - 1.0,
    )


def exponent() -> float:
    """Where e^x is a double."""
    return one_of(
        lambda: sign() * magnitude(-150, -1),
        lambda: sign() * magnitude(-3, 0),
        lambda: DRAW.uniform(-3.0, 3.0),
        lambda: DRAW.uniform(0.0, 709.0),
        lambda: -magnitude(0, 300),
    )


def half_width() -> float:
    """From 1/2 to half the largest width, 2⁵²."""
    drawn = one_of(
        lambda: DRAW.uniform(0.5, 20.0),
        lambda: 0.5 * DRAW.randint(1, 60),
        lambda: magnitude(-0.3, 15.6),
    )
    return max(drawn, 0.5)


def order() -> float:
    """From 0 to 4, tiny ones and those next to 1, 2 and 3 more often."""
    return one_of(
        lambda: DRAW.uniform(0.0, 4.0),
        lambda: magnitude(-300, -3),
        lambda: magnitude(-5, 0),
        lambda: DRAW.choice([1.0, 2.0, 3.0]) * (1.0 + sign() * magnitude(-15, -2)),
    )


def up_to_two() -> float:
    """From 0 to 2, those next to 0, 1 and 2 more often."""
    return one_of(
        lambda: DRAW.uniform(0.0, 2.0),
        lambda: magnitude(-300, 0),
        lambda: 1.0 + sign() * magnitude(-15, -1),
        lambda: 2.0 - magnitude(-15, 0),
    )


# in the order in which they are drawn
ARGUMENTS: dict[str, tuple[Callable[[], float], Callable[[], float]]] = {
    "log1pmx": (above_minus_one, lambda: 0.0),
    "expm1mx": (exponent, lambda: 0.0),
    "ln_gamma_ratio_slope": (half_width, order),
    "reciprocal_gamma_one_minus": (up_to_two, lambda: 0.0),
    "digamma_minus_ln": (half_width, lambda: 0.0),
    "trigamma": (half_width, lambda: 0.0),
    "tetragamma": (half_width, lambda: 0.0),
}


def cases() -> Iterator[Row]:
    """The arguments of every function."""
    for name, (first, second) in ARGUMENTS.items():
        for _ in range(ROWS):
            x, p = first(), second()
            yield {"function": name, "x": repr(x), "p": repr(p)}


def compute(case: Row) -> Row:
    """One value."""
    with mp.workdps(WORKING_DIGITS):
        value = FUNCTIONS[case["function"]](mpf(float(case["x"])), mpf(float(case["p"])))
        return {"value": nstr(value, DIGITS)}


if __name__ == "__main__":
    run(TABLE, list(cases()), compute)
