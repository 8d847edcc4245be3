"""Threads, processes and signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import isomoment


def test_import_is_light(tmp_path: Path) -> None:
    heavy = "numpy", "importlib.metadata", "inspect", "dataclasses", "distributed"
    code = (
        "import sys, isomoment; isomoment.scale(1, 64); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    run = [sys.executable, "-c", code]
    shown = subprocess.run(run, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert shown.stdout == "[]\n"


def test_other_threads_run_meanwhile() -> None:
    ticks, done = [0], threading.Event()

    def count() -> None:
        while not done.is_set():
            ticks[0] += 1
            time.sleep(0.001)

    other = threading.Thread(target=count)
    other.start()
    start = time.perf_counter()
    # a second or more
    isomoment.scale(1.0, np.arange(1, 5_000_001))
    took = time.perf_counter() - start
    done.set()
    other.join()
    # held, the interpreter would let the other thread count once or twice
    assert ticks[0] > 20 * took


FORKED = """
import multiprocessing
import numpy as np
import isomoment
widths = np.arange(1, 5000)
right = isomoment.scale(1.0, widths)
with multiprocessing.get_context("fork").Pool(1) as pool:
    found = pool.apply_async(isomoment.scale, (1.0, widths)).get(timeout=60)
print(np.array_equal(found, right))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_child_has_threads_of_its_own(tmp_path: Path) -> None:
    # in a process of its own: other libraries' threads do not survive a fork either
    run = [sys.executable, "-c", FORKED]
    shown = subprocess.run(run, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert shown.stdout == "True\n"


# Python leaves SIGINT ignored where it is so from the start, as in a shell's background jobs
INTERRUPTED = """
import signal
import numpy as np
import isomoment
from isomoment import certified
signal.signal(signal.SIGINT, signal.default_int_handler)
print("ready", flush=True)
try:
    {call}
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
@pytest.mark.parametrize(
    "call",
    [
        "isomoment.scale(1.0, np.arange(1, 30_000_001))",
        "isomoment.LayerLaw(64).at_depth(50, moment=1).cdf(np.linspace(-9, 9, 10**6), exact=True)",
        "isomoment.simulate(64, 1000, 10**6, moment=1, record=[1000])",
        "isomoment.simulate(64, 1000, 10**6, moment=1, record=[1000], threads=1)",
        "certified.scale(1, 64, 'rrelu', digits=1000)",
    ],
)
def test_control_c_stops_it(call: str, tmp_path: Path) -> None:
    code = INTERRUPTED.replace("{call}", call)
    run = [sys.executable, "-c", code]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(1)
        assert child.poll() is None, "it was to take longer"
        child.send_signal(signal.SIGINT)
        sent = time.perf_counter()
        assert child.stdout.readline() == "stopped\n"
        assert child.wait(timeout=20) == 0
        assert time.perf_counter() - sent < 10
