"""Times of the package: import, one number, many numbers, beside the sum that SciPy would take.

    pip install scipy
    python speed.py

All sides run in turn; times are CPU times unless a row says otherwise, medians, and the machine's
load is printed with them.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from scipy.special import gammaln

import isomoment


def relu_sum(s: float, d: int) -> float:
    """σ(s, d) of ReLU by the sum over the number of alive units."""
    n = np.arange(1, d + 1)
    logs = gammaln(d + 1) - gammaln(n + 1) - gammaln(d - n + 1) - d * np.log(2)
    logs += s / 2 * np.log(2) + gammaln((n + s) / 2) - gammaln(n / 2)
    return float(np.exp(logs).sum() ** (-1 / s))


def seconds(call: Callable[[], object], least: float = 0.05, repeats: int = 9) -> float:
    """CPU time of one call."""
    times = 1
    found: list[float] = []
    while len(found) < repeats:
        start = time.process_time()
        for _ in range(times):
            call()
        took = time.process_time() - start
        if took < least:
            times *= 2
        else:
            found.append(took / times)
    return statistics.median(found)


def import_time() -> tuple[float, float]:
    """Wall and CPU time of the import alone, in fresh processes."""
    code = (
        "import time; w, c = time.perf_counter(), time.process_time(); import isomoment;"
        "print(time.perf_counter() - w, time.process_time() - c)"
    )
    rows = []
    for _ in range(11):
        line = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        rows.append([float(word) for word in line.stdout.split()])
    return statistics.median(row[0] for row in rows), statistics.median(row[1] for row in rows)


def compare(width: int) -> None:
    """One number of ours, and of SciPy's sum."""
    ours = seconds(lambda: isomoment.scale(1.0, width))
    theirs = seconds(lambda: relu_sum(1.0, width))
    error = abs(relu_sum(1.0, width) / isomoment.scale(1.0, width) - 1)
    print(
        f"scale(1, {width}): {1e6 * ours:.2f} µs; SciPy's sum {1e6 * theirs:.0f} µs, "
        f"{theirs / ours:.1f} times as long, off by {error:.0e}"
    )


def compare_arrays(width: int) -> None:
    """A number of an array of ours, and of SciPy's sum."""
    widths = np.full(100_000, width)
    rounds = []
    for _ in range(7):
        ours = seconds(lambda: isomoment.scale(1.0, widths), repeats=1) / len(widths)
        rounds.append((seconds(lambda: relu_sum(1.0, width), repeats=1) / ours, ours))
    ratio, ours = sorted(rounds)[len(rounds) // 2]
    print(f"of 10⁵ widths {width}: {1e6 * ours:.2f} µs; SciPy's sum {ratio:.0f} times as long")


print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
wall, cpu = import_time()
print(f"import isomoment: {1e3 * wall:.1f} ms, {1e3 * cpu:.1f} ms of CPU")
compare(64)
compare(10_000)
compare_arrays(64)
compare_arrays(10_000)
widths = np.arange(1, 1_000_001)
for _ in range(3):
    wall, cpu = time.perf_counter(), time.process_time()
    isomoment.scale(1.0, widths)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"scale(1, [1 … 10⁶]): {wall:.2f} s, {cpu:.2f} s of CPU")
print(f"load {os.getloadavg()[0]:.1f}")
