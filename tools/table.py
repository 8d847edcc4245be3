"""A table of reference values: written from its cases, or checked against the stored file.

A tool states its cases (or takes them from the columns of the stored file that identify a row) and
a function from a case to the texts of the value columns. `run` is its command line:

    python3 tools/NAME.py                     compute every row, replace the stored file
    python3 tools/NAME.py --output FILE       the same, to another file
    python3 tools/NAME.py --check             compute every row, compare with the stored file
    python3 tools/NAME.py --check --every 10  the same for every tenth row

A check compares texts: a value that differs in its last stored digit is reported. The exit status
is 1 then.
"""

import argparse
import csv
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"

Row = dict[str, str]


@dataclass(frozen=True)
class Table:
    """A stored table: its file name, the columns that identify a row, and those of its values."""

    name: str
    keys: Sequence[str]
    values: Sequence[str]

    @property
    def columns(self) -> list[str]:
        """All columns, in order."""
        return [*self.keys, *self.values]

    def stored(self) -> list[Row]:
        """The rows of the stored file."""
        with (DATA / self.name).open(newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames != self.columns:
                raise SystemExit(
                    f"{self.name} has the columns {reader.fieldnames}, not {self.columns}"
                )
            return list(reader)

    def stored_cases(self) -> list[Row]:
        """The cases of the stored file, where no rule gives them."""
        return [{key: row[key] for key in self.keys} for row in self.stored()]


def run(table: Table, cases: Sequence[Row], compute: Callable[[Row], Row]) -> None:
    """Runs a tool: `compute` gives the value columns of a case."""
    parser = argparse.ArgumentParser(description=f"Computes tests/data/{table.name}.")
    parser.add_argument(
        "--check", action="store_true", help="compare with the stored file, write nothing"
    )
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="check every N-th row only"
    )
    parser.add_argument(
        "--output", type=Path, default=DATA / table.name, help="where to write the table"
    )
    options = parser.parse_args()
    if options.every < 1:
        parser.error("--every must be at least 1")
    if options.every > 1 and not options.check:
        parser.error("--every goes with --check: a table is written whole")
    started = time.perf_counter()
    if options.check:
        sys.exit(_check(table, cases, compute, options.every, started))
    rows = [case | compute(case) for case in _watched(cases)]
    _write(table, rows, options.output)
    print(f"{options.output}: {len(rows)} rows, {time.perf_counter() - started:.0f} s")


def _check(
    table: Table, cases: Sequence[Row], compute: Callable[[Row], Row], every: int, started: float
) -> int:
    """Compares with the stored file; the exit status."""
    stored = table.stored()
    if [{key: row[key] for key in table.keys} for row in stored] != list(cases):
        print(f"{table.name}: the stored rows are not those of the tool's cases")
        return 1
    differing = 0
    rows = stored[::every]
    for row in _watched(rows):
        found = compute({key: row[key] for key in table.keys})
        for column in table.values:
            if found[column] != row[column]:
                differing += 1
                case = ",".join(row[key] for key in table.keys)
                print(
                    f"{case}: {column} is stored as {row[column]}, computed {found[column]}"
                    f" ({_units_apart(row[column], found[column])})"
                )
    seconds = time.perf_counter() - started
    values = len(rows) * len(table.values)
    print(
        f"{table.name}: {len(rows)} of {len(stored)} rows, {values} values, "
        f"{differing} differ, {seconds:.0f} s"
    )
    return min(differing, 1)


def _units_apart(stored: str, found: str) -> str:
    """How far two decimals are apart, in units of the last digit of the longer."""
    first, second = Decimal(stored), Decimal(found)
    if not (first.is_finite() and second.is_finite()):
        return "not both finite"
    exponents = [number.as_tuple().exponent for number in (first, second)]
    last = min(exponent for exponent in exponents if isinstance(exponent, int))
    return f"{abs(first - second).scaleb(-last):.3g} units of the last digit"


def _watched(items: Sequence[Row]) -> Iterator[Row]:
    """The rows, with their count on a terminal."""
    for number, item in enumerate(items):
        if sys.stderr.isatty():
            print(f"\r{number} of {len(items)}", end="", file=sys.stderr, flush=True)
        yield item
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)


def _write(table: Table, rows: Sequence[Row], path: Path) -> None:
    """Writes a file beside its final name, then renames it."""
    partial = path.with_name(path.name + ".part")
    with partial.open("w", newline="") as file:
        writer = csv.DictWriter(file, table.columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    os.replace(partial, path)
