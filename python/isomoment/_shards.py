"""A simulation divided over the workers of a Dask cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from isomoment import _core

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

# so many shards per thread of the cluster, so that unequal workers end together and the bar moves
_PER_THREAD = 8

# times that a shard which raised an error is drawn again; one whose worker died is anyway
_RETRIES = 2

# trajectories whose log-norms take more than this are in shards of their own: a message's size
_BYTES = 64 << 20


def installed() -> str:
    """The version of the package."""
    # half as long to import as the package
    from importlib.metadata import version

    return version("isomoment")


class Run(NamedTuple):
    """What is simulated, but for which trajectories."""

    units: Any
    widths: NDArray[np.int64]
    scales: NDArray[np.float64]
    level: str
    seed: int
    rest: tuple[list[int] | None, float, int, float, bool, float | None]
    """Recorded layers, standard deviation of the biases, inputs, cosine, whether with gradients;
    the root-mean-square of the input of units that need not be homogeneous."""

    def draw(
        self,
        first: int,
        trajectories: int,
        threads: int | None,
        progress: Callable[[int], object] | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], list[int]]:
        """Log-norms; cosines, or tangents and gradients; the recorded layers."""
        import numpy as np

        plan = (self.level, self.seed, first, trajectories, *self.rest)
        # the buffers of a message need not be aligned, and the extension reads them where they are
        widths = np.require(self.widths, requirements="A")
        scales = np.require(self.scales, requirements="A")
        args = (self.units, widths, scales, plan, threads, progress)
        return _core.simulate(*args)


def shard(
    run: Run, first: int, trajectories: int, threads: int, of: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a worker does."""
    here = installed()
    if here != of:
        raise RuntimeError(f"isomoment is {here} on a worker and {of} here; they must be the same")
    norms, rest, _ = run.draw(first, trajectories, threads)
    return norms, rest


def divided(first: int, total: int, shards: int) -> Iterator[tuple[int, int]]:
    """First trajectory and number of each shard, equal but for one."""
    for i in range(shards):
        begin, end = i * total // shards, (i + 1) * total // shards
        yield first + begin, end - begin


def on_cluster(
    client: Any,  # noqa: ANN401 - dask.distributed.Client
    run: Run,
    first: int,
    total: int,
    threads: int | None,
    progress: Callable[[int], object] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[int]]:
    """As :meth:`Run.draw`, by shards whose order of completion does not matter."""
    import distributed
    import numpy as np

    as_completed: Any = distributed.as_completed
    if client.asynchronous:
        raise ValueError("client is asynchronous; it must be a synchronous one")
    # what is wrong with the arguments is known before anything is sent
    *_, kept = run.draw(first, 0, 1)
    inputs = run.rest[2]
    others = inputs * (inputs - 1) // 2 + 2 * run.rest[4]
    norms = np.empty((total, len(kept) * inputs))
    rest = np.empty((total, len(kept) * others))
    slots = max(1, sum(client.nthreads().values()))
    large = (norms.nbytes + rest.nbytes) // _BYTES + 1
    shards = min(total, max(_PER_THREAD * slots, large))
    here = installed()
    futures = {}
    for begin, many in divided(first, total, shards):
        args = (shard, run, begin, many, threads or 1, here)
        future = client.submit(*args, pure=False, retries=_RETRIES)
        futures[future] = slice(begin - first, begin - first + many)
    done = 0
    try:
        for future, (some, more) in as_completed(list(futures), with_results=True):
            place = futures.pop(future)
            many = place.stop - place.start
            norms[place] = some.reshape(many, norms.shape[1])
            rest[place] = more.reshape(many, rest.shape[1])
            done += many
            if progress is not None:
                progress(done)
    finally:
        # of an error or Ctrl-C; none is left otherwise
        client.cancel(list(futures))
    return norms, rest, kept
