"""Writes tests/data/special_random.csv: the functions of src/special at random doubles.

    pip install mpmath
    python3 tools/special_random.py > tests/data/special_random.csv

Arguments are drawn over the whole domain of each function, exact doubles; values come from the
definitions (loggamma, psi, log, exp) at 400 digits or more and are written with 25.
"""

import random

from mpmath import exp, log, loggamma, mp, mpf, nstr, psi, rgamma

mp.dps = 700
random.seed(20240607)

ROWS = 300


def log1pmx(x, _):
    return log(1 + x) - x


def expm1mx(x, _):
    return exp(x) - 1 - x


def ln_gamma_ratio_slope(x, p):
    if p == 0:
        return psi(0, x) - log(x)
    return (loggamma(x + p) - loggamma(x)) / p - log(x)


def reciprocal_gamma_one_minus(p, _):
    return rgamma(1 - p)


def digamma_minus_ln(x, _):
    return psi(0, x) - log(x)


def trigamma(x, _):
    return psi(1, x)


def tetragamma(x, _):
    return psi(2, x)


def magnitude(low, high):
    return 10.0 ** random.uniform(low, high)


def sign():
    return random.choice([-1.0, 1.0])


def above_minus_one():
    """Small ones of both signs, all sizes above, and those next to -1."""
    return random.choice([
        lambda: sign() * magnitude(-150, -1),
        lambda: sign() * magnitude(-3, -0.3),
        lambda: random.uniform(-0.999, 2.0),
        lambda: magnitude(-1, 300),
        lambda: magnitude(-16, 0) - 1.0,
    ])()


def exponent():
    return random.choice([
        lambda: sign() * magnitude(-150, -1),
        lambda: sign() * magnitude(-3, 0),
        lambda: random.uniform(-3.0, 3.0),
        lambda: random.uniform(0.0, 709.0),
        lambda: -magnitude(0, 300),
    ])()


def half_width():
    """Up to half the largest width, 2^52."""
    return random.choice([
        lambda: random.uniform(0.5, 20.0),
        lambda: 0.5 * random.randint(1, 60),
        lambda: magnitude(-0.3, 15.6),
    ])()


def order():
    return random.choice([
        lambda: random.uniform(0.0, 4.0),
        lambda: magnitude(-300, -3),
        lambda: magnitude(-5, 0),
        lambda: random.choice([1.0, 2.0, 3.0]) * (1.0 + sign() * magnitude(-15, -2)),
    ])()


def up_to_two():
    return random.choice([
        lambda: random.uniform(0.0, 2.0),
        lambda: magnitude(-300, 0),
        lambda: 1.0 + sign() * magnitude(-15, -1),
        lambda: 2.0 - magnitude(-15, 0),
    ])()


def none():
    return 0.0


FUNCTIONS = [
    (log1pmx, above_minus_one, none),
    (expm1mx, exponent, none),
    (ln_gamma_ratio_slope, half_width, order),
    (reciprocal_gamma_one_minus, up_to_two, none),
    (digamma_minus_ln, half_width, none),
    (trigamma, half_width, none),
    (tetragamma, half_width, none),
]

print("function,x,p,value")
for function, first, second in FUNCTIONS:
    for _ in range(ROWS):
        x, p = first(), second()
        if function is ln_gamma_ratio_slope:
            x = max(x, 0.5)
        if function in (digamma_minus_ln, trigamma, tetragamma):
            x = max(x, 0.5)
        print(f"{function.__name__},{x!r},{p!r},{nstr(function(mpf(x), mpf(p)), 25)}")
