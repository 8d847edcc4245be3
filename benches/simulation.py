"""Nanoseconds per simulated weight: isomoment beside the loop that one would write in NumPy or PyTorch.

    python3 -m pip install numpy torch
    python3 benches/simulation.py [--csv FILE]

One core, one run: the sides take turns, and each number is the median of paired rounds. With --csv the measurements
behind the figure reports/speed-of-simulation are written too.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import csv
import statistics
import subprocess
import sys
import time

import numpy

COMMAND = "cargo bench --quiet -p isomoment --bench simulation --features simulate"
WIDTHS = [16, 64, 256, 1024]
ROUNDS = 7


def layers_of(width):
    return max(2, 10_000_000 // (width * width))


def numpy_loop(width, dtype):
    """Nanoseconds per weight of x = max(W x, 0) with fresh normal weights in every layer."""
    generator = numpy.random.default_rng(1)
    layers = layers_of(width)
    x = numpy.full(width, width**-0.5, dtype)
    started = time.perf_counter_ns()
    for _ in range(layers):
        x = numpy.maximum(generator.standard_normal((width, width), dtype) @ x, 0)
        x /= numpy.linalg.norm(x) or 1
    return (time.perf_counter_ns() - started) / layers / width**2


def torch_loop(torch, width, dtype):
    layers = layers_of(width)
    x = torch.full((width,), width**-0.5, dtype=dtype)
    started = time.perf_counter_ns()
    with torch.no_grad():
        for _ in range(layers):
            x = torch.relu(torch.randn(width, width, dtype=dtype) @ x)
            x /= x.norm().clamp_min(1e-30)
    return (time.perf_counter_ns() - started) / layers / width**2


def isomoment():
    lines = subprocess.run(COMMAND.split(), capture_output=True, text=True, check=True).stdout.splitlines()
    return list(csv.DictReader(lines))


def others():
    """name -> one measurement per call"""
    loops = {
        "NumPy float64": lambda width: numpy_loop(width, numpy.float64),
        "NumPy float32": lambda width: numpy_loop(width, numpy.float32),
    }
    try:
        import torch
    except ImportError:
        print("no PyTorch here: left out")
        return loops
    torch.set_num_threads(1)
    loops["PyTorch float64"] = lambda width: torch_loop(torch, width, torch.float64)
    loops["PyTorch float32"] = lambda width: torch_loop(torch, width, torch.float32)
    return loops


def main():
    loops = others()
    ours, theirs = {}, {}
    for _ in range(ROUNDS):
        for row in isomoment():
            key = (row["name"], row["width"], row["depth"], row["threads"])
            ours.setdefault(key, []).append(float(row["nanoseconds"]))
        for name, loop in loops.items():
            for width in WIDTHS:
                theirs.setdefault((name, width), []).append(loop(width))
    median = {key: statistics.median(values) for key, values in ours.items()}

    def best(name, width):
        keys = [k for k in median if k[0] == name and k[1] == str(width) and k[3] == "1"]
        return max(keys, key=lambda k: int(k[2] or 0))

    print(f"{'':18}" + "".join(f"{f'd = {width}':>12}" for width in WIDTHS))
    for precision in ("f64", "f32"):
        cells = [f"{median[best(f'network {precision}', width)]:.2f} ns" for width in WIDTHS]
        print(f"{'isomoment ' + precision:18}" + "".join(f"{cell:>12}" for cell in cells))
    for name in loops:
        precision = "f64" if name.endswith("64") else "f32"
        cells = []
        for width in WIDTHS:
            pairs = zip(theirs[name, width], ours[best(f"network {precision}", width)])
            ratio = statistics.median(other / own for other, own in pairs)
            cells.append(f"{statistics.median(theirs[name, width]):.2f}, {ratio:.1f}×")
        print(f"{name:18}" + "".join(f"{cell:>12}" for cell in cells))
    print("\n(nanoseconds per weight on one core, and how many times isomoment's time in the same precision)\n")
    for precision in ("f64", "f32"):
        numbers = median["normals " + precision, "4096", "", "1"]
        several = [k for k in median if k[0] == "network " + precision and k[3] != "1"]
        print(f"normals {precision} alone: {numbers:.2f} ns each")
        for key in several:
            alone = [o / s for o, s in zip(ours[key[0], key[1], "183", "1"], ours[key])]
            print(f"  {key[3]} threads at d = {key[1]}: {statistics.median(alone) / int(key[3]):.0%} of {key[3]} times the speed")
    for width in ("256", "1024"):
        network = median[best("network f64", width)] * int(width) ** 2
        print(
            f"one layer at d = {width}: network {network / 1e3:.0f} µs, preactivation "
            f"{median['preactivation', width, '1000', '1'] / 1e3:.2f} µs, radial {median['radial', width, '10000', '1']:.0f} ns "
            f"({network / median['radial', width, '10000', '1']:,.0f} times as many layers as network)"
        )
    if "--csv" in sys.argv:
        with open(sys.argv[sys.argv.index("--csv") + 1], "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["name", "width", "depth", "threads", "nanoseconds"])
            for key, value in median.items():
                writer.writerow([*key, f"{value:.4g}"])
            for (name, width), values in theirs.items():
                writer.writerow([name, width, layers_of(width), 1, f"{statistics.median(values):.4g}"])


if __name__ == "__main__":
    main()
