"""The reference tables of the library, tests/data in the repository."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "data"


def rows(table: str) -> list[dict[str, str]]:
    with (FOLDER / table).open(newline="") as file:
        return list(csv.DictReader(file))


def column(of: list[dict[str, str]], name: str) -> NDArray[np.float64]:
    """Doubles; 0 where the table has none."""
    return np.array([float(row[name] or 0) for row in of])


def arguments(of: list[dict[str, str]]) -> dict[str, Any]:
    """The layers of rows of one activation."""
    (activation,) = {row["activation"] for row in of}
    given: dict[str, Any] = {"activation": activation}
    if activation == "leaky_relu":
        given["slope"] = column(of, "slope")
    if activation == "rrelu":
        given["slope"] = (column(of, "lower"), column(of, "upper"))
    if "keep" in of[0]:
        given["keep"] = column(of, "keep")
    return given


def groups(table: str, *by: str) -> list[list[dict[str, str]]]:
    """The rows, put together where they agree in these columns."""
    found: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in rows(table):
        found.setdefault(tuple(row[name] for name in by), []).append(row)
    return list(found.values())
