"""The examples run, and the notebook prints what is stored in it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def run(folder: Path, *command: str, given: str = "") -> str:
    """What it prints."""
    environment = os.environ | {"MPLBACKEND": "agg", "PYTHONIOENCODING": "utf-8"}
    options: dict[str, Any] = {"encoding": "utf-8", "env": environment, "cwd": folder}
    line = [sys.executable, *command]
    found = subprocess.run(line, capture_output=True, input=given, **options)
    assert found.returncode == 0, found.stderr
    return str(found.stdout)


def test_every_example_is_here() -> None:
    here = {path.name for path in EXAMPLES.iterdir()} - {"__pycache__"}
    assert here == {
        "initialise_a_model.py",
        "which_moment.py",
        "paper_figure.py",
        "isomoment.ipynb",
    }


def test_initialise_a_model(tmp_path: Path) -> None:
    pytest.importorskip("flax")
    shown = run(tmp_path, str(EXAMPLES / "initialise_a_model.py")).splitlines()
    # medians at the last layer: of Flax's default, He's rule and two moments that are kept
    default, he, first, typical = (float(line.split()[-1]) for line in shown[2:6])
    law = float(shown[6].split()[-1])
    assert default < -5 < he < first < typical
    # of 400 networks with a deviation of 0.65
    assert abs(first - law) < 0.16
    assert abs(typical) < 0.16


def test_which_moment(tmp_path: Path) -> None:
    shown = run(tmp_path, str(EXAMPLES / "which_moment.py"))
    orders = dict(re.findall(r"^ *([\w:-]+) +0\.\d+ +(none|[\d.]+)", shown, re.MULTILINE))
    assert orders == {
        "framework-default": "none",
        "glorot": "63.6120",
        "he": "2.0000",
        "fractional:1": "1.0000",
        "lyapunov": "0.0000",
    }


def test_paper_figure(tmp_path: Path) -> None:
    shown = run(tmp_path, str(EXAMPLES / "paper_figure.py"), "figure.png").splitlines()
    distances = [float(line.split()[-1]) for line in shown]
    assert len(distances) == 3
    assert max(distances[:2]) < distances[2]
    assert (tmp_path / "figure.png").read_bytes()[1:4] == b"PNG"


RUNNER = """
import contextlib, io, json, sys
shown, names = [], {}
for source in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as text:
        exec(source, names)
    shown.append(text.getvalue())
print(json.dumps(shown))
"""


def test_the_notebook(tmp_path: Path) -> None:
    notebook = json.loads((EXAMPLES / "isomoment.ipynb").read_text(encoding="utf-8"))
    cells: list[dict[str, Any]] = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    sources = json.dumps(["".join(cell["source"]) for cell in cells])
    found = json.loads(run(tmp_path, "-c", RUNNER, given=sources))
    stored = [
        "".join(text for one in cell["outputs"] for text in one.get("text", [])) for cell in cells
    ]
    assert len(stored) == 4
    assert found == stored
