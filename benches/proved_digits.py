"""Proved digits: isomoment beside ball arithmetic in Arb (python-flint), in one run.

    python3 -m pip install python-flint
    python3 benches/proved_digits.py

Arb's side is the finite sum over the units that count, by recurrences of its own from the gamma
functions at the mode outwards, as long as terms matter; and, where there is time, the same with
gamma functions at every term, as one would first write it. Both sides answer in turn, each time
with decimal digits; a ratio is the median of those of successive pairs.
"""

import argparse
import math
import statistics
import subprocess
import time
from fractions import Fraction
from math import comb

from flint import arb, ctx, fmpq

LEAKY = Fraction("0.01")
COMMAND = "cargo bench --quiet -p isomoment --bench proved_digits --features certified"


def ball(value):
    """A fraction at the working precision."""
    return arb(fmpq(value.numerator, value.denominator))


def chi(n, p):
    """E(χ²_n)^p without 2^p."""
    half = fmpq(n, 2)
    return arb.gamma_fmpq(half + p) / arb.gamma_fmpq(half)


def chance(kind, keep):
    """Probability that a unit counts."""
    return keep if kind == "linear" else keep / 2


def mode(d, q):
    """The n of largest probability, at least 1."""
    return max(1, min(d, int((d + 1) * q)))


def probability(d, n, q):
    """P(n)."""
    if d > 10_000:
        ctx.prec += 40
        log = arb(d + 1).lgamma() - arb(n + 1).lgamma() - arb(d - n + 1).lgamma()
        log += n * ball(q).log() + (d - n) * ball(1 - q).log()
        ctx.prec -= 40
        return log.exp()
    return comb(d, n) * ball(q) ** n * ball(1 - q) ** (d - n)


def outward(d, q, n, start, order):
    """Terms of the parity of n from the mode on, each with its n."""
    hit, miss = (q.numerator, q.denominator - q.numerator)
    a, b = order
    negligible = abs(start) * arb(2) ** (-ctx.prec)
    yield n, start
    term, m = start, n
    while m + 2 <= d:
        over = (d - m) * (d - m - 1) * hit * hit * (b * m + a)
        term = term * over / ((m + 1) * (m + 2) * miss * miss * b * m)
        m += 2
        yield m, term
        if term < negligible:
            break
    term, m = start, n
    while m > 2:
        m -= 2
        under = (d - m) * (d - m - 1) * hit * hit * (b * m + a)
        term = term * ((m + 1) * (m + 2) * miss * miss * b * m) / under
        yield m, term
        if term < negligible:
            break


def moment(kind, d, keep, s, each=False):
    """E[Q^{s/2}; Q>0]."""
    q, p = chance(kind, keep), fmpq(s.numerator, 2 * s.denominator)
    if kind == "leaky":
        total = leaky_moment(d, p)
    elif q == 1:
        total = chi(d, p)
    elif each:
        total = arb(0)
        weight = ball(1 - q) ** d
        for n in range(1, d + 1):
            weight = weight * ((d - n + 1) * q.numerator) / (n * (q.denominator - q.numerator))
            total += weight * chi(n, p)
    else:
        total, first = arb(0), mode(d, q)
        for n in {first, first + 1 if first < d else first - 1} - {0}:
            start = probability(d, n, q) * chi(n, p)
            for _, term in outward(d, q, n, start, (s.numerator, s.denominator)):
                total += term
    return total * arb(2) ** ball(s / 2) * ball(keep) ** ball(-s)


def leaky_moment(d, p):
    """Without dropout: χ²_d times 1 − (1−a²)B, B ~ Beta((d−h)/2, h/2), h ~ Binomial(d, 1/2)."""
    z = 1 - ball(LEAKY) ** 2
    total, weight, last = arb(0), arb(1), len(str(d))
    for h in range(d + 1):
        # Arb's recurrences need more bits than the rest
        ctx.prec += 60 + 20 * last
        mean = arb.hypgeom_2f1(z, -arb(p), arb(fmpq(d - h, 2)), arb(fmpq(d, 2)))
        ctx.prec -= 60 + 20 * last
        if not mean.is_finite():
            raise ArithmeticError(f"2F1 at {h} of {d}")
        total += weight * mean
        weight = weight * (d - h) / (h + 1)
    return total * arb(2) ** -d * chi(d, p)


