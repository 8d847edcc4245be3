"""Simulations on a Dask cluster have the bits of a local run, whatever happens to its workers."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import isomoment
from isomoment import _shards

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """Of two processes with one thread each."""
    options: dict[str, Any] = {"n_workers": 2, "threads_per_worker": 1, "processes": True}
    with (
        distributed.LocalCluster(**options, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def same(found: isomoment.Simulation, right: isomoment.Simulation) -> bool:
    pairs = zip(found, right, strict=True)
    equal = (
        a is b is None
        or (a is not None and b is not None and a.dtype == b.dtype and np.array_equal(a, b))
        for a, b in pairs
    )
    return all(equal)


@pytest.mark.parametrize(
    "run",
    [
        {"width": 8, "depth": 20, "trajectories": 101, "moment": 1, "first": 7},
        {"width": [4, 9, 9, 9], "depth": 3, "trajectories": 40, "moment": 1, "record": [3, 1]},
        {"width": 6, "depth": 3, "trajectories": 50, "scale": 0.5, "inputs": 3, "cosine": 0.5},
        {"width": 6, "depth": 3, "trajectories": 50, "scale": 0.5, "gradient": True},
        # fewer than there are shards, in more threads
        {"width": 6, "depth": 3, "trajectories": 3, "scale": 0.5, "threads": 2},
    ],
)
def test_the_same_bits(run: dict[str, Any], client: Any) -> None:
    found = isomoment.simulate(**run, seed=5, client=client)
    assert same(found, isomoment.simulate(**run, seed=5))
    assert not same(found, isomoment.simulate(**run, seed=6))


def processes(client: Any) -> set[int]:
    return set(client.run(os.getpid).values())


def test_a_worker_that_is_killed(client: Any) -> None:
    run: dict[str, Any] = {"width": 64, "depth": 100, "trajectories": 1600, "moment": 1, "seed": 2}
    before = processes(client)
    counts: list[int] = []

    def kill(done: int) -> None:
        if not counts:
            os.kill(min(before), signal.SIGKILL)
        counts.append(done)

    found = isomoment.simulate(**run, client=client, progress=kill)
    assert 0 < counts[0] < 1600, "it was to happen in the middle"
    assert counts == sorted(counts)
    assert counts[-1] == 1600
    client.wait_for_workers(2, timeout=60)
    assert min(before) not in processes(client)
    assert same(found, isomoment.simulate(**run))


def test_a_bar_is_shown(client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    isomoment.simulate(4, 5, 321, moment=1, client=client, progress=True)
    assert "321/321" in capsys.readouterr().err


def test_refusals_come_before_any_work(client: Any) -> None:
    with pytest.raises(ValueError, match=r"^scale is -1.0; it must be a positive number$"):
        isomoment.simulate(4, 5, 10, scale=-1, client=client)
    with pytest.raises(ValueError, match="so small that 64 bits count the last"):
        isomoment.simulate(4, 5, 10, moment=1, first=2**64 - 1, client=client)
    with pytest.raises(MemoryError):
        isomoment.simulate(4, 50, 2**50, moment=1, client=client)


def test_another_version_on_the_workers(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_shards, "installed", lambda: "0")
    with pytest.raises(RuntimeError, match=r"isomoment is .* on a worker and 0 here"):
        isomoment.simulate(4, 5, 1000, moment=1, client=client)
    # the shards that were left are not drawn
    assert not client.futures


def test_a_client_of_asynchronous_code() -> None:
    class Asynchronous:
        asynchronous = True

    with pytest.raises(ValueError, match="client is asynchronous"):
        isomoment.simulate(4, 5, 10, moment=1, client=Asynchronous())  # type: ignore[arg-type]
