"""Times an epoch of training with sigma(1, d) and with He's rule, in turn.

python tools/epoch_time.py target/release/isomoment > program/data/epoch-time/times.csv

CPU seconds of an epoch of the embedded digits (20 layers of width 64, one thread): the difference
between a run of many epochs and one of a single epoch, over the epochs between. The program writes
the table's rows in the order of the runs.
"""

import resource
import subprocess
import sys
import tempfile

RUNS = 20
EPOCHS = 200
SCHEMES = ("fractional:1", "he")


def seconds(program: str, scheme: str, epochs: int) -> float:
    """CPU seconds of one training run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "train", "--init", scheme, "--networks", "1", "--threads", "1"]
        command += ["--epochs", str(epochs), "--output", folder]
        subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the table, a row after each run."""
    program = sys.argv[1]
    print("scheme,run,epochs,seconds")
    for run in range(RUNS):
        # each scheme is first in every other run
        for scheme in SCHEMES if run % 2 == 0 else SCHEMES[::-1]:
            long, short = (seconds(program, scheme, n) for n in (EPOCHS + 1, 1))
            print(f"{scheme},{run},{EPOCHS},{(long - short) / EPOCHS:.6f}", flush=True)


if __name__ == "__main__":
    main()
