"""Time and error of one sigma(1, d) for ReLU: isomoment beside the gamma-function sum in SciPy.

    python3 -m pip install numpy scipy mpmath
    python3 benches/constants.py

Both sides run in turn on one machine, and each time is a median.
"""

import statistics
import subprocess
import time

import mpmath
import numpy
from scipy.special import gammaln

COMMAND = "cargo bench --quiet -p isomoment --bench constants"


def median(call, repeats):
    """Median time of a call in nanoseconds."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter_ns()
        call()
        times.append(time.perf_counter_ns() - started)
    return statistics.median(times)


def sigma_scipy(d):
    """2^-d sum_n C(d,n) 2^(1/2) Gamma((n+1)/2)/Gamma(n/2), to the power -1, as a user would write it."""
    n = numpy.arange(1, d + 1)
    log_terms = (
        gammaln(d + 1) - gammaln(n + 1) - gammaln(d - n + 1) - d * numpy.log(2)
        + 0.5 * numpy.log(2) + gammaln(n / 2 + 0.5) - gammaln(n / 2)
    )
    top = log_terms.max()
    return 1 / (numpy.exp(top) * numpy.exp(log_terms - top).sum())


def exact(d):
    """sigma(1, d) to 30 digits, by the program."""
    command = f"cargo run --quiet --release -p isomoment-cli --no-default-features -- cite --activation relu --moment 1 --width {d} --digits 30"
    lines = subprocess.run(command.split(), capture_output=True, text=True, check=True).stdout.splitlines()
    return mpmath.mpf(lines[1].strip())


def main():
    ours = {}
    for line in subprocess.run(COMMAND.split(), capture_output=True, text=True, check=True).stdout.splitlines():
        what, name, width, nanoseconds = line.split()
        ours[what, name, int(width)] = float(nanoseconds)

    print("one sigma, microseconds:")
    for (what, name, width), time_ns in ours.items():
        if what == "sigma":
            print(f"  {name:<11} d = {width:<14} {time_ns / 1e3:8.2f}")
    for name in ("linear", "relu", "leaky-relu", "rrelu"):
        ratio = ours["sigma", name, 10**6] / ours["sigma", name, 64]
        print(f"  {name:<11} d = 1e6 over d = 64: {ratio:.2f}")

    print("one of sixteen orders of one layer, microseconds:")
    for (what, name, width), time_ns in ours.items():
        if what == "orders":
            print(f"  {name:<11} d = {width:<14} {time_ns / 1e3:8.2f}")

    print("ReLU against the sum in SciPy:")
    for d, repeats in ((64, 301), (10**6, 11)):
        theirs = median(lambda: sigma_scipy(d), repeats)
        error = abs(sigma_scipy(d) / exact(d) - 1)
        ratio = theirs / ours["sigma", "relu", d]
        print(f"  d = {d:<8} {theirs / 1e3:12.1f} us, {ratio:10.0f} times ours, its error {float(error):.1e}")


if __name__ == "__main__":
    main()
