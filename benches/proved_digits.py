"""Proved digits: isomoment beside ball arithmetic in Arb (python-flint), in one run.

    python3 -m pip install python-flint
    python3 benches/proved_digits.py
    python3 benches/proved_digits.py --every-gamma

Arb's side, linear and ReLU: the finite sum over the units that count, by recurrences of its own
from the gamma functions at the mode outwards, as long as terms matter (`--every-gamma`: with gamma
functions at every term, as one would first write it); psi and psi' by sums of fractions from 1/2
and 1 or by Arb's functions, whichever takes less time. Leaky ReLU: a sum of a hypergeometric
function for every number of positive units, and for the logarithm differences of it beside s = 0,
at the precision that these need; with dropout a sum over the alive units around it. Where that
takes long it is a fraction of the terms, times their number.

Both sides answer in turn, each time with decimal digits; a ratio is the median of those of
successive pairs, in CPU time. Tables that either side keeps between calls are warm.
"""

import argparse
import math
import re
import statistics
import subprocess
import time
from fractions import Fraction
from functools import cache
from math import comb

from flint import arb, ctx, fmpq

LEAKY = Fraction("0.01")
COMMAND = "cargo bench -p isomoment --bench proved_digits --features certified"
ORDERS = ("0.7", "1", "2", "3", "0.5", "1.5")
WIDTHS = (1, 8, 64, 512, 4096)
DIGITS = (50, 200, 1000)
# hypergeometric functions that take longer than this, in seconds, are extrapolated
PATIENCE = 0.2


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
    """E[Q^{s/2}; Q>0], and what its time is to be multiplied by."""
    q, p = chance(kind, keep), fmpq(s.numerator, 2 * s.denominator)
    share = 1
    if kind == "leaky":
        total, share = leaky_moment(d, keep, p)
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
    return total * arb(2) ** ball(s / 2) * ball(keep) ** ball(-s), share


