"""tests/data/binomial.csv: both tails of the binomial law to 25 digits, by mpmath.

P(X = x) by loggamma in 60 digits, and the sum of the smaller tail by the ratio of neighbours; p is
a double, exact.
"""

from collections.abc import Iterator

from mpmath import mp

from table import Row, Table, run

TABLE = Table("binomial.csv", ["trials", "p", "x"], ["at_most", "at_least"])


def cases() -> Iterator[Row]:
    """Near the mean, some deviations from it, and the ends."""
    for trials in (1, 2, 10, 16, 100, 1000, 10**5, 10**6, 10**7, 10**8):
        for p in (0.5, 0.3, 0.999, 1e-3, 1e-7):
            mean = trials * p
            deviation = (trials * p * (1 - p)) ** 0.5
            places = {0, 1, trials - 1, trials}
            places |= {round(mean + z * deviation) for z in (-30, -8, -4, -1, 0, 1, 4, 8, 30)}
            for x in sorted(x for x in places if 0 <= x <= trials):
                # doubles end at 1e-308
                if abs(x - mean) <= 35 * deviation + 2:
                    yield {"trials": str(trials), "p": repr(p), "x": str(x)}


def lower(trials: int, p: mp.mpf, x: int) -> tuple[mp.mpf, mp.mpf]:
    """P(X = x) and P(X <= x), x at most the mean."""
    q = 1 - p
    log = mp.loggamma(trials + 1) - mp.loggamma(x + 1) - mp.loggamma(trials - x + 1)
    point = mp.exp(log + x * mp.log(p) + (trials - x) * mp.log(q))
    term = total = point
    for j in range(x, 0, -1):
        term *= j * q / ((trials - j + 1) * p)
        total += term
        if term < total * mp.mpf(10) ** -32:
            break
    return point, total


def compute(case: Row) -> Row:
    """One row."""
    trials, x = int(case["trials"]), int(case["x"])
    with mp.workdps(60):
        p = mp.mpf(float(case["p"]))
        if x <= trials * p:
            point, at_most = lower(trials, p, x)
            at_least = 1 - at_most + point
        else:
            point, at_least = lower(trials, 1 - p, trials - x)
            at_most = 1 - at_least + point
        return {"at_most": mp.nstr(at_most, 25), "at_least": mp.nstr(at_least, 25)}


if __name__ == "__main__":
    run(TABLE, list(cases()), compute)
