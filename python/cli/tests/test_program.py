"""The program that pip installed does what the one that cargo built does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from importlib.metadata import requires, version
from pathlib import Path

import pytest

NATIVE = Path(os.environ["ISOMOMENT_NATIVE"])
INSTALLED = Path(sys.executable).with_name(NATIVE.name)

# neither a compiler nor anything else that is not the environment's
ENVIRONMENT = {"PATH": str(INSTALLED.parent)}


def run(program: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    command = [str(program), *arguments]
    return subprocess.run(command, capture_output=True, env=ENVIRONMENT, cwd=folder, timeout=300)


def test_the_extra_names_this_version() -> None:
    assert version("isomoment") == version("isomoment-cli")
    wanted = [one for one in requires("isomoment") or [] if one.startswith("isomoment-cli")]
    (cli,) = (one.replace(" ", "") for one in wanted)
    assert cli == f"isomoment-cli=={version('isomoment-cli')};extra=='cli'"


def test_version(tmp_path: Path) -> None:
    shown = run(INSTALLED, "--version", folder=tmp_path)
    assert shown.stdout.decode() == f"isomoment {version('isomoment-cli')}\n"


UNITS = ("--activation", "relu", "--moment", "1", "--width", "64")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("law", *UNITS, "--depth", "50", "--below", "0.1,0.01"), 0),
        (("constants", *UNITS, "--digits", "50", "--format", "json"), 0),
        (("simulate", *UNITS, "--depth", "5", "--trajectories", "100"), 0),
        (("compare", *UNITS[:2], "--width", "64", "--depth", "50"), 0),
        (("constants", "--activation", "relu", "--moment", "9", "--width", "64"), 2),
        (("constants", "--activation", "reloo", "--moment", "1", "--width", "64"), 2),
        ((), 2),
    ],
)
def test_the_same_bytes_and_exit_code(
    arguments: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    found, right = (run(program, *arguments, folder=tmp_path) for program in (INSTALLED, NATIVE))
    assert right.returncode == code
    assert found.returncode == code
    assert found.stdout == right.stdout
    assert found.stderr == right.stderr
    assert found.stdout or found.stderr


def test_a_report_needs_no_compiler(tmp_path: Path) -> None:
    shown = run(INSTALLED, "report", "--only", "T2", "--effort", "quick", folder=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert (tmp_path / "reports" / "isomoment-report.pdf").read_bytes().startswith(b"%PDF-")
    assert "T2" in (tmp_path / "reports" / "report.html").read_text(encoding="utf-8")


def interrupted(program: Path, folder: Path) -> int:
    """The exit code of a long run that Ctrl-C ends."""
    # minutes of work, megabytes of results: a run that does not fit on the disk would be refused
    long = ("--depth", "1000", "--trajectories", "1000000", "--threads", "1")
    kept = ("--record", "last", "--output", "x.npz")
    command = [str(program), "simulate", *UNITS, *long, *kept]
    folder.mkdir()
    said = folder / "stderr"
    # a background job of a shell ignores SIGINT from the start, and so would its child
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        with said.open("wb") as stderr:
            child = subprocess.Popen(
                command, env=ENVIRONMENT, cwd=folder, stdout=subprocess.DEVNULL, stderr=stderr
            )
    finally:
        signal.signal(signal.SIGINT, before)
    with child:
        try:
            time.sleep(1)
            assert child.poll() is None, f"it was to take longer: {said.read_text()}"
            child.send_signal(signal.SIGINT)
            return child.wait(timeout=20)
        finally:
            child.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_control_c(tmp_path: Path) -> None:
    found = interrupted(INSTALLED, tmp_path / "installed")
    assert found == interrupted(NATIVE, tmp_path / "native")
    assert found in (-signal.SIGINT, 128 + signal.SIGINT)
