"""tests/data/special.csv: the functions of src/special/ from their definitions, with mpmath."""

from collections.abc import Callable, Iterator

from mpmath import expm1, log, log1p, loggamma, mp, mpf, nstr, psi, rgamma

from table import Row, Table, run

TABLE = Table("special.csv", ["function", "x", "p"], ["value"])

DIGITS = 30

# arguments of the gamma and polygamma functions, then orders of the ratio
GAMMA_ARGUMENTS = [
    0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 5.0, 7.5, 8.0, 11.5, 12.0, 15.5, 16.0, 17.5, 32.0,
    100.5, 1000.0, 123456.5, 5e8, 5e11, 2.0**52,
]  # fmt: skip
ORDERS = [0.0, 1e-300, 1e-12, 0.005, 0.05, 0.25, 0.5, 0.75, 0.999, 1.0, 1.3, 2.0, 3.7, 4.0]
RECIPROCAL_ARGUMENTS = [
    0.0, 1e-18, 1e-9, 0.1, 0.25, 0.5, 0.75, 0.999999999, 0.9999999, 1.0, 1.000000001, 1.2, 1.5, 1.9,
    1.999999999, 2.0,
]  # fmt: skip
ELEMENTARY_ARGUMENTS = [
    1e-150, 1e-20, 1e-10, 1e-5, 0.001, 0.01, 0.1, 0.2, 0.3, 0.44, 0.45, 0.46, 0.499, 0.5, 0.51,
    0.59, 0.6, 0.61, 0.9, 1.0, 5.0, 40.0, 700.0,
]  # fmt: skip


def ln_gamma_ratio_slope(x: mpf, p: mpf) -> mpf:
    """(log Γ(x+p) − log Γ(x))/p − log x, at p = 0 its limit, at p = 1 0: Γ(x+1) = xΓ(x)."""
    if p == 0:
        return psi(0, x) - log(x)
    if p == 1:
        return mpf(0)
    return (loggamma(x + p) - loggamma(x)) / p - log(x)


FUNCTIONS: dict[str, Callable[[mpf, mpf], mpf]] = {
    "ln_gamma_ratio_slope": ln_gamma_ratio_slope,
    "digamma_minus_ln": lambda x, _: psi(0, x) - log(x),
    "trigamma": lambda x, _: psi(1, x),
    "tetragamma": lambda x, _: psi(2, x),
    "reciprocal_gamma_one_minus": lambda p, _: rgamma(1 - p),
    "log1pmx": lambda x, _: log1p(x) - x,
    "expm1mx": lambda x, _: expm1(x) - x,
}


def cases() -> Iterator[Row]:
    """The arguments, each a double, exact."""

    def case(function: str, x: float, p: float = 0.0) -> Row:
        return {"function": function, "x": repr(x), "p": repr(p)}

    for x in GAMMA_ARGUMENTS:
        yield from (case("ln_gamma_ratio_slope", x, p) for p in ORDERS)
        yield from (case(name, x) for name in ("digamma_minus_ln", "trigamma", "tetragamma"))
    yield from (case("reciprocal_gamma_one_minus", x) for x in RECIPROCAL_ARGUMENTS)
    for size in ELEMENTARY_ARGUMENTS:
        for x in (size, -size):
            if x > -1:
                yield case("log1pmx", x)
            yield case("expm1mx", x)


def compute(case: Row) -> Row:
    """One value, at 400 digits: 1e-300 in a difference quotient costs 300."""
    with mp.workdps(400):
        value = FUNCTIONS[case["function"]](mpf(float(case["x"])), mpf(float(case["p"])))
        return {"value": nstr(value, DIGITS)}


if __name__ == "__main__":
    run(TABLE, list(cases()), compute)
