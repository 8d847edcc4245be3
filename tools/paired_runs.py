"""The comparisons of docs/experiments/stand-in-and-baselines.md.

python tools/paired_runs.py stand-in RECORDS
python tools/paired_runs.py stand-in-linear RECORDS
python tools/paired_runs.py stand-in-leaky-relu RECORDS
python tools/paired_runs.py baselines RECORDS

RECORDS holds the epochs of each run, RUN.csv.gz. One line for each comparison and outcome: the mean
difference of the mean log-loss, as a change of the loss in per cent, the exact p-value of signed
ranks, and that after correction (Holm) over all lines.
"""

import csv
import gzip
import math
import sys
from collections import defaultdict
from pathlib import Path
from statistics import fmean, stdev

from scipy.stats import wilcoxon

CLASSES = 10
OUTCOMES = ("train_loss", "test_loss")
# of each run the scheme that is compared, and with which
PLANS: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "stand-in": {"stand-in-relu": ("published:0.8", ("he", "glorot"))},
    "stand-in-linear": {"stand-in-linear": ("published:1", ("he", "glorot"))},
    "stand-in-leaky-relu": {"stand-in-leaky-relu": ("published:1", ("he", "glorot"))},
    "baselines": {
        "baselines": (
            "fractional:0.8",
            ("he", "autoinit", "lsuv", "he-uniform", "glorot-uniform", "he-truncated"),
        ),
    },
}


def areas(path: Path, outcome: str) -> dict[str, list[float]]:
    """The mean over the epochs of ln(loss) of each scheme's networks, in their order."""
    logs: dict[tuple[str, int], list[float]] = defaultdict(list)
    with gzip.open(path, "rt") as lines:
        for row in csv.DictReader(lines):
            loss = float(row[outcome])
            log = math.log(loss) if math.isfinite(loss) else math.log(math.log(CLASSES))
            logs[row["scheme"], int(row["network"])].append(log)
    found: dict[str, list[float]] = defaultdict(list)
    for (scheme, _), values in sorted(logs.items(), key=lambda item: item[0][1]):
        found[scheme].append(fmean(values))
    return found


def holm(levels: list[float]) -> list[float]:
    """Adjusted p-values."""
    order = sorted(range(len(levels)), key=levels.__getitem__)
    adjusted, largest = [0.0] * len(levels), 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, (len(levels) - rank) * levels[i]))
        adjusted[i] = largest
    return adjusted


def main() -> None:
    """Prints the comparisons."""
    plan = PLANS[sys.argv[1]]
    records = Path(sys.argv[2])
    lines: list[str] = []
    levels: list[float] = []
    for run, (scheme, others) in plan.items():
        for outcome in OUTCOMES:
            found = areas(records / f"{run}.csv.gz", outcome)
            for other in others:
                pairs = zip(found[scheme], found[other], strict=True)
                differences = [own - theirs for own, theirs in pairs]
                error = stdev(differences) / math.sqrt(len(differences))
                change, low, high = (
                    100 * math.expm1(fmean(differences) + z * error) for z in (0.0, -1.96, 1.96)
                )
                levels.append(float(wilcoxon(differences, method="exact").pvalue))
                lines.append(
                    f"{scheme:<14} against {other:<14} {outcome:<10} {len(differences)} pairs: "
                    f"{change:+.1f} % ({low:+.1f} to {high:+.1f})"
                )
    for line, level, adjusted in zip(lines, levels, holm(levels), strict=True):
        print(f"{line}, p = {level:.1g}, corrected {adjusted:.2g}")


if __name__ == "__main__":
    main()