def leaky_moment(d, keep, p):
    """Given n alive units χ²_n(1 − (1−a²)B), B ~ Beta((n−h)/2, h/2), h ~ Binomial(n, 1/2)."""
    if keep == 1:
        mean, share = mixed(d, p)
        return mean * chi(d, p), share
    total, share = arb(0), 1
    # the time of one n grows like n: where all take long, the middle one stands for them
    widths = range(1, d + 1) if d <= 16 else [d // 2]
    for n in widths:
        mean, share = mixed(n, p)
        total += probability(d, n, keep) * chi(n, p) * mean
    return total, share * (d // len(widths))


def mixed(d, p):
    """E[1 − (1−a²)B]^p, and what its time is to be multiplied by."""
    z = 1 - ball(LEAKY) ** 2
    total, weight, last = arb(0), arb(1), len(str(d))
    step = spared(d)
    for h in range(d + 1):
        if h % step == 0:
            # Arb's recurrences need more bits than the rest
            ctx.prec += 60 + 20 * last
            mean = arb.hypgeom_2f1(z, -arb(p), arb(fmpq(d - h, 2)), arb(fmpq(d, 2)))
            ctx.prec -= 60 + 20 * last
        if not mean.is_finite():
            raise ArithmeticError(f"2F1 at {h} of {d}")
        total += weight * mean
        weight = weight * (d - h) / (h + 1)
    return total * arb(2) ** -d, step


def spared(d):
    """Of so many hypergeometric functions one is computed: odd, so that both parities are."""
    if d < 8:
        return 1
    each = (ctx.prec / 200) ** 1.3 * 1e-4
    return min(int((d + 1) * each / PATIENCE), d // 8) | 1


@cache
def by_sum(n, bits):
    """Whether ψ and ψ′ of n/2 are faster as sums."""
    times = []
    for function in (log_moments_by_sum, log_moments_by_arb):
        function(n)
        times.append(timed(lambda function=function: function(n))[0])
    return times[0] < times[1]


def log_moments(n):
    """Mean and variance of log χ²_n."""
    return (log_moments_by_sum if by_sum(n, ctx.prec) else log_moments_by_arb)(n)


def log_moments_by_arb(n):
    half, two = arb(fmpq(n, 2)), arb(2)
    return half.digamma() + two.log(), two.zeta(half)


def log_moments_by_sum(n):
    euler, log, square = arb.const_euler(), arb(2).log(), arb.pi() ** 2
    mean, variance = (-euler - log, square / 2) if n % 2 else (log - euler, square / 6)
    for m in range(2 - n % 2, n, 2):
        step = arb(2) / m
        mean += step
        variance -= step * step
    return mean, variance


def logs(kind, d, keep):
    """Mean and variance of ½ log Q given Q > 0, and what their time is to be multiplied by."""
    if kind == "leaky":
        return leaky_logs(d)
    q = chance(kind, keep)
    if q == 1:
        mean, variance = log_moments(d)
        return mean / 2, variance / 4, 1
    weight, first, second = arb(0), arb(0), arb(0)
    top = mode(d, q)
    for n in {top, top + 1 if top < d else top - 1} - {0}:
        start = log_moments(n)
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
    return mean / 2 - ball(keep).log(), (second / weight - mean * mean) / 4, 1


def leaky_logs(d):
    """Without dropout, from differences at ±ε whose square is below the precision."""
    mean, variance = log_moments(d)
    if d == 1:
        # one unit is 1 or a², each with probability 1/2
        log = ball(LEAKY).log()
        return (mean + log) / 2, (variance + log * log) / 4, 1
    bits = ctx.prec
    shift = bits // 2 + 16
    ctx.prec += 3 * shift
    order = fmpq(1, 1 << shift)
    (above, share), (below, _) = (mixed(d, p) for p in (order, -order))
    first = (above - below) / (2 * arb(order))
    second = (above + below - 2) / arb(order) ** 2
    ctx.prec = bits
    return (mean + first) / 2, (variance + second - first * first) / 4, share


def arb_answer(what, kind, d, keep, s, digits, each=False):
    """Decimal digits of what is asked, in the order of our side, and the time's factor."""
    extra = 0 if what in ("scale", "moment") else 2 * d.bit_length()
    ctx.prec = math.ceil(digits * math.log2(10)) + 30 + extra
    share = 1
    answers = []
    if what != "logs":
        value, share = moment(kind, d, keep, s, each)
        sigma = value ** ball(-1 / s) if what != "moment" else None
        answers = {"moment": [value], "scale": [sigma]}.get(what, [value, sigma])
    if what not in ("scale", "moment"):
        mean, variance, more = logs(kind, d, keep)
        share = max(share, more)
        answers += [mean, variance]
        answers.append(sigma.log() + mean if what == "constants" else (-mean).exp())
    return [x.str(digits, radius=False) for x in answers], share


class Ours:
    """The Rust side, which times itself; its process's CPU time is another bound from above."""

    def __init__(self):
        command = [*COMMAND.split(), "--no-run"]
        built = subprocess.run(command, capture_output=True, text=True, check=True).stderr
        path = re.search(r"\((\S*proved_digits-\w+)\)", built)[1]
        self.process = subprocess.Popen(
            [path, "--bench"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        # the number of a process's CPU clock in Linux
        self.clock = (~self.process.pid << 3) | 2

    def __call__(self, what, kind, d, keep, s, digits):
        slope = {"linear": "1", "relu": "0", "leaky": float(LEAKY)}.get(kind, kind)
        before = time.clock_gettime_ns(self.clock)
        self.process.stdin.write(f"{what} {slope} {keep} {d} {s} {digits}\n")
        self.process.stdin.flush()
        time_ns, *values = self.process.stdout.readline().split()
        return min(float(time_ns), time.clock_gettime_ns(self.clock) - before), values


def timed(call):
    """CPU time in nanoseconds, and the answer."""
    started = time.process_time_ns()
    answer = call()
    return time.process_time_ns() - started, answer


def compare(ours, case, pairs, each=False):
    """Medians of both times in microseconds and of ours over theirs; both say the same."""
    digits = case[-1]
    times = []
    spent = 0
    for i in range(pairs + 1):
        own, found = ours(*case)
        theirs, (answers, share) = timed(lambda: arb_answer(*case, each))
        if share == 1:
            for one, other in zip(found, answers, strict=False):
                off = abs(Fraction(one) / Fraction(other) - 1)
                if off > Fraction(1, 10 ** (digits - 8)):
                    raise ValueError(f"{case}: {one} and {other}")
        spent += own + theirs
        if i > 0 or spent > 1e9:
            times.append((own, theirs * share, own / (theirs * share)))
        if spent > 1e9:
            break
    own, theirs, ratio = (statistics.median(column) for column in zip(*times, strict=True))
    return own / 1e3, theirs / 1e3, ratio


def row(ours, case, pairs, title):
    """One line of the table; the ratio."""
    own, theirs, ratio = compare(ours, case, pairs)
    print(
        f"{title:<32} {own:>12.1f} {theirs:>14.1f} {ratio:>9.3f}{' *' if ratio > 2 else ''}",
        flush=True,
    )
    return ratio


def summarize(largest):
    """The largest ratio over the orders, for each quantity, number of digits and width."""
    for kind, what, digits in dict.fromkeys(place[:3] for place in largest):
        cells = (f"{largest[kind, what, digits, d]:.2g}" for d in WIDTHS)
        print(f"| {what}, {kind} | {digits} | {' | '.join(cells)} |")


def every_gamma(ours, pairs):
    """σ of ReLU beside Arb with gamma functions at every term."""
    print("sigma, ReLU, s = 0.7: ours/Arb with gamma functions at every term")
    for d, digits in [(d, digits) for d in WIDTHS for digits in DIGITS if d * digits <= 64_000]:
        case = ("scale", "relu", d, Fraction(1), Fraction("0.7"), digits)
        print(f"{d:>6} {digits:>6} {compare(ours, case, pairs, each=True)[2]:>9.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", default=",".join(ORDERS))
    parser.add_argument("--pairs", type=int, default=11)
    parser.add_argument("--every-gamma", action="store_true")
    arguments = parser.parse_args()
    ours = Ours()
    if arguments.every_gamma:
        every_gamma(ours, arguments.pairs)
        return
    print(f"{'what, units, s, width, digits':<32} {'ours us':>12} {'Arb us':>14} {'ours/Arb':>9}")
    cells = [(d, digits) for d in WIDTHS for digits in DIGITS]
    ratios = []
    largest = {}
    for kind in ("linear", "relu", "leaky"):
        orders = [("scale", s) for s in arguments.orders.split(",")]
        orders += [("moment", s) for s in arguments.orders.split(",")]
        for what, s in [*orders, ("logs", "1")]:
            for d, digits in cells:
                case = (what, kind, d, Fraction(1), Fraction(s), digits)
                ratios.append(row(ours, case, arguments.pairs, f"{what} {kind} {s} {d} {digits}"))
                place = (kind, what, digits, d)
                largest[place] = max(largest.get(place, 0), ratios[-1])
    for d in (2, 8, 64):
        for digits in DIGITS:
            case = ("scale", "leaky", d, Fraction("0.9"), Fraction("0.7"), digits)
            ratios.append(row(ours, case, 3, f"scale leaky, q = 0.9, 0.7 {d} {digits}"))
    summarize(largest)
    slow = sum(ratio > 2 for ratio in ratios)
    print(f"{len(ratios)} ratios: {slow} above 2, largest {max(ratios):.2f}")
    print("RReLU on [-1/8, 1/4], s = 1: seconds for 50, 200 and 1000 digits")
    for width in (2, 8, 64):
        case = ("scale", "-0.125:0.25", width, 1, 1)
        print(width, *(f"{ours(*case, digits)[0] / 1e9:.3f}" for digits in DIGITS), flush=True)


if __name__ == "__main__":
    main()
