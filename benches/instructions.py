"""Nanoseconds per simulated weight on every set of vector instructions that this processor has, beside NumPy and PyTorch.

    python3 -m pip install numpy torch
    python3 benches/instructions.py

One core but for the rows on two; the sides take turns in one run, and each number is the median of the rounds, each ratio
the median over paired rounds. NumPy and PyTorch choose their instructions themselves: they are measured as they come.
"""

import csv
import statistics
import subprocess

import simulation

ROUNDS = 7
WIDTH = 256


def isomoment():
    """(set, name, threads) -> nanoseconds"""
    command = [*simulation.COMMAND.split(), "--", "--instructions"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return {(row["instructions"], row["name"], row["threads"]): float(row["nanoseconds"]) for row in csv.DictReader(lines)}


def main():
    loops = simulation.others()
    rounds = []
    for _ in range(ROUNDS):
        rounds.append((isomoment(), {name: loop(WIDTH) for name, loop in loops.items()}))
    for name in loops:
        print(f"{name}: {statistics.median(theirs[name] for _, theirs in rounds):.2f} ns")
    for instructions in dict.fromkeys(key[0] for key in rounds[0][0]):
        for precision in ("f64", "f32"):

            def each(name, threads="1"):
                return [ours[instructions, f"{name} {precision}", threads] for ours, _ in rounds]

            network = each("network")
            cells = [f"{statistics.median(each('normals')):.2f} ns alone", f"{statistics.median(network):.2f} ns"]
            for name in loops:
                if name.endswith(precision[1:]):
                    ratio = statistics.median(theirs[name] / own for (_, theirs), own in zip(rounds, network))
                    cells.append(f"{name.split()[0]} {ratio:.1f}×")
            share = statistics.median(one / two / 2 for one, two in zip(network, each("network", "2")))
            cells.append(f"two threads {share:.0%} of twice")
            print(f"{instructions:7} {precision}: " + ", ".join(cells))


if __name__ == "__main__":
    main()
