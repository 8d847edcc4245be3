"""The designed experiment of docs/experiments/where-it-matters.md.

python tools/where_it_matters.py target/release/isomoment pilot FOLDER
python tools/where_it_matters.py target/release/isomoment select FOLDER
python tools/where_it_matters.py target/release/isomoment final FOLDER

Each step goes on where it was stopped and writes FOLDER/STEP.csv. The last reads the learning rates
that the second chose.
"""

import csv
import gzip
import math
import struct
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

SCHEMES = ("fractional:1", "lyapunov", "he")
CELLS = [(width, depth, batch) for width in (8, 16, 32) for depth in (10, 40) for batch in (8, 128)]
RATES = (0.003, 0.01, 0.03, 0.1, 0.3)
EPOCHS = 30
# networks of each scheme and cell, and seed; no two steps share a network
PILOT = (8, 1001)
SELECT = (16, 2001)
FINAL = (200, 1)

Row = dict[str, str]


def train(program: str, folder: Path, options: list[str]) -> list[Row]:
    """The epochs of one run of `isomoment train`."""
    command = [program, "train", "--activation", "leaky-relu", "--epochs", str(EPOCHS), *options]
    subprocess.run([*command, "--output", str(folder)], check=True, capture_output=True)
    with (folder / "epochs.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def options(cell: tuple[int, int, int], rate: float, plan: tuple[int, int]) -> list[str]:
    """What a cell, a rate and a step's plan mean on the command line."""
    names = ("--width", "--depth", "--batch", "--rate", "--networks", "--seed")
    values = (*cell, rate, *plan)
    return [word for pair in zip(names, values, strict=True) for word in map(str, pair)]


def validation_split(folder: Path) -> Path:
    """The training images alone, a quarter of them for validation: no test image is among them."""
    source = Path(__file__).parent.parent / "program" / "data" / "digits"
    pixels = gzip.decompress((source / "images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((source / "labels-idx1-ubyte.gz").read_bytes())[8:]
    folder.mkdir(parents=True, exist_ok=True)
    # the program tests on every fifth image; the one behind each is for validation
    for name, chosen in (("train", (2, 3, 4)), ("t10k", (1,))):
        rows = [i for i in range(len(labels)) if i % 5 in chosen]
        images = b"".join(pixels[16 + 64 * i : 16 + 64 * (i + 1)] for i in rows)
        # black is 16 there, 255 here
        images = bytes(round(value * 255 / 16) for value in images)
        head = struct.pack(">IIII", 0x803, len(rows), 8, 8)
        (folder / f"{name}-images-idx3-ubyte").write_bytes(head + images)
        head = struct.pack(">II", 0x801, len(rows))
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(head + bytes(labels[i] for i in rows))
    return folder


def log_loss(row: Row) -> float:
    """ln of the loss on what is called the test set; one that is not finite is that of a guess."""
    loss = float(row["test_loss"] or "nan")
    return math.log(loss if math.isfinite(loss) else math.log(10))


def chosen_rates(table: Path) -> dict[tuple[tuple[int, int, int], str], float]:
    """The rate with the lowest mean log-loss after the last epoch, for each cell and scheme."""
    losses: dict[tuple[tuple[int, int, int], str], dict[float, list[float]]]
    losses = defaultdict(lambda: defaultdict(list))
    with table.open(newline="") as lines:
        for row in csv.DictReader(lines):
            if int(row["epoch"]) == EPOCHS:
                cell = (int(row["width"]), int(row["depth"]), int(row["batch"]))
                losses[cell, row["scheme"]][float(row["rate"])].append(log_loss(row))
    return {
        key: min(rates, key=lambda rate: sum(rates[rate]) / len(rates[rate]))
        for key, rates in losses.items()
    }


def main() -> None:
    """Run one step."""
    program, step, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    runs: list[tuple[tuple[int, int, int], str, float, list[str]]] = []
    if step == "pilot":
        runs = [(c, ",".join(SCHEMES), 0.01, options(c, 0.01, PILOT)) for c in CELLS]
    elif step == "select":
        data = ["--data", str(validation_split(folder / "validation"))]
        for c in CELLS:
            for rate in RATES:
                runs.append((c, ",".join(SCHEMES), rate, options(c, rate, SELECT) + data))
    elif step == "final":
        best = chosen_rates(folder / "select.csv")
        for c in CELLS:
            for scheme in SCHEMES:
                runs.append((c, scheme, best[c, scheme], options(c, best[c, scheme], FINAL)))
    else:
        raise SystemExit(f"{step}: pilot, select or final")
    table: list[Row] = []
    for cell, schemes, rate, chosen in runs:
        width, depth, batch = cell
        name = f"{width}x{depth}-{batch}-{rate}-{schemes.replace(',', '-').replace(':', '-')}"
        rows = train(program, folder / step / name, [*chosen, "--init", schemes])
        # every epoch is kept by the program; the record is the last one's
        last = [row for row in rows if int(row["epoch"]) == EPOCHS]
        table += [{**row, "batch": str(batch), "rate": str(rate)} for row in last]
        print(f"{step}: {name}", flush=True)
    with (folder / f"{step}.csv").open("w", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


if __name__ == "__main__":
    main()