def logs(kind, d, keep):
    """Mean and variance of ½ log Q given Q > 0."""
    q = chance(kind, keep)
    two = arb(2)
    if q == 1:
        half = arb(fmpq(d, 2))
        return (half.digamma() + two.log()) / 2, two.zeta(half) / 4
    weight, first, second = arb(0), arb(0), arb(0)
    top = mode(d, q)
    for n in {top, top + 1 if top < d else top - 1} - {0}:
        half = arb(fmpq(n, 2))
        start = (half.digamma() + two.log(), two.zeta(half))
        mean, variance, last = *start, n
        for m, term in outward(d, q, n, probability(d, n, q), (0, 1)):
            if m == n - 2:
                mean, variance, last = *start, n
            if m != last:
                step = arb(2) / min(m, last)
                square = step * step
                up = m > last
                mean = mean + step if up else mean - step
                variance = variance - square if up else variance + square
                last = m
            weight += term
            product = term * mean
            first += product
            second += product * mean + term * variance
    mean = first / weight
    return mean / 2 - ball(keep).log(), (second / weight - mean * mean) / 4


def arb_answer(what, kind, d, keep, s, digits, each=False):
    """Decimal digits of what is asked, in the order of our side."""
    extra = 2 * d.bit_length() if what == "constants" else 0
    ctx.prec = math.ceil(digits * math.log2(10)) + 30 + extra
    value = moment(kind, d, keep, s, each)
    if what == "moment":
        return [value.str(digits, radius=False)]
    sigma = value ** ball(-1 / s)
    if what == "scale":
        answers = [sigma]
    else:
        mean, variance = logs(kind, d, keep)
        answers = [value, sigma, mean, variance, sigma.log() + mean]
    return [x.str(digits, radius=False) for x in answers]


class Ours:
    """The Rust side, which times itself."""

    def __init__(self):
        self.process = subprocess.Popen(
            COMMAND.split(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, what, kind, d, keep, s, digits):
        slope = {"linear": "1", "relu": "0", "leaky": float(LEAKY)}[kind]
        self.process.stdin.write(f"{what} {slope} {keep} {d} {s} {digits}\n")
        self.process.stdin.flush()
        time_ns, *values = self.process.stdout.readline().split()
        return float(time_ns), values[0]


def timed(call):
    """Time in nanoseconds, and the answer."""
    started = time.perf_counter_ns()
    answer = call()
    return time.perf_counter_ns() - started, answer


def compare(ours, case, pairs, each=False):
    """Medians of both times in microseconds, and of the ratio ours over theirs."""
    times = []
    for i in range(pairs + 1):
        own, digits = ours(*case)
        theirs, answers = timed(lambda: arb_answer(*case, each))
        if digits[:20] != answers[0][:20] and abs(float(digits) / float(answers[0]) - 1) > 1e-14:
            raise ValueError(f"{case}: {digits} and {answers[0]}")
        if i > 0:
            times.append((own, theirs, own / theirs))
    own, theirs, ratio = (statistics.median(column) for column in zip(*times, strict=True))
    return own / 1e3, theirs / 1e3, ratio


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moment", type=Fraction, default=Fraction("0.7"))
    parser.add_argument("--pairs", type=int, default=31)
    arguments = parser.parse_args()
    ours = Ours()
    print("what       units     width digits      ours us       Arb us   ours/Arb   ours/Arb, every gamma")
    sizes = [(d, digits) for d in (1, 64, 512, 4096) for digits in (50, 200, 1000)]
    for what in ("scale", "constants"):
        for kind in ("linear", "relu"):
            wide = [(10**6, 50)] if (what, kind) == ("scale", "relu") else []
            for d, digits in sizes + wide:
                case = (what, kind, d, Fraction(1), arguments.moment, digits)
                pairs = arguments.pairs if d < 10**6 else 5
                own, theirs, ratio = compare(ours, case, pairs)
                line = f"{what:<10} {kind:<7} {d:>7} {digits:>6} {own:>12.1f} {theirs:>12.1f} {ratio:>10.2f}"
                if what == "scale" and kind == "relu" and d * digits <= 64_000:
                    line += f" {compare(ours, case, 5, each=True)[2]:>12.3f}"
                print(line, flush=True)
    # the integral's side, against a hypergeometric function for every number of positive units
    for d in (1, 4, 64, 512):
        for digits in (50, 200, 1000):
            case = ("scale", "leaky", d, Fraction(1), arguments.moment, digits)
            own, theirs, ratio = compare(ours, case, 3 if d * digits <= 20_000 else 1)
            print(f"{'scale':<10} leaky   {d:>7} {digits:>6} {own:>12.1f} {theirs:>12.1f} {ratio:>10.2f}", flush=True)


if __name__ == "__main__":
    main()
